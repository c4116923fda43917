"""The runs of a sweep in one tidy table: a row a run, arm and measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from simcons.analysis.arms import recorded_arms
from simcons.analysis.candidates import slate_counts
from simcons.analysis.first_picks import FirstPicks, PickMeasure
from simcons.counted import counted
from simcons.experiments.stress import describe
from simcons.experiments.sweep.tasks import Task
from simcons.rich_display import RichDisplay
from simcons.storage.load import Run, load

if TYPE_CHECKING:
    import pandas as pd

Cell: TypeAlias = str | int | float | None

MEASURES: tuple[PickMeasure, ...] = ("agreement", "lowest", "unanimous", "true_agreement")
SHOWN = "shown"
_COLUMNS = ("task", "replication", "seed", "arm", "measure", "value", "low", "high")  # of runs, besides the settings
GROUP_COLUMNS = ("task", "arm", "measure", "session_id", "total", "rounds")


@dataclass(frozen=True, slots=True, repr=False)
class SweepTables(RichDisplay):
    """runs: task, replication, seed, the settings by key, arm, measure, value, low, high. groups: task, arm, measure, session_id,
    total, rounds: a row a run's group, its rounds added up.

    Measures of an arm are those of its first picks (`FirstPicks`), over rounds in which it showed something, and in runs alone
    shown, the share of such rounds; of the study, in runs alone, with arm "": groups, complete_groups, dropped_out, cost_gbp.
    """

    runs: pd.DataFrame
    groups: pd.DataFrame

    def __repr__(self) -> str:
        return f"SweepTables({counted(self.runs['task'].nunique(), 'run')}: {', '.join(self.keys)})"

    @property
    def n_runs_with_gaps(self) -> int:
        """Runs in which an arm had nothing to show in some round."""
        return int(self.runs.loc[(self.runs["measure"] == SHOWN) & (self.runs["value"] < 1), "task"].nunique())

    @property
    def keys(self) -> list[str]:
        """Of the scenario, those that the sweep varies."""
        return [name for name in self.runs.columns if name not in _COLUMNS]


def sweep_tables(tasks: Sequence[Task], folder: Path) -> SweepTables:
    """The tables of finished tasks. Raises RunFolderError."""
    import pandas as pd

    rows: list[dict[str, Cell]] = []
    groups: list[pd.DataFrame] = []
    for task in tasks:
        run = load(folder / task.name)
        picks = FirstPicks(run)
        rows += ({**_settings(task), **row} for row in _rows(run, picks, task))
        groups += _groups(picks, task)
    table = pd.DataFrame(rows).astype({"low": float, "high": float})
    mixed = {name: str for name in table.columns if table[name].map(type).nunique() > 1}
    return SweepTables(table.astype(mixed), pd.concat(groups, ignore_index=True))


def _settings(task: Task) -> dict[str, Cell]:
    """The task, and its values: numbers and texts as they are, anything else in words."""
    values = {
        key: value if isinstance(value, (str, int, float)) else describe(value) for key, value in task.values.items()
    }
    return {"task": task.number, "replication": task.replication, "seed": task.scenario.seed, **values}


def _groups(picks: FirstPicks, task: Task) -> Iterator[pd.DataFrame]:
    for arm in task.scenario.mediators:
        for measure in MEASURES:
            sums = picks.by_group(measure, arm.arm).rename_axis("session_id").reset_index()
            yield sums.assign(task=task.number, arm=arm.arm, measure=measure)[list(GROUP_COLUMNS)]


def _rows(run: Run, picks: FirstPicks, task: Task) -> Iterator[dict[str, Cell]]:
    for arm in task.scenario.mediators:
        for measure in MEASURES:
            level = picks.level(measure, arm.arm)
            if level is not None:
                low, high = level.estimate.interval or (None, None)
                yield {"arm": arm.arm, "measure": measure, "value": level.estimate.value, "low": low, "high": high}
    yield from ({"arm": arm, "measure": SHOWN, "value": share, "low": None, "high": None} for arm, share in _shown(run))
    for name, value in _of_study(run):
        yield {"arm": "", "measure": name, "value": value, "low": None, "high": None}


def _shown(run: Run) -> Iterator[tuple[str, float]]:
    """Of each arm, the share of rounds in which it showed something."""
    if (counts := slate_counts(run)) is not None:
        arms = [arm.arm for arm in recorded_arms(run)]
        yield from ((arm, 1 - counts.empty.get(arm, 0) / counts.n_rounds) for arm in arms)


def _of_study(run: Run) -> Iterator[tuple[str, float]]:
    people, sessions = run.participants, run.sessions
    yield "groups", float(len(sessions))
    yield "complete_groups", float((sessions["outcome"] == "finished").sum())
    yield "dropped_out", float((people["outcome"] == "dropped_out").sum())
    yield "cost_gbp", float(people[["pay_gbp", "fee_gbp", "vat_gbp"]].to_numpy().sum())
