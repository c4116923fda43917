"""Tables of a loop's stages: what is planned, how far each has come, and how long it took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console

from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.counted import rough_time
from simcons.loop.folder import LoopFolder
from simcons.loop.plan import Plan, Speeds
from simcons.loop.times import StageTime

_NONE = "-"
_NOTE = (
    "processors: minutes of all of them together; outside: the part of the time in which none wrote, scored or learnt."
)


_PLAN_NOTE = "Candidates and examples are estimates; training may end earlier, where held-out examples gain no more."


# --- the plan ----------------------------------------------------------------------------------------------------


def show_plan(plan: Plan, console: Console) -> None:
    """The sizes and minutes of all stages, and the speeds that they follow from."""
    rows = [
        [
            f"{place:02d} {stage.name}",
            stage.kind,
            *map(_size, (stage.groups, stage.rounds, stage.candidates, stage.examples, stage.steps)),
            minutes(stage.seconds),
        ]
        for place, stage in enumerate(plan.stages, start=1)
    ]
    measured = ["rehearsal", *[""] * 6, minutes(plan.speeds.seconds)]
    columns = ["stage", "kind", "groups", "rounds", "candidates", "examples", "steps", "minutes"]
    whole = ["all", *[""] * 6, minutes(plan.seconds)]
    print_grid(Grid("Plan", columns, [measured, *rows, whole], _PLAN_NOTE), console)
    for line in _speed_lines(plan.speeds):
        console.print(line, soft_wrap=True)
    if plan.minutes is not None:
        share = "as in the recipe" if plan.scale == 1 else f"{plan.scale:.0%} of the recipe's, or the least"
        console.print(
            f"Budget: {plan.minutes:g} minutes; about {rough_time(plan.seconds)} planned, with groups {share}.",
            soft_wrap=True,
        )


def show_leaks(sentences: Sequence[str], console: Console) -> None:
    """Warn of lessons that know the judge."""
    for sentence in sentences:
        console.print(styled(("Attention: ", "bold yellow"), sentence), soft_wrap=True)


def _size(n: int | None) -> str:
    return "" if n is None else f"{n:,}"


def _speed_lines(speeds: Speeds) -> Iterator[str]:
    """This machine's speeds, by stage."""
    yield "Speeds of this machine:"
    for name, study in speeds.studies.items():
        wrote = f"{study.tokens_per_second:,.0f} tokens/s written; " if study.tokens_per_second else ""
        yield f"  {name}: {wrote}{study.world_seconds:.2f} s a round outside models"
    for name, training in speeds.trainings.items():
        yield f"  {name}: {training.tokens_per_second:,.0f} tokens/s learnt from, {training.example_tokens:,.0f} an example"


# --- how far it has come -----------------------------------------------------------------------------------------


def status_grid(loop: LoopFolder) -> Grid:
    """The stages of a loop, each with its state and its time so far, beside what was planned."""
    times = loop.times()
    planned = {stage.name: stage.seconds for stage in loop.plan.stages} if loop.plan else {}
    rows = [
        [
            f"{stage.place:02d} {stage.name}",
            stage.kind,
            stage.state,
            *([minutes(planned[stage.name])] if planned else []),
            *_time(times[stage.name]),
        ]
        for stage in loop.stages()
    ]
    all_planned = [minutes(sum(planned.values()))] if planned else []
    whole = ["all", "", "", *all_planned, *_time(sum(times.values(), StageTime()))]
    sums = [whole]
    if taken := loop.taken():
        of_taken = _time(sum((times[name] for name in taken), StageTime()))
        sums.append(["of it taken from another loop", "", "", *([minutes(0)] if planned else []), *of_taken])
    columns = [
        "stage",
        "kind",
        "state",
        *(["planned"] if planned else []),
        "minutes",
        "processors",
        "outside",
    ]
    return Grid(loop.recipe.name, columns, [*rows, *sums], _NOTE)


def _time(spent: StageTime) -> list[str]:
    if spent.share_outside is None:
        return [_NONE] * 3
    return [minutes(spent.wall_seconds), minutes(spent.processor_seconds), f"{spent.share_outside:.0%}"]


def minutes(seconds: float) -> str:
    """``0.4``, ``12.3``, ``1,204.0``."""
    return f"{seconds / 60:,.1f}"
