"""The people of a run: who they were against the margins they were drawn to, how it ended for them, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simcons.analysis.resampling import mean
from simcons.errors import ScenarioError
from simcons.languages.text import as_sentence
from simcons.report.charts import Frame, Mark, numbers, points
from simcons.report.page import Figure
from simcons.report.people import people_fact, spent_facts
from simcons.scenario.population_file import CATEGORIES, Axis, PopulationFile, load_population_file
from simcons.scenario.shipped import find_population
from simcons.storage.load import Run

_STARTED, _TARGET = "started in a group", "target"
_YOUNGEST = {"75+": 75}  # of a band without an end


@dataclass(frozen=True, slots=True)
class Crowd:
    """facts: labels with sentences. margins: a drawing for each; none where nobody started."""

    facts: Sequence[tuple[str, str]]
    margins: Sequence[Figure]


def crowd(run: Run) -> Crowd:
    """Raises RunFolderError."""
    return Crowd([people_fact(run), *spent_facts(run)], list(_margins(run)))


def _margins(run: Run) -> Iterator[Figure]:
    people = run.participants[run.participants["session_id"].notna()]
    if not len(people):
        return
    population = _population(run)
    for axis in CATEGORIES:
        known = people[axis].dropna()
        if not len(known):
            continue
        values = [_band(int(age)) for age in known] if axis == "age" else known.tolist()
        targets = _targets(population, axis)
        names = list(targets) or sorted(set(values))
        marks = [*_shares(values, names), *(Mark(_TARGET, 100 * share, row=name) for name, share in targets.items())]
        yield _drawn(marks, axis, len(known), has_target=bool(targets))


def _shares(values: Sequence[str], names: Sequence[str]) -> Iterator[Mark]:
    for name in names:
        share = mean([float(value == name) for value in values], share=True)
        yield Mark.of(_STARTED, share, row=name, scale=100)


def _drawn(marks: Sequence[Mark], axis: str, n: int, *, has_target: bool) -> Figure:
    series = [_STARTED, _TARGET] if has_target else [_STARTED]
    title = as_sentence(axis)
    frame = Frame(title, f"% of {n:,} people who started, 95% intervals", series, format=".0f")
    told = "; ".join(f"{mark.row} {mark.value:.0f}" for mark in marks if mark.series == _STARTED)
    aims = "; ".join(f"{mark.row} {mark.value:.0f}" for mark in marks if mark.series == _TARGET)
    targets = f" Targets: {aims}." if aims else ""
    alt = f"Chart. {title} of those who started, in percent: {told}.{targets}"
    return Figure(axis, points(marks, frame), alt, numbers(marks, "%"))


def _population(run: Run) -> PopulationFile | None:
    """The population that people were drawn from; None where it is not to be had here or was not drawn to margins."""
    settings = run.manifest.get("scenario", {}).get("population", {})
    if settings.get("kind") == "table":
        return None
    try:
        return load_population_file(find_population(str(settings.get("name"))))
    except ScenarioError:
        return None


def _targets(population: PopulationFile | None, axis: Axis) -> Mapping[str, float]:
    if population is None:
        return {}
    return dict(zip(CATEGORIES[axis], population.margins.shares(axis).tolist(), strict=True))


def _band(age: int) -> str:
    """The age band of the margins that holds an age; imported people may be younger than any."""
    bands = reversed(CATEGORIES["age"])
    return next((band for band in bands if age >= _YOUNGEST.get(band, int(band.split("-")[0].rstrip("+")))), "under 18")
