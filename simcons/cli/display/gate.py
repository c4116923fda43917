"""A gate's decision on a terminal and in the forms that other programs read."""

from __future__ import annotations

from rich.console import Console

from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.experiments.gate.pools import SelfCheck, self_check_document
from simcons.experiments.gate.run import GateResult, gate_document
from simcons.report.gate import (
    budget_lines,
    gate_markdown,
    in_other_worlds,
    junit,
    metric_table,
    self_check_findings,
    self_check_table,
    unnoticed,
    verdict,
    worse_table,
)
from simcons.visible import visible_json


def print_gate(result: GateResult, form: str, console: Console) -> None:
    """As text, json, markdown or junit."""
    if form == "json":
        print(visible_json(gate_document(result)))
    elif form in ("markdown", "junit"):
        print(gate_markdown(result) if form == "markdown" else junit(result), end="")
    else:
        console.print(styled(("\n" + verdict(result), "bold" if result.passes else "bold red")))
        for caution in (unnoticed(result), in_other_worlds(result)):
            if caution is not None:
                console.print(caution)
        table = metric_table(result)
        print_grid(Grid(table.title, table.header, table.rows, table.note), console)
        for line in budget_lines(result):
            console.print(line)
        console.print(
            styled("\nBoth runs, report.html, gate.md, compare.md and junit.xml: ", (str(result.folder), "bold")),
            soft_wrap=True,
        )


def print_self_check(result: SelfCheck, form: str, console: Console) -> None:
    """As text or json."""
    if form == "json":
        print(visible_json(self_check_document(result)))
        return
    console.print(styled("\n", (result.settings.name, "bold"), ": how often this gate errs\n"))
    for sentence in self_check_findings(result):
        console.print(f"* {sentence}")
    for table in (self_check_table(result), *([worse_table(result)] if result.worse else [])):
        print_grid(Grid(table.title, table.header, table.rows, table.note), console)
    console.print(styled("\nAll runs, and report.html: ", (str(result.folder), "bold")), soft_wrap=True)
