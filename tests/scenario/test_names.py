"""Names in any script, and what is none."""

from __future__ import annotations

import unicodedata

import pytest
import yaml
from typer.testing import CliRunner

import simcons
from simcons.cli.app import app
from simcons.errors import ScenarioError
from simcons.scenario.load import load_scenario
from simcons.scenario.names import checked_name
from simcons.scenario.study import Scenario

ARMS = ["الأوسط", "平均-効用", "μέσος.όρος", "größte_Zufriedenheit", "निष्पक्ष"]


@pytest.mark.parametrize("name", [*ARMS, "a", "0", "Ö", "a.b-c_d", "٣", "ไทย", "x" * 200])
def test_letters_and_digits_of_any_script(name):
    assert checked_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "a letter or digit at its beginning"),
        (".hidden", "a letter or digit at its beginning"),
        ("-rf", "a letter or digit at its beginning"),
        ("..", "a letter or digit at its beginning"),
        ("\u0301a", "a letter or digit at its beginning"),
        ("a/b", "holds '/'"),
        ("a\\b", r"holds '\\\\'"),
        ("a b", "holds ' '"),
        ("a\x1bb", r"holds U\+001B"),
        ("a\u202eb", r"holds U\+202E"),
        ("a\u200db", r"holds U\+200D"),
        ("a\ud800b", r"holds U\+D800"),
        ("a*b", r"holds '\*'"),
        ("🙂", "holds '🙂'"),
        ("税" * 67, "is 201 bytes long; expected at most 200"),
    ],
)
def test_what_is_no_name(name, said):
    with pytest.raises(ValueError, match=said):
        checked_name(name)


def test_a_name_is_one_however_it_is_composed(tmp_path):
    """Engines are found, and arms told apart, by their letters."""
    composed, apart = "größe", unicodedata.normalize("NFD", "größe")
    assert composed != apart
    arm = {"arm": apart, "generator": {"kind": "language_model", "engine": apart}}
    (tmp_path / "s.yaml").write_text(
        yaml.safe_dump({"name": apart, "mediators": [arm], "engines": {composed: {"kind": "scripted"}}}),
    )
    scenario = load_scenario(tmp_path / "s.yaml", [f"engines.{apart}.batch_size=3"])
    assert (scenario.name, scenario.mediators[0].arm, scenario.engines_used) == (composed, composed, {composed})
    assert scenario.engines[composed].batch_size == 3
    with pytest.raises(ValueError, match="is given twice"):
        Scenario(name="s", mediators=[{"arm": composed}, {"arm": apart}])


def test_a_wrong_name_is_told_with_its_place(tmp_path):
    (tmp_path / "s.yaml").write_text("name: s\nmediators:\n  - arm: a/b\nengines:\n  c d: {kind: scripted}\n")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "s.yaml")
    assert "line 3: mediators.0.arm: name 'a/b': holds '/'" in str(caught.value)
    assert "line 5: engines.c d: name 'c d': holds ' '" in str(caught.value)


def test_a_study_whose_names_are_in_many_scripts_is_run_shown_and_chosen_from_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arms = [{"arm": arm, "scorer": "reader", "select": 1} for arm in ARMS]
    scenario = {"name": "研究", "mediators": arms, "design": {"groups": 2, "rounds": 1}}
    (tmp_path / "研究.yaml").write_text(yaml.safe_dump(scenario, allow_unicode=True), encoding="utf-8")

    def said(*arguments):
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == 0, (result.output, result.exception)
        return result.stdout

    assert "研究: good." in said("check", "研究.yaml")
    assert "runs/研究-001" in said("run", "研究.yaml")
    shown = said("show", "runs/研究-001")
    assert all(arm in shown for arm in ARMS)
    assert {*simcons.load("runs/研究-001").selections["arm"]} == {*ARMS}
    assert "True agreement" in said("reselect", "runs/研究-001", "--out", "again")
    assert (tmp_path / "again").is_dir()
