"""Replies of models that are no opinion, as recorded from SmolLM2-135M, and opinions of people, which all are."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from simcons.languages.en_gb import EN_GB
from simcons.population.minds.prompts import load_templates
from simcons.population.minds.replies import Asked
from simcons.questions.bank import Question, load_bank
from simcons.questions.bare import BareQuestion
from simcons.questions.generic import load_frames, with_claims
from simcons.scenario.minds import LlmMindSettings
from simcons.scenario.shipped import find_bank

PEOPLE = Path(__file__).parents[3] / "shared" / "data" / "deliberation_people" / "raters.parquet"
TEMPLATE = load_templates(LlmMindSettings(kind="llm", engine="m")).opinion

RECORDED = [
    (
        "higher_pay_for_mps",
        "echo",
        "The question: Should MPs be paid more?\n\nIn answer to this question, I agree with the opinion.",
    ),
    (
        "frequent_flyer_tax",
        "echo",
        "Should people who fly often pay a higher tax on each extra flight? I do not think so.",
    ),
    ("badger_culling", "echo", "I think the answer is somewhat agree.\n\nMy answer: no"),
    ("higher_pay_for_mps", "echo", "I am a man. Write running text in the first person and no list."),
    (
        "badger_culling",
        "loop",
        "I think we should just keep the culverment, but I'm not sure we should just keep the culverment. I think we should just"
        " keep the culverment, but I'm not sure we should just keep the culverment.",
    ),
    ("higher_pay_for_mps", "echo", "The answer I gave was: agree, yes, for some of them."),
    ("higher_pay_for_mps", "list", "1. MPs are well paid.\n2. They should be paid by what they do.\n3. I agree."),
    (
        "badger_culling",
        "off_question",
        "My grandmother taught me to bake bread on rainy afternoons and I remember the smell of the oven, the yellow bowl she"
        " used, the wireless playing quietly and the cat asleep on the chair beside her.",
    ),
    (
        "higher_pay_for_mps",
        None,
        "I think that a well-paid MP should not be paid more than other MPs because they are not just paid to serve their"
        " country, but to serve their people.",
    ),
    ("badger_culling", None, "Yes."),
]


@pytest.fixture(scope="module")
def questions() -> dict[str, Question]:
    return {question.id: question for question in load_bank(find_bank("core"))}


def asked(question: Question, position: str) -> Asked:
    shown = {"person": [{"name": "Sex", "value": "female"}], "question": question.text, "position": position}
    told = {"told": "agree", "held": [question.claims[0].point], "rejected": [], "words": 55, "manner": "plain"}
    return Asked(TEMPLATE({**shown, **told}), question, position, EN_GB)


@pytest.mark.parametrize(("question", "reason", "reply"), RECORDED)
def test_replies_that_are_no_opinion(questions, question, reason, reply):
    own = asked(questions[question], EN_GB.text.as_clause(questions[question].position))
    assert own.why_unusable(" ".join(reply.split()), raw=reply) == reason


def test_a_point_may_be_said_as_it_was_told(questions):
    question = questions["badger_culling"]
    own, point = asked(question, EN_GB.text.as_clause(question.position)), question.claims[0].point
    assert len(point.split()) >= 6
    assert own.why_unusable(point, raw=point) is None


def test_fewer_than_one_in_a_hundred_opinions_of_people_are_refused():
    if not PEOPLE.exists():
        pytest.skip(f"needs {PEOPLE}")
    opinions = pd.read_parquet(PEOPLE, columns=["question", "opinion"])
    frames, n_refused = load_frames(EN_GB), 0
    for text, group in opinions.groupby("question"):
        bare = BareQuestion(question=str(text), affirming_statement=str(text))
        own = asked(with_claims(bare, "q", frames, EN_GB, position=str(text)), str(text))
        n_refused += sum(own.why_unusable(opinion, raw=opinion) is not None for opinion in group.opinion)
    assert n_refused < 0.01 * len(opinions)
