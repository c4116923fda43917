"""What a text proposes, put as a position, and its denial; and what has neither yes nor no."""

# ruff: noqa: E501
from __future__ import annotations

import pytest

from simcons.languages.en_gb.proposals import affirm, deny, plain_question
from simcons.languages.proposals import Unfit


@pytest.mark.parametrize(
    ("question", "position", "negation"),
    [
        ("Should we act?", "We should act.", "We should not act."),
        ("Should the government fund more art?", "The government should fund more art.", "The government should not fund more art."),
        ("Should the UK government use AI?", "The UK government should use AI.", "The UK government should not use AI."),
        ("Should there be a law on masks?", "There should be a law on masks.", "There should not be a law on masks."),
        ("should all children be able to swim", "All children should be able to swim.", "It is not the case that all children should be able to swim."),
        ("Should children who misbehave be told off?", "Children who misbehave should be told off.", "It is not the case that children who misbehave should be told off."),
        ("Should the minimum wage in the UK be £15?", "The minimum wage in the UK should be £15.", "The minimum wage in the UK should not be £15."),
        ("Should everyone in Wales learn Welsh?", "Everyone in Wales should learn Welsh.", "It is not the case that everyone in Wales should learn Welsh."),
        ("Should the plan to allow phones be dropped?", "The plan to allow phones should be dropped.", "The plan to allow phones should not be dropped."),
        ("Will AI make us better off?", "AI will make us better off.", "AI will not make us better off."),
        ("Will AI eventually become wise?", "AI will eventually become wise.", "AI will not eventually become wise."),
        ("Should the UK break up its own army?", 'The answer to "Should the UK break up its own army?" is yes.', 'The answer to "Should the UK break up its own army?" is no.'),
        ("Should everyone living in Kent be heard?", "Everyone living in Kent should be heard.", "It is not the case that everyone living in Kent should be heard."),
        ("Should our town close its high street to cars?", "Our town should close its high street to cars.", "Our town should not close its high street to cars."),
        ("Should more open borders be considered?", 'The answer to "Should more open borders be considered?" is yes.', 'The answer to "Should more open borders be considered?" is no.'),
        ("Should tax on meat rates rise?", 'The answer to "Should tax on meat rates rise?" is yes.', 'The answer to "Should tax on meat rates rise?" is no.'),
        ("Should the U.K. rejoin the E.U.?", "The UK should rejoin the EU.", "The UK should not rejoin the EU."),
        ("SHOULD THE UK BAN CARS?", "The UK should ban cars.", "The UK should not ban cars."),
        ("Is it OK to eat dogs?", "It is OK to eat dogs.", "It is not OK to eat dogs."),
        ("Is it ever OK to eat dogs?", 'The answer to "Is it ever OK to eat dogs?" is yes.', 'The answer to "Is it ever OK to eat dogs?" is no.'),
        ("Is there anything wrong with zoos?", 'The answer to "Is there anything wrong with zoos?" is yes.', 'The answer to "Is there anything wrong with zoos?" is no.'),
        ("Are zoos cruel?", 'The answer to "Are zoos cruel?" is yes.', 'The answer to "Are zoos cruel?" is no.'),
        ("Do we need a new airport?", "We need a new airport.", "It is not the case that we need a new airport."),
        ("Do you agree that cars should be banned?", "Cars should be banned.", "Cars should not be banned."),
        ("To what extent do you agree or disagree with the following statement: we should act.", "We should act.", "We should not act."),
        ("Given rising rents, should the council build homes?", "Given rising rents, the council should build homes.", "Given rising rents, the council should not build homes."),
        ("Rents are high. Should we cap them?", "We should cap them.", "We should not cap them."),
        ("Should we leave the EU or not?", "We should leave the EU.", "We should not leave the EU."),
        ("Should nobody be allowed to smoke?", "Nobody should be allowed to smoke.", "It is not the case that nobody should be allowed to smoke."),
        ("Shouldn't we ban cars?", "We should ban cars.", "We should not ban cars."),
        ("Isn’t it time to act?", "It is time to act.", "It is not time to act."),
        ("We should act.", "We should act.", "We should not act."),
        ("We should ban cars?", "We should ban cars.", "We should not ban cars."),
        ("I think we should ban cars.", "We should ban cars.", "We should not ban cars."),
        ("Bring back hanging", "We should bring back hanging.", "We should not bring back hanging."),
        ("Don't ban cars!", "We should not ban cars.", "We should ban cars."),
        ("NHS staff deserve more.", "NHS staff deserve more.", "It is not the case that NHS staff deserve more."),
    ],
)  # fmt: skip
def test_a_text_put_declaratively_and_denied(question, position, negation):
    assert affirm(question) == position
    assert deny(position) == negation


@pytest.mark.parametrize(
    ("position", "negation"),
    [
        ("We should not act.", "We should act."),
        ("We shouldn't act.", "We should act."),
        ("We can't go on.", "We can go on."),
        ("We should never act.", "It is not the case that we should never act."),
        ("Cars should go and buses should come.", "It is not the case that cars should go and buses should come."),
        ("Those who can pay should pay.", "It is not the case that those who can pay should pay."),
        ("It is time to act.", "It is not time to act."),
        ("School uniforms are good.", "It is not the case that school uniforms are good."),
        ("NHS staff deserve more.", "It is not the case that NHS staff deserve more."),
    ],
)
def test_denials_of_positions_that_were_given(position, negation):
    assert deny(position) == negation


@pytest.mark.parametrize(
    "appeal",
    [" Why or why not?", " Why?", " Please explain your answer.", ", and if so, why?", ", yes or no?", " (yes/no)", " If not, why not?", " Discuss."],
)  # fmt: skip
def test_an_appeal_that_follows_is_no_part_of_the_question(appeal):
    question = "Should people be allowed to vote at 16?"
    text = (
        question.removesuffix("?") + appeal + "?" * (appeal == " (yes/no)")
        if appeal[0] == "," or "(" in appeal
        else question + appeal
    )
    assert plain_question(text) == question
    assert affirm(text) == "People should be allowed to vote at 16."


@pytest.mark.parametrize(
    "text", ["Should we teach people why they vote?", "Should doctors discuss it?", "Should we ask why?"]
)
def test_words_like_an_appeal_inside_a_question_stay(text):
    assert plain_question(text) == text


@pytest.mark.parametrize("number", ["1. ", "Q3: ", "12) ", "- ", "Motion: "])
def test_a_number_before_a_question_is_no_part_of_it(number):
    assert plain_question(f"{number}Should we act?") == "Should we act?"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("What should the government do about housing?", "asks 'what', which yes or no does not answer"),
        ("How should we tax the rich?", "asks 'how'"),
        ("In what circumstances should we go to war?", "asks 'what'"),
        ("Given rising rents, what should the council do?", "asks 'what'"),
        ("When should we vote?", "asks 'when'"),
        ("Should we keep or abolish the monarchy?", "offers a choice ('keep or abolish')"),
        ("Should we spend more or less on defence?", "offers a choice ('more or less')"),
        ("Should we ban cars or should we tax them?", "offers a choice ('or should')"),
        ("Is it better to have a monarchy or a republic?", "offers a choice"),
        ("Should we ban cars? Should we ban bikes?", "asks 2 questions"),
        ("Should we not ban cars?", 'asks in the negative ("not")'),
        ("Should people not be allowed to smoke?", 'asks in the negative ("not")'),
        ("Shouldn't we not ban cars?", 'asks in the negative ("not")'),
        ("Aren't zoos cruel?", 'asks in the negative ("Aren\'t")'),
        ("Do you own a car?", 'asks about the reader ("do you")'),
        ("Should I eat meat?", "asks about one person ('I')"),
        ("I voted to Remain.", "speaks of one person ('I')"),
        ("My street is too loud.", "speaks of one person ('My')"),
        ("Climate change", "is neither a question"),
        ("Fox hunting?", "is neither a question"),
        ("Sollte man Autos verbieten?", "is neither a question"),
        ("Yes.", "is neither a question"),
        ("Cars are bad. We should ban them.", "holds 2 sentences"),
        ("   ", "is empty"),
        ("?", "is empty"),
    ],
)  # fmt: skip
def test_what_nobody_can_agree_with(text, reason):
    found = affirm(text)
    assert isinstance(found, Unfit)
    assert found.reason.startswith(reason)
