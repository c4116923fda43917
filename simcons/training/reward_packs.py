"""Statements of one opinion as one row for a causal model: question and opinion stand in it once (see `packs`)."""

from __future__ import annotations

from types import MethodType
from typing import Any

from torch import Tensor
from transformers.modeling_outputs import SequenceClassifierOutput

from simcons.engines.local.prefill import takes_packs
from simcons.engines.local.reward_reading import EndStates


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
