"""``simcons train persona-data``: data from which a language model learns to play people, and what is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from simcons.actors.card import card, figures
from simcons.actors.data import build_persona_data
from simcons.actors.settings import PersonaDataSettings
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.storage.results import check_result_folder
from simcons.training.data.persona import save_persona_data


def make_persona_data(runs: Sequence[Path], settings: PersonaDataSettings, *, out: Path) -> dict[str, Any]:
    """Write the persona data of ``runs`` to ``out``; its card, as a document. Raises SimconsError."""
    check_result_folder(out)
    built = build_persona_data(runs, settings)
    document = figures(built)
    save_persona_data(built.data, out, document, card(document))
    return document


def show_persona_data(document: Mapping[str, Any], out: Path, console: Console) -> None:
    """Sizes of both sides, and what is left after each filter."""
    sides = document["sides"]
    names = list(dict.fromkeys(name for sizes in sides.values() for name in sizes))
    rows = [[name, *(f"{sizes.get(name, 0):,}" for sizes in sides.values())] for name in names]
    print_grid(Grid("Persona data", ["", *sides], rows), console)
    filters = [[step, f"{n:,}"] for step, n in document["filters"].items()]
    print_grid(Grid("People in rounds", ["", "left"], filters), console)
    console.print(styled("\nPersona data and its card: ", (str(out), "bold")), soft_wrap=True)
