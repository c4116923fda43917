"""``simcons believe``: simulated people and minds held against people. It is registered in `app`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simcons.cli.console import console as make_console
from simcons.cli.settings import AsText, folder_to_write
from simcons.scale import AGREEMENT

BELIEVE_MORE = (
    "Equivalence has to be shown: alike only if the whole interval lies within the bounds. MIND: latent, smollm2-135m-instruct,"
    " or the folder of a reward model or a persona that simcons train made; it judges from a person's own opinion alone. Without"
    " both: what people's answers are like, and how well they follow from baselines. Guide: docs/believe.md."
)


def believe_command(
    people: Annotated[Path, typer.Argument(metavar="IMPORT", help="A run that simcons import made.")],
    against: Annotated[
        list[Path] | None, typer.Option("--against", metavar="RUN", help="A simulated run; repeatable.")
    ] = None,
    minds: Annotated[list[str] | None, typer.Option("--mind", metavar="MIND", help="A mind; repeatable.")] = None,
    scale: Annotated[str, typer.Option(metavar="SCALE", help="What was rated.")] = AGREEMENT.name,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write a page too.", callback=folder_to_write)
    ] = None,
    form: AsText = "text",
) -> None:
    """Hold simulated people against people: spread, conduct."""
    from simcons.cli.display.belief import make_belief, print_document, show_belief  # with pandas and charts

    name, belief = make_belief(people, against or (), minds or (), scale=scale, page=out)
    if form == "json":
        print_document(belief)
    else:
        show_belief(name, belief, make_console(), page=out)
