"""What messages are understood to ask, and what people answer."""

from __future__ import annotations

import json

import numpy as np
import pytest

from simcons.engines.acts import run_act
from simcons.errors import RequestRefused
from simcons.population.minds.discussion import Respondent

QUESTION = "Should MPs be paid more?"
POSITION = "MPs should be paid more."
STATEMENT = "MPs deserve a fair wage, but nurses and teachers should be paid properly before they are."
RATE = "Rate the statement from 1 (strongly disagree) to 7 (strongly agree)."
OTHER = "Should we bring back the wolf?"
CHOICE = "A) Strongly disagree\nB) Disagree\nC) Neither agree nor disagree\nD) Agree\nE) Strongly agree"


# --- understanding -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        QUESTION,
        f"Question: {QUESTION}\nPlease write your opinion, in 50 to 100 words.",
        f"You take part in a study.\n\nDiscuss: {QUESTION}\n(10:02) Bear: What do you all think?\nRespond in a sentence.",
        f"<question>{QUESTION}</question>",
        json.dumps({"question": QUESTION}),
    ],
)
def test_a_question_asks_for_an_opinion(chats, text):
    asked = chats.understood(text)
    assert (asked["task"], asked["question_id"]) == ("opinion", "higher_pay_for_mps")


@pytest.mark.parametrize(
    "text",
    [
        f'Question: {QUESTION}\nStatement: "{STATEMENT}"\n{RATE}',
        f"<question>{QUESTION}</question>\n<statement>{STATEMENT}</statement>\n{RATE}",
        f"{QUESTION}\n\nThe group's statement is this one:\n“{STATEMENT}”\n\n{RATE}",
        f"{QUESTION}\n\nHow far do you agree with the following: {STATEMENT}\n{CHOICE}",
        f"{QUESTION}\n\n**Statement:** {STATEMENT}\n\nDo you agree?",
        json.dumps({"question": QUESTION, "statement": STATEMENT}),
    ],
)
def test_a_statement_with_a_scale_asks_for_a_rating(chats, text):
    asked = chats.understood(text)
    assert (asked["task"], asked["question_id"], asked["scale"]) == ("rating", "higher_pay_for_mps", "agreement")
    assert asked["statement"] == STATEMENT


@pytest.mark.parametrize(
    "text",
    [
        f"{QUESTION}\n\n{CHOICE}",
        f"{QUESTION} Answer from 1 to 7.",
        f"How far do you agree: {POSITION} (from 1 to 7)",
        f"How far do you agree that MPs should be paid more?\n{CHOICE}",
    ],
)
def test_without_a_statement_the_position_is_rated(chats, text):
    assert chats.understood(text)["statement"] == POSITION


def test_earlier_messages_name_the_question(chats):
    opinion = chats.text(QUESTION)
    assert chats.understood(QUESTION, opinion, f'{RATE} "{STATEMENT}"')["question"] == QUESTION
    assert chats.understood(QUESTION, opinion, "Why do you think so?")["question"] == QUESTION
    assert chats.understood(QUESTION, opinion, OTHER)["question"] == OTHER


def test_questions_that_the_scenario_does_not_have_are_answered_too(chats):
    assert chats.text(OTHER) == chats.text(f"Question: {OTHER}")
    rated = chats.understood("How much do you agree with this? We should plant more trees.\nAnswer from 1 to 10.")
    assert (rated["statement"], rated["n_options"]) == ("We should plant more trees.", 10)


def test_words_name_the_scale(chats):
    asked = chats.understood(f"{QUESTION}\nStatement: {STATEMENT}\nHow good is its quality, from 1 to 5?")
    assert (asked["scale"], asked["n_options"]) == ("quality", 5)


def test_what_a_question_or_a_statement_says_is_no_scale(chats):
    age = "Should the voting age be cut from 18 to 16?"
    life = "The voting age should go from 18 to 16, as quality of life is at stake and MPs should represent the young."
    assert chats.understood(f"Question: {age}")["task"] == "opinion"
    asked = chats.understood(f'{age}\nRate this from 1 to 5: "{life}"')
    assert (asked["statement"], asked["scale"], asked["n_options"]) == (life, "agreement", 5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Hello there", "it names no question"),
        ("What should we do about crime?", "asks 'what'"),
        (f"{STATEMENT} Nobody here would dispute it. {RATE}", "names no question"),
        (f"{QUESTION}\nStatement: {STATEMENT}\nDoes it represent your view, from 1 to 7?", "'represented'"),
        (json.dumps({"question": QUESTION, "statment": STATEMENT}), "statment: no such key"),
        (json.dumps({"question": "What now?"}), "asks 'what'"),
    ],
)
def test_what_is_not_understood_is_refused_in_a_line(chats, text, reason):
    with pytest.raises(RequestRefused) as refused:
        chats.reply(text)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["persona-0000", "persona-9999", "gpt-4", "persona-", "persona-1²"])
def test_only_people_answer(chats, name):
    with pytest.raises(RequestRefused, match="does not exist; expected persona-0001 to persona-") as refused:
        chats.reply(QUESTION, who=name)
    assert refused.value.args[3] == 404


# --- answers -----------------------------------------------------------------------------------------------------


def rating(chats, who: str, text: str, **settings: object) -> int:
    return chats.reply(text, who=who, **settings).understood["asked"][0]["rating"]


def names(chats, n: int) -> list[str]:
    return [chats.service.crowd.name(index) for index in range(n)]


def positions(chats, n: int) -> list[float]:
    """What the first people truly hold."""
    [question] = [question for question in chats.service.plan.questions if question.text == QUESTION]
    people = [chats.service.crowd.person(name) for name in names(chats, n)]
    respondents = [Respondent(person.participant_id, person.persona, question, "r") for person in people]
    return [run_act(chats.service.plan.mind.position(respondent), {}).value for respondent in respondents]


def test_the_same_seed_gives_the_same_answer_and_another_seed_other_noise(chats):
    text = f"{QUESTION}\nStatement: {STATEMENT}\nAnswer from 0 to 100."
    first, again, other = ([rating(chats, who, text, seed=seed) for who in names(chats, 12)] for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert chats.text(QUESTION, seed=1) == chats.text(QUESTION, seed=1) != chats.text(QUESTION, seed=2)


def test_choices_differ_as_seeds_do(chats):
    replied = chats.reply(QUESTION, n=3)
    assert len(set(replied.texts)) == 3
    assert replied.texts[0] == chats.text(QUESTION)


def test_ratings_follow_what_people_hold(chats):
    """Pearson's r of 60 true positions with ratings is about .8 here; below .5 has a chance under 1e-6."""
    n = 60
    ratings = [rating(chats, who, f"{QUESTION} Answer from 1 to 7.") for who in names(chats, n)]
    assert np.corrcoef(positions(chats, n), ratings)[0, 1] > 0.5


def test_two_seeds_are_two_passes(chats):
    """A rating under two seeds shares the person and part of the noise, but not all: most are within a point, some differ."""
    text = f"{QUESTION}\nStatement: {STATEMENT}\n{RATE}"
    first, second = (np.array([rating(chats, who, text, seed=seed) for who in names(chats, 30)]) for seed in (1, 2))
    apart = np.abs(first - second)
    assert 0 < (apart > 0).mean() < 0.9
    assert np.median(apart) <= 1


def test_the_scale_turned_round_gives_the_same_answer(chats):
    up = "Rate it from 1 (strongly disagree) to 7 (strongly agree)."
    down = "Rate it from 1 (strongly agree) to 7 (strongly disagree)."
    for who in names(chats, 8):
        codes = [int(chats.text(f"{QUESTION}\nStatement: {STATEMENT}\n{how}", who=who)) for how in (up, down)]
        assert sum(codes) == 8


def test_answers_come_in_the_form_asked_for(chats):
    statement = f"{QUESTION}\nStatement: {STATEMENT}\n\n"
    place = rating(chats, "persona-0002", statement + CHOICE)
    framed = "The last line of your response should be of the following format: 'ANSWER: $LETTER'.\n"
    labels = "Answer with one of: strongly disagree, disagree, neutral, agree, strongly agree."
    assert chats.text(statement + CHOICE, who="persona-0002") == "ABCDE"[place - 1]
    assert chats.text(framed + statement + CHOICE, who="persona-0002") == f"ANSWER: {'ABCDE'[place - 1]}"
    by_label = ["strongly disagree", "disagree", "neutral", "agree", "strongly agree"][place - 1]
    assert chats.text(statement + labels, who="persona-0002") == by_label


def test_an_opinion_in_the_chat_is_the_persons_own(chats):
    """Who has made a point is glad to hear it again: agreement is no lower than where the chat has the opposite opinion."""
    [question] = [question for question in chats.service.plan.questions if question.text == QUESTION]
    made = {side: [claim.point for claim in question.claims if claim.side == side][:3] for side in ("for", "against")}
    text = f"Statement: {'. '.join(made['for'])}.\nAnswer from 0 to 100."
    own = {
        side: [rating_after(chats, who, ". ".join(points), text) for who in names(chats, 12)]
        for side, points in made.items()
    }
    assert np.mean(own["for"]) > np.mean(own["against"])


def rating_after(chats, who: str, opinion: str, text: str) -> int:
    return chats.reply(QUESTION, opinion, text, who=who).understood["asked"][0]["rating"]


def test_some_opinions_are_left_blank_as_in_a_study(chats):
    """8% of them by the population's own figure; the scenario of these tests has set that to none."""
    assert all(chats.text(QUESTION, who=who) for who in names(chats, 20))


# --- formats -----------------------------------------------------------------------------------------------------


def schema(**properties: object) -> dict[str, object]:
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "properties": properties}}}


def test_a_schema_is_filled(chats):
    form = schema(
        reason={"type": "string"}, rating={"type": "integer", "minimum": 1, "maximum": 5}, agrees={"type": "boolean"}
    )
    filled = json.loads(chats.text(f"{QUESTION}\nStatement: {STATEMENT}\nRate it.", response_format=form))
    assert filled["reason"] == ""
    assert filled["rating"] in range(1, 6)
    assert filled["agrees"] == (filled["rating"] > 3)


def test_an_opinion_goes_into_the_first_text_that_is_no_reason(chats):
    form = schema(explanation={"type": "string"}, speaks={"type": "boolean"}, response={"type": "string"})
    filled = json.loads(chats.text(QUESTION, response_format=form))
    assert filled == {"explanation": "", "speaks": True, "response": chats.text(QUESTION)}


def test_properties_that_ask_something_are_answered_each(chats):
    trees = "How much do you agree: We should plant more trees. (from 1 to 7)"
    form = schema(a={"type": "INTEGER", "description": trees}, b={"type": "STRING", "description": OTHER})
    form["json_schema"] = form["json_schema"]["schema"]  # as some clients send it
    replied = chats.reply("Please answer the survey.", response_format=form)
    filled = json.loads(replied.texts[0])
    assert filled["a"] in range(1, 8)
    assert filled["b"] == chats.text(OTHER)


def test_a_shown_object_is_filled(chats):
    how = 'Return a valid JSON formatted like this: {"answer": <number>, "comment": <comment>}'
    filled = json.loads(chats.text(f"{QUESTION} Answer from 1 to 7. {how}"))
    assert filled["answer"] in range(1, 8)
    assert filled["comment"] == ""


@pytest.mark.parametrize(
    "form",
    [{"type": "xml"}, {"type": "json_schema"}, schema(score={"type": "number"}), schema(x={"$ref": "#/nowhere"})],
)
def test_formats_that_nobody_can_answer_in_are_refused(chats, form):
    with pytest.raises(RequestRefused, match=r"^response_format\."):
        chats.reply(QUESTION, response_format=form)


# --- people played by a language model ---------------------------------------------------------------------------


def test_people_played_by_a_model_answer_or_say_that_it_did_not(played):
    asked = [(who, text) for who in names(played, 8) for text in (QUESTION, f"{QUESTION} Answer from 1 to 7.")]
    said = [answer_or_reason(played, who, text) for who, text in asked]
    refused = [text for text in said if "the language model that plays this person gave no" in text]
    assert len(said) / 2 > len(refused) > 0


def answer_or_reason(played, who: str, text: str) -> str:
    try:
        return played.text(text, who=who)
    except RequestRefused as error:
        return str(error)
