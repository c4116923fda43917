"""A comparison of two pipelines on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding

from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.experiments.compare.examples import ChangedRound
from simcons.experiments.compare.run import Comparison
from simcons.report.compare import NOTE, changes, findings, heading, round_lines, tables
from simcons.report.other_worlds import world_lines


def show_comparison(result: Comparison, console: Console) -> None:
    """Findings, what differs, tables, and the rounds that changed most."""
    who = "not people" if result.people is None else "and a few people where it says so"
    console.print(styled("\n", (heading(result), "bold"), f": synthetic participants, {who}\n"))
    for sentence in findings(result):
        console.print(f"* {sentence}")
    console.print("\nWhat differs", style="bold")
    for line in changes(result):
        console.print(Padding(line, (0, 0, 0, 2)))
    for table in tables(result, every_world=False):
        print_grid(Grid(table.title, table.header, table.rows, table.note), console)
    console.print(NOTE, style="dim")
    if worlds := list(world_lines(result.worlds)):
        console.print("\nOther worlds", style="bold")
        for name, about in worlds:
            console.print(Padding(styled((f"{name}: ", "bold"), about), (0, 0, 0, 2)))
    if result.examples:
        console.print("\nRounds that changed most (more in compare.md)", style="bold")
    for example in _first_of_either(result):
        (title, question), *sides = round_lines(example)
        console.print(styled(f"\n{title}", style="bold"))
        console.print(question, style="italic")
        for label, text in sides:
            console.print(Padding(styled((f"{label}: ", "bold"), text), (0, 0, 0, 2)))


def _first_of_either(result: Comparison) -> list[ChangedRound]:
    """The round that became better by most, and the one that became worse."""
    better = [example for example in result.examples if example.difference > 0]
    worse = [example for example in result.examples if example.difference < 0]
    return [*better[:1], *worse[:1]]
