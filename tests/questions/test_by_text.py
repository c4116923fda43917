"""A question that people were asked is found in the shipped banks, in the bank's words or in theirs."""

import pytest

from simcons.languages.en_gb import EN_GB
from simcons.questions.by_text import QuestionsByText

QUESTIONS = QuestionsByText(EN_GB)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("should bus travel be free for everyone", "free_buses"),
        ("Should the US government provide basic health insurance for everyone?", "basic_health_insurance"),
        ("Do you support the government provide basic health insurance for everyone?", "basic_health_insurance"),
        ("How has AI changed your life?", "everyday_ai"),
    ],
)
def test_found_by_its_own_text_and_by_what_people_were_asked(text, known):
    assert QUESTIONS.find_answerable(text, "").id == known


def test_what_no_bank_knows_is_put_as_any_question_is_and_left_out_where_yes_does_not_answer_it():
    assert QUESTIONS.find_answerable("Should zebras be striped?", "").position == "Zebras should be striped."
    assert QUESTIONS.find_answerable("How has the weather changed your life?", "") is None


def test_questions_that_no_bank_knows_are_told_apart_by_readers():
    """Read as one they would all be heard by the first one's claims."""
    striped, spotted = (QUESTIONS.find(f"Should zebras be {how}?", "") for how in ("striped", "spotted"))
    assert striped.id != spotted.id
    assert QUESTIONS.find("Should zebras be striped?", "") is striped
