"""``simcons loop``: collections, data, training and evaluation by a recipe. It is registered in `app`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from simcons.cli.console import console as make_console
from simcons.cli.settings import Overrides, folder_to_write
from simcons.counted import listed
from simcons.errors import ScenarioError

LOOP_MORE = "Stages: toy, collect, data, few_shot, sft, reward, evaluate. Guide: docs/training_loop.md."


def loop(
    recipe: Annotated[
        str | None,
        typer.Argument(metavar="RECIPE", help="A recipe, or the name of a shipped one.", show_default=False),
    ] = None,
    overrides: Overrides = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="A new folder (default: the next loops/NAME-001).", callback=folder_to_write
        ),
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Measure this machine, print the plan, and end.")] = False,
    minutes: Annotated[float | None, typer.Option(metavar="N", help="Fit the loop into so many minutes.")] = None,
    reuse: Annotated[
        list[Path] | None,
        typer.Option(metavar="LOOP", help="Take what is the same from another; repeatable."),
    ] = None,
    resume: Annotated[Path | None, typer.Option(metavar="LOOP", help="Go on with an interrupted loop.")] = None,
    status: Annotated[Path | None, typer.Option(metavar="LOOP", help="Say how far a loop has come.")] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="LOOP", help="Make the page of a loop, as far as it has come.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but the name of the loop's folder.")] = False,
) -> None:
    """Collect, train and evaluate, stage by stage."""
    # Loads what other commands do not need.
    from simcons.cli.display.evaluations import show_end
    from simcons.cli.display.loop import begun, carry_out, plan_alone, show_page, show_status
    from simcons.loop.folder import LoopFolder

    changes = [*(overrides or ()), *([] if minutes is None else [f"budget.minutes={minutes!r}"])]
    _check_options({"RECIPE": recipe, "--resume LOOP": resume, "--status LOOP": status, "--report LOOP": report})
    _check_begun(recipe, out, [*changes, *(["--plan"] if plan else []), *(["--reuse"] if reuse else [])])
    earlier = [LoopFolder.read(folder) for folder in reuse or ()]
    if status is not None:
        show_status(LoopFolder.read(status), make_console())
        return
    if report is not None:
        show_page(LoopFolder.read(report), make_console(quiet=quiet))
        return
    progress = make_console(quiet=quiet, stderr=True)
    if plan:
        plan_alone(str(recipe), changes, progress, make_console(), earlier=earlier)
        return
    if resume is None:
        known = begun(str(recipe), changes, out, progress, earlier=earlier)
        show_end(carry_out(known, progress), quiet=quiet)
    else:
        show_end(carry_out(LoopFolder.read(resume), progress), quiet=quiet)


def _check_options(given: Mapping[str, object]) -> None:
    """Raises ScenarioError unless there is just one of them."""
    if sum(value is not None for value in given.values()) != 1:
        raise ScenarioError(f"loop: expected one of {listed(list(given))}")


def _check_begun(recipe: str | None, out: Path | None, overrides: Sequence[str]) -> None:
    """Raises ScenarioError for options of a new loop where there is none."""
    if recipe is None and (out is not None or overrides):
        raise ScenarioError(
            "loop: a loop that was begun keeps its folder and recipe; expected no --out, --set, --minutes, --plan or --reuse"
        )
