"""How often gates and comparisons err over runs that share nothing: every run has a seed, and so people and draws, of its own.

The self-check of a gate draws its runs from one pool of groups; here each is played by itself, by `run_gate`, as
`simcons gate` does: 20 groups of 4, 3 rounds, a scripted mediator.

* The base against itself under another name, so that its mediator draws anew: false alarms of the gate, and how often a
  comparison of all measures finds anything, by rounds and people.
* In the same runs a loss of the margin is planted in one metric at a time, for margins of three sizes: how often it is stopped,
  against the chance that the gate states (`notices`), and how often it passes the strict rule.
* A change that is really worse, with margins as large as what it loses over all its runs: the same.

Runs are kept in a file and taken from there, so that what was stopped is gone on with.

Run:  python benchmarks/gate_runs.py [--kept FILE] [--runs N] [--worse N]      Writes benchmarks/results/gate_runs.md
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from machine import machine
from tables import markdown

from simcons.analysis.resampling import Estimate, trials
from simcons.experiments.compare.measures import known_measures, parse_margin
from simcons.experiments.gate.decide import Metric, decide
from simcons.experiments.gate.run import GateResult, run_gate
from simcons.report.intervals import share
from simcons.scenario.gate import GateMetricSettings, GateRule, GateSettings

RESULTS = Path(__file__).parent / "results" / "gate_runs.md"
KEPT = Path("runs") / "gate_runs.jsonl"
ALPHA, GROUPS = 0.05, 20
SIZES = (0.5, 1.0, 2.0)  # times the margins below
METRICS: list[dict[str, str]] = [
    {"measure": "agreement", "margin": "0.1 points"},
    {"measure": "unanimous", "margin": "5%"},
    {"measure": "agreement", "margin": "0.2 points", "subset": "minority"},
]
ARM = {"arm": "ours", "generator": {"kind": "scripted", "samples": 8}, "scorer": "reader", "select": 1}
STUDY = {
    "name": "one_arm",
    "questions": {"kind": "bank", "bank": "core", "topics": ["transport", "work"]},
    "design": {"groups": GROUPS, "group_sizes": [4], "rounds": 3, "passes": 1},
}
ITSELF, WORSE = "itself", "unranked"
CHANGES = {ITSELF: {**ARM, "arm": "again"}, WORSE: {**ARM, "scorer": "none"}}
FIRST_SEED = {ITSELF: 10_000, WORSE: 20_000}

Played: TypeAlias = Mapping[str, Any]  # what is kept of a run: see `what_is_kept`


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kept", type=Path, default=KEPT, help="the file of runs that are over")
    parser.add_argument("--runs", type=int, default=200, help="without a change")
    parser.add_argument("--worse", type=int, default=60, help="of the change that is worse")
    given = parser.parse_args()
    wanted = {ITSELF: given.runs, WORSE: given.worse}
    runs = {kind: played(kind, number, given.kept) for kind, number in wanted.items()}
    RESULTS.write_text("\n\n".join(page(runs)) + "\n", encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


# --- runs ------------------------------------------------------------------------------------------------------------


def played(kind: str, n_runs: int, kept: Path) -> list[Played]:
    """Runs of one kind: those that are kept, and those that are missing."""
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    there = {run["seed"]: run for run in map(json.loads, lines) if run["kind"] == kind}
    wanted = range(FIRST_SEED[kind], FIRST_SEED[kind] + n_runs)
    kept.parent.mkdir(parents=True, exist_ok=True)
    for seed in wanted:
        if seed not in there:
            there[seed] = {"kind": kind, "seed": seed, **what_is_kept(gate_run(kind, seed))}
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps(there[seed]) + "\n")
    return [there[seed] for seed in wanted]


def gate_run(kind: str, seed: int) -> GateResult:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for side, arm in {"base": ARM, "change": CHANGES[kind]}.items():
            (folder / f"{side}.yaml").write_text(json.dumps({**STUDY, "mediators": [arm]}), encoding="utf-8")
        sides = {side: str(folder / f"{side}.yaml") for side in ("base", "change")}
        settings = GateSettings.model_validate(
            {"kind": "gate", "name": "guard", **sides, "seed": seed, "metrics": METRICS, "alpha": ALPHA}
        )
        return run_gate(settings, out=folder / "run")


def what_is_kept(result: GateResult) -> dict[str, Any]:
    """passes; estimates: of the metrics, in their order, None where nothing could be measured; told: by rounds and people, the
    number of measures that the comparison has there, and of those that it calls better or worse.
    """
    told: dict[str, list[int]] = {}
    for row in result.comparison.rows:
        counts = told.setdefault(row.subset, [0, 0])
        counts[0] += 1
        counts[1] += row.verdict in ("better", "worse")
    estimates = [check.difference and asdict(check.difference) for check in result.metrics]
    return {"passes": result.passes, "estimates": estimates, "told": told}


# --- what they say ---------------------------------------------------------------------------------------------------


@cache
def metrics() -> tuple[Metric, ...]:
    """Those of the gate, with their margins."""
    given = [GateMetricSettings.model_validate(each) for each in METRICS]
    measures = known_measures([each.measure for each in given], ())
    named = {measure.name: measure for measure in measures}
    return tuple(
        _with_margin(Metric("ours", each.label, named[each.measure], each.subset), each.margin) for each in given
    )


def _with_margin(metric: Metric, margin: str | float) -> Metric:
    in_unit = parse_margin(margin, metric.measure) if isinstance(margin, str) else margin
    return replace(metric, measure=replace(metric.measure, margin=in_unit))


def gates(
    runs: Sequence[Played], margins: Mapping[int, float], at: int, *, loss: float, rule: GateRule
) -> tuple[int, list[str]]:
    """Of gates on the metrics at these places, with a loss in every group planted in one of them: how many are stopped, and the
    chance that they state for this one: its mean over runs, and that of a run that varies as all of them do together.
    """
    wanted = {place: _with_margin(metrics()[place], margin) for place, margin in margins.items()}
    n_stopped, stated = 0, []
    for run in runs:
        estimates = [_less(_estimate(run, place), loss if place == at else 0.0) for place in wanted]
        checks = dict(zip(wanted, decide([*wanted.values()], estimates, rule=rule, alpha=ALPHA), strict=True))
        n_stopped += not all(check.passes for check in checks.values())
        stated.append(checks[at].power)
    usual, *_ = decide([wanted[at]] * len(wanted), [_together(runs, at)] * len(wanted), rule=rule, alpha=ALPHA)
    return n_stopped, [f"{np.mean([power for power in stated if power is not None]):.0%}", f"{usual.power:.0%}"]


def _together(runs: Sequence[Played], at: int) -> Estimate:
    """The estimate of a run that varies as all do together."""
    there = [estimate for run in runs if (estimate := _estimate(run, at)) is not None and estimate.error is not None]
    error = float(np.sqrt(np.mean([(estimate.error or 0.0) ** 2 for estimate in there])))
    return Estimate(0.0, None, error, round(np.mean([estimate.n for estimate in there])))


def _estimate(run: Played, place: int) -> Estimate | None:
    given = run["estimates"][place]
    return given and Estimate(**{**given, "interval": given["interval"] and tuple(given["interval"])})


def _less(estimate: Estimate | None, loss: float) -> Estimate | None:
    return estimate and replace(estimate, value=estimate.value - loss, interval=None)


def planted(runs: Sequence[Played]) -> Iterator[list[str]]:
    for at, size in product(range(len(METRICS)), SIZES):
        margins = {place: size * metric.measure.margin for place, metric in enumerate(metrics())}
        n_stopped, stated = gates(runs, margins, at, loss=margins[at], rule="not_shown_worse")
        yield [*named(at, margins[at]), *stated, share(trials(n_stopped, len(runs)))]


def strict(runs: Sequence[Played]) -> Iterator[list[str]]:
    for at, size in product(range(len(METRICS)), SIZES):
        margin = size * metrics()[at].measure.margin
        (n_stopped, stated), (n_caught, _) = (
            gates(runs, {at: margin}, at, loss=loss, rule="shown_not_worse") for loss in (0.0, margin)
        )
        passed = (share(trials(len(runs) - n, len(runs))) for n in (n_stopped, n_caught))
        yield [*named(at, margin), *stated, *passed]


def really_worse(runs: Sequence[Played]) -> Iterator[list[str]]:
    for at in range(len(METRICS)):
        values = [estimate.value for run in runs if (estimate := _estimate(run, at)) is not None]
        lost = -float(np.mean(values))
        n_stopped, stated = gates(runs, {at: lost}, at, loss=0.0, rule="not_shown_worse")
        yield [*named(at, lost), *stated, share(trials(n_stopped, len(runs)))]


def named(at: int, margin: float) -> list[str]:
    metric = metrics()[at]
    return [metric.label, f"{margin:.1%}" if metric.measure.unit == "share" else f"{margin:.2f} points"]


def found(runs: Sequence[Played]) -> Iterator[list[str]]:
    for subset in dict.fromkeys(subset for run in runs for subset in run["told"]):
        there = [run["told"][subset] for run in runs if subset in run["told"]]
        finds = trials(sum(n_told > 0 for _, n_told in there), len(there))
        yield [subset, str(max(n_measures for n_measures, _ in there)), share(finds)]
    anywhere = trials(sum(any(n_told for _, n_told in run["told"].values()) for run in runs), len(runs))
    yield ["any of these", str(max(sum(n for n, _ in run["told"].values()) for run in runs)), share(anywhere)]


# --- the page --------------------------------------------------------------------------------------------------------


def page(runs: Mapping[str, Sequence[Played]]) -> Iterator[str]:
    itself, worse = runs[ITSELF], runs[WORSE]
    alarms, stopped = (trials(sum(not run["passes"] for run in kind), len(kind)) for kind in (itself, worse))
    yield "# Gates and comparisons over runs that share nothing"
    yield f"{machine('numpy', 'scipy')}; `python benchmarks/gate_runs.py`"
    yield (
        f"{len(itself)} gate runs without a change and {len(worse)} of a change that is worse, each of {GROUPS} groups under a"
        " seed of its own. The metrics are agreement (margin 0.1 points), unanimous (5%) and agreement of the minority (0.2"
        " points)."
    )
    yield "## Without a change"
    yield f"The gate (`not_shown_worse`) stops {share(alarms)} of runs: at most {ALPHA:.0%} are promised."
    yield "## A margin lost in every group"
    yield (
        "The same runs with the margin taken from one metric, all margins at half, once and twice their size. Stated: `notices`,"
        " its mean over runs, and that of a run which varies as all of them do together. Stopped: by the gate, whichever metric"
        " stops it."
    )
    yield markdown(["metric", "margin, and lost", "stated, mean", "together", "stopped"], planted(itself))
    yield "## The strict rule, on one metric alone"
    yield (
        "`shown_not_worse`. Stated: `notices`, here the chance that no change passes; lost: the margin in every group, of which"
        f" at most {ALPHA:.0%} may pass."
    )
    yield markdown(
        ["metric", "margin", "stated, mean", "together", "no change passes", "margin lost passes"], strict(itself)
    )
    yield "## A change that is worse: the scorer taken away"
    yield (
        f"The gate as it is stops {share(stopped)} of runs. Below, gates on one metric alone whose margin is what the change"
        " loses on average over all runs: more in some groups, and less in others."
    )
    yield markdown(
        ["metric", "margin, and lost on average", "stated, mean", "together", "stopped"], really_worse(worse)
    )
    yield "## Comparisons of a pipeline with itself"
    yield (
        f"In the same {len(itself)} runs without a change: how often `simcons compare` with all its measures calls any of them"
        " better or worse, by rounds and people. Corrected for the measures of each row, not over rows."
    )
    yield markdown(["rounds and people", "measures", "finds a difference"], found(itself))


if __name__ == "__main__":
    main()
