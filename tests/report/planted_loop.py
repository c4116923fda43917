"""Results of loops for tests, made up by hand."""

from __future__ import annotations

from typing import Any

from simcons.analysis.resampling import Estimate
from simcons.report.loops.results import (
    Arm,
    Contest,
    Evaluated,
    Lessons,
    Level,
    LoopResults,
    PairAccuracy,
    ReliabilityBin,
    RoundShown,
    ShownStatement,
    StageLine,
    Training,
)

FEW_SHOT = Arm("few_shot", "prompted", 1, engine="base")
TUNED = Arm("tuned", "fine-tuned", 1, engine="writer", iteration=1)


def estimate(value: float, low: float | None = None, high: float | None = None) -> Estimate:
    return Estimate(value, None if low is None or high is None else (low, high), None, 60)


def contest(
    measure: str, share: float, low: float | None, high: float | None, *, arm: str = "tuned", against: str = "few_shot"
) -> Contest:
    return Contest(arm, against, "all", measure, 60, estimate(share, low, high))


def level(arm: str, value: float, measure: str = "agreement", part: str = "all") -> Level:
    return Level(arm, part, measure, 60, estimate(value, value - 0.2, value + 0.2))


def evaluation(**changes: Any) -> Evaluated:
    given: dict[str, Any] = {"arms": [FEW_SHOT, TUNED], "levels": [], "contests": [], **changes}
    return Evaluated(stage="evaluation", n_rounds=60, n_groups=20, **given)


def training(stage: str, kind: Any, **changes: Any) -> Training:
    given: dict[str, Any] = {
        "losses": [(1, 3.0), (2, 2.5), (3, 2.2)],
        "held_out_losses": [(0, 3.1), (3, 2.4)],
        "kept": 3,
        **changes,
    }
    return Training(stage=stage, kind=kind, data="data", steps=3, **given)


def loop(*, scripted: int = 0, **changes: Any) -> LoopResults:
    sizes = {"sft": 12, "comparisons": 1, "people": 9, "groups": 3}
    reward = training(
        "judge",
        "reward",
        accuracies=[PairAccuracy("judge", "held out in data", False, estimate(0.6, 0.5, 0.7))],
        reliability=[ReliabilityBin(3.5, estimate(3.2, 2.9, 3.6)), ReliabilityBin(5.0, estimate(5.2))],
    )
    given: dict[str, Any] = {
        "name": "planted",
        "description": "",
        "finished": True,
        "command": "simcons loop --resume planted",
        "logs": "planted",
        "stages": [
            StageLine(1, "first", "collect", "done", "3 groups", 12.0),
            StageLine(2, "data", "data", "begun", "", None),
        ],
        "lessons": [Lessons("data", {"script": scripted, "model": 12 - scripted}, scripted, {"learn": sizes})],
        "trainings": [training("writer", "sft"), reward],
        "evaluations": [evaluation()],
        "rounds": [],
        "models": ["small-model"],
        "toy": False,
        "settings": [("seed", "1")],
        "provenance": [("git commit", "abc")],
        **changes,
    }
    return LoopResults(**given)


def shown(text: str, *, question: str = "Should it?", rated: float | None = 4.5) -> RoundShown:
    """A round of two people, whose opinions and statements are all the same text."""
    statements = [ShownStatement(arm, text, [5, None], [4], rated, 4.2) for arm in ("few_shot", "tuned")]
    return RoundShown("s1-r1", "iid_test", question, [(3, text), (None, text)], statements)
