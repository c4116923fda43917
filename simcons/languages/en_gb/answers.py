"""English: answers on a scale in a language model's own words."""

from __future__ import annotations

import re

from simcons.languages.answers import AnswerCues, Labels
from simcons.languages.text import word_set
from simcons.scale import LOWEST, MIDPOINT

# Where a point on a scale is asked for, these decline it; of an opinion they may be all there is to say.
_DECLINING = re.compile(
    r"^(?:(?:i(?: a)?m )?sorry,?(?: but)? )?(?:no comment|i(?: woul)?d rather not|(?:i )?prefer not|i refuse|i decline|"
    r"i(?: a)?m unable to (?!agree|disagree|support)|i (?:cannot|cant) (?!agree|disagree|support|fault))|"
    r"^(?:i(?: a)?m )?(?:very |so )?sorry\W*$|^i apologi[sz]e\W*$"
)
_SCALE_NAMED = re.compile(
    r"(?<![\d-])\(?\b(?:(?:on|from|using|in) )?(?:(?:a|the|this|your) )?(?:scale (?:of|from) )?(?:from )?"
    r"(?:1 ?(?:-|to) ?7|7 ?(?:-|to) ?1)\b(?: scale)?\)?|"
    r"\bout of (?:7|seven)\b|(?<=\d) ?/ ?7\b(?![\d.])|\b(?:7|seven)[ -]point scale\b"
)
_IN_PERSON = re.compile(r"^as an? (?!rule\b)[^.!?,]{1,80},\s*(?=i)")  # "As a 45-year-old nurse, I ..."
_NO_POINT = re.compile(r"\b\d[\d.,]*[a-z%]\w*|[<>≥≤~≈±]\s*\d")  # 60%, 6th, 5ish, >5
_AFTER_NUMBER = re.compile(r"\s*(?:$|[,:=()/-]|(?:because|since|as|for me|from me|on|and|to this|please|i|its)\b)")

# The only words that may come before an answer in its sentence: "my rating would be", but not "I do not" or "very".
_LEAD = word_set(
    """i id im my me we the a an it its is be am would will say give giving rate rating rated answer response reply
    opinion view choice choose select pick go going with for as of to on that this these statement question option number
    score person he she they himself herself in overall well honestly personally so and think feel believe consider find
    do ok okay yes no here level agreement quality hmm ah oh right then final definitely certainly just really
    probably guess suppose reckon"""
)
# What takes back some of an answer: within its clause, at the head of the next one, or wherever it is said.
_TAKING_BACK = word_set(
    """not dont doesnt isnt cant cannot wouldnt never hardly barely neither nor maybe slightly mostly mildly largely bit
    little kind sort almost nearly half except some somewhat strongly very quite rather fairly too enough between
    or"""
)
_CLAUSE_END = re.compile(r"[,:()]| - |\b(?:but|and|though|although|however)\b")
_TAKING_BACK_NEXT = re.compile(
    r"(?:[,:(]| - |\b(?:but|and|though|although)\b)[\s,]*(?:not|only|just|never|barely|slightly|mildly|mostly|a bit|"
    r"a little|somewhat|strongly|very)\b"
)
_CONDITION = re.compile(
    r"\b(?:if|unless|until|depend(?:s|ing)?|provided|assuming|as long|only when|part(?:ly|ially|s)?|"
    r"(?:extent|degree)|not sure|unsure|dont know|reservations|sometimes|at times)\b"
)
_REASON = re.compile(r"\b(?:because|since|as(?! (?:long|far|if)\b)|due)\b")


def label_forms(labels: Labels) -> dict[str, int]:
    """Ways to say each label: "strongly agree", "agree strongly", "agrees"; "neither agree nor disagree" is neutral."""
    forms: dict[str, int] = {}
    for point, label in enumerate(labels, start=LOWEST):
        *degree, word = label.split()
        for inflected in (word, f"{word}s") if word.endswith("agree") else (word,):
            forms[" ".join((*degree, inflected))] = forms[" ".join((inflected, *degree))] = point
    low, high = labels[1], labels[5]
    forms[f"neither {high} nor {low}"] = forms[f"neither {low} nor {high}"] = int(MIDPOINT)
    return forms


ANSWERS = AnswerCues(
    number_words=("one", "two", "three", "four", "five", "six", "seven"),
    lead=_LEAD,
    taking_back=_TAKING_BACK,
    label_forms=label_forms,
    declining=_DECLINING,
    scale_named=_SCALE_NAMED,
    in_person=_IN_PERSON,
    no_point=_NO_POINT,
    after_number=_AFTER_NUMBER,
    clause_end=_CLAUSE_END,
    taking_back_next=_TAKING_BACK_NEXT,
    condition=_CONDITION,
    reason=_REASON,
)
