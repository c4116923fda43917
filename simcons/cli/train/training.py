"""``simcons train`` with a recipe: a training run shown while it goes, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from simcons.cli.console import console as make_console
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.cli.messages import ConsoleMessages
from simcons.cli.stopping import exit_code, how
from simcons.counted import days_and_hours
from simcons.engines.local.reward_manifest import RewardManifest
from simcons.errors import Interrupted
from simcons.messages import Message
from simcons.runs.messages import Ticker
from simcons.training.by_recipe import train_by_recipe
from simcons.training.checkpoint import first_process
from simcons.training.data.folder import load_training_data
from simcons.training.data.persona import load_persona_data
from simcons.training.manifest import SftManifest
from simcons.training.packages import check_packages
from simcons.training.progress import TrainingProgress
from simcons.training.recipes import PersonaSettings, RewardSettings, SftSettings
from simcons.visible import visible_json


def train_by(
    settings: SftSettings | RewardSettings | PersonaSettings, data: Path, *, out: Path, resume: bool
) -> SftManifest | RewardManifest:
    """Train by a recipe on a folder of training data; the manifest of the checkpoint. Raises SimconsError."""
    check_packages()
    with TrainingDisplay(out, make_console(stderr=True, quiet=not first_process())) as display:
        told: dict[str, Any] = {"on_progress": display.progress, "on_message": display.message}
        name = str(data.resolve())
        if isinstance(settings, PersonaSettings):
            from simcons.training.persona import train_persona  # loads torch and trl

            return train_persona(load_persona_data(data), settings, out, name=name, resume=resume, **told)
        return train_by_recipe(load_training_data(data), settings, out, name=name, resume=resume, **told)


# --- while it goes -----------------------------------------------------------------------------------------------


class TrainingDisplay:
    """Shows a training run on ``console``: a bar on a terminal, else a line every few seconds. A context manager around it."""

    def __init__(self, out: Path, console: Console) -> None:
        self._out, self._messages = out, ConsoleMessages(console)
        self._running = ExitStack()
        self._latest: TrainingProgress | None = None
        self._shown = ""
        self._bar: tuple[Progress, TaskID] | None = None

    def message(self, message: Message) -> None:
        self._messages.tell(message)

    def progress(self, progress: TrainingProgress) -> None:
        first, self._latest = self._latest is None, progress
        if first and self._messages.live:
            self._bar = self._begin_bar(progress)
        elif first:
            self._running.enter_context(Ticker(self._show_latest))
        if self._bar is not None:
            bar, task = self._bar
            bar.update(task, completed=progress.step, beside=progress.figures)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(
                f"{how(error)} before the end; {self._out} is unfinished: go on with the same command and --resume",
                exit_code(error),
            ) from None

    def _show_latest(self) -> None:
        """A line, unless it says what the last one said."""
        if (line := str(self._latest)) != self._shown:
            self._messages.show(line)
            self._shown = line

    def _begin_bar(self, progress: TrainingProgress) -> tuple[Progress, TaskID]:
        bar = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=12),
            MofNCompleteColumn(),
            TextColumn("steps · {task.fields[beside]}", markup=False),
            TimeElapsedColumn(),
            console=self._messages.console,
        )
        self._running.enter_context(bar)
        return bar, bar.add_task("", total=progress.n_steps, beside="")


# --- what came of it ---------------------------------------------------------------------------------------------


def show_trained(manifest: Any, out: Path, form: str) -> None:
    """The manifest of a finished training run, as text with how a scenario names its checkpoint, or as JSON."""
    if not first_process():
        return
    if form == "json":
        print(visible_json(manifest.model_dump(mode="json")))
        return
    console = make_console()
    record: Mapping[str, Any] = manifest.training
    print_grid(Grid("Trained", ["", ""], list(_sizes(record))), console)
    print_grid(Grid("Held-out questions", ["", "before", "after"], list(_measures(record["metrics"]))), console)
    console.print(styled("\nCheckpoint: ", (str(out), "bold")), soft_wrap=True)
    console.print(f"In a scenario:  {_named(manifest, out)}", soft_wrap=True, style="dim")


def _sizes(record: Mapping[str, Any]) -> Iterator[list[str]]:
    yield ["examples", f"{record['examples']:,}"]
    yield ["held out", f"{record['held_out']:,}"]
    yield ["left out, too long", f"{sum(map(len, record['left_out'].values())):,}"]
    yield ["steps", f"{record['steps']:,}"]
    yield ["step that is kept", f"{record['kept_step']:,}"]
    yield ["tokens per second", f"{record['tokens_per_second']:,.0f}"]
    yield ["hours and minutes", days_and_hours(record["seconds"])]
    yield ["peak memory, GB", f"{record['peak_memory'] / 1e9:.1f}"]


def _measures(metrics: Mapping[str, float]) -> Iterator[list[str]]:
    """Every measure of held-out examples, with its interval where it has one."""
    names = [name for name in metrics if not name.endswith(("_before", "_low", "_high"))]
    for name in (name for name in names if name.startswith("held_out_")):
        before, low, high = (metrics.get(f"{name}{end}") for end in ("_before", "_low", "_high"))
        interval = f" ({low:.3f} to {high:.3f})" if low is not None and high is not None else ""
        shown = "" if before is None else f"{before:.3f}"
        value = f"{metrics[name]:,.0f}" if name.endswith("pairs") else f"{metrics[name]:.3f}"
        yield [name.removeprefix("held_out_").replace("_", " "), shown, f"{value}{interval}"]


def _named(manifest: Any, out: Path) -> str:
    if manifest.kind == "reward":
        return f"scorers: {{rm: {{kind: reward, checkpoint: {out}}}}}"
    model = f"model: {manifest.base}, adapter: {out}" if manifest.adapter else f"model: {out}"
    name = "actor" if manifest.role == "persona" else "sft"
    return f"engines: {{{name}: {{kind: transformers, {model}}}}}"
