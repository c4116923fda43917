"""``simcons calibrate``: a population whose numbers are fitted to a study."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from simcons.cli.console import console as make_console
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.cli.settings import AsText, folder_to_write
from simcons.errors import InputError, StorageError
from simcons.experiments.calibrate.run import calibrate
from simcons.report.calibration import calibration_sentences, calibration_tables, population_text
from simcons.scale import AGREEMENT
from simcons.scenario.names import checked_name
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_population
from simcons.storage.check import check_tables
from simcons.storage.load import load
from simcons.visible import visible_json

CALIBRATE_MORE = (
    "Fits how people rate, write, read and leave, as far as RUN tells; the rest stays as it was, and the output says why. In a"
    " scenario: population: {kind: margins, name: FILE}. Guide: docs/calibrate.md."
)


def calibrate_command(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run, imported or simulated.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The population to write, new.", callback=folder_to_write)],
    population: Annotated[str, typer.Option(metavar="NAME", help="What to begin from.")] = "uk_crowd",
    scale: Annotated[str, typer.Option(metavar="SCALE", help="Whose ratings count.")] = AGREEMENT.name,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the groups set aside.")] = 0,
    form: AsText = "text",
) -> None:
    """Fit a population's numbers to a study's answers."""
    name = _name_of(out)
    path = find_population(population)
    run = load(run_folder)
    check_tables(run)
    calibration = calibrate(run, load_population_file(path), scale=scale, seed=seed)
    text = population_text(calibration, path.read_text(encoding="utf-8"), name=name)
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{out}: cannot be written: {error.strerror}") from None
    if form == "json":
        print(visible_json(asdict(calibration)))
        return
    console = make_console()
    about = f"{calibration.n_people:,} people, {calibration.n_ratings:,} ratings of {scale}"
    console.print(styled("\n", (calibration.name, "bold"), f": {about}"), soft_wrap=True)
    for table in calibration_tables(calibration):
        print_grid(Grid(table.title, table.header, table.rows, table.note), console)
    console.print()
    for sentence in calibration_sentences(calibration):
        console.print(sentence, soft_wrap=True, markup=False)
    console.print(styled("\nWrote ", (str(out), "bold"), f". Meet some people:  simcons persona {out}"), soft_wrap=True)


def _name_of(out: Path) -> str:
    """What the population is called: as its file. Raises InputError for a name that cannot be one, or a file that exists."""
    if out.exists():
        raise InputError(f"{out}: exists already; nothing was written")
    try:
        return checked_name(out.stem)
    except ValueError as error:
        raise InputError(f"--out {out}: {error}") from None
