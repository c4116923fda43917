"""Rules of a user's own that arms choose by: loaded once a study, tried before it begins, and given up where they hang."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from threading import Thread

import numpy as np

from simcons.arrays import AnyFloats, Floats
from simcons.errors import InputError, ScenarioError
from simcons.named_code import shown
from simcons.scale import HIGHEST, LOWEST
from simcons.scenario.mediators import MediatorSettings
from simcons.scenario.welfare import OwnRule, WelfareSettings
from simcons.seeds import stream
from simcons.welfare.own import INCONSISTENT
from simcons.welfare.rules import Rule
from simcons.welfare.weighing import rule_under, weigh

SECONDS = 60.0  # that a rule may take over one slate


def own_rules(mediators: Sequence[MediatorSettings], *, people: int, seconds: float = SECONDS) -> dict[str, Rule]:
    """By arm, the rules that are functions. people: the most whose opinions an arm may weigh. seconds: for one slate.

    Each is tried on slates such as a study may have, as it would otherwise fail in the middle. Raises ScenarioError, in one line,
    for a function that is not there, raises, takes too long, or does not return the same number a candidate each time.
    """
    return {
        arm.arm: _tried(arm, own, people, seconds) for arm in mediators if (own := arm.welfare.own_rule) is not None
    }


def _tried(arm: MediatorSettings, own: OwnRule, people: int, seconds: float) -> Rule:
    settings = arm.welfare
    try:
        rule = _within(seconds, rule_under(settings.utility_map, own), shown(own))
        for scores in _slates(arm.generator.samples, people):
            first, again = (_values(scores, rule, own, settings) for _ in range(2))
            if not np.array_equal(first, again):
                raise InputError(f"{shown(own)}: {INCONSISTENT}")
    except (InputError, ValueError) as error:
        raise ScenarioError(f"arm {arm.arm!r}: {error}") from error
    return rule


def _within(seconds: float, rule: Rule, name: str) -> Rule:
    """``rule``, each time in a thread of its own, which is left to itself where it takes longer. Raises InputError then.

    A rule in C that keeps Python's lock cannot be left: nothing else goes on until it returns.
    """

    def limited_rule(u: AnyFloats, /) -> AnyFloats:
        values: Future[AnyFloats] = Future()
        Thread(target=_settle, args=(values, rule, u), name=f"rule-{name}", daemon=True).start()
        try:
            return values.result(timeout=seconds)
        except TimeoutError:
            raise InputError(
                f"{name}: the rule came to nothing within {seconds:g} s; expected values at once"
            ) from None

    return limited_rule


def _settle(values: Future[AnyFloats], rule: Rule, u: AnyFloats) -> None:
    """In a thread: what the rule returns, or raises."""
    try:
        values.set_result(rule(u))
    except BaseException as error:
        values.set_exception(error)


def _values(scores: Floats, rule: Rule, own: OwnRule, settings: WelfareSettings) -> Floats:
    return np.asarray(weigh(scores, settings.utility_map, spec=own, rule=rule).values)


def _slates(candidates: int, people: int) -> Iterator[Floats]:
    """Scores [candidates, people]: of all kinds, all alike, of one person, and of one candidate."""
    scores = stream(0, "own rules", "slate").uniform(LOWEST, HIGHEST, size=(candidates, people)).round(1)
    yield from (scores, np.full_like(scores, HIGHEST), scores[:, :1], scores[:1])
