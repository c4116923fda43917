"""Readers and scorers by name: what a scenario has without saying so, what it may add, and what is refused."""

from __future__ import annotations

import json

import pytest

from simcons.errors import ScenarioError
from simcons.scenario.engines import RewardEngineSettings
from simcons.scenario.files import parse
from simcons.scenario.load import change_scenario, load_scenario
from simcons.scenario.scoring import (
    LengthScorerSettings,
    OracleScorerSettings,
    ReaderScorerSettings,
    RulesReaderSettings,
)
from simcons.scenario.study import Scenario

LANGUAGE_MODEL = {"kind": "language_model", "engine": "m"}


def scenario(*arms: dict[str, object], **parts: object) -> Scenario:
    mediators = [{"arm": f"arm{k}", **arm} for k, arm in enumerate(arms or ({},))]
    return parse(Scenario, {"name": "s", "mediators": mediators, **parts}, source="f")


def test_a_small_scenario_has_a_reader_and_three_scorers():
    small = scenario({"scorer": "reader"}, {"scorer": "oracle"}, {})
    assert small.readers == {"reader": RulesReaderSettings()}
    assert small.scorers == {
        "reader": ReaderScorerSettings(),
        "longest": LengthScorerSettings(kind="length"),
        "oracle": OracleScorerSettings(kind="oracle"),
    }
    assert [small.is_upper_bound(arm) for arm in small.mediators] == [False, True, False]
    assert [arm.is_scored for arm in small.mediators] == [True, True, False]


def test_a_block_adds_to_them_and_overrides_them():
    given = scenario(
        {"scorer": "by_words"},
        readers={"reader": {"matching": "both"}, "words": {"kind": "rules", "matching": "words"}},
        scorers={"by_words": {"kind": "reader", "reader": "words"}},
    )
    assert {name: reader.matching for name, reader in given.readers.items()} == {"reader": "both", "words": "words"}
    assert list(given.scorers) == ["reader", "longest", "oracle", "by_words"]
    assert list(given.scorers_used) == ["by_words"]
    assert list(given.readers_used) == ["reader", "words"]


def test_a_recorded_scenario_names_all_there_are():
    given = scenario(readers={"words": {"matching": "words"}})
    again = parse(Scenario, json.loads(given.model_dump_json()), source="f")
    assert again == given


def test_an_oracle_may_have_any_name():
    given = scenario({"scorer": "truth"}, scorers={"truth": {"kind": "oracle"}})
    assert given.is_upper_bound(given.mediators[0])


def test_only_readers_in_use_have_texts_embedded():
    """auto embeds where a language model writes; each reader for itself."""
    parts = {"readers": {"plain": {"matching": "words"}}, "engines": {"m": {"kind": "scripted"}}}
    mixed = scenario({"generator": LANGUAGE_MODEL}, participants={"reader": "plain"}, **parts)
    assert not mixed.reads_with_embeddings
    scored = scenario({"generator": LANGUAGE_MODEL, "scorer": "reader"}, participants={"reader": "plain"}, **parts)
    assert scored.reads_with_embeddings
    assert (scored.embeds("reader"), scored.embeds("plain")) == (True, False)
    assert not scenario({"scorer": "reader"}).reads_with_embeddings
    assert scenario(readers={"reader": {"matching": "both"}}).reads_with_embeddings


def test_an_auto_reader_is_trained_where_texts_are_not_composed_from_the_bank():
    parts = {"readers": {"reader": {"kind": "auto"}}, "engines": {"m": {"kind": "scripted"}}}
    fixed = {"kind": "fixed", "texts": {"free_buses": ["Buses should be free."]}}
    kinds = {
        "scripted": scenario({"generator": {"kind": "scripted"}}, **parts),
        "fixed": scenario({"generator": fixed}, **parts),
        "mediator": scenario({"generator": LANGUAGE_MODEL}, **parts),
        "mind": scenario(participants={"mind": {"kind": "llm", "engine": "m"}}, **parts),
    }
    assert {name: given.readers_used["reader"].kind for name, given in kinds.items()} == {
        "scripted": "rules",
        "fixed": "trained",
        "mediator": "trained",
        "mind": "trained",
    }


def test_a_checkpoint_stands_for_an_engine_of_the_scorers_name():
    given = scenario({"scorer": "rm"}, scorers={"rm": {"kind": "reward", "checkpoint": "/c"}})
    assert given.engines == {"rm": RewardEngineSettings(kind="reward", checkpoint="/c")}
    assert (given.engines_used, given.engines_of("score")) == ({"rm"}, {"rm"})
    named = {
        "engines": {"rm": {"kind": "reward", "checkpoint": "/c"}},
        "scorers": {"rm": {"kind": "reward", "engine": "rm"}},
    }
    assert scenario({"scorer": "rm"}, **named).engines == given.engines


def test_a_recorded_checkpoint_keeps_what_was_set_of_its_engine():
    given = scenario({"scorer": "rm"}, scorers={"rm": {"kind": "reward", "checkpoint": "/c"}})
    changed = change_scenario(given, ["engines.rm.device=cpu"], source="f")
    assert changed.engines["rm"] == RewardEngineSettings(kind="reward", checkpoint="/c", device="cpu")
    assert parse(Scenario, json.loads(changed.model_dump_json()), source="f") == changed


def test_a_scripted_engine_rehearses_a_reward_model():
    parts = {"engines": {"m": {"kind": "scripted"}}, "scorers": {"rm": {"kind": "reward", "engine": "m"}}}
    assert scenario({"scorer": "rm"}, **parts).engines_used == {"m"}


def test_what_nothing_uses_is_told():
    readers = {"reader": {"kind": "rules"}, "spare": {"kind": "rules"}, "in_use": {"kind": "rules"}}
    scorers = {"spare": {"kind": "reader"}, "mine": {"kind": "reader", "reader": "in_use"}}
    assert scenario({"scorer": "mine"}, readers=readers, scorers=scorers).unused == ["readers.spare", "scorers.spare"]
    assert scenario().unused == []


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            "mediators: [{arm: a, scorer: orcl}]",
            "line 2: mediators.0.scorer: value 'orcl': expected one of none, reader",
        ),
        (
            "mediators: [{arm: a, generator: {kind: scripted, reader: x}}]",
            "line 2: mediators.0.generator.reader: value 'x'",
        ),
        (
            "participants: {reader: x}\nmediators: [{arm: a}]",
            "line 2: participants.reader: value 'x': expected one of rea",
        ),
        ("mediators: [{arm: a}]\nscorers: {s: {kind: reader, reader: x}}", "line 3: scorers.s.reader: value 'x'"),
        ("mediators: [{arm: a}]\nscorers: {none: {kind: reader}}", "line 3: scorers: 'none' stands for an arm without"),
        (
            "mediators: [{arm: a}]\nscorers: {oracle: {kind: reader}}",
            "line 3: scorers: 'oracle' stands for the scorer of kind",
        ),
        # as earlier versions had it
        ("mediators: [{arm: a}]\nreader: {matching: words}", "line 3: reader: `reader` is now `readers.reader`"),
        (
            "mediators:\n- {arm: a}\n- {arm: b, scorer: {kind: oracle}}",
            "line 4: mediators.1.scorer: `scorer: {kind: oracle}` is now `scorer: oracle`",
        ),
        (
            "mediators: [{arm: a}]\nreaders: {words: {kind: claims, matching: words}}",
            "line 3: readers.words: `kind: claims` is now `kind: rules`",
        ),
        (
            "mediators: [{arm: a}]\nreaders: {words: {kind: wrods}}",
            "line 3: readers.words: value {'kind': 'wrods'}: expected kind rules, trained,",
        ),
        (
            "mediators: [{arm: a}]\nreaders: {taught: {kind: trained, weights: nowhere}}",
            "line 3: readers.taught.weights: value 'nowhere': no such file (looked in ",
        ),
        ("mediators: [{arm: a}]\nreaders: {words: {matchng: words}}", "line 3: readers.words.matchng: unknown key"),
        ("mediators: [{arm: a}]\nreaders: {asks: {kind: model}}", "line 3: readers.asks.engine: missing: expected"),
        (
            "mediators: [{arm: a}]\nparticipants: {reader: asks}\nreaders: {asks: {kind: model, engine: m}}",
            "line 1: reader 'asks': engine 'm' is not in engines (known: none)",
        ),
        ("mediators: [{arm: a}]\nscorers: {rm: {kind: reward}}", "line 3: scorers.rm: expected checkpoint or engine"),
        (
            "mediators: [{arm: a}]\nscorers: {rm: {kind: reward, checkpoint: c, engine: m}}",
            "line 3: scorers: rm: has a checkpoint and the engine 'm'; expected one of them",
        ),
        (
            "mediators: [{arm: a}]\nscorers: {rm: {kind: reward, checkpoint: c}}\nengines: {rm: {kind: transformers}}",
            "line 4: engines: 'rm' is another engine than the checkpoint of scorers.rm stands for; expected another name",
        ),
        (
            "mediators: [{arm: a, scorer: rm}]\nscorers: {rm: {kind: reward, engine: m}}\nengines: {m: {kind: transformers}}",
            "line 1: scorer 'rm': engine 'm' is of kind transformers; expected one of kind reward, with a checkpoint",
        ),
        (
            "mediators: [{arm: a, generator: {kind: language_model, engine: rm}}]\n"
            "engines: {rm: {kind: reward, checkpoint: c}}",
            "line 1: arm 'a': engine 'rm' is of kind reward; expected one with a language model",
        ),
        ("mediators: [{arm: a, scorer: {kind: 3}}]", "line 2: mediators.0.scorer: value {'kind': 3}: expected a text"),
    ],
)
def test_what_is_refused_is_told_in_a_line_with_its_place(document, said, tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(f"name: s\n{document}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert str(caught.value).startswith(f"{path}: {said}")
    assert "\n" not in str(caught.value)


def test_an_override_by_an_old_key_is_told_as_one(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("name: s\nmediators: [{arm: a}]\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path, ["reader.matching=words"])
    assert str(caught.value) == f"{path}: --set: reader: `reader` is now `readers.reader`"
