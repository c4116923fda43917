"""The forms of a wording."""

from __future__ import annotations

import numpy as np
import pytest

from simcons.languages.en_gb import EN_GB
from simcons.questions.bank import Question
from simcons.questions.forms import balanced, drawn_form, first_form, forms
from simcons.questions.reader import QuestionReader


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("buses are slow", ("buses are slow",)),
        ("buses are [very] slow", ("buses are very slow", "buses are slow")),
        ("[loads of|most] people walk", ("loads of people walk", "most people walk")),
        ("[in towns], people walk [a lot]", ("in towns, people walk a lot", "in towns, people walk", ", people walk a lot", ", people walk")),  # noqa: E501
        ("buses [|always] crawl", ("buses crawl", "buses always crawl")),
    ],
)  # fmt: skip
def test_all_forms_in_order(text, expected):
    assert forms(balanced(text)) == expected
    assert first_form(text) == expected[0]


def test_a_drawn_form_is_any_of_them():
    text, rng = "[lots of|most] people [just] walk", np.random.default_rng(3)
    assert {drawn_form(text, rng) for _ in range(200)} == set(forms(text))


def test_every_form_is_read_as_the_claim(bank: list[Question]):
    buses = bank[0]
    claim = buses.claims[0]
    wordings = claim.wordings.model_copy(update={"chatty": ["[my street|everybody] [really] loves a free ride"]})
    changed = buses.model_copy(update={"claims": [claim.model_copy(update={"wordings": wordings}), *buses.claims[1:]]})
    reader = QuestionReader(changed, EN_GB)
    for form in ("my street loves a free ride", "Everybody really loves a free ride"):
        assert [(m.claim, m.polarity) for m in reader.read(f"I think {form}.").mentions] == [(0, 1)]
