"""Losses of reward models against theory."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from simcons.training.reward_losses import ScoreLayer, Thresholds, ordinal_loss, pairwise_loss

EDGES = torch.tensor([-2.0, -1.0, -0.2, 0.5, 1.4, 2.5])


def test_the_pairwise_loss_is_the_cross_entropy_of_the_preferred() -> None:
    """ln(1 + e^-d) by hand: d = 0: .6931, d = 2: .1269; of a tie the mean of both orders: (.1269 + 2.1269) / 2."""
    chosen, rejected = torch.tensor([1.0, 3.0, 3.0, 0.0]), torch.tensor([1.0, 1.0, 1.0, 0.0])
    loss = pairwise_loss(chosen, rejected, torch.tensor([False, False, True, True]))
    assert loss.tolist() == pytest.approx([0.6931, 0.1269, 1.1269, math.log(2)], abs=1e-4)


def test_the_ordinal_loss_is_that_of_a_distribution_over_seven_ratings() -> None:
    scores = torch.linspace(-6, 6, 25)
    likely = torch.stack([(-ordinal_loss(scores, torch.full((25,), rating), EDGES)).exp() for rating in range(1, 8)])
    assert likely.sum(0).tolist() == pytest.approx([1.0] * 25, abs=1e-5)
    above = torch.sigmoid(scores - EDGES[2])  # P(rating > 3)
    assert likely[3:].sum(0).tolist() == pytest.approx(above.tolist(), abs=1e-5)


def test_the_ordinal_loss_loses_nothing_far_from_the_thresholds() -> None:
    scores = torch.tensor([-40.0, 40.0, 200.0], requires_grad=True)
    loss = ordinal_loss(scores, torch.tensor([7, 1, 3]), EDGES)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(scores.grad).all()
    assert loss[0].item() == pytest.approx(42.5, abs=0.1)


def test_thresholds_are_recovered() -> None:
    """Ratings drawn by known thresholds from known scores: six numbers from 20,000 ratings, each within four standard errors."""
    rng = np.random.default_rng(0)
    scores = torch.tensor(rng.normal(size=20_000), dtype=torch.float32)
    ratings = torch.tensor(1 + (scores[:, None].numpy() + rng.logistic(size=(20_000, 1)) > EDGES.numpy()).sum(1))
    thresholds = Thresholds([4] * 10 + [1, 2, 3, 5, 6, 7])  # not those of the ratings
    optimizer = torch.optim.LBFGS(thresholds.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = ordinal_loss(scores, ratings, thresholds()).mean()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert thresholds().tolist() == pytest.approx(EDGES.tolist(), abs=0.1)


def test_thresholds_begin_at_the_frequencies_of_ratings() -> None:
    ratings = [1] * 10 + [3] * 30 + [4] * 20 + [7] * 40
    likely = [
        (-ordinal_loss(torch.zeros(1), torch.tensor([k]), Thresholds(ratings)())).exp().item() for k in (1, 3, 4, 7)
    ]
    assert likely == pytest.approx([0.1, 0.3, 0.2, 0.4], abs=0.01)
    assert (Thresholds([4, 4])().diff() > 0).all()


def test_scores_are_worked_out_in_float32() -> None:
    layer = ScoreLayer(nn.Linear(8, 1), None)
    states = torch.randn(3, 8, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(layer(states), layer.layer.float()(states.float())) is False  # autocast rounds a plain layer
        scores = layer(states)
    assert scores.dtype == torch.float32
    assert torch.equal(scores, layer.layer(states))
