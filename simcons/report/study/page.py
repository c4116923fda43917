"""The report of one or more runs as one HTML file: findings and figures as they are read, and details made by its script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from simcons.report.chapter import Chapter, unshown
from simcons.report.page import Opening, templates
from simcons.report.palette import page_colours
from simcons.report.study.crowd import Crowd
from simcons.report.study.data import PackedRun
from simcons.report.tables import DataTable
from simcons.visible import visible, visible_json

_SCRIPTS = ("data", "dom", "people", "replay", "rounds", "beside", "main")


@dataclass(frozen=True, slots=True)
class RunPart:
    """One run as its page has it. arms: settings that the script tells, by name."""

    label: str
    asked: str
    description: str
    notes: Sequence[str]  # such as that it has not finished
    packed: PackedRun
    crowd: Crowd
    provenance: Sequence[tuple[str, str]]
    scenario: str
    arms: Mapping[str, Mapping[str, Any]]
    imported: bool = False  # of people


@dataclass(frozen=True, slots=True)
class StudyReport:
    """Everything that the page holds. cautions: the strongest first; notes: what there is no figure of, and why.

    differences: settings in which several runs differ; None where there are none.
    """

    title: str
    runs: Sequence[RunPart]
    findings: Sequence[Opening]
    cautions: Sequence[str]
    chapters: Sequence[Chapter]
    notes: Sequence[str]
    differences: DataTable | None = None

    @property
    def imported(self) -> bool:
        """True if all runs are of people."""
        return all(run.imported for run in self.runs)

    @property
    def mixed(self) -> bool:
        """True if some runs are of people and others not."""
        return any(run.imported for run in self.runs) and not self.imported


def render_study(report: StudyReport) -> str:
    """The HTML document, in which each figure is shown once."""
    page = templates().get_template("study/page.html.j2")
    report = _once(report)
    arms = Markup(visible_json([run.arms for run in report.runs]).replace("<", "\\u003c"))
    colours, script = page_colours(), Markup(_script())
    return visible(page.render(report=report, title=report.title, colours=colours, script=script, arms=arms))


def _once(report: StudyReport) -> StudyReport:
    """Without chapters all of whose figures stand beside findings, and without links to them."""
    chapters = [left for chapter in report.chapters if (left := unshown(chapter, report.findings)).figures]
    keys = {chapter.key for chapter in chapters}
    findings = [each if each.anchor in keys else replace(each, anchor=None) for each in report.findings]
    return replace(report, chapters=chapters, findings=findings)


def _script() -> str:
    """The page's own script, from its files."""
    folder = files("simcons.report").joinpath("templates", "study")
    parts = [folder.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS]
    return "\n".join(['"use strict";', *parts])
