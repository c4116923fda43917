"""Warnings, while a study goes on, of models whose answers cannot be used, and its end where a rule only ever fails.

A server, a prompt or a setting that does not fit spoils every answer of an act, and a study of missing answers runs to its
end all the same. Nothing of a study depends on what is told here.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from simcons.engines.base import Act, Result
from simcons.errors import ScenarioError
from simcons.mediator.pipeline import Choice, Mediation
from simcons.mediator.scorer import Scorer, Scores
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.population.minds.mind import Draft, Judgement
from simcons.questions.bank import Question
from simcons.questions.reading import Reader, Reading
from simcons.records import MissingReason

LATEST = 30  # answers of an act that are looked at together
TOO_MANY = 0.9  # share of them without use at which it is told
HOPELESS = 50  # first answers of an act, all without use
FAILING = 10  # first choices of a rule of the user's own, all failures, after which it will not do better

Failure: TypeAlias = tuple[MissingReason, str] | None  # the reason and the reply, of an answer that cannot be used


@dataclass(frozen=True, slots=True)
class Unusable:
    """An act of whose latest ``n`` answers hardly any can be used.

    missing: those that cannot, by reason, the most frequent first; reply: one that was given to that reason.
    hopeless: these are the act's first 50 answers, and not one of them can be used.
    """

    act: str
    n: int
    missing: Mapping[str, int]
    reply: str
    hopeless: bool


@dataclass(slots=True)
class _Act:
    latest: deque[Failure] = field(default_factory=lambda: deque(maxlen=HOPELESS))
    n: int = 0
    n_unusable: int = 0
    told: bool = False


class AnswerWatch:
    """Counts answers (after their retries) by act. ``tell`` is called once for each act whose latest answers are nearly all
    without use, and once more where all of its first 50 are. Raises ScenarioError where a rule fails in its first 10 choices.
    """

    def __init__(self, tell: Callable[[Unusable], None]) -> None:
        self._tell = tell
        self._acts: dict[str, _Act] = {}
        self._failing: dict[str, int] = {}  # arm -> failures of its rule before it chose anything
        self._choosing: set[str] = set()  # arms that have chosen something

    def over(self, act: Act[Result]) -> Act[Result]:
        """``act``, its answers counted at its end."""
        result = yield from act
        for name, failure in _answers(result):
            self.count(name, failure)
        for choice in result.choices if isinstance(result, Mediation) else ():
            self._choice(choice)
        return result

    def count(self, name: str, failure: Failure) -> None:
        act = self._acts.setdefault(name, _Act())
        act.latest.append(failure)
        act.n += 1
        act.n_unusable += failure is not None
        if not act.told and act.n >= LATEST and _n_failures(act) >= TOO_MANY * LATEST:
            act.told = True
            self._tell(_unusable(name, list(act.latest)[-LATEST:], hopeless=False))
        if act.n == act.n_unusable == HOPELESS:
            self._tell(_unusable(name, list(act.latest), hopeless=True))

    def _choice(self, choice: Choice) -> None:
        if choice.picks:
            self._choosing.add(choice.arm)
        if choice.failure is None or choice.arm in self._choosing:
            return
        n_failures = self._failing[choice.arm] = self._failing.get(choice.arm, 0) + 1
        if n_failures == FAILING:
            raise ScenarioError(
                f"arm {choice.arm!r}: its rule failed each of the first {FAILING} times, and the run has stopped; the last:"
                f" {choice.failure}"
            )


class WatchedReader:
    """Another reader, its readings counted. Only for one that asks a language model."""

    def __init__(self, reader: Reader, watch: AnswerWatch) -> None:
        self.name = reader.name
        self._reader = reader
        self._watch = watch

    def read(self, question: Question, texts: Sequence[str]) -> Act[list[Reading]]:
        readings = yield from self._reader.read(question, texts)
        for reading in readings:
            self._watch.count("reading", (reading.missing, reading.reply) if reading.missing else None)
        return readings


class WatchedScorer:
    """Another scorer, its scores counted. Only for one that may come to none: a reward model has none for texts too long for it.

    reason: of scores that are missing.
    """

    def __init__(self, scorer: Scorer, watch: AnswerWatch, *, reason: MissingReason = "too_long") -> None:
        self.name = scorer.name
        self._scorer = scorer
        self._watch = watch
        self._reason: MissingReason = reason

    def score(self, view: RoundView, used: Sequence[SeenOpinion], candidates: Sequence[str]) -> Act[Scores]:
        scores = yield from self._scorer.score(view, used, candidates)
        for missing in np.isnan(scores).flat:
            self._watch.count("score", (self._reason, "") if missing else None)
        return scores


def _n_failures(act: _Act) -> int:
    return sum(failure is not None for failure in list(act.latest)[-LATEST:])


def _unusable(name: str, latest: Sequence[Failure], *, hopeless: bool) -> Unusable:
    failures = [failure for failure in latest if failure is not None]
    missing: dict[str, int] = dict(Counter[str](reason for reason, _ in failures).most_common())
    reply = next(reply for reason, reply in failures if reason == next(iter(missing)))
    return Unusable(name, len(latest), missing, reply, hopeless)


def _answers(result: object) -> Iterator[tuple[str, Failure]]:
    """The answers of a language model in what an act returned, each with the act's name."""
    if isinstance(result, Mediation):
        for draw in (draw for pool in result.pools for draw in pool.draws):
            yield "candidate", (draw.missing, draw.raw) if draw.missing else None
    elif isinstance(result, Draft) and result.written is not None:
        missing = result.written.missing
        yield "opinion", (missing.reason, missing.raw) if missing else None
    elif isinstance(result, Judgement):
        yield from _elicited("position", result)
    elif isinstance(result, list):
        for appraisal in (judged for judged in result if isinstance(judged, Mapping)):
            for scale, judgement in appraisal.items():
                yield from _elicited(scale.name, judgement)


def _elicited(name: str, judgement: Judgement) -> Iterator[tuple[str, Failure]]:
    if judgement.elicited is not None:
        missing = judgement.elicited.missing
        yield name, (missing.reason, missing.raw) if missing else None
