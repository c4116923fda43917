"""Arms over the scenario's first by cumulative-logit models, which take answers as ordered and no more (see `mixed_model`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from simcons.analysis.mixed_model import OrdinalFit, mixed_ordinal_logit, ordinal_logit
from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate
from simcons.analysis.results import Result, Row, adjusted
from simcons.storage.query import column

if TYPE_CHECKING:
    import pandas as pd

_COUNTS = """
    SELECT {scale} AS rating, arm, session_id AS "group", count(*) AS n FROM whole WHERE pass_index = 1 GROUP BY ALL ORDER BY ALL
"""
_FIRST_RATINGS = """
    SELECT {scale} AS rating, arm, participant_id AS person, session_id AS "group", question_id AS question,
           round_id AS round, candidate_id AS statement
    FROM whole JOIN rounds USING (session_id, round_id) WHERE pass_index = 1 ORDER BY ALL
"""


def arm_odds(rated: Rated) -> Result:
    """Log odds of a higher rating than the first arm's: fixed effects, errors clustered by group."""
    about = "log odds of a higher rating than the first arm's statements get"
    return _result("arm_odds", about, rated, _COUNTS, ordinal_logit)


def arm_odds_mixed(rated: Rated) -> Result:
    """The same for given people and statements, and how far people, groups, questions, rounds and statements vary, as variances
    of log odds. Raises MissingPackage.
    """
    about = (
        "log odds of a higher rating than the first arm's, with random intercepts and their variances; no random slopes: people"
        " and questions are taken to differ in level, and not in what they make of an arm"
    )
    return _result("arm_odds_mixed", about, rated, _FIRST_RATINGS, mixed_ordinal_logit)


def _result(name: str, about: str, rated: Rated, query: str, fit: Callable[..., OrdinalFit]) -> Result:
    rows: list[Row] = []
    reasons: list[str] = []
    for scale in rated.scales:
        ratings = rated.frame(query.format(scale=column(rated.known(scale))))
        fitted = fit(ratings, against=_first_arm(rated, ratings))
        rows += _rows(scale, fitted)
        reasons += [fitted.reason] if fitted.reason else []
    return Result(
        name,
        about,
        "ratings",
        tuple(adjusted(rows, family=("scale", "measure"))),
        "" if rows else next(iter(reasons), "no statement was rated"),
        "all arms against the first, by one scale",
    )


def _first_arm(rated: Rated, ratings: pd.DataFrame) -> str | None:
    """The first in the scenario's order that has ratings."""
    there = set(ratings.dropna(subset=["rating"])["arm"])
    return next((arm for arm in rated.arms if arm in there), None)


def _rows(scale: str, fit: OrdinalFit) -> Iterator[Row]:
    for effect in fit.effects:
        keys = {"scale": scale, "arm": effect.arm, "against": effect.against}
        estimate = Estimate(effect.value, effect.interval, effect.error, fit.n_groups)
        yield Row(keys, "log_odds", estimate, fit.n, fit.n_excluded, p_value=effect.p_value)
    for factor, variance in fit.variances.items():
        yield Row(
            {"scale": scale}, f"variance_{factor}", Estimate(variance, None, None, fit.n_groups), fit.n, fit.n_excluded
        )
