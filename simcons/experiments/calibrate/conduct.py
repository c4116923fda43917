"""Who comes and who stays: shares of people, and hazards of leaving a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simcons.analysis.resampling import Estimate, trials

if TYPE_CHECKING:
    import pandas as pd

_HOUR = 3600.0
_LEAST_EVENTS = 5  # in either state, for a factor between them to be told
_WAITING = ("wait_slate", "wait_round")
# Of those who came as far as that, who went no further: outcome, and the outcomes of those who never came so far.
_STEPS = {
    "no_show": ("no_show", ()),
    "screen_out": ("screened_out", ("no_show",)),
    "decline_consent": ("declined", ("no_show", "screened_out")),
}


@dataclass(frozen=True, slots=True)
class Leaving:
    """Hours in sessions and people who left, by state."""

    hours: float
    hours_waiting: float
    left: int
    left_waiting: int


def shares(participants: pd.DataFrame) -> dict[str, Estimate]:
    """By behaviour parameter, the share of people, with Wilson's interval."""
    outcomes = participants["outcome"]
    found = {}
    for key, (outcome, earlier) in _STEPS.items():
        came = outcomes[~outcomes.isin(earlier)]
        if (share := trials(int((came == outcome).sum()), len(came))) is not None:
            found[key] = share
    return found


def leaving(screens: pd.DataFrame, participants: pd.DataFrame) -> Leaving:
    """Of members of groups: those who left, left on the last screen that they saw."""
    of_members = screens.dropna(subset=["session_id"]).sort_values("left_at", kind="stable")
    hours = (of_members["left_at"] - of_members["entered_at"]) / _HOUR
    waiting = of_members["screen"].isin(_WAITING)
    gone = participants.loc[participants["outcome"] == "dropped_out", "participant_id"]
    last = of_members.drop_duplicates("participant_id", keep="last")
    left = last[last["participant_id"].isin(gone)]["screen"].isin(_WAITING)
    return Leaving(float(hours[~waiting].sum()), float(hours[waiting].sum()), int((~left).sum()), int(left.sum()))


def hazards(of: Leaving, waiting_factor: float) -> dict[str, Estimate]:
    """The hazard an hour of leaving, and the factor on it while waiting; only the hazard, given the factor, where few left.

    Numbers who leave are Poisson in hours: intervals are exact (Garwood 1936), and the factor's is by the score of its logarithm.
    """
    from statsmodels.stats.rates import confint_poisson, confint_poisson_2indep

    if min(of.left, of.left_waiting) < _LEAST_EVENTS:
        n, hours = of.left + of.left_waiting, of.hours + waiting_factor * of.hours_waiting
        return {} if not n else {"dropout_per_hour": _poisson(n, hours, confint_poisson(n, hours, method="exact-c"))}
    n, hours = of.left, of.hours
    rate = _poisson(n, hours, confint_poisson(n, hours, method="exact-c"))
    low, high = confint_poisson_2indep(of.left_waiting, of.hours_waiting, n, hours, method="score-log", compare="ratio")
    factor = (of.left_waiting / of.hours_waiting) / rate.value
    both = of.left + of.left_waiting
    return {"dropout_per_hour": rate, "dropout_waiting_factor": Estimate(factor, (float(low), float(high)), None, both)}


def _poisson(n: int, hours: float, interval: tuple[float, float]) -> Estimate:
    low, high = (float(np.asarray(end)) for end in interval)
    return Estimate(n / hours, (low, high), None, n)
