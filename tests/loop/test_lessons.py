"""Lessons of a mediator that know the judge are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from simcons.loop.lessons import leaks
from simcons.loop.recipe import LoopRecipe
from simcons.loop.scenarios import stage_scenarios

SCRIPTED = {"arm": "teacher", "generator": {"kind": "scripted", "samples": 2}}
OTHER_EARS = {"arm": "teacher", "generator": {"kind": "scripted", "samples": 2, "reader": "other"}}
OWN = {"arm": "own", "generator": {"kind": "language_model", "engine": "base", "prompt": "zero_shot"}}


def said(*arms: dict[str, Any]) -> list[str]:
    recipe = LoopRecipe.model_validate(
        {
            "kind": "loop",
            "name": "l",
            "scenario": "paper_collection_1",
            "set": {"readers.other": {"kind": "rules", "matching": "both"}},
            "stages": [
                {"kind": "collect", "name": "first", "mediators": list(arms)},
                {"kind": "data", "name": "examples", "runs": ["first"]},
                {"kind": "sft", "name": "writer", "data": "examples"},
                {"kind": "reward", "name": "judge", "data": "examples"},
            ],
        }
    )
    return leaks(recipe, stage_scenarios(recipe, lambda name: Path("/loop") / name))


def test_a_scripted_teacher_with_the_judges_reader_leaks() -> None:
    (sentence,) = said(SCRIPTED, OWN)
    assert sentence.startswith("writer learns from statements of arm teacher (stage first)")
    assert "leak" in sentence


@pytest.mark.parametrize("arm", [OWN, OTHER_EARS], ids=["own", "other ears"])
def test_others_do_not(arm: dict[str, Any]) -> None:
    assert said(arm) == []
