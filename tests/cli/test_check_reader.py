"""``simcons check-reader``: readers put to labelled texts, as a table, as JSON, and the lines that bad input gets."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.errors import SimconsError

WORDS = "{kind: rules, matching: words}"
TEXTS = """
schema_version: 1
entries:
- {id: t1, question: free_buses, kind: opinion, text: I am in favour of free bus travel., claims: {}, verdict: 1}
- {id: t2, question: free_buses, kind: opinion, text: I am against free bus travel., claims: {}, verdict: -1}
- {id: t3, question: free_buses, kind: other, text: "My neighbour has a new dog, a spaniel.", claims: {}, verdict: null}
"""
SCENARIO = """
name: ears
mediators: [{arm: a, scorer: by_words}]
scorers: {by_words: {kind: reader, reader: words}}
readers: {words: {matching: words}, asks: {kind: model, engine: m, by: structured}}
engines: {m: {kind: scripted}, other: {kind: scripted}}
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "texts.yaml").write_text(TEXTS, encoding="utf-8")
    (tmp_path / "ears.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def said(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["check-reader", *map(str, arguments)], env={"COLUMNS": "80"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_a_table_for_people(files):
    shown = said("--reader", WORDS, "--texts", files / "texts.yaml")
    lines = shown.splitlines()
    assert lines[0] == "3 texts on 1 question, labelled in texts.yaml"
    assert max(map(len, lines)) <= 80
    [verdicts] = [line for line in lines[lines.index("Verdicts") :] if line.startswith("all")]
    assert verdicts.split()[:3] == ["all", "3", "100%"]
    assert any(line.endswith("texts a second") for line in lines)


def test_figures_for_other_programs(files):
    given = json.loads(said("--reader", WORDS, "--texts", files / "texts.yaml", "--format", "json"))
    [reader] = given["readers"].values()
    everything = reader["kinds"]["all"]
    assert everything["verdicts_right"]["value"] == 1
    assert everything["verdicts_right"]["interval"] == pytest.approx([0.3424, 1.0], abs=1e-3)
    assert everything["recall"] is None  # no claim is labelled
    assert (reader["settings"]["matching"], given["texts"]["n"]) == ("words", 3)


def test_readers_of_a_scenario_and_its_engines(files):
    """A scripted engine answers at random, and in no JSON."""
    scenario, texts = files / "ears.yaml", ("--texts", files / "texts.yaml", "--format", "json")
    assert list(json.loads(said(scenario, *texts))["readers"]) == ["reader", "words"]
    readers = json.loads(said(scenario, "--reader", "asks", "--engine", "other", *texts))["readers"]
    assert list(readers) == ["asks", "other"]
    assert readers["asks"]["kinds"]["all"]["texts_missing"]["value"] == 1
    assert readers["other"]["kinds"]["all"]["texts_missing"]["value"] < 1
    assert "No reading of 3 texts: nothing is heard in them." in said(scenario, "--reader", "asks", *texts[:2])


def test_an_engine_alone_is_asked(files):
    shown = json.loads(
        said("--engine", "{kind: scripted}", "--texts", files / "texts.yaml", "--format", "json", "--set", "seed=3")
    )
    assert shown["readers"]["model"]["settings"]["engine"] == "engine"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--reader", "rulez"], "--reader 'rulez': expected one of rules, trained, model"),
        (
            ["--reader", "{kind: rules, matchin: words}"],
            "scenario: readers.rules.matchin: unknown key with value 'words'",
        ),
        (["--reader", "{kind: claims}"], "scenario: readers.claims: `kind: claims` is now `kind: rules`"),
        (["--reader", "model"], "--reader model: asks a language model; expected --engine NAME with it"),
        (["--reader", "{kind: ["], "--reader '{kind: [': is not valid YAML"),
        (["--texts", "nothing"], "set of labelled texts 'nothing': no such file, and not a shipped one (shipped: dev"),
        (["{ears}", "--reader", "eyes"], "--reader 'eyes': expected one of the scenario's: reader, words, asks"),
        (["{ears}", "--engine", "none"], "--engine 'none': expected one of the scenario's engines: m, other"),
    ],
)
def test_bad_input_is_told_in_a_line(files, arguments, line):
    with pytest.raises(SimconsError) as caught:
        said(*[argument.replace("{ears}", str(files / "ears.yaml")) for argument in arguments])
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)
