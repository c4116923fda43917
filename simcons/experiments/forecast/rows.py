"""A forecast as a flat table, for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simcons.analysis.resampling import Estimate
from simcons.experiments.forecast.people import PeoplePower
from simcons.experiments.forecast.power import ArmComparison
from simcons.experiments.forecast.run import Forecast


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One number. about: an act and engine, or a pair of arms; groups: of a study of that size, None for the scenario's own.

    low, high: None where there are none. They hold one more study with probability .95; those of power, its true value.
    """

    topic: str
    name: str
    about: str
    groups: int | None
    unit: str
    value: float
    low: float | None
    high: float | None


def rows(forecast: Forecast) -> Iterator[ForecastRow]:
    """All amounts, then what each comparison of arms could find, and what a few people say of it."""
    for amount in forecast.amounts:
        bounds = (amount.low, amount.high)
        yield ForecastRow(amount.topic, amount.name, amount.about, None, amount.unit, amount.value, *bounds)
    for comparison in forecast.comparisons:
        yield from _comparison(comparison)
    for found in () if forecast.people is None else forecast.people.comparisons:
        yield from _of_people(found)


def _comparison(comparison: ArmComparison) -> Iterator[ForecastRow]:
    about = f"{comparison.arm} over {comparison.against}"

    def row(name: str, unit: str, estimate: Estimate, groups: int | None) -> ForecastRow:
        return ForecastRow("power", name, about, groups, unit, *estimate.numbers)

    if comparison.difference is not None:
        yield row("difference", "points", comparison.difference, None)
    needed = comparison.needed
    if needed is not None and needed.estimate is not None:
        yield ForecastRow("power", "needed", about, None, "groups", needed.estimate, needed.low, needed.high)
    for answer in comparison.sizes:
        if answer.power is not None:
            yield row("power", "share", answer.power, answer.n_groups)
        yield row("detectable", "points", answer.detectable, answer.n_groups)


def _of_people(found: PeoplePower) -> Iterator[ForecastRow]:
    about = f"{found.arm} over {found.against}"
    estimates = {
        "difference": ("points", found.found.alone),
        "difference_predicted": ("points", found.found.both),
        "r": ("correlation", found.found.r),
    }
    for name, (unit, estimate) in estimates.items():
        if estimate is not None:
            yield ForecastRow("people", name, about, None, unit, *estimate.numbers)
    for name, needed in (("needed", found.alone), ("needed_predicted", found.predicted)):
        if needed is not None and needed.estimate is not None:
            yield ForecastRow("people", name, about, None, "groups", needed.estimate, needed.low, needed.high)
