"""``simcons believe``: simulated people held against people."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from simcons.analysis.belief.crowds import believe
from simcons.analysis.comparable import labels
from simcons.cli.console import console as make_console
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.report.belief import belief_sentences, belief_tables
from simcons.scale import AGREEMENT
from simcons.storage.check import check_tables
from simcons.storage.load import load
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
    scale: Annotated[str, typer.Option(metavar="SCALE", help="What was rated.")] = AGREEMENT.name,
    form: Annotated[
        Literal["text", "json"], typer.Option("--format", metavar="FORM", help="text, or json for programs.")
    ] = "text",
) -> None:
    """Hold simulated people against people: spread, conduct."""
    runs = [load(folder) for folder in (people, *(against or ()))]
    for run in runs:
        check_tables(run)
    imported, *simulated = runs
    named = dict(zip(labels(simulated), simulated, strict=True)) if simulated else {}
    belief = believe(imported, named, scale=scale)
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
