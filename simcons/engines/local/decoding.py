"""Reading prompts and writing replies to them, token by token.

Decoding is our own loop rather than ``generate``: every row of a batch needs draws of its own, and samples of one prompt
share its reading and, on the CPU, its place in memory. A request's uniforms are addressed by its seed and the step, so its
reply does not depend on its neighbours, up to the last bits of arithmetic that a batch's shape decides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer

from simcons.engines.base import Request
from simcons.engines.local.attention import Before, states_of, step
from simcons.engines.local.language_model import LanguageModel
from simcons.engines.local.prefill import Tokens, common, packs_pay, padded, read_packs, read_padded
from simcons.errors import EngineError
from simcons.seeds import stream

Ways: TypeAlias = frozenset[Tokens]

COMPACT_BELOW = 0.75  # share of rows still running at which copying their cache costs less than carrying the others


@dataclass(frozen=True, slots=True)
class GenerationJob:
    """A request, its place in the caller's list, its prompt as token ids, and the ways to begin with each of its choices."""

    place: int
    request: Request
    prompt: Tokens
    choices: tuple[Ways, ...] = ()


@torch.inference_mode()
def decode_batch(
    model: LanguageModel, batch: Sequence[GenerationJob], on_tokens: Callable[[int], None] | None = None
) -> list[list[int]]:
    """Sampled ids [row][step] for jobs of one sampling; what follows a row's first stop means nothing."""
    sampling = batch[0].request.sampling
    stops = torch.tensor(model.stops, dtype=torch.long, device=model.device)
    rows = _BatchRows(model, batch)
    written = torch.full((len(batch), sampling.max_tokens), model.stops[0] if model.stops else 0)
    uniforms = _uniforms(batch).to(model.device)
    ended = torch.zeros(len(batch), dtype=torch.bool, device=model.device)
    for n_written in range(sampling.max_tokens):
        tokens = sample_tokens(
            rows.logits[:, : model.n_vocabulary],
            uniforms[rows.places, n_written],
            temperature=sampling.temperature,
            min_p=sampling.min_p,
        )
        written[rows.places.cpu(), n_written] = tokens.cpu()
        n_running = int((~ended).sum())
        ended |= torch.isin(tokens, stops)
        if on_tokens is not None:
            on_tokens(n_running)
        if n_written + 1 == sampling.max_tokens or ended.all():
            break
        if int((~ended).sum()) <= COMPACT_BELOW * len(ended):
            running = torch.nonzero(~ended).squeeze(-1)
            tokens, ended = tokens[running], ended[running]
            rows.keep(running)
        rows.advance(tokens)
    ids: list[list[int]] = written.tolist()
    return ids


def sample_tokens(logits: torch.Tensor, uniforms: torch.Tensor, *, temperature: float, min_p: float) -> torch.Tensor:
    """One id for each row of ``logits`` [row, id] by inverse CDF of the row's uniform in [0, 1); the argmax at 0.

    min-p keeps the ids whose probability at this temperature is at least ``min_p`` times the largest.
    """
    logits = finite(logits)
    if temperature == 0:
        return logits.argmax(-1)
    peaks = logits.amax(-1, keepdim=True)
    weights = ((logits - peaks) / temperature).exp_()  # relative to the largest, so that min_p needs no total
    rows, ids = torch.nonzero(weights >= min_p, as_tuple=True)
    cumulated = weights[rows, ids].cumsum(0, dtype=torch.float64)
    n_ids = rows.bincount(minlength=len(weights))
    last = n_ids.cumsum(0) - 1
    ends = cumulated[last]
    starts = torch.nn.functional.pad(ends[:-1], (1, 0))
    # 1 - u lies in (0, 1], so the first id at or above the target exists and has positive weight; where rounding takes the
    # target down to the end of the row before, it is the first of this one
    targets = starts + (1 - uniforms) * (ends - starts)
    return ids[torch.searchsorted(cumulated, targets).maximum(last + 1 - n_ids)]


def finite(logits: torch.Tensor) -> torch.Tensor:
    """The logits [row, id] in float32; EngineError where the largest of a row is no number."""
    logits = logits.float()
    if not logits.amax(-1).isfinite().all():
        raise EngineError("the model's logits are not finite; expected numbers (try dtype float32)")
    return logits


def _uniforms(batch: Sequence[GenerationJob]) -> torch.Tensor:
    """Uniforms [row, step] in float64, each decided by the request's seed and the step."""
    n_steps = batch[0].request.sampling.max_tokens
    return torch.from_numpy(np.stack([stream(job.request.seed, "tokens").random(n_steps) for job in batch]))


class _BatchRows:
    """The rows of a batch still being written: cache, positions and the logits of their next token.

    ``places`` maps them to rows of the batch. Each prompt is read once however many rows it has. Where the model takes it,
    the rows go on from prompts that are kept once too (``before``); else each has a copy of its own in the cache, padded
    on the left, and a mask.
    """

    def __init__(self, model: LanguageModel, batch: Sequence[GenerationJob]) -> None:
        self.network = model.network
        self.places = torch.arange(len(batch), device=model.device)
        prompts = sorted({job.prompt for job in batch})
        places = {prompt: place for place, prompt in enumerate(prompts)}
        owners = torch.tensor([places[job.prompt] for job in batch], device=model.device)
        n_more = batch[0].request.sampling.max_tokens
        self.positions = torch.tensor([len(job.prompt) for job in batch], device=model.device)
        self.before: list[Before] = []
        self.mask = torch.zeros(0)
        self.width = 0
        if model.goes_on:
            self.logits, self.before = _prompts_once(model, prompts, owners)
            self.cache = _empty(self.before[-1], len(batch), n_more)
        else:
            logits, cache = _read(model, prompts)
            _, mask = padded(prompts, model.device)
            self.logits, self.width = logits[owners], mask.shape[1]
            self.mask = torch.nn.functional.pad(mask[owners], (0, n_more), value=1)
            self.cache = _with_room(cache, owners, self.width + n_more)

    def advance(self, tokens: torch.Tensor) -> None:
        """Reads one more token in every row."""
        if self.before:
            self.logits = step(self.network, tokens, self.positions, self.cache, self.before)
        else:
            self.logits = self._step_by_mask(tokens)
        self.positions = self.positions + 1

    def keep(self, rows: torch.Tensor) -> None:
        """Drops all other rows. The logits are of the step before, and not kept."""
        self.places, self.positions = self.places[rows], self.positions[rows]
        self.cache.batch_select_indices(rows)
        if self.before:
            for text in self.before:
                text.keep(rows)
        else:
            self.mask = self.mask[rows]

    def _step_by_mask(self, tokens: torch.Tensor) -> torch.Tensor:
        self.width += 1
        seen = self.network(
            input_ids=tokens[:, None],
            attention_mask=self.mask[:, : self.width],
            position_ids=self.positions[:, None],
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits: torch.Tensor = seen.logits[:, -1]
        return logits


# --- prompts as they have been read ------------------------------------------------------------------------------


def _prompts_once(
    model: LanguageModel, prompts: list[Tokens], owners: torch.Tensor
) -> tuple[torch.Tensor, list[Before]]:
    """Logits [row, id] after the prompts of the rows, and the prompts: what all begin with, and what is each one's own."""
    if not (model.shares_prefixes and packs_pay(model.beginnings, prompts)):
        logits, cache = _read_apart(model, prompts)
        return logits[owners], [_before(cache, prompts, owners)]
    n_shared = min(common(prompts, prompts[0]), min(map(len, prompts)) - 1)
    width = max(map(len, prompts)) - n_shared
    before: list[Before] = []
    parts = []
    for pack, logits, cache in read_packs(model.network, prompts, model.beginnings):
        if n_shared and not before:
            before.append(_first_tokens(cache, n_shared, len(owners)))
        parts.append((logits, _rows_of([path[n_shared:] for path in pack.paths], cache, width)))
    own = _joined([cache for _, cache in parts])
    before.append(_before(own, [prompt[n_shared:] for prompt in prompts], owners))
    return torch.cat([logits for logits, _ in parts])[owners], before


def _first_tokens(cache: Cache, n_tokens: int, n_rows: int) -> Before:
    keys, values = states_of(cache)
    return Before(
        [states[:, :, :n_tokens].contiguous() for states in keys],
        [states[:, :, :n_tokens].contiguous() for states in values],
        torch.zeros(1, 1, 1, n_tokens),
        torch.zeros(n_rows, dtype=torch.long),
    )


def _before(cache: Cache, prompts: list[Tokens], owners: torch.Tensor) -> Before:
    keys, values = states_of(cache)
    _, mask = padded(prompts, owners.device)
    hidden = torch.zeros(mask.shape).masked_fill_(mask == 0, torch.finfo(torch.float32).min)
    return Before(keys, values, hidden[:, None, None], owners)


def _read(model: LanguageModel, prompts: list[Tokens]) -> tuple[torch.Tensor, Cache]:
    """Logits and cache after each of ``prompts``, which are sorted and differ; in the cache they are padded on the left."""
    if not (model.shares_prefixes and packs_pay(model.beginnings, prompts)):
        return _read_apart(model, prompts)
    width = max(map(len, prompts))
    read = read_packs(model.network, prompts, model.beginnings)
    parts = [(logits, _rows_of(pack.paths, cache, width)) for pack, logits, cache in read]
    return torch.cat([logits for logits, _ in parts]), _joined([cache for _, cache in parts])


def _read_apart(model: LanguageModel, prompts: list[Tokens]) -> tuple[torch.Tensor, Cache]:
    parts = [(logits[:, -1], cache) for logits, cache in read_padded(model.network, prompts)]
    return torch.cat([logits for logits, _ in parts]), _joined([cache for _, cache in parts])


def _joined(caches: list[Cache]) -> Cache:
    """The rows of all caches, which are equally wide, in the first."""
    first, *others = caches
    for place, layer in enumerate(first.layers if others else ()):
        layer.keys = torch.cat([layer.keys, *(cache.layers[place].keys for cache in others)])
        layer.values = torch.cat([layer.values, *(cache.layers[place].values for cache in others)])
    return first


def _rows_of(paths: list[list[int]], cache: Cache, width: int) -> Cache:
    """Slots of a pack's cache as rows [path, head, token, dim] padded on the left to ``width`` with what the mask will hide."""
    slots = torch.tensor([[0] * (width - len(path)) + path for path in paths])
    rows = DynamicCache()
    for place, layer in enumerate(cache.layers):
        rows.update(layer.keys[0][:, slots].transpose(0, 1), layer.values[0][:, slots].transpose(0, 1), place)
    return rows


# --- room for what is written ------------------------------------------------------------------------------------


def _empty(before: Before, n_rows: int, capacity: int) -> Cache:
    """A cache of rows that have read nothing by themselves, with room for ``capacity`` tokens."""
    cache = DynamicCache()
    rows = torch.zeros(n_rows, dtype=torch.long)
    for keys, values in zip(before.keys, before.values, strict=True):
        cache.layers.append(_RoomyLayer(keys[:, :, :0], values[:, :, :0], rows, capacity))
    return cache


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
