"""Fit what a study's answers tell of a population, check it on groups set aside, and say what they do not tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from simcons.counted import counted
from simcons.errors import InputError
from simcons.experiments.calibrate.answers import opinion_times, rated, rating_times, stated
from simcons.experiments.calibrate.conduct import hazards, leaving, shares
from simcons.experiments.calibrate.found import MIND_KEYS, Fitted, Found, Kept
from simcons.experiments.calibrate.likelihood import HeldOut
from simcons.experiments.calibrate.positions import Positions
from simcons.experiments.calibrate.seconds import Lengths, Names, Seconds, opinion_names, rating_names
from simcons.experiments.calibrate.style import Ratings, Style
from simcons.rich_display import RichDisplay
from simcons.scenario.minds import LatentMindSettings
from simcons.scenario.population_file import PopulationFile
from simcons.storage.load import Run

if TYPE_CHECKING:
    import pandas as pd

_LEAST_TIMES, _LEAST_PEOPLE, _LEAST_REPEATS = 100, 30, 100
_LEAST_QUESTIONS = 8
_SHORTEST = 8  # words of an opinion that shows a pace; those of a word or two are by people who do not care
_ENOUGH = 8  # ratings of one person, to see how they use the scale
# What no study tells, by reason; what is fitted goes by these numbers.
_NEVER_TOLD = {
    ("retest_correlation",): "what two ratings of one statement share may be noise or the view that is rated",
    ("acquiescence_mean",): "high ratings may come from agreeable people or from good statements",
    ("scale_direction", "halo", "careless_onset_per_hour", "fatigue_noise"): "needs views that are known",
    ("careless_uniform", "careless_stuck"): "careless people are too few to tell their kinds apart",
}


@dataclass(frozen=True, slots=True, repr=False)
class Calibration(RichDisplay):
    """What a study told of a population. checks: by what was fitted, on groups set aside."""

    name: str
    source: str
    scale: str
    population: str
    n_people: int
    n_ratings: int
    fitted: tuple[Fitted, ...]
    kept: tuple[Kept, ...]
    checks: dict[str, HeldOut]

    def __repr__(self) -> str:
        return f"Calibration({self.population!r} to {self.name!r}: {counted(len(self.fitted), 'number')} fitted)"


def calibrate(run: Run, population: PopulationFile, *, scale: str, seed: int = 0) -> Calibration:
    """Fit what ``run`` tells of the numbers of ``population``; the others stay as they are.

    scale: whose ratings show the response style. seed: of which groups are set aside. Raises InputError for a run without
    ratings by enough people, and where it tells nothing.
    """
    ratings = rated(run, scale)
    found = Found(population.parameters(), LatentMindSettings(), seed)
    style = Style(**{part.name: found.style[part.name] for part in fields(Style)})
    _fit_style(found, Ratings.of(ratings.rows, ratings.options, style), scale)
    _fit_positions(found, run)
    _fit_times(found, run)
    _fit_conduct(found, run)
    if not found.fitted:
        raise InputError(f"{run.folder}: tells nothing of a population: {found.kept[0].reason}")
    return Calibration(
        name=str(run.manifest.get("name")),
        source=str(run.imported.get("source") or f"simulated, seed {run.manifest.get('seed')}"),
        scale=scale,
        population=population.name,
        n_people=int(ratings.rows["person"].nunique()),
        n_ratings=len(ratings.rows),
        fitted=tuple(found.fitted),
        kept=tuple(found.kept),
        checks=found.checks,
    )


# --- how they rate, and what they hold ---------------------------------------------------------------------------


def _fit_style(found: Found, model: Ratings, scale: str) -> None:
    of = (
        f"{int(model.n_answers.sum()):,} ratings of {scale} by {len(model.n_rounds):,} people,"
        f" {int(model.repeats.sum()):,} statements rated twice"
    )
    found.fit(f"ratings of {scale}", model, dict(_untold_of_style(model)), of)
    for keys, reason in _NEVER_TOLD.items():
        found.keep(keys, reason)


def _untold_of_style(model: Ratings) -> Iterator[tuple[str, str]]:
    n_repeats, n_many = int(model.repeats.sum()), int((model.answers.sum(axis=1) >= _ENOUGH).sum())
    if n_repeats < _LEAST_REPEATS:
        told = f"statements rated twice: {n_repeats:,}, expected {_LEAST_REPEATS} to tell noise from views"
        yield from (("noise_median", told), ("noise_log_sd", told))
    elif (n_twice := int((model.repeats >= _ENOUGH / 2).sum())) < _LEAST_PEOPLE:
        yield "noise_log_sd", f"people who rated {_ENOUGH // 2} statements twice: {n_twice}, expected {_LEAST_PEOPLE}"
    if (n_several := int((model.n_rounds > 1).sum())) < _LEAST_PEOPLE:
        told = f"people who rated on two questions: {n_several}, expected {_LEAST_PEOPLE} to tell a person from a view"
        yield "acquiescence_sd", told
    if n_many < _LEAST_PEOPLE:
        told = f"people who gave {_ENOUGH} ratings: {n_many}, expected {_LEAST_PEOPLE}"
        yield from (("extremity_log_sd", told), ("careless_share", told))


def _fit_positions(found: Found, run: Run) -> None:
    answers = stated(run)
    n = 0 if answers is None else int(answers.rows["question"].nunique())
    if answers is None or n < _LEAST_QUESTIONS:
        found.keep(MIND_KEYS, f"questions with rated position statements: {n}, expected {_LEAST_QUESTIONS}")
        return
    model = Positions.of(answers.rows, answers.options, found.style, found.mind)
    of = f"{len(answers.rows):,} positions on {n:,} questions"
    found.fit("positions", model, {}, of, besides=("question_sd",))


# --- how long it takes, and who stays ----------------------------------------------------------------------------


def _fit_times(found: Found, run: Run) -> None:
    opinions, ratings = opinion_times(run), rating_times(run)
    if len(opinions) < _LEAST_TIMES:
        found.keep(("opinion_words", "opinion_words_log_sd"), f"opinions: {len(opinions)}, expected {_LEAST_TIMES}")
    else:
        lengths = Lengths.of(opinions, found.parameters["tempo"]["fatigue_words"])
        found.fit("lengths of opinions", lengths, {}, f"{len(opinions):,} opinions")
    _fit_seconds(found, "opinions", opinion_names(), opinions[opinions["words"] >= _SHORTEST], {})
    _fit_seconds(found, "ratings", rating_names(found.parameters["tempo"]), ratings, dict(_untold_of_times(ratings)))


def _fit_seconds(found: Found, what: str, names: Names, rows: pd.DataFrame, untold: dict[str, str]) -> None:
    timed = rows[rows["seconds"] > 0]
    if len(timed) < _LEAST_TIMES or timed["participant_id"].nunique() < _LEAST_PEOPLE:
        found.keep(
            names.keys, f"{what} with their seconds: {len(timed)}, expected {_LEAST_TIMES} by {_LEAST_PEOPLE} people"
        )
        return
    found.fit(f"seconds of {what}", Seconds.of(names, timed), untold, f"the seconds of {len(timed):,} {what}")


def _untold_of_times(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    if rows["again"].sum() < _LEAST_TIMES:
        yield "second_reading", f"times of second ratings: {int(rows['again'].sum())}, expected {_LEAST_TIMES}"
    if rows["hours"].isna().all():
        yield "fatigue_time", "when ratings were given was not recorded"


def _fit_conduct(found: Found, run: Run) -> None:
    people, screens = run.frame("participants"), run.frame("screens")
    if run.imported or not len(screens):
        found.keep(
            ("no_show", "screen_out", "decline_consent", "dropout_per_hour", "dropout_waiting_factor"),
            "who came and who left was not recorded",
        )
        return
    found.add(shares(people), f"the outcomes of {len(people):,} people")
    of = leaving(screens, people)
    told = hazards(of, found.parameters["behaviour"]["dropout_waiting_factor"])
    n, hours = of.left + of.left_waiting, of.hours + of.hours_waiting
    found.add(told, f"{n:,} who left, in {hours:,.0f} hours of sessions")
    if missed := [key for key in ("dropout_per_hour", "dropout_waiting_factor") if key not in told]:
        found.keep(missed, f"people who left: {n}, too few")
