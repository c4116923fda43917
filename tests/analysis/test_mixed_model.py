"""Models of ratings over arms: against R's ordinal, against effects that were planted, and where there is no estimate."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

from simcons.analysis.mixed_model import FACTORS, OrdinalFit, mixed_ordinal_logit, ordinal_logit
from simcons.errors import InputError

FIXTURES = Path(__file__).parent / "fixtures"
BY_R = json.loads((FIXTURES / "clmm.json").read_text())
THRESHOLDS = (-2.5, -1.5, -0.7, 0.0, 0.8, 1.8)


@pytest.fixture(scope="module")
def rated() -> pd.DataFrame:
    """The first ratings of 12 simulated groups, by 60 people, of 202 statements of three arms."""
    ratings = pd.read_csv(FIXTURES / "clmm.csv")
    return ratings.assign(round=ratings.groupby(["group", "question"]).ngroup())


def study(seed: int, *, effect: float, groups: int = 8, sd: float = 1.0) -> pd.DataFrame:
    """Ratings by groups of 4 that see one statement of each arm, a and b, in 3 rounds; b's are better by ``effect``.

    sd: of the effects of people and of statements; those of groups and questions have half of it.
    """
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product([range(groups), range(3), range(4), ["a", "b"]]).to_frame(index=False)
    rows.columns = pd.Index(["group", "round", "seat", "arm"])
    rows["person"] = rows["group"] * 4 + rows["seat"]
    rows["question"] = (rows["group"] + rows["round"]) % 5
    rows["round"] += 3 * rows["group"]
    rows["statement"] = 2 * rows["round"] + (rows["arm"] == "b")
    spread = {"person": sd, "statement": sd, "group": sd / 2, "question": sd / 2}
    latent = effect * (rows["arm"] == "b") + rng.logistic(size=len(rows))
    for factor, deviation in spread.items():
        latent += rng.normal(0, deviation, rows[factor].max() + 1)[rows[factor]] if deviation else 0.0
    rows["rating"] = np.searchsorted(THRESHOLDS, latent) + 1
    return rows


# --- against R -----------------------------------------------------------------------------------------------------


def test_fixed_effects_are_those_of_r(rated: pd.DataFrame) -> None:
    fit = ordinal_logit(rated, against="zero-shot")
    assert {effect.arm: effect.value for effect in fit.effects} == pytest.approx(BY_R["fixed"]["effects"], abs=1e-3)
    assert fit.thresholds == pytest.approx(BY_R["fixed"]["thresholds"], abs=1e-3)
    assert fit.log_likelihood == pytest.approx(BY_R["fixed"]["log_likelihood"], abs=1e-3)


def test_ratings_that_are_counted_before_fit_as_each_does_by_itself(rated: pd.DataFrame) -> None:
    counts = (
        rated.groupby(["rating", "arm", "group"], as_index=False, dropna=False).size().rename(columns={"size": "n"})
    )
    fit, by_row = ordinal_logit(counts), ordinal_logit(rated)
    assert (fit.n, fit.n_groups, fit.n_excluded) == (by_row.n, by_row.n_groups, by_row.n_excluded)
    assert fit.log_likelihood == pytest.approx(by_row.log_likelihood)
    for counted, single in zip(fit.effects, by_row.effects, strict=True):
        assert (counted.value, counted.error) == pytest.approx((single.value, single.error))


@pytest.mark.parametrize("model", ["people", pytest.param("statements", marks=pytest.mark.slow)])
def test_mixed_effects_are_those_of_r(rated: pd.DataFrame, model: str) -> None:
    """Effects within a tenth of a standard error, for the fit takes them where arms and people are likeliest together."""
    expected = BY_R[model]
    fit = mixed_ordinal_logit(rated, against="zero-shot", factors=list(expected["variances"]))
    assert {effect.arm for effect in fit.effects} == set(expected["effects"])
    for effect in fit.effects:
        error = expected["errors"][effect.arm]
        assert effect.error == pytest.approx(error, rel=0.01)
        assert abs(effect.value - expected["effects"][effect.arm]) < error / 10
    assert fit.variances == pytest.approx(expected["variances"], rel=0.01)
    assert fit.thresholds == pytest.approx(expected["thresholds"], abs=1e-2)


# --- against itself and what was planted ---------------------------------------------------------------------------


def test_an_effect_is_the_same_from_the_other_side() -> None:
    rows = study(1, effect=1.0)
    [there], [back] = ordinal_logit(rows, against="a").effects, ordinal_logit(rows, against="b").effects
    assert (there.arm, there.against, back.arm, back.against) == ("b", "a", "a", "b")
    assert back.value == pytest.approx(-there.value, abs=1e-4)
    assert back.error == pytest.approx(there.error, rel=1e-3)
    assert there.odds_ratio * back.odds_ratio == pytest.approx(1, abs=1e-3)


def test_of_two_ratings_the_effect_is_the_log_odds_ratio() -> None:
    """Of 40 ratings of each arm 10 and 30 are high: ln 3 less ln 1/3."""
    rows = pd.DataFrame({"group": [0, 1, 2, 3] * 20, "arm": ["a"] * 40 + ["b"] * 40})
    rows["rating"] = [7] * 10 + [2] * 30 + [7] * 30 + [2] * 10
    fit = ordinal_logit(rows)
    assert fit.effects[0].value == pytest.approx(np.log(9), abs=1e-4)
    assert list(fit.thresholds) == ["2|7"]


def test_planted_effects_are_recovered() -> None:
    """Within three standard errors: by chance not in 3 of 1,000 studies."""
    rows = study(2, effect=1.5, groups=24)
    [effect] = mixed_ordinal_logit(rows, factors=["person", "statement"]).effects
    assert abs(effect.value - 1.5) < 3 * effect.error
    assert effect.interval[0] == pytest.approx(effect.value - t.ppf(0.975, 23) * effect.error)
    assert effect.interval[0] > 0
    assert effect.p_value < 0.05


@pytest.mark.slow
def test_fixed_effects_err_as_often_as_they_say() -> None:
    """Of 300 studies without an effect 15 should seem to have one; 4 to 29 with 99.9% if so."""
    significant = [ordinal_logit(study(seed, effect=0.0)).effects[0].p_value < 0.05 for seed in range(300)]
    assert 4 <= sum(significant) <= 29


@pytest.mark.slow
def test_mixed_effects_err_as_often_as_they_say_with_statements_alone() -> None:
    """Of 12 studies without an effect .6 should seem to have one, and no more than 3 with 99.8% if so.

    So few studies see gross errors alone: a model that errs in half of them is caught with 93%. More is seen beside the model
    without effects of statements: its estimates lie further from 0 in standard errors.
    """
    fits = [
        [mixed_ordinal_logit(rows, factors=factors).effects[0] for factors in (["person", "statement"], ["person"])]
        for rows in (study(seed, effect=0.0, groups=6, sd=1.5) for seed in range(12))
    ]
    assert sum(with_statements.p_value < 0.05 for with_statements, _ in fits) <= 3
    squares = np.array([[(effect.value / effect.error) ** 2 for effect in pair] for pair in fits]).mean(0)
    assert squares[1] > 1.3 * squares[0]


# --- no estimate, and why ------------------------------------------------------------------------------------------

SMALL = study(3, effect=0.5)
WITHOUT = {
    "the ratings are of one arm": SMALL[SMALL["arm"] == "a"],
    "the ratings are of one group": SMALL[SMALL["group"] == 0],
    "all ratings are 4": SMALL.assign(rating=4),
    "arm 'b' was always rated 7": SMALL.assign(rating=SMALL["rating"].where(SMALL["arm"] == "a", 7)),
    "no rating of arm 'b' is below any of arm 'a'": SMALL.assign(
        rating=SMALL["rating"].mod(3).add(1).where(SMALL["arm"] == "a", SMALL["rating"].mod(3).add(3))
    ),
    "the ratings are of no arm": SMALL.iloc[:0],
}


@pytest.mark.parametrize("reason", list(WITHOUT))
@pytest.mark.parametrize("fit", [ordinal_logit, mixed_ordinal_logit])
def test_without_an_estimate_there_is_a_reason(fit: object, reason: str) -> None:
    result = fit(WITHOUT[reason])  # type: ignore[operator]
    assert isinstance(result, OrdinalFit)
    assert result.reason is not None
    assert result.reason.startswith(reason)
    assert (result.effects, result.n) == ((), len(WITHOUT[reason]))


def test_missing_ratings_are_excluded_and_counted() -> None:
    rows = SMALL.assign(rating=SMALL["rating"].astype(float))
    rows.loc[:4, "rating"] = np.nan
    fit, left = ordinal_logit(rows), ordinal_logit(SMALL.iloc[5:])
    assert (fit.n, fit.n_excluded, left.n_excluded) == (len(SMALL) - 5, 5, 0)
    assert fit.effects == left.effects


def test_a_factor_with_one_level_is_left_out() -> None:
    fit = mixed_ordinal_logit(SMALL.assign(question=1), factors=["person", "question"])
    assert list(fit.variances) == ["person"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (SMALL.drop(columns="group"), r"ratings: no column 'group'; expected rating, arm, group"),
        (SMALL.assign(rating=SMALL["rating"] + 0.5), r"rating \d\.5: expected a whole number"),
        (SMALL.assign(rating="good"), r"rating 'good': expected a whole number"),
    ],
)
def test_tables_of_another_form_are_refused(rows: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ordinal_logit(rows)


def test_an_unknown_arm_is_refused() -> None:
    with pytest.raises(InputError, match="arm 'c': has no ratings; expected one of a, b"):
        ordinal_logit(SMALL, against="c")


def test_rows_of_a_table_hold_all_of_an_effect() -> None:
    fit = ordinal_logit(SMALL)
    [row] = fit.rows()
    assert (row["arm"], row["against"], row["n"]) == ("b", "a", len(SMALL))
    assert row["low"] < row["log_odds"] < row["high"]


def test_all_factors_are_taken_that_ratings_have() -> None:
    rows = SMALL.drop(columns=["statement", "question"])
    assert set(mixed_ordinal_logit(rows).variances) == set(FACTORS) - {"statement", "question"}
