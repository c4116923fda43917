"""What a study has been found to tell of a population so far: numbers fitted, numbers kept with the reason, and checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from simcons.analysis.resampling import Estimate
from simcons.experiments.calibrate.likelihood import Fit, HeldOut, Model, Values, held_out, maximise
from simcons.scenario.minds import LatentMindSettings
from simcons.scenario.parameters import PARAMETER_KEYS

Untold: TypeAlias = Mapping[str, str]  # keys that answers do not tell, with the reason

MIND_KEYS = ("position_mean", "person_sd")
_SECTION = {key: section for section, keys in PARAMETER_KEYS.items() for key in keys}
_SECTION |= dict.fromkeys(MIND_KEYS, "mind")
_WIDEST = 20.0  # times the lower end of an interval: what may lie so far apart is not told [J]


@dataclass(frozen=True, slots=True)
class Fitted:
    """One number that was fitted. section: of the population's file; or mind, for a setting of the latent mind; or None, for what
    neither holds. before: the number as it was; of: what it was fitted to.
    """

    section: str | None
    key: str
    before: float | None
    estimate: Estimate
    of: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Numbers that stay as they were, and why."""

    keys: tuple[str, ...]
    reason: str


@dataclass
class Found:
    """parameters: of the population, and of the mind, with what was fitted in their place; later models go by them."""

    parameters: dict[str, dict[str, float]]
    mind: LatentMindSettings
    seed: int
    fitted: list[Fitted] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    checks: dict[str, HeldOut] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parameters["mind"] = {key: float(getattr(self.mind, key)) for key in MIND_KEYS}

    @property
    def style(self) -> dict[str, float]:
        return self.parameters["response_style"]

    def _before(self, key: str) -> float:
        return self.parameters[_SECTION[key]][key]

    def keep(self, keys: Sequence[str], reason: str) -> None:
        self.kept.append(Kept(tuple(keys), reason))

    def add(self, estimates: Mapping[str, Estimate], of: str) -> None:
        """Take estimates over; of those that nothing holds there is no number before."""
        for key, estimate in estimates.items():
            section = _SECTION.get(key)
            self.fitted.append(Fitted(section, key, None if section is None else self._before(key), estimate, of))
            if section is not None:
                self.parameters[section][key] = estimate.value

    def fit(self, what: str, model: Model, untold: Untold, of: str, *, besides: Sequence[str] = ()) -> None:
        """Fit a model to ``what`` and check it on groups set aside. Keys that prove not to be told are kept like ``untold`` ones.

        besides: keys that are no part of a population, and worth telling.
        """
        known = {c.name: c.within(self._before(c.name)) for c in model.coordinates if c.name in _SECTION}
        for reason in dict.fromkeys(untold.values()):
            self.keep([key for key in untold if untold[key] == reason], reason)
        fitted, fixed = self._told(what, model, known, {key: known[key] for key in untold})
        if fitted is None:
            return
        if (check := held_out(model, fixed, known, start=fitted.values, seed=self.seed)) is not None:
            self.checks[what] = check
        self.add({key: fitted.estimates[key] for key in (*known, *besides) if key in fitted.estimates}, of)

    def _told(self, what: str, model: Model, known: Values, fixed: Values) -> tuple[Fit | None, Values]:
        """The fit with all those keys fixed that the answers do not tell; None where they tell none."""
        while set(known) - set(fixed):
            fitted = maximise(model, fixed, start=known)
            vague = [key for key in known if key in fitted.estimates and _is_vague(fitted.estimates[key])]
            if not vague:
                return fitted, fixed
            self.keep(vague, f"the {what} do not tell")
            fixed = {**fixed, **{key: known[key] for key in vague}}
        return None, fixed


def _is_vague(estimate: Estimate) -> bool:
    """Without an interval, or with ends so far apart that it says nothing."""
    if estimate.interval is None:
        return True
    low, high = estimate.interval
    return 0 < low < high / _WIDEST
