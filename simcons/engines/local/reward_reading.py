"""Reading many triples with a reward model: side by side by length, or those that begin alike as one row.

A causal model reads what several triples begin with once: a question and an opinion for all candidates, the beginnings that
candidates share, a question for all opinions (see `prefill`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from simcons.arrays import Floats
from simcons.engines.local.attention import use_grouped_attention
from simcons.engines.local.prefill import (
    READ_TOKENS,
    Beginnings,
    Tokens,
    packs_pay,
    read_packs,
    read_padded,
    takes_packs,
)
from simcons.engines.local.reward_model import RewardModel, head_of
from simcons.engines.local.rows import batches, batches_apart, padded_right
from simcons.engines.local.threads import settle_threads


class RewardReading:
    """Raw scores of rows of token ids, the same whatever they are read with, up to the last bits of arithmetic.

    share_prefixes: whether a model that can reads common beginnings once.
    """

    def __init__(self, model: RewardModel, *, share_prefixes: bool = True) -> None:
        self.model = model
        self._network, self._device = model.network, model.network.device
        self._head = head_of(model.network).float()
        causal = model.manifest.architecture == "causal"
        if self._device.type == "cpu" and causal:
            use_grouped_attention(self._network)
        self._states = EndStates(self._network) if causal else None
        self._beginnings = Beginnings()
        self.shares_prefixes = share_prefixes and self._states is not None and takes_packs(self._states)

    @torch.inference_mode()
    def scores(self, rows: Sequence[Tokens]) -> Floats:
        """A raw score for each row; equal rows are read once."""
        settle_threads(self._device, self._network.dtype)
        scores: dict[Tokens, float] = {}
        distinct = sorted(set(rows))
        if not distinct:
            return np.empty(0)
        for some, raw in self._read(distinct):
            scores |= zip(some, raw.flatten().tolist(), strict=True)
        return np.array([scores[row] for row in rows])

    def _read(self, rows: Sequence[Tokens]) -> Iterator[tuple[Sequence[Tokens], Tensor]]:
        """Rows, which are sorted, some at a time, and their scores."""
        if self.model.tokens.apart:
            return self._together(batches_apart(rows))
        if self.shares_prefixes and packs_pay(self._beginnings, rows):
            return self._packed(rows)
        by_length = sorted(rows, key=len)
        return self._together(batches(by_length, READ_TOKENS.get(self._device.type, READ_TOKENS["cuda"])))

    def _packed(self, rows: Sequence[Tokens]) -> Iterator[tuple[Sequence[Tokens], Tensor]]:
        for pack, states, _ in read_packs(self._states, rows, self._beginnings):
            yield pack.prompts, self._head(states.float())

    def _together(self, some_rows: Iterable[list[Tokens]]) -> Iterator[tuple[Sequence[Tokens], Tensor]]:
        for some in some_rows:
            if self._states is None:
                ids, mask = padded_right(some, self.model.tokens.tokenizer.pad_token_id)
                yield some, self._network(input_ids=ids.to(self._device), attention_mask=mask.to(self._device)).logits
            else:
                yield some, torch.cat([self._head(states.float()) for states, _ in read_padded(self._states, some)])


class EndStates:
    """The body of a causal model in the form that `prefill` reads with: its ``logits`` are the states of the last layer."""

    def __init__(self, network: Any) -> None:
        self.config, self.dtype, self.device = network.config, network.dtype, network.device
        self._body = getattr(network, network.base_model_prefix)

    def __call__(self, *, logits_to_keep: int | Tensor, **inputs: Any) -> SimpleNamespace:
        states = self._body(**inputs).last_hidden_state
        kept = slice(-logits_to_keep, None) if isinstance(logits_to_keep, int) else logits_to_keep
        return SimpleNamespace(logits=states[:, kept])
