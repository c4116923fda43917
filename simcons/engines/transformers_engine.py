"""A language model in this process, through transformers.

Decoding is our own loop rather than ``generate``: every row of a batch needs draws of its own, and samples of one prompt
share its prefill. A request's uniforms are addressed by its seed and the step, so its reply does not depend on its
neighbours, up to the last bits of arithmetic that a batch's shape decides.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AttentionInterface, AttentionMaskInterface, AutoModelForCausalLM, AutoTokenizer
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer, DynamicSlidingWindowLayer
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from simcons.engines.base import Identity, Message, OnReply, Reply, Request
from simcons.engines.models import first_line, local_folder, model_hash, quiet_transformers, resolve_model
from simcons.engines.threads import settle_threads
from simcons.errors import EngineError, ModelNotFound
from simcons.scenario.engines import TransformersEngine as Settings
from simcons.seeds import stream

TEXT_ENDS = ("<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<end_of_turn>", "<|end|>")
COMPACT_BELOW = 0.75  # share of rows still running at which copying their cache costs less than carrying the others
READ_TOKENS = {"cpu": 2048, "cuda": 16384}  # of prompts at a time; on the CPU so few that freed memory is used again
JOINED_LAYERS = (DynamicLayer, DynamicSlidingWindowLayer)
GROUPED_ATTENTION = "simcons_grouped"


@dataclass(slots=True)
class EngineStats:
    """What an engine has done so far. ``tokens_in`` counts every request's prompt, shared or not."""

    calls: int = 0
    batches: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0


class TransformersEngine:
    """Completes requests with a causal language model. The weights are loaded at the first call.

    ``on_tokens`` is called after every step with the number of tokens it made. Raises ModelNotFound or MissingPackage
    when made; EngineError for a prompt that does not fit the model's context, before any request is answered.
    """

    def __init__(self, name: str, settings: Settings, *, on_tokens: Callable[[int], None] | None = None) -> None:
        self.name = name
        self.settings = settings
        self.on_tokens = on_tokens
        self.stats = EngineStats()
        self._source = resolve_model(settings.model)

    @cached_property
    def model_hash(self) -> str:
        """Hash of weights, configuration and tokenizer: half of what a reply depends on."""
        return model_hash(self._folder)

    @property
    def identity(self) -> Identity:
        return {"kind": "transformers", "model": self.model_hash, "dtype": self.settings.dtype}

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        """One reply for each request, in order."""
        if not requests:
            return []
        started = time.perf_counter()
        jobs = self._jobs(requests)
        replies: dict[int, Reply] = {}
        for batch in _batches(jobs, self.settings.batch_size):
            for place, reply in self._answer(batch):
                replies[place] = reply
                if on_reply is not None:
                    on_reply(place, reply)
        self.stats.calls += 1
        self.stats.seconds += time.perf_counter() - started
        return [replies[place] for place in range(len(requests))]

    @cached_property
    def _folder(self) -> Path:
        return local_folder(self._source)

    @cached_property
    def _model(self) -> LanguageModel:
        return load_language_model(self._folder, dtype=self.settings.dtype, device=self.settings.device)

    def _jobs(self, requests: Sequence[Request]) -> list[_Job]:
        prompts = {messages: self._model.encode(messages) for messages in {request.messages for request in requests}}
        jobs = [_Job(place, request, prompts[request.messages]) for place, request in enumerate(requests)]
        for job in jobs:
            self._check_length(len(job.prompt), job.request.sampling.max_tokens)
        return jobs

    def _check_length(self, n_prompt: int, max_tokens: int) -> None:
        limit = self._model.context
        if n_prompt == 0:
            raise EngineError(f"engine {self.name!r}: a prompt has no tokens, expected at least 1")
        if limit is not None and n_prompt + max_tokens > limit:
            raise EngineError(
                f"engine {self.name!r}: a prompt of {n_prompt} tokens and max_tokens {max_tokens} "
                f"do not fit the model's context of {limit} tokens"
            )

    def _answer(self, batch: list[_Job]) -> Iterator[tuple[int, Reply]]:
        try:
            tokens = decode_batch(self._model, batch, self.on_tokens)
        except torch.OutOfMemoryError as error:
            raise EngineError(
                f"engine {self.name!r}: out of memory with {len(batch)} rows; expected a smaller batch_size"
            ) from error
        self.stats.batches += 1
        for job, row in zip(batch, tokens, strict=True):
            reply = self._model.reply(job, row)
            self.stats.tokens_in += reply.tokens_in
            self.stats.tokens_out += reply.tokens_out
            yield job.place, reply


@dataclass(frozen=True, slots=True)
class _Job:
    """A request, its place in the caller's list, and its prompt as token ids."""

    place: int
    request: Request
    prompt: tuple[int, ...]


def _batches(jobs: list[_Job], size: int) -> Iterator[list[_Job]]:
    """Jobs of one sampling, of similar length, equal prompts side by side; ``size`` at a time."""
    ordered = sorted(jobs, key=lambda job: (_sampling_key(job), len(job.prompt), job.prompt))
    for _, alike in groupby(ordered, key=_sampling_key):
        group = list(alike)
        yield from (group[start : start + size] for start in range(0, len(group), size))


def _sampling_key(job: _Job) -> tuple[float, float, int]:
    sampling = job.request.sampling
    return sampling.temperature, sampling.min_p, sampling.max_tokens


# --- the model ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Weights and tokenizer, with what decoding must know about them. ``stops`` are the ids that end a reply."""

    network: Any
    tokenizer: Any
    stops: tuple[int, ...]
    n_vocabulary: int  # ids from here on are padding rows of the embedding
    context: int | None

    @property
    def device(self) -> torch.device:
        return torch.device(self.network.device)

    def encode(self, messages: tuple[Message, ...]) -> tuple[int, ...]:
        """Token ids of a chat, ready for the reply or in the middle of it; of a bare prompt for role ``text``."""
        if any(message.role == "text" for message in messages):
            if len(messages) > 1:
                raise EngineError(f"a message of role 'text' stands alone, got {len(messages)} messages")
            return tuple(self.tokenizer(messages[0].content)["input_ids"])
        return tuple(self._encode_chat(messages))

    def _encode_chat(self, messages: tuple[Message, ...]) -> list[int]:
        if not messages:
            raise EngineError("a request has no messages, expected at least 1")
        if not self.tokenizer.chat_template:
            raise EngineError("the model has no chat template: expected one message of role 'text'")
        if messages[-1] == Message("assistant", ""):
            messages = messages[:-1]  # a reply that begins with nothing
        continued = messages[-1].role == "assistant"
        chat = [{"role": message.role, "content": message.content} for message in messages]
        try:
            ids: list[int] = self.tokenizer.apply_chat_template(
                chat, add_generation_prompt=not continued, continue_final_message=continued, return_dict=False
            )
        except Exception as error:  # a template is a program by the model's author: anything may be raised
            raise EngineError(f"the model's chat template refuses these messages: {first_line(error)}") from error
        return ids

    def reply(self, job: _Job, tokens: list[int]) -> Reply:
        """The reply of a row of sampled ids, which ends before its first stop."""
        end = next((place for place, token in enumerate(tokens) if token in self.stops), None)
        text = self.tokenizer.decode(tokens[:end], skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return Reply(
            text=text,
            tokens_in=len(job.prompt),
            tokens_out=len(tokens[:end]),
            finish="length" if end is None else "stop",
        )


def load_language_model(folder: Path, *, dtype: str = "bfloat16", device: str = "auto") -> LanguageModel:
    """Loads a model folder for inference; ModelNotFound where it cannot be read, EngineError for an unusable device."""
    place = _device(device)
    try:
        with quiet_transformers():
            tokenizer = AutoTokenizer.from_pretrained(folder)
            network = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    except Exception as error:  # safetensors, tokenizers and transformers raise what they like for damaged files
        raise ModelNotFound(f"model folder {str(folder)!r} cannot be read: {first_line(error)}") from error
    if place.type == "cpu":
        settle_threads()
        _group_attention(network)
    return LanguageModel(
        network=_moved(network, place),
        tokenizer=tokenizer,
        stops=_stops(network, tokenizer),
        n_vocabulary=min(max(tokenizer.get_vocab().values()) + 1, network.get_output_embeddings().weight.shape[0]),
        context=getattr(network.config.get_text_config(), "max_position_embeddings", None),
    )


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.device(name)
    except RuntimeError as error:
        raise EngineError(f"device {name!r}: expected auto, cpu, cuda, cuda:1, ...") from error


def _moved(network: Any, device: torch.device) -> Any:
    try:
        return network.to(device)
    except (RuntimeError, AssertionError) as error:  # torch without CUDA raises AssertionError
        raise EngineError(f"device {str(device)!r} cannot be used: {first_line(error)}") from error


def _stops(network: Any, tokenizer: Any) -> tuple[int, ...]:
    named = getattr(network.generation_config, "eos_token_id", None)
    ends = set(named if isinstance(named, list) else [named]) | {tokenizer.eos_token_id}
    vocabulary = tokenizer.get_vocab()
    ends |= {vocabulary[text] for text in TEXT_ENDS if text in vocabulary}
    return tuple(sorted(ends - {None}))


def _group_attention(network: Any) -> None:
    # Under a padding mask transformers copies the keys and values once for every query head that shares them: on the
    # CPU 18 ms a layer instead of 1.2 (64 rows of 500 tokens), though torch's CPU kernel takes mask and groups together.
    if network.config._attn_implementation == "sdpa":
        AttentionInterface.register(GROUPED_ATTENTION, grouped_attention)
        AttentionMaskInterface.register(GROUPED_ATTENTION, sdpa_mask)
        network.set_attn_implementation(GROUPED_ATTENTION)


def grouped_attention(
    module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, attention_mask: Any, **options: Any
) -> tuple[torch.Tensor, None]:
    """transformers' ``sdpa`` attention with heads [batch, head, token, dim], grouped under a mask as well."""
    if attention_mask is None or options.get("position_bias") is not None:
        attended, _ = sdpa_attention_forward(module, query, key, value, attention_mask, **options)
        return attended, None
    attended = torch.nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=attention_mask, scale=options.get("scaling"), enable_gqa=True
    )
    return attended.transpose(1, 2).contiguous(), None


# --- decoding ----------------------------------------------------------------------------------------------------


@torch.inference_mode()
def decode_batch(
    model: LanguageModel, batch: Sequence[_Job], on_tokens: Callable[[int], None] | None = None
) -> list[list[int]]:
    """Sampled ids [row][step] for jobs of one sampling; what follows a row's first stop means nothing."""
    sampling = batch[0].request.sampling
    stops = torch.tensor(model.stops, dtype=torch.long, device=model.device)
    rows = _Rows(model, batch)
    written = torch.full((len(batch), sampling.max_tokens), model.stops[0] if model.stops else 0)
    uniforms = _uniforms(batch).to(model.device)
    ended = torch.zeros(len(batch), dtype=torch.bool, device=model.device)
    for step in range(sampling.max_tokens):
        tokens = choose(
            rows.logits[:, : model.n_vocabulary],
            uniforms[rows.places, step],
            temperature=sampling.temperature,
            min_p=sampling.min_p,
        )
        written[rows.places.cpu(), step] = tokens.cpu()
        n_running = int((~ended).sum())
        ended |= torch.isin(tokens, stops)
        if on_tokens is not None:
            on_tokens(n_running)
        if step + 1 == sampling.max_tokens or ended.all():
            break
        if int((~ended).sum()) <= COMPACT_BELOW * len(ended):
            running = torch.nonzero(~ended).squeeze(-1)
            tokens, ended = tokens[running], ended[running]
            rows.keep(running)
        rows.advance(tokens)
    found: list[list[int]] = written.tolist()
    return found


def choose(logits: torch.Tensor, uniforms: torch.Tensor, *, temperature: float, min_p: float) -> torch.Tensor:
    """One id for each row of ``logits`` [row, id] by inverse CDF of the row's uniform in [0, 1); the argmax at 0.

    min-p keeps the ids whose probability at this temperature is at least ``min_p`` times the largest.
    """
    logits = logits.float()
    peaks = logits.amax(-1, keepdim=True)
    if not peaks.isfinite().all():
        raise EngineError("the model's logits are not finite; expected numbers (try dtype float32)")
    if temperature == 0:
        return logits.argmax(-1)
    weights = ((logits - peaks) / temperature).exp_()  # relative to the largest, so that min_p needs no total
    cumulated = torch.where(weights >= min_p, weights, 0.0).cumsum(-1, dtype=torch.float64)
    # 1 - u lies in (0, 1], so the first id at or above the target exists and has positive weight
    targets = (1 - uniforms[:, None]) * cumulated[:, -1:]
    return torch.searchsorted(cumulated, targets).squeeze(-1)


def _uniforms(batch: Sequence[_Job]) -> torch.Tensor:
    """Uniforms [row, step] in float64, each decided by the request's seed and the step."""
    n_steps = batch[0].request.sampling.max_tokens
    return torch.from_numpy(np.stack([stream(job.request.seed, "tokens").random(n_steps) for job in batch]))


class _Rows:
    """The rows of a batch still being written: cache, mask, positions and the logits of their next token.

    ``places`` maps them to rows of the batch. Prompts are padded on the left, each read once however many rows share it.
    """

    def __init__(self, model: LanguageModel, batch: Sequence[_Job]) -> None:
        self.network = model.network
        self.places = torch.arange(len(batch), device=model.device)
        prompts = {prompt: place for place, prompt in enumerate(dict.fromkeys(job.prompt for job in batch))}
        owners = torch.tensor([prompts[job.prompt] for job in batch], device=model.device)
        ids, mask = _padded(list(prompts), model.device)
        logits, cache = self._read(ids, mask)
        n_more = batch[0].request.sampling.max_tokens
        self.logits = logits[owners]
        self.positions = mask.sum(-1)[owners]
        self.width = ids.shape[1]
        self.mask = torch.nn.functional.pad(mask[owners], (0, n_more), value=1)
        self.cache = _with_room(cache, owners, self.width + n_more)

    def advance(self, tokens: torch.Tensor) -> None:
        """Reads one more token in every row."""
        self.width += 1
        self.logits = self._forward(tokens[:, None], self.mask[:, : self.width], self.positions[:, None], self.cache)
        self.positions = self.positions + 1

    def keep(self, rows: torch.Tensor) -> None:
        """Drops all other rows. The logits are of the step before, and not kept."""
        self.places, self.mask, self.positions = self.places[rows], self.mask[rows], self.positions[rows]
        self.cache.batch_select_indices(rows)

    def _read(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, Cache]:
        """Logits and cache after the prompts [prompt, token], a few prompts at a time to bound memory."""
        logits, caches = [], []
        for some, shown in zip(*(torch.split(tensor, self._n_together(ids)) for tensor in (ids, mask)), strict=True):
            caches.append(DynamicCache(config=self.network.config))
            logits.append(self._forward(some, shown, (shown.cumsum(-1) - 1).clamp(min=0), caches[-1]))
        return torch.cat(logits), _joined(caches)

    def _n_together(self, ids: torch.Tensor) -> int:
        n_prompts, width = ids.shape
        layers = DynamicCache(config=self.network.config).layers
        if any(type(layer) not in JOINED_LAYERS for layer in layers):
            return n_prompts
        return max(1, READ_TOKENS.get(ids.device.type, READ_TOKENS["cuda"]) // width)

    def _forward(self, ids: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor, cache: Cache) -> torch.Tensor:
        seen = self.network(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        last: torch.Tensor = seen.logits[:, -1]
        return last


def _padded(prompts: list[tuple[int, ...]], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask [prompt, token], padded on the left with 0, which the mask hides."""
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(prompt)) + list(prompt) for prompt in prompts], device=device)
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device)
    return ids, mask


def _joined(caches: list[Cache]) -> Cache:
    """The rows of all caches, which are equally wide, in the first."""
    first, *others = caches
    for place, layer in enumerate(first.layers if others else ()):
        layer.keys = torch.cat([layer.keys, *(cache.layers[place].keys for cache in others)])
        layer.values = torch.cat([layer.values, *(cache.layers[place].values for cache in others)])
    return first


def _with_room(cache: Cache, rows: torch.Tensor, capacity: int) -> Cache:
    """The cache's rows in this order (they may repeat), with room for ``capacity`` tokens where the layer is plain."""
    for place, layer in enumerate(cache.layers):
        if type(layer) is DynamicLayer:
            cache.layers[place] = _RoomyLayer(layer.keys, layer.values, rows, capacity)
        else:
            layer.batch_select_indices(rows)
    return cache


class _RoomyLayer(DynamicLayer):  # type: ignore[misc]  # transformers is untyped here
    """Keys and values [row, head, token, dim] written in place: growing them by ``cat`` is 80% of a step on the CPU."""

    def __init__(self, keys: torch.Tensor, values: torch.Tensor, rows: torch.Tensor, capacity: int) -> None:
        super().__init__()
        self.lazy_initialization(keys, values)
        self._capacity = capacity
        self._take(keys, values, rows)

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any) -> Any:
        start = self.keys.shape[-2]
        end = start + key_states.shape[-2]
        self._key_room[:, :, start:end] = key_states
        self._value_room[:, :, start:end] = value_states
        self._show(end)
        return self.keys, self.values

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        self._take(self.keys, self.values, indices)

    def _take(self, keys: torch.Tensor, values: torch.Tensor, rows: torch.Tensor) -> None:
        self._key_room = _copied(keys, rows, self._capacity)
        self._value_room = _copied(values, rows, self._capacity)
        self._show(keys.shape[-2])

    def _show(self, n_tokens: int) -> None:
        self.keys, self.values = self._key_room[:, :, :n_tokens], self._value_room[:, :, :n_tokens]


def _copied(states: torch.Tensor, rows: torch.Tensor, capacity: int) -> torch.Tensor:
    _, n_heads, n_tokens, n_dims = states.shape
    room = states.new_empty(len(rows), n_heads, capacity, n_dims)
    room[:, :, :n_tokens] = states[rows]
    return room
