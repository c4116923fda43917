"""A loop without a model: collection, data and evaluation, and what it says of itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.errors import RunFolderError
from simcons.loop.budget import plan_loop, with_stages_of
from simcons.loop.fit import settled
from simcons.loop.folder import LoopFolder
from simcons.loop.plan import Speeds, StudySpeed
from simcons.loop.recipe import LoopBudgetSettings, LoopRecipe
from simcons.loop.reuse import take_stages
from simcons.loop.run import Listener, begin_loop, go_on
from simcons.loop.scenarios import stage_scenarios
from simcons.training.data.folder import read_card

RECIPE: dict[str, Any] = {
    "kind": "loop", "name": "scripted", "scenario": "paper_collection_1",
    "set": {"design.omissions": [0], "design.rounds": 2, "readers.reader.matching": "words"},
    "stages": [
        {"kind": "collect", "name": "first", "set": {"design.groups": 8}},
        {"kind": "data", "name": "examples", "runs": ["first"],
         "settings": {"sft_rule": "top 50% by quality within the study", "least": 2, "validation": 0.4}},
        {"kind": "evaluate", "name": "evaluation", "against": "base",
         "set": {"design.groups": 3, "questions.split": "iid_test"}, "mediators": [
            {"arm": "base", "generator": {"kind": "scripted", "samples": 1, "skill": 0.1}, "select": 1},
            {"arm": "chosen", "generator": {"kind": "scripted", "samples": 4}, "scorer": "reader", "select": 1}]},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> LoopFolder:
    loop = begin_loop(LoopRecipe.model_validate(RECIPE), tmp_path_factory.mktemp("scripted") / "loop")
    go_on(loop, Listener())
    return loop


def test_all_stages_are_done_and_timed(loop: LoopFolder) -> None:
    assert {stage.state for stage in loop.stages()} == {"done"}
    manifest = json.loads((loop.path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["time"]["wall_seconds"] > 0
    assert manifest["time"]["share_outside_model"] == 1
    assert {row["arm"] for row in pq.read_table(loop.of("evaluation") / "arms.parquet").to_pylist()} == {
        "base",
        "chosen",
    }


def test_the_card_counts_what_was_composed_through_the_judges_reader(loop: LoopFolder) -> None:
    card = read_card(loop.of("examples"))
    assert card["sft_statements"]["composed_as_judged"] == card["sides"]["learn"]["sft"] > 0
    assert "distillation with a leak" in (loop.of("examples") / "README.md").read_text(encoding="utf-8")


def test_its_status_has_a_row_for_each_stage(loop: LoopFolder) -> None:
    shown = CliRunner().invoke(app, ["loop", "--status", str(loop.path)]).output
    assert shown.count("done") == len(RECIPE["stages"])
    assert "outside" in shown


@pytest.mark.parametrize(("stage", "key"), [("first", "rows"), ("examples", "sides")])
def test_a_manifest_that_lacks_something_is_named(loop: LoopFolder, tmp_path: Path, stage: str, key: str) -> None:
    copied = LoopFolder.read(shutil.copytree(loop.path, tmp_path / "loop"))
    (copied.of(stage) / "manifest.json").write_text("{}")
    result = CliRunner().invoke(app, ["loop", "--status", str(copied.path)])
    assert isinstance(result.exception, RunFolderError)
    assert f"{stage}/manifest.json: {key}: missing" in str(result.exception)


def test_a_rehearsal_leaves_a_plan_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    first, examples, evaluation = RECIPE["stages"]
    among_exploits = {**evaluation, "exploits": True}
    recipe = LoopRecipe.model_validate(
        {**RECIPE, "stages": [first, examples, among_exploits], "budget": {"minutes": 30}}
    )
    scenarios, plan = plan_loop(recipe, tmp_path / "loop")
    assert scenarios["first"].design.groups == 8
    assert (plan.stages[0].rounds, plan.stages[0].candidates) == (16, 32)
    assert plan.scale == 1
    assert 0 < plan.speeds.studies["first"].round_seconds < 60
    assert plan.speeds.studies["first"].others_seconds == 0
    assert 0 < plan.speeds.studies["evaluation"].others_seconds < plan.stages[-1].seconds
    assert 0 < plan.speeds.seconds < plan.seconds < 30 * 60
    assert not any(tmp_path.iterdir())


def test_a_loop_that_goes_faster_than_was_planned_has_more_groups_to_its_end(tmp_path: Path) -> None:
    """By the plan 22 rounds take 500 s each, which is more than three hours; the first study shows that they do not."""
    recipe = LoopRecipe.model_validate({**RECIPE, "budget": {"minutes": 180, "least": {"first": 8}}})
    slow = StudySpeed(0, 500, candidates=2, statements=2, opinions=5)
    speeds = Speeds(1, {"first": slow, "evaluation": slow}, {}, {"examples": 1}, {})
    scenarios = stage_scenarios(recipe, lambda name: tmp_path / name)
    fitted, plan = settled(recipe, scenarios, speeds)
    assert fitted["evaluation"].design.groups == 2
    ended = go_on(LoopFolder.begin(tmp_path / "loop", recipe, fitted, plan), Listener())
    assert ended.scenarios["evaluation"].design.groups == 3
    assert len(pq.read_table(ended.of("evaluation") / "run" / "rounds.parquet")) == 3 * 2
    assert LoopFolder.read(ended.path).scenarios == ended.scenarios


def test_stages_that_would_be_the_same_are_taken_from_an_earlier_loop(loop: LoopFolder, tmp_path: Path) -> None:
    """Another evaluation keeps the first two stages; a study that changes changes the data made of it, and nothing else."""
    first, examples, evaluation = RECIPE["stages"]
    later = {**evaluation, "set": {**evaluation["set"], "design.groups": 2}}
    changed = {**first, "set": {"design.groups": 7}}
    before = {"kind": "collect", "name": "before"}
    for name, stages, same in (
        ("evaluation", [first, examples, later], ["first", "examples"]),
        ("study", [changed, examples, evaluation], ["evaluation"]),
        ("place", [before, first, examples, evaluation], ["first", "examples", "evaluation"]),
        ("seed", [first, examples, evaluation], []),
    ):
        recipe = LoopRecipe.model_validate({**RECIPE, "stages": stages, "seed": int(name == "seed")})
        other = begin_loop(recipe, tmp_path / name)
        assert take_stages(other, loop) == same
        assert [stage.name for stage in other.stages() if stage.state == "done"] == same
        assert {stage for stage, spent in other.times().items() if spent.wall_seconds} == {*same}


def test_within_a_budget_stages_are_taken_in_the_sizes_that_they_have_elsewhere(
    loop: LoopFolder, tmp_path: Path
) -> None:
    """The recipe asks for 20 groups and 9; in the earlier loop they were 8 and 3, as a budget may have had it."""
    first, examples, evaluation = RECIPE["stages"]
    stages = [
        {**first, "set": {"design.groups": 20}},
        examples,
        {**evaluation, "set": {**evaluation["set"], "design.groups": 9}},
    ]
    recipe = LoopRecipe.model_validate({**RECIPE, "stages": stages})
    assert with_stages_of(recipe, tmp_path / "loop", [loop])[1] == set()
    within = recipe.model_copy(update={"budget": LoopBudgetSettings(minutes=30, least={"evaluation": 4})})
    scenarios, taken = with_stages_of(within, tmp_path / "loop", [loop])
    assert taken == {"first", "examples"}
    assert {name: scenario.design.groups for name, scenario in scenarios.items()} == {"first": 8, "evaluation": 9}
    begun = LoopFolder.begin(tmp_path / "loop", within, scenarios)
    assert take_stages(begun, loop) == ["first", "examples"]
    assert begun.taken() == taken
    shown = CliRunner().invoke(app, ["loop", "--status", str(begun.path)]).output
    assert "of it taken from another loop" in shown


def test_a_stage_is_taken_whole_or_not_at_all(
    loop: LoopFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while a stage is copied, whose manifest is there already."""
    other = begin_loop(LoopRecipe.model_validate(RECIPE), tmp_path / "loop")

    def interrupted(source: Path, target: Path) -> None:
        target.mkdir()
        shutil.copy(source / "manifest.json", target)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copytree", interrupted)
        with pytest.raises(KeyboardInterrupt):
            take_stages(other, loop)
    assert {stage.state for stage in other.stages()} == {"to come"}
    assert [path.name for path in other.path.iterdir()] == ["start.json"]
    assert take_stages(other, loop) == ["first", "examples", "evaluation"]


def test_a_loop_that_was_moved_is_not_gone_on_with_elsewhere(loop: LoopFolder, tmp_path: Path) -> None:
    begun = begin_loop(LoopRecipe.model_validate(RECIPE), tmp_path / "loop")
    moved = begun.path.rename(tmp_path / "moved")
    with pytest.raises(RunFolderError, match=rf"moved: was begun in {begun.path}; expected it there"):
        go_on(LoopFolder.read(moved), Listener())
    copied = shutil.copytree(loop.path, tmp_path / "copied")  # of one that is finished there is nothing to go on with
    go_on(LoopFolder.read(copied), Listener())


def test_a_loop_says_what_it_took_from_another(loop: LoopFolder, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(json.dumps({**RECIPE, "name": "other"}), encoding="utf-8")
    command = ["loop", str(recipe), "--out", str(tmp_path / "loop"), "--reuse", str(loop.path)]
    shown = CliRunner().invoke(app, command)
    assert "first, examples and evaluation" in shown.output
    assert LoopFolder.read(tmp_path / "loop").finished
