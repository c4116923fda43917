"""The figures of a study's page as files: SVG, PNG, and the numbers that each shows as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from simcons.report.chapter import Chapter
from simcons.report.figure_sheet import png
from simcons.report.page import Figure
from simcons.report.study.page import StudyReport
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.results import make_result_folder, write_manifest
from simcons.storage.spreadsheet import as_plain_text

_PEOPLE = "people"  # before the names of figures of who took part
_SCALE = 4.0  # of PNG: a column of a paper, 8 cm wide, at 300 dots an inch and more


def named(chapters: Sequence[Chapter]) -> dict[str, Figure]:
    """Figures by the name that their files have, such as ``arms-win_rates``, in the order of the page."""
    return {f"{chapter.key}-{figure.key}": figure for chapter in chapters for figure in chapter.figures}


def write_figures(report: StudyReport, folder: Path) -> None:
    """Each as NAME.svg, NAME.png and NAME.csv in a new folder; last the manifest, with what each shows in words.

    Raises RunFolderError for a folder that holds something, and StorageError.
    """
    figures = named([*report.chapters, *_people(report)])
    make_result_folder(folder)
    with storage_errors(folder):
        for name, figure in figures.items():
            write_whole(folder / f"{name}.svg", figure.document.encode())
            write_whole(folder / f"{name}.png", png(figure.document, scale=_SCALE))
            write_whole(folder / f"{name}.csv", _csv(figure))
    told = {name: figure.alt for name, figure in figures.items()}
    write_manifest(folder, "figures", {"runs": [run.label for run in report.runs], "figures": told})


def _people(report: StudyReport) -> Iterator[Chapter]:
    """Who took part in each run."""
    for run in report.runs:
        key = f"{_PEOPLE}-{run.label}" if len(report.runs) > 1 else _PEOPLE
        yield Chapter(key, "People", run.crowd.margins)


def _csv(figure: Figure) -> bytes:
    text = pa.BufferOutputStream()
    pa_csv.write_csv(as_plain_text(pa.Table.from_pylist(list(figure.numbers))), text)
    content: bytes = text.getvalue().to_pybytes()
    return content
