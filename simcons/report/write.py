"""The report of a result folder: figures, the written reading and the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simcons.analysis.findings import Finding
from simcons.languages.text import as_sentence
from simcons.report.chapter import unshown
from simcons.report.charts import numbers as numbers_of
from simcons.report.figure_sheet import png, sheet
from simcons.report.leading import cautions, leads
from simcons.report.page import (
    FIRST,
    Figure,
    Opening,
    Report,
    Section,
    SweepChapter,
    render,
    render_reading,
    write_page,
)
from simcons.report.palette import ordered
from simcons.report.panels import Heatmap, Panel, pairs_of_rules, panels, values_by_rule
from simcons.report.reading import read
from simcons.report.summary import Unit, summary_sentences
from simcons.report.sweep_charts import draw_heatmap, draw_panel, panel_marks
from simcons.report.sweeps import Sweep, sweeps
from simcons.report.tables import numbers
from simcons.report.words import at
from simcons.storage.disk import storage_errors, write_whole

READING, FIGURES = "reading.md", "figures"


@dataclass(frozen=True, slots=True)
class About:
    """The words for a sweep that its findings do not hold: a name, its question, and the label of its axis, with the unit."""

    title: str
    description: str = ""
    label: str = ""


def write_report(
    folder: Path,
    findings: Sequence[Finding],
    *,
    title: str,
    settings: Sequence[tuple[str, str]],
    about: Mapping[str, About] | None = None,
    extra: Sequence[Section] = (),
    failures: Sequence[str] = (),
    unit: Unit = "rounds",
) -> Path:
    """``report.html``, ``reading.md`` and ``figures/`` (a sheet of panels a sweep or part, as SVG and PNG) in an existing folder.

    settings: name and value, for a table of what was simulated. about: by the sweep's name in the findings; without it the names
    in the findings are used. extra: parts of the page after the sweeps. failures: sentences on what there are no findings of, to
    beware of before all else. unit: what the findings' n counts. Returns the path of the page. Each file is complete or not there
    at all, and the page comes last. Raises StorageError.
    """
    all_sweeps = sweeps(findings)
    about = {sweep.name: About(sweep.title) for sweep in all_sweeps} | dict(about or {})
    names = {name: entry.title for name, entry in about.items()}
    keys = list(_keys(all_sweeps))
    with storage_errors(folder):
        chapters = [_chapter(sweep, about[sweep.name], key, unit) for sweep, key in zip(all_sweeps, keys, strict=True)]
        opening = _opening(all_sweeps, chapters, names)
        of_extra = [each for part in extra for each in part.openings]
        report = Report(
            title=title,
            opening=opening or of_extra,
            cautions=[
                *failures,
                *(cautions(all_sweeps, unit=unit) or (each for part in extra for each in part.cautions)),
            ],
            summary=summary_sentences(findings, names=names, unit=unit) if all_sweeps else (),
            settings=settings,
            chapters=chapters if len(chapters) > 1 else [unshown(chapter, opening[:FIRST]) for chapter in chapters],
            extra=extra if opening else [unshown(part, of_extra[:FIRST]) for part in extra],
            rules=ordered(rule for sweep in all_sweeps for rule in sweep.rules),
        )
        _write_sheets(
            folder / FIGURES,
            [*zip(keys, chapters, strict=True), *((_slug(part.title.lower()), part) for part in extra)],
        )
        write_whole(folder / READING, render_reading(report).encode())
    return write_page(folder, render(report))


def _opening(all_sweeps: Sequence[Sweep], chapters: Sequence[SweepChapter], names: Mapping[str, str]) -> list[Opening]:
    """Main findings with their figures; without one where the sweep has no such panel."""
    by_name = dict(zip((sweep.name for sweep in all_sweeps), chapters, strict=True))
    openings = []
    for lead in leads(all_sweeps, names=names):
        chapter = by_name[lead.sweep]
        figure = next((drawn for drawn in chapter.figures if drawn.key == lead.panel), None)
        anchor = f"{chapter.key}-{figure.key}" if figure and len(chapters) > 1 else chapter.key
        openings.append(Opening(lead.sentence, anchor=anchor, figure=figure))
    return openings


def _write_sheets(folder: Path, parts: Iterable[tuple[str, SweepChapter | Section]]) -> None:
    """All figures of a part of the page together, as SVG and PNG, under its name."""
    folder.mkdir(exist_ok=True)
    for name, part in parts:
        if part.figures:
            together = sheet([figure.svg for figure in part.figures])
            write_whole(folder / f"{name}.svg", together.encode())
            write_whole(folder / f"{name}.png", png(together))


def _slug(name: str) -> str:
    return re.sub(r"[^\w-]+", "-", name).strip("-")


def _keys(all_sweeps: Sequence[Sweep]) -> Iterator[str]:
    """A name for files and anchors a sweep, each a different one."""
    used: set[str] = set()
    for sweep in all_sweeps:
        key = name = _slug(sweep.name) or "sweep"
        number = 1
        while key in used:
            number += 1
            key = f"{name}-{number}"
        used.add(key)
        yield key


def _chapter(sweep: Sweep, about: About, key: str, unit: Unit) -> SweepChapter:
    label = about.label or sweep.label
    shown = panels(sweep)
    return SweepChapter(
        key=f"sweep-{key}",
        title=as_sentence(about.title),
        description=about.description,
        varied=_varied(sweep, label, unit),
        paragraphs=read(sweep),
        figures=[*_drawn(sweep, shown, label), *_heatmaps(sweep, label)],
        tables=[numbers(panel, sweep.axis, label=label, name=f"{key}-{panel.key}") for panel in shown],
    )


def _varied(sweep: Sweep, label: str, unit: Unit) -> str:
    least, most = min(sweep.sizes, default=0), max(sweep.sizes, default=0)
    sizes = f"{most:,}" if least == most else f"{least:,} to {most:,}"
    values = sweep.axis.values
    if len(values) == 1:
        return f"{as_sentence(label)}: {values[0]}. Independent {unit}: {sizes}."
    return f"Varied: {label} ({sweep.parameter}), at {', '.join(values)}. Independent {unit}: {sizes} each."


def _drawn(sweep: Sweep, shown: Sequence[Panel], label: str) -> Iterator[Figure]:
    for panel in shown:
        over = label if sweep.axis.is_number else ""
        data = [
            row for line in panel.lines for row in numbers_of(panel_marks(panel, line), panel.measure.unit, over=over)
        ]
        yield Figure(panel.key, draw_panel(panel, sweep.axis, label=label), _in_words(panel, sweep, label), data)


def _in_words(panel: Panel, sweep: Sweep, label: str) -> str:
    """A panel in words, for those who cannot see it: the ends of every line."""
    parts = []
    for line in panel.lines:
        ends = [line.points[0], *line.points[-1:]] if len(line.points) > 1 else [line.points[0]]
        values = ", ".join(
            f"{point.estimate * panel.measure.scale:.3g} {at(point.value, sweep.axis)}" for point in ends
        )
        parts.append(f"{line.name} {values}")
    return f"Chart. {panel.measure.title}, {panel.measure.unit}, by {label}. {'; '.join(parts)}."


def _heatmaps(sweep: Sweep, label: str) -> Iterator[Figure]:
    """Rule by rule in the middle of a sweep, and value by rule where values are categories."""
    middle = sweep.axis.values[len(sweep.axis.values) // 2] if sweep.axis.is_number else sweep.axis.values[0]
    for grid in (values_by_rule(sweep), pairs_of_rules(sweep, middle, label=label)):
        if grid is not None:
            yield Figure(grid.key, draw_heatmap(grid), _heatmap_in_words(grid))


def _heatmap_in_words(grid: Heatmap) -> str:
    cells = [f"{row} and {column} {100 * share:.0f}" for (row, column), share in grid.cells.items()]
    return f"Grid of numbers. {grid.title}, {grid.subtitle}. {'; '.join(cells)}."
