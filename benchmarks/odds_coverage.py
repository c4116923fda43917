"""How often 95% intervals of log odds between two arms hold them, with and without random effects.

Groups of 4 people rate one statement of either arm in each of 3 rounds, on 1-7, by a cumulative-logit model in which people,
statements, groups and rounds differ. The model without random effects (`simcons.analysis.mixed_model.ordinal_logit`) is asked
for the log odds on all people and statements, which an endless study of it has; the one with them (`mixed_ordinal_logit`) for
those that were planted. A fit with random effects takes seconds, so its studies are few and its cells are measured one by one.

Run:  python benchmarks/odds_coverage.py [--model fixed|mixed] [--groups 4 6 12 30] [--studies N]
Writes the cells measured into benchmarks/results/odds_coverage.md and keeps the others.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from machine import machine
from scipy.stats import norm
from tables import markdown, rows_of

from simcons.analysis.mixed_model import ArmEffect, OrdinalFit, mixed_ordinal_logit, ordinal_logit
from simcons.seeds import stream

RESULTS = Path(__file__).parent / "results" / "odds_coverage.md"
TITLE = "By model, effect and number of groups"
HEAD = [
    "model, planted log odds, groups",
    "studies",
    "truth",
    "coverage",
    "by the normal",
    "error / spread",
    "no fit",
]
GROUPS, ENDLESS = (4, 6, 12, 30), 20_000
ROUNDS, PEOPLE = 3, 4
THRESHOLDS = (-2.5, -1.5, -0.7, 0.0, 0.8, 1.8)
SPREAD = {"person": 1.0, "statement": 0.7, "group": 0.5, "round": 0.5}
EFFECTS = (0.0, 0.8)
FITS: dict[str, tuple[Callable[..., OrdinalFit], int]] = {
    "fixed": (ordinal_logit, 300),
    "mixed": (mixed_ordinal_logit, 40),
}


def study(rng: np.random.Generator, n_groups: int, effect: float) -> pd.DataFrame:
    """Arm b is better by ``effect``."""
    rows = pd.MultiIndex.from_product([range(n_groups), range(ROUNDS), range(PEOPLE), ["a", "b"]]).to_frame(index=False)
    rows.columns = pd.Index(["group", "round", "seat", "arm"])
    rows["person"] = rows["group"] * PEOPLE + rows["seat"]
    rows["round"] += ROUNDS * rows["group"]
    rows["statement"] = 2 * rows["round"] + (rows["arm"] == "b")
    latent = effect * (rows["arm"] == "b").to_numpy() + rng.logistic(size=len(rows))
    for factor, sd in SPREAD.items():
        latent += rng.normal(0, sd, rows[factor].max() + 1)[rows[factor]]
    return rows.assign(rating=np.searchsorted(THRESHOLDS, latent) + 1)


def truth(model: str, planted: float) -> float:
    """What is asked for: the planted effect, or that on all people and statements."""
    if model == "mixed":
        return planted
    endless = study(stream(0, "odds coverage", "endless", str(planted)), ENDLESS, planted)
    counts = endless.groupby(["rating", "arm", "group"], as_index=False).size().rename(columns={"size": "n"})
    return ordinal_logit(counts).effects[0].value


def cell(model: str, planted: float, n_groups: int, n_studies: int) -> list[str]:
    fit, _ = FITS[model]
    found: list[ArmEffect] = []
    for number in range(n_studies):
        rows = study(stream(0, "odds coverage", str(planted), n_groups, number), n_groups, planted)
        found += fit(rows, against="a").effects
    true = truth(model, planted)
    values, errors = np.array([(one.value, one.error) for one in found]).T
    within = np.mean([one.interval[0] <= true <= one.interval[1] for one in found])
    by_normal = np.mean(np.abs(values - true) <= norm.ppf(0.975) * errors)
    ratio = np.sqrt(np.mean(errors**2)) / np.std(values, ddof=1)
    measured = [
        f"{n_studies}",
        f"{true:.2f}",
        f"{within:.3f}",
        f"{by_normal:.3f}",
        f"{ratio:.2f}",
        f"{n_studies - len(found)}",
    ]
    return [name(model, planted, n_groups), *measured]


def name(model: str, planted: float, n_groups: int) -> str:
    return f"{model}, {planted}, {n_groups}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=list(FITS), nargs="+", default=list(FITS))
    parser.add_argument("--effect", type=float, choices=EFFECTS, nargs="+", default=list(EFFECTS))
    parser.add_argument("--groups", type=int, choices=GROUPS, nargs="+", default=list(GROUPS))
    parser.add_argument("--studies", type=int, help="of a cell; by default 300 without random effects, and 40 with")
    given = parser.parse_args()
    for model, planted, n_groups in cells(given.model, given.effect, given.groups):
        row = cell(model, planted, n_groups, given.studies or FITS[model][1])
        print(" | ".join(row), flush=True)
        RESULTS.write_text(page({**rows_of(RESULTS, TITLE), row[0]: row}), encoding="utf-8")


def cells(models: list[str], effects: list[float], groups: list[int]) -> Iterator[tuple[str, float, int]]:
    return ((model, planted, n) for model in models for planted in effects for n in groups)


def page(rows: dict[str, list[str]]) -> str:
    order = [name(*one) for one in cells(list(FITS), list(EFFECTS), list(GROUPS))]
    parts = [
        "# Coverage of 95% intervals of log odds",
        machine("numpy", "statsmodels", "interlace-lme"),
        "`python benchmarks/odds_coverage.py`",
        (
            f"Studies of groups of {PEOPLE} who rate a statement of either arm in each of {ROUNDS} rounds. Intervals are those"
            " of t on groups - 1; the next column has what those of the normal distribution would hold, where it was measured."
            " Error / spread: root mean square of the standard errors over the standard deviation of the estimates, which is 1 if"
            " the errors are right. The standard error of a coverage of .95 is .013 in 300 studies, .034 in 40."
        ),
        f"## {TITLE}",
        markdown(HEAD, [rows[one] for one in order if one in rows]),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
