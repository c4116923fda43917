"""Replies in words come out as the point they name, or as missing; never as a guess."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simcons import scale
from simcons.languages.en_gb import EN_GB
from simcons.population.minds.likert import POINTS, Missing, ShownScale, parse_rating, refuses

AGREEMENT, QUALITY = (ShownScale(asked.name, EN_GB.scales[asked].labels) for asked in (scale.AGREEMENT, scale.QUALITY))
DOWN = replace(AGREEMENT, coded="down")

# Worked out by hand, not by running the parser.
AGREEMENT_REPLIES = [
    ("6", 6),
    (" 6\n", 6),
    ("6.", 6),
    ("6.0", 6),
    ("**6**", 6),
    ('"3"', 3),
    ("(2)", 2),
    ("- 5", 5),
    ("6/7", 6),
    ("7 / 7", 7),
    ("2 out of 7", 2),
    ("Six.", 6),
    ("My answer: 3", 3),
    ("Answer: 4.", 4),
    ("I'd give it a 6.", 6),
    ("I would rate this a 2 on a scale of 1 to 7.", 2),
    ("On a scale from 1 to 7, I would say 5.", 5),
    ("5 (somewhat agree)", 5),
    ("7 - strongly agree", 7),
    ("7 – Strongly Agree", 7),
    ("1 = strongly disagree", 1),
    ("6: agree, because buses are slow.", 6),
    ("2 because it is not fair on pensioners", 2),
    ("Agree", 6),
    ("agree.", 6),
    ("AGREE!!!", 6),
    ("Strongly agree!", 7),
    ("I strongly agree", 7),
    ("I agree strongly with this.", 7),
    ("I somewhat disagree with this.", 3),
    ("I’d say I somewhat agree.", 5),
    ("She disagrees with this statement.", 2),
    ("Disagree, it isn't fair.", 2),
    ("I disagree. It would cost too much.", 2),
    ("I agree, but it will be dear.", 6),
    ("Neutral", 4),
    ("I am neutral on this.", 4),
    ("I neither agree nor disagree.", 4),
    ("Yes, I agree with this statement.", 6),
    ("I agree because nobody should not have a home.", 6),
    ("6. I agree with the statement.", 6),
    ("As a 45-year-old woman from Wales, I would disagree.", 2),
    ("I'd probably say 3", 3),
    ("Answer: (6)", 6),
    ("6)", 6),
    ('```json\n{"answer": "5"}\n```', 5),
    ("```\n5\n```", 5),
    ('{"answer": 5}', 5),
    ('{"answer": 5.0}', 5),
    ("{'answer': '5'}", 5),
    ('{"rating": "5 - somewhat agree"}', 5),
    ('{"Rating": "Somewhat agree"}', 5),
    ('{"agreement": 6, "reason": "2 buses an hour are 3 too few"}', 6),
    ('{"answer": "5", "reason": "I think that', 5),
    ('{"reason": "2 buses", "answer": 5}', 5),
    ('Here is my answer: {"answer": 5}', 5),
    ('{"question": "quality of 7", "answer": "2"}', 2),
    ("$\\boxed{5}$", 5),
    ("<answer>5</answer>", 5),
    ("Answer: 5/7", 5),
    ("**Answer:** 5", 5),
    ("**5** - somewhat agree", 5),
    ("Rating: **5**", 5),
    ('{"answer": "5 - disagree"}', "off_scale"),
    ('{"answer": 5, "rating": 6}', "off_scale"),
    ('{"answer": [5, 6]}', "off_scale"),
    ('{"answer": "5 or 6"}', "off_scale"),
    ('{"answer": 10}', "off_scale"),
    ('{"answer": true}', "off_scale"),
    ('{"answer": null}', "off_scale"),
    ('{"answer": ""}', "off_scale"),
    ('6, or {"answer": 5}', "off_scale"),
    ("between 4 and 5", "off_scale"),
    ("4-5", "off_scale"),
    ("4 or 5", "off_scale"),
    ("4.5", "off_scale"),
    ("10", "off_scale"),
    ("0", "off_scale"),
    ("8", "off_scale"),
    ("-3", "off_scale"),
    ("6/10", "off_scale"),
    ("6 out of 10", "off_scale"),
    ("60%", "off_scale"),
    ("5ish", "off_scale"),
    (">5", "off_scale"),
    ("2 buses an hour is too few", "off_scale"),
    ("I have 2 children.", "off_scale"),
    ("2 children", "off_scale"),
    ("I agree a little", "off_scale"),
    ("As a rule, I agree.", "off_scale"),
    ("1 to 7", "off_scale"),
    ("6 - disagree", "off_scale"),
    ("agree or disagree", "off_scale"),
    ("Agree, somewhat agree", "off_scale"),
    ("I agree with some of it and disagree with the rest.", "off_scale"),
    ("I don't agree.", "off_scale"),
    ("I do not disagree.", "off_scale"),
    ("I cannot agree with this.", "off_scale"),
    ("I agree to some extent.", "off_scale"),
    ("Agree, but only partly.", "off_scale"),
    ("Disagree, but not strongly", "off_scale"),
    ("Agree as long as it's paid for", "off_scale"),
    ("I would agree if it were cheaper", "off_scale"),
    ("slightly agree", "off_scale"),
    ("I tend to agree", "off_scale"),
    ("neutral/agree", "off_scale"),
    ("5 or so", "off_scale"),
    ("I mostly agree", "off_scale"),
    ("I completely agree", "off_scale"),
    ("Most people agree with this.", "off_scale"),
    ("Yes", "off_scale"),
    ("It depends.", "off_scale"),
    ("I don't know", "off_scale"),
    ("We should build more homes.", "off_scale"),
    ("Good", "off_scale"),
    ("1 = strongly disagree\n2 = disagree\n3 = somewhat disagree", "off_scale"),
    ("Agree. Actually, I disagree.", "off_scale"),
    ("", "empty"),
    (" \n\t", "empty"),
    ('""', "empty"),
    ("As an AI language model, I do not have personal opinions.", "refusal"),
    ("As an AI, I would rate this a 5.", "refusal"),
    ("I'm sorry, but I can't help with that.", "refusal"),
    ("I’m sorry, but I cannot rate this statement.", "refusal"),
    ("I cannot answer this question.", "refusal"),
    ("I am unable to say.", "refusal"),
    ("I'd rather not say.", "refusal"),
    ("Prefer not to answer", "refusal"),
    ("No comment", "refusal"),
    ("Sorry.", "refusal"),
]
QUALITY_REPLIES = [
    ("Excellent", 7),
    ("It is good.", 6),
    ("I'd rate it as somewhat good.", 5),
    ("Somewhat poor - it says nothing.", 3),
    ("The quality of this statement is poor.", 2),
    ("Terrible.", 1),
    ("Neither good nor poor", 4),
    ("6, it's good", 6),
    ("5, it's good", "off_scale"),
    ("very good", "off_scale"),
    ("not good", "off_scale"),
    ("good but not excellent", "off_scale"),
    ("Agree", "off_scale"),
]
REVERSED_REPLIES = [
    ("7", 1),
    ("1", 7),
    ("4", 4),
    ("6/7", 2),
    ("Agree", 6),
    ("2 - agree", 6),
    ("2 (disagree)", "off_scale"),
    ("Three", 5),
]


@pytest.mark.parametrize(
    ("scale", "reply", "expected"),
    [
        (scale, *case)
        for scale, cases in ((AGREEMENT, AGREEMENT_REPLIES), (QUALITY, QUALITY_REPLIES), (DOWN, REVERSED_REPLIES))
        for case in cases
    ],
)
def test_replies(scale, reply, expected):
    found = parse_rating(reply, scale, EN_GB)
    assert (found.reason if isinstance(found, Missing) else found) == expected
    assert not isinstance(found, Missing) or found.raw == reply


@pytest.mark.parametrize(
    "opinion",
    [
        "I cannot agree with this, the buses are already full.",
        "I'm sorry, but I think this is daft.",
        "I can't see the point of it.",
        "Selling it as an AI tool is wrong.",
        "As an AI engineer, I use these models all day and I would label them.",
        "As an assistant in a care home I see what it costs.",
        "I won't pretend I'm an expert but it seems fair.",
        "I can't help thinking that it will be scrapped.",
        "I don't have strong views on this.",
    ],
)
def test_opinions_that_only_sound_like_refusals(opinion):
    assert not refuses(opinion, EN_GB.replies)


@pytest.mark.parametrize(
    "reply",
    [
        "As a language model, I don't have opinions on political matters.",
        "I'm sorry, but I can't assist with that request.",
        "I’m sorry, I am not able to role-play as a real person.",
        "I cannot write an opinion from the perspective of an ethnic group.",
        "I don't have personal opinions, but here are both sides.",
        "I'm just an AI assistant and can't take sides.",
        "I'm not comfortable expressing political opinions.",
    ],
)
def test_refusals(reply):
    assert refuses(reply, EN_GB.replies)


SCALES = st.sampled_from([AGREEMENT, QUALITY, DOWN, replace(QUALITY, coded="down")])
LEADS = st.sampled_from(["", "My answer: ", "I'd say ", "I would go with ", "\n**", "Answer - "])
ENDS = st.sampled_from(["", ".", "!", "\n", "**", ". ", ", because it is not clear."])


@given(st.text(), SCALES)
def test_any_text_gives_a_point_or_is_kept_as_missing(text, scale):
    found = parse_rating(text, scale, EN_GB)
    assert found in POINTS if isinstance(found, int) else found.raw == text


@given(SCALES, st.sampled_from(POINTS), LEADS, ENDS)
def test_numbers_and_labels_are_found_in_what_surrounds_them(scale, value, lead, end):
    shown = next(option for option in scale.options("up") if scale.value(option.number) == value)
    assert shown.label == scale.labels[value - 1]
    for answer in (str(shown.number), shown.label, shown.label.upper(), f"{shown.number} ({shown.label})"):
        assert parse_rating(f"{lead}{answer}{end}", scale, EN_GB) == value


@given(
    SCALES,
    st.lists(st.sampled_from(POINTS), min_size=2, max_size=3, unique=True),
    st.sampled_from([" or ", ", ", ". ", "-", "\n"]),
)
@example(AGREEMENT, [2, 7, 1], "-")
def test_two_answers_are_none(scale, values, between):
    labels = [scale.labels[value - 1] for value in values]
    for answers in ([str(value) for value in values], labels):
        found = parse_rating(between.join(answers), scale, EN_GB)
        assert isinstance(found, Missing)
        assert found.reason == "off_scale"


@given(st.text(alphabet="abcdefgilmnoprstuy '", max_size=30), SCALES)
def test_a_negated_answer_is_none(noise, scale):
    for label in scale.labels:
        assert isinstance(parse_rating(f"I am not {label} {noise}", scale, EN_GB), Missing)


def test_options_are_listed_both_ways_and_coded_both_ways():
    assert [(o.number, o.label) for o in AGREEMENT.options("down")][:2] == [(7, "strongly agree"), (6, "agree")]
    assert [(o.number, o.label) for o in DOWN.options("up")][:2] == [(1, "strongly agree"), (2, "agree")]
