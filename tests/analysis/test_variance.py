"""Shares of variance, against planted components, restricted maximum likelihood, and a worked example."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from simcons.analysis.variance import SHARES, estimate, moments, share


def group_of(y: np.ndarray, again: np.ndarray | None = None) -> list[float]:
    """A group's row of what `moments` takes, from its table [people, statements]. again: second ratings, y being the first."""
    pairs = (0, 0.0) if again is None else (y.size, ((y - again) ** 2).sum())
    y = y if again is None else (y + again) / 2
    people, items, grand = y.mean(axis=1, keepdims=True), y.mean(axis=0, keepdims=True), y.mean()
    p, i = y.shape
    squares = (
        ((people - grand) ** 2).sum() * i,
        ((items - grand) ** 2).sum() * p,
        ((y - people - items + grand) ** 2).sum(),
    )
    return [p, i, grand, *squares, *pairs]


def planted(rng, n_groups, p, i, sd, *, passes=2):
    """Tables of ratings with components of these standard deviations: group, person, statement, rest, noise."""
    for _ in range(n_groups):
        level = (
            rng.normal(0, sd[0])
            + rng.normal(0, sd[1], (p, 1))
            + rng.normal(0, sd[2], (1, i))
            + rng.normal(0, sd[3], (p, i))
        )
        yield [level + rng.normal(0, sd[4], (p, i)) for _ in range(passes)]


def test_planted_components_are_recovered():
    """3,000 groups: each share within .02, four of its standard errors or more."""
    sd = np.array([0.5, 0.8, 0.7, 0.6, 0.4])
    groups = [group_of(*tables) for tables in planted(np.random.default_rng(5), 3000, 5, 8, sd)]
    sums = moments(np.array(groups)).sum(axis=0)
    variances = sd**2
    expected = [*variances[:3], variances[3] + variances[4], variances[4]] / variances.sum()
    assert [float(share(name, sums)) for name in SHARES] == pytest.approx(expected, abs=0.02)


def test_one_pass_has_the_same_shares_and_no_noise():
    sd = np.array([0.5, 0.8, 0.7, 0.6, 0.4])
    groups = [group_of(tables[0]) for tables in planted(np.random.default_rng(6), 3000, 5, 8, sd, passes=1)]
    sums = moments(np.array(groups)).sum(axis=0)
    assert np.isnan(share("noise", sums))
    assert float(share("person", sums)) == pytest.approx(0.64 / (sd**2).sum(), abs=0.02)


def test_with_equal_numbers_they_are_those_of_restricted_maximum_likelihood():
    tables = [one[0] for one in planted(np.random.default_rng(8), 12, 4, 5, [0.6, 0.9, 0.8, 0.5, 0.3], passes=1)]
    rows = [
        {"y": y, "g": g, "person": f"{g}.{p}", "item": f"{g}.{i}"}
        for g, table in enumerate(tables)
        for (p, i), y in np.ndenumerate(table)
    ]
    frame = pd.DataFrame(rows)
    model = MixedLM.from_formula(
        "y ~ 1", frame, groups="g", re_formula="1", vc_formula={"item": "0 + C(item)", "person": "0 + C(person)"}
    ).fit(reml=True)
    group, (item, person), rest = float(model.cov_re.iloc[0, 0]), model.vcomp, model.scale
    sums = moments(np.array([group_of(table) for table in tables])).sum(axis=0)
    ours = [float(share(name, sums)) for name in SHARES[:4]]
    whole = group + person + item + rest
    assert ours == pytest.approx([group / whole, person / whole, item / whole, rest / whole], abs=2e-3)


def test_people_alone_vary():
    """Two people who differ by 2 everywhere, alike in two groups: their variance is 2, and nothing else varies within groups."""
    table = np.array([[3.0, 3.0], [5.0, 5.0]])
    sums = moments(np.array([group_of(table)] * 2)).sum(axis=0)
    assert float(share("statement", sums)) == 0
    assert float(share("rest", sums)) == 0
    assert float(share("person", sums)) + float(share("group", sums)) == 1


def test_intervals_of_shares_are_those_of_logarithms():
    """Of 6 groups of 4 people and 5 statements, rated once. People are in means over 5 statements with a fifth of the rest, and
    statements with a quarter: what is left out of their shares. A group's mean has a fourth of people, a fifth of statements
    and a twentieth of the rest: the whole is F times that."""
    tables = [one[0] for one in planted(np.random.default_rng(9), 6, 4, 5, [0.9, 0.8, 0.7, 0.6, 0.4], passes=1)]
    sums = moments(np.array([group_of(table) for table in tables]))
    found = {name: estimate(name, sums) for name in SHARES[:4]}
    group, person, statement, rest = (one.value for one in found.values())
    for one, off in ((found["person"], rest / 5), (found["statement"], rest / 4)):
        low, high = one.interval
        assert (low + off) * (high + off) == pytest.approx((one.value + off) ** 2)
    off = person / 4 + statement / 5 + rest / 20
    ends = (found["group"].interval[0], group, found["group"].interval[1])
    low, middle, high = (1 + share / (1 - share) * (1 - group) / off for share in ends)
    assert low * high == pytest.approx(middle**2)
    assert low < middle < high
    assert sum(found["rest"].interval) / 2 == pytest.approx(rest)


def test_a_share_that_nothing_is_taken_off_of_by_others_has_no_interval():
    """Groups alone differ: all variance is theirs, and how many times the others' part of it that is has no bound."""
    sums = moments(np.array([group_of(np.full((2, 2), level)) for level in (2.0, 3.0, 5.0)]))
    found = estimate("group", sums)
    assert (found.value, found.interval) == (1, None)
