"""``simcons new``: a commented scenario, question bank or population to begin from."""

from __future__ import annotations

from pathlib import Path

from simcons.cli.new.bank import bank_text
from simcons.cli.new.population import population_text
from simcons.errors import ScenarioError, StorageError
from simcons.languages.en_gb import EN_GB
from simcons.scenario.names import checked_name
from simcons.scenario.shipped import data_folder
from simcons.scenario.yaml_text import read_scalar


def write_new(name: str, folder: Path, *, bank: str | None = None, population: bool = False) -> Path:
    """Write NAME.yaml into ``folder``: a scenario, a bank on the question ``bank``, or a population.

    Raises ScenarioError for a name or question that cannot be one, or where the file exists.
    """
    if bank is not None and population:
        raise ScenarioError("--bank and --population make two kinds of file; expected one of them")
    try:
        name = checked_name(name)
    except ValueError as error:
        raise ScenarioError(str(error)) from None
    path = folder / f"{name}.yaml"
    if path.exists():
        raise ScenarioError(f"{path}: exists already; nothing was written")
    text = (
        bank_text(name, bank, EN_GB)
        if bank is not None
        else population_text(name)
        if population
        else _scenario_text(name)
    )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from None
    return path


def _scenario_text(name: str) -> str:
    template = (data_folder("scenarios") / "templates" / "study.yaml").read_text(encoding="utf-8")
    spelled = name if isinstance(read_scalar(name), str) else f'"{name}"'  # 2026 is a number, unless in quotes
    return template.replace("name: NAME_OF_STUDY", f"name: {spelled}").replace("NAME_OF_STUDY", name)
