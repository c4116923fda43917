"""``simcons plan``: what a study would take, before it is run. It is registered in `app`."""

from __future__ import annotations

import csv
from dataclasses import asdict, fields
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from simcons.cli.console import console as make_console
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.cli.few_people import Arms, People, Scorer, Times, people_settings
from simcons.cli.messages import ConsoleMessages
from simcons.cli.settings import Overrides, Seed, changes, folder_to_write
from simcons.errors import ArgumentError, ScenarioError
from simcons.scenario.load import load_scenario
from simcons.storage.disk import storage_errors, write_whole
from simcons.visible import visible_json

if TYPE_CHECKING:
    from simcons.experiments.forecast.run import Forecast

_PAGE = ".html"

PLAN_MORE = (
    "No model is loaded or asked: scripts stand in, in rehearsed sessions. Lengths of replies, engine hours and how far arms on"
    " models are apart come from --pilot: a finished run with the same arms. With --people their own ratings tell how many groups"
    " of people it takes. Guide: docs/plan.md."
)


def plan(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario file, or a shipped name.")],
    overrides: Overrides = None,
    seed: Seed = None,
    groups: Annotated[
        str | None, typer.Option(metavar="N,N", help="Sizes of study whose power is told: 40,80.")
    ] = None,
    pilot: Annotated[Path | None, typer.Option(metavar="RUN", help="A finished run with the same arms.")] = None,
    people: People = None,
    arms: Arms = None,
    scorer: Scorer = None,
    anew: Times = None,
    sessions: Annotated[
        int, typer.Option(metavar="N", min=20, help="Sessions to rehearse (100).", show_default=False)
    ] = 100,
    studies: Annotated[
        int, typer.Option(metavar="N", min=40, help="Replications of the study (200).", show_default=False)
    ] = 200,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="A page (.html) or Markdown.", callback=folder_to_write),
    ] = None,
    form: Annotated[
        Literal["text", "json", "csv"], typer.Option("--format", metavar="FORM", help="text, json or csv.")
    ] = "text",
) -> None:
    """Forecast what a study takes: people, cost, calls, power."""
    from simcons.experiments.forecast.run import forecast  # loads what other commands do not need

    if out is not None and out.is_dir():
        raise ArgumentError("out", str(out), "is a folder; expected a file, such as plan.html")
    sizes, few = _sizes(groups), people_settings(people, arms, scorer, anew)
    messages = ConsoleMessages(make_console(stderr=True))
    with messages.step("Rehearsing the study"):
        made = forecast(
            load_scenario(scenario, changes(overrides, seed)),
            sizes=sizes,
            pilot=pilot,
            people=few,
            n_sessions=sessions,
            n_replications=studies,
        )
    if form == "text":
        _show(made, make_console())
    else:
        print(_as_json(made) if form == "json" else _as_csv(made))
    if out is not None:
        _write(made, out, make_console(stderr=form != "text"))


def _sizes(given: str | None) -> list[int]:
    """Numbers of groups, separated by commas. Raises ScenarioError."""
    sizes = [] if given is None else [size.strip() for size in given.split(",")]
    wrong = next(
        (size for size in sizes if not size.isascii() or not size.isdigit() or not 2 <= int(size) <= 10_000), None
    )
    if wrong is not None:
        raise ScenarioError(f"--groups {given!r}: {wrong!r}: expected numbers from 2 to 10,000, such as 40,80")
    return [int(size) for size in sizes]


def _show(forecast: Forecast, console: Console) -> None:
    from simcons.report.forecast import forecast_sentences, forecast_tables

    console.print(styled((f"{forecast.scenario.name}: what the study would take", "bold")), soft_wrap=True)
    for sentence in forecast_sentences(forecast):
        console.print(f"* {sentence}")
    for table in forecast_tables(forecast):
        print_grid(Grid(table.title, table.header, table.rows, table.note), console)


def _as_json(forecast: Forecast) -> str:
    from simcons.experiments.forecast.rows import rows

    head = {"name": forecast.scenario.name, "seed": forecast.scenario.seed, "replications": forecast.n_replications}
    sessions = {"rehearsed_sessions": len(forecast.rehearsal.sessions), "pilot": forecast.pilot and str(forecast.pilot)}
    return visible_json({**head, **sessions, "rows": [asdict(row) for row in rows(forecast)]})


def _as_csv(forecast: Forecast) -> str:
    from simcons.experiments.forecast.rows import ForecastRow, rows

    text = StringIO()
    writer = csv.DictWriter(text, [column.name for column in fields(ForecastRow)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows(forecast))
    return text.getvalue().removesuffix("\n")


def _write(forecast: Forecast, out: Path, console: Console) -> None:
    from simcons.report.forecast import forecast_markdown
    from simcons.report.plan_page import plan_page

    text = plan_page(forecast) if out.suffix == _PAGE else forecast_markdown(forecast)
    with storage_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, text.encode())
    console.print(f"Wrote {out}", soft_wrap=True)
