"""How often the bounds of `simcons plan` hold a study that is then run: 95% are promised.

Some forecasts of the shipped study of baselines (60 groups, scripted mediators), each with a rehearsal of its own, are held
against studies run in whole under other seeds. Each forecast meets each study.

Run:  python benchmarks/plan_coverage.py [--forecasts 8] [--studies 24]      Writes benchmarks/results/plan_coverage.md
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import numpy as np
from machine import machine

import simcons
from simcons.experiments.forecast.run import REPLICATIONS, SESSIONS, Forecast, forecast
from simcons.records import Outcome
from simcons.scenario.load import load_scenario
from simcons.storage.load import Run

RESULTS = Path(__file__).parent / "results" / "plan_coverage.md"
STUDY = "paper_baselines"
LABELS = {
    "recruited": "people recruited",
    "no_show": "no-shows",
    "gave_up_waiting": "gave up waiting",
    "dropped_out": "dropped out of a session",
    "finished": "finished",
    "complete": "complete groups",
    "rounds": "complete rounds",
    "launches": "launches",
    "hours": "hours to the last session",
    "pay": "pay in GBP",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forecasts", type=int, default=8)
    parser.add_argument("--studies", type=int, default=24)
    given = parser.parse_args()
    began = time.perf_counter()
    forecasts = [forecast(load_scenario(STUDY, [f"seed={seed}"])) for seed in range(given.forecasts)]
    seconds = (time.perf_counter() - began) / given.forecasts
    studies = [_study(1000 + seed) for seed in range(given.studies)]
    text = "\n".join(_page(forecasts, studies, seconds)) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def _study(seed: int) -> Mapping[str, float]:
    """What a study took, by the names of a forecast's amounts."""
    with TemporaryDirectory() as folder:
        return _taken(simcons.run(STUDY, seed=seed, out=folder))


def _taken(run: Run) -> Mapping[str, float]:
    people, sessions = run.participants, run.sessions
    outcomes = people["outcome"].value_counts()
    return {
        **{name: float(outcomes.get(name, 0)) for name in get_args(Outcome)},
        "recruited": float(len(people)),
        "complete": float((sessions["outcome"] == "finished").sum()),
        "rounds": float(sessions["n_rounds"].sum()),
        "launches": float(people["launch"].nunique()),
        "hours": float(sessions["ended_at"].max() / 3600),
        "pay": float(people["pay_gbp"].sum()),
    }


def _page(forecasts: Sequence[Forecast], studies: Sequence[Mapping[str, float]], seconds: float) -> Iterator[str]:
    yield "# Forecasts against studies"
    yield f"\n{machine('numpy', 'simpy')}\n"
    yield (
        f"`python benchmarks/plan_coverage.py`: {len(forecasts)} forecasts of {STUDY} (60 groups), each from {SESSIONS} rehearsed"
        f" sessions and {REPLICATIONS} replications, against {len(studies)} studies run in whole under other seeds; each forecast"
        f" meets each study. Bounds are to hold 95%. A forecast took {seconds:.0f} s beside other work.\n"
    )
    yield "| | forecast, mean | bounds, mean | studies, mean | studies within the bounds |"
    yield "|---|---:|---:|---:|---:|"
    held = []
    for name, label in LABELS.items():
        amounts = [made.amount(name) for made in forecasts]
        values = np.array([study[name] for study in studies])
        within = np.mean([(values >= a.low - 1e-9) & (values <= a.high + 1e-9) for a in amounts])
        held.append(within)
        low, high = (np.mean([getattr(a, end) for a in amounts]) for end in ("low", "high"))
        yield (
            f"| {label} | {np.mean([a.value for a in amounts]):,.1f} | {low:,.1f} to {high:,.1f} | {values.mean():,.1f} |"
            f" {within:.0%} |"
        )
    yield f"\nOver all of these {np.mean(held):.1%} of studies lie within the bounds of their forecast."


if __name__ == "__main__":
    main()
