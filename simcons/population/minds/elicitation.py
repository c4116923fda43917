"""Putting rating questions to a language model: each answered on 1-7, or missing with the reply kept.

Spread, mass, the order of the options and the number of attempts are kept with every answer, because models are known to
answer too narrowly, off the scale, and by the place of an option rather than by its meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Literal

import numpy as np

from simcons.engines.base import Act, Message, Reply, Request
from simcons.engines.replies import as_received, parts_of, unanswered_because
from simcons.errors import EngineError
from simcons.languages.language import Language
from simcons.population.minds.likert import POINTS, Listed, Missing, Option, ShownScale, parse_rating
from simcons.records import MissingReason
from simcons.scenario.minds import ElicitationSettings, LlmMindSettings
from simcons.seeds import KeyPart, request_seed, stream

CHOICES = tuple(str(number) for number in POINTS)
_OTHER: dict[Listed, Listed] = {"up": "down", "down": "up"}


@dataclass(frozen=True, slots=True)
class Elicited:
    """One question put to a persona, as answered after retries. ``value`` runs from 1, the least, to 7."""

    value: float | None  # expected (logprobs) or given (choice, text) answer; None where missing
    missing: Missing | None
    spread: float | None  # SD of the model's distribution over 1-7 (logprobs only)
    mass: float | None  # probability on the seven answers together (logprobs only)
    attempts: int  # requests it took
    listed: Literal["up", "down", "both"]  # order in which the options were listed
    coded: Literal["up", "down"]  # whether 1 was shown for the least or for the most
    text: str | None  # the raw reply where there is one
    reasoning: str = ""  # of the last attempt
    weights: tuple[float, ...] = ()  # the model's distribution over 1-7 (logprobs only)


@dataclass(frozen=True, slots=True)
class Item:
    """A question to be put. ``key`` tells it from all others of its act; ``render`` shows it with these options."""

    act: str
    key: tuple[KeyPart, ...]
    scale: ShownScale
    render: Callable[[tuple[Option, ...]], tuple[Message, ...]]


def elicit(items: Sequence[Item], settings: LlmMindSettings, language: Language, *, seed: int) -> Act[list[Elicited]]:
    """Answers in the order of ``items``. All are asked in one list of requests; then, up to ``retries`` times, those alone
    that could not be used, each with a new seed and, where the order is seeded, the options listed the other way.

    Where a question is asked both ways and one of the two has no answer, it has none.
    """
    forms = [form for item in items for form in _forms(item, settings.elicitation, language, seed)]
    answers: list[list[_Attempt]] = [[] for _ in forms]
    while open_ := [place for place, form in enumerate(forms) if form.goes_on(answers[place], settings.retries)]:
        replies = yield [forms[place].request(len(answers[place]), settings.engine) for place in open_]
        for place, reply in zip(open_, replies, strict=True):
            answers[place].append(forms[place].read(len(answers[place]), reply))
    n_ways = 2 if settings.elicitation.order == "both" else 1
    ways = [answers[start : start + n_ways] for start in range(0, len(forms), n_ways)]
    return [_elicited(item, given) for item, given in zip(items, ways, strict=True)]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One reply, understood. ``weights`` is the model's distribution over the values 1-7, all on one where it was given."""

    weights: tuple[float, ...] | None
    missing: Missing | None
    mass: float | None
    listed: Listed
    text: str | None
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class _Form:
    """A question with its options in one order."""

    item: Item
    how: ElicitationSettings
    language: Language
    seed: int
    first: Listed

    def goes_on(self, answers: Sequence[_Attempt], retries: int) -> bool:
        """True where it is to be asked (again). What is not sampled is the same every time, so each listing is asked once."""
        if not answers:
            return True
        fixed = self.how.by == "logprobs" or self.how.sampling.temperature == 0
        n_listings = 2 if self.how.order == "seeded" else 1
        most = 1 + (min(retries, n_listings - 1) if fixed else retries)
        missing = answers[-1].missing
        return missing is not None and missing.reason != "too_long" and len(answers) < most

    def request(self, attempt: int, engine: str) -> Request:
        listed = self.listed(attempt)
        return Request(
            engine=engine,
            messages=self.item.render(self.item.scale.options(listed)),
            sampling=self.how.sampling,
            seed=request_seed(self.seed, self.item.act, *self.item.key, listed, attempt),
            act=self.item.act,
            draw=attempt,
            answer=self.how.by,
            choices=() if self.how.by == "text" else CHOICES,
        )

    def listed(self, attempt: int) -> Listed:
        return _OTHER[self.first] if attempt % 2 and self.how.order == "seeded" else self.first

    def read(self, attempt: int, reply: Reply) -> _Attempt:
        if unanswered := unanswered_because(reply):
            raw = as_received(reply)
            return _Attempt(None, Missing(unanswered, raw), None, self.listed(attempt), raw)
        return self._distribution(attempt, reply) if self.how.by == "logprobs" else self._words(attempt, reply)

    def _words(self, attempt: int, reply: Reply) -> _Attempt:
        parted, raw = parts_of(reply), as_received(reply)
        value = parse_rating(parted.text, self.item.scale, self.language)
        if isinstance(value, Missing):
            reason: MissingReason = "reasoning" if value.reason == "empty" and parted.reasoning else value.reason
            return _Attempt(None, Missing(reason, raw), None, self.listed(attempt), raw, parted.reasoning)
        given = tuple(float(point == value) for point in POINTS)
        return _Attempt(given, None, None, self.listed(attempt), raw, parted.reasoning)

    def _distribution(self, attempt: int, reply: Reply) -> _Attempt:
        if len(reply.logprobs) != len(CHOICES):
            raise EngineError(f"{len(reply.logprobs)} log-probabilities in a reply, expected {len(CHOICES)}")
        shown = np.exp(reply.logprobs)
        mass = float(shown.sum())
        if not mass > 0 or mass < self.how.least_mass:
            raw = as_received(reply) or _written_out(reply.logprobs)
            return _Attempt(None, Missing("off_scale", raw), mass, self.listed(attempt), raw)
        by_value = shown if self.item.scale.coded == "up" else shown[::-1]
        weights = tuple((by_value / mass).tolist())
        return _Attempt(weights, None, mass, self.listed(attempt), as_received(reply) or None)


def _written_out(logprobs: Sequence[float]) -> str:
    """Log-probabilities of the answers as a line of text: 1 -4.61, 2 -5.30, ..."""
    return ", ".join(f"{choice} {logprob:.2f}" for choice, logprob in zip(CHOICES, logprobs, strict=True))


def _forms(item: Item, how: ElicitationSettings, language: Language, seed: int) -> list[_Form]:
    """The question as it is first asked: one way, or both."""
    if how.order == "both":
        return [_Form(item, how, language, seed, "up"), _Form(item, how, language, seed, "down")]
    if how.order != "seeded":
        return [_Form(item, how, language, seed, how.order)]
    up = stream(seed, "listed", item.act, *item.key).random() < 0.5
    return [_Form(item, how, language, seed, "up" if up else "down")]


def _elicited(item: Item, ways: Sequence[Sequence[_Attempt]]) -> Elicited:
    """One answer of one or two ways of asking: the distributions averaged, the attempts added up."""
    last = [answers[-1] for answers in ways]
    missing = next((answer.missing for answer in last if answer.missing is not None), None)
    masses = [answer.mass for answer in last if answer.mass is not None]
    texts = [answer.text for answer in last if answer.text is not None]
    weights = () if missing else _average([answer.weights for answer in last if answer.weights])
    value, spread = _moments(weights) if weights else (None, None)
    return Elicited(
        value=value,
        missing=missing,
        spread=spread if masses else None,
        mass=fsum(masses) / len(masses) if masses else None,
        attempts=sum(map(len, ways)),
        listed=last[0].listed if len(last) == 1 else "both",
        coded=item.scale.coded,
        text="\n".join(texts) if texts else None,
        reasoning="\n".join(answer.reasoning for answer in last if answer.reasoning),
        weights=weights if masses else (),
    )


def _average(distributions: Sequence[Sequence[float]]) -> tuple[float, ...]:
    return tuple(fsum(column) / len(distributions) for column in zip(*distributions, strict=True))


def _moments(weights: Sequence[float]) -> tuple[float, float]:
    """Mean and SD over the values 1-7."""
    mean = fsum(weight * point for weight, point in zip(weights, POINTS, strict=True))
    return mean, sqrt(fsum(weight * (point - mean) ** 2 for weight, point in zip(weights, POINTS, strict=True)))
