"""Hashes of the files that a scenario reads, so that a run is not resumed over files that have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from simcons.errors import InputError, RunFolderError, ScenarioError
from simcons.named_code import load_named, source_file
from simcons.scenario.scoring import TrainedReaderSettings
from simcons.scenario.shipped import data_folder, find_bank, find_population, find_prompt, find_reader_weights
from simcons.scenario.study import BankQuestionSettings, Scenario, TablePopulationSettings
from simcons.scenario.welfare import OwnRule


def input_hashes(scenario: Scenario) -> dict[str, str]:
    """SHA-256 by what was read: population, questions, value frames, prompts, trained readers, rules. Raises ScenarioError."""
    return {name: _hash(path) for name, path in _inputs(scenario)}


def check_inputs(recorded: dict[str, str], scenario: Scenario, *, folder: Path) -> None:
    """Raises RunFolderError if what ``scenario`` reads is not what it was when the run in ``folder`` began."""
    now = input_hashes(scenario)
    changed = next((name for name in sorted({*recorded, *now}) if recorded.get(name) != now.get(name)), None)
    if changed is not None:
        raise RunFolderError(f"{folder}: {changed} has changed since this run began; expected what it was begun with")


def _inputs(scenario: Scenario) -> Iterator[tuple[str, Path]]:
    yield f"population {scenario.population.name}", find_population(scenario.population.name)
    if isinstance(scenario.population, TablePopulationSettings):
        yield f"table of persons {scenario.population.path}", Path(scenario.population.path).expanduser()
    questions = scenario.questions
    if isinstance(questions, BankQuestionSettings):
        yield from ((f"question bank {bank}", find_bank(bank)) for bank in questions.banks)
    else:
        yield f"questions {questions.path}", Path(questions.path).expanduser()
        yield "value frames", data_folder("personas") / "frames"
    for name in sorted({prompt for settings in scenario.acting.values() for prompt in settings.prompts}):
        yield f"prompt {name}", find_prompt(name)
    for reader in scenario.readers_used.values():
        if isinstance(reader, TrainedReaderSettings):
            yield f"trained reader {reader.weights or 'as shipped'}", find_reader_weights(reader.weights)
    for rule in scenario.own_rules:
        if (file := _code_of(rule)) is not None:
            yield f"rule {rule}", file


def _code_of(rule: OwnRule) -> Path | None:
    """The file of a function of the user's own, a file that is named without running it; None for one that is not Python."""
    place, _, _ = rule.rpartition(":")
    if place.endswith(".py"):
        return Path(place)
    try:
        return source_file(load_named(rule))
    except InputError as error:
        raise ScenarioError(f"rule {rule!r}: {error}") from None


def _hash(path: Path) -> str:
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    hashed = hashlib.sha256()
    try:
        for file in files:
            hashed.update(f"{file.name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}: expected a readable file") from None
    return hashed.hexdigest()
