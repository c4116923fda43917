"""``simcons stress``: stress-test files in, a folder with findings, figures, a reading and a page out."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from simcons.analysis.findings import Finding, write_findings
from simcons.cli.display.power import show_power, write_power
from simcons.cli.messages import ConsoleMessages
from simcons.cli.stopping import exit_code, how
from simcons.errors import InputError, Interrupted, ScenarioError
from simcons.experiments.failed_rules import FAILED_RULES, FailedRule, write_failed_rules
from simcons.experiments.power.run import PowerResult, rows, run_power
from simcons.experiments.stress import StressResult, conditions, run_stress
from simcons.report.failed_rules import failed_sections, failed_sentences
from simcons.report.power_section import power_section
from simcons.report.summary import summary_sentences
from simcons.report.write import About, write_report
from simcons.runs.folder import next_folder
from simcons.runs.messages import Ticker
from simcons.scenario.load import load_stress
from simcons.scenario.power import PowerSettings
from simcons.scenario.shipped import shipped_worlds
from simcons.scenario.worlds import MOST_ROUNDS, StressSettings, WorldSettings
from simcons.storage.results import make_result_folder, write_manifest


class OnDone(Protocol):
    def __call__(self, done: int, of: int, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests asked for, sorted by kind."""

    stresses: tuple[StressSettings, ...]
    studies: tuple[PowerSettings, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """The results of a suite. powers: without studies in which every pair has a rule that failed."""

    suite: Suite
    findings: tuple[Finding, ...]
    powers: tuple[PowerResult, ...]
    failed: tuple[FailedRule, ...]
    seconds: float

    @property
    def lacks_a_rule(self) -> bool:
        """True if a rule of the user's own has no result of a test that asks it, having failed in every condition."""
        n_failed = Counter((each.test, each.rule) for each in self.failed)
        n_conditions = {test.name: len(test.vary.values) for test in self.suite.stresses}
        return any(n == n_conditions.get(test, 1) for (test, _), n in n_failed.items())


def load_suite(references: Sequence[str], overrides: Sequence[str], *, rounds: int | None) -> Suite:
    """The tests named, or all shipped ones. Raises ScenarioError, also for two tests of one name."""
    if rounds is not None and rounds > MOST_ROUNDS:
        raise ScenarioError(f"--rounds {rounds:,}: expected at most {MOST_ROUNDS:,}, which would take days")
    names = references or [str(path) for path in shipped_worlds()]
    loaded = [load_stress(name, overrides) for name in names]
    known = [test.name for test in loaded]
    repeated = next((name for name in known if known.count(name) > 1), None)
    if repeated:
        raise ScenarioError(f"stress test {repeated!r} is given twice; expected tests of different names")
    stresses = tuple(test for test in loaded if isinstance(test, StressSettings))
    if rounds is not None:
        stresses = tuple(test.model_copy(update={"rounds": rounds}) for test in stresses)
    for test in stresses:
        conditions(test)  # all of them, before the first is run
    return Suite(stresses, tuple(test for test in loaded if isinstance(test, PowerSettings)))


def run_suite(suite: Suite, *, jobs: int, messages: ConsoleMessages) -> Results:
    """Run everything, with a progress display.

    Raises SimconsError, also where every rule failed everywhere; Interrupted where the user stops it.
    """
    began = time.perf_counter()
    try:
        with _progress(messages, "stress tests", "conditions") as on_done:
            stressed = run_stress(suite.stresses, jobs=jobs, on_done=on_done) if suite.stresses else StressResult(())
        powers = []
        for settings in suite.studies:
            with _progress(messages, settings.name, "steps") as on_done:
                powers.append(run_power(settings, on_done=on_done))
    except KeyboardInterrupt as stop:
        raise Interrupted(f"{how(stop)} before the end; no results were written", exit_code(stop)) from None
    failed = (*stressed.failed, *(rule for power in powers for rule in power.failed))
    compared = tuple(power for power in powers if power.comparisons)
    if not stressed.findings and not compared:
        raise InputError(f"no rule chose in all rounds of any test, so that there is no result; {failed[0].first}")
    return Results(suite, stressed.findings, compared, failed, time.perf_counter() - began)


@contextmanager
def _progress(messages: ConsoleMessages, task_name: str, unit: str) -> Iterator[OnDone]:
    """A bar on a terminal, else a line every few seconds."""
    count: tuple[int, int] | None = None

    def on_done(done: int, of: int, /) -> None:
        nonlocal count
        count = done, of
        if bar is not None:
            bar.update(task, completed=done, total=of)

    def tick() -> None:
        messages.show(f"{task_name}: {count[0]:,} of {count[1]:,} {unit}" if count else f"{task_name} ...")

    bar = _bar(messages, unit) if messages.live else None
    task = bar.add_task(task_name, total=None) if bar is not None else TaskID(0)
    with bar if bar is not None else Ticker(tick):
        yield on_done


def _bar(messages: ConsoleMessages, unit: str) -> Progress:
    name = TextColumn("{task.description}", style="bold", markup=False)
    columns = (SpinnerColumn(), name, BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn(unit))
    return Progress(*columns, TimeElapsedColumn(), console=messages.console, transient=True)


def result_folder(suite: Suite, out: Path | None) -> Path:
    """A new folder to write to, made: of one test by its name. Raises RunFolderError where there is something in it."""
    names = [*(test.name for test in suite.stresses), *(study.name for study in suite.studies)]
    folder = out if out is not None else next_folder(Path("runs"), names[0] if len(names) == 1 else "stress")
    make_result_folder(folder)
    return folder


def show_results(results: Results, console: Console) -> None:
    """Print which rules failed, the findings in sentences, and studies of power with their tables."""
    for sentence in failed_sentences(results.failed):
        console.print(f"\n{sentence}", style="yellow")
    if results.findings:
        console.print()
        for sentence in summary_sentences(results.findings, names=_titles(results.suite)):
            console.print(f"* {sentence}")
    for power in results.powers:
        show_power(power, console)


def write_results(folder: Path, results: Results) -> Path:
    """Tables, figures, the reading, the page, and the manifest last. Returns the page. Raises StorageError."""
    write_findings(folder, results.findings)
    if results.powers:
        write_power(folder, results.powers)
    if results.failed:
        write_failed_rules(folder, results.failed)
    page = write_report(
        folder,
        results.findings,
        title="Stress test of welfare functions" if results.findings else "How many people would it take?",
        settings=list(_settings(results.suite)),
        about={
            t.name: About(t.name.replace("_", " "), t.description, t.vary.label or "") for t in results.suite.stresses
        },
        extra=[*failed_sections(results.failed), *map(power_section, results.powers)],
        failures=failed_sentences(results.failed),
    )
    write_manifest(folder, "stress", _manifest(results))
    return page


def _manifest(results: Results) -> dict[str, object]:
    tests = (*results.suite.stresses, *results.suite.studies)
    return {
        "wall_seconds": round(results.seconds, 1),
        "tests": [json.loads(test.model_dump_json()) for test in tests],
        "rows": {
            "findings": len(results.findings),
            "power": sum(len(rows(power)) for power in results.powers),
            FAILED_RULES: len(results.failed),
        },
    }


def _titles(suite: Suite) -> dict[str, str]:
    return {test.name: test.name.replace("_", " ") for test in suite.stresses}


def _settings(suite: Suite) -> Iterator[tuple[str, str]]:
    """The settings: the world of the one test, or that which tests begin from, then test by test what is different."""
    tests: tuple[StressSettings | PowerSettings, ...] = (*suite.stresses, *suite.studies)
    alone = len(tests) == 1
    for key, values in (tests[0].world if alone else WorldSettings()).model_dump(mode="json").items():
        yield f"world.{key}", _in_a_line(values)
    told = {"seed", "utility_map", "rounds", *(() if alone else ("world",))}
    for test in tests:
        given = test.model_dump(mode="json", exclude_defaults=True, include=told)
        size = (
            {"rounds": test.rounds} if isinstance(test, StressSettings) else {"simulated_groups": test.simulated_groups}
        )
        yield test.name, _in_a_line({**size, **given})


def _in_a_line(values: object) -> str:
    if not isinstance(values, dict):
        return "none" if values is None else str(values)
    return ", ".join(f"{key} {_nested(value)}" for key, value in values.items())


def _nested(value: object) -> str:
    return f"({_in_a_line(value)})" if isinstance(value, dict) else _in_a_line(value)
