"""Writing the report of one or more runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from simcons.analysis.analyse import analyse
from simcons.analysis.calibration_curve import calibration_curve
from simcons.analysis.results import Analysis
from simcons.counted import counted, listed
from simcons.report.chapter import Chapter
from simcons.report.imported import imported_sentences, seed_of
from simcons.report.page import Figure, Opening
from simcons.report.ratings import unfinished_sentence
from simcons.report.study.cautions import Cautions
from simcons.report.study.crowd import crowd
from simcons.report.study.data import MOST_BYTES, packed_run
from simcons.report.study.figure_files import named, write_figures
from simcons.report.study.figures import Drawing
from simcons.report.study.findings import Findings
from simcons.report.study.numbers import circumstances
from simcons.report.study.page import RunPart, StudyReport, render_study
from simcons.report.study.settings import asked, differing_settings, provenance, scenario_yaml
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.load import Run
from simcons.storage.results import check_result_folder


def write_study_report(runs: Sequence[Run], path: Path, *, figures: Path | None = None) -> None:
    """Write the page of ``runs`` to ``path``, whole or not at all. figures: a new folder for its figures as files.

    Raises RunFolderError for a run that cannot be read, InputError for runs that cannot be compared, and StorageError.
    """
    if figures is not None:
        check_result_folder(figures)
    report = study_report(runs)
    if figures is not None:
        write_figures(report, figures)
    page = render_study(report)
    with storage_errors(path):
        write_whole(path, page.encode())


def study_figures(runs: Run | Sequence[Run], analysis: Analysis | None = None) -> dict[str, Figure]:
    """The figures of the page of ``runs``, by name, such as ``arms-win_rates``; notebooks show them.

    analysis: of these runs, by default all of it; there are figures of what is in it. Raises as `analyse` does.
    """
    given = [runs] if isinstance(runs, Run) else list(runs)
    return named(_chapters(_drawing(given, analysis or analyse(given))))


def study_report(runs: Sequence[Run]) -> StudyReport:
    """Everything that the page of ``runs`` tells."""
    analysis = analyse(runs)
    about = {label: circumstances(run) for label, run in zip(analysis.labels, runs, strict=True)}
    told, chapters = Findings(analysis, about), _chapters(_drawing(runs, analysis))
    findings = told.findings() if len(runs) > 1 else _pictured(told.findings(), chapters)
    return StudyReport(
        title=_title(runs, analysis.labels),
        runs=[_part(run, label, MOST_BYTES // len(runs)) for run, label in zip(runs, analysis.labels, strict=True)],
        findings=findings,
        cautions=Cautions(analysis, about).cautions(),
        chapters=chapters,
        notes=told.notes(),
        differences=differing_settings(runs, analysis.labels),
    )


def _drawing(runs: Sequence[Run], analysis: Analysis) -> Drawing:
    curves = {label: calibration_curve(run) for label, run in zip(analysis.labels, runs, strict=True)}
    return Drawing(analysis, curves)


def _chapters(drawing: Drawing) -> list[Chapter]:
    """Those that there is a figure of."""
    chapters = (
        ("arms", "Mediators", drawing.arms()),
        ("divisiveness", "Divisiveness", drawing.divisiveness()),
        ("exclusion", "Left out and outnumbered", drawing.exclusion()),
        ("predictions", "Predictions", drawing.predictions()),
        ("alphas", "Inequality", drawing.alphas()),
        ("reliability", "Reliability", drawing.reliability()),
        ("conduct", "Conduct", drawing.conduct()),
    )
    made = [Chapter(key, title, list(figures)) for key, title, figures in chapters]
    return [chapter for chapter in made if chapter.figures]


def _pictured(findings: Sequence[Opening], chapters: Sequence[Chapter]) -> list[Opening]:
    """Each finding of one run beside the first figure of its chapter."""
    first = {chapter.key: chapter.figures[0] for chapter in chapters}
    return [replace(finding, figure=first.get(finding.anchor or "")) for finding in findings]


def _title(runs: Sequence[Run], labels: Sequence[str]) -> str:
    if len(runs) == 1:
        return f"Study {runs[0].manifest.get('name', labels[0])}{seed_of(runs[0])}"
    return f"{counted(len(runs), 'study', 'studies')} side by side: {listed(labels)}"


def _part(run: Run, label: str, most_bytes: int) -> RunPart:
    scenario: dict[str, Any] = run.manifest.get("scenario", {})
    return RunPart(
        label=label,
        asked=asked(run),
        description=str(scenario.get("description") or ""),
        notes=[
            *(
                [unfinished_sentence(len(run.sessions), scenario.get("design", {}).get("groups"))]
                if run.partial
                else []
            ),
            *([" ".join(imported_sentences(run))] if run.imported else []),
        ],
        packed=packed_run(run, most_bytes=most_bytes),
        crowd=crowd(run),
        provenance=provenance(run),
        scenario=scenario_yaml(run),
        imported=bool(run.imported),
        arms={str(arm["arm"]): {"scorer": arm.get("scorer")} for arm in scenario.get("mediators", [])},
    )
