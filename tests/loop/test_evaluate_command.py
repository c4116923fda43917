"""``simcons evaluate``: checkpoints beside a scenario's arms, and those that cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from rewarding import save_base, save_checkpoint
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.engines.local.models import model_hash
from simcons.errors import SimconsError
from simcons.loop.checkpoints import EvaluationSettings, evaluation_recipe, read_checkpoints
from simcons.loop.recipe import LoopRecipe
from simcons.loop.scenarios import stage_scenarios
from simcons.scenario.study import Scenario
from simcons.training.data.build import prompt_source
from simcons.training.manifest import SftManifest
from simcons.training.toy import toy_model


def save_writer(folder: Path, **changes: Any) -> Path:
    """A checkpoint of all weights, which has learnt nothing; of an adapter where ``adapter`` says so, without the files."""
    toy_model(folder, context=4096)
    manifest = SftManifest(
        base=str(folder), base_hash=model_hash(folder), adapter=False, end_token="<|im_end|>", pad_token="<|endoftext|>",
        prompt=prompt_source("zero_shot"), training={},
    )  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps({**manifest.model_dump(mode="json"), **changes}))
    return folder


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_writer(tmp_path_factory.mktemp("writer") / "04_writer")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("judge")
    return save_checkpoint(folder / "rm", save_base(folder / "base", "causal"), "causal")


def scenario_of(recipe: LoopRecipe) -> Scenario:
    return stage_scenarios(recipe, lambda stage: Path("/none") / stage)["evaluation"]


def recipe_of(*checkpoints: Path | str, **settings: Any) -> LoopRecipe:
    given = EvaluationSettings(**{"scenario": "paper_collection_1", **settings})
    return evaluation_recipe(read_checkpoints([str(folder) for folder in checkpoints]), given)


def test_a_mediator_is_an_arm_alone_and_with_each_reward_model(writer: Path, judge: Path) -> None:
    overrides = ["engines.writer.device=cpu", "mediators.0.arm=base", "design.rounds=2"]
    scenario = scenario_of(recipe_of(writer, judge, samples=8, rounds=7, overrides=overrides))
    arms = {arm.arm: (arm.generator.samples, arm.scorer, arm.select) for arm in scenario.mediators}
    assert arms["writer"] == (1, "none", 1)
    assert arms["writer_rm"] == (8, "rm", 1)
    assert next(iter(arms)) == "base"
    assert (scenario.engines["writer"].model, scenario.engines["writer"].device) == (str(writer), "cpu")  # type: ignore[union-attr]
    assert scenario.design.groups == 4


def test_a_reward_model_alone_chooses_from_what_the_other_arm_writes(judge: Path) -> None:
    recipe = recipe_of(f"mine={judge}")
    ours, mine = scenario_of(recipe).mediators
    assert recipe.stages[0].against == [ours.arm]  # type: ignore[union-attr]
    assert (mine.arm, mine.scorer, mine.generator.samples) == ("mine", "mine", 16)
    assert type(mine.generator) is type(ours.generator)


def test_a_mediator_without_a_prompt_is_asked_with_the_one_that_is_given(tmp_path: Path) -> None:
    writer = save_writer(tmp_path / "writer", prompt=None)
    assert scenario_of(recipe_of(writer, prompt="few_shot")).mediators[1].generator.prompt == "few_shot"  # type: ignore[union-attr]
    with pytest.raises(SimconsError, match="does not say which prompt it learnt to answer; expected --prompt"):
        recipe_of(writer)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"prompt": "few_shot"}, "writer: prompt: value 'few_shot': expected 'zero_shot', which it learnt to answer"),
        ({"against": ["nobody"]}, r"--against: value 'nobody': expected an arm of paper_collection_1 \(pretrained\)"),
        ({"overrides": ["design.groups=:"]}, "not valid YAML"),
        ({"overrides": ["design.rounds=0"]}, "rounds: value 0"),
    ],
)
def test_settings_that_cannot_be_are_named(writer: Path, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SimconsError, match=said):
        scenario_of(recipe_of(writer, **settings))


def test_a_prompt_that_has_changed_is_refused(tmp_path: Path) -> None:
    prompt = tmp_path / "mine.md.j2"
    prompt.write_text("{{ question }} {{ opinions }}")
    source = prompt_source(str(prompt))
    writer = save_writer(tmp_path / "writer", prompt={"name": source.name, "sha256": source.sha256})
    assert len(scenario_of(recipe_of(writer)).mediators) == 2
    prompt.write_text("{{ question }}: {{ opinions }}")
    with pytest.raises(SimconsError, match=r"which it learnt to answer, as it was then \(SHA-256 [0-9a-f]{10}\)"):
        recipe_of(writer)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "loop"}, "manifest.json: kind: value 'loop': expected a checkpoint"),
        ({"format": 2}, "manifest.json: format: value 2: expected 1"),
        ({"base_hash": 5}, "manifest.json: base_hash: value 5: expected"),
        ({"adapter": True}, "expected a folder with adapter_config.json and adapter_model.safetensors"),
    ],
)
def test_a_manifest_of_something_else_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SimconsError, match=said):
        read_checkpoints([str(save_writer(tmp_path / "w", **changes))])


def test_folders_that_are_no_checkpoint_are_told_apart(tmp_path: Path, writer: Path) -> None:
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "start.json").touch()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "manifest.json").write_text("[")
    for name, said in [
        ("none", "no such folder"), ("", "is no checkpoint; expected a folder"), ("begun", "has not finished; expected one that"),
        ("damaged", "manifest.json: is not JSON"),
    ]:  # fmt: skip
        with pytest.raises(SimconsError, match=said):
            read_checkpoints([str(tmp_path / name)])
    with pytest.raises(SimconsError, match="two checkpoints are called 'writer'"):
        read_checkpoints([str(writer), f"writer={writer}"])


def test_an_evaluation_is_run_and_its_tables_shown(writer: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    small = ("design.omissions=[0]", "design.rounds=1", "readers.reader.matching=words", "engines.writer.device=cpu")
    changes = [part for change in small for part in ("--set", change)]
    options = ["--scenario", "paper_collection_1", "--rounds", "1", "--out", str(out), *changes]
    result = CliRunner().invoke(app, ["evaluate", str(writer), *options])
    assert result.exit_code == 0, result.output
    assert "Training may have learnt from some of these questions" in result.output
    assert "against pretrained" in result.output
    arms = pq.read_table(out / "01_evaluation" / "arms.parquet").to_pylist()
    assert {row["arm"] for row in arms} == {"pretrained", "writer"}
