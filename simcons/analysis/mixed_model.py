"""Ratings over arms by a cumulative-logit (proportional odds) model, after McCullagh (1980):

    logit P(rating <= k) = threshold_k - effect_arm - random effects

An effect is the difference in log odds of a higher rating from the arm that all are held against. Two ways to fit it:

* `ordinal_logit`: no random effects; errors by the sandwich over groups (Liang & Zeger 1986). Its effects are those on the whole
  population: the more people differ, the smaller they are;
* `mixed_ordinal_logit`: crossed random intercepts of person, group, question, round and statement (Christensen 2019, R's
  ``ordinal::clmm``), by Laplace's approximation. Its effects are those on a person with given tastes; they are up to 3% nearer 0
  than R's, less than a tenth of a standard error.

Intervals and tests of either are Student's t on groups - 1 degrees of freedom. Those of mixed models are normal in R, and hold
less than they say where groups are few, as errors then come out smaller than estimates vary.

An arm shows each group another statement. Without the effect of the statement a lucky statement of an arm counts as an effect of
the arm as often as it was rated; so where ratings know their statement it has an effect of its own (Clark 1973). And all arms
speak to the same opinions in a round: without the effect of the round what its statements share counts as difference between
them, and intervals are too wide.

There are no random slopes of arms by person, group or question, which a maximal model has (Barr et al. 2013): people are taken
to differ in how high they rate, and not in which arm they like. Where they differ in that too, intervals are too narrow.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from simcons.arrays import Floats, Ints
from simcons.errors import InputError, MissingPackage

if TYPE_CHECKING:
    import pandas as pd

FACTORS = ("person", "group", "question", "round", "statement")
_MOST = 25.0  # no effect on the scale of log odds is larger: odds of e^25 are certainty

Model: TypeAlias = Literal["fixed", "mixed"]
_NONE: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ArmEffect:
    """Log odds of a higher rating for the statements of an arm than of another, with the 95% interval."""

    arm: str
    against: str
    value: float
    error: float
    interval: tuple[float, float]
    p_value: float

    @property
    def odds_ratio(self) -> float:
        return exp(self.value)


@dataclass(frozen=True, slots=True)
class OrdinalFit:
    """A fitted model. Where it has no estimate, ``reason`` says why, and there are no effects.

    thresholds: by the ratings that they divide, such as ``3|4``. variances: of random effects, in squared log odds, by factor;
    that of the rest is pi^2 / 3 in every such model. n_excluded: rows with neither a rating nor an arm to fit.
    """

    model: Model
    against: str
    n: int
    n_groups: int
    n_excluded: int
    effects: tuple[ArmEffect, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=lambda: _NONE)
    variances: Mapping[str, float] = field(default_factory=lambda: _NONE)
    log_likelihood: float | None = None
    reason: str | None = None

    def rows(self) -> list[dict[str, Any]]:
        """The effects, flat, as rows of a table."""
        fitted = {"model": self.model, "n": self.n, "n_groups": self.n_groups, "n_excluded": self.n_excluded}
        return [
            {
                **{"arm": effect.arm, "against": effect.against, "log_odds": effect.value, "error": effect.error},
                **{"low": effect.interval[0], "high": effect.interval[1], "odds_ratio": effect.odds_ratio},
                **{"p_value": effect.p_value, **fitted},
            }
            for effect in self.effects
        ]


def ordinal_logit(ratings: pd.DataFrame, *, against: str | None = None) -> OrdinalFit:
    """Fixed effects of arms, with errors that allow for likeness within groups. Seconds for thousands of ratings.

    ratings: a row for each, with rating (whole numbers), arm and group; rows with one of them missing are excluded and counted.
    With a column ``n`` a row stands for that many ratings alike, so that millions take no more room than groups do. against: the
    arm that others are held against, by default the first by name. Raises InputError for a table of another form.
    """
    design = _design(ratings, ("group",), against)
    if (reason := _no_estimate(design)) is not None:
        return design.fit("fixed", reason=reason)
    return _fit_fixed(design)


def mixed_ordinal_logit(
    ratings: pd.DataFrame, *, against: str | None = None, factors: Sequence[str] | None = None
) -> OrdinalFit:
    """Effects of arms beside crossed random intercepts. Takes ten seconds of CPU time or so for a thousand ratings.

    ratings: as for `ordinal_logit`, with a column for each of factors, by default those of person, group, question, round and
    statement that it has. A factor with one level has no variance to estimate and is left out. Raises InputError for a table
    of another form, and MissingPackage without interlace-lme.
    """
    if importlib.util.find_spec("interlace") is None:
        raise MissingPackage("interlace-lme", "pip install 'simcons[mixed]'")
    chosen = tuple(name for name in FACTORS if name in ratings.columns) if factors is None else tuple(factors)
    design = _design(ratings, tuple(dict.fromkeys((*chosen, "group"))), against)
    varying = tuple(name for name in chosen if design.levels[name].max(initial=0) > 0)
    reason = _no_estimate(design) or (None if varying else "no random factor has two levels")
    if reason is not None:
        return design.fit("mixed", reason=reason)
    return _fit_mixed(design, varying)


# --- what is fitted ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Design:
    """Ratings as numbers. codes: of the rating among those given, from 0. arms: of the arm, from 0, which is `against`.

    levels: by factor, the number of each row's, from 0. counts: how many ratings each row stands for.
    """

    against: str
    names: tuple[str, ...]  # of arms, by number
    given: tuple[int, ...]  # the ratings that were given, in order
    codes: Ints
    arms: Ints
    levels: Mapping[str, Ints]
    counts: Ints
    n_excluded: int

    @property
    def n_groups(self) -> int:
        return int(self.levels["group"].max(initial=-1)) + 1

    def fit(self, model: Model, **result: Any) -> OrdinalFit:
        return OrdinalFit(model, self.against, int(self.counts.sum()), self.n_groups, self.n_excluded, **result)

    def between(self, thresholds: Sequence[float]) -> dict[str, float]:
        pairs = zip(pairwise(self.given), thresholds, strict=True)
        return {f"{low}|{high}": float(threshold) for (low, high), threshold in pairs}

    def effects(self, values: Floats, errors: Floats) -> tuple[ArmEffect, ...]:
        """Those of all arms but the first, with intervals of Student's t."""
        from scipy.special import stdtr, stdtrit

        freedom = self.n_groups - 1
        half = float(stdtrit(freedom, 0.975)) * errors
        p_values = 2 * stdtr(freedom, -np.abs(values) / errors)
        columns = (column.tolist() for column in (values, errors, values - half, values + half, p_values))
        return tuple(
            ArmEffect(name, self.against, value, error, (low, high), p_value)
            for name, value, error, low, high, p_value in zip(self.names[1:], *columns, strict=True)
        )


def _design(ratings: pd.DataFrame, factors: Sequence[str], against: str | None) -> _Design:
    import pandas as pd

    columns = ["rating", "arm", *factors]
    if missing := [name for name in columns if name not in ratings.columns]:
        raise InputError(f"ratings: no column {missing[0]!r}; expected {', '.join(columns)}")
    counts = ratings["n"] if "n" in ratings.columns else pd.Series(1, index=ratings.index)
    rows = ratings[columns].dropna()
    names = sorted(map(str, rows["arm"].unique()))
    first = against if against is not None else (names[0] if names else "")
    if against is not None and against not in names:
        raise InputError(f"arm {against!r}: has no ratings; expected one of {', '.join(names) or '(none)'}")
    order = (first, *(name for name in names if name != first)) if names else ()
    codes, given = pd.factorize(_whole(rows["rating"]), sort=True)
    return _Design(
        against=first,
        names=order,
        given=tuple(int(value) for value in given),
        codes=codes,
        arms=pd.Index(order).get_indexer(rows["arm"].astype(str)),
        levels={name: pd.factorize(rows[name])[0] for name in factors},
        counts=counts[rows.index].to_numpy(dtype=np.int64),
        n_excluded=int(counts.sum() - counts[rows.index].sum()),
    )


def _whole(values: pd.Series[Any]) -> pd.Series[int]:
    """Raises InputError for ratings that are no whole numbers."""
    import pandas as pd

    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    wrong = ~np.isfinite(numbers) | (numbers != numbers.round())
    if wrong.any():
        raise InputError(f"rating {values[wrong].tolist()[0]!r}: expected a whole number, as of a scale from 1 to 7")
    return numbers.astype(int)


def _no_estimate(design: _Design) -> str | None:
    """Why there is none, if so, in words."""
    if len(design.names) < 2:
        return f"the ratings are of {'one arm' if design.names else 'no arm'}; a comparison takes two"
    if design.n_groups < 2:
        return "the ratings are of one group, which says nothing about others"
    if len(design.given) < 2:
        return f"all ratings are {design.given[0]}"
    return _separation(design)


def _separation(design: _Design) -> str | None:
    """Where arms alone divide the ratings the likelihood has no largest value: some difference is without bound.

    An arm ties the thresholds between its lowest and its highest rating to its effect. There is a largest value if all arms
    have two ratings at least, and the thresholds that they tie hang together.
    """
    spans = []
    for number, name in enumerate(design.names):
        codes = design.codes[design.arms == number]
        low, high = int(codes.min()), int(codes.max())
        if low == high:
            return f"arm {name!r} was always rated {design.given[low]}, so its effect has no bound"
        spans.append((low, high, name))
    spans.sort()
    reach = spans[0][1]
    for low, high, name in spans[1:]:
        if low >= reach:
            return f"no rating of arm {name!r} is below any of arm {spans[0][2]!r}, so their difference has no bound"
        reach = max(reach, high)
    return None


# --- the two fits --------------------------------------------------------------------------------------------------


def _fit_fixed(design: _Design) -> OrdinalFit:
    cells, cell = np.unique(np.stack([design.codes, design.arms]), axis=1, return_inverse=True)
    counts = np.zeros((design.n_groups, cells.shape[1]))
    np.add.at(counts, (design.levels["group"], cell.ravel()), design.counts)
    total = counts.sum()
    model = _ordered_model(cells, counts.sum(axis=0) * cells.shape[1] / total, len(design.names))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of is that it did not converge, which is asked below
        fitted = model.fit(method="bfgs", maxiter=500, disp=False)
    n_arms = len(design.names) - 1
    values, errors = fitted.params[:n_arms], _clustered_errors(model, fitted.params, counts)[:n_arms]
    if (reason := _unusable(values, errors, converged=fitted.mle_retvals["converged"])) is not None:
        return design.fit("fixed", reason=reason)
    return design.fit(
        "fixed",
        effects=design.effects(values, errors),
        thresholds=design.between(model.transform_threshold_params(fitted.params)[1:-1]),
        log_likelihood=float(fitted.llf) * total / cells.shape[1],
    )


def _ordered_model(cells: Ints, weights: Floats, n_arms: int) -> Any:
    """statsmodels' model, a row for each pair of rating and arm that occurs: ``cells`` [2, pairs]; ``weights`` are of mean 1."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    class WeightedModel(OrderedModel):  # type: ignore[misc]  # which itself takes no weights
        def loglike(self, params: Floats) -> float:
            return float(weights @ self.loglikeobs(params))

        @property
        def start_params(self) -> Floats:
            shares = np.bincount(self.endog, weights=weights) / weights.sum()
            thresholds = self.distr.ppf(np.clip(shares.cumsum(), 0, 1))
            return np.concatenate([np.zeros(self.k_vars), self.transform_reverse_threshold_params(thresholds)])

    return WeightedModel(cells[0], _dummies(cells[1], n_arms), distr="logit")


def _dummies(arms: Ints, n_arms: int) -> Floats:
    """[rows, arms - 1]"""
    return np.asarray(arms[:, None] == np.arange(1, n_arms), dtype=np.float64)


def _clustered_errors(model: Any, params: Floats, counts: Floats) -> Floats:
    """The sandwich over groups, times G / (G - 1): [parameters]. NaN where the information cannot be inverted.

    counts: ratings of each group by cell of the model, [groups, cells].
    """
    n_groups, n_cells = counts.shape
    by_group = counts @ np.asarray(model.score_obs(params))
    try:
        bread = np.linalg.inv(-np.asarray(model.hessian(params)) * counts.sum() / n_cells)
    except np.linalg.LinAlgError:
        return np.full(len(params), np.nan)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(np.diag(bread @ by_group.T @ by_group @ bread) * n_groups / (n_groups - 1)))


def _fit_mixed(design: _Design, factors: Sequence[str]) -> OrdinalFit:
    import pandas as pd
    from interlace import clmm

    arms = [f"arm_{number}" for number in range(1, len(design.names))]  # as a formula takes no name of the user's
    table = pd.DataFrame({"rating": design.codes, **{name: design.levels[name] for name in factors}})
    table[arms] = _dummies(design.arms, len(design.names))
    fitted = clmm(f"rating ~ {' + '.join(arms)}", data=table, groups=list(factors))
    values, errors = fitted.fe_params[arms].to_numpy(), fitted.fe_bse[arms].to_numpy()
    if (reason := _unusable(values, errors, converged=fitted.converged)) is not None:
        return design.fit("mixed", reason=reason)
    return design.fit(
        "mixed",
        effects=design.effects(values, errors),
        thresholds=design.between(list(fitted.thresholds.values())),
        variances={name: float(fitted.variance_components[name]) for name in factors},
        log_likelihood=float(fitted.llf),
    )


def _unusable(values: Floats, errors: Floats, *, converged: bool) -> str | None:
    if not converged:
        return "the fit did not converge"
    usable = np.isfinite(values) & (np.abs(values) < _MOST) & np.isfinite(errors) & (errors > 0)
    return None if usable.all() else "the fit gave no errors that can be used"
