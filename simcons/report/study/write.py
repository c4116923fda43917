"""Writing the report of one or more runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simcons.counted import counted, listed
from simcons.report.ratings import unfinished_sentence
from simcons.report.study.crowd import crowd
from simcons.report.study.data import MOST_BYTES, packed_run
from simcons.report.study.page import RunPart, StudyReport, render_study
from simcons.report.study.settings import asked, provenance, scenario_yaml
from simcons.storage.check import check_tables
from simcons.storage.disk import storage_errors
from simcons.storage.load import Run


def write_study_report(runs: Sequence[Run], path: Path) -> None:
    """Write the page of ``runs`` to ``path``, whole or not at all.

    Raises RunFolderError for a run that cannot be read, InputError for runs that cannot be compared, and StorageError.
    """
    for run in runs:
        check_tables(run)
    page = render_study(study_report(runs))
    draft = path.with_name(f".{path.name}")
    with storage_errors(path):
        draft.write_text(page, encoding="utf-8")
        draft.replace(path)


def study_report(runs: Sequence[Run]) -> StudyReport:
    """Everything that the page of ``runs`` tells."""
    labels = _labels(runs)
    return StudyReport(
        title=_title(runs, labels),
        runs=[_part(run, label, MOST_BYTES // len(runs)) for run, label in zip(runs, labels, strict=True)],
        findings=(),
        cautions=(),
        chapters=(),
        notes=(),
    )


def _labels(runs: Sequence[Run]) -> list[str]:
    """Names that tell the runs apart: of scenarios where these differ, of folders where those do, else with numbers."""
    for names in ([str(run.manifest.get("name", run.folder.name)) for run in runs], [run.folder.name for run in runs]):
        if len(set(names)) == len(names):
            return names
    return [f"{run.folder.name} ({k})" for k, run in enumerate(runs, 1)]


def _title(runs: Sequence[Run], labels: Sequence[str]) -> str:
    if len(runs) == 1:
        return f"Study {labels[0]} (seed {runs[0].manifest.get('seed', '?')})"
    return f"{counted(len(runs), 'study', 'studies')} side by side: {listed(labels)}"


def _part(run: Run, label: str, most_bytes: int) -> RunPart:
    scenario: dict[str, Any] = run.manifest.get("scenario", {})
    return RunPart(
        label=label,
        asked=asked(run),
        description=str(scenario.get("description") or ""),
        notes=[unfinished_sentence(len(run.sessions), scenario.get("design", {}).get("groups"))] if run.partial else [],
        packed=packed_run(run, most_bytes=most_bytes),
        crowd=crowd(run),
        provenance=provenance(run),
        scenario=scenario_yaml(run),
        arms={str(arm["arm"]): {"scorer": arm.get("scorer")} for arm in scenario.get("mediators", [])},
    )
