"""What reranking gains where people hear by the reader that scores, and where they hear by another.

The study `different_ears` is run once for each reader of people, with an arm for each reader of a scorer, on the same
opinions and candidates. The gain of an arm is the true mean agreement with the statement it picks less that with all
candidates of the round, so that a random pick gains nothing.

Run:  python benchmarks/different_ears.py [--groups N]      Writes benchmarks/results/different_ears.md
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from machine import machine

import simcons
from simcons.analysis.resampling import Estimate, mean
from simcons.engines.base import Engine, Identity, OnReply, Reply, Request
from simcons.engines.load import load_engines
from simcons.report.intervals import points
from simcons.scenario.load import load_scenario

RESULTS = Path(__file__).parent / "results" / "different_ears.md"
EARS = {"words": {"kind": "rules", "matching": "words"}, "meaning": {"kind": "rules", "matching": "both"}}
WRITERS = {
    "a language model, in words of its own": {
        "kind": "language_model",
        "engine": "small",
        "prompt": "zero_shot",
        "samples": 8,
        "sampling": {"temperature": 0.6, "min_p": 0.1, "max_tokens": 80},
    },
    "the script, in the bank's words": {"kind": "scripted", "samples": 8},
}


class Remembering:
    """An engine that is asked each request once, whatever study asks it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._replies: dict[Request, Reply] = {}

    @property
    def identity(self) -> Identity:
        return self._engine.identity

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        new = [request for request in dict.fromkeys(requests) if request not in self._replies]
        self._replies |= zip(new, self._engine.complete(new), strict=True)
        return [self._replies[request] for request in requests]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=30, metavar="N", help="groups of five people, two rounds each")
    groups = parser.parse_args().groups
    engines = load_engines(load_scenario("different_ears").engines, {"small"})
    remembering = {name: Remembering(engine) for name, engine in engines.items()}
    sections = [section(writer, generator, groups, remembering) for writer, generator in WRITERS.items()]
    text = "\n".join([HEAD.format(groups=groups), *sections, f"\n{machine('torch', 'transformers')}\n"])
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


HEAD = """# Different ears

Points of true mean agreement that picking one of eight candidates gains over a random pick, by the reader that people hear
by (rows) and that the scorer reads by (columns), with 95% intervals over {groups} groups of five in two rounds. *Oracle*:
the best of the eight by the truth itself. Made by `benchmarks/different_ears.py`.
"""


def section(writer: str, generator: dict[str, object], groups: int, engines: dict[str, Remembering]) -> str:
    """The table of one writer of candidates."""
    lines = [f"## Candidates by {writer}", "", f"| people hear by | {' | '.join(EARS)} | oracle |"]
    lines.append("|---" * (len(EARS) + 2) + "|")
    for judge in EARS:
        by_arm = gains(judge, generator, groups, engines)
        lines.append(f"| {judge} | {' | '.join(points(by_arm[arm]) for arm in [*EARS, 'oracle'])} |")
    return "\n".join([*lines, ""])


def gains(
    judge: str, generator: dict[str, object], groups: int, engines: dict[str, Remembering]
) -> dict[str, Estimate]:
    """By arm, where people hear by the reader ``judge``."""
    arms = [{"arm": ear, "generator": generator, "scorer": f"by_{ear}", "select": 1} for ear in EARS]
    changes = {
        "design.groups": groups,
        "participants.reader": judge,
        "readers": EARS,
        "scorers": {f"by_{ear}": {"kind": "reader", "reader": ear} for ear in EARS},
        "mediators": [*arms, {"arm": "oracle", "generator": generator, "scorer": "oracle", "select": 1}],
    }
    with tempfile.TemporaryDirectory() as folder:
        used = engines if generator["kind"] == "language_model" else {}
        return gains_in(simcons.run("different_ears", overrides=changes, out=Path(folder) / "run", engines=used))


def gains_in(run: simcons.Run) -> dict[str, Estimate]:
    """By arm of a run."""
    truth = run.truth("appraisals").groupby(["round_id", "candidate_id"])["agreement"].mean().rename("agreement")
    pools = truth.groupby("round_id").mean().rename("pool")
    picks = run.selections.merge(truth, on=["round_id", "candidate_id"]).merge(pools, on="round_id")
    picks = picks.merge(run.rounds[["round_id", "session_id"]], on="round_id")
    return {arm: _gain(rows) for arm, rows in picks.groupby("arm")}


def _gain(rows: pd.DataFrame) -> Estimate:
    return mean(rows["agreement"] - rows["pool"], pd.factorize(rows["session_id"])[0])


if __name__ == "__main__":
    main()
