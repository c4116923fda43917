"""The response of a measure to what a sweep varies: means by value, effects and interactions, with intervals over groups.

A number is a weighted sum of the settings' means, each over all rounds of the setting's runs. Its interval is the jackknife's
over groups (`simcons.analysis.resampling`): a group of one replication is the same people in every setting, and leaves all of
them at once, so that differences between settings are paired. Settings that were drawn (random) vary by themselves too: to the
square of the error is added that of a mean over so many settings, which also holds what groups add to it; these intervals are too
wide rather than too narrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from simcons.analysis.first_picks import UNANIMOUS, PickMeasure
from simcons.analysis.resampling import Estimate, holm, margin, share_interval, statistic
from simcons.arrays import Floats
from simcons.experiments.stress import describe
from simcons.experiments.sweep.tasks import Task
from simcons.scale import HIGHEST, LOWEST
from simcons.scenario.sweep import StudySweepSettings, Values

if TYPE_CHECKING:
    import pandas as pd

SETTING = "setting"  # what is varied where settings are listed that differ in several keys
_BINS = 5  # that numbers which were drawn are sorted into
_LEAST = 4  # settings in a bin, where there are enough
_MOST_VALUES = 6  # drawn numbers that need no sorting

Weights: TypeAlias = Mapping[int, float]  # by setting


@dataclass(frozen=True, slots=True)
class Level:
    """A value of what is varied, or a range of values, and the settings that have it. position: on an axis."""

    label: str
    position: float
    settings: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that a sweep varies: a dotted key with its levels in order. is_number: levels lie on a line."""

    key: str
    levels: tuple[Level, ...]
    is_number: bool

    @property
    def name(self) -> str:
        return self.key.rpartition(".")[2].replace("_", " ")

    @property
    def first(self) -> Level:
        return self.levels[0]

    @property
    def last(self) -> Level:
        return self.levels[-1]


@dataclass(frozen=True, slots=True)
class Effect:
    """The change of an arm's agreement from the first to the last level of a factor; p_holm: among all effects of the sweep."""

    arm: str
    factor: Factor
    change: Estimate
    p_holm: float | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """How much larger the effect of one factor is at the last level of another than at its first."""

    arm: str
    factor: Factor
    by: Factor
    change: Estimate
    p_holm: float | None = None


class Responses:
    """Answers from the table of groups (`SweepTables.groups`) of the tasks that have finished.

    drawn: settings are a sample, so that the n of estimates counts these where they are fewer than the groups.
    """

    def __init__(self, sweep: StudySweepSettings, tasks: Sequence[Task], groups: pd.DataFrame) -> None:
        finished = set(groups["task"])
        self.drawn = sweep.vary.kind == "random"
        self._groups = groups
        self._tasks = {task.number: task for task in tasks if task.number in finished}
        self._values: dict[int, Values] = {task.setting: task.values for task in self._tasks.values()}
        self._sums: dict[tuple[PickMeasure, str], tuple[list[int], Floats]] = {}
        self.arms: list[str] = list(dict.fromkeys(groups["arm"]))
        self.factors = self._factors(listed=sweep.vary.kind == "listed")

    # --- what is varied ---

    def _factors(self, *, listed: bool) -> list[Factor]:
        """Those with more than one level."""
        keys = list(dict.fromkeys(key for values in self._values.values() for key in values))
        if listed and len(keys) > 1:
            labels = {task.setting: task.label for task in self._tasks.values()}
            levels = [Level(label, float(place), (place,)) for place, label in sorted(labels.items())]
            return [Factor(SETTING, tuple(levels), is_number=False)] if len(levels) > 1 else []
        return [factor for factor in map(self._factor, keys) if len(factor.levels) > 1]

    def _factor(self, key: str) -> Factor:
        by_setting = {setting: values[key] for setting, values in self._values.items()}
        is_number = all(isinstance(value, int | float) and not isinstance(value, bool) for value in by_setting.values())
        if is_number and self.drawn and len(set(by_setting.values())) > _MOST_VALUES:
            number = min(_BINS, max(2, len(by_setting) // _LEAST))
            return Factor(key, tuple(_in_bins(by_setting, number)), is_number=True)
        settings: dict[str, list[int]] = {}
        for setting, value in by_setting.items():
            settings.setdefault(_label(value), []).append(setting)
        place = {_label(value): float(value) if is_number else float(k) for k, value in enumerate(by_setting.values())}
        levels = [Level(label, place[label], tuple(having)) for label, having in settings.items()]
        return Factor(
            key, tuple(sorted(levels, key=lambda level: level.position)) if is_number else tuple(levels), is_number
        )

    def halves(self, factor: Factor) -> Factor:
        """A factor of numbers that were drawn with two levels, the lower and the upper half; any other as it is."""
        if not (self.drawn and factor.is_number and len(factor.levels) > 2):
            return factor
        by_setting = {setting: values[factor.key] for setting, values in self._values.items()}
        return replace(factor, levels=tuple(_in_bins(by_setting, 2)))

    # --- estimates ---

    def level(self, measure: PickMeasure, arm: str, settings: Sequence[int]) -> Estimate | None:
        """The mean over these settings, each counting the same; None where none has anything to show."""
        there = self._having(measure, arm, settings)
        estimate = self._estimate(measure, arm, _mean(there, 1.0)) if there else None
        if estimate is None:
            return None
        if measure != UNANIMOUS:
            return estimate.within(LOWEST, HIGHEST)
        known, sums = self._by_group(measure, arm)
        return _as_share(estimate, sums[:, [known.index(setting) for setting in there], 1].sum())

    def effect(self, measure: PickMeasure, arm: str, factor: Factor, *, last: Level | None = None) -> Estimate | None:
        """The mean at a level (by default the last) less that at the first, over settings of which both have the fellow."""
        pairs = self._paired(measure, arm, factor.first, last or factor.last, factor.key)
        if pairs is None:
            return None
        return self._estimate(measure, arm, _mean(pairs[1], 1.0) | _mean(pairs[0], -1.0))

    def interaction(self, measure: PickMeasure, arm: str, factor: Factor, by: Factor) -> Estimate | None:
        """The effect of ``factor`` at the last level of ``by`` less that at its first."""
        weights: dict[int, float] = {}
        for level, sign in ((by.last, 1.0), (by.first, -1.0)):
            low, high = (self._cell(measure, arm, end, level) for end in (factor.first, factor.last))
            if not low or not high:
                return None
            weights |= _mean(high, sign) | _mean(low, -sign)
        return self._estimate(measure, arm, weights)

    @cached_property
    def effects(self) -> list[Effect]:
        """Of every factor on every arm's agreement."""
        given = [
            Effect(arm, factor, change)
            for factor in self.factors
            for arm in self.arms
            if (change := self.effect("agreement", arm, factor)) is not None
        ]
        adjusted = holm([effect.change.p_value() for effect in given])
        return [replace(effect, p_holm=p) for effect, p in zip(given, adjusted, strict=True)]

    @cached_property
    def interactions(self) -> list[Interaction]:
        """Of every pair of factors, on every arm's agreement."""
        given = [
            Interaction(arm, factor, by, change)
            for factor, by in self.pairs()
            for arm in self.arms
            if (change := self.interaction("agreement", arm, factor, by)) is not None
        ]
        adjusted = holm([each.change.p_value() for each in given])
        return [replace(each, p_holm=p) for each, p in zip(given, adjusted, strict=True)]

    def pairs(self) -> list[tuple[Factor, Factor]]:
        """Factors two by two: numbers and those of more levels first."""
        factors = [self.halves(factor) for factor in self.factors]
        order = {factor.key: (not factor.is_number, -len(factor.levels)) for factor in factors}
        return [(a, b) if order[a.key] <= order[b.key] else (b, a) for a, b in combinations(factors, 2)]

    # --- sums ---

    def _cell(self, measure: PickMeasure, arm: str, first: Level, second: Level) -> list[int]:
        return self._having(measure, arm, sorted(set(first.settings) & set(second.settings)))

    def cell(self, measure: PickMeasure, arm: str, first: Level, second: Level) -> Estimate | None:
        """The mean over settings with both levels."""
        return self.level(measure, arm, self._cell(measure, arm, first, second))

    def _paired(
        self, measure: PickMeasure, arm: str, first: Level, second: Level, key: str
    ) -> tuple[list[int], list[int]] | None:
        """Settings of two levels that differ in ``key`` alone; all of them where they were drawn, each by itself."""
        low, high = (self._having(measure, arm, level.settings) for level in (first, second))
        if not self.drawn:
            others = [{self._without(key, setting): setting for setting in side} for side in (low, high)]
            shared = [other for other in others[0] if other in others[1]]
            low, high = ([side[other] for other in shared] for side in others)
        return (low, high) if low and high else None

    def _without(self, key: str, setting: int) -> str:
        """The other values of a setting."""
        if key == SETTING:
            return ""
        return repr([(name, value) for name, value in self._values[setting].items() if name != key])

    def _having(self, measure: PickMeasure, arm: str, settings: Sequence[int]) -> list[int]:
        """Of these settings, those in which the arm has anything to show."""
        known = set(self._by_group(measure, arm)[0])
        return [setting for setting in settings if setting in known]

    def _by_group(self, measure: PickMeasure, arm: str) -> tuple[list[int], Floats]:
        """The settings that there are, and [groups, settings, 2]: totals and rounds."""
        if (measure, arm) not in self._sums:
            table = self._groups
            rows = table[(table["measure"] == measure) & (table["arm"] == arm)]
            of = [self._tasks[number] for number in rows["task"]]
            settings = sorted({task.setting for task in of})
            group = [(task.replication, name) for task, name in zip(of, rows["session_id"], strict=True)]
            places = {name: place for place, name in enumerate(dict.fromkeys(group))}
            column = {setting: place for place, setting in enumerate(settings)}
            sums = np.zeros((len(places), len(settings), 2))
            at = [places[name] for name in group], [column[task.setting] for task in of]
            np.add.at(sums, at, rows[["total", "rounds"]].to_numpy(dtype=np.float64))
            self._sums[measure, arm] = settings, sums
        return self._sums[measure, arm]

    def _estimate(self, measure: PickMeasure, arm: str, weights: Weights) -> Estimate | None:
        settings, sums = self._by_group(measure, arm)
        used = [place for place, setting in enumerate(settings) if weights.get(setting)]
        factors = np.array([weights[settings[place]] for place in used])

        def weighted(samples: Floats) -> Floats:
            return np.asarray((samples[..., 0] / samples[..., 1]) @ factors)

        there = sums[:, used]
        estimate = statistic(weighted, there[there[..., 1].sum(axis=1) > 0])
        if estimate is None or not self.drawn:
            return estimate
        return _with_drawn_settings(estimate, there.sum(axis=0), factors)


def _as_share(estimate: Estimate, rounds: float) -> Estimate:
    """With the interval of a share of so many rounds, which stays between 0 and 1."""
    value, error = np.array([estimate.value]), np.array([estimate.error or 0.0])
    low, high = (float(end[0]) for end in share_interval(value, error, [estimate.n], trials=[rounds]))
    return replace(estimate, interval=(low, high)) if estimate.n > 1 else estimate


def _with_drawn_settings(estimate: Estimate, totals: Floats, weights: Floats) -> Estimate:
    """The estimate with the error of a sample of settings: of each of the means that it adds up, by the sign of their weights."""
    if estimate.error is None:
        return estimate
    means, square, least = totals[:, 0] / totals[:, 1], estimate.error**2, estimate.n
    for side in (weights > 0, weights < 0):
        number = int(side.sum())
        if number == 1:
            return replace(estimate, interval=None, error=None)
        if number:
            square += float(means[side].var(ddof=1)) * float((weights[side] ** 2).sum())
            least = min(least, number)
    error = float(np.sqrt(square))
    half = float(margin(np.array(error), least))
    return Estimate(estimate.value, (estimate.value - half, estimate.value + half), error, least)


def _mean(settings: Sequence[int], factor: float) -> dict[int, float]:
    return dict.fromkeys(settings, factor / len(settings)) if settings else {}


def _in_bins(by_setting: Mapping[int, Any], number: int) -> list[Level]:
    """Settings sorted into bins of equal size by their value; a bin stands at the middle of its values."""
    ordered = sorted(by_setting, key=lambda setting: by_setting[setting])
    levels = []
    for settings in np.array_split(np.array(ordered), number):
        values = [by_setting[int(setting)] for setting in settings]
        label = f"{values[0]:.3g} to {values[-1]:.3g}"
        levels.append(Level(label, float(np.median(values)), tuple(int(setting) for setting in settings)))
    return levels


def _label(value: Any) -> str:
    return value if isinstance(value, str) else describe(value)
