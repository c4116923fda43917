"""What check, run and a run's summary say of the questions."""

from __future__ import annotations

from io import StringIO

import pytest
import yaml

import simcons
from simcons.cli.check import check_path
from simcons.cli.console import console
from simcons.cli.display.figures import figures
from simcons.cli.display.summary import print_summary
from simcons.errors import ScenarioError
from simcons.questions.notes import question_notes
from simcons.runs.questions import remarks
from simcons.scenario.load import load_scenario
from simcons.scenario.shipped import data_folder
from simcons.study.plan import make_plan

OWN = "Should our town close its high street to cars on Saturdays?"
TRANSPORT = data_folder("scenarios") / "questions" / "core" / "transport.yaml"


def scenario(folder, **questions):
    path = folder / "s.yaml"
    document = {
        "schema_version": 1,
        "name": "x",
        "questions": questions,
        "design": {"rounds": 1, "groups": 1},
        "mediators": [{"arm": "a"}],
    }
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def own_bank(folder, change, *, questions=4):
    """A shipped topic as a file of one's own, or its first questions, changed."""
    document = yaml.safe_load(TRANSPORT.read_text(encoding="utf-8"))
    document["questions"] = document["questions"][:questions]
    change(document["questions"][0])
    path = folder / "bank.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def checked(path, **options):
    page = StringIO()
    check_path(str(path), [f"{key}={value}" for key, value in options.items()], console(file=page, width=80))
    return page.getvalue()


def test_notes_by_counts():
    (note,) = question_notes({"asked": 12, "generic": 3, "unfit_left_out": 0, "repeats_left_out": 0})
    assert note.startswith("3 of 12 questions have no bank: ")
    assert 'simcons new NAME --bank "QUESTION"' in note
    assert question_notes({"asked": 1, "generic": 1})[0].startswith("1 of 1 question has no bank: ")
    (note,) = question_notes({"asked": 2, "generic": 0, "unfit_left_out": 2, "repeats_left_out": 1})
    assert note == (
        "Left out of the list: 2 that nobody can agree or disagree with and 1 that another question asks already."
    )
    assert question_notes({"asked": 56, "generic": 0, "unfit_left_out": 0, "repeats_left_out": 0}) == []
    assert question_notes({}) == []  # a run recorded before the counts were


def test_a_question_without_a_bank_is_told_before_a_run_and_in_its_summary(tmp_path):
    (tmp_path / "q.txt").write_text(f"{OWN}\nWhat should be done?\n")
    path = scenario(tmp_path, kind="file", path=str(tmp_path / "q.txt"), unfit="leave_out")
    output = checked(path)
    assert "good" not in output
    assert "1 of 1 question has no bank: " in output
    assert "Claims a question: " in output
    assert "not asked: line 2 'What should be done?' asks 'what'" in output
    told, after = [], StringIO()
    run = simcons.run(path, out=tmp_path / "run", on_message=told.append)
    notes = [message.text for message in told if message.kind == "note"]
    assert notes[0].startswith("1 of 1 question has no bank: ")
    assert notes[1].startswith("Left out of the list: 1")
    assert run.manifest["questions"] == {"asked": 1, "generic": 1, "unfit_left_out": 1, "repeats_left_out": 0}
    print_summary(run, console(file=after, width=300))
    assert "1 of 1 question has no bank: " in after.getvalue()
    counts = figures(run)["questions"]
    assert (counts["asked"], counts["generic"], counts["unfit_left_out"]) == (1, 1, 1)
    assert counts["notes"][0].startswith("1 of 1 question has no bank: ")


def test_nothing_is_said_of_a_good_bank(tmp_path):
    path = scenario(tmp_path, kind="bank", bank=str(own_bank(tmp_path, lambda question: None)))
    assert checked(path).startswith("x: good.\n")
    assert "bank" not in checked(path)


def test_what_a_bank_lacks_is_counted_and_named(tmp_path):
    def change(question):
        question["claims"] = question["claims"][1:]
        question["claims"][0]["wordings"]["plain"][0] = "Because the bus is full of people."

    bank = own_bank(tmp_path, change)
    output = checked(scenario(tmp_path, kind="bank", bank=str(bank)))
    assert output.startswith("x: would run. Note:\n")
    assert f"{bank}: 4 findings (4 errors: sides, form); see simcons check {bank}" in output
    path = scenario(tmp_path, kind="bank", bank=str(bank), ids=[yaml.safe_load(bank.read_text())["questions"][1]["id"]])
    assert checked(path).startswith("x: good.\n"), "findings on questions that are not asked"


@pytest.mark.parametrize("part", ["denials", "side"])
def test_a_bank_that_cannot_be_used_stops_check_and_run(tmp_path, part):
    def change(question):
        for claim in question["claims"]:
            if claim["side"] == "against":
                claim[part] = {"denials": ["TODO deny it"], "side": "common"}[part]

    bank = own_bank(tmp_path, change)
    path = scenario(tmp_path, kind="bank", bank=str(bank))
    with pytest.raises(ScenarioError, match=rf"bank\.yaml: this bank cannot be used: error: .*simcons check {bank}$"):
        checked(path)
    with pytest.raises(ScenarioError, match="this bank cannot be used"):
        simcons.run(path, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_shipped_banks_are_taken_as_checked_and_others_beside_them_are_not(tmp_path):
    def change(question):
        question["id"] = "dearer_buses"
        del question["claims"][0]

    plan = make_plan(load_scenario(scenario(tmp_path, kind="bank", bank=["core", "wider"])))
    assert list(remarks(plan)) == []
    bank = own_bank(tmp_path, change, questions=1)
    assert f"{bank}: 1 finding (1 error: sides)" in checked(scenario(tmp_path, kind="bank", bank=["wider", str(bank)]))


def test_a_list_of_questions_can_be_checked_by_itself(tmp_path):
    path = tmp_path / "q.csv"
    path.write_text(f"id,question\n1,{OWN}\nhome,What should be done?\n3,{OWN.lower()}\n")
    output = checked(path)
    assert output.startswith(f"{path}: 1 question can be asked.\n  1 of 1 question has no bank: ")
    assert "not asked: line 3 (id 'home') 'What should be done?' asks 'what'" in output
    assert "not asked: line 4 (id '3')" in output
    assert "1 question that nobody can agree or disagree with is refused, or left out with questions.unfit" in output
    path = tmp_path / "q.yaml"
    path.write_text(f"- {OWN}\n")
    assert checked(path).startswith(f"{path}: 1 question can be asked.\n")
    with pytest.raises(
        ScenarioError,
        match="is a list of questions; expected a scenario, stress test, gate, sweep, set of worlds or recipe",
    ):
        checked(path, seed=1)


def test_readers_and_scorers_that_nothing_uses_are_told(tmp_path):
    path = scenario(tmp_path, kind="bank", bank="core")
    assert "x: good." in checked(path)
    output = checked(path, **{"readers.spare.matching": "words", "scorers.mine": "{kind: reader, reader: spare}"})
    assert "x: would run. Note:\n  readers.spare: nothing uses it.\n  scorers.mine: nothing uses it.\n" in output
