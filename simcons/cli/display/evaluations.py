"""The tables of a loop's evaluations on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from rich.console import Console

from simcons.analysis.best_of_n import BestOfN
from simcons.analysis.first_picks import UNANIMOUS
from simcons.analysis.resampling import Estimate
from simcons.analysis.scorers_compared import AccuracyDifference, PairAccuracy
from simcons.cli.console import console as make_console
from simcons.cli.console import print_bare, styled
from simcons.cli.display.loop_plan import show_leaks, status_grid
from simcons.cli.display.tables import Grid, print_grid
from simcons.loop.evaluation import ALL, ArmRow, Evaluation, RankRow, WinRow, compare
from simcons.loop.folder import LoopFolder
from simcons.loop.page import PAGE
from simcons.loop.recipe import EvaluateStageSettings
from simcons.loop.run import STUDY
from simcons.report.intervals import NO_ESTIMATE, percentage_points, points, share
from simcons.storage.load import load

Cells: TypeAlias = Mapping[tuple[str, str], str]  # by row and column

_MEASURES = (
    "lowest: whoever in the group agrees least; true agreement: before any noise, which only the simulator knows."
)
_UNANIMOUS = "unanimous: share of rounds in which everybody rates above 4."
_BOUND = "* sees the truth: an upper bound, not a mediator."
_EXPLOITS = "Exploits are texts that only please (docs/exploits.md): 1 is above all of them."
_TIES = "A tie counts half."
_BEST_OF_N = (
    "Means over groups, 1-7: predicted, what the scorer says of the statement chosen (of longest its place among the lengths);"
    " rated, where it was shown; true, of all members.\n"
    "ahead: share of rounds in which it is truly liked better than one more sample; at most N / (N + 1), but for ties."
    " nats: how far what is shown can be from what is sampled."
)
_ACCURACY = (
    "Share of pairs of statements that are ordered as a person orders them, by their ratings and by what they truly think.\n"
    "longest: the one with more words; oracle: the truth; second rating: the person's own, against their first. pairs: rated."
)

_DIFFERENCES = "Percentage points, of the same pairs: those that both scorers and the person tell apart."


def show_end(loop: LoopFolder, *, quiet: bool) -> None:
    """Print the results of a finished loop; where ``quiet`` the name of its folder alone."""
    if quiet:
        print_bare(loop.path)
    else:
        show_evaluations(loop, make_console())


def show_evaluations(loop: LoopFolder, console: Console) -> None:
    """The tables of a finished loop's evaluations, how long its stages took, and where all of it lies."""
    for stage in loop.recipe.stages:
        if isinstance(stage, EvaluateStageSettings):
            evaluation = compare(load(loop.of(stage.name) / STUDY), against=stage.against)
            for grid in evaluation_grids(stage.name, evaluation, stage.against):
                print_grid(grid, console)
    print_grid(status_grid(loop), console)
    show_leaks(loop.leaks(), console)
    console.print(styled("\nLoop folder: ", (str(loop.path), "bold")), soft_wrap=True)
    console.print(styled("Page:        ", (str(loop.path / PAGE), "bold")), soft_wrap=True)


def evaluation_grids(title: str, evaluation: Evaluation, against: Sequence[str]) -> Iterator[Grid]:
    """Arms, wins against each of ``against``, the same by kind of round, best of N, and scorers; those there is something for."""
    bounds = {row.arm for row in evaluation.arms if row.upper_bound}
    yield _arms(title, evaluation.arms)
    exploits = (
        {row.arm for row in evaluation.arms} - {row.arm for row in evaluation.ranks} if evaluation.ranks else set()
    )
    for other in against:
        wins = [row for row in evaluation.wins if row.against == other and row.arm not in exploits]
        if wins:
            yield from _wins(title, other, wins, bounds)
    if evaluation.ranks:
        yield _ranks(title, evaluation.ranks, bounds)
    if evaluation.best_of_n:
        yield _best_of_n(title, evaluation.best_of_n)
    if evaluation.accuracy:
        yield _accuracy(title, evaluation.accuracy)
    if evaluation.differences:
        yield _differences(title, evaluation.differences)


def _arms(title: str, rows: Sequence[ArmRow]) -> Grid:
    whole = [row for row in rows if (row.split, row.rounds) == (ALL, ALL)]
    cells = {(_starred(row.arm, row.upper_bound), row.measure): _arm_cell(row) for row in whole}
    notes = [*([_BOUND] if any(row.upper_bound for row in whole) else []), _MEASURES, _UNANIMOUS]
    return Grid(
        f"{title}: ratings by arm, 1-7 (mean and 95% interval over groups)", *_crossed("arm", cells), "\n".join(notes)
    )


def _arm_cell(row: ArmRow) -> str:
    estimate = Estimate.of_numbers(row.value, row.low, row.high, row.n_rounds)
    return share(estimate) if row.measure == UNANIMOUS else points(estimate)


def _wins(title: str, against: str, rows: Sequence[WinRow], bounds: set[str]) -> Iterator[Grid]:
    def cell(row: WinRow) -> str:
        return share(Estimate.of_numbers(row.share, row.low, row.high, row.n_rounds))

    name = f"{title}: share of rounds won against {against}"
    whole = {
        (_starred(row.arm, row.arm in bounds), row.measure): cell(row)
        for row in rows
        if (row.split, row.rounds) == (ALL, ALL)
    }
    yield Grid(name, *_crossed("arm", whole), _TIES)
    apart = {
        (_starred(row.arm, row.arm in bounds), _part(row)): cell(row)
        for row in rows
        if row.measure == "agreement" and (row.split, row.rounds) != (ALL, ALL)
    }
    if apart:
        yield Grid(f"{name}, by agreement, in some of the rounds", *_crossed("arm", apart))


def _part(row: WinRow) -> str:
    return row.split if row.split != ALL else row.rounds


def _ranks(title: str, rows: Sequence[RankRow], bounds: set[str]) -> Grid:
    cells = {
        (_starred(row.arm, row.arm in bounds), row.measure): f"{row.n_above + 1} of {row.n_exploits + 1}"
        for row in rows
    }
    best = {row.measure: f"{row.best} {row.best_value:.2f}" for row in rows}
    cells |= {("best exploit", measure): text for measure, text in best.items()}
    return Grid(f"{title}: place of each arm among the exploits, by its mean", *_crossed("arm", cells), _EXPLOITS)


def _best_of_n(title: str, rows: Sequence[BestOfN]) -> Grid:
    by_choice: dict[tuple[str, int], dict[str, BestOfN]] = {}
    for row in rows:
        by_choice.setdefault((_starred(row.arm, row.upper_bound), row.n), {})[row.measure] = row
    lines = [[f"{arm}, best of {n}", *_chosen(measured)] for (arm, n), measured in by_choice.items()]
    columns = ["choice", "predicted", "rated", "true", "ahead", "nats"]
    return Grid(f"{title}: the best of N samples by each arm's scores", columns, lines, _BEST_OF_N)


def _chosen(measured: Mapping[str, BestOfN]) -> list[str]:
    def mean(measure: str) -> str:
        row = measured.get(measure)
        return NO_ESTIMATE if row is None else points(Estimate.of_numbers(row.value, row.low, row.high, row.n_rounds))

    truth = measured.get("truth")
    ahead = NO_ESTIMATE
    if truth is not None and truth.wins is not None:
        ahead = share(Estimate.of_numbers(truth.wins, truth.wins_low, truth.wins_high, truth.n_rounds))
    nats = next(iter(measured.values())).nats_at_most
    return [mean("proxy"), mean("rating"), mean("truth"), ahead, f"{nats:.2f}"]


def _accuracy(title: str, rows: Sequence[PairAccuracy]) -> Grid:
    cells: dict[tuple[str, str], dict[str, PairAccuracy]] = {}
    for row in rows:
        cells.setdefault((row.generator, row.predictor), {})[row.versus] = row
    lines = [[f"{of}: {by}", *_accuracies(versus)] for (of, by), versus in cells.items()]
    return Grid(
        f"{title}: how scorers order statements of one generator",
        ["statements: by", "ratings", "truth", "pairs"],
        lines,
        _ACCURACY,
    )


def _accuracies(versus: Mapping[str, PairAccuracy]) -> list[str]:
    def cell(name: str) -> str:
        row = versus.get(name)
        return NO_ESTIMATE if row is None else share(Estimate.of_numbers(row.accuracy, row.low, row.high, row.n_pairs))

    rated = versus.get("rating")
    return [cell("rating"), cell("truth"), NO_ESTIMATE if rated is None else f"{rated.n_pairs:,}"]


def _differences(title: str, rows: Sequence[AccuracyDifference]) -> Grid:
    cells = {
        (f"{row.generator}: {row.predictor} over {row.against}", "ratings" if row.versus == "rating" else row.versus): (
            percentage_points(Estimate.of_numbers(row.difference, row.low, row.high, row.n_pairs))
        )
        for row in rows
    }
    return Grid(
        f"{title}: how many more pairs one scorer orders than another", *_crossed("statements: by", cells), _DIFFERENCES
    )


def _starred(arm: str, upper_bound: bool) -> str:
    return arm + " *" * upper_bound


def _crossed(label: str, cells: Cells) -> tuple[list[str], list[list[str]]]:
    """Columns and rows."""
    names, measures = (list(dict.fromkeys(key[place] for key in cells)) for place in (0, 1))
    rows = [[name, *(cells.get((name, measure), NO_ESTIMATE) for measure in measures)] for name in names]
    return [label, *(measure.replace("_", " ") for measure in measures)], rows
