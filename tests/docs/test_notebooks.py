"""The example notebooks run, and show what they are kept with."""

from __future__ import annotations

import difflib
from pathlib import Path

import nbformat
import pytest
from notebooks import NOTEBOOKS, executed, shown_by
from pages import REPOSITORY


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_it_is_kept_with(path: Path, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    kept, made = shown_by(nbformat.read(path, as_version=4)), shown_by(executed(path, tmp_path))
    if kept != made:
        pytest.fail(
            f"run: python tests/docs/rewrite.py {path.relative_to(REPOSITORY)}\n{changes(kept, made)}", pytrace=False
        )
    assert all(made), "a cell shows nothing"


def changes(kept: list[list[str]], made: list[list[str]]) -> str:
    before, after = ("\n".join(text for texts in cells for text in texts).splitlines() for cells in (kept, made))
    return "\n".join(difflib.unified_diff(before, after, "the notebook", "shown", n=0, lineterm=""))


def test_there_is_a_notebook_to_start_from():
    assert "first_study" in {path.stem for path in NOTEBOOKS}
