"""The adapter that is shipped for the packaged model, by which it plays people."""

from __future__ import annotations

import json

import pytest

from simcons.engines.acts import run_act
from simcons.engines.local.models import local_folder, model_hash, resolve_model
from simcons.engines.local.transformers_engine import TransformersEngine
from simcons.languages.en_gb import EN_GB
from simcons.population.minds.discussion import Discussion, Respondent, Statement
from simcons.population.minds.llm import LlmMind
from simcons.population.minds.prompts import load_templates
from simcons.questions.bank import load_bank
from simcons.questions.readers import RulesReader
from simcons.scale import AGREEMENT
from simcons.scenario.engines import TransformersEngineSettings
from simcons.scenario.load import load_scenario
from simcons.scenario.minds import LlmMindSettings
from simcons.scenario.shipped import find_adapter, find_bank, find_scenario

NAME, MODEL = "smollm2-135m-persona", "smollm2-135m-instruct"
QUESTION = next(question for question in load_bank(find_bank("core")) if question.split == "iid_test")


def test_it_is_small_and_names_its_base():
    folder = find_adapter(NAME)
    assert sum(file.stat().st_size for file in folder.iterdir()) < 10e6
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["role"], manifest["base"]) == ("persona", MODEL)
    assert manifest["base_hash"] == model_hash(local_folder(resolve_model(MODEL)))
    assert (folder / "README.md").read_text().startswith("---\nlanguage")


@pytest.mark.parametrize("study", ["llm_minds", "quickstart_llm"])
def test_language_models_as_people_have_it_unless_told_otherwise(study):
    assert load_scenario(find_scenario(study)).engines["actor"].adapter == NAME


def test_people_agree_with_what_they_hold_and_not_with_its_opposite(crowd):
    """On a question that it has not learnt from: of those who are for and of those who are against."""
    learnt = json.loads((find_adapter(NAME) / "manifest.json").read_text())["learnt"]
    assert QUESTION.text not in learnt["questions"]
    settings = LlmMindSettings(kind="llm", engine="m")
    mind = LlmMind(settings, load_templates(settings), EN_GB, scales=(AGREEMENT,), seed=1)
    engine = TransformersEngine("m", TransformersEngineSettings(kind="transformers", model=MODEL, adapter=NAME))
    discussion = Discussion(QUESTION, "r1", {}, RulesReader(EN_GB), EN_GB, scales=(AGREEMENT,), seed=1)
    statements = [Statement(QUESTION.position), Statement(QUESTION.negation)]
    for person, position in zip(crowd, (2.0, 6.0), strict=False):
        told = Respondent("p1", person, QUESTION, "r1", position=position)
        judged = run_act(mind.judge(told, statements, discussion), {"m": engine})
        held, opposite = (judgement[AGREEMENT].value for judgement in judged)
        assert (held - opposite) * (position - 4) > 1
