"""Findings for tests of reports: single ones by hand, and whole sweeps from a small world of a few hundred rounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from simcons.analysis.findings import Finding
from simcons.seeds import stream
from simcons.welfare.isoelastic import isoelastic

RULES = {"utilitarian": 0.0, "Nash": 1.0, "Rawlsian": float("inf")}


def finding(measure: str, estimate: float, half: float | None = 0.01, **columns: Any) -> Finding:
    """One finding; ``half``: of the width of its interval. It differs from 0, with all others, where its interval does."""
    defaults = {"sweep": "noise", "parameter": "world.noise", "value": "0", "rule": "Nash", "versus": None, "n": 400}
    given = defaults | columns
    given.setdefault("position", _position(given["value"]))
    low, high = (None, None) if half is None else (estimate - half, estimate + half)
    given.setdefault("p_holm", None if half is None else 0.01 if abs(estimate) > half else 0.5)
    return Finding(measure=measure, estimate=estimate, low=low, high=high, **given)


def _position(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return float(sum(value.encode()))


def along(measure: str, estimates: dict[str, float], half: float | None = 0.01, **columns: Any) -> list[Finding]:
    """One finding a value."""
    return [finding(measure, e, half, value=value, **columns) for value, e in estimates.items()]


def sweep(name: str, values: list[str], *, numbers: bool = True) -> list[Finding]:
    """What three rules do in 400 rounds of 6 candidates and 4 people, whose scores are the noisier the later the value."""
    return [row for place, value in enumerate(values) for row in _condition(name, value, place, numbers)]


def _condition(name: str, value: str, place: int, numbers: bool) -> Iterator[Finding]:
    rng = stream(0, "report", name)
    truth = rng.uniform(1, 7, size=(400, 6, 4))
    seen = np.clip(truth + place * rng.standard_normal(truth.shape), 1, 7)
    rounds = np.arange(400)
    chosen = {rule: isoelastic(seen, alpha).argmax(axis=-1) for rule, alpha in RULES.items()}
    outcome = {rule: truth[rounds, index] for rule, index in chosen.items()}

    def row(rule: str, versus: str | None, measure: str, of: np.ndarray) -> Finding:
        half = 1.96 * float(of.std()) / 20
        position = {"position": float(place)} if not numbers else {}
        columns = {"sweep": name, "parameter": f"world.{name}", "value": value, "rule": rule, "versus": versus}
        return finding(measure, float(of.mean()), half, **columns, **position)

    for rule, u in outcome.items():
        yield row(rule, None, "mean_utility", u.mean(axis=-1))
        yield row(rule, None, "worst_off", u.min(axis=-1))
        yield row(rule, None, "minority", u[:, 0])
        yield row(rule, None, "minority_regret", truth[:, :, 0].max(axis=-1) - u[:, 0])
        for judge, alpha in RULES.items():
            best = isoelastic(truth, alpha).max(axis=-1)
            yield row(rule, judge, "regret", best - isoelastic(u, alpha))
        for other in RULES:
            if other != rule:
                yield row(rule, other, "different_winner", 1.0 * (chosen[rule] != chosen[other]))
        if rule != "utilitarian":
            reference = outcome["utilitarian"]
            yield row(rule, "utilitarian", "mean_cost", reference.mean(axis=-1) - u.mean(axis=-1))
            yield row(rule, "utilitarian", "worst_off_gain", u.min(axis=-1) - reference.min(axis=-1))
