"""Times on screens as `simcons.study.participant` makes them: words at a pace, and something besides.

seconds = words / pace + rest, both lognormal over occasions: reading and decisions of a rating, typing and thought of an
opinion. A rest of several decisions is a sum of lognormals that share the person's part; it is taken as one lognormal with the
sum's mean and variance (Fenton 1960). A share of times is hasty: of people who do not care, as the simulation has them. Another
is odd, as of people who leave their desk: of any length alike, on the logarithm, between the least and the longest there are.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from simcons.arrays import Bools, Floats, Ints
from simcons.experiments.calibrate.likelihood import LOG, LOG_ODDS, PLAIN, Coordinate, Values
from simcons.population.persona import PERSON_SHARE
from simcons.study.participant import CARELESS_READING, CARELESS_THOUGHT, CARELESS_TYPING

if TYPE_CHECKING:
    import pandas as pd

_STEP = 0.2
_SHARES = 1 / (1 + np.exp(-np.arange(-8.0, 8.0 + _STEP / 2, _STEP)))  # of a time, what is not words
_DENSITY = (2 * np.pi) ** -0.5
_LOOSELY = 0.2  # a log SD
_FULL_LENGTH = 0.3  # opinions of the tired do not fall below it


@dataclass(frozen=True, slots=True)
class Hasty:
    """How those answer who do not care: share of the time that the words take, and seconds of each task besides."""

    of_words: float
    rest: float
    rest_log_sd: float


@dataclass(frozen=True, slots=True)
class Names:
    """The coordinates of one kind of screen, by what they are."""

    pace: str
    pace_log_sd: str
    rest: str
    rest_log_sd: str
    hasty: Hasty
    again: str | None = None
    tiring: str | None = None

    @property
    def keys(self) -> list[str]:
        return [name for part in fields(self) if isinstance(name := getattr(self, part.name), str)]


def opinion_names() -> Names:
    """Of the screen on which an opinion is written. That those who do not care think for three seconds is taken loosely."""
    hasty = Hasty(CARELESS_TYPING, CARELESS_THOUGHT, _LOOSELY)
    return Names("composing_wpm", "composing_log_sd", "thinking_seconds", "thinking_log_sd", hasty)


def rating_names(tempo: Values) -> Names:
    """Of the screen on which a statement is rated. tempo: of a population, for those who do not care."""
    hasty = Hasty(CARELESS_READING, tempo["careless_decision_seconds"], tempo["careless_decision_log_sd"])
    usual = ("reading_wpm", "reading_log_sd", "decision_seconds", "decision_log_sd")
    return Names(*usual, hasty, again="second_reading", tiring="fatigue_time")


@dataclass(frozen=True)
class Seconds:
    """Times of one kind of screen, and their likelihood (a `Model`).

    again: whether the words were read before; n_tasks: decisions; hours: into the session, NaN where unknown; all [times].
    span: of the logarithms of all times.
    """

    names: Names
    seconds: Floats
    words: Floats
    again: Bools
    n_tasks: Floats
    hours: Floats
    group: Ints
    span: float

    @classmethod
    def of(cls, names: Names, rows: pd.DataFrame) -> Self:
        """rows: group, seconds, words, again, n_tasks, hours."""
        columns = {name: rows[name].to_numpy(dtype=np.float64) for name in ("seconds", "words", "n_tasks", "hours")}
        span = float(np.ptp(np.log(columns["seconds"])))
        again = rows["again"].to_numpy(dtype=bool)
        return cls(names, again=again, group=_numbered(rows["group"]), span=span, **columns)

    @cached_property
    def coordinates(self) -> tuple[Coordinate, ...]:
        names = self.names
        paced = [
            Coordinate(names.pace, 60.0, LOG, 1.0, 3000.0),
            Coordinate(names.pace_log_sd, 0.3, LOG, 0.02, 2.0),
            Coordinate(names.rest, 10.0, LOG, 0.05, 600.0),
            Coordinate(names.rest_log_sd, 0.5, LOG, 0.02, 2.5),
            Coordinate("hasty_share", 0.03, LOG_ODDS, 1e-5, 0.5),
            Coordinate("odd_share", 0.03, LOG_ODDS, 1e-5, 0.5),
        ]
        if names.again is not None:
            paced.append(Coordinate(names.again, 0.6, LOG, 0.05, 3.0))
        if names.tiring is not None:
            paced.append(Coordinate(names.tiring, 0.5, PLAIN, -3.0, 5.0))
        return tuple(paced)

    @property
    def n_answers(self) -> Floats:
        return np.ones(len(self.group))

    def among(self, units: Bools) -> Self:
        columns = ("seconds", "words", "again", "n_tasks", "hours")
        return replace(
            self, group=_numbered(self.group[units]), **{name: getattr(self, name)[units] for name in columns}
        )

    def log_likelihood(self, values: Values) -> Floats:
        names, hasty, odd = self.names, values["hasty_share"], values["odd_share"]
        words, log_sd = self._of_words(values), values[names.pace_log_sd]
        rest, rest_log_sd = sum_of_lognormals(self.n_tasks, values[names.rest], values[names.rest_log_sd])
        if names.tiring is not None:
            rest = rest * np.exp(-values[names.tiring] * np.nan_to_num(self.hours))
        usual = density_of_sum(self.seconds, words, log_sd, rest, rest_log_sd)
        quick = sum_of_lognormals(self.n_tasks, names.hasty.rest, names.hasty.rest_log_sd, common=0.0)
        careless = density_of_sum(self.seconds, names.hasty.of_words * words, log_sd, *quick)
        shares = (1 - hasty) * (1 - odd), hasty * (1 - odd), odd
        return np.asarray(np.log(shares[0] * usual + shares[1] * careless + shares[2] / self.span))

    def _of_words(self, values: Values) -> Floats:
        """Median seconds of the words [times]."""
        factor = 1.0 if self.names.again is None else np.where(self.again, values[self.names.again], 1.0)
        return np.asarray(self.words * 60 / values[self.names.pace] * factor)


def density_of_sum(
    seconds: Floats, first: Floats, first_log_sd: float, second: Floats, second_log_sd: Floats
) -> Floats:
    """Density, on the logarithm of ``seconds``, of the sum of two lognormals with these medians and log SDs."""
    logs = np.log(seconds)[:, None]
    of_first = (logs + np.log1p(-_SHARES) - np.log(first)[:, None]) / first_log_sd
    of_second = (logs + np.log(_SHARES) - np.log(second)[:, None]) / second_log_sd[:, None]
    both = np.exp(-0.5 * (of_first**2 + of_second**2)).sum(axis=1)
    return np.asarray(_STEP * _DENSITY**2 * both / (first_log_sd * second_log_sd))


def sum_of_lognormals(
    n: Floats, median: float, log_sd: float, *, common: float = PERSON_SHARE
) -> tuple[Floats, Floats]:
    """Median and log SD of the sum of ``n`` lognormals, of whose log variance the share ``common`` is that of all alike [n]."""
    own = (1 - common) * log_sd**2
    of_sum = np.log1p(np.expm1(own) / n)
    return n * median * np.exp((own - of_sum) / 2), np.sqrt(common * log_sd**2 + of_sum)


@dataclass(frozen=True)
class Lengths:
    """Words of opinions, and their likelihood (a `Model`): lognormal, fewer with time, but for odd ones (see `Seconds`)."""

    words: Floats
    hours: Floats
    group: Ints
    span: float
    fatigue_words: float
    coordinates: tuple[Coordinate, ...] = (
        Coordinate("opinion_words", 40.0, LOG, 1.0, 2000.0),
        Coordinate("opinion_words_log_sd", 0.5, LOG, 0.02, 2.0),
        Coordinate("odd_share", 0.03, LOG_ODDS, 1e-5, 0.5),
    )

    @classmethod
    def of(cls, rows: pd.DataFrame, fatigue_words: float) -> Self:
        """rows: group, words, hours."""
        words, hours = (rows[name].to_numpy(dtype=np.float64) for name in ("words", "hours"))
        return cls(words, hours, _numbered(rows["group"]), float(np.ptp(np.log(words))), fatigue_words)

    @property
    def n_answers(self) -> Floats:
        return np.ones(len(self.group))

    def among(self, units: Bools) -> Self:
        group = _numbered(self.group[units])
        return replace(self, words=self.words[units], hours=self.hours[units], group=group)

    def log_likelihood(self, values: Values) -> Floats:
        tired = np.maximum(_FULL_LENGTH, 1 - self.fatigue_words * np.nan_to_num(self.hours))
        log_sd = values["opinion_words_log_sd"]
        apart = (np.log(self.words) - np.log(values["opinion_words"] * tired)) / log_sd
        usual, odd = _DENSITY / log_sd * np.exp(-(apart**2) / 2), values["odd_share"]
        return np.asarray(np.log((1 - odd) * usual + odd / self.span))


def _numbered(groups: npt.ArrayLike) -> Ints:
    """Groups by number, from 0."""
    return np.asarray(np.unique(np.asarray(groups), return_inverse=True)[1])
