"""``simcons check`` and ``simcons schema`` of recipes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.errors import ScenarioError, ScenarioProblems
from simcons.loop.recipe import LoopRecipe
from simcons.scenario.shipped import RECIPES


def check(*arguments: str):
    return CliRunner().invoke(app, ["check", *arguments])


@pytest.mark.parametrize("path", sorted(RECIPES.folder.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_recipes_are_good(path: Path) -> None:
    result = check(str(path))
    assert ": good: " in result.output, result.exception


def test_a_loop_is_told_stage_by_stage() -> None:
    lines = check("loop_tiny", "--set", "stages.1.set={design.groups: 7}").output.splitlines()
    assert lines[0] == "loop_tiny: good: 9 stages."
    assert lines[2] == "  02 first (collect): 7 groups, 21 rounds; arms pretrained."
    assert lines[5].startswith(
        "  05 writer (sft): on examples; an adapter of rank 4 on all layers of stage toy; 2 epochs"
    )


def test_every_model_that_is_missing_is_named_with_its_stage(tmp_path: Path) -> None:
    document = yaml.safe_load((RECIPES.folder / "loop_tiny.yaml").read_text())
    for stage in document["stages"]:
        if stage.pop("base", None):
            stage["settings"] = {"model": str(tmp_path / "none")}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(document))
    problems = check(str(tmp_path / "mine.yaml")).exception
    assert isinstance(problems, ScenarioProblems)
    assert [line.partition(": ")[0] for line in problems.problems] == ["stage writer", "stage judge"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sft", "--set", "batch_size=0"), "sft.yaml: --set: batch_size: value 0"),
        (("reward", "--set", "model=mine.gguf"), "reward.yaml: model: no GGUF file '.*mine.gguf'"),
        (("loop_tiny", "--set", "stages.8.against=x"), "stage evaluation: against: value 'x': expected among its arms"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        raise check(*arguments).exception  # type: ignore[misc]


def test_recipes_have_schemas() -> None:
    schema = json.loads(CliRunner().invoke(app, ["schema", "loop"]).output)
    assert schema["properties"].keys() == LoopRecipe.model_fields.keys()
    assert "learning_rate" in json.loads(CliRunner().invoke(app, ["schema", "sft"]).output)["properties"]
