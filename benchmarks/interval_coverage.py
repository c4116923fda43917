"""How often intervals over groups hold what they are about, with 4, 6, 12 and 30 groups: 95% are promised.

Every group of a simulated study has 3 rounds, or else groups have 1 to 6. Each row is one kind of figure that is printed with an
interval, and says how often the interval that `simcons.analysis.resampling` gives holds the value that an endless study would
find, how often there is none (where groups do not differ), and what percentiles of resampled groups do, as intervals were once
made.

Run:  python benchmarks/interval_coverage.py [--quick] [--only WORDS ...]      Writes benchmarks/results/interval_coverage.md
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from coverage_figures import KINDS, Kind, draw
from machine import machine
from tables import markdown, rows_of

from simcons.analysis.resampling import holm, ratios
from simcons.arrays import Floats
from simcons.seeds import stream

RESULTS = Path(__file__).parent / "results" / "interval_coverage.md"
GROUPS = (4, 6, 12, 30)
SIZES = {"3 rounds a group": (3, 3), "1 to 6 rounds a group": (1, 6)}
FAMILIES = "Eight comparisons without a difference"
WANTED = (0.93, 0.97)
STUDIES, RESAMPLED, RESAMPLES, ENDLESS = 4000, 400, 999, 100_000


# --- coverage --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of studies: whose interval holds the truth, of those that have one, which have none; and by percentiles."""

    covered: float
    none: float
    percentiles: float | None


def cover(kind: Kind, truth: float, studies: list[Floats], rng: np.random.Generator) -> Coverage:
    intervals = [found.interval if (found := kind.estimate(columns)) else None for columns in studies]
    there = [low <= truth <= high for low, high in (one for one in intervals if one is not None)]
    resampled = studies[: RESAMPLED if kind.resampled else 0]
    by_percentiles = [holds(kind, truth, columns, rng) for columns in resampled]
    covered = float(np.mean(there)) if there else float("nan")
    return Coverage(covered, 1 - len(there) / len(studies), float(np.mean(by_percentiles)) if resampled else None)


def holds(kind: Kind, truth: float, columns: Floats, rng: np.random.Generator) -> bool:
    """Whether the percentiles of resampled groups hold it."""
    picks = rng.integers(len(columns), size=(RESAMPLES, len(columns)))
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = np.nanquantile(kind.values(columns, picks), (0.025, 0.975))
    return bool(low <= truth <= high)


def table(kinds: Sequence[Kind], rounds: tuple[int, int], n_studies: int, endless: int) -> Iterator[list[str]]:
    """A row a kind: its name, and for each number of groups its coverage."""
    world = draw(stream(0, "coverage", "endless", *rounds), endless, rounds)
    everything = np.arange(endless)[None]
    truths = [float(kind.values(kind.columns(world), everything)[0]) for kind in kinds]
    del world
    drawn = {n: draw(stream(0, "coverage", n, *rounds), n * n_studies, rounds) for n in GROUPS}
    for kind, truth in zip(kinds, truths, strict=True):
        cells = [f"{truth:.2f}"]
        for n, study in drawn.items():
            studies = np.split(kind.columns(study), n_studies)
            found = cover(kind, truth, studies, stream(0, "coverage", "resamples", kind.name, n))
            cells.append(written(found))
        print(" | ".join([kind.name, *cells]), flush=True)
        yield [kind.name, *cells]


def written(found: Coverage) -> str:
    percentiles = "" if found.percentiles is None else f" / {found.percentiles:.2f}"
    if found.none > 0.9:
        return f"none{percentiles}"
    mark = "" if WANTED[0] <= found.covered <= WANTED[1] else " !"
    none = f" ({found.none:.0%} none)" if found.none >= 0.005 else ""
    return f"{found.covered:.3f}{mark}{none}{percentiles}"


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
    parser.add_argument(
        "--only", nargs="+", metavar="WORDS", help="figures that begin with these words; others are kept"
    )
    given = parser.parse_args()
    n_studies, endless = (20, 500) if given.quick else (STUDIES, ENDLESS)
    kinds = [kind for kind in KINDS if kind.name.startswith(tuple(given.only or [""]))]
    tables = {title: rows_of(RESULTS, title) for title in (*SIZES, FAMILIES)}
    for title, rounds in SIZES.items():
        tables[title] |= {row[0]: row for row in table(kinds, rounds, n_studies, endless)}
    if not given.only:
        tables[FAMILIES] = {row[0]: row for row in false_families(n_studies)}
    if not given.quick:
        RESULTS.write_text(page(tables), encoding="utf-8")


def page(tables: Mapping[str, Mapping[str, list[str]]]) -> str:
    head = ["figure", "truth", *(f"{n} groups" for n in GROUPS)]
    parts = [
        "# Coverage of 95% intervals over groups",
        machine("numpy", "scipy"),
        "`python benchmarks/interval_coverage.py`",
        (
            f"{STUDIES:,} studies a cell: coverage where there is an interval (standard error .0034 at .95; ! is outside .93 to"
            " .97), the share without one, and after the stroke, where measured, what percentiles of"
            f" {RESAMPLES} resamples of groups cover ({RESAMPLED} studies, standard error .011 to .02)."
        ),
    ]
    for title in SIZES:
        rows = tables[title]
        parts += [f"## {title}", markdown(head, [rows[kind.name] for kind in KINDS if kind.name in rows])]
    parts += [f"## {FAMILIES}", markdown(["groups", "at least one p below .05", "by Holm"], tables[FAMILIES].values())]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
