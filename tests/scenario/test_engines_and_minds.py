"""Engines, minds and what a run may spend, as a scenario gives them: what is refused, and in which words."""

from __future__ import annotations

from typing import get_args

import pytest

from simcons.errors import ScenarioError
from simcons.scenario.engines import (
    SPEED_SETTINGS,
    BudgetSettings,
    CommonEngineSettings,
    EngineSettings,
    SamplingSettings,
)
from simcons.scenario.files import parse
from simcons.scenario.minds import HostilitySettings, LlmMindSettings, MindSettings
from simcons.scenario.study import Scenario

LEAST = {"name": "s", "mediators": [{"arm": "a"}]}
SERVER = {"kind": "openai", "base_url": "u", "model": "m"}
PLAYED = {"kind": "llm", "engine": "m"}


def engine(**given: object) -> object:
    return parse(EngineSettings, given, source="f")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "gpt"}, "'gpt'}: expected kind transformers, vllm, openai, reward or scripted"),
        ({"kind": "openai", "base_url": "http://h/v1"}, "model: missing"),
        ({"kind": "openai", "base_url": "u", "model": "m", "api_key": "sk-1"}, "api_key: unknown key"),
        (
            {"kind": "openai", "base_url": "u", "model": "m", "key_variable": "sk-12 3"},
            r"key_variable: value \(not shown\)",
        ),
        (
            {**SERVER, "extra_body": {"temperature": 1}},
            "extra_body: 'temperature' is set by simcons; expected the setting",
        ),
        ({**SERVER, "omit": ["messages"]}, "omit: 'messages' is set by simcons; expected a prompt file"),
        ({**SERVER, "omit": ["top_p"], "extra_body": {"top_p": 1}}, "'top_p' is in extra_body and in omit"),
        ({**SERVER, "omit": "seed"}, "omit: value 'seed'"),
        ({"kind": "transformers", "top_p": 0.9}, "top_p: unknown key"),
        ({"kind": "vllm", "gpu_memory": 0}, "gpu_memory: value 0"),
        ({"kind": "scripted", "batch_size": 0}, "batch_size: value 0"),
    ],
)
def test_engines_that_are_refused(given, said):
    with pytest.raises(ScenarioError, match=said) as caught:
        engine(**given)
    assert "\n" not in str(caught.value)


def test_what_changes_a_reply_is_no_speed_setting():
    """Every setting that may be changed when a run goes on is one that some engine has; models and devices' results are not."""
    kinds = get_args(get_args(EngineSettings)[0])
    settings = {name for kind in kinds for name in kind.model_fields} | set(CommonEngineSettings.model_fields)
    assert settings >= SPEED_SETTINGS
    assert settings - SPEED_SETTINGS == {
        *(
            "kind",
            "model",
            "adapter",
            "checkpoint",
            "dtype",
            "max_context",
            "base_url",
            "api",
            "dialect",
            "extra_body",
            "omit",
        ),
    }


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (SamplingSettings, {"temperature": -0.1}),
        (SamplingSettings, {"min_p": 1.0}),
        (SamplingSettings, {"max_tokens": 0}),
        (SamplingSettings, {"top_p": 0.9}),
        (BudgetSettings, {"max_calls": 0}),
        (BudgetSettings, {"max_price": 0}),
        (BudgetSettings, {"calls": 3}),
        (HostilitySettings, {"share": 1.1}),
        (HostilitySettings, {"attack": "shout"}),
        (LlmMindSettings, {**PLAYED, "elicitation": {"least_mass": 2}}),
        (LlmMindSettings, {**PLAYED, "retries": 11}),
        (LlmMindSettings, {"kind": "llm"}),
        (LlmMindSettings, {"kind": "llm", "engine": "no spaces"}),
    ],
)
def test_numbers_and_names_that_are_refused(model, given):
    with pytest.raises(ScenarioError, match=next(reversed(given)) if "kind" not in given else "engine|retries|least"):
        parse(model, given, source="f")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"writer": "latent", "judge": "latent", "beliefs": "latent"}, "both latent; expected kind latent"),
        ({"writer": "latent"}, "beliefs 'persona' with writer latent; expected beliefs latent"),
        ({"judge": "latent"}, "beliefs 'persona' with judge latent; expected beliefs latent"),
    ],
)
def test_a_mixed_mind_is_one_person(given, said):
    with pytest.raises(ScenarioError, match=said):
        parse(MindSettings, {**PLAYED, **given}, source="f")


def test_minds_are_latent_unless_said():
    people = Scenario(**LEAST, participants={"mind": {"position_mean": 4.0}}).participants
    assert (people.mind.kind, people.mind.position_mean) == ("latent", 4.0)


@pytest.mark.parametrize(
    ("scales", "says"),
    [
        (
            ["quality"],
            r"participants.scales: \['quality'\]: expected 'agreement' among them, as statements are compared by",
        ),
        ([], r"\[\]: expected 'agreement' among them"),
        (["agreement", "beauty"], r"participants.scales.1: 'beauty': expected one of agreement, quality, represented"),
        (["agreement", "quality", "agreement"], "expected each once"),
    ],
)
def test_scales_that_are_refused(scales, says):
    with pytest.raises(ScenarioError, match=says) as caught:
        parse(Scenario, {**LEAST, "participants": {"scales": scales}}, source="f")
    assert "\n" not in str(caught.value)


def test_whatever_is_asked_needs_its_engine():
    with pytest.raises(ScenarioError, match=r"participants\.mind: engine 'm' is not in engines \(known: other\)"):
        parse(
            Scenario,
            {**LEAST, "participants": {"mind": PLAYED}, "engines": {"other": {"kind": "scripted"}}},
            source="f",
        )
    arm = {"arm": "x", "generator": {"kind": "language_model", "engine": "n"}}
    engines = {name: {"kind": "scripted"} for name in ("m", "n", "spare")}
    scenario = Scenario(**{**LEAST, "mediators": [arm], "participants": {"mind": PLAYED}, "engines": engines})
    assert scenario.engines_used == {"m", "n"}
    assert [name for name, settings in scenario.acting.items() if settings.engines] == ["participants.mind", "arm 'x'"]


def test_an_oracle_needs_somebody_to_know_the_truth():
    oracle = {"mediators": [{"arm": "a", "scorer": "oracle"}], "engines": {"m": {"kind": "scripted"}}}
    with pytest.raises(ScenarioError, match=r"arm 'a': scorer oracle .* expected judge latent"):
        parse(Scenario, {**LEAST, **oracle, "participants": {"mind": PLAYED}}, source="f")
    fitted = {"kind": "fitted", "from": "rm"}
    with pytest.raises(ScenarioError, match=r"arm 'a': scorer oracle with people of kind fitted"):
        parse(Scenario, {**LEAST, **oracle, "participants": {"mind": fitted}}, source="f")
    latent = {"mind": {**PLAYED, "judge": "latent", "beliefs": "latent"}}
    assert parse(Scenario, {**LEAST, **oracle, "participants": latent}, source="f").engines_used == {"m"}


def test_only_an_arm_that_knows_more_is_an_upper_bound():
    model = {"kind": "language_model", "engine": "m"}
    arms = [
        {"arm": "plain", "generator": model},
        {"arm": "told", "generator": {**model, "opinions": "honest"}},
        {"arm": "oracle", "scorer": "oracle"},
    ]
    scenario = Scenario(**{**LEAST, "mediators": arms, "engines": {"m": {"kind": "scripted"}}})
    assert [scenario.is_upper_bound(arm) for arm in scenario.mediators] == [False, True, True]


def test_a_fitted_mind_stands_for_its_engine_and_writes_in_the_banks_words():
    fitted = {"kind": "fitted", "from": "rm"}
    scenario = parse(Scenario, {**LEAST, "participants": {"mind": fitted}}, source="f")
    assert scenario.engines["fitted_mind"].checkpoint == "rm"
    assert scenario.engines_used == {"fitted_mind"}
    assert not scenario.embeds("reader")
    with pytest.raises(
        ScenarioError, match=r"'fitted_mind' is another engine than the checkpoint of participants\.mind"
    ):
        parse(
            Scenario,
            {**LEAST, "participants": {"mind": fitted}, "engines": {"fitted_mind": {"kind": "scripted"}}},
            source="f",
        )
    with pytest.raises(ScenarioError, match="from: missing"):
        parse(Scenario, {**LEAST, "participants": {"mind": {"kind": "fitted"}}}, source="f")


@pytest.mark.parametrize("given", [{"api_key": "sk-secret"}, {"key_variable": "sk-secret"}])
def test_a_key_in_a_scenario_is_not_printed(given):
    with pytest.raises(ScenarioError) as caught:
        engine(kind="openai", base_url="u", model="m", **given)
    assert "sk-secret" not in str(caught.value)
    assert next(iter(given)) in str(caught.value)
