"""Pages as single HTML files that ask nothing of the network, with what all of them share; that of sweeps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from simcons.report.palette import page_colours
from simcons.report.reading import Paragraph
from simcons.report.tables import DataTable
from simcons.storage.disk import storage_errors, write_whole
from simcons.visible import visible, visible_markdown


@dataclass(frozen=True, slots=True, repr=False)
class Figure:
    """A drawing as an SVG document, its name within a chapter, what it shows in words, and its numbers, a row a mark."""

    key: str
    svg: str
    alt: str
    numbers: Sequence[Mapping[str, str | float | None]] = ()

    @property
    def inline(self) -> Markup:
        """The SVG for a page: one image with a text alternative, which shrinks with the page."""
        return Markup(re.sub(r' xmlns(:xlink)?="[^"]*"| class="[^"]*"', "", self.document))

    @property
    def document(self) -> str:
        """The SVG as a file, with its text alternative."""
        return visible(self.svg.replace("<svg ", f'<svg role="img" aria-label="{escape(self.alt)}" ', 1))

    def __repr__(self) -> str:
        return f"Figure({self.key!r})"

    def _repr_svg_(self) -> str:
        return self.document


@dataclass(frozen=True, slots=True)
class Opening:
    """A main finding: a sentence, what it rests on in a line, the figure that shows it, and where it is told in full.

    figure: beside the sentence, if there is one. anchor: of a figure or chapter further down.
    """

    sentence: str
    basis: str = ""
    anchor: str | None = None
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that comes from elsewhere: figures, and on demand paragraphs and tables.

    openings, cautions: its main findings and what to beware of, for the top of a page that has no others.
    """

    title: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[DataTable] = ()
    figures: Sequence[Figure] = ()
    openings: Sequence[Opening] = ()
    cautions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SweepChapter:
    """One sweep as the page shows it."""

    key: str
    title: str
    description: str
    varied: str
    paragraphs: Sequence[Paragraph]
    figures: Sequence[Figure]  # the first `FIRST` are shown, the others on demand
    tables: Sequence[DataTable]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the page and the written reading hold. cautions: the strongest first; summary: of all conditions."""

    title: str
    opening: Sequence[Opening]
    cautions: Sequence[str]
    summary: Sequence[str]
    settings: Sequence[tuple[str, str]]
    chapters: Sequence[SweepChapter]
    extra: Sequence[Section]
    rules: Sequence[str]


PAGE = "report.html"
_INTERVAL = re.compile(r"\[([^\[\],]{1,12}), ([^\[\],]{1,12})\]")
_HYPHEN = re.compile(r"(?:(?<=[\s(\[])|^)-(?=\d)")
FIRST = 3  # findings on top, figures of a chapter and rounds to read, before one asks for more


def render(report: Report) -> str:
    """The HTML document."""
    page = templates().get_template("sweeps.html.j2")
    colours = page_colours(report.rules)
    return visible(page.render(report=report, title=report.title, colours=colours))


def render_reading(report: Report) -> str:
    """The sentences alone, as Markdown."""
    return visible_markdown(templates().get_template("reading.md.j2").render(report=report))


def write_page(folder: Path, html: str) -> Path:
    """``report.html`` in a folder. Raises StorageError."""
    with storage_errors(folder):
        write_whole(folder / PAGE, html.encode())
    return folder / PAGE


def typeset(text: str) -> str:
    """The text with a true minus before negative numbers, as figures have it, and intervals that no line breaks."""
    return _INTERVAL.sub("[\\1,\u00a0\\2]", _HYPHEN.sub("−", text))


def in_cell(text: str) -> str:
    """The text on one line and with no end of a cell in it, for a table of Markdown."""
    return " ".join(text.split()).replace("|", "\\|")


def templates() -> Environment:
    """The templates of pages; what they are given is escaped in HTML. ``first``: how many of many are shown at once."""
    made = Environment(
        loader=PackageLoader("simcons.report"),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals["first"] = FIRST
    made.filters |= {"typeset": typeset, "in_cell": in_cell}
    return made
