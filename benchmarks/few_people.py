"""What predictions add to a few people, and whether the interval holds: a simulated crowd stands in for the people.

The crowd rates the statements of two arms: reranked by predicted agreement, and not. Both arms then write anew of its opinions,
and scorers predict its ratings: one that hears what the crowd hears (`reader`), the same with noise, and one that sees nothing
but lengths (`longest`). From all groups studies of 12 are drawn, with replacement; an interval holds where the mean of all groups
lies in it. The prediction's lead, which is nought but for chance, is made nought over all groups, so that this mean is what each
study estimates.

Run:  python benchmarks/few_people.py [--groups N]      Writes benchmarks/results/few_people.md
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from machine import machine

import simcons
from simcons.analysis.prediction_powered import Powered, powered
from simcons.analysis.rated import Rated
from simcons.arrays import Floats
from simcons.engines.acts import run_act
from simcons.experiments.compare.scores import key, round_scores
from simcons.experiments.few_people import (
    FewPeople,
    PeopleRound,
    Predictor,
    Slates,
    Writer,
    ahead_of_expected,
    people_rounds,
    write_anew,
)
from simcons.scenario.load import scenario_from
from simcons.seeds import stream

RESULTS = Path(__file__).parent / "results" / "few_people.md"
ARMS = ("reranked", "unranked")
STUDIES, A_STUDY = 1000, 12
NOISE = 3.0  # of a group's predicted lead, in its own SDs
SCRIPTED = {"kind": "scripted", "samples": 16, "skill": 0.8}
SCENARIO = {
    "name": "town_hall",
    "seed": 21,
    "questions": {"kind": "bank", "bank": ["core", "wider"], "split": "iid_test"},
    "design": {"group_sizes": [5], "rounds": 3, "passes": 1},
    "mediators": [
        {"arm": arm, "generator": SCRIPTED, "scorer": scorer, "select": 2}
        for arm, scorer in zip(ARMS, ("reader", "none"), strict=True)
    ],
}
HEAD = """# A few people, and predictions of them

The difference between two arms in mean agreement, in a crowd of {groups} groups that stands in for people. *r*: correlation over
groups of the difference with what is predicted of the statements that they saw beyond those that the arms write anew. *ahead*:
the mean of the latter, which is nought but for chance, with its 95% interval. Then over {studies:,} studies of {n} groups: how
often the 95% interval holds, and how many groups of people alone would tell as much (median). Made by
`benchmarks/few_people.py`.

| | r | ahead, points | people alone: held | with predictions: held | worth, groups |
|---|---:|---:|---:|---:|---:|
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=120)
    n_groups = parser.parse_args().groups
    scenario = scenario_from(SCENARIO, [f"design.groups={n_groups}"])
    with tempfile.TemporaryDirectory() as folder:
        people = FewPeople(simcons.run(scenario, out=Path(folder) / "crowd"), {arm: arm for arm in ARMS})
        leads = _leads(people)
        reader = Predictor.of(scenario, "reader")
        rounds = list(people_rounds(people, reader.plan))
        anew: Slates = {}
        for arm in ARMS:
            anew = {**anew, **run_act(write_anew(rounds, arm, Writer.of(scenario, arm)), {})}
        heard = leads.join(_ahead(rounds, anew, reader))
        lengths = leads.join(_ahead(rounds, anew, Predictor.of(scenario, "longest")))
    noisy = heard.assign(ahead=heard["ahead"] + NOISE * heard["ahead"].std() * _normal(len(heard)))
    rows = [_row(name, frame) for name, frame in (("reader", heard), ("reader, noisy", noisy), ("longest", lengths))]
    head = HEAD.format(groups=leads.index.get_level_values("session_id").nunique(), studies=STUDIES, n=A_STUDY)
    RESULTS.write_text(head + "\n".join(rows) + f"\n\n{machine('numpy', 'scipy')}\n", encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


def _leads(people: FewPeople) -> pd.DataFrame:
    """A row a round: lead, of the first arm over the second."""
    rated = Rated.of_run(people.run)
    first, second = (round_scores([rated], arm).set_index(["session_id", "round_id"])[key("agreement")] for arm in ARMS)
    return (first - second).dropna().rename("lead").to_frame()


def _ahead(rounds: list[PeopleRound], anew: Slates, predictor: Predictor) -> pd.Series[float]:
    by_arm = run_act(ahead_of_expected(rounds, anew, predictor), {}).pivot(
        index="round_id", columns="arm", values="mean"
    )
    return (by_arm[ARMS[0]] - by_arm[ARMS[1]]).rename("ahead")


def _normal(n: int) -> Floats:
    return stream(1, "few_people", "noise").normal(size=n)


def _row(name: str, rounds: pd.DataFrame) -> str:
    there = rounds.dropna()
    group = pd.factorize(there.index.get_level_values("session_id"))[0]
    whole = powered(there["lead"], there["ahead"], group)
    groups = there.groupby("session_id")[["lead", "ahead"]].mean().to_numpy()
    truth, groups = groups[:, 0].mean(), groups - [0.0, groups[:, 1].mean()]
    rng = stream(2, "few_people", name)
    drawn = [groups[rng.integers(len(groups), size=A_STUDY)] for _ in range(STUDIES)]
    found = [powered(study[:, 0], study[:, 1], range(A_STUDY)) for study in drawn]
    held = [np.mean([_holds(each, truth, both=both) for each in found]) for both in (False, True)]
    worth = np.median([each.worth or A_STUDY for each in found])
    ahead = whole.ahead
    ends = (
        "-"
        if ahead is None or ahead.interval is None
        else "{:+.2f} [{:+.2f}, {:+.2f}]".format(ahead.value, *ahead.interval)
    )
    r = "-" if whole.r is None else f"{whole.r.value:.2f}"
    return f"| {name} | {r} | {ends} | {held[0]:.3f} | {held[1]:.3f} | {worth:.0f} |"


def _holds(found: Powered, truth: float, *, both: bool) -> bool:
    estimate = found.both if both and found.both is not None else found.alone
    return estimate.interval is not None and estimate.interval[0] <= truth <= estimate.interval[1]


if __name__ == "__main__":
    main()
