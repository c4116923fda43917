"""The report as one HTML file that asks nothing of the network: figures, style and tables are inside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from simcons.report.palette import DARK, PAPER, ink
from simcons.report.reading import Paragraph
from simcons.report.tables import Table
from simcons.visible import visible, visible_markdown


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report that comes from elsewhere: tables, then paragraphs."""

    title: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = ()


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
class Chapter:
    """One sweep as the page shows it."""

    key: str
    title: str
    description: str
    varied: str
    paragraphs: Sequence[Paragraph]
    figures: Sequence[Figure]  # the first `FIRST` are shown, the others on demand
    tables: Sequence[Table]


@dataclass(frozen=True, slots=True)
class Opening:
    """A main finding: a sentence, the figure that shows it, and the anchor that it has further down."""

    sentence: str
    figure: Figure | None
    anchor: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the page and the written reading hold. opening: the main findings; summary: of all, where there are any."""

    title: str
    opening: Sequence[Opening]
    summary: Sequence[str]
    settings: Sequence[tuple[str, str]]
    chapters: Sequence[Chapter]
    extra: Sequence[Section]
    rules: Sequence[str]


FIRST = 3


def render(report: Report) -> str:
    """The HTML document."""
    page = templates().get_template("page.html.j2")
    return visible(page.render(report=report, colours=_colours(report.rules), first=FIRST))


def render_reading(report: Report) -> str:
    """The sentences alone, as Markdown."""
    return visible_markdown(templates().get_template("reading.md.j2").render(report=report))


def templates() -> Environment:
    """The templates of pages; what they are given is escaped in HTML."""
    return Environment(
        loader=PackageLoader("simcons.report"),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _colours(rules: Iterable[str]) -> list[tuple[str, str]]:
    """Colours of figures on light pages, each with the one that takes its place on dark pages."""
    inks = [ink(rule) for rule in rules]
    of_rules = {ink_of_rule.light: ink_of_rule.dark for ink_of_rule in inks}
    return list({**{light: dark for light, dark in DARK.items() if light != PAPER}, **of_rules}.items())
