"""Any list of questions runs: positions, negations and claims for questions that have no bank."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from simcons.languages.en_gb import EN_GB
from simcons.languages.en_gb.proposals import affirm
from simcons.languages.proposals import Unfit
from simcons.population.minds.conviction import CompiledQuestion, consider
from simcons.population.minds.writer import write_opinion
from simcons.questions.generic import load_frames
from simcons.questions.own import load_questions
from simcons.questions.reader import QuestionReader
from simcons.scenario.minds import LatentMindSettings
from simcons.seeds import stream

DEBATE = Path(__file__).parents[3] / "shared" / "data" / "debate_questions_uk.json"


def written(path, document):
    path.write_text(json.dumps(document))
    return path


@pytest.fixture(scope="module")
def debate():
    if not DEBATE.exists():
        pytest.skip(f"needs {DEBATE}")
    begun = time.perf_counter()
    listed = load_questions(DEBATE, EN_GB)
    assert time.perf_counter() - begun < 5
    return listed, json.loads(DEBATE.read_text())


def test_thousands_of_questions_load_with_their_statements(debate):
    """All but two, which others ask with a hyphen more or less."""
    listed, entries = debate
    questions = listed.questions
    again = [re.search(r"id '(\w+)'", line)[1] for line in listed.repeats]
    assert (len(entries), len(again), listed.unfit) == (5645, 2, [])
    entries = [entry for entry in entries if entry["id"] not in again]
    assert [question.id for question in questions] == [entry["id"].lower() for entry in entries]
    for question, entry in zip(questions, entries, strict=True):
        assert question.text.split() == entry["question"].split()
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
    """Word for word in 82% of 5,645; in 2% other words (often the writer's choice); 1.7% offer a choice or ask what and how;
    the rest as agreement.
    """

    def outcome(entry):
        made = affirm(entry["question"])
        if isinstance(made, Unfit):
            return "unfit"
        if 'The answer to "' in made:
            return "agreement"
        return "same" if made.lower().rstrip(".") == entry["affirming_statement"].lower().rstrip(". ") else "different"

    outcomes = Counter(map(outcome, debate[1]))
    assert outcomes["same"] > 0.81 * 5645, outcomes
    assert outcomes["different"] < 0.02 * 5645, outcomes
    assert outcomes["unfit"] < 0.018 * 5645, outcomes


def test_the_frames_a_question_calls_up_are_about_it(debate):
    """A frame whose keyword stands in the question comes up far more often than otherwise."""
    for frame in load_frames(EN_GB):
        if not frame.keywords:
            continue
        called, uncalled = [], []
        for question in debate[0].questions:
            words = set(re.findall(r"[a-z]+", question.text.lower()))
            comes_up = any(claim.id == frame.id for claim in question.claims)
            (called if words & set(frame.keywords) else uncalled).append(comes_up)
        assert np.mean(called) > np.mean(uncalled) + 0.15, frame.id


def test_people_can_write_on_them(debate, crowd):
    """200 questions: the verdict read has the writer's sign, and the text is clean."""
    for question in debate[0].questions[::28]:
        compiled, reader = CompiledQuestion(question), QuestionReader(question, EN_GB)
        person = crowd[len(question.text) % 400]
        conviction = consider(person, compiled, LatentMindSettings(), seed=0)
        opinion = write_opinion(question, conviction, EN_GB, style=person.writing, words=50, rng=stream(0, question.id))
        assert not re.search(r"[{}]|  |\.\.|\?\.", opinion.text), opinion.text
        verdict = reader.read(opinion.text).verdict
        if verdict and opinion.stance != "torn":
            assert np.sign(verdict) == (1 if opinion.stance.endswith("for") else -1), (question.text, opinion.text)


def test_the_same_question_gets_the_same_claims_whatever_stands_around_it(tmp_path):
    alone = load_questions(written(tmp_path / "a.json", ["Should we tax meat?"]), EN_GB).questions[0]
    among = load_questions(
        written(tmp_path / "b.json", ["Is it so?", {"question": "Should we tax meat?", "topic": 3}]), EN_GB
    ).questions[1]
    assert alone.model_dump(exclude={"id", "topic"}) == among.model_dump(exclude={"id", "topic"})
    assert (alone.id, alone.topic, among.id, among.topic) == ("q00001", "", "q00002", "3")
