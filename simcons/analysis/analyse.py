"""All that a study says, in named tables: `analyse`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from simcons.analysis.arm_odds import arm_odds, arm_odds_mixed
from simcons.analysis.comparable import labels, refuse_incomparable
from simcons.analysis.comparisons import MEASURES, arm_differences, win_rates
from simcons.analysis.conduct import participation, response_times, spread_of_answers
from simcons.analysis.distributions import rating_distributions
from simcons.analysis.divided import divisiveness_of_statements
from simcons.analysis.exclusion import exclusion_effect
from simcons.analysis.minority import minority_weight
from simcons.analysis.own_opinions import statements_against_opinions
from simcons.analysis.rankings import ranked_statements
from simcons.analysis.rated import Rated
from simcons.analysis.realised_welfare import realised_welfare
from simcons.analysis.repeats import reliability
from simcons.analysis.results import Analysis, Result, joined
from simcons.analysis.scoring import best_of_n_by_n, scorer_accuracy
from simcons.analysis.sides import Neutral
from simcons.analysis.variance import variance_shares
from simcons.errors import InputError
from simcons.scale import AGREEMENT
from simcons.storage.check import check_tables
from simcons.storage.load import Run

Analyser: TypeAlias = Callable[[Run, Rated], Result]


def _by_scale(analyse_scale: Callable[..., Result], _: Run, rated: Rated) -> Result:
    """Agreement by the mean, the lowest and the median; other scales by the mean alone."""
    return joined(
        [
            analyse_scale(
                rated.rounds(scale),
                scale=scale,
                arms=rated.arms,
                measures=MEASURES if scale == AGREEMENT.name else ("mean",),
            )
            for scale in rated.scales
        ]
    )


ANALYSES: Mapping[str, Analyser] = {
    "win_rates": partial(_by_scale, win_rates),
    "arm_differences": partial(_by_scale, arm_differences),
    "arm_odds": lambda _, rated: arm_odds(rated),
    "rankings": lambda _, rated: ranked_statements(rated),
    "rating_distributions": lambda _, rated: rating_distributions(rated),
    "divisiveness": lambda _, rated: divisiveness_of_statements(rated),
    "statements_against_opinions": lambda _, rated: statements_against_opinions(rated),
    "exclusion_effect": lambda _, rated: exclusion_effect(rated),
    "minority_weight": lambda run, rated: minority_weight(rated, run),
    "realised_welfare": lambda _, rated: realised_welfare(rated),
    "reliability": lambda _, rated: reliability(rated),
    "variance_shares": lambda _, rated: variance_shares(rated),
    "scorer_accuracy": scorer_accuracy,
    "best_of_n": best_of_n_by_n,
    "response_times": lambda _, rated: response_times(rated),
    "participation": participation,
    "spread_of_answers": lambda _, rated: spread_of_answers(rated),
}
# Only when asked for: they take ten seconds and more for a thousand ratings.
SLOW: Mapping[str, Analyser] = {"arm_odds_mixed": lambda _, rated: arm_odds_mixed(rated)}


def analyse(
    runs: Run | Sequence[Run], *, only: Iterable[str] = (), mixed: bool = False, neutral: Neutral = "neither"
) -> Analysis:
    """Every analysis of one or more runs, each run by itself, its rows marked with its label.

    only: names of analyses, from `ANALYSES` and `SLOW`; none for all of `ANALYSES`. mixed: with ``arm_odds_mixed``.
    neutral: what a 4 counts as in what divides a group, and so in which rounds are divisive: see `simcons.analysis.sides`. Raises
    InputError for an unknown name, for no run or one given twice, and for runs that cannot be compared; RunFolderError for a
    table that is missing or damaged, and MissingPackage for mixed models without their package.
    """
    given = [runs] if isinstance(runs, Run) else list(runs)
    names = _known(only, mixed=mixed)
    refuse_incomparable(given)
    for run in given:
        check_tables(run)
    named = list(zip(labels(given), given, strict=True))
    rated = {label: Rated.of_run(run, neutral=neutral) for label, run in named}
    every = {**ANALYSES, **SLOW}
    results = {name: joined([every[name](run, rated[label]).labelled(label) for label, run in named]) for name in names}
    notes = [note for label, run in named for note in _notes(label, run, rated[label])]
    missing = [f"{name}: none, as {result.reason}" for name, result in results.items() if result.reason]
    imported = tuple(label for label, run in named if run.imported)
    return Analysis(tuple(rated), results, (*notes, *missing), imported)


def _known(only: Iterable[str], *, mixed: bool) -> list[str]:
    names = list(dict.fromkeys(only))
    for name in names:
        if name not in ANALYSES and name not in SLOW:
            raise InputError(f"analysis {name!r}: expected one of {', '.join([*ANALYSES, *SLOW])}")
    return list(dict.fromkeys([*(names or ANALYSES), *(SLOW if mixed else ())]))


def _notes(label: str, run: Run, rated: Rated) -> Iterator[str]:
    """Notes on all that makes the numbers of a run weaker than they look, or leaves some out."""
    if run.partial:
        yield f"run {label}: has not finished; all is of the sessions that were over"
    if len(run.table("sessions")) == 1:
        yield f"run {label}: has one group, which says nothing about others: there are no intervals"
    with_ratings = set(rated.frame("SELECT DISTINCT arm FROM shown_ratings")["arm"])
    yield from (f"run {label}: arm {arm} has no ratings" for arm in rated.arms if arm not in with_ratings)
