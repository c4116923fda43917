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
from simcons.questions.bank import SIGN
from simcons.questions.bare import BareQuestion
from simcons.questions.generic import Proposal, load_frames, proposal_of, with_claims
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
    begun = time.process_time()
    listed = load_questions(DEBATE, EN_GB)
    assert time.process_time() - begun < 5
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
        sides = Counter(claim.side for claim in question.claims)
        assert all(1 <= sides[side] <= 4 for side in SIGN), (question.text, sides)
        assert len({claim.id for claim in question.claims}) == len(question.claims)
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


PROPOSALS = [
    ("We should ban smoking in parks.", "curb", "substances"),
    ("Cannabis should be legalised.", "allow", "substances"),
    ("We should put a tax on meat.", "curb", "animals"),
    ("Taxes should be higher.", "introduce", "tax"),
    ("The government should spend less on the army.", "save", "defence"),
    ("We should lift the ban on fox hunting.", "allow", "animals"),
    ("We should keep the monarchy.", "keep", "monarchy"),
    ("The voting age should be lowered to 16.", "change", "ages"),
    ("Solar energy should be subsidised rather than coal.", "spend", "green"),
    ("The NHS is underfunded.", "judge", None),
    ("We should be worried about robots.", "judge", None),
    ("Trams should run at night.", "change", None),
]


@pytest.mark.parametrize(("position", "act", "topic"), PROPOSALS)
def test_what_a_question_proposes_and_about_what(position, act, topic):
    proposal = proposal_of(position, EN_GB.topics)
    assert (proposal.act, proposal.name) == (act, topic)


def asked(position):
    bare = BareQuestion(question=f"{position}?", affirming_statement=position)
    return with_claims(bare, "q", load_frames(EN_GB), EN_GB, position=position)


def test_to_curb_and_to_allow_turn_claims_and_leanings_round():
    banned, allowed = asked("Cannabis should be banned."), asked("Cannabis should be legalised.")
    assert banned.loadings == {dimension: -value for dimension, value in allowed.loadings.items()}
    sides = [{claim.id: claim.side for claim in question.claims} for question in (banned, allowed)]
    assert [side["ruins_lives"] for side in sides] == ["for", "against"]
    assert [side["black_market"] for side in sides] == ["against", "for"]


def test_claims_of_other_topics_and_acts_stay_out():
    about = {frame.id for name, frames in load_frames(EN_GB).items() if name in ("any", "monarchy") for frame in frames}
    question = asked("We should keep the monarchy.")
    assert {claim.id for claim in question.claims} <= about
    assert "no_money" not in {claim.id for claim in question.claims}


def test_every_frame_has_six_wordings_and_three_denials_and_fits_some_proposal():
    frames = load_frames(EN_GB)
    every = [frame for of_topic in frames.values() for frame in of_topic]
    assert set(EN_GB.topics.topics) - {"ages"} == set(frames) - {"any"}
    assert len({frame.id for frame in every}) == len(every)
    for name, of_topic in frames.items():
        topic = EN_GB.topics.topics.get(name)
        for frame in of_topic:
            assert len(frame.wordings.all()) >= 6, frame.id
            assert len(frame.denials) >= 3, frame.id
            acts = [act for act in frame.acts if topic is None or topic.kept or act in topic.acts]
            assert acts, frame.id
            tried = [Proposal(act, name, topic or EN_GB.topics.topics["substances"]) for act in acts]
            assert any(frame.side(proposal) for proposal in tried), frame.id


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Should we ban zoos?", "banning zoos"),
        ("Should cannabis be legalised?", "legalising cannabis"),
        ("Should there be a ban on zoos?", "a ban on zoos"),
        ("Should the UK keep the monarchy?", "keeping the monarchy"),
        ("Should teenagers be allowed to vote?", "letting teenagers vote"),
        ("Is it right to tax the rich?", "taxing the rich"),
        ("Should we spend more or less on roads?", None),
        ("Should parents be allowed to choose their child's school?", None),
        ("Is the NHS underfunded?", None),
    ],
)
def test_a_question_is_called_by_its_own_name_where_that_is_safe(question, name):
    assert EN_GB.topics.name_of(question) == name


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
