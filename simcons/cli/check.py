"""``simcons check``: is this file right, and what would it do?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from rich.console import Console

from simcons.cli.folders import RECIPE_KINDS, is_bank, kind_of, refuse_folder
from simcons.counted import counted, listed
from simcons.engines.pipelines.load import check_pipelines
from simcons.errors import ScenarioError
from simcons.experiments.stress import conditions
from simcons.experiments.sweep.tasks import tasks_of
from simcons.languages.en_gb import EN_GB
from simcons.mediator.own import pipelines_of
from simcons.population.bank_lint import lint
from simcons.population.synthesis import joint_table
from simcons.questions.bank import Question, load_bank
from simcons.questions.lists import ENDINGS
from simcons.questions.own import load_questions
from simcons.report.outlook import outlook
from simcons.report.questions import not_asked_lines, question_list_lines
from simcons.runs.questions import remarks
from simcons.scenario.files import read_yaml
from simcons.scenario.load import load_scenario, load_settings, load_stress
from simcons.scenario.mapping import load_mapping
from simcons.scenario.other_worlds import OtherWorldsSettings
from simcons.scenario.population_file import load_population_file
from simcons.scenario.power import PowerSettings
from simcons.scenario.shipped import (
    MAPPINGS,
    RECIPES,
    find,
    find_bank,
    find_other_worlds,
    find_population,
    find_scenario,
    find_world,
)
from simcons.scenario.sweep import load_sweep
from simcons.study.plan import make_plan
from simcons.welfare.rules import label, rule_for


def check_path(reference: str, overrides: Sequence[str], console: Console) -> None:
    """Check a scenario, stress test, recipe, population, mapping, bank or list of questions, by path or shipped name.

    Raises ScenarioError for what is wrong.
    """
    path = _find(reference)
    if path.is_dir() and not is_bank(path):
        refuse_folder(path, "check")
    kind = "bank" if path.is_dir() else _kind(path)
    if overrides and kind not in (*_CHECKS, *RECIPE_KINDS):
        raise ScenarioError(
            f"--set: {path} is a {kind}; expected a scenario, stress test, gate, sweep, set of worlds or recipe"
        )
    if kind == "list of questions":
        for line in question_list_lines(path, load_questions(path, EN_GB, unfit="leave_out")):
            console.print(line, soft_wrap=True)
    elif kind == "bank":
        _check_bank(path, console)
    elif kind == "population":
        _check_population(path, console)
    elif kind == "mapping":
        _check_mapping(path, console)
    elif kind in RECIPE_KINDS:
        from simcons.cli.check_recipe import check_recipe  # loads what other commands do not need

        check_recipe(path, kind, overrides, console)
    else:
        _CHECKS[kind](path, overrides, console)


def _find(reference: str) -> Path:
    for look in (
        find_scenario,
        find_world,
        find_other_worlds,
        find_population,
        find_bank,
        _recipe,
        _mapping,
    ):
        try:
            return look(reference)
        except ScenarioError:
            continue
    return find_scenario(reference)


def _recipe(name: str) -> Path:
    return find(name, RECIPES)


def _mapping(name: str) -> Path:
    return find(name, MAPPINGS)


def _kind(path: Path) -> str:
    ending = path.suffix.lower()
    document: Any = [] if ending in ENDINGS and ending not in (".yaml", ".yml") else read_yaml(path)
    if isinstance(document, list) and ending in ENDINGS:
        return "list of questions"
    if not isinstance(document, dict):
        raise ScenarioError(f"{path}: expected a mapping of keys to values, got {type(document).__name__}")
    return kind_of(document)


def _check_bank(path: Path, console: Console) -> None:
    questions = load_bank(path)
    findings = lint(questions, EN_GB)
    for finding in findings:
        console.print(str(finding), soft_wrap=True)
    errors = sum(finding.level == "error" for finding in findings)
    if errors:
        raise ScenarioError(f"{path}: {counted(errors, 'error')}, listed above; expected none")
    console.print(f"{path}: good: {_describe(questions)}; {counted(len(findings), 'warning')}", soft_wrap=True)


def _describe(questions: Sequence[Question]) -> str:
    by_split = Counter(question.split for question in questions)
    splits = ", ".join(f"{n} {split}" for split, n in sorted(by_split.items()))
    n_topics, n_claims = len({question.topic for question in questions}), sum(len(q.claims) for q in questions)
    return (
        f"{counted(len(questions), 'question')} ({splits}), {counted(n_topics, 'topic')}, {counted(n_claims, 'claim')}"
    )


def _check_population(path: Path, console: Console) -> None:
    raked = joint_table(load_population_file(path).margins)
    console.print(
        f"{path}: good: the margins can all be met at once ({counted(raked.iterations, 'round')} of raking; no share is off by"
        f" more than {raked.max_abs_error:.1e})",
        soft_wrap=True,
    )


def _check_mapping(path: Path, console: Console) -> None:
    mapping, _ = load_mapping(str(path))
    files = sorted({part.file for part in mapping.parts.values()})
    console.print(
        f"{path}: good: {listed(list(mapping.parts))} from {listed(files)}; scales {listed(list(mapping.ratings.scales))}",
        soft_wrap=True,
    )


def _check_stress(path: Path, overrides: Sequence[str], console: Console) -> None:
    test = load_stress(path, overrides)
    if isinstance(test, PowerSettings):
        for rule in chain.from_iterable(test.compare):
            rule_for(rule)
        pairs = "; ".join(f"{label(a)} with {label(b)}" for a, b in test.compare)
        groups = counted(test.simulated_groups, "simulated group")
        description = f"a study of power: {pairs}; {counted(len(test.outcomes), 'outcome')}, from {groups}"
    else:
        n_values = len(conditions(test))
        rules = ", ".join(map(label, test.rules))
        description = (
            f"{test.vary.key} takes {counted(n_values, 'value')}; {counted(test.rounds, 'round')} each; rules: {rules}"
        )
    console.print(f"{test.name}: good: {description}", soft_wrap=True)


def _check_gate(path: Path, overrides: Sequence[str], console: Console) -> None:
    from simcons.cli.gate import check_gate  # loads what other commands do not need

    console.print(check_gate(path, overrides), soft_wrap=True)


def _check_sweep(path: Path, overrides: Sequence[str], console: Console) -> None:
    sweep = load_sweep(path, overrides)
    tasks = tasks_of(sweep)
    n_settings = len({task.setting for task in tasks})
    console.print(
        f"{sweep.name}: good: {counted(n_settings, 'setting')} of {Path(sweep.scenario).name}, {counted(len(tasks), 'run')}",
        soft_wrap=True,
    )


def _check_scenario(path: Path, overrides: Sequence[str], console: Console) -> None:
    scenario = load_scenario(path, overrides)
    plan = make_plan(scenario)
    check_pipelines(pipelines_of(scenario))
    notes = [*(f"{name}: nothing uses it." for name in scenario.unused), *remarks(plan)]
    lines = outlook(scenario, plan.questions, len(plan.population), plan.manner.behaviour["recruit_factor"])
    if notes:
        lines[0] = f"{scenario.name}: would run. Note:"
        lines[1:1] = [f"  {note}" for note in notes]
    for line in [*lines, *not_asked_lines([*plan.chosen.unfit, *plan.chosen.repeats])]:
        console.print(line, soft_wrap=True)


def _check_worlds(path: Path, overrides: Sequence[str], console: Console) -> None:
    given = load_settings(OtherWorldsSettings, path, overrides)
    for world in given.worlds:
        about = f": {world.description}" if world.description else ""
        console.print(f"{world.name}{about} ({', '.join(world.set)})", soft_wrap=True)
    worlds = counted(len(given.worlds), "other world")
    console.print(
        f"{given.name}: good: {worlds}; whether a scenario takes them is seen when they are used", soft_wrap=True
    )


_CHECKS: Mapping[str, Callable[[Path, Sequence[str], Console], None]] = {
    "scenario": _check_scenario,
    "stress": _check_stress,
    "gate": _check_gate,
    "sweep": _check_sweep,
    "worlds": _check_worlds,
}
