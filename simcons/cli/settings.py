"""Settings on the command line besides an input file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from simcons.errors import ScenarioError
from simcons.visible import unwritable


def folder_to_write(given: Path | None) -> Path | None:
    """Of an option: a folder or a file for results, with ``~`` expanded (shells leave that of ``--out=~/x`` alone).

    Raises ScenarioError for a name that tables, pages and other programs could not spell.
    """
    if given is None:
        return None
    if (character := unwritable(str(given))) is not None or "\n" in str(given) or "\r" in str(given):
        raise ScenarioError(
            f"folder {str(given)!a}: holds {character or 'a line end'}; expected a name that can be written on one line"
        )
    try:
        return given.expanduser()
    except RuntimeError:
        raise ScenarioError(f"folder {str(given)!r}: there is no such home folder; expected one, or ./~") from None


Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a value: design.groups=3; repeatable."),
]

AsText = Annotated[
    Literal["text", "json"], typer.Option("--format", metavar="FORM", help="text, or json for programs.")
]

Seed = Annotated[int | None, typer.Option(metavar="N", min=0, help="The seed: short for --set seed=N.")]


def changes(overrides: Sequence[str] | None, seed: int | None) -> list[str]:
    """The settings on the command line besides the file. Raises ScenarioError for a seed that is set twice."""
    given = [*(overrides or ())]
    if seed is None:
        return given
    twice = next((override for override in given if override.partition("=")[0].strip() == "seed"), None)
    if twice is not None:
        raise ScenarioError(f"--seed {seed} and --set {twice!r}: expected one of them")
    return [*given, f"seed={seed}"]
