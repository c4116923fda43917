"""Writing an opinion: a verdict and the claims the person cares most about, in the person's own register.

An opinion never contradicts the writer's stance and makes only claims the writer endorses. How many it makes follows the
length the person tends to; how it is typed follows their tidiness.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcons.population.minds.conviction import Conviction
from simcons.population.minds.phrases import (
    BARE_CLAIM,
    CARELESS,
    CLOSERS,
    COMMON,
    CONCESSIONS,
    FIRST_REASONS,
    HEDGED_REASONS,
    MORE_REASONS,
    NEIGHBOURS,
    OPENERS,
    UNSURE_OPENERS,
    VERDICTS,
    Stance,
)
from simcons.population.persona import WritingStyle
from simcons.questions.bank import SIGN, Question
from simcons.questions.clauses import as_clause, as_sentence
from simcons.scale import MIDPOINT
from simcons.scenario.parameters import Register

# How strongly a person must feel, in points from the midpoint, to put it so.
_STRONG, _PLAIN, _LEAN = 1.8, 0.7, 0.25
_SURE = 1.2  # and to open by saying how clear the matter is
_OTHER_REGISTER = 0.25  # how often a sentence comes in another register than the person's own
_VERDICT_FIRST, _VERDICT_LAST = 0.55, 0.25  # how often; otherwise it comes after the first reason
_ANSWER = re.compile(r"(?:Yes|Yeah|No|Nah|Definitely)\b")
# A claim from one's own life is told ("my lad could ..."), not held ("I think my lad could ...").
_OWN_LIFE = re.compile(r"(?:I|my|it's not as if)\b")
_HOLDS = re.compile(r"\b(?:I|me|my)\b")
_WORDINGS: dict[Register, int] = {"plain": 0, "chatty": 1, "formal": 2}


@dataclass(frozen=True, slots=True)
class Opinion:
    """A text and what it says: indices of the claims made, in order, and the stance stated."""

    text: str
    claims: tuple[int, ...]
    stance: Stance | None  # None: the writer did not say (a careless answer)


def stance_of(position: float) -> Stance:
    """The words for a position on the 1-7 scale: seven steps, symmetric about the midpoint."""
    favour = position - MIDPOINT
    size = abs(favour)
    if size < _LEAN:
        return "torn"
    if favour > 0:
        return "strong_for" if size > _STRONG else "for" if size > _PLAIN else "lean_for"
    return "strong_against" if size > _STRONG else "against" if size > _PLAIN else "lean_against"


def write_opinion(
    question: Question, conviction: Conviction, *, style: WritingStyle, words: float, rng: np.random.Generator
) -> Opinion:
    """An opinion of about ``words`` words."""
    stance = stance_of(conviction.position)
    pen = _Pen(question, style, rng)
    verdict = pen.verdict(stance)
    picked = _pick_claims(question, conviction, words - len(verdict.split()), pen)
    reasons = [pen.reason(claim, conviction.favour, first=place == 0) for place, claim in enumerate(picked)]
    opens = bool(picked) and _on_side(question, picked[0], conviction.favour)
    sentences = _arrange(verdict, reasons, pen, words, reason_may_open=opens)
    if pen.uniform() < 0.12 + 0.25 * style.hedging and words > 15:
        sentences.insert(0, pen.choose(OPENERS if abs(conviction.favour) > _SURE else UNSURE_OPENERS))
    return Opinion(text=_type(" ".join(sentences), style.tidiness, rng), claims=tuple(picked), stance=stance)


def write_carelessly(rng: np.random.Generator) -> Opinion:
    """What somebody writes who wants to be done with it."""
    return Opinion(text=CARELESS[int(rng.integers(len(CARELESS)))], claims=(), stance=None)


def _pick_claims(question: Question, conviction: Conviction, words: float, pen: _Pen) -> list[int]:
    """Endorsed claims in the order they come to mind, until the length is used up; concessions and common ground last."""
    endorsed = [claim for claim, held in enumerate(conviction.endorsement) if held > 0]
    endorsed.sort(key=lambda claim: -conviction.salience[claim])
    picked: list[int] = []
    room = words
    for claim in endorsed:
        length = len(pen.wording(claim).split()) + 2
        if length / 2 > room:
            break
        picked.append(claim)
        room -= length
    return sorted(picked, key=lambda claim: not _on_side(question, claim, conviction.favour))


def _on_side(question: Question, claim: int, favour: float) -> bool:
    return SIGN[question.claims[claim].side] * favour > 0


def _arrange(verdict: str, reasons: Sequence[str], pen: _Pen, words: float, *, reason_may_open: bool) -> list[str]:
    """Verdict first, last, or after the first reason; a closer where there is room.

    "Yes from me to ..." answers the question, and "Whatever happens, ..." needs something to follow on from.
    """
    lead = pen.uniform()
    if lead < _VERDICT_FIRST or not reason_may_open or _ANSWER.match(verdict):
        sentences = [verdict, *reasons]
    elif lead < _VERDICT_FIRST + _VERDICT_LAST:
        sentences = [*reasons, verdict]
    else:
        sentences = [reasons[0], verdict, *reasons[1:]]
    room = words - sum(len(sentence.split()) for sentence in sentences)
    if room > 4 and pen.uniform() < 0.4:
        sentences.append(pen.choose(CLOSERS))
    return sentences


class _Pen:
    """One person writing one opinion: draws registers, frames and wordings, and uses no frame twice."""

    def __init__(self, question: Question, style: WritingStyle, rng: np.random.Generator) -> None:
        self.question = question
        self.style = style
        self._draws = iter(rng.random(256).tolist())
        self._used: set[str] = set()
        self._wordings: dict[int, str] = {}

    def uniform(self) -> float:
        return float(next(self._draws))

    def register(self) -> Register:
        own = self.style.register
        return own if self.uniform() >= _OTHER_REGISTER else NEIGHBOURS[own]

    def choose(self, frames: dict[Register, tuple[str, ...]], clause: str = "") -> str:
        """A frame of the person's own register not used before that suits ``clause``; the bare claim once all are."""
        told = _OWN_LIFE.match(clause) is not None
        options = [
            frame
            for frame in frames[self.style.register]
            if frame not in self._used and not (told and _HOLDS.search(frame))
        ]
        options = options or [BARE_CLAIM]
        frame = options[int(self.uniform() * len(options))]
        self._used.add(frame)
        return frame

    def wording(self, claim: int) -> str:
        if claim not in self._wordings:
            self._wordings[claim] = self.question.claims[claim].wordings[_WORDINGS[self.register()]]
        return self._wordings[claim]

    def verdict(self, stance: Stance) -> str:
        frame = self.choose(VERDICTS[stance])
        question = self.question
        filled = frame.format(
            noun=question.noun, position=as_clause(question.position), negation=as_clause(question.negation)
        )
        return as_sentence(filled)

    def reason(self, claim: int, favour: float, *, first: bool) -> str:
        clause = self.wording(claim)
        return self.choose(self._frames(claim, favour, first=first), clause).format(
            claim=clause, Claim=as_sentence(clause)
        )

    def _frames(self, claim: int, favour: float, *, first: bool) -> dict[Register, tuple[str, ...]]:
        side = SIGN[self.question.claims[claim].side]
        if side == 0:
            return COMMON
        if side * favour < 0:
            return CONCESSIONS
        if self.uniform() < self.style.hedging * 0.6:
            return HEDGED_REASONS
        return FIRST_REASONS if first else MORE_REASONS


_LONE_I = re.compile(r"\bI\b")


def _type(text: str, tidiness: float, rng: np.random.Generator) -> str:
    """The text as typed: the untidy drop apostrophes, capitals, commas and the last full stop."""
    slips = rng.random(4)
    if slips[0] > tidiness + 0.25:
        text = text.replace("'", "")
    if slips[1] > tidiness + 0.35:
        text = _LONE_I.sub("i", text if text[1:2].isupper() else text[0].lower() + text[1:])
    if slips[2] > tidiness + 0.45:
        text = text.replace(", ", " ")
    if slips[3] > tidiness + 0.15:
        text = text.rstrip(".")
    return text
