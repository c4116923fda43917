"""``simcons new``: banks and populations to begin from."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
import yaml

from simcons.cli.new.command import write_new
from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.population.bank_lint import lint
from simcons.questions.bank import load_bank
from simcons.scenario.load import load_scenario
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_population

OWN = "Should our town close its high street to cars on Saturdays?"


def test_a_bank_to_fill_in_holds_the_question_and_says_what_is_to_be_written(tmp_path):
    path = write_new("my-street", tmp_path, bank=OWN)
    (question,) = load_bank(path)
    assert (question.id, question.topic) == ("town_close_high_street", "my_street")
    assert (question.text, question.position, question.negation) == (
        OWN,
        "Our town should close its high street to cars on Saturdays.",
        "Our town should not close its high street to cars on Saturdays.",
    )
    assert Counter(claim.side for claim in question.claims) == {"for": 4, "against": 4, "common": 4}
    findings = lint([question], EN_GB)
    assert [finding.claim for finding in findings] == [None, *(claim.id for claim in question.claims)]
    assert {finding.rule for finding in findings} == {"unwritten"}
    assert all(finding.unusable for finding in findings)
    assert max(map(len, path.read_text().splitlines())) <= 131


def filled(text):
    """The template with a text of its own for each TODO."""
    things = iter(
        ["bread", "milk", "wool", "glass", "soap", "rope", "paint", "bricks", "steel", "fish", "salt", "tiles"]
    )
    document = yaml.safe_load(text)
    question = document["questions"][0]
    question["noun"] = "closing the street"
    for claim in question["claims"]:
        thing = next(things)
        claim["loadings"] = {"environment": 0.3}
        claim["wordings"] = {
            "plain": [f"shops would sell {thing} to more of the families nearby"],
            "chatty": [f"you'd see loads of folk who come in for {thing} and stay"],
            "formal": [f"trade in {thing} is likely to grow with the number of visitors"],
        }
        claim["denials"] = [f"nobody would buy any more {thing} than they do now"]
    return yaml.safe_dump(document)


def test_once_every_todo_is_replaced_nothing_is_left_to_be_written(tmp_path):
    path = write_new("street", tmp_path, bank=OWN)
    text = filled(path.read_text())
    assert "TODO" not in text
    path.write_text(text)
    assert "error" not in {finding.level for finding in lint(load_bank(path), EN_GB)}


@pytest.mark.parametrize(
    ("question", "unwritten"),
    [
        ("We should ban cars.", "text, noun"),
        ("Are zoos cruel?", "position, negation, noun"),
        ('Should "fast food" be taxed: yes or no?', "noun"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_from_the_question_is_asked_for(tmp_path, question, unwritten):
    (asked,) = load_bank(write_new("b", tmp_path, bank=question))
    assert lint([asked], EN_GB)[0].message == f"still to be written: {unwritten}"


@pytest.mark.parametrize("question", ["What should we do?", "I voted to Remain.", "", "Should we not act?"])
def test_a_question_without_yes_or_no_gets_no_bank(tmp_path, question):
    with pytest.raises(ScenarioError, match=r"--bank .*: it .*; expected a question that yes or no answers"):
        write_new("b", tmp_path, bank=question)
    assert list(tmp_path.iterdir()) == []


def test_a_population_to_change_is_complete_and_that_of_the_uk(tmp_path):
    path = write_new("town", tmp_path, population=True)
    town, uk = load_population_file(path), load_population_file(find_population("uk"))
    assert town.name == "town"
    assert town.model_dump(exclude={"name", "description"}) == uk.model_dump(exclude={"name", "description"})
    text = path.read_text()
    lines = pairwise(text.splitlines())
    sections = {line for before, line in lines if before.startswith("#") and before.endswith("---")}
    assert sections == {"margins:", "circumstances:", "values:", "response_style:", "tempo:", "behaviour:", "writing:"}
    assert "simcons persona town.yaml" in text
    assert "POPULATION_FILE" not in text


def test_one_kind_at_a_time_and_nothing_is_overwritten(tmp_path):
    with pytest.raises(ScenarioError, match="expected one of them"):
        write_new("x", tmp_path, bank=OWN, population=True)
    write_new("x", tmp_path)
    with pytest.raises(ScenarioError, match="exists already"):
        write_new("x", tmp_path, population=True)


@pytest.mark.parametrize("name", ["2026", "true", "1.5", "студия"])
def test_a_study_may_be_called_like_a_number_or_in_any_script(tmp_path, name):
    assert load_scenario(write_new(name, tmp_path)).name == name


def test_what_is_no_name_is_no_file(tmp_path):
    for name in ("a/b", ".a", "-a", ""):
        with pytest.raises(ScenarioError, match="name "):
            write_new(name, tmp_path)
    assert list(tmp_path.iterdir()) == []
