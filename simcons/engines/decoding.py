"""Reading prompts and writing replies to them, token by token.

Decoding is our own loop rather than ``generate``: every row of a batch needs draws of its own, and samples of one prompt
share its reading. A request's uniforms are addressed by its seed and the step, so its reply does not depend on its
neighbours, up to the last bits of arithmetic that a batch's shape decides.

Prompts that begin alike are read as one row, a pack: their common beginning stands in it once, and a mask shows every
token the tokens of its own prompt alone. What does not fit goes into further packs, on top of the beginning that the cache
still holds, so that no token of a beginning is read twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

from simcons.errors import EngineError
from simcons.seeds import stream

if TYPE_CHECKING:
    from simcons.engines.base import Request
    from simcons.engines.transformers_engine import LanguageModel

Tokens: TypeAlias = tuple[int, ...]
Ways: TypeAlias = frozenset[Tokens]

COMPACT_BELOW = 0.75  # share of rows still running at which copying their cache costs less than carrying the others
READ_TOKENS = {"cpu": 2048, "cuda": 16384}  # of prompts at a time; on the CPU so few that freed memory is used again
PACK_TOKENS = {"cpu": 512, "cuda": 4096}  # of a pack: its mask and its attention grow with the square
PACK_ENDS = 256  # of a pack: logits over the whole vocabulary are made at each end
SHARE_BELOW = 0.8  # share of distinct tokens at which packs are faster than reading every prompt by itself
JOINED_LAYERS = (DynamicLayer, DynamicSlidingWindowLayer)


@dataclass(frozen=True, slots=True)
class Job:
    """A request, its place in the caller's list, its prompt as token ids, and the ways to begin with each of its choices."""

    place: int
    request: Request
    prompt: Tokens
    choices: tuple[Ways, ...] = ()


@torch.inference_mode()
def decode_batch(
    model: LanguageModel, batch: Sequence[Job], on_tokens: Callable[[int], None] | None = None
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
    logits = finite(logits)
    if temperature == 0:
        return logits.argmax(-1)
    peaks = logits.amax(-1, keepdim=True)
    weights = ((logits - peaks) / temperature).exp_()  # relative to the largest, so that min_p needs no total
    cumulated = torch.where(weights >= min_p, weights, 0.0).cumsum(-1, dtype=torch.float64)
    # 1 - u lies in (0, 1], so the first id at or above the target exists and has positive weight
    targets = (1 - uniforms[:, None]) * cumulated[:, -1:]
    return torch.searchsorted(cumulated, targets).squeeze(-1)


def finite(logits: torch.Tensor) -> torch.Tensor:
    """The logits [row, id] in float32; EngineError where the largest of a row is no number."""
    logits = logits.float()
    if not logits.amax(-1).isfinite().all():
        raise EngineError("the model's logits are not finite; expected numbers (try dtype float32)")
    return logits


def _uniforms(batch: Sequence[Job]) -> torch.Tensor:
    """Uniforms [row, step] in float64, each decided by the request's seed and the step."""
    n_steps = batch[0].request.sampling.max_tokens
    return torch.from_numpy(np.stack([stream(job.request.seed, "tokens").random(n_steps) for job in batch]))


class _Rows:
    """The rows of a batch still being written: cache, mask, positions and the logits of their next token.

    ``places`` maps them to rows of the batch. Prompts are padded on the left, each read once however many rows share it.
    """

    def __init__(self, model: LanguageModel, batch: Sequence[Job]) -> None:
        self.network = model.network
        self.places = torch.arange(len(batch), device=model.device)
        prompts = sorted({job.prompt for job in batch})
        places = {prompt: place for place, prompt in enumerate(prompts)}
        owners = torch.tensor([places[job.prompt] for job in batch], device=model.device)
        logits, cache = _read(model, prompts)
        _, mask = padded(prompts, model.device)
        n_more = batch[0].request.sampling.max_tokens
        self.logits = logits[owners]
        self.positions = mask.sum(-1)[owners]
        self.width = mask.shape[1]
        self.mask = torch.nn.functional.pad(mask[owners], (0, n_more), value=1)
        self.cache = _with_room(cache, owners, self.width + n_more)

    def advance(self, tokens: torch.Tensor) -> None:
        """Reads one more token in every row."""
        self.width += 1
        seen = self.network(
            input_ids=tokens[:, None],
            attention_mask=self.mask[:, : self.width],
            position_ids=self.positions[:, None],
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        self.logits = seen.logits[:, -1]
        self.positions = self.positions + 1

    def keep(self, rows: torch.Tensor) -> None:
        """Drops all other rows. The logits are of the step before, and not kept."""
        self.places, self.mask, self.positions = self.places[rows], self.mask[rows], self.positions[rows]
        self.cache.batch_select_indices(rows)


# --- reading prompts side by side --------------------------------------------------------------------------------


def _read(model: LanguageModel, prompts: list[Tokens]) -> tuple[torch.Tensor, Cache]:
    """Logits and cache after each of ``prompts``, which are sorted and differ; in the cache they are padded on the left."""
    if model.shares_prefixes and shared(prompts) < SHARE_BELOW:
        width = max(map(len, prompts))
        parts = [(logits, _rows_of(pack, cache, width)) for pack, logits, cache in read_packs(model.network, prompts)]
    else:
        parts = [(logits[:, -1], cache) for logits, cache in read_padded(model.network, prompts)]
    return torch.cat([logits for logits, _ in parts]), _joined([cache for _, cache in parts])


def read_padded(network: Any, prompts: list[Tokens], keep: int = 1) -> Iterator[tuple[torch.Tensor, Cache]]:
    """Logits [prompt, ``keep`` last tokens, id] and cache of some prompts at a time, which bounds memory.

    All are padded on the left to the longest.
    """
    ids, mask = padded(prompts, network.device)
    for some, shown in zip(*(torch.split(tensor, _n_together(network, ids)) for tensor in (ids, mask)), strict=True):
        cache = DynamicCache(config=network.config)
        seen = network(
            input_ids=some,
            attention_mask=shown,
            position_ids=(shown.cumsum(-1) - 1).clamp(min=0),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=keep,
        )
        yield seen.logits, cache


def _n_together(network: Any, ids: torch.Tensor) -> int:
    n_prompts, width = ids.shape
    layers = DynamicCache(config=network.config).layers
    if any(type(layer) not in JOINED_LAYERS for layer in layers):
        return n_prompts
    return max(1, READ_TOKENS.get(ids.device.type, READ_TOKENS["cuda"]) // width)


def padded(prompts: list[Tokens], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
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


# --- reading prompts that begin alike ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pack:
    """Some of the prompts as one row. Its slots number the tokens in the cache, those carried over first.

    carried: slots in the pack before of the tokens that come first in this one: what its first prompt has in common
    with the last one there.
    ids, positions: of the tokens to be read.
    paths: the slots of each prompt; ``begun``: how many of them were there before it.
    """

    carried: list[int]
    prompts: list[Tokens] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    paths: list[list[int]] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)

    def add(self, prompt: Tokens, beginning: list[int]) -> None:
        """Put in a prompt whose first tokens stand in the slots ``beginning``."""
        n_begun, n_slots = len(beginning), len(self.carried) + len(self.ids)
        self.prompts.append(prompt)
        self.ids.extend(prompt[n_begun:])
        self.positions.extend(range(n_begun, len(prompt)))
        self.paths.append(beginning + list(range(n_slots, n_slots + len(prompt) - n_begun)))
        self.begun.append(n_begun)

    def has_room(self, n_tokens: int, limit: int) -> bool:
        return len(self.ids) + n_tokens <= limit and len(self.paths) < PACK_ENDS


def packs(prompts: Sequence[Tokens], limit: int) -> Iterator[Pack]:
    """``prompts``, which are sorted and differ, in packs of at most ``limit`` tokens to be read (or a single prompt).

    Sorted, what a prompt has in common with any before it, it has in common with the last; and it ends in a token of its
    own.
    """
    pack = Pack([])
    before: Tokens = ()
    for prompt in prompts:
        n_common = _n_common(before, prompt)
        if pack.paths and not pack.has_room(len(prompt) - n_common, limit):
            yield pack
            pack = Pack(carried=pack.paths[-1][:n_common])
            pack.add(prompt, list(range(n_common)))
        else:
            pack.add(prompt, pack.paths[-1][:n_common] if pack.paths else [])
        before = prompt
    yield pack


def read_packs(network: Any, prompts: Sequence[Tokens]) -> Iterator[tuple[Pack, torch.Tensor, Cache]]:
    """Every pack with the logits [prompt, id] after its prompts and the cache of its slots, which the next one changes."""
    device = network.device
    cache = DynamicCache(config=network.config)
    for pack in packs(prompts, PACK_TOKENS.get(device.type, PACK_TOKENS["cuda"])):
        _carry_over(cache, pack.carried)
        ends = torch.tensor([path[-1] - len(pack.carried) for path in pack.paths], device=device)
        seen = network(
            input_ids=torch.tensor([pack.ids], device=device),
            attention_mask=_own_tokens(pack, network.dtype).to(device),
            position_ids=torch.tensor([pack.positions], device=device),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=ends,
        )
        yield pack, seen.logits[0], cache


def shared(prompts: Sequence[Tokens]) -> float:
    """The distinct tokens of sorted prompts, as a share of all: 1 where no two begin alike."""
    n_common = sum(_n_common(before, prompt) for before, prompt in pairwise(prompts))
    return 1 - n_common / sum(map(len, prompts))


@torch.inference_mode()
def takes_packs(network: Any) -> bool:
    """Whether the model reads packs as it reads prompts: all its layers look back at everything, through our mask."""
    if any(type(layer) is not DynamicLayer for layer in DynamicCache(config=network.config).layers):
        return False
    prompts = [(1, 2, 3, 4), (1, 2, 5), (1, 2, 6, 7, 8)]
    alone = torch.cat([logits[:, -1] for logits, _ in read_padded(network, prompts)]).float()
    try:
        packed = torch.cat([logits for _, logits, _ in read_packs(network, prompts)]).float()
    except Exception:  # a model that takes no mask of this form fails as it likes
        return False
    return bool((packed - alone).abs().max() < 0.05 * (alone.amax() - alone.amin()))


def _n_common(first: Tokens, second: Tokens) -> int:
    """The number of tokens that both begin with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(first), len(second)))


def _own_tokens(pack: Pack, dtype: torch.dtype) -> torch.Tensor:
    """The mask [1, 1, token read, slot], added to the attention's scores: 0 for what stands before it in its prompt."""
    n_carried, n_new = len(pack.carried), len(pack.ids)
    seen = torch.zeros(n_new, n_carried + n_new, dtype=torch.bool)
    for path, n_begun in zip(pack.paths, pack.begun, strict=True):
        start, end = path[n_begun], path[-1] + 1
        rows = seen[start - n_carried : end - n_carried]
        rows[:, path[:n_begun]] = True
        rows[:, start:end] = torch.ones(end - start, end - start, dtype=torch.bool).tril()
    return torch.zeros(seen.shape, dtype=dtype).masked_fill_(~seen, torch.finfo(dtype).min)[None, None]


def _carry_over(cache: Cache, slots: list[int]) -> None:
    for layer in cache.layers:
        if layer.is_initialized:
            layer.keys, layer.values = layer.keys[:, :, slots], layer.values[:, :, slots]


def _rows_of(pack: Pack, cache: Cache, width: int) -> Cache:
    """The pack's cache as rows [prompt, head, token, dim] padded on the left to ``width`` with what the mask will hide."""
    slots = torch.tensor([[0] * (width - len(path)) + path for path in pack.paths])
    rows = DynamicCache()
    for place, layer in enumerate(cache.layers):
        rows.update(layer.keys[0][:, slots].transpose(0, 1), layer.values[0][:, slots].transpose(0, 1), place)
    return rows


# --- room for what is written ------------------------------------------------------------------------------------


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
