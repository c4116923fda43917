"""The scripted generator: statements composed from the claims read in the opinions, with no language model.

It stands in for a language model wherever speed or exact repeatability matter. Like one, it does not always do well: with
probability ``skill`` a sample reports what the group shares; otherwise it follows one opinion, stays vague, rambles or
breaks off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from simcons.questions.bank import Question
from simcons.questions.clauses import as_clause, as_sentence
from simcons.questions.reading import Reading

_VERDICTS: dict[str, tuple[str, ...]] = {
    "for": (
        "Overall, we are in favour of {noun}.",
        "As a group we support {noun}.",
        "We believe that {position}.",
        "On the whole, we think {position}.",
    ),
    "lean_for": (
        "On balance, we lean towards {noun}.",
        "Most of us would support {noun}, though with some reservations.",
        "We are, on balance, in favour of {noun}, provided it is done with care.",
    ),
    "divided": (
        "We are divided about {noun}.",
        "There are good arguments on both sides when it comes to {noun}.",
        "As a group we could not agree on {noun}.",
    ),
    "lean_against": (
        "On balance, we lean against {noun}.",
        "Most of us would oppose {noun}, though with some reservations.",
        "We are, on balance, against {noun} as things stand.",
    ),
    "against": (
        "Overall, we are against {noun}.",
        "As a group we oppose {noun}.",
        "We believe that {negation}.",
        "On the whole, we think {negation}.",
    ),
}
_SHARED = ("We feel that {claim}.", "The main point is that {claim}.", "We agree that {claim}.", "{Claim}.")
_MORE = ("We also think that {claim}.", "In addition, {claim}.", "It also matters that {claim}.", "{Claim}.")
_SOME = (
    "Some of us feel that {claim}.",
    "At the same time, some worry that {claim}.",
    "Others point out that {claim}.",
)
_COMMON = ("Whatever is decided, {claim}.", "We all accept that {claim}.", "Either way, {claim}.")
_AGAIN = ("In other words, {claim}.", "To put it another way, {claim}.", "As we said, {claim}.")
_BARE = "{Claim}."
_VAGUE = (
    "This is an important question and there are many views to take into account.",
    "It is a complex issue that affects people in different ways.",
    "More should be done to understand what people think before anything is decided.",
    "We believe that a balanced approach would be best for everyone.",
)


def compose(question: Question, readings: Sequence[Reading], *, skill: float, rng: np.random.Generator) -> str:
    """One statement on ``question`` from the ``readings`` of the opinions."""
    script = _Script(question, readings, rng)
    if rng.random() < skill:
        return script.consensus()
    return (script.one_sided, script.vague, script.rambling, script.cut_short)[int(rng.integers(4))]()


class _Script:
    """One statement in the making."""

    def __init__(self, question: Question, readings: Sequence[Reading], rng: np.random.Generator) -> None:
        self.question = question
        self.readings = readings
        self.rng = rng
        self._used: set[str] = set()
        self._said: list[tuple[int, int]] = []  # claims and which of their wordings, in the order said
        self.support = Counter(m.claim for reading in readings for m in reading.mentions if m.polarity > 0)

    def consensus(self) -> str:
        """The group's leaning, what most said, what others said, and common ground."""
        lean = self._lean()
        major, minor, common = self._by_role(lean)
        parts = [self._verdict(lean)]
        parts += [self._say(frames, claim) for frames, claim in zip((_SHARED, _MORE), major, strict=False)]
        parts += [self._say(_SOME, claim) for claim in minor[:1]]
        parts += [self._say(_COMMON, claim) for claim in common[: 1 + int(self.rng.integers(2))]]
        return " ".join(parts)

    def one_sided(self) -> str:
        """One member's opinion, passed off as the group's."""
        if not self.readings:
            return self.vague()
        reading = self.readings[int(self.rng.integers(len(self.readings)))]
        frames = (_SHARED, _MORE, _MORE)
        held = [mention.claim for mention in reading.mentions if mention.polarity > 0]
        said = [self._say(frame, claim) for frame, claim in zip(frames, held, strict=False)]
        return " ".join([self._verdict(reading.verdict or 0.0), *said])

    def vague(self) -> str:
        order = self.rng.permutation(len(_VAGUE))
        return " ".join(_VAGUE[int(place)] for place in order[:2])

    def rambling(self) -> str:
        """Says what it has said again, in other words: its last point and its verdict."""
        statement = self.consensus()
        again = [self._say_again(*said) for said in self._said[-1:]]
        return " ".join([statement, *again, self._verdict(self._lean())])

    def cut_short(self) -> str:
        words = self.consensus().split()
        return " ".join(words[: max(6, int(len(words) * self.rng.uniform(0.3, 0.8)))]).rstrip(".,")

    def _lean(self) -> float:
        verdicts = [reading.verdict for reading in self.readings if reading.verdict is not None]
        return float(np.mean(verdicts)) if verdicts else 0.0

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
        size = abs(lean)
        name = "divided" if size < 0.15 else ("lean_" if size < 0.5 else "") + ("for" if lean > 0 else "against")
        unused = [frame for frame in _VERDICTS[name] if frame not in self._used]
        frame = unused[int(self.rng.integers(len(unused)))]
        self._used.add(frame)
        question = self.question
        filled = frame.format(
            noun=question.noun, position=as_clause(question.position), negation=as_clause(question.negation)
        )
        return as_sentence(filled)

    def _say(self, frames: tuple[str, ...], claim: int) -> str:
        wording = 0 if self.rng.random() < 0.6 else 2
        self._said.append((claim, wording))
        return self._framed(frames, self.question.claims[claim].wordings[wording])

    def _say_again(self, claim: int, wording: int) -> str:
        """A claim in the other of the plain and the formal wording."""
        return self._framed(_AGAIN, self.question.claims[claim].wordings[2 - wording])

    def _framed(self, frames: tuple[str, ...], clause: str) -> str:
        unused = [frame for frame in frames if frame not in self._used] or [_BARE]
        frame = unused[int(self.rng.integers(len(unused)))]
        self._used.add(frame)
        return frame.format(claim=clause, Claim=as_sentence(clause))
