"""Minds and simulated crowds held against people: tried, printed, and written as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from simcons.analysis.belief.crowds import Belief, believe, check_rated
from simcons.analysis.belief.minds import Judgements
from simcons.analysis.comparable import labels
from simcons.cli.console import console as make_console
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.cli.messages import ConsoleMessages
from simcons.experiments.belief.judging import check_minds, judge
from simcons.languages.shipped import find_language
from simcons.questions.reading_networks import ReadingNetworks
from simcons.report.belief import belief_sentences, belief_tables
from simcons.report.belief_page import belief_page, write_belief_page
from simcons.scenario.shipped import find_reader_weights
from simcons.scenario.study import Scenario
from simcons.storage.check import check_tables
from simcons.storage.load import Run, load
from simcons.visible import visible_json


def make_belief(
    people: Path, against: Sequence[Path], minds: Sequence[str], *, scale: str, page: Path | None
) -> tuple[str, Belief]:
    """The name of the imported study, and what came of it, which is written to ``page`` if there is one. Raises SimconsError."""
    check_minds(minds, scale=scale)
    runs = [load(folder) for folder in (people, *against)]
    for run in runs:
        check_tables(run)
    imported, *simulated = runs
    named = dict(zip(labels(simulated), simulated, strict=True)) if simulated else {}
    check_rated(imported, named.values(), scale=scale)
    judgements = _judged(imported, minds, scale) if minds else None
    belief, name = believe(imported, named, judgements, scale=scale), str(imported.manifest.get("name"))
    if page is not None:
        write_belief_page(page, belief_page(belief, name=name, source=str(imported.imported["source"])))
    return name, belief


def show_belief(name: str, belief: Belief, console: Console, *, page: Path | None) -> None:
    """Tables, then the verdicts in words."""
    about = f"{belief.n_people:,} people, {belief.n_ratings:,} ratings of {belief.scale}"
    console.print(styled("\n", (name, "bold"), f": {about}"), soft_wrap=True)
    for table in belief_tables(belief):
        print_grid(Grid(table.title, table.header, table.rows, table.note), console)
    for sentence in belief_sentences(belief):
        console.print(f"\n{sentence}", soft_wrap=True)
    if page is not None:
        console.print(styled("\nPage: ", (str(page), "bold")), soft_wrap=True)


def print_document(belief: Belief) -> None:
    """For programs."""
    print(visible_json(asdict(belief)))


def _judged(people: Run, minds: Sequence[str], scale: str) -> Judgements:
    """By the reader for free words."""
    language = find_language(str(Scenario.model_fields["language"].default))
    reader = ReadingNetworks().trained_reader("reader", language, find_reader_weights(None))
    with ConsoleMessages(make_console(stderr=True)).step("Hearing what people wrote and rated"):
        return judge(people, minds, reader, language, scale=scale)
