"""Reading prompts: side by side, or those that begin alike as one row.

Prompts that begin alike are read as a pack: their common beginning stands in it once, and a mask shows every token the
tokens of its own prompt alone. What does not fit goes into further packs, on top of the beginning that the cache still holds,
so that no token of a beginning is read twice. What a batch has in common is kept for the batches that follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias

import torch
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

Tokens: TypeAlias = tuple[int, ...]

READ_TOKENS = {"cpu": 2048, "cuda": 16384}  # of prompts at a time; on the CPU so few that freed memory is used again
PACK_TOKENS = {"cpu": 512, "cuda": 4096}  # of a pack: its mask and its attention grow with the square
PACK_ENDS = 256  # of a pack: logits over the whole vocabulary are made at each end
SHARE_BELOW = 0.8  # share of tokens still to be read at which packs are faster than reading every prompt by itself
JOINED_LAYERS = (DynamicLayer, DynamicSlidingWindowLayer)
KEPT_BEGINNINGS = 4  # of prompts of one kind each; a thousand tokens of SmolLM2 take 46 MB in float32
KEEP_FROM = 64  # tokens; less is read again as fast as it is put in place


# --- side by side ------------------------------------------------------------------------------------------------


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


def padded(prompts: list[Tokens], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask [prompt, token], padded on the left with 0, which the mask hides."""
    width = max(map(len, prompts))
    ids = torch.tensor([[0] * (width - len(prompt)) + list(prompt) for prompt in prompts], device=device)
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device)
    return ids, mask


def _n_together(network: Any, ids: torch.Tensor) -> int:
    n_prompts, width = ids.shape
    layers = DynamicCache(config=network.config).layers
    if any(type(layer) not in JOINED_LAYERS for layer in layers):
        return n_prompts
    return max(1, READ_TOKENS.get(ids.device.type, READ_TOKENS["cuda"]) // width)


# --- beginnings that are kept ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Beginning:
    """The beginning of some prompts, as the model has read it: keys and values [1, head, token, dim] of each layer."""

    tokens: Tokens
    keys: list[torch.Tensor]
    values: list[torch.Tensor]

    def in_cache(self, network: Any, n_tokens: int) -> Cache:
        """A cache that has read the first ``n_tokens`` of it."""
        cache = DynamicCache(config=network.config)
        for layer, (keys, values) in enumerate(zip(self.keys, self.values, strict=True)):
            cache.update(keys[:, :, :n_tokens], values[:, :, :n_tokens], layer)
        return cache


@dataclass(slots=True)
class Beginnings:
    """The last few beginnings that were read, and what the last single prompt was, which the next may begin like."""

    kept: list[Beginning] = field(default_factory=list)
    last: Tokens = ()

    def longest(self, prompts: Sequence[Tokens]) -> tuple[Beginning | None, int]:
        """Of those kept the one that all of ``prompts``, which are sorted, have most in common with, and the number of its
        tokens to take over; every prompt has a token left to be read.
        """
        most = min(map(len, prompts)) - 1
        shared = [(min(common(prompts, begun.tokens), most), place) for place, begun in enumerate(self.kept)]
        n_tokens, place = max(shared, default=(0, -1))
        if n_tokens < KEEP_FROM:
            return None, 0
        self.kept.append(self.kept.pop(place))  # the last used is the last to go
        return self.kept[-1], n_tokens

    def worth_keeping(self, prompts: Sequence[Tokens]) -> int:
        """The number of tokens of the first of ``prompts`` that others begin with, here or in the last call; 0 for too few."""
        n_tokens = common(prompts, prompts[0] if len(prompts) > 1 else self.last)
        return n_tokens if n_tokens >= KEEP_FROM else 0

    def keep(self, tokens: Tokens, cache: Cache) -> None:
        """Keep a beginning whose tokens stand first in ``cache``; shorter ones that it begins with go."""
        n_tokens = len(tokens)
        keys = [layer.keys[:, :, :n_tokens].clone() for layer in cache.layers]
        values = [layer.values[:, :, :n_tokens].clone() for layer in cache.layers]
        others = [begun for begun in self.kept if tokens[: len(begun.tokens)] != begun.tokens]
        self.kept = [*others[-(KEPT_BEGINNINGS - 1) :], Beginning(tokens, keys, values)]


def common(prompts: Sequence[Tokens], beginning: Tokens) -> int:
    """The number of tokens that ``beginning`` and all of the sorted ``prompts`` begin with."""
    return min(n_common(prompts[0], beginning), n_common(prompts[-1], beginning))


def n_common(first: Tokens, second: Tokens) -> int:
    """The number of tokens that both begin with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (token, counterpart) in pairs if token != counterpart), min(len(first), len(second)))


# --- packs -------------------------------------------------------------------------------------------------------


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


def packs(prompts: Sequence[Tokens], limit: int, n_begun: int = 0) -> Iterator[Pack]:
    """``prompts``, which are sorted and differ, in packs of at most ``limit`` tokens to be read (or a single prompt).

    The first ``n_begun`` tokens, of all prompts, are in the cache. Sorted, what a prompt has in common with any before it, it
    has in common with the last; and it ends in a token of its own.
    """
    pack = Pack(carried=list(range(n_begun)))
    before: Tokens = ()
    for prompt in prompts:
        n_shared = n_common(before, prompt) if pack.paths else n_begun
        if pack.paths and not pack.has_room(len(prompt) - n_shared, limit):
            yield pack
            pack = Pack(carried=pack.paths[-1][:n_shared])
        pack.add(prompt, pack.paths[-1][:n_shared] if pack.paths else list(range(n_shared)))
        before = prompt
    yield pack


def read_packs(
    network: Any, prompts: Sequence[Tokens], beginnings: Beginnings | None = None
) -> Iterator[tuple[Pack, torch.Tensor, Cache]]:
    """Every pack with the logits [prompt, id] after its prompts and the cache of its slots, which the next one changes.

    What is kept in ``beginnings`` is not read again; what these prompts have in common is kept there.
    """
    device, beginnings = network.device, beginnings or Beginnings()
    begun, n_begun = beginnings.longest(prompts)
    cache = begun.in_cache(network, n_begun) if begun else DynamicCache(config=network.config)
    n_keep = beginnings.worth_keeping(prompts)
    for pack in packs(prompts, PACK_TOKENS.get(device.type, PACK_TOKENS["cuda"]), n_begun):
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
        if n_keep > n_begun:  # the first prompt stands first in the first pack
            beginnings.keep(prompts[0][:n_keep], cache)
            n_keep = 0
        yield pack, seen.logits[0], cache
    beginnings.last = prompts[-1]


def packs_pay(beginnings: Beginnings, prompts: Sequence[Tokens]) -> bool:
    """True if sorted prompts should be read in packs: for what they share, or for what is kept or worth keeping."""
    if len(prompts) == 1 and beginnings.worth_keeping(prompts):
        return True
    _, n_kept = beginnings.longest(prompts)
    pays = shared(prompts) - n_kept / sum(map(len, prompts)) < SHARE_BELOW
    if not pays:
        beginnings.last = prompts[-1]
    return pays


def shared(prompts: Sequence[Tokens]) -> float:
    """The distinct tokens of sorted prompts, as a share of all: 1 where no two begin alike."""
    n_again = sum(n_common(before, prompt) for before, prompt in pairwise(prompts))
    return 1 - n_again / sum(map(len, prompts))


@torch.inference_mode()
def takes_packs(network: Any) -> bool:
    """True if the model reads packs as it reads prompts: all its layers look back at everything, through our mask."""
    if any(type(layer) is not DynamicLayer for layer in DynamicCache(config=network.config).layers):
        return False
    prompts = [(1, 2, 3, 4), (1, 2, 5), (1, 2, 6, 7, 8)]
    alone = torch.cat([logits[:, -1] for logits, _ in read_padded(network, prompts)]).float()
    try:
        packed = torch.cat([logits for _, logits, _ in read_packs(network, prompts)]).float()
    except Exception:  # a model that takes no mask of this form fails as it likes
        return False
    return bool((packed - alone).abs().max() < 0.05 * (alone.amax() - alone.amin()))


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
