"""How often intervals over groups hold what they are about, with 4, 6, 12 and 30 groups: 95% are promised.

Studies of groups of 4 to 6 people are drawn: groups, rounds, people and statements differ, one answer in twelve is missing, and
ratings are whole points from 1 to 7. Every group has 3 rounds, or else they have 1 to 6. Each row is one kind of figure that is
printed with an interval, and says how often the interval that `simcons.analysis.resampling` gives holds the value that an endless
study would find, how often there is none (where groups do not differ), and what percentiles of resampled groups do, as intervals
were once made.

Run:  python benchmarks/interval_coverage.py [--quick]      Writes benchmarks/results/interval_coverage.md
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from warnings import catch_warnings, simplefilter

import numpy as np
from machine import machine

from simcons.analysis.resampling import Estimate, difference, holm, quantile, ratio, ratios, statistic
from simcons.arrays import Floats, Ints
from simcons.seeds import stream

RESULTS = Path(__file__).parent / "results" / "interval_coverage.md"
GROUPS = (4, 6, 12, 30)
SIZES = {"3 rounds a group": (3, 3), "1 to 6 rounds a group": (1, 6)}
WANTED = (0.93, 0.97)
STUDIES, RESAMPLED, RESAMPLES, ENDLESS = 4000, 400, 999, 100_000
PEOPLE = 6
ARMS = np.array([5.2, 4.9]).reshape(1, 2, 1, 1)


@dataclass(frozen=True, slots=True)
class Study:
    """NaN where there is none."""

    ratings: Floats  # [groups, rounds, arms, people, passes]
    true: Floats  # [groups, rounds, people], of the first arm's statement, before noise
    group: Floats  # [groups, 1, 1], by how much a group agrees more than others

    @property
    def first(self) -> Floats:
        return self.ratings[:, :, 0]

    @property
    def of_rounds(self) -> Floats:
        """[groups, rounds, arms]: the group's mean rating."""
        with catch_warnings():
            simplefilter("ignore", RuntimeWarning)  # rounds that a group does not have
            return np.asarray(np.nanmean(self.ratings, axis=(3, 4)))


@dataclass(frozen=True, slots=True)
class Kind:
    """A figure: of a study to [groups, columns], and of these to what is printed, and to values of samples of the groups."""

    name: str
    columns: Callable[[Study], Floats]
    estimate: Callable[[Floats], Estimate | None]
    values: Callable[[Floats, Ints], Floats]  # of picks [samples, groups]


# --- studies ---------------------------------------------------------------------------------------------------------


def draw(rng: np.random.Generator, n_groups: int, rounds: tuple[int, int]) -> Study:
    most = rounds[1]
    shape = (n_groups, most, 2, PEOPLE, 2)

    def effect(sd: float, *varies: bool) -> Floats:
        return rng.normal(0, sd, tuple(n if one else 1 for n, one in zip(shape, varies, strict=True)))

    group = effect(0.5, True, False, False, False, False)
    true = (
        ARMS
        + group
        + effect(0.3, True, False, True, False, False)  # groups, by arm
        + effect(0.6, True, True, False, False, False)  # rounds
        + effect(0.6, True, True, True, False, False)  # statements
        + effect(0.7, True, False, False, True, False)  # people
        + effect(0.9, True, True, True, True, False)  # people, by statement
    )
    ratings = np.clip(np.rint(true + effect(0.6, True, True, True, True, True)), 1, 7)
    people = np.arange(PEOPLE) < rng.integers(4, PEOPLE + 1, (n_groups, 1, 1))
    given = people & (np.arange(most)[:, None] < rng.integers(rounds[0], most + 1, (n_groups, 1, 1)))
    given &= (rng.random(given.shape) < 11 / 12) | (np.arange(PEOPLE) == 0)  # somebody answers in each round
    ratings = np.where(given[:, :, None, :, None], ratings, np.nan)
    return Study(ratings, np.where(given, true[:, :, 0, :, 0], np.nan), group[:, :, 0, :, 0])


# --- figures ---------------------------------------------------------------------------------------------------------


def sums(values: Floats) -> Floats:
    """[groups, ...] to sum and number of what there is, [groups, 2]."""
    flat = values.reshape(len(values), -1)
    return np.stack([np.nansum(flat, axis=1), (~np.isnan(flat)).sum(axis=1)], axis=1)


def where_given(values: Floats, given: Floats) -> Floats:
    return np.where(np.isnan(given), np.nan, values)


def agree(study: Study, least: int) -> Floats:
    return sums(where_given(study.first >= least, study.first))


def wins(study: Study, shift: float) -> Floats:
    gap = study.of_rounds[:, :, 0] - study.of_rounds[:, :, 1] + shift
    return sums((1 + np.sign(gap)) / 2)


def products(study: Study) -> Floats:
    """Sums of both passes, their squares and products, and how many pairs there are."""
    a, b = study.first[..., 0], study.first[..., 1]
    return np.stack([sums(x)[:, 0] for x in (a, b, a * a, b * b, a * b)] + [sums(a)[:, 1]], axis=1)


def correlation(of: Floats) -> Floats:
    a, b, aa, bb, ab, n = np.moveaxis(of, -1, 0)
    return np.asarray((ab - a * b / n) / np.sqrt((aa - a * a / n) * (bb - b * b / n)))


def apart(study: Study) -> Floats:
    """The first two people against the others: [groups, 4]."""
    return np.concatenate([sums(study.first[:, :, :2]), sums(study.first[:, :, 2:])], axis=1)


def rare(study: Study, limit: float) -> Floats:
    """A difference in rounds whose means are far apart alone, as of two rules that mostly choose the same statement."""
    gap = study.of_rounds[:, :, 0] - study.of_rounds[:, :, 1]
    return sums(where_given(np.where(np.abs(gap) > limit, gap, 0.0), gap))


def lowest(study: Study) -> Floats:
    """[groups, rounds]: of the true opinions of a statement."""
    with catch_warnings():
        simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmin(study.true, axis=-1))


def calibration(study: Study, off: float) -> Floats:
    """By bin of half a point, by how much ratings exceed scores, which are ``off`` by turns and do not know the group."""
    steps = np.rint(2 * (study.true - study.group))
    short = np.nanmean(np.where(np.isnan(study.first), 4.0, study.first), axis=-1) - steps / 2
    short = np.where(np.isnan(steps), 0.0, short + np.where(steps % 2, off, -off))
    by_bin = [np.where(steps == k, short, 0.0).reshape(len(steps), -1).sum(axis=1) for k in range(-2, 26)]
    return np.stack([*by_bin, sums(study.true)[:, 1]], axis=1)


def absolute_mean(of: Floats) -> Floats:
    return np.asarray(np.abs(of[..., :-1]).sum(axis=-1) / of[..., -1])


def corrected_mean(columns: Floats) -> Estimate | None:
    found = statistic(absolute_mean, columns, corrected=True)
    return found and found.within(0.0, np.inf)


def quotient(of: Floats) -> Floats:
    return np.asarray(of[..., 0] / of[..., 1])


def less(of: Floats) -> Floats:
    return quotient(of[..., :2]) - quotient(of[..., 2:])


def of_sums(
    name: str,
    columns: Callable[[Study], Floats],
    function: Callable[[Floats], Floats] = quotient,
    estimate: Callable[[Floats], Estimate | None] = lambda columns: ratio(*columns.T),
) -> Kind:
    def values(of: Floats, picks: Ints) -> Floats:
        return function(of[picks].sum(axis=1))

    return Kind(name, columns, estimate, values)


def of_share(name: str, columns: Callable[[Study], Floats]) -> Kind:
    return of_sums(name, columns, estimate=lambda columns: ratio(*columns.T, share=True))


def of_quantile(name: str, q: float) -> Kind:
    def values(of: Floats, picks: Ints) -> Floats:
        return np.array([np.nanquantile(of[pick], q, method="inverted_cdf") for pick in picks])

    def estimate(columns: Floats) -> Estimate | None:
        return quantile(columns.ravel(), q, np.repeat(np.arange(len(columns)), columns.shape[1]))

    return Kind(name, lowest, estimate, values)


KINDS = (
    of_sums("mean rating", lambda study: sums(study.first)),
    of_sums("difference of two arms", lambda study: sums(study.ratings[:, :, 0] - study.ratings[:, :, 1])),
    of_sums(
        "two people of a group less the others", apart, less, lambda columns: difference(columns[:, :2], columns[:, 2:])
    ),
    of_share("share who agree, .66", partial(agree, least=5)),
    of_share("share who agree, .85", partial(agree, least=4)),
    of_share("share who agree, .95", partial(agree, least=3)),
    of_share("win rate, .5", partial(wins, shift=-0.3)),
    of_share("win rate, .6", partial(wins, shift=0.0)),
    of_share("win rate, .8", partial(wins, shift=0.6)),
    of_share("win rate, .9", partial(wins, shift=1.1)),
    of_sums("retest correlation", products, correlation, partial(statistic, correlation)),
    of_sums("calibration error, .36", partial(calibration, off=0.3), absolute_mean, corrected_mean),
    of_sums("calibration error, .13", partial(calibration, off=0.0), absolute_mean, corrected_mean),
    of_quantile("median of the lowest", 0.5),
    of_quantile("lowest tenth of the lowest", 0.1),
    of_sums("difference, 0 in half of rounds", partial(rare, limit=0.65)),
    of_sums("difference, 0 in 4 of 5 rounds", partial(rare, limit=1.25)),
    of_sums("difference, 0 in 19 of 20 rounds", partial(rare, limit=2.0)),
)


# --- coverage --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of studies: whose interval holds the truth, of those that have one, which have none; and by percentiles."""

    covered: float
    none: float
    percentiles: float


def cover(kind: Kind, truth: float, studies: list[Floats], rng: np.random.Generator) -> Coverage:
    intervals = [found.interval if (found := kind.estimate(columns)) else None for columns in studies]
    there = [low <= truth <= high for low, high in (one for one in intervals if one is not None)]
    by_percentiles = [holds(kind, truth, columns, rng) for columns in studies[:RESAMPLED]]
    covered = float(np.mean(there)) if there else float("nan")
    return Coverage(covered, 1 - len(there) / len(studies), float(np.mean(by_percentiles)))


def holds(kind: Kind, truth: float, columns: Floats, rng: np.random.Generator) -> bool:
    """Whether the percentiles of resampled groups hold it."""
    picks = rng.integers(len(columns), size=(RESAMPLES, len(columns)))
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = np.nanquantile(kind.values(columns, picks), (0.025, 0.975))
    return bool(low <= truth <= high)


def table(rounds: tuple[int, int], n_studies: int, endless: int) -> Iterator[list[str]]:
    """A row a kind: its name, and for each number of groups its coverage."""
    world = draw(stream(0, "coverage", "endless", *rounds), endless, rounds)
    everything = np.arange(endless)[None]
    truths = [float(kind.values(kind.columns(world), everything)[0]) for kind in KINDS]
    drawn = {n: draw(stream(0, "coverage", n, *rounds), n * n_studies, rounds) for n in GROUPS}
    for kind, truth in zip(KINDS, truths, strict=True):
        cells = [f"{truth:.2f}"]
        for n, study in drawn.items():
            studies = np.split(kind.columns(study), n_studies)
            found = cover(kind, truth, studies, stream(0, "coverage", "resamples", kind.name, n))
            cells.append(written(found))
        yield [kind.name, *cells]


def written(found: Coverage) -> str:
    if found.none > 0.9:
        return f"none / {found.percentiles:.2f}"
    mark = "" if WANTED[0] <= found.covered <= WANTED[1] else " !"
    none = f" ({found.none:.0%} none)" if found.none >= 0.005 else ""
    return f"{found.covered:.3f}{mark}{none} / {found.percentiles:.2f}"


# --- families --------------------------------------------------------------------------------------------------------


def false_families(n_studies: int) -> Iterator[list[str]]:
    """How often at least one of eight differences is told where there is none: by its own p, and by Holm's."""
    for n in GROUPS:
        rng = stream(0, "coverage", "families", n)
        together = rng.normal(0, 1, (n, n_studies, 1)) * 0.7
        values = (together + rng.normal(0, 0.7, (n, n_studies, 8))).reshape(n, -1)
        estimates = ratios(values, np.ones_like(values), shares=np.zeros(values.shape[1], dtype=bool))
        p_values = [one.p_value() for one in estimates if one is not None]
        families = [p_values[k : k + 8] for k in range(0, len(p_values), 8)]
        told = [any(p is not None and p < 0.05 for p in family) for family in families]
        by_holm = [any(p is not None and p < 0.05 for p in holm(family)) for family in families]
        yield [str(n), f"{np.mean(told):.3f}", f"{np.mean(by_holm):.3f}"]


# --- the page --------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few studies, nothing written: to see that it works")
    quick = parser.parse_args().quick
    n_studies, endless = (20, 500) if quick else (STUDIES, ENDLESS)
    tables = {name: list(table(rounds, n_studies, endless)) for name, rounds in SIZES.items()}
    text = page(tables, list(false_families(n_studies)), n_studies)
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")


def page(tables: dict[str, list[list[str]]], families: list[list[str]], n_studies: int) -> str:
    head = ["figure", "truth", *(f"{n} groups" for n in GROUPS)]
    parts = [
        "# Coverage of 95% intervals over groups",
        machine("numpy", "scipy"),
        "`python benchmarks/interval_coverage.py`",
        (
            f"{n_studies:,} studies a cell: coverage where there is an interval (standard error .0034 at .95; ! is outside .93 to"
            f" .97), the share without one, and after the stroke what percentiles of {RESAMPLES} resamples of groups cover"
            f" ({RESAMPLED} studies, standard error .011 to .02)."
        ),
    ]
    for name, found in tables.items():
        parts += [f"## {name[0].upper()}{name[1:]}", markdown(head, found)]
    parts += [
        "## Eight comparisons without a difference",
        markdown(["groups", "at least one p below .05", "by Holm"], families),
    ]
    return "\n\n".join(parts) + "\n"


def markdown(head: list[str], found: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *found]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
