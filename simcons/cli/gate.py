"""``simcons gate``: a change let through or stopped. It is registered in `app`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from simcons.cli.console import console as make_console
from simcons.cli.settings import Overrides, folder_to_write
from simcons.counted import counted, listed
from simcons.errors import InputError

GATE_MORE = (
    "Exit code 0: the change passes; 1: it is stopped; 2: input that cannot be used. The folder holds gate.md for a pull request"
    " and junit.xml. --self-check tries the gate on its base against itself, with harm planted, and on changes that its file says"
    " are worse. Guide: docs/gate.md."
)


def gate(
    path: Annotated[Path, typer.Argument(metavar="GATE", help="A gate file.")],
    check: Annotated[bool, typer.Option("--self-check", help="Only tell how often this gate errs.")] = False,
    overrides: Overrides = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="A new folder (next of runs/).", callback=folder_to_write)
    ] = None,
    form: Annotated[
        Literal["text", "json", "markdown", "junit"],
        typer.Option("--format", metavar="FORM", help="Or json, markdown, junit."),
    ] = "text",
) -> None:
    """Let a change of a pipeline through, or stop it."""
    # Loads what other commands do not need.
    from simcons.cli.display.gate import print_gate, print_self_check
    from simcons.cli.watching import watched
    from simcons.experiments.gate.pools import self_check
    from simcons.experiments.gate.run import run_gate
    from simcons.report.compare_page import gate_page, self_check_page
    from simcons.report.gate import write_gate
    from simcons.report.page import write_page
    from simcons.scenario.gate import GateSettings
    from simcons.scenario.load import load_settings

    if check and form not in ("text", "json"):
        raise InputError(f"--format {form}: a self-check decides nothing; expected text or json")
    settings = load_settings(GateSettings, path, overrides or ())
    with watched(make_console(stderr=True)) as watching:
        if check:
            checked = self_check(settings, out=out, watching=watching)
        else:
            result = run_gate(settings, out=out, watching=watching)
    if check:
        write_page(checked.folder, self_check_page(checked))
        print_self_check(checked, form, make_console())
        return
    write_gate(result)
    write_page(result.folder, gate_page(result))
    print_gate(result, form, make_console())
    if not result.passes:
        raise typer.Exit(1)


def check_gate(path: Path, overrides: Sequence[str]) -> str:
    """A line that tells what a gate would do. Raises InputError for all that is wrong with it and its scenarios."""
    from simcons.experiments.gate.run import check_settings
    from simcons.scenario.gate import GateSettings
    from simcons.scenario.load import load_settings

    settings = load_settings(GateSettings, path, overrides)
    ready = check_settings(settings)
    told = listed([metric.label for metric in ready.metrics])
    groups = counted(ready.pairing.base.design.groups, "group")
    worlds = f"; tried in {counted(len(ready.worlds), 'other world')}" if ready.worlds else ""
    worse = f"; tried on {counted(len(ready.worse), 'change')} known to be worse" if ready.worse else ""
    return f"{settings.name}: good: {', '.join(ready.pairing.changes)}; {groups} of both; guards {told}{worlds}{worse}"
