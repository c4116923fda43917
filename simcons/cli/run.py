"""``simcons run``: a scenario in, a run folder out, with a progress display on the way."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from simcons.cli.progress import StudyProgress
from simcons.engines.base import Engine
from simcons.engines.load import load_encoder, load_engines
from simcons.errors import Interrupted
from simcons.scenario.study import Scenario
from simcons.storage.manifest import git_commit, machine, versions
from simcons.storage.writer import RunWriter, prepare_folder
from simcons.study.clock import Broker
from simcons.study.plan import Plan, make_plan
from simcons.study.run import Outcome, run_study


def run_scenario(scenario: Scenario, *, out: Path | None, force: bool, console: Console) -> Path:
    """Run the study and return its folder. Raises SimconsError; what was recorded by then stays, marked as unfinished."""
    with console.status("Reading the scenario"):
        plan = make_plan(scenario, encode=load_encoder() if scenario.reads_with_embeddings else None)
        folder = out if out is not None else next_folder(Path(scenario.output.folder), scenario.name)
    with console.status("Loading language models"):
        engines = load_engines(scenario.engines, scenario.engines_used)
    prepare_folder(folder, force=force)  # last: a former run is replaced only once nothing can be wrong with the input
    began_at, begun = datetime.now(UTC), time.perf_counter()
    with RunWriter(folder, row_group_rows=scenario.output.row_group_rows) as writer, _say_unfinished(folder):
        with StudyProgress(scenario, console) as progress:
            progress.follow(engines)
            outcome = run_study(plan, Broker(engines), writer, on_progress=progress.update)
        seconds = time.perf_counter() - begun
        writer.finish(manifest(plan, engines, outcome, began_at=began_at, seconds=seconds))
    return folder


def next_folder(parent: Path, name: str) -> Path:
    """The first free of NAME-001, NAME-002, ... after the highest there is."""
    pattern = re.compile(rf"^{re.escape(name)}-(\d+)$")
    taken = [int(match[1]) for path in parent.glob(f"{name}-*") if (match := pattern.match(path.name))]
    return parent / f"{name}-{max(taken, default=0) + 1:03d}"


def manifest(
    plan: Plan, engines: dict[str, Engine], outcome: Outcome, *, began_at: datetime, seconds: float
) -> dict[str, Any]:
    """Everything needed to know what a run was, and to run it again."""
    return {
        "schema_version": 1,
        "name": plan.scenario.name,
        "seed": plan.scenario.seed,
        "scenario": json.loads(plan.scenario.model_dump_json()),  # infinity as "Infinity"
        "parameters": plan.population.parameters,
        "n_questions": len(plan.questions),
        "n_people_in_pool": len(plan.population),
        "models": {name: getattr(engine, "model_hash", None) for name, engine in engines.items()},
        "versions": versions(),
        "git_commit": git_commit(),
        "machine": machine(),
        "began_at": began_at.isoformat(timespec="seconds"),
        "wall_seconds": round(seconds, 3),
        "n_events": outcome.n_events,
        "usage": {
            "requests": outcome.usage.n_requests,
            "tokens_in": outcome.usage.tokens_in,
            "tokens_out": outcome.usage.tokens_out,
        },
    }


@contextmanager
def _say_unfinished(folder: Path) -> Iterator[None]:
    """Let an interruption say what it leaves behind."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted; {folder} holds the sessions that had ended and is marked as unfinished"
        ) from None
