"""The settings and the provenance of a run, as its page tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from simcons.counted import counted, listed
from simcons.languages.text import as_sentence
from simcons.report.engines import engine_title
from simcons.report.people import imported_people
from simcons.report.tables import DataTable, Table, plain
from simcons.storage.load import Run

_ABSENT = "–"


def provenance(run: Run) -> list[tuple[str, str]]:
    """Labels with texts; what an unfinished run does not know yet is left out."""
    return list(_provenance(run.manifest, run))


def scenario_yaml(run: Run) -> str:
    """The scenario as it was resolved, with all defaults; of an imported run its mapping."""
    settled = run.imported.get("mapping") or run.manifest.get("scenario", {})
    text: str = yaml.safe_dump(settled, sort_keys=False, allow_unicode=True, width=100)
    return text


def differing_settings(runs: Sequence[Run], labels: Sequence[str]) -> DataTable | None:
    """A row for each setting, and each mediator, that not all runs have alike; None where there is none."""
    settings = [dict(_flat(_by_arm(run.manifest.get("scenario", {})))) | _seed(run) for run in runs]
    names = dict.fromkeys(name for of_run in settings for name in of_run)
    unlike = [name for name in names if len({of_run.get(name, _ABSENT) for of_run in settings}) > 1]
    # Of a mediator that some run lacks its name says enough.
    lacking = [name for name in unlike if any(name not in of_run for of_run in settings) and name.count(".") == 1]
    rows = [name for name in unlike if not any(name.startswith(f"{other}.") for other in lacking)]
    if not rows:
        return None
    cells = [[name, *(of_run.get(name, _ABSENT) for of_run in settings)] for name in rows]
    return plain(Table("Settings in which the runs differ", ["setting", *labels], cells), "settings-that-differ")


def _by_arm(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario with its mediators by name rather than in order."""
    arms = {str(arm.get("arm")): {"": "in this run", **arm} for arm in scenario.get("mediators", [])}
    return {**scenario, "mediators": arms}


def _seed(run: Run) -> dict[str, str]:
    return {"seed": str(run.manifest.get("seed", _ABSENT))}


def _flat(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Settings by their path, such as ``design.groups``, as YAML has their values."""
    for key, value in settings.items():
        path = f"{above}.{key}".strip(".")
        if isinstance(value, Mapping) and value:
            yield from _flat(value, path)
        else:
            text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1000)
            yield path, text.removesuffix("...\n").strip()


def asked(run: Run) -> str:
    """The study in a sentence: who, on what, and between which mediators."""
    scenario = run.manifest.get("scenario", {})
    sizes = [str(size) for size in scenario.get("design", {}).get("group_sizes", [])]
    arms = [str(arm.get("arm")) for arm in scenario.get("mediators", [])]
    if run.imported:
        arms = sorted(run.selections["arm"].unique())
    size = f" of {listed(sizes, last='or')}" if sizes else ""
    people, wrote = f"{counted(len(run.sessions), 'group')}{size}", " discussed"
    if run.imported:
        people = imported_people(run)
        wrote = ", wrote on" if len(run.participants) == len(run.sessions) else wrote
    n_questions = run.rounds["question_id"].nunique()
    compared = f"{counted(len(arms), 'mediator')} ({listed(arms)})" if arms else "mediators"
    return f"{people}{wrote} {counted(n_questions, 'question')} in {counted(len(run.rounds), 'round')} with {compared}."


def _provenance(manifest: Mapping[str, Any], run: Run) -> Iterator[tuple[str, str]]:
    if run.imported:
        yield "Study", str(manifest.get("name", run.folder.name))
    else:
        yield "Scenario", str(manifest.get("name", run.folder.name))
        yield "Seed", str(manifest.get("seed", "?"))
    yield "Folder", run.folder.name
    for label, key in (("Begun", "began_at"), ("Commit", "git_commit"), ("Replay of", "replay_of")):
        if manifest.get(key):
            yield label, str(manifest[key])
    if seconds := manifest.get("wall_seconds"):
        yield "Took", f"{seconds:,.0f} s of wall time"
    for name, model in manifest.get("models", {}).items():
        yield (
            engine_title(name, model),
            ", ".join(f"{key} {value}" for key, value in model.items() if value is not None),
        )
    versions = {name: version for name, version in manifest.get("versions", {}).items() if version}
    if versions:
        yield "Versions", ", ".join(f"{name} {version}" for name, version in versions.items())
    for name, digest in run.imported.get("files", {}).items():
        yield f"File {name}", f"SHA-256 {digest}"
    for name, digest in manifest.get("inputs", {}).items():
        yield as_sentence(name), f"hash {digest}"
