"""Losses of a reward model, on the scores of statements that one person compared or rated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import linear, logsigmoid, softplus

from simcons.engines.local.reward_model import head_of
from simcons.scale import HIGHEST, LOWEST

_LEAST_SHARE = 1e-3  # of ratings above a threshold, as it begins: none is infinitely far


def pairwise_loss(chosen: Tensor, rejected: Tensor, ties: Tensor) -> Tensor:
    """-ln P(chosen preferred) of each comparison, P = logistic(chosen - rejected) (Bradley & Terry 1952).

    A tie counts as half a win of each: its loss is least, ln 2, where both scores are the same.
    """
    ahead = chosen - rejected
    return torch.where(ties, (softplus(-ahead) + softplus(ahead)) / 2, softplus(-ahead))


def ordinal_loss(scores: Tensor, ratings: Tensor, thresholds: Tensor) -> Tensor:
    """-ln P(rating | score) of each rating, P(rating > k) = logistic(score - thresholds[k - 1]) (McCullagh 1980).

    ratings: 1 to 7. The probability of a rating between two thresholds is written as a product, logistic(a) logistic(-b)
    (1 - exp(b - a)), which loses no digits where it is small.
    """
    place = ratings - LOWEST
    beyond = torch.full_like(thresholds[:1], torch.inf)
    edges = torch.cat([-beyond, thresholds, beyond])
    above, below = scores - edges[place], scores - edges[place + 1]
    inside = torch.log1p(-torch.exp(below - above))
    return -(logsigmoid(above) + logsigmoid(-below) + inside)


class Thresholds(nn.Module):
    """Six thresholds that rise, however they are changed: the first, and the logarithms of the gaps between them."""

    def __init__(self, ratings: Sequence[int]) -> None:
        """They begin where scores of nought have the ratings' own frequencies."""
        super().__init__()
        given = np.asarray(ratings)
        above = np.array([(given > k).mean() for k in range(LOWEST, HIGHEST)]).clip(_LEAST_SHARE, 1 - _LEAST_SHARE)
        start = torch.tensor(np.log((1 - above) / above), dtype=torch.float32)
        self.first = nn.Parameter(start[:1])
        self.gaps = nn.Parameter(start.diff().clamp(min=_LEAST_SHARE).log())

    def forward(self) -> Tensor:
        """[6], rising."""
        return torch.cat([self.first, self.first + self.gaps.exp().cumsum(0)])


class ScoreLayer(nn.Module):
    """The last layer of a reward model while it is trained: in float32 whatever comes before it, and with any thresholds.

    In bfloat16 a score has 8 bits: statements a hundredth apart would tie.
    """

    def __init__(self, layer: nn.Linear, thresholds: Thresholds | None) -> None:
        super().__init__()
        self.layer, self.thresholds = layer.float(), thresholds

    def forward(self, states: Tensor) -> Tensor:
        with torch.autocast(states.device.type, enabled=False):
            return linear(states.float(), self.layer.weight, self.layer.bias)


def put_score_layer(network: Any, thresholds: Thresholds | None) -> None:
    """Put a `ScoreLayer` in the place of the last layer of a reward model that is to be trained."""
    head = head_of(network)
    parent, name = (network, "score") if isinstance(head, nn.Linear) else (head, str(len(head) - 1))
    setattr(parent, name, ScoreLayer(getattr(parent, name), thresholds))


def trained_layer(network: nn.Module) -> ScoreLayer:
    """The `ScoreLayer` that learns; PEFT keeps another one as it was."""
    layers = (module for module in network.modules() if isinstance(module, ScoreLayer))
    return next(layer for layer in layers if layer.layer.weight.requires_grad)


def remove_score_layers(network: nn.Module) -> None:
    """Put the plain layers back, for a checkpoint that any library reads."""
    for parent in list(network.modules()):
        for name, module in list(parent.named_children()):
            if isinstance(module, ScoreLayer):
                setattr(parent, name, module.layer)
