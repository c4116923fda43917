"""``simcons believe``: simulated people held against people."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from simcons.analysis.belief.crowds import believe, check_rated
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
from simcons.scale import AGREEMENT
from simcons.scenario.shipped import find_reader_weights
from simcons.scenario.study import Scenario
from simcons.storage.check import check_tables
from simcons.storage.load import Run, load
from simcons.visible import visible_json

BELIEVE_MORE = (
    "Equivalence has to be shown: alike only if the whole interval lies within the bounds. Without --against: what people's"
    " answers are like, and how well they follow from baselines. Guide: docs/people.md."
)


def believe_command(
    people: Annotated[Path, typer.Argument(metavar="IMPORT", help="A run that simcons import made.")],
    against: Annotated[
        list[Path] | None, typer.Option("--against", metavar="RUN", help="A simulated run; repeatable.")
    ] = None,
    minds: Annotated[
        list[str] | None,
        typer.Option("--mind", metavar="MIND", help="A mind: latent; repeatable."),
    ] = None,
    scale: Annotated[str, typer.Option(metavar="SCALE", help="What was rated.")] = AGREEMENT.name,
    form: Annotated[
        Literal["text", "json"], typer.Option("--format", metavar="FORM", help="text, or json for programs.")
    ] = "text",
) -> None:
    """Hold simulated people against people: spread, conduct."""
    check_minds(minds or [], scale=scale)
    runs = [load(folder) for folder in (people, *(against or ()))]
    for run in runs:
        check_tables(run)
    imported, *simulated = runs
    named = dict(zip(labels(simulated), simulated, strict=True)) if simulated else {}
    check_rated(imported, named.values(), scale=scale)
    judgements = judged(imported, minds, scale=scale) if minds else None
    belief = believe(imported, named, judgements, scale=scale)
    if form == "json":
        print(visible_json(asdict(belief)))
        return
    console = make_console()
    about = f"{belief.n_people:,} people, {belief.n_ratings:,} ratings of {scale}"
    console.print(styled("\n", (str(imported.manifest.get("name")), "bold"), f": {about}"), soft_wrap=True)
    for table in belief_tables(belief):
        print_grid(Grid(table.title, table.header, table.rows, table.note), console)
    for sentence in belief_sentences(belief):
        console.print(f"\n{sentence}", soft_wrap=True)


def judged(people: Run, minds: list[str], *, scale: str) -> Judgements:
    """What the minds make of the people's statements, by the reader for free words. Raises MissingPackage, ModelNotFound."""
    language = find_language(str(Scenario.model_fields["language"].default))
    reader = ReadingNetworks().trained_reader("reader", language, find_reader_weights(None))
    with ConsoleMessages(make_console(stderr=True)).step("Hearing what people wrote and rated"):
        return judge(people, minds, reader, language, scale=scale)
