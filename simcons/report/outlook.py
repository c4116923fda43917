"""Sentences on a study before it is run: its size, its pay and its calls to language models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path

from simcons.counted import counted, listed
from simcons.engines.local.reward_manifest import read_manifest
from simcons.mediator.arms import generator_name, shared_generators
from simcons.mediator.own import pipelines_of
from simcons.named_code import shown
from simcons.questions.bank import Question
from simcons.scenario.engines import RewardEngineSettings
from simcons.scenario.minds import FittedMindSettings, LlmMindSettings
from simcons.scenario.pay import PaySettings
from simcons.scenario.pipelines import HttpPipelineSettings, PythonPipelineSettings
from simcons.scenario.scoring import ModelReaderSettings
from simcons.scenario.study import DesignSettings, Scenario


def outlook(scenario: Scenario, questions: Sequence[Question], n_pool: int, recruit_factor: float) -> list[str]:
    """Sentences on what running the scenario would do. ``questions``: those it draws from."""
    design = scenario.design
    sizes = " or ".join(str(size) for size in sorted(set(design.group_sizes)))
    n_people = design.groups * sum(design.group_sizes) / len(design.group_sizes)
    shown = sum(mediator.select for mediator in scenario.mediators) * len(design.omissions)
    generators = shared_generators(scenario.mediators).values()
    samples = sum(generator.samples for generator in generators) * len(design.omissions)
    at_most = "at most " if len(generators) < len(scenario.mediators) else ""  # arms may pick the same one
    launches = ceil(design.groups / design.launch_groups)
    lines = [
        f"{scenario.name}: good.",
        f"  {counted(design.groups, 'group')} of {sizes} ({n_people:,.0f} people; about {n_people * recruit_factor:,.0f}"
        f" recruited from a pool of {n_pool:,}), in at least {counted(launches, 'launch', 'launches')}.",
        f"  {counted(design.rounds, 'round')} a session, from {counted(len(questions), 'question')}:"
        f" {counted(design.groups * design.rounds, 'round')}.",
        f"  Each round: {counted(samples, 'candidate')} for {counted(len(scenario.mediators), 'arm')},"
        f" {at_most}{shown:,} shown{', and the other members’ opinions' if design.others_opinions else ''},"
        f" {_answered(design)}.",
    ]
    lines += [f"  {sentence}" for sentence in (*_reward_models(scenario), *_pipelines(scenario), *_own_rules(scenario))]
    if scenario.pay != PaySettings():
        lines.append(f"  Pay: {pay_in_words(scenario.pay)}.")
    calls = calls_expected(scenario, sum(len(question.claims) for question in questions) / len(questions))
    if calls:
        parts = ", ".join(f"{n:,.0f} {act}" for act, n in calls.items())
        lines.append(f"  About {sum(calls.values()):,.0f} calls to models, if nobody leaves: {parts}.")
    bounds = [mediator.arm for mediator in scenario.mediators if scenario.is_upper_bound(mediator)]
    if bounds:
        lines.append(f"  {_arms_see(bounds)} the truth: an upper bound, not a mediator anyone could deploy.")
    return lines


def _answered(design: DesignSettings) -> str:
    """What people do with the statements, and after them."""
    rated = ["rated twice" if design.passes == 2 else "rated once"] if "rating" in design.stages else []
    again = ", and the position statement once more at the end" if "position_again" in design.stages else ""
    return " and ".join(rated + ["ranked"] * ("ranking" in design.stages)) + again


def pay_in_words(pay: PaySettings) -> str:
    """Pay of a person who finishes, and of those who do not."""
    kinds = (
        (pay.gbp_per_hour, "an hour"),
        (pay.gbp_per_session, "a session"),
        (pay.gbp_per_screen, "an answered screen"),
        (pay.gbp_bonus, "for finishing"),
    )
    rates = " + ".join(f"£{amount:,.2f} {basis}" for amount, basis in kinds if amount) or "nothing"
    dropouts = f"; people who drop out get {float(pay.dropouts):.0%} of all but the bonus" if pay.dropouts else ""
    away = f"; people screened out or turned away get £{pay.gbp_sent_away:,.2f}" if pay.gbp_sent_away else ""
    return f"{rates}{dropouts}{away}"


def _arms_see(arms: Sequence[str]) -> str:
    return f"Arm {arms[0]} sees" if len(arms) == 1 else f"Arms {', '.join(arms[:-1])} and {arms[-1]} see"


def _reward_models(scenario: Scenario) -> Iterator[str]:
    """That which people agree by, and each scorer that asks one, and what it asks.

    Raises ModelNotFound, ScenarioError for a checkpoint that cannot be used.
    """
    mind = scenario.participants.mind
    if isinstance(mind, FittedMindSettings):
        model = read_manifest(Path(mind.checkpoint))
        yield f"People agree as a reward model predicts, {model.description} ({mind.checkpoint})."
    for name, scorer in scenario.scorers_used.items():
        for engine in (scenario.engines[asked] for asked in scorer.engines if scorer.wants_scores):
            if isinstance(engine, RewardEngineSettings):
                model = read_manifest(Path(engine.checkpoint))
                yield f"Scorer {name}: a reward model, {model.description} ({engine.checkpoint})."
            else:
                yield f"Scorer {name}: scores drawn at random, to rehearse a reward model."


def _pipelines(scenario: Scenario) -> Iterator[str]:
    """Each pipeline of the user's own, and what it may ask."""
    for name, pipeline in pipelines_of(scenario).items():
        if isinstance(pipeline, PythonPipelineSettings):
            asks = f", which may ask {listed(pipeline.asks)}, as often as it likes" if pipeline.asks else ""
            yield f"{name.capitalize()}: code of your own, {pipeline.shown}{asks}."
        elif isinstance(pipeline, HttpPipelineSettings):
            yield f"{name.capitalize()}: a server of your own, {pipeline.url}."


def _own_rules(scenario: Scenario) -> Iterator[str]:
    """Each arm that chooses by a function of the user's own."""
    for arm in scenario.mediators:
        if arm.is_scored and arm.welfare.own_rule is not None:
            yield f"Arm {arm.arm}: a rule of your own, {shown(arm.welfare.own_rule)}."


def calls_expected(scenario: Scenario, n_claims: float) -> dict[str, float]:
    """Calls to models by act, without drop-outs, time limits, retries and what the store has.

    n_claims: of a question, on average.
    """
    design, mind = scenario.design, scenario.participants.mind
    n_rounds = design.groups * design.rounds
    n_people = sum(design.group_sizes) / len(design.group_sizes)
    generators = shared_generators(scenario.mediators).values()
    n_samples = sum(generator.n_requests for generator in generators) * len(design.omissions)
    calls = {"candidates": float(n_rounds * n_samples)}
    calls["readings"] = n_rounds * sum(
        reader.n_requests(n_claims) * _texts_read(scenario, name, n_people)
        for name, reader in scenario.readers_used.items()
        if isinstance(reader, ModelReaderSettings)
    )
    calls["scores"] = (
        n_rounds * len(_asked_scorers(scenario)) * sum(n_people - left_out for left_out in design.omissions)
    )
    if isinstance(mind, LlmMindSettings):
        n_shown = sum(mediator.select for mediator in scenario.mediators) * len(design.omissions)
        n_judged = n_shown + (n_people - 1 if design.others_opinions else 0)
        ways = 2 if mind.elicitation.order == "both" else 1
        calls |= {
            "positions": n_rounds * n_people * ways * (mind.beliefs == "persona"),
            "opinions": n_rounds * n_people * (mind.writer == "llm"),
            "judgements": n_rounds
            * n_people
            * len(scenario.participants.scales)
            * n_judged
            * ways
            * (mind.judge == "llm"),
        }
    if isinstance(mind, FittedMindSettings):
        calls["judgements"] = n_rounds * n_people  # of all statements at a time
    return {act: n for act, n in calls.items() if n}


def _asked_scorers(scenario: Scenario) -> set[tuple[str, str]]:
    """Scorers that ask a model, each with the generators whose candidates it scores."""
    arms = scenario.mediators
    return {
        (arm.scorer, generator_name(arm, arms))
        for arm in arms
        if arm.is_scored and scenario.scorers[arm.scorer].wants_scores
    }


def _texts_read(scenario: Scenario, reader: str, n_people: float) -> float:
    """Different texts that a reader reads in a round: opinions, where they are scored, composed from, rated or compared with
    their writer, and candidates, where they are scored or judged by latent minds.
    """
    mind, arms = scenario.participants.mind, scenario.mediators
    hears = reader == scenario.participants.reader
    judges = hears and not (isinstance(mind, LlmMindSettings) and mind.judge == "llm")
    compares = hears and isinstance(mind, LlmMindSettings) and mind.writer == "llm"
    scored = {
        generator_name(arm, arms) for arm in arms if arm.is_scored and reader in scenario.scorers[arm.scorer].readers
    }
    generators = shared_generators(arms)
    composes = any(reader in generator.readers for generator in generators.values())
    opinions = bool(scored) or composes or compares or (judges and scenario.design.others_opinions)
    samples = sum(generator.samples for name, generator in generators.items() if judges or name in scored)
    return n_people * opinions + samples * len(scenario.design.omissions)
