"""Ratings that people give over the API of `simcons serve` against those that the same people gave in a study.

A study is run; then each rating of its first pass is asked for again in a chat, once with all that the person had before them
(the question, their own opinion, the others' opinions), once with the question and the statement alone. Intervals are clustered
by session.

Run:  python benchmarks/served_people.py [--groups N]      Writes benchmarks/results/served_people.md
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from machine import machine

import simcons
from simcons.analysis.resampling import Estimate, mean, statistic
from simcons.arrays import Floats
from simcons.engines.acts import run_act
from simcons.scenario.load import load_scenario
from simcons.serve.service import Service
from simcons.serve.wire import read_request
from simcons.storage.load import Run

RESULT = Path(__file__).parent / "results" / "served_people.md"
SCENARIO = "paper_baselines"
SETTINGS = ("readers.reader.matching=words", "participants.behaviour.no_opinion=0")
KEY = ["round_id", "participant_id", "candidate_id"]


@dataclass(frozen=True)
class Asked:
    """One rating of a study, as it is asked for again."""

    who: str
    question: str
    statement: str
    own: str
    others: list[str]

    @property
    def in_full(self) -> list[dict[str, str]]:
        form = {"question": self.question, "statement": self.statement, "opinions": self.others}
        turns = [("user", self.question), ("assistant", self.own), ("user", json.dumps(form))]
        return [{"role": role, "content": text} for role, text in turns]

    @property
    def alone(self) -> list[dict[str, str]]:
        text = f"Question: {self.question}\nStatement: {self.statement}\n\nHow far do you agree, from 1 to 7?"
        return [{"role": "user", "content": text}]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--groups", type=int, default=12)
    given = parser.parse_args()
    settings = [f"design.groups={given.groups}", *SETTINGS]
    with tempfile.TemporaryDirectory() as folder:
        run = simcons.run(SCENARIO, overrides=settings, out=Path(folder) / "study")
        service = Service(load_scenario(SCENARIO, settings))
        ratings = rated_twice(run)
        asked = list(as_asked(run, ratings))
    began = time.process_time()
    ratings["in_full"] = [rating(service, one.who, one.in_full) for one in asked]
    ratings["alone"] = [rating(service, one.who, one.alone) for one in asked]
    each = (time.process_time() - began) / (2 * len(asked))
    RESULT.write_text("\n".join(lines(ratings, each, given.groups)) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


def rated_twice(run: Run) -> pd.DataFrame:
    """Statements rated in both passes by people who wrote an opinion: agreement in each."""
    given = run.ratings.dropna(subset=["agreement"]).pivot(index=KEY, columns="pass_index", values="agreement").dropna()
    given = given.rename(columns={1: "first", 2: "second"}).reset_index()
    wrote = run.opinions.set_index(["round_id", "participant_id"]).index
    given = given[given.set_index(["round_id", "participant_id"]).index.isin(wrote)]
    sessions = run.rounds.set_index("round_id")["session_id"]
    return given.assign(session=pd.factorize(given["round_id"].map(sessions))[0]).reset_index(drop=True)


def as_asked(run: Run, ratings: pd.DataFrame) -> Iterator[Asked]:
    questions = run.rounds.set_index("round_id")["question"]
    statements = run.candidates.set_index("candidate_id")["text"]
    opinions = {name: rows.set_index("participant_id")["text"] for name, rows in run.opinions.groupby("round_id")}
    for row in ratings.itertuples():
        said = opinions[row.round_id]
        yield Asked(
            who=f"persona-{int(row.participant_id[1:]):04d}",
            question=questions[row.round_id],
            statement=statements[row.candidate_id],
            own=said[row.participant_id],
            others=said.drop(row.participant_id).tolist(),
        )


def rating(service: Service, who: str, messages: list[dict[str, str]]) -> int:
    request = read_request(json.dumps({"model": who, "messages": messages}).encode())
    answer = run_act(service.reply(request), service.engines).understood["asked"][0]["rating"]
    return int(answer)


def lines(ratings: pd.DataFrame, seconds: float, groups: int) -> Iterator[str]:
    yield "# People in chats against the same people in a study"
    yield ""
    yield f"{machine('numpy', 'pandas')}"
    yield ""
    yield f"`python benchmarks/served_people.py`: {SCENARIO}, {groups} groups, {len(ratings):,} ratings of agreement asked for"
    yield f"again; {1000 * seconds:.1f} ms of processor time each. Intervals of 95%, clustered by session."
    yield ""
    yield "| rating | mean | r with the study's first pass |"
    yield "|---|---:|---:|"
    names = {
        "first": "the study, first pass",
        "second": "the study, second pass",
        "in_full": "chat: own and others' opinions",
        "alone": "chat: question and statement alone",
    }
    for column, name in names.items():
        r = None if column == "first" else correlation(ratings["first"], ratings[column], ratings["session"])
        yield f"| {name} | {shown(mean(ratings[column], ratings['session']))} | {'' if r is None else shown(r)} |"


def correlation(first: pd.Series, second: pd.Series, session: pd.Series) -> Estimate | None:
    """Pearson's, from sums over sessions."""
    columns = pd.DataFrame({"n": 1.0, "x": first, "y": second, "xx": first**2, "yy": second**2, "xy": first * second})
    sums = columns.groupby(session).sum().to_numpy()

    def of(sums: Floats) -> Floats:
        n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
        return np.asarray((xy - x * y / n) / np.sqrt((xx - x**2 / n) * (yy - y**2 / n)))

    return statistic(of, sums)


def shown(estimate: Estimate | None) -> str:
    if estimate is None or estimate.interval is None:
        return "-"
    return f"{estimate.value:.2f} [{estimate.interval[0]:.2f}, {estimate.interval[1]:.2f}]"


if __name__ == "__main__":
    main()
