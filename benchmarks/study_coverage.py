"""How often 95% intervals hold in whole simulated studies of few groups that have one round each.

Many small studies, of people, scripts and ratings as any other has: an arm whose script says what the group shares, one whose
script does not, and one between. Groups are recruited and play apart, so that any few of them, whichever study they are from,
make one more, whose intervals are held against the number of all groups. How it ended for people is told of each study as it
was, since it goes by who else was there. `benchmarks/interval_coverage.py` has studies of more rounds a group, whose numbers
are drawn and not simulated.

Run:  python benchmarks/study_coverage.py [--studies 120]      Writes benchmarks/results/study_coverage.md
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
from machine import machine
from tables import markdown

import simcons
from simcons.analysis.comparisons import lead
from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate, ratios, trials
from simcons.arrays import Floats
from simcons.records import Outcome
from simcons.seeds import stream
from simcons.storage.load import Run

RESULTS = Path(__file__).parent / "results" / "study_coverage.md"
SKILLS = {"good": 1.0, "middling": 0.5, "poor": 0.0}
PAIRS = (("good", "poor"), ("good", "middling"), ("middling", "poor"))
SMALL = (4, 6, 8, 12, 30)
DRAWN = 4000
GROUPS = 8  # of each study that is simulated


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=120, help=f"of {GROUPS} groups, 120 by default")
    found = [studied(seed) for seed in range(parser.parse_args().studies)]
    rounds, ended = (pd.concat(parts) for parts in zip(*found, strict=True))
    of_groups = [row(name, values) for name, values in figures(rounds).items()]
    of_people = [outcome_row(str(name), counts) for name, counts in ended.groupby("outcome") if counts["n"].any()]
    text = page(len(rounds), len(found), of_groups, of_people)
    print(text)
    RESULTS.write_text(text, encoding="utf-8")


def studied(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What a study says of its groups, and how it ended for its people."""
    arms = [
        {"arm": arm, "generator": {"kind": "scripted", "samples": 1, "skill": skill}, "select": 1}
        for arm, skill in SKILLS.items()
    ]
    study = {"name": "coverage", "seed": seed, "mediators": arms, "design": {"groups": GROUPS, "rounds": 1}}
    with tempfile.TemporaryDirectory() as folder:
        run = simcons.run(study, out=Path(folder) / "run")
        return scores(run), outcomes(run)


# --- numbers of groups -----------------------------------------------------------------------------------------------


def scores(run: Run) -> pd.DataFrame:
    """Scores of each arm in the one round of each group that rated statements of all arms: columns measure and arm."""
    rounds = Rated.of_run(run).rounds()
    return rounds.pivot_table(index="session_id", columns="arm", values=["mean", "lowest"]).dropna()


def figures(rounds: pd.DataFrame) -> Mapping[str, Floats]:
    """By name, a number for each group, whose mean is printed with an interval."""
    means = {f"mean rating, {arm}": rounds["mean", arm] for arm in SKILLS}
    leads = {
        (measure, first, second): lead(rounds[measure, first], rounds[measure, second])
        for measure in ("mean", "lowest")
        for first, second in PAIRS
    }
    differences = {f"difference of the {measure}, {a} - {b}": of for (measure, a, b), of in leads.items()}
    wins = {
        f"share won, {a} over {b}": (np.sign(of) + 1) / 2 for (measure, a, b), of in leads.items() if measure == "mean"
    }
    return {name: of.to_numpy(dtype=np.float64) for name, of in {**means, **differences, **wins}.items()}


def row(name: str, values: Floats) -> list[str]:
    deviations = (values - values.mean()) / values.std()
    return [name, f"{values.mean():.2f}", f"{(deviations**3).mean():.1f}", *(cell(name, values, n) for n in SMALL)]


def cell(name: str, values: Floats, n_groups: int) -> str:
    rng = stream(0, "study coverage", n_groups)
    picks = np.array([rng.choice(len(values), n_groups, replace=False) for _ in range(DRAWN)]).T
    shares = np.full(DRAWN, name.startswith("share"))
    return coverage(ratios(values[picks], np.ones_like(values[picks]), shares=shares), values.mean())


def coverage(estimates: Sequence[Estimate | None], true: float) -> str:
    """In studies that have an interval, and the share without one."""
    there = [one.interval for one in estimates if one is not None and one.interval is not None]
    none = 1 - len(there) / len(estimates)
    covered = np.mean([low <= true <= high for low, high in there])
    return f"{covered:.3f}" + (f" ({none:.0%} none)" if none >= 0.005 else "")


# --- how it ended for people -----------------------------------------------------------------------------------------


def outcomes(run: Run) -> pd.DataFrame:
    """The share of the people recruited for whom it ended so, as analyses estimate it, for every outcome that there is."""
    n = len(run.participants)
    ended = run.participants["outcome"].value_counts().reindex(get_args(Outcome), fill_value=0)
    return pd.DataFrame({"outcome": ended.index, "n": ended.to_numpy(), "of": n})


def outcome_row(name: str, counts: pd.DataFrame) -> list[str]:
    true = counts["n"].sum() / counts["of"].sum()
    estimates = [trials(int(n), int(of)) for n, of in zip(counts["n"], counts["of"], strict=True)]
    spread = (counts["n"] - true * counts["of"]).var() / (true * (1 - true) * counts["of"]).mean()
    return [name, f"{true:.3f}", coverage(estimates, true), f"{spread:.1f}"]


# --- the page --------------------------------------------------------------------------------------------------------


def page(n_groups: int, n_studies: int, of_groups: list[list[str]], of_people: list[list[str]]) -> str:
    parts = [
        "# Coverage of 95% intervals in simulated studies of groups of one round",
        machine("numpy", "scipy"),
        "`python benchmarks/study_coverage.py`",
        (
            f"{DRAWN:,} small studies a cell, each of so many groups of the {n_groups:,} that rated statements of all three"
            " scripts in their one round; truth: of all. Skewness: of the numbers of the groups. The standard error of a coverage"
            " of .95 is .0034, not counting that all groups are themselves a sample."
        ),
        markdown(["figure", "truth", "skewness", *(f"{n} groups" for n in SMALL)], of_groups),
        "## How it ended for people",
        (
            f"Of {n_studies} studies of {GROUPS} groups as they were recruited: the share of people for whom it ended so, with"
            " the interval of as many independent trials as people. Variance: of the number in a study, over that of independent"
            " people."
        ),
        markdown(["outcome", "truth", "coverage", "variance"], of_people),
    ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
