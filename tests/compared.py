"""Comparisons and gates with planted verdicts, for tests of what is told of them; nothing is run."""

from __future__ import annotations

from pathlib import Path

from simcons.analysis.resampling import Estimate
from simcons.experiments.compare.both import Likeness
from simcons.experiments.compare.differences import Difference
from simcons.experiments.compare.examples import ChangedRound
from simcons.experiments.compare.measures import measures_for
from simcons.experiments.compare.other_worlds import InWorld
from simcons.experiments.compare.pairing import given_pairing
from simcons.experiments.compare.run import Comparison
from simcons.experiments.gate.decide import Metric, MetricCheck
from simcons.experiments.gate.run import BudgetCheck, GateInWorld, GateResult
from simcons.scenario.gate import GateSettings

STUDY = {
    "name": "small",
    "seed": 4,
    "questions": {"kind": "bank", "bank": "core", "topics": ["transport"]},
    "design": {"groups": 2, "group_sizes": [3], "rounds": 1, "passes": 1},
    "mediators": [{"arm": "ours", "generator": {"kind": "scripted", "samples": 2}, "scorer": "reader", "select": 1}],
}
CHANGE = ["mediators.0.scorer=none"]
PAIRING = given_pairing(STUDY, None, overrides=CHANGE)
MEASURES = measures_for(["agreement", "quality"])
GATE = {
    "kind": "gate",
    "name": "guard",
    "base": "quickstart",
    "set": {"mediators.0.select": 2},
    "metrics": [{"measure": "agreement", "margin": "0.1 points"}],
}


def row(measure: str, verdict: str, subset: str = "all", *, base: float = 4.0) -> Difference:
    """A difference with this verdict, by its adjusted p values."""
    value, p, p_margin = {"better": (0.5, 0, 1), "worse": (-0.5, 0, 1), "undecided": (0.1, 1, 1)}[verdict]
    return Difference(
        arm="ours",
        subset=subset,
        measure=MEASURES[measure],
        base=base,
        change=base + value,
        difference=Estimate(value, (value - 0.2, value + 0.2), 0.1, 9),
        n_rounds=9,
        n_excluded=0,
        p_value=p,
        p_margin=p_margin,
        narrower=None,
        p_holm=p,
        p_margin_holm=p_margin,
    )


def in_world(name: str, *, base: float = 4.2, **verdicts: str) -> InWorld:
    """base: the mean there, which is 4 as given."""
    rows = tuple(row(measure, verdict, base=base) for measure, verdict in verdicts.items())
    return InWorld(name, f"it is {name} there", ("seed: 5",), 9, rows)


def compared(
    given: dict[str, str],
    *there: InWorld,
    more: tuple[Difference, ...] = (),
    examples: tuple[ChangedRound, ...] = (),
) -> Comparison:
    """more: rows of some of the people or rounds."""
    rows = (*(row(measure, verdict) for measure, verdict in given.items()), *more)
    return Comparison(PAIRING, Path("out"), 9, rows, (), examples, Likeness(1, 1, 1, 1), worlds=there)


def gate(result: Comparison, *, passes: bool, worlds: dict[str, bool] | None = None) -> GateResult:
    """A gate on agreement. worlds: by name, whether the change passes there."""
    metric = Metric("ours", "agreement", MEASURES["agreement"], "all")
    estimate = result.rows[0].difference if result.rows else None

    def check(good: bool) -> tuple[MetricCheck]:
        return (MetricCheck(metric, estimate, 0.5, 0.5, 0.8, good),)

    return GateResult(
        GateSettings.model_validate(GATE),
        result,
        check(passes),
        (BudgetCheck("words", 100, 75.0, 80.0),),
        tuple(GateInWorld(name, check(good)) for name, good in (worlds or {}).items()),
    )
