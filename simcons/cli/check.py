"""``simcons check``: is this file right, and what would it do?"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any

from rich.console import Console

from simcons.cli.folders import is_bank, kind_of, refuse_folder
from simcons.cli.question_checks import check_list, left_out, remarks
from simcons.counted import counted
from simcons.errors import ScenarioError
from simcons.experiments.stress import conditions
from simcons.mediator.pipeline import shared_generators
from simcons.population.bank_lint import lint
from simcons.population.synthesis import joint_table
from simcons.questions.bank import Question, load_bank
from simcons.questions.lists import ENDINGS
from simcons.scenario.files import read_yaml
from simcons.scenario.load import load_scenario, load_stress
from simcons.scenario.minds import LlmMindSettings
from simcons.scenario.pay import PaySettings
from simcons.scenario.population_file import load_population_file
from simcons.scenario.power import PowerSettings
from simcons.scenario.shipped import find_bank, find_population, find_scenario, find_world
from simcons.scenario.study import Scenario
from simcons.study.plan import make_plan
from simcons.welfare.rules import label


def check_path(reference: str, overrides: Sequence[str], console: Console) -> None:
    """Check a scenario, stress test, population, bank or list of questions, by path or shipped name.

    Raises ScenarioError for what is wrong.
    """
    path = _find(reference)
    if path.is_dir() and not is_bank(path):
        refuse_folder(path, "check")
    kind = "bank" if path.is_dir() else _kind(path)
    if overrides and kind not in ("scenario", "stress"):
        raise ScenarioError(f"--set: {path} is a {kind}; expected a scenario or stress test")
    if kind == "list of questions":
        check_list(path, console)
    elif kind == "bank":
        _check_bank(path, console)
    elif kind == "population":
        _check_population(path, console)
    elif kind == "stress":
        _check_stress(path, overrides, console)
    else:
        _check_scenario(path, overrides, console)


def _find(reference: str) -> Path:
    for find in (find_scenario, find_world, find_population, find_bank):
        try:
            return find(reference)
        except ScenarioError:
            continue
    return find_scenario(reference)


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
    findings = lint(questions)
    for finding in findings:
        console.print(str(finding), soft_wrap=True)
    errors = sum(finding.level == "error" for finding in findings)
    if errors:
        raise ScenarioError(f"{path}: {counted(errors, 'error')}, listed above; expected none")
    console.print(f"{path}: good: {_describe(questions)}; {counted(len(findings), 'warning')}", soft_wrap=True)


def _describe(questions: Sequence[Question]) -> str:
    topics = {question.topic: question.split for question in questions}
    splits = ", ".join(f"{list(topics.values()).count(split)} {split}" for split in sorted(set(topics.values())))
    n_claims = sum(len(question.claims) for question in questions)
    return f"{counted(len(questions), 'question')}, {counted(len(topics), 'topic')} ({splits}), {counted(n_claims, 'claim')}"


def _check_population(path: Path, console: Console) -> None:
    raked = joint_table(load_population_file(path).margins)
    console.print(
        f"{path}: good: the margins can all be met at once ({counted(raked.iterations, 'round')} of raking; no share is off by"
        f" more than {raked.max_abs_error:.1e})",
        soft_wrap=True,
    )


def _check_stress(path: Path, overrides: Sequence[str], console: Console) -> None:
    test = load_stress(path, overrides)
    if isinstance(test, PowerSettings):
        pairs = "; ".join(f"{label(a)} with {label(b)}" for a, b in test.compare)
        groups = counted(test.simulated_groups, "simulated group")
        what = f"a study of power: {pairs}; {counted(len(test.outcomes), 'outcome')}, from {groups}"
    else:
        n_values = len(conditions(test))
        rules = ", ".join(map(label, test.rules))
        what = (
            f"{test.vary.key} takes {counted(n_values, 'value')}; {counted(test.rounds, 'round')} each; rules: {rules}"
        )
    console.print(f"{test.name}: good: {what}", soft_wrap=True)


def _check_scenario(path: Path, overrides: Sequence[str], console: Console) -> None:
    scenario = load_scenario(path, overrides)
    plan = make_plan(scenario)
    notes = [*(f"{name}: nothing uses it." for name in scenario.unused), *remarks(plan)]
    lines = outlook(scenario, len(plan.questions), len(plan.population), plan.manner.behaviour["recruit_factor"])
    if notes:
        lines[0] = f"{scenario.name}: would run. Note:"
        lines[1:1] = [f"  {note}" for note in notes]
    for line in [*lines, *left_out(plan)]:
        console.print(line, soft_wrap=True)


def outlook(scenario: Scenario, n_questions: int, n_pool: int, recruit_factor: float) -> list[str]:
    """What running the scenario would do, in sentences."""
    design = scenario.design
    sizes = " or ".join(str(size) for size in sorted(set(design.group_sizes)))
    n_people = design.groups * sum(design.group_sizes) / len(design.group_sizes)
    shown = sum(mediator.select for mediator in scenario.mediators) * len(design.omissions)
    generators = shared_generators(scenario.mediators).values()
    samples = sum(one.samples for one in generators) * len(design.omissions)
    at_most = "at most " if len(generators) < len(scenario.mediators) else ""  # arms may pick the same one
    launches = ceil(design.groups / design.launch_groups)
    lines = [
        f"{scenario.name}: good.",
        f"  {counted(design.groups, 'group')} of {sizes} ({n_people:,.0f} people; about {n_people * recruit_factor:,.0f}"
        f" recruited from a pool of {n_pool:,}), in at least {counted(launches, 'launch', 'launches')}.",
        f"  {counted(design.rounds, 'round')} a session, from {counted(n_questions, 'question')}:"
        f" {counted(design.groups * design.rounds, 'round')}.",
        f"  Each round: {counted(samples, 'candidate')} for {counted(len(scenario.mediators), 'arm')},"
        f" {at_most}{shown:,} shown{', and the other members’ opinions' if design.others_opinions else ''},"
        f" rated {'twice' if design.passes == 2 else 'once'}.",
    ]
    if scenario.pay != PaySettings():
        lines.append(f"  Pay: {pay_in_words(scenario.pay)}.")
    calls = calls_expected(scenario)
    if calls:
        parts = ", ".join(f"{n:,.0f} {act}" for act, n in calls.items())
        lines.append(f"  About {sum(calls.values()):,.0f} calls to language models, if nobody leaves: {parts}.")
    bounds = [mediator.arm for mediator in scenario.mediators if scenario.is_upper_bound(mediator)]
    if bounds:
        lines.append(f"  {_arms_see(bounds)} the truth: an upper bound, not a mediator anyone could deploy.")
    return lines


def pay_in_words(pay: PaySettings) -> str:
    """What one person gets who finishes, and what those get who do not."""
    kinds = (
        (pay.gbp_per_hour, "an hour"),
        (pay.gbp_per_session, "a session"),
        (pay.gbp_per_screen, "an answered screen"),
        (pay.gbp_bonus, "for finishing"),
    )
    given = " + ".join(f"£{amount:,.2f} {what}" for amount, what in kinds if amount) or "nothing"
    dropouts = f"; people who drop out get {float(pay.dropouts):.0%} of all but the bonus" if pay.dropouts else ""
    away = f"; people screened out or turned away get £{pay.gbp_sent_away:,.2f}" if pay.gbp_sent_away else ""
    return f"{given}{dropouts}{away}"


def _arms_see(arms: Sequence[str]) -> str:
    return f"Arm {arms[0]} sees" if len(arms) == 1 else f"Arms {', '.join(arms[:-1])} and {arms[-1]} see"


def calls_expected(scenario: Scenario) -> dict[str, float]:
    """Calls to language models by act, without drop-outs, time limits, retries and what the store has."""
    design, mind = scenario.design, scenario.participants.mind
    n_rounds = design.groups * design.rounds
    n_people = sum(design.group_sizes) / len(design.group_sizes)
    generators = shared_generators(scenario.mediators).values()
    n_samples = sum(generator.n_requests for generator in generators) * len(design.omissions)
    calls = {"candidates": float(n_rounds * n_samples)}
    if isinstance(mind, LlmMindSettings):
        n_shown = sum(mediator.select for mediator in scenario.mediators) * len(design.omissions)
        n_judged = n_shown + (n_people - 1 if design.others_opinions else 0)
        ways = 2 if mind.elicitation.order == "both" else 1
        calls |= {
            "positions": n_rounds * n_people * ways * (mind.beliefs == "persona"),
            "opinions": n_rounds * n_people * (mind.writer == "llm"),
            "judgements": n_rounds * n_people * 2 * n_judged * ways * (mind.judge == "llm"),
        }
    return {act: n for act, n in calls.items() if n}
