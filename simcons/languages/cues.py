"""Words and patterns by which a reader tells a point from its denial, and a verdict from a report.

All patterns read normalised text: lower case, no apostrophes, no marks. What a language does not say is left out: no text has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simcons.languages.text import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class FramingCues:
    """Ways to put a point: rejected, doubted, hedged, reported as somebody's view.

    Those before a point stand in its own clause, after the last ``clause_boundary``. A ``trailing_boundary`` may also end a
    clause ("true though"). ``carries_on`` takes over the framing of the point before ("and that ...").
    """

    double_negation: re.Pattern[str] = NEVER
    rejecting: re.Pattern[str] = NEVER
    doubting: re.Pattern[str] = NEVER
    hedging: re.Pattern[str] = NEVER
    reporting: re.Pattern[str] = NEVER
    disclaiming: re.Pattern[str] = NEVER  # "I may be wrong"
    rejecting_after: re.Pattern[str] = NEVER
    hedging_after: re.Pattern[str] = NEVER
    reporting_after: re.Pattern[str] = NEVER
    rejecting_the_last: re.Pattern[str] = NEVER  # a sentence that only rejects the point just made
    clause_boundary: re.Pattern[str] = NEVER
    trailing_boundary: tuple[str, ...] = ()
    carries_on: re.Pattern[str] = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class PolarityCues:
    """Signs in a clause, put in its writer's own words, that it denies the claim it speaks of, or asserts nothing."""

    wondering: re.Pattern[str] = NEVER
    negated_verb: re.Pattern[str] = NEVER
    dismissing: re.Pattern[str] = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCues:
    """Ways to come down on a question.

    favouring, opposing: take the side of what follows; ``whole_answers`` are those that need nothing to follow. comparing: more
    one than the other, with a group ``against``. anaphor: stands for the question. wish: what may open a wish or an order.
    curbing, freeing: stems of verbs that take something away or leave it alone; an order to curb may also be ``curbing_order``.
    """

    favouring: re.Pattern[str]
    opposing: re.Pattern[str]
    whole_answers: tuple[str, ...] = ()
    comparing: re.Pattern[str] = re.compile(r"(?!)(?P<against>)")
    taking_back: re.Pattern[str] = NEVER
    torn: re.Pattern[str] = NEVER
    torn_but_sided: re.Pattern[str] = NEVER
    leaning: re.Pattern[str] = NEVER
    summing_up: re.Pattern[str] = NEVER
    reported: re.Pattern[str] = NEVER
    shared: re.Pattern[str] = NEVER  # the group's own view, whoever else is mentioned
    anaphor: re.Pattern[str] = NEVER
    yes: re.Pattern[str] = NEVER
    no: re.Pattern[str] = NEVER
    wish: re.Pattern[str] = NEVER
    modal: re.Pattern[str] = NEVER
    negating: re.Pattern[str] = NEVER
    denying: re.Pattern[str] = NEVER  # before the position's own words
    curbing: frozenset[str] = frozenset()
    freeing: frozenset[str] = frozenset()
    curbing_order: re.Pattern[str] = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class FluencyCues:
    """The little words of running prose, and neighbours that no sentence has.

    small_word_shares: of keyword lists and of prose. never_after: by word, those that cannot follow it.
    """

    small_words: frozenset[str]
    small_word_shares: tuple[float, float]
    never_after: Mapping[str, frozenset[str]]
    never_last: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCues:
    """Signs of who speaks, and to whom. Sentences with none of ``rating_words`` are not searched for ``directed``."""

    first_person: frozenset[str]
    rating_words: frozenset[str] = frozenset()
    directed: re.Pattern[str] = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectCues:
    """Stems that do not tell what a text is about.

    commonplace: of any question; framing: of frames and verdicts, which make no point of their own.
    """

    commonplace: frozenset[str] = frozenset()
    framing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingCues:
    """All that a reader of a language goes by."""

    framing: FramingCues
    polarity: PolarityCues
    verdicts: VerdictCues
    fluency: FluencyCues
    address: AddressCues
    subject: SubjectCues
