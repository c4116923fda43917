"""Two pipelines on the same people: what the second run costs, what pairing is worth, and how often a gate errs.

* paper_baselines compared with itself under another scorer, rule and number of candidates: processor seconds, against its own
  first run and against a run alone.
* People played by a language model (scripted, as calls are counted and not timed): calls asked for the second run.
* The pairing: how many times as many groups unpaired studies would need for an interval as narrow, measure by measure.
* A gate on three measures by either rule: 500 runs of 20 groups without a change, and 500 of each kind with harm planted.
* The same gate on six pipelines that are really worse: 500 runs of 20 and of 60 groups each, drawn from 240 that have met both.

Run:  python benchmarks/paired_comparison.py [--quick]      Writes benchmarks/results/paired_comparison.md
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from machine import machine

import simcons
from simcons.experiments.compare.both import Watching
from simcons.experiments.compare.run import Comparison, run_compare
from simcons.experiments.gate.pools import SelfCheck, pool_of, tried
from simcons.messages import Message
from simcons.report.compare import markdown_table, name_of
from simcons.report.gate import self_check_findings, self_check_table, worse_findings, worse_table
from simcons.report.intervals import share
from simcons.report.tables import Table
from simcons.runs.shared import Shared
from simcons.scenario.gate import GateRule, GateSettings

RESULTS = Path(__file__).parent / "results" / "paired_comparison.md"
UNRANKED = {"mediators.0.scorer": "none"}
CHANGES = {
    "another scorer": UNRANKED,
    "another rule": {"mediators.0.welfare.alpha": 2},
    "half the candidates": {"mediators.0.generator.samples": 8},
}
ALONE, REPEATS = "alone", 3
RULES: tuple[GateRule, ...] = ("not_shown_worse", "shown_not_worse")
METRICS = [
    {"measure": "agreement", "margin": "0.1 points"},
    {"measure": "unanimous", "margin": "5%"},
    {"measure": "agreement", "margin": "0.2 points", "subset": "minority"},
]
ONE_ARM = {
    "name": "one_arm",
    "seed": 2,
    "questions": {"kind": "bank", "bank": ["core", "wider"], "split": "iid_test"},
    "design": {"groups": 20, "group_sizes": [5], "rounds": 3},
    "mediators": [
        {"arm": "ours", "generator": {"kind": "scripted", "samples": 16, "skill": 0.8}, "scorer": "reader", "select": 2}
    ],
}
WORSE = {
    "less_skill": {"mediators.0.generator.skill": 0.6},
    "half_the_skill": {"mediators.0.generator.skill": 0.4},
    "unscored": {"mediators.0.scorer": "none"},
    "one_candidate": {"mediators.0.generator.samples": 1, "mediators.0.select": 1},
    "one_left_out": {"design.omissions": [1]},
    "two_left_out": {"design.omissions": [2]},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="6 groups, nothing written: to see that it works")
    parser.add_argument("--measure", nargs=2, metavar=("WHAT", "GROUPS"), help="processor seconds of one, and no more")
    given = parser.parse_args()
    if given.measure is not None:
        print(json.dumps(processor_seconds(given.measure[0], groups=int(given.measure[1]))))
        return
    quick, told = given.quick, []
    with tempfile.TemporaryDirectory() as folder:
        for line in lines(Path(folder), groups=6 if quick else 60, n_runs=200 if quick else 500):
            print(line, flush=True)
            told.append(line)
    if not quick:
        RESULTS.write_text("\n".join([*told, ""]), encoding="utf-8")


def lines(folder: Path, *, groups: int, n_runs: int) -> Iterator[str]:
    yield f"Measured on {machine('numpy', 'pandas')}; processor seconds."
    yield ""
    yield f"* paper_baselines, {groups} groups, compared with itself under a change, both runs written and all differences worked"
    yield f"  out; once against its own first run, and the least of {REPEATS} processes against the least for a run alone:"
    for name in CHANGES:
        yield f"  * {name}: {against_first(*measured(name, groups))};"
        both, alone = least_seconds(name, groups), least_seconds(ALONE, groups)
        yield f"    {both:.1f} s and {alone:.1f} s alone, {both / alone:.2f} times"
    yield ""
    yield from markdown_table(
        worth(run_compare("paper_baselines", overrides=UNRANKED, groups=groups, out=folder / "unranked"))
    )
    yield ""
    yield from of_calls(folder)
    settings = gate(groups=max(groups // 3, 4), n_runs=n_runs)
    pool = pool_of(settings, out=folder / "pool")
    for rule in RULES:
        yield from of_gate(tried(settings.model_copy(update={"rule": rule}), pool))
    yield from of_worse(folder, n_pool=4 * groups, n_runs=n_runs)


def least_seconds(what: str, groups: int) -> float:
    """Of several processes, as a busy neighbour makes one take longer, and none take less."""
    return min(sum(measured(what, groups)) for _ in range(REPEATS))


def measured(what: str, groups: int) -> list[float]:
    """`processor_seconds` of a process of its own."""
    command = [sys.executable, __file__, "--measure", what, str(groups)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def against_first(first: float, second: float, differences: float) -> str:
    times = (first + second + differences) / first
    return f"first run {first:.1f} s, second {second:.1f} s, differences {differences:.1f} s, {times:.2f} times the first run"


def processor_seconds(what: str, *, groups: int) -> list[float]:
    """Of one run; or of the first run, the second and the differences of a comparison with a change.

    A comparison on other questions comes before: what is loaded once a process is there. The first run goes until the second
    begins.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, others = Path(name), {"kind": "bank", "bank": "core", "split": "ood_test"}
        run_compare({**ONE_ARM, "questions": others}, overrides=UNRANKED, groups=2, out=folder / "warm")
        times = [time.process_time()]

        def mark(event: Path | Message) -> None:
            if isinstance(event, Path) or event.text == "Comparing":
                times.append(time.process_time())

        if what == ALONE:
            simcons.run("paper_baselines", overrides={"design.groups": groups}, out=folder / "run")
            return [time.process_time() - times[0]]
        watching = Watching(on_begin=mark, on_message=mark)
        run_compare("paper_baselines", overrides=CHANGES[what], groups=groups, out=folder / "run", watching=watching)
        began, _, second, both = times
        return [second - began, both - second, time.process_time() - both]


def worth(comparison: Comparison) -> Table:
    """How many times as many groups would be needed without pairing."""
    rows = [
        (name_of(row.measure), "-" if row.narrower is None else f"{row.narrower:.1f}") for row in comparison.overall
    ]
    return Table("", ("measure", "groups needed without pairing, times"), tuple(rows))


def of_calls(folder: Path) -> Iterator[str]:
    """Model calls of a run, and those that the change still asks after it."""
    arm = {"arm": "ours", "generator": {"kind": "language_model", "engine": "m", "samples": 4}, "scorer": "longest"}
    study = {
        "name": "played",
        "questions": {"kind": "bank", "bank": "core", "topics": ["transport"]},
        "design": {"groups": 4, "group_sizes": [4], "rounds": 2},
        "engines": {"m": {"kind": "scripted"}},
        "readers": {"reader": {"matching": "words"}},
        "participants": {"mind": {"kind": "llm", "engine": "m"}},
        "mediators": [{**arm, "select": 1}],
    }
    changes = {"scorer": {"mediators.0.scorer": "reader"}, "prompt": {"mediators.0.generator.prompt": "zero_shot"}}
    for name, change in changes.items():
        shared, place = Shared(), folder / f"played with {name}"
        simcons.run(study, out=place / "base", shared=shared)
        calls = simcons.run(study, overrides=change, out=place / "change", shared=shared).manifest["engines"]["m"]
        asked, kept = calls["replies"], calls["from_store"]
        yield f"* People and mediator on a language model, another {name}: of {asked + kept} calls of the"
        yield f"  change {kept} were answered in the first run; both take {1 + asked / (asked + kept):.2f} times the calls"
        yield "  of one."


def gate(*, groups: int, n_runs: int) -> GateSettings:
    return GateSettings(
        kind="gate",
        name="reranking",
        base="paper_baselines",
        set=UNRANKED,
        groups=groups,
        metrics=METRICS,
        self_check={"groups": max(4 * groups, 10), "runs": n_runs},
    )


def of_gate(result: SelfCheck) -> Iterator[str]:
    yield ""
    yield f"## Gate: {result.settings.rule}, {result.n_groups} groups a run, drawn from {result.n_pool}"
    yield ""
    yield from (f"* {sentence}" for sentence in self_check_findings(result))
    yield ""
    yield from markdown_table(self_check_table(result))


def of_worse(folder: Path, *, n_pool: int, n_runs: int) -> Iterator[str]:
    """A gate of one arm on pipelines that are really worse, by either rule and with few and more groups."""
    base = folder / "one_arm.yaml"
    base.write_text(json.dumps(ONE_ARM))
    worse = [{"name": name, "set": change} for name, change in WORSE.items()]
    check = {"groups": n_pool, "runs": n_runs, "worse": worse}
    about = {"kind": "gate", "name": "one_arm", "base": str(base), "set": WORSE["unscored"]}
    settings = GateSettings.model_validate({**about, "metrics": METRICS, "self_check": check})
    pool = pool_of(settings, out=folder / "worse")
    for rule in RULES:
        for n_groups in (20, 60):
            result = tried(settings.model_copy(update={"rule": rule}), replace(pool, n_groups=n_groups))
            none = result.trials[0].stopped
            yield from ("", f"## Really worse: {rule}, {n_groups} groups a run, drawn from {result.n_pool}", "")
            yield f"* Without any change {share(none)} of runs are stopped."
            yield from (f"* {sentence}" for sentence in worse_findings(result))
            yield ""
            yield from markdown_table(worse_table(result))
    yield ""
    yield worse_table(result).note


if __name__ == "__main__":
    main()
