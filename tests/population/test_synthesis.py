"""Synthetic people against the file's margins and parameters.

Where a count or mean is random, the test states the probability of a false alarm were the seed drawn anew. Z = 6 is a
normal deviate passed in either direction with probability 2e-9; tests of n statistics add up to n times that.
"""

import time
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from simcons.errors import ScenarioError
from simcons.population.persona import PERSON_SHARE, Persona
from simcons.population.synthesis import CODED, band_ages, joint_table, synthesise
from simcons.population.values import sides
from simcons.scenario.parameters import VALUE_DIMENSIONS
from simcons.scenario.population_file import CATEGORIES, load_population_file

PERSONAS = Path(__file__).parents[2] / "personas"
SIZE = 60_000
Z = 6.0
ECONOMIC, AUTHORITY = 0, 1


@pytest.fixture(scope="module", params=["uk", "uk_crowd"])
def file(request):
    return load_population_file(PERSONAS / f"{request.param}.yaml")


@pytest.fixture(scope="module")
def uk():
    return load_population_file(PERSONAS / "uk.yaml")


@pytest.fixture(scope="module")
def people(file):
    return synthesise(file, SIZE, seed=1)


@pytest.fixture(scope="module")
def public(uk):
    return synthesise(uk, SIZE, seed=2)


def assert_shares(counts, shares, size):
    """Binomial counts: P(off by t) <= 2 exp(-t^2 / 2 / (npq + t / 3)) < 2e-9 for t = 14 + sqrt(42 npq) (Bernstein)."""
    allowed = 14 + np.sqrt(42 * size * shares * (1 - shares))
    assert (np.abs(counts - size * shares) <= allowed).all()
    assert (counts[shares == 0] == 0).all()


def bands(ages):
    return np.searchsorted([25, 35, 45, 55, 65, 75], ages, side="right")


def test_margins_are_met(file, people):
    """96 Bernstein bounds: false alarm below 2e-7."""
    columns = people.columns
    for axis in ("sex", "ethnicity", "education", "region"):
        counts = np.bincount(columns[axis], minlength=len(CATEGORIES[axis]))
        assert_shares(counts, file.margins.shares(axis), SIZE)
    shape = (2, 7, 5)
    cells = np.ravel_multi_index((columns["sex"], bands(columns["age"]), columns["ethnicity"]), shape)
    assert_shares(np.bincount(cells, minlength=70), file.margins.joint_shares().ravel(), SIZE)


def test_the_raked_table_has_the_margins_and_associations(uk):
    table = joint_table(uk.margins).table
    np.testing.assert_allclose(table.sum(axis=(3, 4)), uk.margins.joint_shares(), atol=1e-9)
    np.testing.assert_allclose(table.sum(axis=(0, 1, 2, 4)), uk.margins.shares("education"), atol=1e-9)
    degree = table.sum(axis=(0, 2, 4))[:, 0] / table.sum(axis=(0, 2, 3, 4))
    assert (np.diff(degree[1:]) < 0).all()  # falls with age from 25
    # Raking keeps odds ratios: Black against White, London (1) against South East (0), has the file's factor of 9.
    place = table.sum(axis=(0, 1, 3))
    assert place[2, 1] * place[0, 0] / (place[2, 0] * place[0, 1]) == pytest.approx(9.0, rel=1e-3)


def test_years_within_a_band(public):
    """28 Bernstein bounds: false alarm below 6e-8."""
    ages = public.columns["age"]
    for band in ("18-24", "75+"):
        years, shares = band_ages(band)
        inside = ages[(ages >= years[0]) & (ages <= years[-1])].astype(int)
        counts = np.bincount(inside - int(years[0]), minlength=len(years))
        assert_shares(counts, shares, len(inside))
    assert band_ages("18-24")[1].tolist() == [1 / 7] * 7
    years, shares = band_ages("75+")
    assert (years[0], years[-1]) == (75, 95)
    assert years @ shares == pytest.approx(81.75, abs=0.02)  # the census mean of 75+


def test_mean_and_sd_of_values(file, people):
    """12 statistics with |z| < 6 (normal tails; the SD of a sample SD is sd / sqrt(2n)): false alarm 2.4e-8."""
    ideology = file.values.ideology_sd.value
    sd = np.array([ideology, ideology, 1, 1, 1, 1])
    shift = np.array([file.values.shifts[name].value for name in VALUE_DIMENSIONS])
    assert (np.abs(people.values.mean(axis=0) - shift) < Z * sd / np.sqrt(SIZE)).all()
    assert (np.abs(people.values.std(axis=0) - sd) < Z * sd / np.sqrt(2 * SIZE)).all()


def test_planted_effects_are_recovered(uk, public):
    """Least squares of values on covariates; 30 coefficients with |z| < 6: false alarm 6e-8."""
    covariates = design(public)
    fitted, squares, _, _ = np.linalg.lstsq(covariates, public.values, rcond=None)
    planted = [
        [getattr(uk.values.effects[name], key) for name in VALUE_DIMENSIONS]
        for key in ("degree", "age_decade", "female", "london", "minority")
    ]
    spread = np.sqrt(np.diag(np.linalg.inv(covariates.T @ covariates))[:, None] * squares / SIZE)
    assert (np.abs(fitted[1:] - planted) < Z * spread[1:]).all()
    residual = np.corrcoef((public.values - covariates @ fitted).T)
    # The SD of a sample correlation is at most 1 / sqrt(n); 15 pairs: false alarm 3e-8.
    np.testing.assert_allclose(residual, uk.values.correlation_matrix(), atol=Z / np.sqrt(SIZE))
    assert np.corrcoef(public.values.T)[ECONOMIC, AUTHORITY] == pytest.approx(0.1, abs=Z / np.sqrt(SIZE))


def design(population):
    named = population.frame()
    return np.column_stack(
        [
            np.ones(len(named)),
            named["education"] == "level 4+",
            (named["age"] - 50) / 10,
            named["sex"] == "female",
            named["region"] == "London",
            named["ethnicity"] != "White",
        ]
    ).astype(float)


def test_style_and_tempo_follow_the_parameters(public):
    """Means and SDs, of logarithms where log-normal, 18 statistics with |z| < 6: false alarm 3.6e-8."""
    expected = {
        "noise": (0.65, 0.35),
        "extremity": (1.0, 0.25),
        "reading_wpm": (238, 0.20),
        "composing_wpm": (19, 0.35),
    }
    between = PERSON_SHARE**0.5  # the rest of the spread is between one person's moments
    expected |= {
        "thinking_seconds": (25, 0.6 * between),
        "words": (55, 0.45 * between),
        "decision_seconds": (3.5, 0.5 * between),
    }
    for column, (median, log_sd) in expected.items():
        assert_normal(np.log(public.columns[column]), np.log(median), log_sd)
    assert_normal(public.columns["acquiescence"], 0.25, 0.3)


def assert_normal(sample, mean, sd):
    assert abs(sample.mean() - mean) < Z * sd / np.sqrt(len(sample))
    assert abs(sample.std() - sd) < Z * sd / np.sqrt(2 * len(sample))


def test_carelessness_by_shares(public):
    """4 Bernstein bounds: false alarm 8e-9."""
    kinds = dict(zip(CODED["carelessness"], np.bincount(public.columns["carelessness"], minlength=4), strict=True))
    shares = {"none": 0.95, "uniform": 0.02, "stuck": 0.02, "straight": 0.01}
    for kind, share in shares.items():
        assert_shares(np.array([kinds[kind]]), np.array([share]), SIZE)


def test_writing_follows_education_and_age(uk, public):
    """6 Bernstein bounds (at 50) and 8 |z| < 6, false alarm below 3e-8; the difference by age is > 20 SDs away."""
    named = public.frame()
    fifty = named[named["age"] == 50]
    for degree, prior in ((True, uk.writing.registers.degree), (False, uk.writing.registers.no_degree)):
        group = fifty[(fifty["education"] == "level 4+") == degree]["register"]
        for register, share in prior.items():
            assert_shares(np.array([(group == register).sum()]), np.array([share]), len(group))
    chatty = (named["register"] == "chatty").groupby(named["age"] < 35).mean()
    assert chatty[True] > chatty[False] + 0.1
    graduate, decades = named["education"] == "level 4+", (named["age"] - 50) / 10
    for prior in ("hedging", 0.3, 0.4, -0.05, 0.8), ("tidiness", 0.6, 0.6, 0.15, 1.0):
        trait, median, degree, age_decade, sd = prior
        log_odds = np.log(named[trait] / (1 - named[trait])) - age_decade * decades
        middle = np.log(median / (1 - median))
        assert_normal(log_odds[~graduate].to_numpy(), middle, sd)
        assert_normal(log_odds[graduate].to_numpy(), middle + degree, sd)


@pytest.mark.parametrize("p", [0.5, 1.5])
def test_polarisation_keeps_the_mean_and_grows_the_variance(uk, public, p):
    """Mean and variance against the formula in `values.sides`, |z| < 6 (normal-tailed bound): false alarm 8e-9."""
    polarised = synthesise(uk, SIZE, seed=2, overrides={"values": {"polarisation": p}}).values
    for dimension, effects in ((ECONOMIC, 0.0453), (AUTHORITY, 0.2226)):  # variance explained by the effects
        variance = 1 + p**2 + 2 * p * np.sqrt(1 - effects) / np.sqrt(np.pi)
        assert abs(polarised[:, dimension].mean()) < Z * np.sqrt(variance / SIZE)
        assert abs(polarised[:, dimension].var() / variance - 1) < Z * np.sqrt(2 / SIZE)
    np.testing.assert_array_equal(polarised[:, 2:], public.values[:, 2:])


def test_polarisation_makes_two_camps(uk):
    """Counts near 0 against counts near +-1.5; expected ratios about 1.9 and .4, so 40 SDs from 1."""
    ratios = []
    for p in (0.0, 1.0):
        economic = synthesise(uk, SIZE, seed=3, overrides={"values": {"polarisation": p}}).values[:, ECONOMIC]
        ratios.append((np.abs(economic) < 0.25).sum() / (np.abs(np.abs(economic) - 1.5) < 0.25).sum() * 2)
    assert ratios[0] > 1.5
    assert ratios[1] < 0.7


def test_people_join_the_side_they_lean_to():
    """P(side = + | residual 1) = Phi(1) = .8413: Bernstein, false alarm 2e-9."""
    tilt = np.random.default_rng(4).standard_normal(SIZE)
    assert_shares(np.array([(sides(np.ones(SIZE), tilt) > 0).sum()]), np.array([0.8413]), SIZE)


def test_overrides_change_what_they_name_and_nothing_else(uk, public):
    changed = synthesise(
        uk,
        SIZE,
        seed=2,
        overrides={
            "values": {"ideology_sd": 0.5, "shift_economic": -1.0},
            "response_style": {"noise_median": 1.3, "careless_share": 0.2},
            "behaviour": {"no_show": 0.25},
        },
    )
    np.testing.assert_allclose(changed.values[:, ECONOMIC], public.values[:, ECONOMIC] * 0.5 - 1.0, rtol=1e-12)
    np.testing.assert_allclose(changed.values[:, AUTHORITY], public.values[:, AUTHORITY] * 0.5, rtol=1e-12)
    np.testing.assert_array_equal(changed.values[:, 2:], public.values[:, 2:])
    np.testing.assert_allclose(changed.columns["noise"], 2 * public.columns["noise"], rtol=1e-12)
    for column in ("age", "region", "reading_wpm", "words", "register", "acquiescence"):
        np.testing.assert_array_equal(changed.columns[column], public.columns[column])
    assert (changed.columns["carelessness"][public.columns["carelessness"] > 0] > 0).all()
    assert changed.parameters["behaviour"]["no_show"] == 0.25
    assert changed.parameters["behaviour"]["screen_out"] == 0.05
    assert set(changed.parameters) == {"response_style", "tempo", "behaviour"}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"value": {}}, "override 'value': unknown section: expected one of response_style, tempo, behaviour, values"),
        ({"values": {"spread": 1.0}}, "override 'spread': unknown key of values: expected one of ideology_sd, polar"),
        (
            {"tempo": {"noise_median": 1.0}},
            "override 'noise_median': unknown key of tempo: expected one of reading_wpm",
        ),
        ({"tempo": {"reading_wpm": 0.0}}, "override tempo.reading_wpm: value 0.0: expected a number above 0"),
        (
            {"values": {"polarisation": -1.0}},
            "override values.polarisation: value -1.0: expected a number of at least 0",
        ),
        ({"response_style": {"careless_stuck": 0.9}}, "override response_style: careless_uniform [+] careless_stuck"),
    ],
)
def test_wrong_overrides_are_named(uk, overrides, message):
    with pytest.raises(ScenarioError, match=message):
        synthesise(uk, 10, seed=1, overrides=overrides)


def test_a_population_needs_people(uk):
    with pytest.raises(ScenarioError, match="population size 0: expected at least 1"):
        synthesise(uk, 0, seed=1)


def test_effects_that_explain_everything_are_refused(uk):
    """Var(.6 decades) = .36 Var(age) / 100, about 1.3, with the variance within bands."""
    ages = [band_ages(band) for band in CATEGORIES["age"]]
    first, second = (uk.margins.shares("age") @ [years**power @ shares for years, shares in ages] for power in (1, 2))
    explained = f"{0.36 * (second - first**2) / 100:.3g}"
    none = {"degree": 0.0, "female": 0.0, "london": 0.0, "minority": 0.0}
    economic = uk.values.effects["economic"].model_copy(update={**none, "age_decade": 0.6})
    values = uk.values.model_copy(update={"effects": {**uk.values.effects, "economic": economic}})
    with pytest.raises(ScenarioError, match=f"values.effects.economic: variance explained {explained}: expected less"):
        synthesise(uk.model_copy(update={"values": values}), 10, seed=1)


def test_same_arguments_same_bytes_and_another_seed_other_people(uk):
    first, again, other = (synthesise(uk, 999, seed=seed) for seed in (5, 5, 6))
    assert as_bytes(first) == as_bytes(again)
    assert all(a != b for a, b in zip(as_bytes(first), as_bytes(other), strict=True))


def as_bytes(population):
    return [population.values.tobytes(), *(column.tobytes() for column in population.columns.values())]


def test_a_larger_population_starts_with_the_same_people(uk):
    overrides = {"values": {"polarisation": 0.7}}
    small, large = (synthesise(uk, size, seed=5, overrides=overrides) for size in (37, 1001))
    assert [small.persona(i) for i in range(37)] == [large.persona(i) for i in range(37)]


def test_columns_are_unrelated_beyond_what_is_planned(public):
    """28 correlations of independent draws below 6 / sqrt(n): false alarm 5.6e-8."""
    names = ("noise", "acquiescence", "extremity", "reading_wpm", "composing_wpm", "thinking_seconds", "words")
    drawn = np.column_stack([public.columns[name] for name in names] + [public.values[:, ECONOMIC]])
    correlations = np.corrcoef(drawn.T) - np.eye(8)
    assert np.abs(correlations).max() < Z / np.sqrt(SIZE)


def test_a_persona_is_a_row_of_the_frame(public):
    persona, row = public.persona(41), public.frame().loc[41]
    assert isinstance(persona, Persona)
    assert (persona.persona_id, len(public)) == (41, SIZE)
    for name in ("sex", "age", "ethnicity", "region", "education", "work", "children"):
        assert getattr(persona, name) == row[name]
    for part, names in (
        (persona.style, ("noise", "acquiescence", "extremity", "carelessness")),
        (persona.tempo, ("reading_wpm", "composing_wpm", "thinking_seconds", "decision_seconds")),
        (persona.writing, ("register", "words", "hedging", "tidiness")),
    ):
        assert [getattr(part, name) for name in names] == [row[name] for name in names]
    assert list(persona.values) == [row[name] for name in VALUE_DIMENSIONS]
    assert (type(persona.age), type(persona.values[0]), type(persona.style.noise)) == (int, float, float)


def test_rows_are_read_only_and_bounded(public):
    with pytest.raises(ValueError, match="read-only"):
        public.values[0, 0] = 1.0
    for i in (-1, SIZE):
        with pytest.raises(IndexError, match=f"persona {i}: expected 0 to {SIZE - 1}"):
            public.persona(i)


def test_a_hundred_thousand_people_in_two_seconds(uk):
    """About .1 s on the machine it was written on; the best of three, so that a busy machine does not fail it."""
    seconds = []
    for seed in range(3):
        start = time.perf_counter()
        synthesise(uk, 100_000, seed=seed)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 2.0


def test_work_and_children_follow_the_tables(file, people):
    """Shares in cells of at least 300 people: off by more than 5 SE in one of some 100 cells with probability 6e-5."""
    sex, work = people.columns["sex"], people.columns["work"]
    bands = np.digitize(people.columns["age"], [25, 35, 45, 55, 65, 75])
    for code, band in product(range(2), range(7)):
        here = (sex == code) & (bands == band)
        if (n := int(here.sum())) < 300:
            continue
        expected = np.append(
            file.circumstances.work.table()[code, band], file.circumstances.children.table()[code, band]
        )
        seen = np.append(np.bincount(work[here], minlength=6) / n, people.columns["children"][here].mean())
        assert (np.abs(seen - expected) <= 5 * np.sqrt(np.maximum(expected, 0.01) / n)).all(), (code, band)
