"""Writing an opinion: a verdict and the claims the person cares most about, in the person's own register.

An opinion never contradicts the writer's stance and makes only claims the writer endorses. How many it makes follows the
length the person tends to; how it is typed follows their tidiness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcons.languages.language import Language
from simcons.languages.phrases import ByRegister, Stance
from simcons.languages.text import as_sentence
from simcons.population.minds.conviction import Conviction
from simcons.population.persona import WritingStyle
from simcons.questions.bank import SIGN, Question
from simcons.questions.forms import drawn_form
from simcons.scale import MIDPOINT
from simcons.scenario.parameters import Register

# How strongly a person must feel, in points from the midpoint, to put it so.
_STRONG, _PLAIN, _LEAN = 1.8, 0.7, 0.25
_SURE = 1.2  # and to open by saying how clear the matter is
_OTHER_REGISTER = 0.25  # how often a sentence comes in another register than the person's own
_VERDICT_FIRST, _VERDICT_LAST = 0.55, 0.25  # how often; otherwise it comes after the first reason
# The neighbouring ways of putting a claim: nobody swings from the formal to the chatty within one text.
_NEIGHBOURS: dict[Register, Register] = {"plain": "chatty", "chatty": "plain", "formal": "plain"}


@dataclass(frozen=True, slots=True)
class WrittenOpinion:
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
    question: Question,
    conviction: Conviction,
    language: Language,
    *,
    style: WritingStyle,
    words: float,
    rng: np.random.Generator,
) -> WrittenOpinion:
    """An opinion of about ``words`` words."""
    stance = stance_of(conviction.position)
    pen, phrases = _Pen(question, language, style, rng), language.opinions
    verdict = pen.verdict(stance)
    picked = _pick_claims(question, conviction, words - len(verdict.split()), pen)
    reasons = [pen.reason(claim, conviction.favour, first=place == 0) for place, claim in enumerate(picked)]
    opens = bool(picked) and _on_side(question, picked[0], conviction.favour)
    sentences = _arrange(verdict, reasons, pen, words, reason_may_open=opens)
    if pen.uniform() < 0.12 + 0.25 * style.hedging and words > 15:
        sentences.insert(0, pen.choose(phrases.openers if abs(conviction.favour) > _SURE else phrases.unsure_openers))
    return WrittenOpinion(
        text=_type(" ".join(sentences), language, style.tidiness, rng), claims=tuple(picked), stance=stance
    )


def write_carelessly(language: Language, rng: np.random.Generator) -> WrittenOpinion:
    """The opinion of somebody who wants to be done with it."""
    careless = language.opinions.careless
    return WrittenOpinion(text=careless[int(rng.integers(len(careless)))], claims=(), stance=None)


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
    if lead < _VERDICT_FIRST or not reason_may_open or pen.phrases.answer.match(verdict):
        sentences = [verdict, *reasons]
    elif lead < _VERDICT_FIRST + _VERDICT_LAST:
        sentences = [*reasons, verdict]
    else:
        sentences = [reasons[0], verdict, *reasons[1:]]
    room = words - sum(len(sentence.split()) for sentence in sentences)
    if room > 4 and pen.uniform() < 0.4:
        sentences.append(pen.choose(pen.phrases.closers))
    return sentences


class _Pen:
    """One person writing one opinion: draws registers, frames and wordings, and uses no frame twice."""

    def __init__(self, question: Question, language: Language, style: WritingStyle, rng: np.random.Generator) -> None:
        self.question = question
        self.phrases = language.opinions
        self._as_clause = language.text.as_clause
        self.style = style
        self.rng = rng
        self._draws = iter(rng.random(256).tolist())
        self._used: set[str] = set()
        self._wordings: dict[int, str] = {}

    def uniform(self) -> float:
        return float(next(self._draws))

    def register(self) -> Register:
        own = self.style.register
        return own if self.uniform() >= _OTHER_REGISTER else _NEIGHBOURS[own]

    def choose(self, frames: ByRegister, clause: str = "") -> str:
        """A frame of the person's own register not used before that suits ``clause``; the bare claim once all are."""
        told = self.phrases.own_life.match(clause) is not None
        options = [
            frame
            for frame in frames[self.style.register]
            if frame not in self._used and not (told and self.phrases.holds.search(frame))
        ]
        options = options or [self.phrases.bare_claim]
        frame = options[int(self.uniform() * len(options))]
        self._used.add(frame)
        return frame

    def wording(self, claim: int) -> str:
        if claim not in self._wordings:
            wordings = self.question.claims[claim].wordings
            own = getattr(wordings, self.register()) or wordings.plain
            self._wordings[claim] = drawn_form(own[int(self.uniform() * len(own))], self.rng)
        return self._wordings[claim]

    def verdict(self, stance: Stance) -> str:
        frame = self.choose(self.phrases.verdicts[stance])
        question = self.question
        filled = frame.format(
            noun=question.noun, position=self._as_clause(question.position), negation=self._as_clause(question.negation)
        )
        return as_sentence(filled)

    def reason(self, claim: int, favour: float, *, first: bool) -> str:
        clause = self.wording(claim)
        return self.choose(self._frames(claim, favour, first=first), clause).format(
            claim=clause, Claim=as_sentence(clause)
        )

    def _frames(self, claim: int, favour: float, *, first: bool) -> ByRegister:
        side = SIGN[self.question.claims[claim].side]
        if side == 0:
            return self.phrases.common
        if side * favour < 0:
            return self.phrases.concessions
        if self.uniform() < self.style.hedging * 0.6:
            return self.phrases.hedged_reasons
        return self.phrases.first_reasons if first else self.phrases.more_reasons


def _type(text: str, language: Language, tidiness: float, rng: np.random.Generator) -> str:
    """The text as typed: the untidy drop apostrophes, capitals, commas and the last full stop."""
    slips = rng.random(4)
    if slips[0] > tidiness + 0.25:
        text = text.replace("'", "")
    if slips[1] > tidiness + 0.35:
        text = text if text[1:2].isupper() else text[0].lower() + text[1:]
        text = language.opinions.lone_pronoun.sub(lambda pronoun: pronoun[0].lower(), text)
    if slips[2] > tidiness + 0.45:
        text = text.replace(", ", " ")
    if slips[3] > tidiness + 0.15:
        text = text.rstrip(".")
    return text
