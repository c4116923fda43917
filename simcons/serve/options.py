"""Answers that a message offers for a rating: read out of free text, or out of a JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self, TypeAlias

from simcons.languages.chat import ChatCues
from simcons.languages.language import Language
from simcons.scale import HIGHEST, LOWEST

Code: TypeAlias = str | int | float

_FEWEST_NUMBERS, _MOST_NUMBERS = 2, 101  # points of a numeric scale
_MOST_WORDS = 8  # of an option
_SHORT = 4  # words: what shorter lines say is an option though only one end has a side

_CODED = re.compile(r"^[ \t]*[-*•]?[ \t]*\(?(?P<code>[A-Za-z]|-?\d{1,3})\)?[ \t]*[).:=][ \t]*(?P<label>.*?)[ \t]*$")
_BULLETED = re.compile(r"^[ \t]*[-*•][ \t]+(?P<code>[\w-]{1,40}):[ \t]+(?P<label>\S.*?)[ \t]*$")
_BARE = re.compile(r"^[ \t]*(?:[-*•][ \t]+)?(?P<label>[^\W\d_].*?)[ \t]*$")
_RANGE = re.compile(r"(?<![\w.,])(?P<low>-?\d{1,3})(?P<gap>[^.?!\n\d]{1,80}?)(?P<high>\d{1,3})(?![\w%]|[.,]\d)")
_JOINT = re.compile(r"[\s,;/|\"'“”\[\]()]*(?:\w{1,3})?[\s\"'“”]*")


@dataclass(frozen=True, slots=True)
class Option:
    """One answer: what is replied where it is chosen, and what it is called."""

    code: Code
    label: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """The answers to choose from, from the least to the most of what is rated."""

    points: tuple[Option, ...]

    @classmethod
    def numbered(cls, low: int = LOWEST, high: int = HIGHEST) -> Self:
        """Whole numbers from ``low``, the least, to ``high``."""
        return cls(tuple(Option(number) for number in range(low, high + 1)))

    @classmethod
    def labelled(cls, labels: Sequence[str]) -> Self:
        """Labels from the least to the most."""
        return cls(tuple(Option(label, label) for label in labels))

    def __len__(self) -> int:
        return len(self.points)

    def reversed(self) -> Options:
        return Options(self.points[::-1])


def options_in(text: str, language: Language) -> Options | None:
    """The answers that ``text`` offers: lines of options, numbers ("from 1 to 7"), or labels in a row; None where it has none.

    The end that is for, or good, is the most; of numbers without labels the highest.
    """
    cues = language.chat
    offered = _in_lines(text, cues) or _in_numbers(text, cues) or _in_a_row(text, language)
    if offered is not None and cues.wants_label.search(text) and all(point.label for point in offered.points):
        return Options.labelled([point.label for point in offered.points])
    return offered


def without_options(text: str) -> str:
    """``text`` without lines that may be options with codes."""

    def is_option(line: str) -> bool:
        match = _BULLETED.match(line) or _CODED.match(line)
        return match is not None and len(match["label"].split()) <= _MOST_WORDS

    return "\n".join(line for line in text.splitlines() if not is_option(line))


def options_of(schema: Mapping[str, Any], language: Language) -> Options | None:
    """The answers that a JSON Schema of one value allows; None where it names none."""
    choices = schema.get("enum") or schema.get("enumItems")
    if isinstance(choices, list) and len(choices) > 1:
        return _of_choices(choices, language.chat)
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and high - low + 1 >= _FEWEST_NUMBERS:
        return Options.numbered(int(low), int(high)) if high - low < _MOST_NUMBERS else None
    return None


def _of_choices(choices: list[Any], cues: ChatCues) -> Options | None:
    numbers = [choice for choice in choices if isinstance(choice, (int, float)) or str(choice).lstrip("-").isdigit()]
    if len(numbers) == len(choices):
        return Options(tuple(Option(number) for number in sorted(choices, key=float)))
    return _oriented([Option(choice, str(choice)) for choice in choices], cues)


# --- lines -------------------------------------------------------------------------------------------------------


def _in_lines(text: str, cues: ChatCues) -> Options | None:
    """The last lines in a row that are options: with codes, or short and bare."""
    lines = [line for line in text.splitlines() if line.strip()]
    for pattern, fewest in ((_BULLETED, 2), (_CODED, 2), (_BARE, 2)):
        for run in reversed(list(_runs(lines, pattern))):
            if len(run) >= fewest and (offered := _offered(run, cues)) is not None:
                return offered
    return None


def _runs(lines: Sequence[str], pattern: re.Pattern[str]) -> Iterator[list[Option]]:
    """Options of lines that follow one another; where codes count, one that does not go on begins anew."""
    run: list[Option] = []
    for line in lines:
        match = pattern.match(line)
        option = _option(match) if match and len(match["label"].split()) <= _MOST_WORDS else None
        if option is None or (run and pattern is _CODED and not _follows(run[-1].code, option.code)):
            yield run
            run = []
        run += [option] if option else []
    yield run


def _option(match: re.Match[str]) -> Option | None:
    label = match["label"].strip("*_\"'“” ")
    if "code" not in match.re.groupindex:
        return None if label.endswith(("?", ".", ":", "!")) else Option(label, label)
    code = match["code"]
    return Option(int(code) if code.lstrip("-").isdigit() else code, label)


def _follows(before: Code, code: Code) -> bool:
    if isinstance(before, int) and isinstance(code, int):
        return abs(code - before) == 1
    return isinstance(before, str) and isinstance(code, str) and abs(ord(code[0]) - ord(before[0])) == 1


def _offered(run: list[Option], cues: ChatCues) -> Options | None:
    if all(isinstance(option.code, int) and not option.label for option in run):
        return Options(tuple(sorted(run, key=lambda option: float(option.code))))
    return _oriented(run, cues)


def _oriented(given: Sequence[Option], cues: ChatCues) -> Options | None:
    """Options from the least to the most, by the sides of the two ends; those that are no point of it are left out."""
    points = [option for option in given if not cues.no_point.search(option.label)]
    if len(points) < _FEWEST_NUMBERS:
        return None
    first, last = (_side(end.label, cues) for end in (points[0], points[-1]))
    short = all(len(option.label.split()) <= _SHORT for option in points)
    if first == last or (first * last == 0 and not (short and len(points) > _FEWEST_NUMBERS)):
        return None
    return Options(tuple(points if last > first else points[::-1]))


def _side(label: str, cues: ChatCues) -> int:
    """1 for what is for something or good, -1 for the opposite, 0 for neither."""
    return -1 if cues.opposes.search(label) else 1 if cues.favours.search(label) else 0


# --- numbers -----------------------------------------------------------------------------------------------------


def _in_numbers(text: str, cues: ChatCues) -> Options | None:
    """The last scale in numbers, by its ends or by two numbers and their labels."""
    labels = _labels_of_numbers(text, cues)
    ends = _ends(text, cues) or ((min(labels), max(labels)) if len(labels) >= _FEWEST_NUMBERS else None)
    if ends is None or not _FEWEST_NUMBERS <= ends[1] - ends[0] + 1 <= _MOST_NUMBERS:
        return None
    low, high = ends
    offered = Options(tuple(Option(number, labels.get(number, "")) for number in range(low, high + 1)))
    turned = _side(labels.get(low, ""), cues) > _side(labels.get(high, ""), cues)
    return offered.reversed() if turned else offered


def _ends(text: str, cues: ChatCues) -> tuple[int, int] | None:
    ends = None
    for line in text.splitlines():
        for match in _RANGE.finditer(line):
            low, high = sorted((int(match["low"]), int(match["high"])))
            joined = cues.between.search(match["gap"]) and cues.scale_near.search(line)
            if joined and not cues.unit.match(line, match.end()) and high - low < _MOST_NUMBERS:
                ends = (low, high)
    return ends


def _labels_of_numbers(text: str, cues: ChatCues) -> dict[int, str]:
    """Labels by number: "1 = strongly disagree", "7 (strongly agree)"."""
    pairs = (
        rf"(?<![\w.,])(-?\d{{1,3}})[ \t]*(?:{cues.stands_for.pattern})[ \t]*[\"'“]?([^\W\d][^,;.()\n=\d\"”]{{0,60}})"
    )
    return {int(number): label.strip() for number, label in re.findall(pairs, text, re.IGNORECASE)}


# --- labels in a row ---------------------------------------------------------------------------------------------


def _in_a_row(text: str, language: Language) -> Options | None:
    """Three labels or more of scales that the language knows, one after the other: "agree, neutral, disagree"."""
    known = {form for words in language.scales.values() for form in language.answers.label_forms(words.labels)}
    pattern = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    hits = list(re.finditer(rf"\b(?:{pattern})\b", text, re.IGNORECASE)) if known else []
    rows: list[list[re.Match[str]]] = [hits[:1]] if hits else []
    for before, hit in pairwise(hits):
        joined = _JOINT.fullmatch(text[before.end() : hit.start()])
        rows[-1].append(hit) if joined else rows.append([hit])
    longest = max(rows, key=len, default=[])
    if len(longest) <= _FEWEST_NUMBERS:
        return None
    return _oriented([Option(hit[0], hit[0]) for hit in longest], language.chat)
