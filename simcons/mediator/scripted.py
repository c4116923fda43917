"""The scripted generator: statements composed from the claims read in the opinions, with no language model.

It stands in for a language model wherever speed or exact repeatability matter. Like one, it does not always do well: with
probability ``skill`` a sample reports what the group shares; otherwise it follows one opinion, stays vague, rambles or
breaks off. A short one takes a side and goes by no opinion.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from simcons.languages.language import Language
from simcons.languages.phrases import Leaning
from simcons.languages.text import TextRules, as_sentence
from simcons.questions.bank import Question, Side
from simcons.questions.forms import drawn_form
from simcons.questions.reading import Reading

_DIVIDED, _CLEAR = 0.15, 0.5  # verdicts below which a group is divided, and from which it leans no more


def compose(
    question: Question,
    readings: Sequence[Reading],
    language: Language,
    *,
    skill: float,
    short: float = 0.0,
    rng: np.random.Generator,
) -> str:
    """One statement on ``question`` from the ``readings`` of the opinions; a ``short`` one as often as that says."""
    script = _Script(question, readings, language, rng)
    if short and rng.random() < short:
        return script.short()
    if rng.random() < skill:
        return script.consensus()
    return (script.one_sided, script.vague, script.rambling, script.cut_short)[int(rng.integers(4))]()


class _Script:
    """One statement in the making."""

    def __init__(
        self, question: Question, readings: Sequence[Reading], language: Language, rng: np.random.Generator
    ) -> None:
        self.question = question
        self.readings = readings
        self.rng = rng
        self._text, self._phrases = language.text, language.statements
        self._used: set[str] = set()
        self._points: list[tuple[int, int]] = []  # claims and which of their wordings, in the order said
        self.support = support(readings)

    def consensus(self) -> str:
        """The group's leaning, what most said, what others said, and common ground."""
        lean = mean_verdict(self.readings)
        major, minor, common = self._by_role(lean)
        parts = [self._verdict(lean)]
        by_place = (self._phrases.shared, self._phrases.more)
        parts += [self._say(frames, claim) for frames, claim in zip(by_place, major, strict=False)]
        parts += [self._say(self._phrases.some, claim) for claim in minor[:1]]
        parts += [self._say(self._phrases.common, claim) for claim in common[: 1 + int(self.rng.integers(2))]]
        return " ".join(parts)

    def one_sided(self) -> str:
        """One member's opinion, passed off as the group's."""
        if not self.readings:
            return self.vague()
        reading = self.readings[int(self.rng.integers(len(self.readings)))]
        frames = (self._phrases.shared, self._phrases.more, self._phrases.more)
        held = [mention.claim for mention in reading.mentions if mention.polarity > 0]
        sentences = [self._say(frame, claim) for frame, claim in zip(frames, held, strict=False)]
        return " ".join([self._verdict(reading.verdict or 0.0), *sentences])

    def vague(self) -> str:
        vague = self._phrases.vague
        order = self.rng.permutation(len(vague))
        return " ".join(vague[int(place)] for place in order[:2])

    def rambling(self) -> str:
        """Says what it has said again, in other words: its last point and its verdict."""
        statement = self.consensus()
        again = [self._say_again(*last) for last in self._points[-1:]]
        return " ".join([statement, *again, self._verdict(mean_verdict(self.readings))])

    def cut_short(self) -> str:
        words = self.consensus().split()
        return " ".join(words[: max(6, int(len(words) * self.rng.uniform(0.3, 0.8)))]).rstrip(".,")

    def short(self) -> str:
        """A verdict, a point, or one of each, for a side that chance decides."""
        side: Side = "for" if self.rng.random() < 0.5 else "against"
        lean = float(self.rng.uniform(_DIVIDED, 1.0)) * (1 if side == "for" else -1)
        points = [place for place, claim in enumerate(self.question.claims) if claim.side == side]
        what = int(self.rng.integers(3)) if points else 0
        verdict = [] if what == 1 else [self._verdict(lean)]
        frames = self._phrases.shared if what == 2 else (self._phrases.bare_claim,)
        point = [self._say(frames, points[int(self.rng.integers(len(points)))])] if what else []
        return " ".join([*verdict, *point])

    def _by_role(self, lean: float) -> tuple[list[int], list[int], list[int]]:
        """Claims on the leaning's side, on the other, and common ones: mostly by support, with some chance."""
        jitter = self.rng.gumbel(size=len(self.question.claims))
        ranked = sorted(self.support, key=lambda claim: -(1.5 * self.support[claim] + float(jitter[claim])))
        side = "for" if lean > 0 or (lean == 0 and jitter[0] > 0) else "against"
        sides = {claim: self.question.claims[claim].side for claim in ranked}
        major = [claim for claim in ranked if sides[claim] == side]
        common = [claim for claim in ranked if sides[claim] == "common"]
        return major, [c for c in ranked if c not in major and c not in common], common

    def _verdict(self, lean: float) -> str:
        frames = self._phrases.verdicts[leaning(lean)]
        unused = [frame for frame in frames if frame not in self._used] or frames
        frame = unused[int(self.rng.integers(len(unused)))]
        self._used.add(frame)
        return as_sentence(frame.format(**slots(self.question, self._text)))

    def _say(self, frames: tuple[str, ...], claim: int) -> str:
        wordings = self._wordings(claim)
        wording = int(self.rng.integers(len(wordings)))
        self._points.append((claim, wording))
        return self._framed(frames, drawn_form(wordings[wording], self.rng))

    def _say_again(self, claim: int, wording: int) -> str:
        """A claim in another of its plain and formal wordings, where it has several."""
        wordings = self._wordings(claim)
        return self._framed(self._phrases.again, drawn_form(wordings[wording - 1], self.rng))

    def _wordings(self, claim: int) -> list[str]:
        """Those in which a group can speak."""
        wordings = self.question.claims[claim].wordings
        return [*wordings.plain, *wordings.formal]

    def _framed(self, frames: tuple[str, ...], clause: str) -> str:
        unused = [frame for frame in frames if frame not in self._used] or [self._phrases.bare_claim]
        frame = unused[int(self.rng.integers(len(unused)))]
        self._used.add(frame)
        return frame.format(claim=clause, Claim=as_sentence(clause))


def support(readings: Sequence[Reading]) -> Counter[int]:
    """The number of opinions that make each claim."""
    return Counter(mention.claim for reading in readings for mention in reading.mentions if mention.polarity > 0)


def mean_verdict(readings: Sequence[Reading]) -> float:
    """The mean over opinions that give a verdict, from -1 against to 1 for; 0 where none does."""
    verdicts = [reading.verdict for reading in readings if reading.verdict is not None]
    return float(np.mean(verdicts)) if verdicts else 0.0


def slots(question: Question, text: TextRules) -> dict[str, str]:
    """The question's own words, as frames of verdicts take them."""
    position, negation = text.as_clause(question.position), text.as_clause(question.negation)
    return {"noun": question.noun, "position": position, "negation": negation}


def leaning(lean: float) -> Leaning:
    """The words for a mean verdict."""
    if abs(lean) < _DIVIDED:
        return "divided"
    if lean > 0:
        return "for" if lean >= _CLEAR else "lean_for"
    return "against" if lean <= -_CLEAR else "lean_against"
