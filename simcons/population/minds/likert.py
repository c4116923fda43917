"""Answers on the seven-point scales: the scales themselves, and reading one point out of a model's own words.

Nothing is guessed: a reply that gives no point, more than one, or one with conditions is off the scale.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from simcons.engines.refusals import plain, refuses
from simcons.records import MissingReason
from simcons.scale import HIGHEST, LOWEST

Listed: TypeAlias = Literal["up", "down"]

POINTS = range(LOWEST, HIGHEST + 1)
_MIDDLE = 4


@dataclass(frozen=True, slots=True)
class Missing:
    """An answer that cannot be used. Nothing is ever put in its place; ``raw`` is what the model replied."""

    reason: MissingReason
    raw: str


@dataclass(frozen=True, slots=True)
class Option:
    """One point of a scale as it is shown."""

    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Seven points with their labels, from the least to the most.

    coded: whether 1 is shown for the least (up) or for the most (down). Values always run up: 1 is the least.
    """

    name: str
    labels: tuple[str, str, str, str, str, str, str]
    coded: Listed = "up"

    def options(self, listed: Listed) -> tuple[Option, ...]:
        """The points as shown, from number 1 up or from number 7 down."""
        labels = self.labels if self.coded == "up" else self.labels[::-1]
        options = tuple(Option(number, label) for number, label in zip(POINTS, labels, strict=True))
        return options if listed == "up" else options[::-1]

    def value(self, number: int) -> int:
        """The value that a shown number stands for."""
        return number if self.coded == "up" else 8 - number


AGREEMENT = Scale(
    "agreement",
    (
        "strongly disagree",
        "disagree",
        "somewhat disagree",
        "neutral",
        "somewhat agree",
        "agree",
        "strongly agree",
    ),
)
QUALITY = Scale("quality", ("terrible", "poor", "somewhat poor", "neutral", "somewhat good", "good", "excellent"))


def parse(text: str, scale: Scale) -> int | Missing:
    """The value on 1-7 that ``text`` answers with; Missing where it does not give exactly one.

    Numbers are read as ``scale`` is coded, labels by what they say; where both are given they must fit each other. Of a JSON
    object (in a code block or not, broken off after the answer or not) the field named after an answer or the scale is read.
    """
    bare = plain(_unframed(text))
    if not bare:
        return Missing("empty", text)
    if refuses(text) or _DECLINES.search(bare):
        return Missing("refusal", text)
    found = _fields(text, scale)
    if found is None:
        found = _in_words(bare, scale)
    value = found.pop() if len(found) == 1 else None
    return Missing("off_scale", text) if value is None else value


def _in_words(bare: str, scale: Scale) -> set[int | None]:
    return {value for sentence in _SENTENCE_END.split(bare) for value in _answers(sentence, scale)}


def _fields(text: str, scale: Scale) -> set[int | None] | None:
    """The values of the fields that hold the answer, where ``text`` has any; words before them may give no other."""
    fields = {found["key"].lower(): found["text"] or found["number"] or "" for found in _FIELD.finditer(text)}
    if not fields or "{" not in text:
        return None
    own = fields.get(scale.name)
    given = [own] if own is not None and "answer" not in fields else list(fields.values())
    values = {value for one in given for value in _in_words(plain(one), scale) or {None}}
    return values | _in_words(plain(_unframed(text[: text.index("{")])), scale)


def _unframed(text: str) -> str:
    """``text`` without code fences, tags around an answer, or a box of mathematics."""
    return _BOXED.sub(r"\1", _FRAME.sub(" ", text))


# --- words -------------------------------------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FRAME = re.compile(r"```\w*|</?(?:answer|response|rating|output|final)>", re.IGNORECASE)
_BOXED = re.compile(r"\$*\\boxed\{([^{}]*)\}\$*")
_FIELD = re.compile(
    r"[{,]\s*[\"'](?P<key>answer|rating|score|response|value|number|choice|option|agreement|quality|position)[\"']\s*:\s*"
    r"(?:[\"'](?P<text>[^\"'{}]*)[\"']|(?P<number>-?\d[\d.]*))\s*(?=[,}])",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?;]+(?=\s|$)|\n")
_WORD = re.compile(r"[^\W\d]+")

# Where a point on a scale is asked for, these decline it; of an opinion they may be all there is to say.
_DECLINES = re.compile(
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
_NUMBER = re.compile(r"(?<![\w.,])-?\d+(?:[.,]\d+)?(?![\w%])")
_NO_POINT = re.compile(r"\b\d[\d.,]*[a-z%]\w*|[<>≥≤~≈±]\s*\d")  # 60%, 6th, 5ish, >5
_AFTER_NUMBER = re.compile(r"\s*(?:$|[,:=()/-]|(?:because|since|as|for me|from me|on|and|to this|please|i|its)\b)")
_NUMBER_WORDS = {word: n for n, word in enumerate(("one", "two", "three", "four", "five", "six", "seven"), start=1)}

# The only words that may come before an answer in its sentence: "my rating would be", but not "I do not" or "very".
_LEAD = _words(
    """i id im my me we the a an it its is be am would will say give giving rate rating rated answer response reply
    opinion view choice choose select pick go going with for as of to on that this these statement question option number
    score person he she they himself herself in overall well honestly personally so and think feel believe consider find
    do ok okay yes no here level agreement quality hmm ah oh right then final definitely certainly just really
    probably guess suppose reckon"""
)
# What takes back some of an answer: within its clause, at the head of the next one, or wherever it is said.
_TAKES_BACK = _words(
    """not dont doesnt isnt cant cannot wouldnt never hardly barely neither nor maybe slightly mostly mildly largely bit
    little kind sort almost nearly half except some somewhat strongly very quite rather fairly too enough between
    or"""
)
_CLAUSE = re.compile(r"[,:()]| - |\b(?:but|and|though|although|however)\b")
_HEAD_TAKES_BACK = re.compile(
    r"(?:[,:(]| - |\b(?:but|and|though|although)\b)[\s,]*(?:not|only|just|never|barely|slightly|mildly|mostly|a bit|"
    r"a little|somewhat|strongly|very)\b"
)
_CONDITION = re.compile(
    r"\b(?:if|unless|until|depend(?:s|ing)?|provided|assuming|as long|only when|part(?:ly|ially|s)?|"
    r"(?:extent|degree)|not sure|unsure|dont know|reservations|sometimes|at times)\b"
)
_BECAUSE = re.compile(r"\b(?:because|since|as(?! (?:long|far|if)\b)|due)\b")


def _answers(sentence: str, scale: Scale) -> set[int | None]:
    """The values that a sentence gives; None stands for one that is there but not clear."""
    sentence = _SCALE_NAMED.sub(" ", _IN_PERSON.sub("", sentence)).strip()
    hits = sorted([*_numbers(sentence, scale), *_labels(sentence, scale)], key=lambda hit: hit.start)
    if not hits:
        return set()
    gaps = [sentence[: hits[0].start], *(sentence[a.end : b.start] for a, b in pairwise(hits))]
    clear = _all_in(gaps, _LEAD) and not _taken_back(sentence[hits[-1].end :])
    return {hit.value if clear else None for hit in hits}


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    value: int | None


def _numbers(sentence: str, scale: Scale) -> list[_Hit]:
    bare = sentence.strip(" .,!:()")
    if bare in _NUMBER_WORDS:
        return [_Hit(0, len(sentence), scale.value(_NUMBER_WORDS[bare]))]
    return [_Hit(found.start(), found.end(), _number(found, scale)) for found in _NUMBER.finditer(sentence)] + [
        _Hit(found.start(), found.end(), None) for found in _NO_POINT.finditer(sentence)
    ]


def _number(found: re.Match[str], scale: Scale) -> int | None:
    number, rest = float(found.group(0).replace(",", ".")), found.string[found.end() :]
    follows = _AFTER_NUMBER.match(rest) or any(rest.lstrip().startswith(label) for label in _forms(scale))
    return scale.value(int(number)) if number in POINTS and follows else None


def _labels(sentence: str, scale: Scale) -> list[_Hit]:
    forms = _forms(scale)
    pattern = "|".join(sorted(map(re.escape, forms), key=len, reverse=True))
    return [
        _Hit(found.start(), found.end(), forms[found.group(0)])
        for found in re.finditer(rf"\b(?:{pattern})\b", sentence)
    ]


def _forms(scale: Scale) -> dict[str, int]:
    """Ways to say each label: "strongly agree", "agree strongly", "agrees"; "neither agree nor disagree" is neutral."""
    forms: dict[str, int] = {}
    for value, label in zip(POINTS, scale.labels, strict=True):
        *degree, word = label.split()
        for said in (word, f"{word}s") if word.endswith("agree") else (word,):
            forms[" ".join((*degree, said))] = forms[" ".join((said, *degree))] = value
    low, high = scale.labels[1], scale.labels[5]
    forms[f"neither {high} nor {low}"] = forms[f"neither {low} nor {high}"] = _MIDDLE
    return forms


def _all_in(gaps: Iterable[str], allowed: frozenset[str]) -> bool:
    return all(word in allowed for gap in gaps for word in _WORD.findall(gap))


def _taken_back(rest: str) -> bool:
    """Whether what follows an answer takes some of it back. Reasons do not ("because it is not fair", ", it isn't")."""
    said = _BECAUSE.split(rest, maxsplit=1)[0]
    same_clause = _CLAUSE.split(said, maxsplit=1)[0]
    return bool(
        _CONDITION.search(said)
        or _HEAD_TAKES_BACK.search(said)
        or not _TAKES_BACK.isdisjoint(_WORD.findall(same_clause))
    )
