"""Answers to choose from, as study software and people write them down."""

from __future__ import annotations

import pytest

from simcons.languages.en_gb import EN_GB
from simcons.serve.options import Options, options_in, options_of

FIVE = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]


def codes(text: str) -> list[object] | None:
    offered = options_in(text, EN_GB)
    return None if offered is None else [point.code for point in offered.points]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rate it from 1 to 7.", range(1, 8)),
        ("On a scale of 1-5, how far do you agree?", range(1, 6)),
        ("Answer with a number between 0 and 10, where 0 is not at all and 10 is completely.", range(11)),
        ("Rate it from 1 (strongly agree) to 5 (strongly disagree).", [5, 4, 3, 2, 1]),
        ("Scale: 1 = strongly disagree, 4 = neutral, 7 = strongly agree", range(1, 8)),
        ("1 is strongly agree and 3 is strongly disagree. Which number fits?", [3, 2, 1]),
        ("Your rating from -3 to 3:", range(-3, 4)),
    ],
)
def test_numbers_run_from_least_to_most(text, expected):
    assert codes(text) == list(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n".join(f"{k} : {label}" for k, label in enumerate(FIVE, 1)), [1, 2, 3, 4, 5]),
        ("1 : Strongly agree\n2 : \n3 : \n4 : Strongly disagree", [4, 3, 2, 1]),
        ("\n".join(f"{letter}) {label}" for letter, label in zip("ABCDE", FIVE[::-1], strict=True)), list("EDCBA")),
        ("\n\n".join(FIVE), FIVE),
        ("- x1: I am for it\n- x2: I cannot say\n- x3: I am against it", ["x3", "x1"]),
        ("No\n\nYes", ["No", "Yes"]),
        ("Choose: agree / neutral / disagree", ["disagree", "neutral", "agree"]),
        (
            "1 : oppose\n2 : neutral\n3 : support\nRespond only with the label of an option.",
            ["oppose", "neutral", "support"],
        ),
    ],
)
def test_lines_and_labels_are_put_in_order_by_their_sides(text, expected):
    assert codes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Please write 50 to 100 words.",
        "Answer in 2-3 sentences, from 1 to 3 paragraphs.",
        "People who are 18 to 24 pay less.",
        "Do you agree or disagree?",
        "1. Read the question.\n2. Write an opinion.\n3. Send it.",
        "- Be polite\n- Do not shout\n- Write clearly",
        "We should wait until 2030-2040.",
    ],
)
def test_other_numbers_and_lists_are_no_options(text):
    assert codes(text) is None


def test_a_schema_names_its_answers():
    def of(**schema: object) -> list[object] | None:
        offered = options_of(schema, EN_GB)
        return None if offered is None else [point.code for point in offered.points]

    assert of(type="integer", minimum=1, maximum=4) == [1, 2, 3, 4]
    assert of(enum=["strongly agree", "neutral", "strongly disagree"]) == [
        "strongly disagree",
        "neutral",
        "strongly agree",
    ]
    assert of(enum=[3, 1, 2]) == [1, 2, 3]
    assert of(type="integer") is None
    assert of(type="number", minimum=0, maximum=100_000) is None


def test_turned_round_the_least_is_the_most():
    assert Options.numbered(1, 3).reversed().points == Options.numbered(1, 3).points[::-1]
