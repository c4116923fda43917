"""What a run was begun with, by content."""

from __future__ import annotations

import shutil

import pytest

from simcons.errors import RunFolderError, ScenarioError
from simcons.scenario.inputs import check_inputs, input_hashes
from simcons.scenario.shipped import find_bank, find_population, find_prompt
from simcons.scenario.study import Scenario


def scenario(**parts: object) -> Scenario:
    return Scenario(**{"name": "s", "mediators": [{"arm": "a"}], **parts})


@pytest.fixture
def own(tmp_path) -> Scenario:
    """A scenario that reads nothing but copies in the temporary folder."""
    shutil.copy(find_population("uk"), tmp_path / "people.yaml")
    shutil.copytree(find_bank("core"), tmp_path / "bank")
    for name in ("persona_opinion", "persona_rating", "zero_shot"):
        shutil.copy(find_prompt(name), tmp_path / f"{name}.md.j2")
    return scenario(
        population={"name": str(tmp_path / "people.yaml")},
        questions={"kind": "bank", "bank": str(tmp_path / "bank")},
        participants={
            "mind": {
                "kind": "llm",
                "engine": "m",
                "opinion_prompt": str(tmp_path / "persona_opinion.md.j2"),
                "rating_prompt": str(tmp_path / "persona_rating.md.j2"),
            }
        },
        mediators=[
            {
                "arm": "a",
                "generator": {"kind": "language_model", "engine": "m", "prompt": str(tmp_path / "zero_shot.md.j2")},
            }
        ],
        engines={"m": {"kind": "scripted"}},
    )


def test_a_latent_study_reads_people_and_questions():
    assert set(input_hashes(scenario())) == {"population uk_crowd", "question bank core"}


def test_each_bank_is_read():
    hashes = input_hashes(scenario(questions={"kind": "bank", "bank": ["wider", "core"]}))
    assert set(hashes) == {"population uk_crowd", "question bank core", "question bank wider"}


def test_a_list_of_questions_reads_the_value_frames_too(tmp_path):
    path = tmp_path / "questions.yaml"
    path.write_text("- Should we?\n")
    hashes = input_hashes(scenario(questions={"kind": "file", "path": str(path)}))
    assert set(hashes) == {"population uk_crowd", f"questions {path}", "value frames"}


def test_every_file_that_is_read_counts_and_nothing_else(own, tmp_path):
    """Each file changed in turn, one removed, one more in the bank: named. The same content elsewhere in time: the same."""
    before = input_hashes(own)
    assert len(before) == 5
    check_inputs(before, own, folder=tmp_path)
    for path in [*tmp_path.glob("*.*"), next((tmp_path / "bank").iterdir())]:
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        named = next(what for what in before if str(path if path.parent == tmp_path else path.parent) in what)
        with pytest.raises(RunFolderError, match="has changed since this run began") as caught:
            check_inputs(before, own, folder=tmp_path / "run")
        assert str(caught.value).startswith(f"{tmp_path / 'run'}: {named} has changed")
        path.write_bytes(content)
        check_inputs(before, own, folder=tmp_path)
    (tmp_path / "bank" / "more.yaml").write_text("")
    with pytest.raises(RunFolderError, match="question bank"):
        check_inputs(before, own, folder=tmp_path)


def test_a_file_whose_name_changes_within_the_bank_is_a_change(own, tmp_path):
    before = input_hashes(own)
    one = next((tmp_path / "bank").iterdir())
    one.rename(one.with_stem(one.stem + "_"))  # the files keep their order
    assert input_hashes(own) != before


def test_what_a_run_read_and_reads_no_more(own, tmp_path):
    """Recorded inputs are all compared: also those that the scenario as it is does not name."""
    with pytest.raises(RunFolderError, match="prompt old has changed"):
        check_inputs({**input_hashes(own), "prompt old": "0"}, own, folder=tmp_path)


def test_a_file_that_is_gone(tmp_path):
    with pytest.raises(ScenarioError, match="expected a readable file"):
        input_hashes(scenario(questions={"kind": "file", "path": str(tmp_path / "none.json")}))
