"""Tables of a loop's stages: how far each has come, and how long it took."""

from __future__ import annotations

from simcons.cli.display.tables import Grid
from simcons.loop.folder import LoopFolder
from simcons.loop.times import StageTime

_NONE = "-"
_NOTE = (
    "processors: minutes of all of them together; outside the model: the part of the time in which none wrote, scored or"
    " learnt."
)


def status_grid(loop: LoopFolder) -> Grid:
    """The stages of a loop, each with its state and its time so far."""
    times = loop.times()
    rows = [
        [f"{stage.place:02d} {stage.name}", stage.kind, stage.state, *_time(times[stage.name])]
        for stage in loop.stages()
    ]
    whole = ["all", "", "", *_time(sum(times.values(), StageTime()))]
    columns = ["stage", "kind", "state", "minutes", "processors", "outside the model"]
    return Grid(loop.recipe.name, columns, [*rows, whole], _NOTE)


def _time(spent: StageTime) -> list[str]:
    if spent.share_outside is None:
        return [_NONE] * 3
    return [minutes(spent.wall_seconds), minutes(spent.processor_seconds), f"{spent.share_outside:.0%}"]


def minutes(seconds: float) -> str:
    """``0.4``, ``12.3``, ``1,204.0``."""
    return f"{seconds / 60:,.1f}"
