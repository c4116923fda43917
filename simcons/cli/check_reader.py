"""``simcons check-reader``: how well do readers hear what labelled texts say?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from simcons.cli.display.tables import Grid, print_grid
from simcons.cli.messages import ConsoleMessages
from simcons.counted import counted
from simcons.engines.base import Encode, Engine
from simcons.engines.load import load_encoder, load_engines
from simcons.errors import ScenarioError
from simcons.experiments.reader_accuracy import ReaderAccuracy, estimates, measure
from simcons.languages.shipped import find_language
from simcons.questions.accuracy import LabelledText, Tally, load_texts
from simcons.questions.bank import Question, load_banks
from simcons.questions.readers import build_reader
from simcons.questions.reading_networks import ReadingNetworks
from simcons.report import intervals
from simcons.scenario.load import load_scenario, scenario_from
from simcons.scenario.places import kinds, without_optional
from simcons.scenario.scoring import ReaderSettings
from simcons.scenario.shipped import find_bank, find_labelled_texts
from simcons.scenario.study import BankQuestionSettings, Scenario
from simcons.scenario.yaml_text import YamlProblem, read_text

_KINDS = kinds(without_optional(ReaderSettings))
_ALONE = {"rules": {"kind": "rules", "matching": "both"}}  # a kind by its name, where more than its defaults is meant
_GRIDS = {
    "Claims": {"precision": "precision", "recall": "recall", "F1": "f1"},
    "Polarity turned round, and texts heard right in every claim and the verdict": {
        "denials turned": "denials_asserted",
        "assertions turned": "assertions_denied",
        "wholly right": "texts_right",
    },
    "Verdicts": {
        "right": "verdicts_right",
        "reversed": "verdicts_reversed",
        "missed": "verdicts_missed",
        "invented": "verdicts_invented",
    },
}
_NOTE = (
    "Brackets: 95% intervals (Wilson's), as if claims and texts were independent. A claim counts as heard whatever its polarity."
    " Denials turned: heard as assertions; assertions turned: as denials. Verdicts right, reversed, missed: of texts that give"
    " one; invented: of those that give none."
)


@dataclass(frozen=True, slots=True)
class CheckedReaders:
    """Readers by name with their accuracy on the texts of a file."""

    source: str
    texts: Sequence[LabelledText]
    scenario: Scenario
    accuracy: dict[str, ReaderAccuracy]


def check_readers(
    reference: str | None,
    readers: Sequence[str],
    *,
    texts: str,
    engine: str | None,
    overrides: Sequence[str],
    messages: ConsoleMessages,
) -> CheckedReaders:
    """Have readers read labelled texts: those of a scenario, or those named. Raises ScenarioError, in one line, EngineError."""
    if reference is None:
        scenario, names = _of_kinds(readers, engine, overrides)
    else:
        scenario, names = _of_scenario(reference, readers, engine, overrides)
    questions = _questions(scenario)
    path = find_labelled_texts(texts)
    labelled = load_texts(path, questions)
    encode, engines = _models(scenario, names, messages)
    language, networks, accuracy = find_language(scenario.language), ReadingNetworks(encode), {}
    for name in names:
        settings, embeds = scenario.reader(name), scenario.embeds(name)
        own = encode if embeds else None
        reader = build_reader(name, settings, language, encode=own, networks=networks, seed=scenario.seed)
        with messages.step(f"Reading {counted(len(labelled), 'text')} by {name}"):
            accuracy[name] = measure(reader, labelled, questions, engines, warm_up=not settings.engines)
    return CheckedReaders(str(path), labelled, scenario, accuracy)


def _models(
    scenario: Scenario, names: Sequence[str], messages: ConsoleMessages
) -> tuple[Encode | None, dict[str, Engine]]:
    """The sentence encoder and the engines that readers need."""
    asked = {engine for name in names for engine in scenario.reader(name).engines}
    with messages.step("Loading models"):
        encode = load_encoder() if any(map(scenario.embeds, names)) else None
        return encode, load_engines(scenario.engines, asked)


# --- which readers -----------------------------------------------------------------------------------------------


def _of_scenario(
    reference: str, readers: Sequence[str], engine: str | None, overrides: Sequence[str]
) -> tuple[Scenario, list[str]]:
    """The scenario, and its readers: those named, or all that it uses; with ``engine`` one that asks that engine of it."""
    scenario = load_scenario(reference, overrides)
    if unknown := next((name for name in readers if name not in scenario.readers), None):
        raise ScenarioError(f"--reader {unknown!r}: expected one of the scenario's: {', '.join(scenario.readers)}")
    names = list(readers)
    if engine is not None:
        if engine not in scenario.engines:
            known = ", ".join(scenario.engines) or "it has none"
            raise ScenarioError(f"--engine {engine!r}: expected one of the scenario's engines: {known}")
        document = scenario.model_dump(mode="json")
        document["readers"][engine] = {"kind": "model", "engine": engine}
        scenario, names = scenario_from(document), [*names, engine]
    return scenario, names or list(scenario.readers_used)


def _of_kinds(readers: Sequence[str], engine: str | None, overrides: Sequence[str]) -> tuple[Scenario, list[str]]:
    """A scenario made of readers by their kinds or settings, each of which an arm uses."""
    named: dict[str, dict[str, Any]] = {}
    for settings in map(_settings, readers or (["model"] if engine is not None else ["rules"])):
        kind = str(settings.get("kind", "rules"))
        if kind == "model" and engine is None:
            raise ScenarioError("--reader model: asks a language model; expected --engine NAME with it")
        named[_unused(kind, named)] = {"engine": "engine", **settings} if kind == "model" else settings
    document = {
        "name": "check-reader",
        "readers": named,
        "scorers": {f"by-{name}": {"kind": "reader", "reader": name} for name in named},
        "mediators": [{"arm": name, "scorer": f"by-{name}"} for name in named],
        "engines": {} if engine is None else {"engine": engine_settings(engine)},
    }
    return scenario_from(document, overrides), list(named)


def _settings(given: str) -> dict[str, Any]:
    """Settings of a reader: of a kind by its name, or as they would stand in a scenario."""
    value = _value("--reader", given)
    if isinstance(value, dict):
        return value
    if value not in _KINDS:
        raise ScenarioError(
            f"--reader {given!r}: expected one of {', '.join(_KINDS)}, or settings such as"
            " '{kind: rules, matching: words}'"
        )
    return _ALONE.get(str(value), {"kind": value})


def engine_settings(given: str) -> Any:
    """Settings of an engine: those written out, or those of a model by its name."""
    value = _value("--engine", given)
    return value if isinstance(value, dict) else {"kind": "transformers", "model": given}


def _value(option: str, given: str) -> Any:
    try:
        return read_text(given).value
    except YamlProblem as problem:
        raise ScenarioError(f"{option} {given!r}: is not valid YAML: {problem}") from None


def _unused(kind: str, names: dict[str, Any]) -> str:
    """The kind as a name, with a number from the second on."""
    taken = sum(name == kind or name.startswith(f"{kind}-") for name in names)
    return f"{kind}-{taken + 1}" if taken else kind


def _questions(scenario: Scenario) -> dict[str, Question]:
    if not isinstance(scenario.questions, BankQuestionSettings):
        raise ScenarioError(
            f"questions: kind {scenario.questions.kind!r}: expected a bank, as labels are claims of a bank"
        )
    return {question.id: question for question in load_banks([find_bank(bank) for bank in scenario.questions.banks])}


# --- what is shown -----------------------------------------------------------------------------------------------


def show_accuracy(checked: CheckedReaders, console: Console) -> None:
    """Tables for people, reader by reader."""
    n_questions = len({text.question for text in checked.texts})
    texts = counted(len(checked.texts), "text")
    console.print(
        f"{texts} on {counted(n_questions, 'question')}, labelled in {Path(checked.source).name}", soft_wrap=True
    )
    for name, accuracy in checked.accuracy.items():
        console.print(f"\n{name}: {_described(checked, name)}", style="bold", soft_wrap=True)
        for title, columns in _GRIDS.items():
            rows = [_row(kind, tally, columns.values()) for kind, tally in accuracy.by_kind.items()]
            print_grid(Grid(title, ["", "texts", *columns], rows), console)
        n_missing = accuracy.by_kind["all"].n_missing
        if n_missing:
            console.print(f"No reading of {counted(n_missing, 'text')}: nothing is heard in them.", soft_wrap=True)
        console.print(f"{accuracy.texts_per_second:,.3g} texts a second", soft_wrap=True)
    console.print(f"\n{_NOTE}", style="dim")


def _described(checked: CheckedReaders, name: str) -> str:
    settings = checked.scenario.reader(name)
    return ", ".join(f"{key} {value}" for key, value in settings.model_dump(exclude_defaults=True).items()) or "rules"


def _row(kind: str, tally: Tally, measures: Iterable[str]) -> list[str]:
    shares = estimates(tally)
    return [kind, f"{tally.n_texts:,}", *(intervals.share(shares[measure]) for measure in measures)]


def accuracy_figures(checked: CheckedReaders) -> dict[str, Any]:
    """The same for other programs: shares with their intervals and numbers of trials, and all counts."""
    return {
        "texts": {"file": checked.source, "n": len(checked.texts)},
        "readers": {
            name: {
                "settings": checked.scenario.reader(name).model_dump(mode="json"),
                "seconds": round(accuracy.seconds, 3),
                "texts_per_second": accuracy.texts_per_second,
                "kinds": {kind: dict(_figures(tally)) for kind, tally in accuracy.by_kind.items()},
            }
            for name, accuracy in checked.accuracy.items()
        },
    }


def _figures(tally: Tally) -> Iterator[tuple[str, Any]]:
    yield "n_texts", tally.n_texts
    for name, estimate in estimates(tally).items():
        known = estimate and {"value": estimate.value, "interval": estimate.interval, "n": estimate.n}
        yield name, known
