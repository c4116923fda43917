"""Statements of one opinion as one row for a causal model: question and opinion stand in it once (see `prefill`).

With gradients, unlike in scoring. Five statements of 60 tokens after a prompt of 110 are 410 tokens instead of 850.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MethodType
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import SequenceClassifierOutput

from simcons.engines.local.prefill import Pack, Tokens, packs, takes_packs
from simcons.engines.local.reward_reading import EndStates

NO_LIMIT = 2**31


def reads_packs(network: Any) -> bool:
    """True if a causal reward network scores packs as it scores rows."""
    return takes_packs(EndStates(network))


def take_packs(network: Any) -> None:
    """Have a causal reward network take ``ends`` [statement, 2] too: rows and places that it then gives ``logits`` of.

    It is its own forward that takes them, as PEFT, DDP and FSDP wrap that.
    """
    as_it_was = network.forward

    def forward(self: Any, *args: Any, ends: Tensor | None = None, **given: Any) -> Any:
        if ends is None:
            return as_it_was(*args, **given)
        states = self.base_model(*args, use_cache=False, **given).last_hidden_state
        return SequenceClassifierOutput(logits=self.score(states[ends[:, 0], ends[:, 1]]))

    network.forward = MethodType(forward, network)


def packed(examples: Sequence[Sequence[Tokens]], pad: int) -> dict[str, Tensor]:
    """A row for each example, whose rows of ids begin alike: ids and positions [row, token], a mask [row, 1, token, token] of
    what each token sees, and ``ends`` in the order of all examples' rows.
    """
    ordered = [sorted(set(rows)) for rows in examples]
    (made,) = zip(*(packs(rows, NO_LIMIT) for rows in ordered), strict=True)
    width = max(len(pack.ids) for pack in made)
    ids = torch.tensor([[*pack.ids, *[pad] * (width - len(pack.ids))] for pack in made])
    positions = torch.tensor([[*pack.positions, *[0] * (width - len(pack.ids))] for pack in made])
    ends = [
        (row, pack.paths[ordered[row].index(statement)][-1])
        for row, pack in enumerate(made)
        for statement in examples[row]
    ]
    seen = torch.stack([seen_mask(pack, width) for pack in made])
    return {"input_ids": ids, "position_ids": positions, "attention_mask": seen[:, None], "ends": torch.tensor(ends)}


def seen_mask(pack: Pack, width: int) -> Tensor:
    """[token, token]: what stands before it in its own row of ids, and itself, as padding does alone."""
    seen = torch.eye(width, dtype=torch.bool)
    for path, n_begun in zip(pack.paths, pack.begun, strict=True):
        for place, slot in enumerate(path[n_begun:], n_begun):
            seen[slot, path[: place + 1]] = True
    return seen
