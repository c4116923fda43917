"""What people are shown of a reply: the words meant for them, with the beginning that was given, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcons.engines.reasoning import take_apart
from simcons.engines.replies import clean, joined, shown
from simcons.languages.en_gb import EN_GB

ASKED_IN_WORDS = [
    ("Everyone agrees.", "Everyone agrees."),
    ("\n\nEveryone agrees.", "Everyone agrees."),
    (" Everyone agrees.", "Everyone agrees."),
    ("We agree.", "We agree."),
    ("we agree.", "We agree."),
    ("WE agree.", "We agree."),
    ('"We agree."', "We agree."),
    ("“We agree.”", "We agree."),
    ("**We** agree.", "We agree."),
    ("**We agree.**", "We agree."),
    ("*We* agree.", "We agree."),
    ("> We agree.", "We agree."),
    ("Wealth should be shared.", "Wealth should be shared."),
    ("weather matters", "We weather matters"),  # lower case: it goes on
    ("We'd rather not.", "We'd rather not."),
    ("we’re agreed.", "We’re agreed."),
    (", as a group, agree.", "We, as a group, agree."),
    ("'d rather not.", "We'd rather not."),
    ("’d rather not.", "We’d rather not."),
    ("all agree.", "We all agree."),
    (" all agree.", "We all agree."),
    ("... all agree.", "We all agree."),
    ("…all agree.", "We all agree."),
    ("Sure! Here it is: We agree.", "We agree."),
    ("Sure! We agree.", "We agree."),
    ("Of course, we agree.", "We agree."),
    ('Sure, here\'s a statement the whole group could agree with:\n\n"We agree."', "We agree."),
    ("Here is the statement:\n\nWe agree.", "We agree."),
    ("Here is the statement: everyone agrees.", "everyone agrees."),
    ("**Statement:** We agree.", "We agree."),
    ("**Statement**\n\nWe agree.", "We agree."),
    ("## Consensus statement\nWe agree.", "We agree."),
    ("Proposed group statement: We agree.", "We agree."),
    ("```\nWe agree.\n```", "We agree."),
    ("<statement>We agree.</statement>", "We agree."),
    ('{"statement": "We agree."}', "We agree."),
    ("We", "We"),
    ("", ""),
    ("I agree.", "I agree."),
    ("5 of us agree.", "5 of us agree."),
    ("We agree.\n\nLet me know if you would like any changes!", "We agree."),
]


@pytest.mark.parametrize(("reply", "expected"), ASKED_IN_WORDS)
def test_a_reply_that_was_only_asked_to_begin_so_is_judged_by_its_text(reply, expected):
    assert shown(reply, EN_GB.replies, "We", continued=False) == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (" all agree", "We all agree"),
        ("all agree", "We all agree"),
        ("'d rather", "We'd rather"),
        (", as a group, agree", "We, as a group, agree"),
        (" British agree", "We British agree"),
        ("British agree", "We British agree"),
        (" the people agree: here is the answer: no", "We the people agree: here is the answer: no"),
        (" agree.\n\nWe also want trees.", "We agree. We also want trees."),
        ("lsh people agree", "We lsh people agree"),  # whatever it is, it was not asked for anything else
    ],
)
def test_a_continued_reply_is_never_second_guessed(reply, expected):
    assert shown(reply, EN_GB.replies, "We", continued=True) == expected


@pytest.mark.parametrize(
    ("beginning", "reply", "expected"),
    [
        ("In our view,", "In our view, it is right.", "In our view, it is right."),
        ("In our view,", "in our  view, it is right.", "In our view, it is right."),
        ("In our view,", "Britain is an island.", "Britain is an island."),
        ("In our view,", "it is right.", "In our view, it is right."),
        ("We're", "We’re agreed.", "We're agreed."),
        ("We think that", "We **think that** it is.", "We think that it is."),
        ("What?", "What? No.", "What? No."),
        ("我们", "我们认为", "我们认为"),
        ("We", "Wé agree", "Wé agree"),
    ],
)
def test_any_beginning_is_judged_so(beginning, reply, expected):
    assert shown(reply, EN_GB.replies, beginning, continued=False) == expected


def test_scripts_without_spaces_are_joined_without_one():
    assert joined("我们", "认为") == "我们认为"
    assert joined("We", "认为") == "We 认为"


@pytest.mark.parametrize(
    "text",
    [
        "Of course people should have a say.",
        "Certainly, cars are noisy: nobody wants them.",
        "Here is what I think: cars are noisy.",
        "Here is a town with two problems: cars and more cars.",
        "Absolutely! We should ban them.",
        "Sure, it would cost money.",
        "The answer is no.",
        "Yes. It is fair.",
        "Given the cost, we would wait.",
        "2 * 3 * 4 is 24",
        "use snake_case_names",
        '"Yes" is our answer, not "no"',
        "I think <b is less than a",
    ],
)
def test_what_people_may_say_is_left_alone(text):
    assert clean(text, EN_GB.replies) == text


@pytest.mark.parametrize("text", ["'We don't agree.'", "‘We don’t agree.’", "‘We don't agree.’"])
def test_single_quotation_marks_around_the_whole_are_no_part_of_it(text):
    assert shown(text, EN_GB.replies, "We", continued=False) in ("We don't agree.", "We don’t agree.")
    assert clean("'Yes' is our answer, not 'no'", EN_GB.replies) == "'Yes' is our answer, not 'no'"


@given(st.text(max_size=60))
def test_cleaning_again_changes_nothing(text):
    assert clean(clean(text, EN_GB.replies), EN_GB.replies) == clean(text, EN_GB.replies)


@pytest.mark.parametrize(
    ("reply", "text", "reasoning"),
    [
        ("We agree.", "We agree.", ""),
        ("<think>Opinion 1 is selfish.</think>We agree.", "We agree.", "Opinion 1 is selfish."),
        ("<think>\na\n</think>\n\n<think>b</think>We agree.", "\n\nWe agree.", "a\nb"),
        ("<think>Opinion 1 is", "", "Opinion 1 is"),
        ("We agree. <think>Is that so", "We agree. ", "Is that so"),
        ("Opinion 1 is selfish.\n</think>\n\nWe agree.", "\n\nWe agree.", "Opinion 1 is selfish."),
        ("a</think>b</think>We agree.", "We agree.", "a\nb"),
        ("a</think><think>b</think>We agree.", "We agree.", "a\nb"),
        ("<think></think>We agree.", "We agree.", ""),
        ("<THINKING>a</THINKING>We agree.", "We agree.", "a"),
        ("<reasoning>a</reasoning>We agree.", "We agree.", "a"),
        ("<thought>a</thought>We agree.", "We agree.", "a"),
        ("[THINK]a[/THINK]We agree.", "We agree.", "a"),
        ("◁think▷a◁/think▷We agree.", "We agree.", "a"),
        (
            "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>We agree.<|return|>",
            "We agree.",
            "a",
        ),
        ("<|channel|>analysis<|message|>a", "", "a"),
        ("<|channel|>final<|message|>We agree.", "We agree.", ""),
        ("analysisWe need a statement.assistantfinalWe agree.", "We agree.", "We need a statement."),
        ("analysisWe need a statement", "", "We need a statement"),
        ("Here is my thought process: a\nHere is my response: We agree.", " We agree.", "a"),
        ("We agree.<|im_end|>", "We agree.", ""),
        ("We agree.<|im_end|>\n<|im_start|>user\nAnother question", "We agree.", ""),
        ("<|im_start|>assistant\nWe agree.<|im_end|>", "We agree.", ""),
        ("<|start_header_id|>assistant<|end_header_id|>\n\nWe agree.<|eot_id|>", "We agree.", ""),
        ("<start_of_turn>model\nWe agree.<end_of_turn>", "We agree.", ""),
        ("[/INST] We agree.</s>", " We agree.", ""),
        ("We agree. [INST] Why? [/INST] Because", "We agree. ", ""),
        ("<s>We agree.</s>", "We agree.", ""),
        ("</s>We agree.", "We agree.", ""),
        ("<s> [INST] <<SYS>> <</SYS>> We agree.", " We agree.", ""),
        ("We agree.<｜end▁of▁sentence｜>", "We agree.", ""),
        ("<|assistant|>\nWe agree.<|end|>", "We agree.", ""),
        ("<|im_start|>user\nIs it?", "", ""),
        ("<|im_end|>", "", ""),
        ("<think>a<|im_end|></think>We agree.", "We agree.", "a"),
        ("I <3 buses and a < b > c", "I <3 buses and a < b > c", ""),
        ("My analysis is that cars are loud.", "My analysis is that cars are loud.", ""),
        ("analysis of the cost shows little", "analysis of the cost shows little", ""),
    ],
)
def test_reasoning_and_the_marks_of_templates_are_told_from_what_is_said(reply, text, reasoning):
    assert take_apart(reply) == (text, reasoning)
