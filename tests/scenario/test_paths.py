"""Paths in a scenario: beside its file, from the shell for what is set, and from anywhere once a run has begun."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

import simcons
from simcons.engines.local.models import PACKAGED_MODELS
from simcons.errors import ScenarioError
from simcons.scenario.load import load_scenario
from simcons.scenario.shipped import PACKAGED_MODEL_NAMES, PROMPTS, data_folder, find_prompt

SHIPPED = sorted((data_folder("scenarios") / "studies").glob("*.yaml"))
GOOD = {"name": "s", "mediators": [{"arm": "a"}]}


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A folder with a scenario and what it names, seen from another folder."""
    folder, shell = tmp_path / "study", tmp_path / "shell"
    for made in (folder, shell, folder / "mine", folder / "models" / "m"):
        made.mkdir(parents=True)
    (folder / "q.txt").write_text("Should cars be banned?\nShould taxes be raised?\nShould trains be free?\n")
    (folder / "p.md.j2").write_text(PROMPTS.folder.joinpath("few_shot.md.j2").read_text(encoding="utf-8"))
    (folder / "people.yaml").write_text((data_folder("personas") / "uk.yaml").read_text(encoding="utf-8"))
    (folder / "a.gguf").write_text("")
    monkeypatch.chdir(shell)
    return folder


def test_a_folder_is_no_prompt(study):
    with pytest.raises(ScenarioError, match=r"prompt '\.\./study/mine': is a folder, and not a shipped one"):
        find_prompt("../study/mine")
    (Path.cwd() / "few_shot").mkdir()
    assert find_prompt("few_shot").is_file()


def written(folder, **more):
    (folder / "s.yaml").write_text(yaml.safe_dump({**GOOD, **more}))
    return folder / "s.yaml"


def test_what_a_scenario_names_lies_beside_it(study):
    arms = [{"arm": "a", "generator": {"kind": "language_model", "engine": "e", "prompt": "p.md.j2"}}]
    engines = {
        "e": {"kind": "transformers", "model": "models/m", "adapter": "models/m"},
        "f": {"kind": "transformers", "model": "./a.gguf"},
        "g": {"kind": "transformers", "model": "models/absent.gguf", "adapter": "absent"},
        "h": {"kind": "openai", "model": "mine", "base_url": "http://h/v1"},
        "i": {"kind": "transformers", "model": "some-org/some-model"},
        "j": {"kind": "transformers"},
        "k": {"kind": "reward", "checkpoint": "absent"},
    }
    scorers = {"rm": {"kind": "reward", "checkpoint": "models/m"}}
    mind = {"kind": "llm", "engine": "h", "opinion_prompt": "../study/p.md.j2"}
    path = written(
        study,
        population={"name": "people.yaml"},
        questions={"kind": "file", "path": "q.txt"},
        mediators=arms,
        engines=engines,
        scorers=scorers,
        participants={"mind": mind},
    )
    scenario = load_scenario(path)
    assert scenario.population.name == str(study / "people.yaml")
    assert scenario.questions.path == str(study / "q.txt")
    assert scenario.mediators[0].generator.prompt == str(study / "p.md.j2")
    assert scenario.participants.mind.opinion_prompt == str(study / "p.md.j2")
    assert scenario.participants.mind.rating_prompt == "persona_rating"
    assert {name: engine.model for name, engine in scenario.engines.items() if engine.writes} == {
        "e": str(study / "models" / "m"),
        "f": str(study / "a.gguf"),
        "g": str(study / "models" / "absent.gguf"),
        "h": "mine",
        "i": "some-org/some-model",
        "j": "smollm2-135m-instruct",
    }
    assert scenario.engines["g"].adapter == str(study / "absent")
    assert scenario.engines["k"].checkpoint == str(study / "absent")
    assert scenario.engines["rm"].checkpoint == scenario.scorers["rm"].checkpoint == str(study / "models" / "m")
    assert load_scenario(written(study, questions={"kind": "bank", "bank": "mine"})).questions.bank == str(
        study / "mine"
    )
    two = load_scenario(written(study, questions={"kind": "bank", "bank": ["wider", "mine"]}))
    assert two.questions.banks == ["wider", str(study / "mine")]
    assert load_scenario(os.path.relpath(path)) == load_scenario(path)


def test_what_is_set_lies_where_the_shell_is(study):
    path = written(study, questions={"kind": "file", "path": "q.txt"})
    Path("other.txt").write_text("Should cars be banned?\n")
    given = load_scenario(path, ["questions.path=other.txt"])
    assert given.questions.path == os.path.abspath("other.txt")
    assert load_scenario(path, ["questions={kind: file, path: other.txt}"]).questions == given.questions
    with pytest.raises(
        ScenarioError, match=r"--set: questions\.path: value 'q\.txt': no such file \(looked in .*shell\)"
    ):
        load_scenario(path, ["questions.path=q.txt"])


def test_homes_and_variables_are_expanded(study, monkeypatch):
    monkeypatch.setenv("HOME", str(study))
    monkeypatch.setenv("DATA", str(study / "mine" / ".."))
    path = written(study, questions={"kind": "file", "path": "~/q.txt"}, output={"folder": "~/runs"})
    assert load_scenario(path).questions.path == str(study / "q.txt")
    assert load_scenario(path).output.folder == str(study / "runs")
    assert load_scenario(written(study), ["output.folder=my/runs"]).output.folder == "my/runs"
    for given in ("$DATA/q.txt", "${DATA}/q.txt"):
        assert load_scenario(written(study, questions={"kind": "file", "path": given})).questions.path == str(
            study / "q.txt"
        )
    monkeypatch.delenv("DATA")
    with pytest.raises(
        ScenarioError,
        match=r"line \d: questions\.path: value '\$DATA/q\.txt': the environment variable DATA is not set",
    ):
        load_scenario(written(study, questions={"kind": "file", "path": "$DATA/q.txt"}))
    with pytest.raises(
        ScenarioError, match=r"output\.folder: value '~nobody-here/runs': there is no home folder ~nobody-here"
    ):
        load_scenario(written(study, output={"folder": "~nobody-here/runs"}))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("questions", {"kind": "file", "path": "there.txt"}),
        ("questions", {"kind": "bank", "bank": "there.txt"}),
        ("questions", {"kind": "bank", "bank": ["core", "there.txt"]}),
        ("population", {"name": "there.txt"}),
        ("engines", {"e": {"kind": "transformers", "model": "there.txt"}}),
        ("engines", {"e": {"kind": "vllm", "adapter": "there.txt"}}),
        ("mediators", [{"arm": "a", "generator": {"kind": "language_model", "engine": "e", "prompt": "there.txt"}}]),
    ],
)
def test_a_file_that_is_where_the_shell_is_is_said_to_be_there(study, key, value):
    Path("there.txt").write_text("")
    path = written(study, **{"engines": {"e": {"kind": "scripted"}}, key: value})
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert (
        f"value 'there.txt': no such file (looked in {study}); there is one in the working folder, {Path.cwd()}"
        in str(caught.value)
    )
    assert "../shell/there.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_that_is_missing_is_listed(study):
    path = written(study, population={"name": "no"}, questions={"kind": "file", "path": "neither.txt"})
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert "population.name: value 'no': no such file" in str(caught.value)
    assert "questions.path: value 'neither.txt': no such file" in str(caught.value)
    assert "uk_crowd" in str(caught.value)


def test_a_shipped_name_stays_one(study):
    """Whatever lies about; ``./core`` is one's own."""
    for folder in (study, Path.cwd()):
        for name in ("core", "uk", "few_shot", "smollm2-135m-instruct"):
            (folder / name).mkdir()
    questions = {"kind": "bank", "bank": "core"}
    path = written(study, population={"name": "uk"}, questions=questions, engines={"e": {"kind": "vllm"}})
    scenario = load_scenario(path, ["engines.e.model=smollm2-135m-instruct"])
    assert (scenario.population.name, scenario.questions.bank) == ("uk", "core")
    assert scenario.engines["e"].model == "smollm2-135m-instruct"
    own = load_scenario(written(study, questions={"kind": "bank", "bank": "./core"}))
    assert own.questions.bank == str(study / "core")
    assert frozenset(PACKAGED_MODELS) == PACKAGED_MODEL_NAMES


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenarios_name_no_place(path):
    """So that their records are the same wherever simcons is installed."""
    assert str(Path.home()) not in load_scenario(path).model_dump_json()
    assert '"/' not in load_scenario(path).model_dump_json()


def test_a_run_is_replayed_from_any_folder(study, tmp_path, monkeypatch):
    path = written(
        study,
        questions={"kind": "file", "path": "q.txt"},
        population={"name": "people.yaml"},
        design={"groups": 1, "rounds": 1},
    )
    run = simcons.run(path, out=tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    assert simcons.replay(run.folder, out=tmp_path / "again").ratings.equals(run.ratings)
