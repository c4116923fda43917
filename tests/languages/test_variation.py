"""Swaps and misspellings change how a text looks and not what is heard in it."""

from __future__ import annotations

from itertools import repeat

import pytest
from groups import bank  # noqa: F401  (fixture)

from simcons.languages.en_gb import EN_GB
from simcons.languages.text import normalise
from simcons.questions.forms import drawn_form
from simcons.questions.wordings import WordingFinder
from simcons.seeds import stream

VARIATION = EN_GB.variation


def swapped(text, register, draw=0.0):
    return VARIATION.swapped(text, register, repeat(draw))


def test_words_are_put_as_the_register_has_them():
    text = "I would buy lots of things for children, and it's not dear"
    assert swapped(text, "formal") == "I would buy a lot of things for children, and it is not dear"
    assert swapped(text, "chatty", 0.99) == "I'd buy loads of things for kids, and it's not dear"


@pytest.mark.parametrize(
    "text",
    [
        "it's been cold",  # it has
        "quite a lot of them",
        "that's what it is",
        "the rich and famous",
        "why should we",
        "you'd done it",  # had
        "an expensive house",
        "they went to work, to be fair",
    ],
)
@pytest.mark.parametrize("draw", [0.0, 0.5, 0.99])
def test_words_that_mean_something_else_stay(text, draw):
    for register in ("plain", "chatty", "formal"):
        assert swapped(text, register, draw).lower() in {text, text.replace("that's", "that is")}


def test_marks_and_capitals_stay():
    assert swapped("Kids, nearly.", "formal") == "Children, nearly."
    assert VARIATION.misspelt("Because, (definitely).", 1.0, repeat(0.0)) == "Becuase, (definitely)."


def test_the_tidy_misspell_nothing_and_wrong_words_are_put_right():
    text = "people should have to pay a lot, because it's definitely their choice"
    assert VARIATION.misspelt(text, 0.0, repeat(0.5)) == text
    wrong = VARIATION.misspelt(text, 1.0, repeat(0.3))
    assert wrong != text
    assert VARIATION.respelt(normalise("we should of paid alot")) == "we should have paid a lot"


def test_every_wrong_spelling_is_heard_as_the_right_one():
    for right, wrongs in VARIATION.slips.items():
        for wrong in wrongs:
            units = [VARIATION.heard(VARIATION.respelt(normalise(word)).split()).units for word in (right, wrong)]
            assert units[0] == units[1], (right, wrong)


def test_bank_wordings_are_heard_through_swaps_and_misspellings(bank):  # noqa: F811
    """A wording and a denial of each claim, in each register: the same claim, the same polarity, in the bank's own words."""
    draws = iter(stream(0, "variation").random(200_000).tolist())
    rng = stream(0, "forms")
    for question in bank:
        finder = WordingFinder(question, EN_GB)
        for claim, asked in enumerate(question.claims):
            for number, (texts, polarity) in enumerate([(asked.assertions, 1), (asked.denials, -1)]):
                text = drawn_form(texts[int(next(draws) * len(texts))], rng)
                for register in ("plain", "chatty", "formal"):
                    typed = VARIATION.misspelt(VARIATION.swapped(text, register, draws), 0.4 * number, draws)
                    mentions, _ = finder.find(VARIATION.respelt(normalise(typed)))
                    assert (claim, polarity) in {(m.claim, m.polarity) for m in mentions}, (text, typed)
