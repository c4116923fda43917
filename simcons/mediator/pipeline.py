"""From opinions to the statements that are shown: sample, score, weigh, select.

Arms whose generators are the same but for the number of samples draw from one pool of candidates, so that what differs
between them is the choice alone, and nothing is sampled twice. Every candidate is returned with its scores, shown or not, so
that any rule can be tried on the records afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from simcons.engines.acts import together
from simcons.engines.base import Act
from simcons.languages.language import Language
from simcons.mediator.arms import Arms
from simcons.mediator.choosing import Pick, RuleFails, choose
from simcons.mediator.generator import (
    Sample,
    SampleOutcome,
    exploit_samples,
    fixed_samples,
    model_samples,
    scripted_samples,
)
from simcons.mediator.own import own_samples
from simcons.mediator.prompts import Render
from simcons.mediator.scorer import Scorer, Scores
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.questions.reading import Reading
from simcons.remembered import Remembered
from simcons.scenario.mediators import (
    ExploitGeneratorSettings,
    FixedGeneratorSettings,
    GeneratorSettings,
    HttpMediatorSettings,
    LanguageModelGeneratorSettings,
    MediatorSettings,
    PythonMediatorSettings,
    ScriptedGeneratorSettings,
)
from simcons.seeds import stream
from simcons.welfare.rules import Rule


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates of one generator from one set of opinions, and what each sample asked of a language model came to."""

    generator: str  # the first arm that has it
    omitted: int
    used: tuple[SeenOpinion, ...]
    samples: tuple[Sample, ...]  # by their numbers; those that came to nothing are left out
    draws: tuple[SampleOutcome, ...] = ()

    def texts(self, n_samples: int) -> list[str]:
        """Those among the first ``n_samples`` asked for; they come first in ``samples``."""
        return [sample.text for sample in self.samples if sample.number < n_samples]


@dataclass(frozen=True, slots=True)
class Choice:
    """The statements that one arm picked from a pool. failure: of its rule, a function of the user's own; it picked none then."""

    arm: str
    pool: int
    picks: tuple[Pick, ...]
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Mediation:
    """Everything the mediators made of a round. ``scores`` are [opinions used, samples] by pool and scorer."""

    pools: tuple[Pool, ...]
    choices: tuple[Choice, ...]
    scores: Mapping[tuple[int, str], Scores]


@dataclass(frozen=True, slots=True)
class Tools:
    """The things that mediators work with. A scorer that knows the truth is handed in from outside, like any other."""

    scorers: Mapping[str, Scorer]  # by name
    prompts: Mapping[str, Render]
    language: Language
    seed: int
    honest: Mapping[str, str] = field(default_factory=dict)  # opinions by id, without attacks; for arms that are told
    meant: Mapping[str, Reading] = field(
        default_factory=dict
    )  # the same as their authors mean them, where that is known
    composed: Remembered[list[Sample]] = field(default_factory=Remembered)  # scripted, in earlier studies
    own_rules: Mapping[str, Rule] = field(
        default_factory=dict
    )  # by arm, where the rule is a function of the user's own
    continuing: frozenset[str] | None = None  # engines sure to go on from the beginning of a reply; None: all


def mediate(view: RoundView, arms: Arms, omissions: Sequence[int], tools: Tools) -> Act[Mediation]:
    """All arms' choices for one round, for each omission that leaves an opinion to work from."""
    kept = {omitted: used for omitted in omissions if (used := _keep(view, omitted, tools.seed))}
    plans = [(name, settings, omitted) for omitted in kept for name, settings in arms.generators.items()]
    seen = [_seen(kept[omitted], settings, tools) for _, settings, omitted in plans]
    acts = [
        _sample(view, used, arms.seed_names[name], settings, tools)
        for used, (name, settings, _) in zip(seen, plans, strict=True)
    ]
    sampled = yield from together(acts)
    pools = [
        Pool(name, omitted, used, *drawn) for used, (name, _, omitted), drawn in zip(seen, plans, sampled, strict=True)
    ]
    scores = yield from _score(view, pools, arms, tools)

    def rng(mediator: MediatorSettings, pool: Pool) -> np.random.Generator:
        return stream(tools.seed, "selection", view.round_id, arms.choice_names[mediator.arm], pool.omitted)

    choices = [
        _choice(k, pool, scores.get((k, mediator.scorer)), mediator, rng(mediator, pool), tools)
        for k, pool in enumerate(pools)
        for mediator in arms.on(pool.generator)
    ]
    return Mediation(tuple(pools), tuple(choices), scores)


def _keep(view: RoundView, omitted: int, seed: int) -> tuple[SeenOpinion, ...]:
    """The opinions left when ``omitted`` of them are silently dropped: the same for every arm of the round."""
    n_kept = len(view.opinions) - omitted
    if n_kept < 1:
        return ()
    order = stream(seed, "omission", view.round_id, omitted).permutation(len(view.opinions))
    kept = set(order[:n_kept].tolist())
    return tuple(opinion for place, opinion in enumerate(view.opinions) if place in kept)


# --- sampling ----------------------------------------------------------------------------------------------------


def _seen(used: tuple[SeenOpinion, ...], settings: GeneratorSettings, tools: Tools) -> tuple[SeenOpinion, ...]:
    """The opinions as a generator gets them: as submitted, or without what hostile people added."""
    if not settings.upper_bound:
        return used
    return tuple(replace(opinion, text=tools.honest.get(opinion.opinion_id, opinion.text)) for opinion in used)


def _sample(
    view: RoundView, used: Sequence[SeenOpinion], name: str, settings: GeneratorSettings, tools: Tools
) -> Act[tuple[tuple[Sample, ...], tuple[SampleOutcome, ...]]]:
    key = f"{name}/{len(used)}"
    if isinstance(settings, (PythonMediatorSettings, HttpMediatorSettings)):
        own = yield from own_samples(view, used, settings, arm=name, seed=tools.seed, key=key)
        return tuple(draw.sample for draw in own if draw.sample), tuple(own)
    if not isinstance(settings, LanguageModelGeneratorSettings):
        samples = yield from _without_a_model(view, used, key, settings, tools)
        return tuple(samples), ()
    render, continues = tools.prompts[settings.prompt], tools.continuing is None or settings.engine in tools.continuing
    draws = yield from model_samples(
        view, used, settings, render, tools.language, seed=tools.seed, key=key, continues=continues
    )
    return tuple(draw.sample for draw in draws if draw.sample), tuple(draws)


def _without_a_model(
    view: RoundView,
    used: Sequence[SeenOpinion],
    key: str,
    settings: ScriptedGeneratorSettings | ExploitGeneratorSettings | FixedGeneratorSettings,
    tools: Tools,
) -> Act[list[Sample]]:
    if isinstance(settings, FixedGeneratorSettings):
        return fixed_samples(view, settings)
    language, seed = tools.language, tools.seed
    if isinstance(settings, ExploitGeneratorSettings):
        return (yield from exploit_samples(view, used, settings, language, seed=seed, key=key))
    composing = partial(scripted_samples, meant=tools.meant, known=tools.composed)
    return (yield from composing(view, used, settings, language, seed=seed, key=key))


# --- scoring ----------------------------------------------------------------------------------------------------


def _score(view: RoundView, pools: Sequence[Pool], arms: Arms, tools: Tools) -> Act[dict[tuple[int, str], Scores]]:
    """Each pool scored once by each scorer of an arm that draws on it; all that they ask is asked at once."""
    to_score = {
        (k, mediator.scorer): pool
        for k, pool in enumerate(pools)
        for mediator in arms.on(pool.generator)
        if mediator.is_scored and pool.samples
    }
    acts = [
        tools.scorers[name].score(view, pool.used, [sample.text for sample in pool.samples])
        for (_, name), pool in to_score.items()
    ]
    scores = yield from together(acts)
    return dict(zip(to_score, scores, strict=True))


def _choice(
    place: int, pool: Pool, scores: Scores | None, mediator: MediatorSettings, rng: np.random.Generator, tools: Tools
) -> Choice:
    """What ``mediator`` chooses from a pool, which is the one at ``place``."""
    try:
        return Choice(mediator.arm, place, _picks(pool, scores, mediator, rng, tools))
    except RuleFails as failure:
        return Choice(mediator.arm, place, (), failure=str(failure))


def _picks(
    pool: Pool, scores: Scores | None, mediator: MediatorSettings, rng: np.random.Generator, tools: Tools
) -> tuple[Pick, ...]:
    """The picks of ``mediator`` from the first samples of the pool, as many as it asked for."""
    texts = pool.texts(mediator.generator.samples)
    own_rule = tools.own_rules.get(mediator.arm)
    picks = choose(texts, None if scores is None else scores.T[: len(texts)], mediator, rng, own_rule=own_rule)
    if scores is not None:
        return picks
    return tuple(replace(pick, welfare=pool.samples[pick.sample].own_score) for pick in picks)
