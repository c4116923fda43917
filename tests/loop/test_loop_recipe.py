"""Recipes of loops: what is wrong with one is said in one line before anything runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.errors import ScenarioError
from simcons.loop.recipe import LoopRecipe, RewardStageSettings, StudyStageSettings, TrainStageSettings, load_loop
from simcons.loop.run import begin_loop
from simcons.loop.scenarios import model_of, stage_scenarios

STAGES: list[dict[str, Any]] = [
    {"kind": "collect", "name": "first"},
    {"kind": "data", "name": "examples", "runs": ["first"]},
    {"kind": "sft", "name": "writer", "data": "examples"},
    {"kind": "reward", "name": "judge", "data": "examples"},
    {"kind": "collect", "name": "second", "mediators": [
        {"arm": "tuned", "scorer": "judge",
         "generator": {"kind": "language_model", "engine": "writer", "prompt": "zero_shot"}}]},
]  # fmt: skip


def recipe_file(folder: Path, stages: list[dict[str, Any]], **more: Any) -> str:
    path = folder / "recipe.yaml"
    document = {"kind": "loop", "name": "l", "scenario": "paper_collection_1", "stages": stages, **more}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return str(path)


def scenarios_of(recipe: LoopRecipe) -> dict[str, Any]:
    return {
        name: scenario.model_dump(mode="json")
        for name, scenario in stage_scenarios(recipe, lambda stage: Path("/loop") / stage).items()
    }


def test_checkpoints_of_earlier_stages_are_engines_and_scorers_of_later_ones(tmp_path: Path) -> None:
    recipe = load_loop(recipe_file(tmp_path, STAGES, set={"design.groups": 7}))
    scenarios = scenarios_of(recipe)
    second = scenarios["second"]
    assert second["engines"]["writer"]["adapter"] == "/loop/writer"
    assert second["engines"]["writer"]["model"] == "smollm2-135m-instruct"
    assert second["scorers"]["judge"]["checkpoint"] == "/loop/judge"
    assert {scenario["design"]["groups"] for scenario in scenarios.values()} == {7}
    assert scenarios["first"]["seed"] != second["seed"]
    assert not {"writer", "judge"} & {*scenarios["first"]["engines"], *scenarios["first"]["scorers"]}


def test_one_setting_says_what_a_loop_begins_from(tmp_path: Path) -> None:
    asked = {"arm": "prompted", "generator": {"kind": "language_model", "engine": "base", "prompt": "zero_shot"}}
    first = {**STAGES[0], "mediators": [asked], "set": {"engines.base.batch_size": 8}}
    own = {"kind": "sft", "name": "other", "data": "examples", "settings": {"model": "b/c"}}
    encoder = {"kind": "reward", "name": "encoder", "data": "examples",
               "settings": {"architecture": "encoder", "model": "all-minilm-l6-v2", "lora": None}}  # fmt: skip
    recipe = load_loop(recipe_file(tmp_path, [first, *STAGES[1:], own, encoder]), ["model=org/large"])
    engine = scenarios_of(recipe)["first"]["engines"]["base"]
    assert (engine["model"], engine["batch_size"]) == ("org/large", 8)
    models = {stage.name: stage.settings.model for stage in recipe.stages if isinstance(stage, TrainStageSettings)}
    assert models == {"writer": "org/large", "judge": "org/large", "other": "b/c", "encoder": "all-minilm-l6-v2"}
    assert scenarios_of(recipe)["second"]["engines"]["writer"]["model"] == "org/large"
    assert LoopRecipe.model_validate(recipe.model_dump(mode="json")) == recipe


def test_a_whole_model_needs_no_adapter_and_can_be_trained_on(tmp_path: Path) -> None:
    whole = {**STAGES[2], "settings": {"lora": None}}
    further = {"kind": "reward", "name": "judge", "data": "examples", "base": "writer"}
    recipe = load_loop(recipe_file(tmp_path, [*STAGES[:2], whole, further, STAGES[4]]))
    writer = scenarios_of(recipe)["second"]["engines"]["writer"]
    assert (writer["model"], writer["adapter"]) == ("/loop/writer", None)


def test_a_reward_model_goes_on_from_an_earlier_one_that_reads_the_same(tmp_path: Path) -> None:
    reads = {"architecture": "late_interaction", "model": "all-minilm-l6-v2", "lora": None}
    first = {"kind": "reward", "name": "listener", "data": "examples", "settings": reads}
    for changed, said in (
        ({}, None),
        ({"opinion": False}, "stages.3.base: value 'listener': has opinion True; expected False"),
        (
            {"architecture": "encoder"},
            "stages.3.base: value 'listener': has architecture 'late_interaction'; expected 'encoder'",
        ),
    ):
        further = {**first, "name": "judge", "base": "listener", "settings": {**reads, **changed}}
        recipe = recipe_file(tmp_path, [*STAGES[:2], first, further])
        if said is None:
            judge = load_loop(recipe).stages[3]
            assert isinstance(judge, RewardStageSettings)
            assert model_of(judge, lambda name: Path("/loop", name)) == "/loop/listener"
        else:
            with pytest.raises(ScenarioError, match=re.escape(said)):
                load_loop(recipe)


SHOTS: dict[str, Any] = {"kind": "few_shot", "name": "shots", "data": "examples"}
PROMPTED: dict[str, Any] = {"kind": "collect", "name": "second", "set": {"engines": {"m": {"kind": "scripted"}}}, "mediators": [
    {"arm": "prompted", "generator": {"kind": "language_model", "engine": "m", "prompt": "shots"}},
    {"arm": "shipped", "generator": {"kind": "language_model", "engine": "m", "prompt": "few_shot"}}]}  # fmt: skip


def test_a_prompt_of_an_earlier_stage_is_a_file_of_its_folder(tmp_path: Path) -> None:
    second = scenarios_of(load_loop(recipe_file(tmp_path, [*STAGES[:2], SHOTS, PROMPTED])))["second"]
    prompts = [arm["generator"]["prompt"] for arm in second["mediators"]]
    assert not Path("/loop").exists()  # it is made later
    assert prompts == ["/loop/shots/prompt.md.j2", "few_shot"]


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        (
            [*STAGES[:2], {**SHOTS, "name": "few_shot"}],
            "stages.2.*'few_shot' is a shipped prompt; expected another name",
        ),
        (
            [STAGES[0], {**SHOTS, "data": "first"}],
            "stages.1.data: value 'first': expected an earlier stage of kind data",
        ),
        ([STAGES[1]], "stages.0.runs: value 'first': expected an earlier stage of kind collect"),
        ([STAGES[0], STAGES[0]], "stages.1.name: 'first' is there twice"),
        ([*STAGES[:2], {**STAGES[2], "data": "first"}], "stages.2.data: value 'first': expected .* data .examples."),
        ([*STAGES[:3], {**STAGES[3], "base": "writer"}], "stages.3.base: value 'writer': is an adapter"),
        ([{"kind": "colect", "name": "x"}], "colect"),
        ([STAGES[0], {**STAGES[1], "runs": ["first", "first"]}], "stages.1.runs: 'first' is there twice"),
        ([{"kind": "toy", "name": "base"}], "stages.0.name: 'base' is the loop's model for arms; expected another name"),
        (
            [*STAGES[:2], {"kind": "toy", "name": "toy"},
             {**STAGES[3], "base": "toy", "settings": {"architecture": "encoder", "lora": None}}],
            "stages.3.base: value 'toy': is a causal model; expected a stage of architecture 'encoder'",
        ),
    ],
)  # fmt: skip
def test_a_stage_takes_only_what_earlier_ones_make(tmp_path: Path, stages: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        load_loop(recipe_file(tmp_path, stages))


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ({**STAGES[4], "set": {"design.groups": 0}}, "stage second: .*design.groups: value 0"),
        ({**STAGES[4], "kind": "evaluate", "against": ["tuned", "other"]},
         r"against: value 'other': expected among its arms \(tuned\)"),
        ({"kind": "collect", "name": "second", "mediators": [{"arm": "a", "scorer": "judgement"}]}, "'judgement'"),
        ({**PROMPTED, "mediators": [
            {"arm": "a", "generator": {**PROMPTED["mediators"][0]["generator"], "prompt": "examples"}}]},
         "stage second: arm a: prompt 'examples': .* nor an earlier stage of kind few_shot"),
        (
            {"kind": "collect", "name": "second", "mediators": [
                {"arm": "a", "generator": {"kind": "language_model", "engine": "writer"}}]},
            "arm a: prompt: value 'few_shot': expected 'zero_shot', which writer learnt to answer",
        ),
    ],
)  # fmt: skip
def test_studies_are_checked_before_any_stage_runs(tmp_path: Path, stage: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        scenarios_of(load_loop(recipe_file(tmp_path, [*STAGES[:4], stage])))


@pytest.mark.parametrize(
    ("place", "changes", "said"),
    [
        (
            1,
            {"settings": {"arms": ["nobody"]}},
            "l: stage examples: arms: value 'nobody': expected some of pretrained$",
        ),
        (2, {"settings": {"model": "./nowhere"}}, "l: stage writer: model: no model '.*nowhere': expected"),
        (3, {"launch": ["no_such_command", "-x"]}, "l: stage judge: launch: no command 'no_such_command'"),
    ],
)
def test_what_a_later_stage_will_miss_is_told_before_the_first(
    tmp_path: Path, place: int, changes: dict[str, Any], said: str
) -> None:
    stages = [{**stage, **changes} if k == place else stage for k, stage in enumerate(STAGES)]
    with pytest.raises(ScenarioError, match=said):
        begin_loop(load_loop(recipe_file(tmp_path, stages)), tmp_path / "loop")
    assert not (tmp_path / "loop").exists()


def test_a_recipe_that_is_wrong_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    wrong = recipe_file(tmp_path, [{**STAGES[0], "set": {"design.groups": 0}}])
    result = CliRunner().invoke(app, ["loop", wrong])
    assert isinstance(result.exception, ScenarioError)
    assert not list((tmp_path / "loops").iterdir())


@pytest.mark.parametrize("options", [[], ["loop_tiny", "--status", "x"], ["--resume", "x", "--out", "y"]])
def test_options_that_do_not_go_together_are_refused(options: list[str]) -> None:
    result = CliRunner().invoke(app, ["loop", *options])
    assert isinstance(result.exception, ScenarioError)
    assert "expected" in str(result.exception)


@pytest.mark.parametrize("name", ["loop_tiny", "loop_laptop", "loop_gpu", "loop_vllm", "loop_cluster"])
def test_shipped_loops_learn_nothing_of_what_they_are_evaluated_on(name: str) -> None:
    recipe = load_loop(name)
    scenarios = scenarios_of(recipe)
    for stage in recipe.stages:
        if isinstance(stage, StudyStageSettings):
            splits = scenarios[stage.name]["questions"]["split"]
            assert ("train" in splits) == (stage.kind == "collect"), stage.name
