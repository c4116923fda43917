"""Any list of questions runs: positions, negations and claims for questions that have no bank."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from simcons.errors import ScenarioError
from simcons.population.minds.conviction import CompiledQuestion, consider
from simcons.population.minds.writer import write_opinion
from simcons.questions.generic import affirm, deny, load_frames, load_questions
from simcons.questions.reader import Reader
from simcons.scenario.minds import LatentMind
from simcons.seeds import stream

DEBATE = Path(__file__).parents[3] / "shared" / "data" / "debate_questions_uk.json"
needs_debate = pytest.mark.skipif(not DEBATE.exists(), reason=f"needs {DEBATE}")


def written(path, document):
    path.write_text(json.dumps(document))
    return path


@pytest.mark.parametrize(
    ("question", "position", "negation"),
    [
        ("Should we act?", "We should act.", "We should not act."),
        ("Should the government fund more art?", "The government should fund more art.", "The government should not fund more art."),  # noqa: E501
        ("Should the UK government use AI?", "The UK government should use AI.", "The UK government should not use AI."),
        ("Should there be a law on masks?", "There should be a law on masks.", "There should not be a law on masks."),
        ("should all children be able to swim", "All children should be able to swim.", "All children should not be able to swim."),  # noqa: E501
        ("Should children who misbehave be told off?", "Children who misbehave should be told off.", "It is not the case that children who misbehave should be told off."),  # noqa: E501
        ("Should the minimum wage in the UK be £15?", "The minimum wage in the UK should be £15.", "The minimum wage in the UK should not be £15."),  # noqa: E501
        ("Should everyone in Wales learn Welsh?", "Everyone in Wales should learn Welsh.", "Everyone in Wales should not learn Welsh."),  # noqa: E501
        ("Should the plan to allow phones be dropped?", "The plan to allow phones should be dropped.", "The plan to allow phones should not be dropped."),  # noqa: E501
        ("Will AI make us better off?", "AI will make us better off.", "AI will not make us better off."),
        ("Should tax on meat rates rise?", 'The answer to "Should tax on meat rates rise?" is yes.', 'The answer to "Should tax on meat rates rise?" is no.'),  # noqa: E501
        ("Is it OK to eat dogs?", 'The answer to "Is it OK to eat dogs?" is yes.', 'The answer to "Is it OK to eat dogs?" is no.'),  # noqa: E501
        ("We should act.", "We should act.", "We should not act."),
        ("Bring back hanging", 'The answer to "Bring back hanging?" is yes.', 'The answer to "Bring back hanging?" is no.'),
    ],
)  # fmt: skip
def test_a_question_put_declaratively_and_denied(question, position, negation):
    assert affirm(question) == position
    assert deny(position) == negation


@pytest.mark.parametrize(
    ("position", "negation"),
    [
        ("We should not act.", "We should act."),
        ("Those who can pay should pay.", "It is not the case that those who can pay should pay."),
        ("It is time to act.", "It is not time to act."),
        ("School uniforms are good.", "It is not the case that school uniforms are good."),
        ("NHS staff deserve more.", "It is not the case that NHS staff deserve more."),
    ],
)
def test_denials_of_positions_that_were_given(position, negation):
    assert deny(position) == negation


@pytest.fixture(scope="module")
def debate():
    if not DEBATE.exists():
        pytest.skip(f"needs {DEBATE}")
    begun = time.perf_counter()
    questions = load_questions(DEBATE)
    assert time.perf_counter() - begun < 5
    return questions, json.loads(DEBATE.read_text())


def test_thousands_of_questions_load_with_their_statements(debate):
    questions, entries = debate
    assert len(questions) == len(entries) == 5645
    assert len({question.id for question in questions}) == 5645
    for question, entry in zip(questions, entries, strict=True):
        assert question.text == entry["question"]
        assert question.position == entry["affirming_statement"]
        assert question.split == entry["split"]
        assert " NOT " not in question.negation
        assert Counter(claim.side for claim in question.claims) == {"for": 4, "against": 4, "common": 4}
        assert len({claim.id for claim in question.claims}) == 12
    assert sum(question.negation == question.position for question in questions) <= 1  # one pair reads "typo", "typo"
    pulls = np.array([question.pull for question in questions])
    assert abs(pulls.mean()) < 0.1
    assert pulls.std() == pytest.approx(1.35, abs=0.1)  # 1.4, cut off at 3


def test_statements_made_from_the_questions_agree_with_the_hand_written_ones(debate):
    """Word for word in 71% of 5,645; in 3% other words (often the writer's choice); the rest ("Is it ...") as agreement."""
    outcomes = Counter(
        "agreement" if (made := affirm(entry["question"])).startswith('The answer to "')
        else "same" if made.lower().rstrip(".") == entry["affirming_statement"].lower().rstrip(". ") else "different"
        for entry in debate[1]
    )  # fmt: skip
    assert outcomes["same"] > 0.69 * 5645, outcomes
    assert outcomes["different"] < 0.035 * 5645, outcomes


def test_the_frames_a_question_calls_up_are_about_it(debate):
    """A frame whose keyword stands in the question comes up far more often than otherwise."""
    for frame in load_frames():
        if not frame.keywords:
            continue
        called, uncalled = [], []
        for question in debate[0]:
            words = set(re.findall(r"[a-z]+", question.text.lower()))
            comes_up = any(claim.id == frame.id for claim in question.claims)
            (called if words & set(frame.keywords) else uncalled).append(comes_up)
        assert np.mean(called) > np.mean(uncalled) + 0.15, frame.id


def test_people_can_write_on_them(debate, crowd):
    """200 questions: the verdict read has the writer's sign, and the text is clean."""
    for question in debate[0][::28]:
        compiled, reader = CompiledQuestion(question), Reader(question)
        person = crowd[len(question.text) % 400]
        conviction = consider(person, compiled, LatentMind(), seed=0)
        opinion = write_opinion(question, conviction, style=person.writing, words=50, rng=stream(0, question.id))
        assert not re.search(r"[{}]|  |\.\.|\?\.", opinion.text), opinion.text
        verdict = reader.read(opinion.text).verdict
        if verdict and opinion.stance != "torn":
            assert np.sign(verdict) == (1 if opinion.stance.endswith("for") else -1), (question.text, opinion.text)


def test_the_same_question_gets_the_same_claims_whatever_stands_around_it(tmp_path):
    alone = load_questions(written(tmp_path / "a.json", ["Should we tax meat?"]))[0]
    among = load_questions(written(tmp_path / "b.json", ["Is it?", {"question": "Should we tax meat?", "topic": 3}]))[1]
    assert alone.model_dump(exclude={"id", "topic"}) == among.model_dump(exclude={"id", "topic"})
    assert (alone.id, alone.topic, among.id, among.topic) == ("q00001", "", "q00002", "3")


def test_yaml_and_what_is_left_out(tmp_path):
    path = tmp_path / "list.yaml"
    path.write_text(
        "- Should we act?\n- question: Is it so?\n  id: Q 7\n  affirming_statement: It is so.\n  split: ood_test\n"
    )
    first, second = load_questions(path)
    assert (first.id, first.position, first.negation, first.split) == (
        "q00001",
        "We should act.",
        "We should not act.",
        "train",
    )
    assert (second.id, second.position, second.negation, second.split) == (
        "q_7",
        "It is so.",
        "It is not so.",
        "ood_test",
    )


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([{"question": "A?", "id": 1}, {"question": "B?", "id": "1"}], "question id '1' is used more than once; expected unique ids"),  # noqa: E501
        ([{"question": "A?", "id": "q00002"}, "B?"], "question id 'q00002' is used more than once"),
        ([], "expected a list of at least one question, got an empty list"),
        ({"questions": []}, "expected a list of at least one question, got dict"),
        ([{"text": "A?"}], r"0\.question"),
        ([{"question": ""}], r"0\.question"),
        ([{"question": "A?", "topik": 1}], r"0\.topik: unknown key"),
        ([{"question": "A?", "split": "test"}], r"0\.split: .*'test'"),
        ([3], r"^.*: 0: .*3"),
    ],
)  # fmt: skip
def test_a_list_that_will_not_do_is_refused_in_one_line(tmp_path, document, said):
    path = written(tmp_path / "list.json", document)
    with pytest.raises(ScenarioError, match=said) as caught:
        load_questions(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_json_and_no_file(tmp_path):
    path = tmp_path / "list.json"
    path.write_text("[1,")
    with pytest.raises(ScenarioError, match=r"list\.json: .*JSON"):
        load_questions(path)
    with pytest.raises(ScenarioError, match=r"(?i)no such file"):
        load_questions(tmp_path / "none.json")
