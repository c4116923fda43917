"""Synthetic people: rows drawn from a raked table, then values, response style, tempo and writing style.

Person i is made of the i-th draws of every stream and of nothing else: a larger population of the same file and seed
starts with the same people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

import numpy as np
from numpy.typing import NDArray

from simcons.arrays import Floats, Ints
from simcons.errors import ScenarioError
from simcons.population.known import UNKNOWN, Known
from simcons.population.persona import (
    PERSON_SHARE,
    Carelessness,
    Persona,
    ResponseStyle,
    Tempo,
    WritingStyle,
)
from simcons.population.raking import Margin, Raked, rake
from simcons.population.values import REFERENCE_AGE, Moments, draw_values
from simcons.scenario.parameters import VALUE_DIMENSIONS, Register, Work
from simcons.scenario.population_file import (
    CATEGORIES,
    DEGREE,
    Circumstances,
    Margins,
    PopulationFile,
    TraitPrior,
    Writing,
    check_parameters,
)
from simcons.seeds import stream

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

Codes: TypeAlias = Ints
Columns: TypeAlias = dict[str, NDArray[np.generic]]
Overrides: TypeAlias = Mapping[str, Mapping[str, float]]
Resolved: TypeAlias = dict[str, dict[str, float]]
CodedColumn: TypeAlias = Literal["sex", "ethnicity", "education", "region", "work", "carelessness", "register"]

CODED: dict[CodedColumn, tuple[str, ...]] = {
    "sex": CATEGORIES["sex"],
    "ethnicity": CATEGORIES["ethnicity"],
    "education": CATEGORIES["education"],
    "region": CATEGORIES["region"],
    "work": get_args(Work),
    "carelessness": get_args(Carelessness),
    "register": get_args(Register),
}
UNCHANGED: Overrides = MappingProxyType({})
OLDEST = 95
SURVIVAL = 0.91  # of each year of age to the next from 75: the mean of 81.8 is that of the 2021 census


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """``n`` synthetic people. ``columns`` holds arrays of length n; those named in ``categories`` are codes into it.

    ``values`` is [n, 6] in the order of VALUE_DIMENSIONS. ``parameters`` holds the response_style, tempo and
    behaviour parameters after overrides. Arrays are read-only.
    """

    columns: Columns
    categories: dict[CodedColumn, tuple[str, ...]]
    values: Floats
    parameters: Resolved

    def __len__(self) -> int:
        return len(self.values)

    def persona(self, i: int) -> Persona:
        """Person ``i``, from 0; IndexError beyond the population."""
        if not 0 <= i < len(self):
            raise IndexError(f"persona {i!r}: expected 0 to {len(self) - 1}")
        return Persona(
            persona_id=i,
            sex=self._name("sex", i),
            age=int(self.columns["age"][i]),
            ethnicity=self._name("ethnicity", i),
            region=self._name("region", i),
            education=self._name("education", i),
            work=cast(Work, self._name("work", i)),
            children=bool(self.columns["children"][i]),
            values=tuple(self.values[i].tolist()),
            style=self._style(i),
            tempo=self._tempo(i),
            writing=self._writing(i),
            table_row=int(self.columns["table_row"][i]) if "table_row" in self.columns else None,
        )

    def frame(self) -> pd.DataFrame:
        """One row a person, categories as names, values as columns named after their dimension."""
        import pandas

        named = {name: np.array(names)[self.columns[name]] for name, names in self.categories.items()}
        dimensions = dict(zip(VALUE_DIMENSIONS, self.values.T, strict=True))
        frame = pandas.DataFrame({**self.columns, **named, **dimensions})
        return frame.rename_axis("persona_id")

    def _name(self, column: CodedColumn, i: int) -> str:
        return self.categories[column][int(self.columns[column][i])]

    def _number(self, column: str, i: int) -> float:
        return float(self.columns[column][i])

    def _style(self, i: int) -> ResponseStyle:
        return ResponseStyle(
            noise=self._number("noise", i),
            acquiescence=self._number("acquiescence", i),
            extremity=self._number("extremity", i),
            carelessness=cast(Carelessness, self._name("carelessness", i)),
        )

    def _tempo(self, i: int) -> Tempo:
        return Tempo(
            reading_wpm=self._number("reading_wpm", i),
            composing_wpm=self._number("composing_wpm", i),
            thinking_seconds=self._number("thinking_seconds", i),
            decision_seconds=self._number("decision_seconds", i),
        )

    def _writing(self, i: int) -> WritingStyle:
        return WritingStyle(
            register=cast(Register, self._name("register", i)),
            words=self._number("words", i),
            hedging=self._number("hedging", i),
            tidiness=self._number("tidiness", i),
        )


def synthesise(
    file: PopulationFile, size: int, *, seed: int, overrides: Overrides = UNCHANGED, known: Known | None = None
) -> Population:
    """Draw ``size`` people from ``file``; the same arguments give the same bytes.

    Demographic rows are independent draws from the raked table: a group with share p counts Binomial(size, p), so
    it is off by more than size * t with probability at most 2 exp(-2 size t^2) (Hoeffding 1963); for 10,000 people
    and t = 2.5 points that is 7.5e-6. ``overrides`` maps response_style, tempo, behaviour or values to new numbers;
    of values, these are ``ideology_sd``, ``polarisation`` (see `values.sides`) and ``shift_<dimension>``.
    known: of each person, what is not drawn; the rest of their demographics is drawn from the table given that, and values that
    are known stand in place of those drawn. ScenarioError names unknown keys, numbers out of range, margins that cannot be met
    and people whom the margins do not have.
    """
    if size < 1:
        raise ScenarioError(f"population size {size!r}: expected at least 1")
    settings = resolve(file, overrides)
    table = joint_table(file.margins).table
    demographics, bands = _demographics(table, size, seed, known)
    circumstances = _circumstances(file.circumstances, demographics["sex"], bands, seed)
    if known is not None:
        circumstances = known.circumstances(circumstances)
    covariates = _covariates(demographics)
    noise, tilt = _normals(seed, "values", size, 6), _normals(seed, "polarisation", size, 2)
    values = draw_values(
        covariates, file.values, moments=_moments(table), settings=settings.pop("values"), noise=noise, tilt=tilt
    )
    from_table: Columns = {}
    if known is not None:
        values = np.where(np.isnan(known.values), values, known.values)
        from_table["table_row"] = known.row
    style = _style(settings["response_style"], size, seed)
    tempo = _tempo(settings["tempo"], size, seed)
    writing = _writing(file.writing, covariates, settings["tempo"], seed)
    columns: Columns = {**demographics, **circumstances, **style, **tempo, **writing, **from_table}
    for array in (values, *columns.values()):
        array.flags.writeable = False
    return Population(columns, CODED, values, settings)


def resolve(file: PopulationFile, overrides: Overrides) -> Resolved:
    """The file's numbers with ``overrides`` in their place; ScenarioError names what is unknown or out of range."""
    settings = {**file.parameters(), "values": file.values.defaults()}
    for section, changes in overrides.items():
        _expect_known(section, tuple(settings), "section")
        for key, value in changes.items():
            _expect_known(key, tuple(settings[section]), f"key of {section}")
            settings[section][key] = float(value)
    try:
        check_parameters(settings)
    except ValueError as error:
        raise ScenarioError(f"override {error}") from error
    return settings


def joint_table(margins: Margins) -> Raked:
    """Shares of people, raked, shape [sex, age band, ethnicity, education, region].

    The seed is the product of the margins times the file's associations, whose odds ratios raking keeps.
    """
    axes = tuple(CATEGORIES)
    joint, education, region = margins.joint_shares(), margins.shares("education"), margins.shares("region")
    seed = joint[..., None, None] * education[:, None] * region
    for association in margins.associations:
        first, second = (axes.index(axis) for axis in association.axes)
        factors = association.table() if first < second else association.table().T
        others = tuple(axis for axis in range(len(axes)) if axis not in (first, second))
        seed = seed * np.expand_dims(factors, axis=others)
    targets = [
        Margin("sex x age x ethnicity", (0, 1, 2), joint),
        Margin("education", (3,), education),
        Margin("region", (4,), region),
    ]
    return rake(seed, targets)


def band_ages(band: str) -> tuple[Floats, Floats]:
    """Single years of an age band and their shares: uniform, but falling by SURVIVAL a year from 75 to 95."""
    if band.endswith("+"):
        years = np.arange(float(band[:-1]), OLDEST + 1)
        weights = SURVIVAL ** (years - years[0])
    else:
        first, last = (float(age) for age in band.split("-"))
        years = np.arange(first, last + 1)
        weights = np.ones_like(years)
    return years, weights / weights.sum()


def _expect_known(name: str, known: tuple[str, ...], kind: str) -> None:
    if name not in known:
        raise ScenarioError(f"override {name!r}: unknown {kind}: expected one of {', '.join(known)}")


def _normals(seed: int, trait: str, size: int, width: int) -> Floats:
    return stream(seed, "population", trait).standard_normal((size, width))


def _uniforms(seed: int, trait: str, size: int) -> Floats:
    return stream(seed, "population", trait).random(size)


def _demographics(table: Floats, size: int, seed: int, known: Known | None) -> tuple[dict[str, Codes], Codes]:
    """Codes by axis with ages in years, and the codes of the age bands."""
    uniform = _uniforms(seed, "demographics", size)
    cell = _pick(table.ravel(), uniform) if known is None else _pick_given(table, uniform, known)
    codes = _by_axis(np.unravel_index(cell, table.shape))
    ages = _ages(codes["age"], _uniforms(seed, "age", size))
    if known is not None:
        ages = np.where(np.isnan(known.age), ages, np.nan_to_num(known.age)).astype(np.int64)
    return {**codes, "age": ages}, codes["age"]


def _pick_given(table: Floats, uniform: Floats, known: Known) -> Codes:
    """Cells of the table, each among those that agree with what is known of the person."""
    patterns, pattern_of = np.unique(
        np.column_stack([known.codes[axis] for axis in CATEGORIES]), axis=0, return_inverse=True
    )
    cells = np.empty(len(uniform), dtype=np.int64)
    for number, pattern in enumerate(patterns):
        here = pattern_of.ravel() == number
        held = tuple(slice(None) if code == UNKNOWN else slice(code, code + 1) for code in pattern)
        weights = np.zeros_like(table)
        weights[held] = table[held]
        if not weights.sum() > 0:
            traits = [CATEGORIES[axis][code] for axis, code in zip(CATEGORIES, pattern, strict=True) if code != UNKNOWN]
            row = known.row[here][0]
            raise ScenarioError(
                f"table of persons: row {row:,}: {', '.join(traits)}: the population has no such people:"
                " expected some in its margins"
            )
        cells[here] = _pick(weights.ravel(), uniform[here])
    return cells


def _circumstances(circumstances: Circumstances, sex: Codes, bands: Codes, seed: int) -> Columns:
    cumulative = np.cumsum(circumstances.work.table()[sex, bands], axis=-1)
    work = (_uniforms(seed, "work", len(sex))[:, None] * cumulative[:, -1:] >= cumulative).sum(axis=1)
    children = _uniforms(seed, "children", len(sex)) < circumstances.children.table()[sex, bands]
    return {"work": work.astype(np.int64), "children": children}


def _pick(weights: Floats, uniform: Floats) -> Codes:
    """Inverse distribution function: codes into ``weights``, never one of weight 0."""
    cumulative = np.cumsum(weights)
    return np.asarray(np.searchsorted(cumulative, uniform * cumulative[-1], side="right"), dtype=np.int64)


def _by_axis(codes: Iterable[NDArray[np.integer]]) -> dict[str, Codes]:
    return {axis: codes_of_axis.astype(np.int64) for axis, codes_of_axis in zip(CATEGORIES, codes, strict=True)}


def _ages(bands: Codes, uniform: Floats) -> Codes:
    ages = np.empty(len(bands), dtype=np.int64)
    for code, band in enumerate(CATEGORIES["age"]):
        years, shares = band_ages(band)
        here = bands == code
        ages[here] = years[_pick(shares, uniform[here])]
    return ages


def _covariates(columns: Mapping[str, Codes]) -> Floats:
    """Shape [n, 5], in the order of `values.COVARIATES`."""
    return np.column_stack(
        [
            columns["education"] == CATEGORIES["education"].index(DEGREE),
            (columns["age"] - REFERENCE_AGE) / 10,
            columns["sex"] == CATEGORIES["sex"].index("female"),
            columns["region"] == CATEGORIES["region"].index("London"),
            columns["ethnicity"] != CATEGORIES["ethnicity"].index("White"),
        ]
    ).astype(np.float64)


def _moments(table: Floats) -> Moments:
    """Of the covariates over the table; age varies within bands too, independently of the rest."""
    codes = _by_axis(np.indices(table.shape).reshape(table.ndim, -1))
    bands = [band_ages(band) for band in CATEGORIES["age"]]
    mean_age = np.array([years @ shares for years, shares in bands])
    variance = np.array([years**2 @ shares for years, shares in bands]) - mean_age**2
    rows = _covariates({**codes, "age": mean_age[codes["age"]]})
    weights = table.ravel() / table.sum()
    mean = weights @ rows
    covariance = (rows - mean).T @ ((rows - mean) * weights[:, None])
    covariance[1, 1] += weights @ variance[codes["age"]] / 100
    return Moments(mean, covariance)


def _style(style: Mapping[str, float], size: int, seed: int) -> Columns:
    normal = _normals(seed, "style", size, 3)
    share = style["careless_share"]
    uniform, stuck = style["careless_uniform"], style["careless_stuck"]
    kinds = np.array([1 - share, share * uniform, share * stuck, share * max(0.0, 1 - uniform - stuck)])
    return {
        "noise": _log_normal(style["noise_median"], style["noise_log_sd"], normal[:, 0]),
        "acquiescence": style["acquiescence_mean"] + style["acquiescence_sd"] * normal[:, 1],
        "extremity": _log_normal(1.0, style["extremity_log_sd"], normal[:, 2]),
        "carelessness": _pick(kinds, _uniforms(seed, "carelessness", size)),
    }


def _tempo(tempo: Mapping[str, float], size: int, seed: int) -> dict[str, Floats]:
    normal = _normals(seed, "tempo", size, 4)
    thinking_sd = PERSON_SHARE**0.5 * tempo["thinking_log_sd"]
    decision_sd = PERSON_SHARE**0.5 * tempo["decision_log_sd"]
    return {
        "reading_wpm": _log_normal(tempo["reading_wpm"], tempo["reading_log_sd"], normal[:, 0]),
        "composing_wpm": _log_normal(tempo["composing_wpm"], tempo["composing_log_sd"], normal[:, 1]),
        "thinking_seconds": _log_normal(tempo["thinking_seconds"], thinking_sd, normal[:, 2]),
        "decision_seconds": _log_normal(tempo["decision_seconds"], decision_sd, normal[:, 3]),
    }


def _writing(writing: Writing, covariates: Floats, tempo: Mapping[str, float], seed: int) -> Columns:
    size = len(covariates)
    normal = _normals(seed, "writing", size, 3)
    words_sd = PERSON_SHARE**0.5 * tempo["opinion_words_log_sd"]
    return {
        "register": _registers(writing, covariates, _uniforms(seed, "register", size)),
        "words": _log_normal(tempo["opinion_words"], words_sd, normal[:, 0]),
        "hedging": _trait(writing.hedging, covariates, normal[:, 1]),
        "tidiness": _trait(writing.tidiness, covariates, normal[:, 2]),
    }


def _registers(writing: Writing, covariates: Floats, uniform: Floats) -> Codes:
    """P(register) is proportional to share(register | degree) * exp(effect of age in decades from 50)."""
    prior = writing.registers
    shares = np.array(
        [[by_register[name] for name in get_args(Register)] for by_register in (prior.no_degree, prior.degree)]
    )
    shares /= shares.sum(axis=1, keepdims=True)
    slopes = np.array([prior.age_decade[name] for name in get_args(Register)])
    weights = shares[covariates[:, 0].astype(np.int64)] * np.exp(covariates[:, 1, None] * slopes)
    cumulative = np.cumsum(weights, axis=1)
    return np.asarray((uniform[:, None] * cumulative[:, -1:] >= cumulative).sum(axis=1))


def _trait(prior: TraitPrior, covariates: Floats, normal: Floats) -> Floats:
    middle = np.log(prior.median / (1 - prior.median))
    effects = prior.degree * covariates[:, 0] + prior.age_decade * covariates[:, 1]
    return np.asarray(1 / (1 + np.exp(-(middle + effects + prior.log_odds_sd * normal))))


def _log_normal(median: float, log_sd: float, normal: Floats) -> Floats:
    return np.asarray(median * np.exp(log_sd * normal))
