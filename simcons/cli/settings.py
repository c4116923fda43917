"""What is set on the command line besides an input file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from simcons.errors import ScenarioError

Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a value, such as design.groups=3; repeatable."),
]

Seed = Annotated[int | None, typer.Option(metavar="N", min=0, help="The seed: short for --set seed=N.")]


def changes(overrides: Sequence[str] | None, seed: int | None) -> list[str]:
    """What is set on the command line besides the file. Raises ScenarioError for a seed that is set twice."""
    given = [*(overrides or ())]
    if seed is None:
        return given
    twice = next((override for override in given if override.partition("=")[0].strip() == "seed"), None)
    if twice is not None:
        raise ScenarioError(f"--seed {seed} and --set {twice!r}: expected one of them")
    return [*given, f"seed={seed}"]
