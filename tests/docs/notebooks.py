"""Running the example notebooks, which are kept with what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from pages import REPOSITORY

NOTEBOOKS = sorted((REPOSITORY / "examples").glob("*.ipynb"))
_SECONDS = 600  # a cell may take


def executed(path: Path, folder: Path) -> NotebookNode:
    """The notebook after every cell has run, in ``folder``. Raises CellExecutionError where one fails."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=_SECONDS, record_timing=False, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    notebook.metadata.language_info = {"name": "python"}  # the rest is of the machine that it ran on
    return notebook


def rewrite_notebook(path: Path, folder: Path) -> int:
    """Put what cells show now in place of what they showed; the number of cells that show something else."""
    before = shown_by(nbformat.read(path, as_version=4))
    notebook = executed(path, folder)
    nbformat.write(notebook, path)
    return sum(old != new for old, new in zip(before, shown_by(notebook), strict=True))


def shown_by(notebook: NotebookNode) -> list[list[str]]:
    """What each code cell shows, as text: of a drawing, what it says of itself in words."""
    return [list(_texts(cell)) for cell in notebook.cells if cell.cell_type == "code"]


def _texts(cell: NotebookNode) -> Iterator[str]:
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        else:
            yield from (_text(kind, content) for kind, content in sorted(output.data.items()))


def _text(kind: str, content: str) -> str:
    if kind != "image/svg+xml":
        return content
    words = re.search(r'aria-label="([^"]*)"', content)
    assert words is not None, "a figure without a text alternative"
    return words[1]
