"""``simcons train data``: training data made of run folders, and what every filter took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.storage.results import check_result_folder
from simcons.training.data.build import build
from simcons.training.data.folder import save
from simcons.training.data.settings import DataSettings

_SIDES = {
    "questions": "questions",
    "groups": "groups",
    "people": "people",
    "sft": "SFT examples",
    "comparisons": "comparisons",
    "ties": "ties",
    "ratings": "ratings",
    "positions": "positions",
}
_FILTERS = {
    "rounds": "Rounds",
    "statements": "Statements",
    "sft": "SFT examples",
    "comparisons": "Comparisons",
    "ratings": "Ratings",
    "positions": "Positions",
}


def make_data(runs: Sequence[Path], settings: DataSettings, *, out: Path) -> dict[str, Any]:
    """Write the training data of ``runs`` to ``out``; its card, as a document. Raises SimconsError."""
    check_result_folder(out)
    return save(build(runs, settings), out)


def show_data(card: Mapping[str, Any], out: Path, console: Console) -> None:
    """Sizes of both sides, and what is left after each filter."""
    sides = card["sides"]
    rows = [[title, *(f"{sizes[name]:,}" for sizes in sides.values())] for name, title in _SIDES.items()]
    print_grid(Grid("Training data", ["", *sides], rows), console)
    for name, title in _FILTERS.items():
        print_grid(Grid(title, ["", "left"], [[step, f"{n:,}"] for step, n in card["filters"][name].items()]), console)
    console.print(styled("\nTraining data and its card: ", (str(out), "bold")), soft_wrap=True)
