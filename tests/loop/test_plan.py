"""Plans of loops by made-up speeds: arithmetic, floors, and budgets that are too small."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simcons.errors import RunFolderError, ScenarioError
from simcons.loop.fit import settled, settled_again, sized_as
from simcons.loop.folder import LoopFolder
from simcons.loop.plan import Plan, Speeds, StudySpeed, TrainingSpeed, kept_share, planned
from simcons.loop.recipe import LoopRecipe
from simcons.loop.scenarios import stage_scenarios
from simcons.loop.times import StageTime
from simcons.messages import unheard
from simcons.scenario.study import Scenario

RECIPE: dict[str, Any] = {
    "kind": "loop", "name": "l", "scenario": "paper_collection_1", "set": {"design.rounds": 2},
    "stages": [
        {"kind": "collect", "name": "first", "set": {"design.groups": 100}},
        {"kind": "data", "name": "examples", "runs": ["first"],
         "settings": {"sft_rule": "top 10% by quality within the study", "validation": 0.2}},
        {"kind": "sft", "name": "writer", "data": "examples",
         "settings": {"epochs": 2, "batch_size": 4, "stopping": {"checks_per_epoch": 4}}},
        {"kind": "reward", "name": "judge", "data": "examples",
         "settings": {"epochs": 1, "batch_size": 8, "stopping": None}},
        {"kind": "evaluate", "name": "evaluation", "against": "pretrained", "set": {"design.groups": 50}},
    ],
}  # fmt: skip
SPEEDS = Speeds(
    seconds=60,
    studies={
        "first": StudySpeed(10, 3, candidates=6, statements=4, opinions=5),
        "evaluation": StudySpeed(10, 6, candidates=20, statements=2, opinions=5),
    },
    trainings={"writer": TrainingSpeed(20, 300, 100), "judge": TrainingSpeed(30, 400, 200)},
    others={"examples": 5},
    ratings={"examples": (6.0, 3.0)},
)


def loop(**changes: Any) -> tuple[LoopRecipe, dict[str, Scenario]]:
    recipe = LoopRecipe.model_validate({**RECIPE, **changes})
    return recipe, stage_scenarios(recipe, lambda name: Path("/loop") / name)


def groups(scenarios: Mapping[str, Scenario]) -> dict[str, int]:
    return {name: scenario.design.groups for name, scenario in scenarios.items()}


def test_sizes_and_seconds_follow_from_speeds() -> None:
    first, examples, writer, judge, evaluation = planned(*loop(), SPEEDS)
    assert (first.groups, first.rounds, first.candidates, first.seconds) == (100, 200, 1200, 10 + 200 * 3)
    assert (examples.seconds, examples.steps) == (5, None)
    # 200 rounds of 4 statements, a tenth of them kept, a fifth held out: 64; 16 steps an epoch. Held-out examples are read at
    # first and every 4 of 32 steps, 9 times.
    assert (writer.examples, writer.steps) == (64, 32)
    assert writer.seconds == pytest.approx(20 + 300 * (32 * 4 + 9 * 16 / 3) / 100)
    # 1,000 opinions, 800 to learn from; read at first and at the end.
    assert (judge.examples, judge.steps) == (800, 100)
    assert judge.seconds == pytest.approx(30 + 400 * (800 + 2 * 200 / 3) / 200)
    assert evaluation.seconds == 10 + 100 * 6


def test_what_others_judge_before_an_evaluation_takes_its_time_whatever_its_groups() -> None:
    asks = replace(SPEEDS.studies["evaluation"], others_seconds=90)
    speeds = replace(SPEEDS, studies={**SPEEDS.studies, "evaluation": asks})
    assert planned(*loop(), speeds)[-1].seconds == 10 + 90 + 100 * 6
    few, many = (settled(*loop(budget={"minutes": 20}), of)[1] for of in (speeds, SPEEDS))
    assert few.seconds <= 20 * 60
    assert few.scale < many.scale


def test_stages_that_are_taken_from_another_loop_take_no_time_and_keep_their_size() -> None:
    """The first study and its data take 615 s; of 20 minutes they leave too little for 50 groups more, which take 610 s."""
    recipe, scenarios = loop(budget={"minutes": 20})
    whole, plan = settled(recipe, scenarios, SPEEDS, taken={"first", "examples", "writer", "judge"})
    assert groups(whole) == {"first": 100, "evaluation": 50}
    assert groups(settled(recipe, scenarios, SPEEDS)[0])["evaluation"] < 50
    assert [stage.seconds for stage in plan.stages] == [0, 0, 0, 0, 610]
    assert plan.seconds == 60 + 610


@pytest.mark.parametrize(
    ("budget", "made", "expected"),
    [
        ({"minutes": 20}, 40, 40),
        ({"minutes": 20}, 9, 100),  # fewer than its least
        ({"minutes": 20, "least": {"first": 50}}, 40, 100),
        ({"minutes": 20}, 101, 100),
        (None, 40, 100),
    ],
)
def test_a_study_can_be_of_the_size_that_it_has_elsewhere_where_a_budget_allows_it(
    budget: Any, made: int, expected: int
) -> None:
    recipe, scenarios = loop(budget=budget)
    first, evaluation = RECIPE["stages"][0], RECIPE["stages"][-1]
    _, elsewhere = loop(stages=[{**first, "set": {"design.groups": made}}, evaluation])
    sized = sized_as(recipe, scenarios, {"first": elsewhere["first"]})
    assert groups(sized) == {"first": expected, "evaluation": 50}


def test_people_compared_and_arms_count_in_the_plan() -> None:
    """Of the 200 rounds' 4 statements half are of the arm; with the position statement 3 on which people are compared, beside 5
    opinions. Four fifths are learnt from. A network that reads a round at a time has one example of all.
    """
    first, examples, writer, judge, evaluation = RECIPE["stages"]
    first = {**first, "mediators": [{"arm": "own"}, {"arm": "other"}]}
    own = {**examples, "settings": {**examples["settings"], "arms": ["own"]}}
    reads = {**judge, "settings": {**judge["settings"], "weights": {"people": 0.5}}}
    _, _, few, both, _ = planned(*loop(stages=[first, own, writer, reads, evaluation]), SPEEDS)
    assert (few.examples, both.examples) == (32, 160 * (5 + 3))
    people = {**judge, "settings": {**judge["settings"], "weights": {"statements": 0, "people": 1}}}
    assert planned(*loop(stages=[first, own, writer, people, evaluation]), SPEEDS)[3].examples == 160 * 3
    apart = {"architecture": "late_interaction", "lora": None}
    rounds = {**reads, "settings": {**reads["settings"], **apart}}
    assert planned(*loop(stages=[first, own, writer, rounds, evaluation]), SPEEDS)[3].examples == 160
    blind = {**reads, "settings": {**reads["settings"], "opinion": False}}
    assert planned(*loop(stages=[first, own, writer, blind, evaluation]), SPEEDS)[3].examples == 800


def test_a_budget_is_used_as_far_as_it_goes_and_never_exceeded() -> None:
    recipe, scenarios = loop()
    whole = settled(recipe, scenarios, SPEEDS)[1]
    for minutes in (20, 40, whole.seconds / 60 + 1, 1000):
        fitted, plan = settled(*loop(budget={"minutes": minutes}), SPEEDS)
        assert plan.seconds <= minutes * 60
        assert groups(fitted) == {stage.name: stage.groups for stage in plan.stages if stage.groups}
        if plan.scale < 1:
            assert plan.seconds > minutes * 60 * 0.95
        else:
            assert groups(fitted) == groups(scenarios)


def test_studies_keep_their_least_groups() -> None:
    budget = {"minutes": 20, "least": {"evaluation": 40}}
    fitted, plan = settled(*loop(budget=budget), SPEEDS)
    assert groups(fitted)["evaluation"] == 40
    assert groups(fitted)["first"] < groups(settled(*loop(budget={"minutes": 20}), SPEEDS)[0])["first"]
    assert plan.seconds <= 20 * 60


def test_a_budget_that_nothing_fits_says_how_long_the_least_sizes_take() -> None:
    with pytest.raises(ScenarioError, match=r"expected at least (\d+), .*first 10 groups and evaluation 5") as error:
        settled(*loop(budget={"minutes": 2}), SPEEDS)
    expected = int(re.findall(r"at least (\d+)", str(error.value))[0])
    settled(*loop(budget={"minutes": expected}), SPEEDS)
    with pytest.raises(ScenarioError):
        settled(*loop(budget={"minutes": expected - 1}), SPEEDS)


@pytest.mark.parametrize(
    ("rule", "share"),
    [("top 25% by quality within the study", 0.25), ("quality >= 6", 2 / 6), ("quality >= 1", 5 / 6)],
)
def test_the_share_that_a_rule_keeps(rule: str, share: float) -> None:
    assert kept_share(rule, (7.0, 5.5, 3.0, 2.0)) == pytest.approx(share)


def test_a_loop_that_is_planned_again_is_still_at_work(tmp_path: Path) -> None:
    """Its start.json is then another file."""
    recipe, scenarios = loop(budget={"minutes": 20})
    fitted, plan = settled(recipe, scenarios, SPEEDS)
    begun = LoopFolder.begin(tmp_path, recipe, fitted, plan)
    with begun.claimed():
        begun.planned_again(fitted, plan)
        other = LoopFolder.read(tmp_path)
        with pytest.raises(RunFolderError, match="is being run now by another process"), other.claimed():
            pass


def test_a_loop_keeps_its_plan(tmp_path: Path) -> None:
    recipe, scenarios = loop(budget={"minutes": 20})
    fitted, plan = settled(recipe, scenarios, SPEEDS)
    LoopFolder.begin(tmp_path, recipe, fitted, plan)
    read = LoopFolder.read(tmp_path)
    assert groups(read.scenarios) == groups(fitted)
    assert isinstance(read.plan, Plan)
    assert read.plan == plan


def after_first(
    folder: Path, minutes: float, took: float, *, training: float = 1.0, taken: bool = False
) -> tuple[LoopFolder, LoopFolder, list[str]]:
    """A loop as it was planned; as its evaluation is about to begin, all stages before it having taken so many times their
    minutes; and what was said. taken: not here, but in a loop that they are taken from.
    """
    recipe, scenarios = loop(budget={"minutes": minutes})
    fitted, plan = settled(recipe, scenarios, SPEEDS)
    begun = LoopFolder.begin(folder, recipe, fitted, plan)
    lines = []
    for stage in plan.stages[:-1]:
        begun.of(stage.name).mkdir()
        (begun.of(stage.name) / "manifest.json").touch()
        pace = training if stage.steps else took
        lines.append(
            json.dumps({"stage": stage.name, "taken": taken, **StageTime(wall_seconds=pace * stage.seconds).document()})
        )
    (folder / "times.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    said: list[str] = []
    return begun, settled_again(begun, lambda message: said.append(str(message))), said


def test_a_study_to_come_gets_the_groups_that_the_time_left_allows(tmp_path: Path) -> None:
    """Of 15 minutes, rehearsal included, the studies so far took half of what was expected, so the evaluation will too."""
    planned_first, fast, said = after_first(tmp_path, 15, 0.5)
    times = {name: time.wall_seconds for name, time in fast.times().items()}
    left = 15 * 60 - SPEEDS.seconds - sum(times.values())
    expected = min(50, int((left / 0.5 - 10) / (2 * 6)))  # two rounds of 6 s a group, after 10 s
    assert groups(planned_first.scenarios)["evaluation"] < groups(fast.scenarios)["evaluation"] == expected
    assert groups(fast.scenarios)["first"] == groups(planned_first.scenarios)["first"]
    assert said == [f"Groups fitted again to the {left / 60:.0f} minutes left: evaluation {expected} instead of 10"]
    read = LoopFolder.read(tmp_path)
    assert (groups(read.scenarios), read.plan) == (groups(fast.scenarios), fast.plan)
    assert read.plan is not None
    assert read.plan.stages[-1].seconds == pytest.approx(0.5 * (10 + 12 * expected))


def test_the_time_of_stages_that_were_taken_from_another_loop_is_not_spent(tmp_path: Path) -> None:
    """Nor does it say how fast this one is: of 15 minutes, less a rehearsal of one, 10 s and two rounds of 6 s a group."""
    _, begun, _ = after_first(tmp_path, 15, 3.0, taken=True)
    assert groups(begun.scenarios)["evaluation"] == 50
    _, short, _ = after_first(tmp_path / "short", 14.9, 3.0)
    assert groups(short.scenarios)["evaluation"] == 5


def test_studies_of_a_loop_that_is_late_get_their_least(tmp_path: Path) -> None:
    _, late, said = after_first(tmp_path, 15, 3.0)
    assert groups(late.scenarios)["evaluation"] == 5  # a tenth
    assert "to the 0 minutes left: evaluation 5 instead of" in said[0]


def test_slow_training_says_nothing_of_studies(tmp_path: Path) -> None:
    """It takes of the time that is left, but the evaluation is not thought to take longer for it."""
    _, fitted, _ = after_first(tmp_path, 30, 1.0, training=1.2)
    assert fitted.plan is not None
    assert fitted.plan.stages[-1].seconds == 10 + 12 * groups(fitted.scenarios)["evaluation"]


def test_a_loop_in_time_or_without_a_budget_stays_as_it_is(tmp_path: Path) -> None:
    planned_first, in_time, said = after_first(tmp_path / "in_time", 1000, 1.0)
    assert in_time is planned_first
    begun = LoopFolder.begin(tmp_path / "no_budget", *loop())
    assert settled_again(begun, unheard) is begun
    assert said == []


def test_least_groups_are_of_studies() -> None:
    with pytest.raises(
        ValueError, match=r"budget.least: 'writer': expected a stage with a study \(first, evaluation\)"
    ):
        loop(budget={"minutes": 20, "least": {"writer": 3}})
