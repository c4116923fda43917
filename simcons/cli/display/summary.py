"""A run's summary on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from simcons.analysis.agreement import ArmResult, by_arm, divisiveness
from simcons.analysis.comparisons import arm_differences_of
from simcons.analysis.exclusion import exclusion_effect
from simcons.analysis.rated import Rated
from simcons.analysis.reliability import rating_counts, retest
from simcons.analysis.results import Key, Result, Row
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.cli.display.truth import print_attacks, print_model_as_people
from simcons.questions.notes import question_notes
from simcons.report.analysis import p_value_text, value_text
from simcons.report.answer_notes import answer_notes
from simcons.report.imported import imported_sentences, seed_of, whose
from simcons.report.people import people_fact, spent_facts
from simcons.report.ratings import (
    arms_table,
    counts_sentence,
    divisive_sentence,
    retest_sentence,
    rounds_sentence,
    unfinished_sentence,
)
from simcons.report.stage_notes import stage_notes
from simcons.scale import AGREEMENT
from simcons.storage.layout import TRUTH
from simcons.storage.load import Run

_MOST_PAIRS = 6  # of arms that are compared in a summary: those of four arms
EXPLAINED = "What the measures and columns mean: simcons codebook"


def print_summary(run: Run, console: Console) -> None:
    """Who took part, what the arms scored, how reliable the ratings are, how long it took and what it cost; where the truth has
    not been taken out of the folder, also how a language model played the people, and what attacks did.
    """
    name = run.manifest.get("name", run.folder.name)
    facts, grids = list(_facts(run)), list(_grids(run))  # all is read before anything is printed
    console.print(styled("\n", (str(name), "bold"), f"{seed_of(run)}: {whose(bool(run.imported))}\n"))
    print_unfinished(run, console)
    for sentence in imported_sentences(run):
        console.print(sentence, soft_wrap=True, style="dim")
    shown = Table.grid(padding=(0, 2))
    shown.add_column(style="dim", no_wrap=True)
    shown.add_column()
    for label, text in facts:
        shown.add_row(label, text)
    console.print(shown)
    for grid in grids:
        print_grid(grid, console)
    if (run.tables_in / TRUTH).is_dir():
        print_model_as_people(run, console)
        print_attacks(run, console)
    for engine, notes in run.manifest.get("engine_notes", {}).items():
        for note in notes:
            console.print(styled((f"Engine {engine}: {note}", "dim")))
    console.print(EXPLAINED, style="dim")


def print_unfinished(run: Run, console: Console) -> None:
    """Mark what is shown of an unfinished run as such. Prints nothing for a finished one."""
    if run.partial:
        n_planned = run.manifest.get("scenario", {}).get("design", {}).get("groups")
        console.print(f"{unfinished_sentence(len(run.sessions), n_planned)}\n", style="yellow")


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    yield people_fact(run)
    n_rounds, n_complete = len(run.rounds), int(run.rounds["complete"].sum())
    stages = run.manifest.get("scenario", {}).get("design", {}).get("stages", ["rating"])
    yield "Rounds", rounds_sentence(n_complete, n_rounds, rated="rating" in stages)
    for note in question_notes(run.manifest.get("questions", {})):
        yield "Questions", note
    yield from answer_notes(run)
    yield "Divisive", divisive_sentence(divisiveness(run))
    for scale in run.scales:
        if (pairs := retest(run, scale)) is not None:
            yield f"Retest, {scale}", retest_sentence(pairs)
    yield from stage_notes(run)
    yield from spent_facts(run)


# --- tables ------------------------------------------------------------------------------------------------------


def _grids(run: Run) -> Iterator[Grid]:
    results = by_arm(run)
    if results:
        yield _arms(run, results)
    differences = arm_differences_of(run)
    if differences.rows:
        yield _differences(differences)
    exclusion = exclusion_effect(Rated.of_run(run))
    for arm in dict.fromkeys(str(row.keys["arm"]) for row in exclusion.rows):
        yield _exclusion(arm, exclusion)


def _arms(run: Run, results: Sequence[ArmResult]) -> Grid:
    table = arms_table(results, run.scales)
    notes = [table.note] if table.note else []
    note = "\n".join([*notes, counts_sentence(results, rating_counts(run))])
    return Grid(table.title, table.header, table.rows, note)


def _differences(differences: Result) -> Grid:
    """All pairs of arms, or each against the first where there are many."""
    first = differences.rows[0].keys["arm"]
    rows = differences.rows if len(differences.rows) <= _MOST_PAIRS else differences.where(arm=first).rows
    more = " All pairs: simcons analyse" if len(rows) < len(differences.rows) else ""
    return Grid(
        "Agreement with one arm's statements less that with another's, in the same rounds, 1-7",
        ("", "difference", "rounds", "p (Holm)"),
        [
            (f"{row.keys['arm']} over {row.keys['against']}", value_text(row), f"{row.n:,}", p_value_text(row.p_holm))
            for row in rows
        ],
        f"p: of no difference, adjusted for all pairs.{more}",
    )


def _exclusion(arm: str, exclusion: Result) -> Grid:
    of_arm = [row for row in exclusion.where(arm=arm).rows if "omitted" in row.keys]
    by_number: dict[Key, dict[str, Row]] = {}
    for row in of_arm:
        by_number.setdefault(row.keys["omitted"], {})[row.measure] = row
    measures = [f"{AGREEMENT.name}_of_used", f"{AGREEMENT.name}_of_left_out", AGREEMENT.name]
    return Grid(
        f"Agreement with statements of {arm} by number of opinions left out, 1-7",
        ("opinions left out", "of people used", "of people left out", "difference", "p (Holm)"),
        [
            (
                f"{n:,}" if n else "none",
                *(value_text(rows[name]) if name in rows else "-" for name in measures),
                p_value_text(rows[AGREEMENT.name].p_holm if AGREEMENT.name in rows else None),
            )
            for n, rows in by_number.items()
        ],
        "used: people whose opinion the statement was made from; left out: people whose opinion was left out; people who gave"
        " none are in neither. difference: used less left out, statement by statement. p: of no difference, adjusted for all"
        " numbers left out.",
    )
