"""Rules of a user's own that arms choose by: loaded once a study, and tried before it begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simcons.arrays import Floats
from simcons.errors import InputError, ScenarioError
from simcons.named_code import shown
from simcons.scale import HIGHEST, LOWEST
from simcons.scenario.mediators import MediatorSettings
from simcons.scenario.welfare import OwnRule, WelfareSettings
from simcons.seeds import stream
from simcons.welfare.own import INCONSISTENT
from simcons.welfare.rules import Rule
from simcons.welfare.weighing import rule_under, weigh


def own_rules(mediators: Sequence[MediatorSettings], *, people: int) -> dict[str, Rule]:
    """By arm, the rules that are functions. people: the most whose opinions an arm may weigh.

    Each is tried on slates such as a study may have, as it would otherwise end in the middle. Raises ScenarioError, in one line,
    for a function that is not there, that raises, or that does not return the same number a candidate each time.
    """
    return {arm.arm: _tried(arm, own, people) for arm in mediators if (own := arm.welfare.own_rule) is not None}


def _tried(arm: MediatorSettings, own: OwnRule, people: int) -> Rule:
    settings = arm.welfare
    try:
        rule = rule_under(settings.utility_map, own)
        for scores in _slates(arm.generator.samples, people):
            first, again = (_values(scores, rule, own, settings) for _ in range(2))
            if not np.array_equal(first, again):
                raise InputError(f"{shown(own)}: {INCONSISTENT}")
    except (InputError, ValueError) as error:
        raise ScenarioError(f"arm {arm.arm!r}: {error}") from error
    return rule


def _values(scores: Floats, rule: Rule, own: OwnRule, settings: WelfareSettings) -> Floats:
    return np.asarray(weigh(scores, settings.utility_map, spec=own, rule=rule).values)


def _slates(candidates: int, people: int) -> Iterator[Floats]:
    """Scores [candidates, people]: of all kinds, all alike, of one person, and of one candidate."""
    scores = stream(0, "own rules", "slate").uniform(LOWEST, HIGHEST, size=(candidates, people)).round(1)
    yield from (scores, np.full_like(scores, HIGHEST), scores[:, :1], scores[:1])
