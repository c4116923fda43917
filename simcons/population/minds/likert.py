"""Answers on the seven-point scales: the scales themselves, and reading one point out of a model's own words.

Nothing is guessed: a reply that gives no point, more than one, or one with conditions is off the scale.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from simcons.engines.refusals import plain, refuses
from simcons.languages.answers import AnswerCues, Labels
from simcons.languages.language import Language
from simcons.records import MissingReason
from simcons.scale import HIGHEST, LOWEST, SCALES

Listed: TypeAlias = Literal["up", "down"]

POINTS = range(LOWEST, HIGHEST + 1)


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
class ShownScale:
    """A scale as it is shown: seven points with their labels, from the least to the most.

    coded: whether 1 is shown for the least (up) or for the most (down). Values always run up: 1 is the least.
    """

    name: str
    labels: Labels
    coded: Listed = "up"

    def options(self, listed: Listed) -> tuple[Option, ...]:
        """The points as shown, from number 1 up or from number 7 down."""
        labels = self.labels if self.coded == "up" else self.labels[::-1]
        options = tuple(Option(number, label) for number, label in zip(POINTS, labels, strict=True))
        return options if listed == "up" else options[::-1]

    def value(self, number: int) -> int:
        """The value that a shown number stands for."""
        return number if self.coded == "up" else LOWEST + HIGHEST - number


def parse_rating(text: str, scale: ShownScale, language: Language) -> int | Missing:
    """The value on 1-7 that ``text`` answers with; Missing where it does not give exactly one.

    Numbers are read as ``scale`` is coded, labels by what they say; where both are given they must fit each other. Of a JSON
    object (in a code block or not, broken off after the answer or not) the field named after an answer or the scale is read.
    """
    cues, bare = language.answers, plain(_unframed(text))
    if not bare:
        return Missing("empty", text)
    if refuses(text, language.replies) or cues.declining.search(bare):
        return Missing("refusal", text)
    values = _fields(text, scale, cues)
    if values is None:
        values = _in_words(bare, scale, cues)
    value = values.pop() if len(values) == 1 else None
    return Missing("off_scale", text) if value is None else value


def _in_words(bare: str, scale: ShownScale, cues: AnswerCues) -> set[int | None]:
    return {value for sentence in _SENTENCE_END.split(bare) for value in _answers(sentence, scale, cues)}


def _fields(text: str, scale: ShownScale, cues: AnswerCues) -> set[int | None] | None:
    """The values of the fields that hold the answer, where ``text`` has any; words before them may give no other."""
    fields = {field["key"].lower(): field["text"] or field["number"] or "" for field in _FIELD.finditer(text)}
    if not fields or "{" not in text:
        return None
    own = fields.get(scale.name)
    given = [own] if own is not None and "answer" not in fields else list(fields.values())
    values = {value for answer in given for value in _in_words(plain(answer), scale, cues) or {None}}
    return values | _in_words(plain(_unframed(text[: text.index("{")])), scale, cues)


def _unframed(text: str) -> str:
    """``text`` without code fences, tags around an answer, or a box of mathematics."""
    return _BOXED.sub(r"\1", _FRAME.sub(" ", text))


# --- words -------------------------------------------------------------------------------------------------------


_FRAME = re.compile(r"```\w*|</?(?:answer|response|rating|output|final)>", re.IGNORECASE)
_BOXED = re.compile(r"\$*\\boxed\{([^{}]*)\}\$*")
_FIELD = re.compile(
    rf"[{{,]\s*[\"'](?P<key>answer|rating|score|response|value|number|choice|option|position|{'|'.join(SCALES)})[\"']\s*:\s*"
    r"(?:[\"'](?P<text>[^\"'{}]*)[\"']|(?P<number>-?\d[\d.]*))\s*(?=[,}])",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?;]+(?=\s|$)|\n")
_WORD = re.compile(r"[^\W\d]+")

_NUMBER = re.compile(r"(?<![\w.,])-?\d+(?:[.,]\d+)?(?![\w%])")


def _answers(sentence: str, scale: ShownScale, cues: AnswerCues) -> set[int | None]:
    """The values that a sentence gives; None stands for one that is there but not clear."""
    sentence = cues.scale_named.sub(" ", cues.in_person.sub("", sentence)).strip()
    forms = cues.label_forms(scale.labels)
    hits = sorted([*_numbers(sentence, scale, forms, cues), *_labels(sentence, forms)], key=lambda hit: hit.start)
    if not hits:
        return set()
    gaps = [sentence[: hits[0].start], *(sentence[a.end : b.start] for a, b in pairwise(hits))]
    clear = _all_in(gaps, cues.lead) and not _taken_back(sentence[hits[-1].end :], cues)
    return {hit.value if clear else None for hit in hits}


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    value: int | None


def _numbers(sentence: str, scale: ShownScale, forms: Mapping[str, int], cues: AnswerCues) -> list[_Hit]:
    bare = sentence.strip(" .,!:()")
    if bare in cues.number_words:
        return [_Hit(0, len(sentence), scale.value(LOWEST + cues.number_words.index(bare)))]
    numbers = [_Hit(*number.span(), _number(number, scale, forms, cues)) for number in _NUMBER.finditer(sentence)]
    return numbers + [_Hit(*other.span(), None) for other in cues.no_point.finditer(sentence)]


def _number(number: re.Match[str], scale: ShownScale, forms: Mapping[str, int], cues: AnswerCues) -> int | None:
    value, rest = float(number[0].replace(",", ".")), number.string[number.end() :]
    follows = cues.after_number.match(rest) or rest.lstrip().startswith(tuple(forms))
    return scale.value(int(value)) if value in POINTS and follows else None


def _labels(sentence: str, forms: Mapping[str, int]) -> list[_Hit]:
    pattern = "|".join(sorted(map(re.escape, forms), key=len, reverse=True))
    return [_Hit(*label.span(), forms[label[0]]) for label in re.finditer(rf"\b(?:{pattern})\b", sentence)]


def _all_in(gaps: Iterable[str], allowed: frozenset[str]) -> bool:
    return all(word in allowed for gap in gaps for word in _WORD.findall(gap))


def _taken_back(rest: str, cues: AnswerCues) -> bool:
    """True where what follows an answer takes some of it back. Reasons do not ("because it is not fair", ", it isn't")."""
    before_reason = cues.reason.split(rest, maxsplit=1)[0]
    same_clause = cues.clause_end.split(before_reason, maxsplit=1)[0]
    return bool(
        cues.condition.search(before_reason)
        or cues.taking_back_next.search(before_reason)
        or not cues.taking_back.isdisjoint(_WORD.findall(same_clause))
    )
