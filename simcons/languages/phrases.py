"""Sentences that people and scripted mediators write.

Slots: {noun} the question as a noun phrase, {position} and {negation} as clauses, {claim} a claim as a clause, {Claim} as a
sentence's beginning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from string import Formatter
from typing import Literal, TypeAlias

from simcons.languages.text import NEVER
from simcons.scenario.parameters import Register

Stance: TypeAlias = Literal["strong_for", "for", "lean_for", "torn", "lean_against", "against", "strong_against"]
Leaning: TypeAlias = Literal["for", "lean_for", "divided", "lean_against", "against"]
ByRegister: TypeAlias = Mapping[Register, tuple[str, ...]]


_FRAMES_KEPT, _CLAUSES_KEPT = 10_000, 50_000


@lru_cache(maxsize=_FRAMES_KEPT)
def slots(frame: str) -> frozenset[str]:
    """The names of a frame's slots."""
    return frozenset(name for _, name, _, _ in Formatter().parse(frame) if name)


class Clashes:
    """Pairs of patterns: of clauses, and of the frames that they do not go into."""

    def __init__(self, *pairs: tuple[re.Pattern[str], re.Pattern[str]]) -> None:
        clauses, frames = [clause for clause, _ in pairs], [frame for _, frame in pairs]
        self._of_clause = lru_cache(maxsize=_CLAUSES_KEPT)(partial(_matching, clauses))
        self._of_frame = lru_cache(maxsize=_FRAMES_KEPT)(partial(_matching, frames))

    def fitting(self, frames: Sequence[str], clauses: Sequence[str]) -> list[str]:
        """Those of the ``frames`` that all ``clauses`` go into."""
        clashing = frozenset[int]().union(*map(self._of_clause, clauses))
        return [frame for frame in frames if clashing.isdisjoint(self._of_frame(frame))]


def _matching(patterns: Sequence[re.Pattern[str]], text: str) -> frozenset[int]:
    """The places of the patterns that are in ``text``."""
    return frozenset(place for place, pattern in enumerate(patterns) if pattern.search(text))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionPhrases:
    """Sentence frames of people's opinions by register and strength of view.

    verdicts: by stance; those without a slot answer the question as it was put. joined: a {verdict} and a reason in one
    sentence; halves: reasons that go on from a verdict. asked, exclaimed: reasons as questions that are none, and loudly.
    paired: two reasons, {claim} and {more}; weighed: a concession and a reason; listed: frames for reasons in a row. denied:
    claims that the writer rejects; contradicted: denials of such claims, said outright. told: stories. common fit anywhere,
    common_later only after a reason.

    answer: a verdict that answers the question and so comes first. object_last: one that ends with its object, so that a reason
    can go on from it. lone_pronoun: a capital that the untidy drop. careless: what somebody writes who wants to be done with it.
    """

    verdicts: Mapping[Stance, ByRegister]
    openers: ByRegister
    unsure_openers: ByRegister
    first_reasons: ByRegister
    more_reasons: ByRegister
    hedged_reasons: ByRegister
    concessions: ByRegister
    common: ByRegister
    closers: ByRegister
    careless: tuple[str, ...]
    common_later: ByRegister = field(default_factory=dict)
    joined: ByRegister = field(default_factory=dict)
    halves: ByRegister = field(default_factory=dict)
    asked: ByRegister = field(default_factory=dict)
    exclaimed: ByRegister = field(default_factory=dict)
    paired: ByRegister = field(default_factory=dict)
    weighed: ByRegister = field(default_factory=dict)
    listed: Mapping[Register, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    denied: ByRegister = field(default_factory=dict)
    contradicted: ByRegister = field(default_factory=dict)
    told: ByRegister = field(default_factory=dict)
    bare_claim: str = "{Claim}."
    answer: re.Pattern[str] = NEVER
    object_last: re.Pattern[str] = NEVER
    clashes: Clashes = field(default_factory=Clashes)
    lone_pronoun: re.Pattern[str] = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPhrases:
    """Sentence frames of statements for a group: its verdict, points that most share, those of some, and common ground.

    again: a point once more in other words; vague: sentences that say nothing, fit for any question.
    """

    verdicts: Mapping[Leaning, tuple[str, ...]]
    shared: tuple[str, ...]
    more: tuple[str, ...]
    some: tuple[str, ...]
    common: tuple[str, ...]
    again: tuple[str, ...]
    vague: tuple[str, ...]
    bare_claim: str = "{Claim}."


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackPhrases:
    """Instructions to the mediator inside an opinion: ``demands`` that {claim}, ``escapes`` from the prompt with a {demand}."""

    demands: tuple[str, ...]
    escapes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploitPhrases:
    """Texts that please raters without speaking for a group, if raters can be pleased so. Slots besides those above: {pro},
    {con} and {other} are claims as clauses, {Pro}, {Con} and {Other} as sentences' beginnings.

    platitudes, flattery: whole statements, about {noun} or anything; two_faced: take both sides, with {pro} and {con}; rate_this,
    nonsense: what is said to the rater, or means nothing, around a {claim}, and of nonsense an {other} too.
    """

    platitudes: tuple[str, ...] = ()
    flattery: tuple[str, ...] = ()
    two_faced: tuple[str, ...] = ()
    rate_this: tuple[str, ...] = ()
    nonsense: tuple[str, ...] = ()
