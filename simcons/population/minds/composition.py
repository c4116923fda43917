"""The shape of an opinion: its points as sentences, and the verdict before, among or after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simcons.languages.phrases import ByRegister, slots
from simcons.languages.text import as_sentence
from simcons.population.minds.pen import Pen
from simcons.population.minds.points import Point
from simcons.scenario.parameters import Register

# Chances [J]. Of the verdict's place: otherwise it comes after the first reason.
_VERDICT_FIRST, _VERDICT_LAST = 0.5, 0.25
_JOINED, _HALF = 0.5, 0.12  # of a reason that goes on from the verdict, in its sentence or in half a sentence
_LISTED, _PAIRED, _WEIGHED = 0.12, 0.22, 0.4
_HEDGED = 0.6  # of each reason, by the most hesitant
_ASKED = 0.03  # of each reason
_EXCLAIMED: Mapping[Register, float] = {"plain": 0.01, "chatty": 0.025, "formal": 0.002}
_LONGEST_PAIR = 38  # words


class Composition:
    """Puts points into sentences, as one person's ``pen`` has them."""

    def __init__(self, pen: Pen, points: Sequence[Point], *, decided: bool) -> None:
        """``decided``: a verdict that a reason can go on from, and not torn between reasons."""
        self._pen = pen
        self._phrases = pen.phrases
        self._decided = decided
        self._own = [point for point in points if point.own_side]
        self._concessions = [point for point in points if point.kind == "concession"]
        self._common = [point for point in points if point.kind == "common"]

    def sentences(self, verdict: str | None) -> list[str]:
        """The sentences in order. What follows on from a reason never comes straight after the verdict."""
        place = self._place_of(verdict) if verdict else "nowhere"
        n_own = len(self._own)
        sentences = self._opening(verdict) if verdict and place == "first" else []
        sentences += self._reasons(begun=len(self._own) < n_own)
        if verdict and place == "middle":
            sentences.insert(1, verdict)
        sentences += [self._framed(self._phrases.concessions, point) for point in self._concessions]
        sentences += self._common_ground(after_reason=bool(sentences) and sentences[-1] != verdict)
        return [*sentences, verdict] if verdict and place == "last" else sentences

    def _place_of(self, verdict: str) -> str:
        """ "Yes from me to ..." answers the question, and what goes on from something cannot open."""
        lead = next(self._pen.draws)
        if not self._own or self._phrases.answer.match(verdict) or lead < _VERDICT_FIRST:
            return "first"
        return "last" if lead < _VERDICT_FIRST + _VERDICT_LAST else "middle"

    def _opening(self, verdict: str) -> list[str]:
        """The verdict, with the first reason where that goes on from it."""
        if not self._decided or not self._own or self._own[0].kind != "reason":
            return [verdict]
        clause, draw = self._own[0].clause, next(self._pen.draws)
        if draw < _JOINED and self._pen.ends_with_its_object(verdict):
            frame = self._chosen(self._phrases.joined, clause)
            if "verdict" in slots(frame):
                del self._own[0]
                return [frame.format(verdict=verdict[:-1], claim=clause)]
        if _JOINED <= draw < _JOINED + _HALF:
            del self._own[0]
            return [verdict, _filled(self._chosen(self._phrases.halves, clause), clause)]
        return [verdict]

    def _reasons(self, *, begun: bool) -> list[str]:
        plain = [point.kind == "reason" for point in self._own[:3]]
        lists = self._phrases.listed.get(self._pen.style.register, ())
        if len(plain) == 3 and all(plain) and lists and self._pen.happens(_LISTED):
            frames = lists[int(next(self._pen.draws) * len(lists))]
            listed = [_filled(frame, point.clause) for frame, point in zip(frames, self._own, strict=False)]
            return [" ".join(listed), *self._one_by_one(self._own[3:], begun=True)]
        return self._one_by_one(self._own, begun=begun)

    def _one_by_one(self, points: Sequence[Point], *, begun: bool) -> list[str]:
        sentences: list[str] = []
        left = list(points)
        while left:
            point = left.pop(0)
            follows = begun or bool(sentences)
            if follows and not left and self._weighs(point):
                sentences.append(self._two(self._phrases.weighed, self._concessions.pop(0), point))
            elif left and self._pairs(point, left[0]):
                sentences.append(self._two(self._phrases.paired, point, left.pop(0)))
            else:
                sentences.append(self._sentence(point, first=not follows))
        return sentences

    def _sentence(self, point: Point, *, first: bool) -> str:
        pen, phrases = self._pen, self._phrases
        if point.kind != "reason":
            of_kind = {"story": phrases.told, "denial": phrases.contradicted, "rejection": phrases.denied}
            return self._framed(of_kind[point.kind], point)
        if pen.happens(pen.style.hedging * _HEDGED):
            return self._framed(phrases.hedged_reasons, point)
        if pen.happens(_ASKED):
            return self._framed(phrases.asked, point)
        if pen.happens(_EXCLAIMED[pen.style.register]):
            return self._framed(phrases.exclaimed, point)
        return self._framed(phrases.first_reasons if first else phrases.more_reasons, point)

    def _weighs(self, point: Point) -> bool:
        return bool(self._concessions) and point.kind == "reason" and self._pen.happens(_WEIGHED)

    def _pairs(self, point: Point, other: Point) -> bool:
        short = point.n_words + other.n_words <= _LONGEST_PAIR
        return point.kind == other.kind == "reason" and short and self._pen.happens(_PAIRED)

    def _two(self, phrases: ByRegister, point: Point, other: Point) -> str:
        frame = self._chosen(phrases, point.clause, other.clause)
        if "more" in slots(frame):
            return _filled(frame, point.clause, other.clause)
        return f"{_filled(frame, point.clause)} {_filled(frame, other.clause)}"

    def _common_ground(self, *, after_reason: bool) -> list[str]:
        sentences: list[str] = []
        for point in self._common:
            later = self._pen.of(self._phrases.common_later) if after_reason or sentences else ()
            frames = [*self._pen.of(self._phrases.common), *later]
            sentences.append(_filled(self._pen.choose(frames, point.clause), point.clause))
        return sentences

    def _framed(self, phrases: ByRegister, point: Point) -> str:
        return _filled(self._chosen(phrases, point.clause), point.clause)

    def _chosen(self, phrases: ByRegister, *clauses: str) -> str:
        return self._pen.choose(self._pen.of(phrases), *clauses)


def _filled(frame: str, clause: str, more: str = "") -> str:
    return frame.format(claim=clause, Claim=as_sentence(clause), more=more)
