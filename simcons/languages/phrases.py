"""Sentences that people and scripted mediators write.

Slots: {noun} the question as a noun phrase, {position} and {negation} as clauses, {claim} a claim as a clause, {Claim} as a
sentence's beginning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from simcons.languages.text import NEVER
from simcons.scenario.parameters import Register

Stance: TypeAlias = Literal["strong_for", "for", "lean_for", "torn", "lean_against", "against", "strong_against"]
Leaning: TypeAlias = Literal["for", "lean_for", "divided", "lean_against", "against"]
ByRegister: TypeAlias = Mapping[Register, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionPhrases:
    """Sentence frames of people's opinions by register and strength of view.

    answer: a verdict that answers the question and so comes first. own_life: beginnings of claims that are told, not held, and
    do without frames in which somebody ``holds`` them. lone_pronoun: a capital that the untidy drop. careless: what somebody
    writes who wants to be done with it.
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
    bare_claim: str = "{Claim}."
    answer: re.Pattern[str] = NEVER
    own_life: re.Pattern[str] = NEVER
    holds: re.Pattern[str] = NEVER
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
    """Instructions to the mediator inside an opinion: a ``demand`` that {claim}, an ``escape`` from the prompt with {demand}."""

    demand: str
    escape: str


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
