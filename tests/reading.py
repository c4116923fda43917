"""Networks of trained readers that are small enough to follow by hand, or drawn at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simcons.questions.claim_phrases import N_LIKENESS
from simcons.questions.small_network import SmallNetwork
from simcons.questions.trained_reader import N_ANSWERS, N_CLAIM_FEATURES, N_STANCES, N_VERDICT_FEATURES, Heads
from simcons.questions.trained_weights import ReaderWeights

_SMALL = 1e-4  # tanh(x) is x there


def linear(n_features: int, logits: Sequence[Mapping[int, float]], bias: Sequence[float]) -> SmallNetwork:
    """A small network whose logits are weighted sums of features."""
    n_answers = len(logits)
    hidden = np.zeros((n_answers, n_features + 1))
    for answer, weights in enumerate(logits):
        hidden[answer, list(weights)] = list(weights.values())
    out = np.concatenate([np.eye(n_answers) / _SMALL, np.asarray(bias, dtype=float)[:, None]], axis=1)
    return SmallNetwork(np.zeros(n_features), np.ones(n_features), _SMALL * hidden, out)


def plain_heads(*, found: float = 0.5, sided: float = 0.5) -> Heads:
    """What the network hears, as it is."""
    claims = linear(N_CLAIM_FEATURES, [{k: 1} for k in range(N_STANCES)], [0] * N_STANCES)
    verdict = linear(N_VERDICT_FEATURES, [{k: 1} for k in range(N_ANSWERS)], [0] * N_ANSWERS)
    return Heads(claims, verdict, found, sided)


def random_heads(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The small arrays of a reader's file, drawn at random."""
    sizes = {"claims": (N_CLAIM_FEATURES, N_STANCES), "verdict": (N_VERDICT_FEATURES, N_ANSWERS)}
    arrays: dict[str, np.ndarray] = {"thresholds": np.array([0.5, 0.4], dtype=np.float32)}
    for name, (n_features, n_answers) in sizes.items():
        hidden, out = rng.normal(size=(5, n_features + 1)), rng.normal(size=(n_answers, 6))
        arrays |= SmallNetwork(np.zeros(n_features), np.ones(n_features), hidden, out).arrays(name)
    return arrays


def random_weights(seed: int = 0) -> ReaderWeights:
    """A reader's weights that know no question, and with one array of the network's body changed."""
    rng = np.random.default_rng(seed)
    body = {"verdict.3.weight": rng.normal(scale=2, size=(N_ANSWERS, 384)).astype(np.float16)}
    body |= {"likeness_mean": np.zeros(N_LIKENESS, np.float16), "likeness_scale": np.ones(N_LIKENESS, np.float16)}
    return ReaderWeights(body, random_heads(rng), [], [])
