"""A population fitted to a study, in tables and words, and as a population file."""

from __future__ import annotations

from collections.abc import Iterator

from simcons.analysis.resampling import Estimate
from simcons.counted import listed
from simcons.experiments.calibrate.found import Fitted
from simcons.experiments.calibrate.run import Calibration
from simcons.report.intervals import NO_ESTIMATE
from simcons.report.tables import Table
from simcons.scenario.parameters import PARAMETER_KEYS, Parameter
from simcons.scenario.population_text import with_parameters


def calibration_tables(calibration: Calibration) -> Iterator[Table]:
    """What was fitted beside what it was, and the checks."""
    yield Table(
        "Fitted",
        ("", "fitted", "as it was"),
        [(fitted.key, _estimate(fitted.estimate), _before(fitted)) for fitted in calibration.fitted],
        "95% intervals over groups, of shares and hazards over people.",
    )
    if calibration.checks:
        yield Table(
            "On groups set aside: log-likelihood an answer, above that with the numbers as they were",
            ("", "gain", "answers"),
            [(what, _estimate(check.gain), f"{check.n_answers:,}") for what, check in calibration.checks.items()],
            "Above 0: these people are described better. Whatever is no part of a population was fitted in both.",
        )


def calibration_sentences(calibration: Calibration) -> Iterator[str]:
    """What stays as it was and why, checks that were not passed, and settings that no population holds."""
    for kept in calibration.kept:
        yield f"As it was: {listed(kept.keys)} ({kept.reason})."
    for what, check in calibration.checks.items():
        if check.gain.interval is None or check.gain.interval[0] <= 0:
            yield f"Not shown on groups set aside: that the fitted numbers describe the {what} better."
    yield from _outside(calibration)


def population_text(calibration: Calibration, text: str, *, name: str) -> str:
    """The population file ``text`` with what was fitted, each number with its interval and what it was fitted to."""
    changes = {
        (fitted.section, fitted.key): Parameter(
            value=fitted.estimate.value, basis="F", source=_source(fitted, calibration)
        )
        for fitted in calibration.fitted
        if fitted.section in PARAMETER_KEYS
    }
    description = (
        f"{calibration.population} with what simcons calibrate fitted to {calibration.name} ({calibration.source}): the"
        " numbers of basis F. All others, and the margins, are those of that population."
    )
    settings = [f"# {line}\n" for line in _outside(calibration)]
    return "".join(settings) + with_parameters(text, changes, name=name, description=description)


def _source(fitted: Fitted, calibration: Calibration) -> str:
    before = "" if fitted.before is None else f" It was {_before(fitted)}."
    return f"{_estimate(fitted.estimate)} (95%), from {fitted.of}: {calibration.name}.{before}"


def _outside(calibration: Calibration) -> Iterator[str]:
    """What a scenario or a bank has to hold."""
    mind = [
        f"{fitted.key}: {_number(fitted.estimate.value)}" for fitted in calibration.fitted if fitted.section == "mind"
    ]
    if mind:
        yield f"In a scenario: participants: {{mind: {{{', '.join(mind)}}}}}"
    for fitted in calibration.fitted:
        if fitted.section is None:
            yield f"In a bank: pulls with an SD of {_estimate(fitted.estimate)} points, as far as questions lie apart."


def _estimate(estimate: Estimate) -> str:
    ends = "" if estimate.interval is None else f" [{', '.join(map(_number, estimate.interval))}]"
    return f"{_number(estimate.value)}{ends}"


def _number(value: float) -> str:
    """Three digits that count; all digits before the point."""
    return f"{value:#.{4 if abs(value) >= 1000 else 3}g}".rstrip(".")


def _before(fitted: Fitted) -> str:
    return NO_ESTIMATE if fitted.before is None else f"{fitted.before:g}"
