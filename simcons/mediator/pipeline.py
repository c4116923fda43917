"""From opinions to the statements that are shown: sample, score, weigh, select.

Arms whose generators are the same but for the number of samples draw from one pool of candidates, so that what differs
between them is the choice alone, and nothing is sampled twice. Every candidate is returned with its scores, shown or not, so
that any rule can be tried on the records afterwards.

A scorer may come to no score. An author who has none for any candidate has no weight, as one whose opinion was left out; a
candidate without a score by one of the others is not chosen. Where nothing is left to choose from, an arm shows nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from simcons.arrays import Floats
from simcons.engines.acts import together
from simcons.engines.base import Act
from simcons.errors import ScenarioError
from simcons.languages.language import Language
from simcons.mediator.generator import Sample, SampleOutcome, model_samples, scripted_samples
from simcons.mediator.prompts import Render
from simcons.mediator.scorer import Scorer, Scores
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.scenario.mediators import GeneratorSettings, MediatorSettings, ScriptedGeneratorSettings
from simcons.scenario.welfare import LogNormalAlphaSettings, RuleSpec
from simcons.seeds import stream
from simcons.welfare.rules import has_values
from simcons.welfare.selection import select
from simcons.welfare.weighing import Weighed, weigh

_REDRAWS = 10  # of a drawn alpha whose winner is on the slate already, before the runner-up is taken


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
class Pick:
    """One selected statement and the rule that selected it: no rule without a scorer, no alpha but that of isoelastic."""

    sample: int
    rule: str | None
    alpha: float | None
    welfare: float | None  # what the rule makes of it, if that is more than a place in an order
    n_tied: int
    decider: int | None  # among the opinions used, the one whose author's ballot broke the tie
    redraws: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """The statements that one arm picked from a pool."""

    arm: str
    pool: int
    picks: tuple[Pick, ...]


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
    continuing: frozenset[str] | None = None  # engines sure to go on from the beginning of a reply; None: all


def mediate(
    view: RoundView, mediators: Sequence[MediatorSettings], omissions: Sequence[int], tools: Tools
) -> Act[Mediation]:
    """All arms' choices for one round, for each omission that leaves an opinion to work from."""
    kept = {omitted: used for omitted in omissions if (used := _keep(view, omitted, tools.seed))}
    generators = shared_generators(mediators)
    plans = [(name, settings, omitted) for omitted in kept for name, settings in generators.items()]
    seen = [_seen(kept[omitted], settings, tools) for _, settings, omitted in plans]
    keys = [_seed_name(name, mediators) for name, _, _ in plans]
    acts = [
        _sample(view, used, key, settings, tools) for used, key, (_, settings, _) in zip(seen, keys, plans, strict=True)
    ]
    sampled = yield from together(acts)
    pools = [
        Pool(name, omitted, used, *drawn) for used, (name, _, omitted), drawn in zip(seen, plans, sampled, strict=True)
    ]
    scores = yield from _score(view, pools, mediators, tools)

    def rng(mediator: MediatorSettings, pool: Pool) -> np.random.Generator:
        return stream(tools.seed, "selection", view.round_id, _choice_name(mediator, mediators), pool.omitted)

    choices = [
        Choice(mediator.arm, k, _picks(pool, scores.get((k, mediator.scorer)), mediator, rng(mediator, pool)))
        for k, pool in enumerate(pools)
        for mediator in mediators
        if generator_name(mediator, mediators) == pool.generator
    ]
    return Mediation(tuple(pools), tuple(choices), scores)


def shared_generators(mediators: Sequence[MediatorSettings]) -> dict[str, GeneratorSettings]:
    """The generators there are, named after the first arm that has each, with the most samples any arm wants."""
    shared: dict[str, GeneratorSettings] = {}
    for mediator in mediators:
        name = generator_name(mediator, mediators)
        if name not in shared or shared[name].samples < mediator.generator.samples:
            shared[name] = mediator.generator
    return shared


def generator_name(mediator: MediatorSettings, mediators: Sequence[MediatorSettings]) -> str:
    """The first arm whose generator is ``mediator``'s, but for the number of samples."""
    return next(other.arm for other in mediators if _alike(other.generator, mediator.generator))


def _seed_name(name: str, mediators: Sequence[MediatorSettings]) -> str:
    """The arm after which a generator's draws are keyed: the first that is like arm ``name`` but for what opinions it sees.

    Where there is no attack, such twins then make the same statements, and what differs between them is the attacks alone.
    """
    settings = next(mediator.generator for mediator in mediators if mediator.arm == name)
    return next(other.arm for other in mediators if _alike(other.generator.as_submitted, settings.as_submitted))


def _choice_name(mediator: MediatorSettings, mediators: Sequence[MediatorSettings]) -> str:
    """The arm after which the draws of a choice are keyed, by the same rule: its ties fall as its twin's do."""
    twins = [other for other in mediators if _alike(other.generator.as_submitted, mediator.generator.as_submitted)]
    same = {"arm": mediator.arm, "generator": mediator.generator}
    return next(other.arm for other in twins if other.model_copy(update=same) == mediator)


def _alike(left: GeneratorSettings, right: GeneratorSettings) -> bool:
    return left.model_copy(update={"samples": 1}) == right.model_copy(update={"samples": 1})


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
    if isinstance(settings, ScriptedGeneratorSettings):
        samples = yield from scripted_samples(view, used, settings, tools.language, seed=tools.seed, key=key)
        return tuple(samples), ()
    render, continues = tools.prompts[settings.prompt], tools.continuing is None or settings.engine in tools.continuing
    draws = yield from model_samples(
        view, used, settings, render, tools.language, seed=tools.seed, key=key, continues=continues
    )
    return tuple(draw.sample for draw in draws if draw.sample), tuple(draws)


# --- choosing ----------------------------------------------------------------------------------------------------


def _score(
    view: RoundView, pools: Sequence[Pool], mediators: Sequence[MediatorSettings], tools: Tools
) -> Act[dict[tuple[int, str], Scores]]:
    """Each pool scored once by each scorer of an arm that draws on it; all that they ask is asked at once."""
    to_score = {
        (k, mediator.scorer): pool
        for k, pool in enumerate(pools)
        for mediator in mediators
        if mediator.is_scored and pool.samples and generator_name(mediator, mediators) == pool.generator
    }
    acts = [
        tools.scorers[name].score(view, pool.used, [sample.text for sample in pool.samples])
        for (_, name), pool in to_score.items()
    ]
    scores = yield from together(acts)
    return dict(zip(to_score, scores, strict=True))


def _picks(pool: Pool, scores: Scores | None, mediator: MediatorSettings, rng: np.random.Generator) -> tuple[Pick, ...]:
    """The picks of ``mediator`` from the first samples of the pool, as many as it asked for: no text twice, so that it may be
    fewer than it wants, or none.
    """
    texts = pool.texts(mediator.generator.samples)
    if not texts:
        return ()
    if scores is None:
        unweighed = Pick(sample=0, rule=None, alpha=None, welfare=None, n_tied=1, decider=None)
        firsts = [replace(unweighed, sample=k) for k in range(len(texts))]
        return tuple(_distinct(firsts, texts)[: mediator.select])
    by_candidate = scores.T[: len(texts)]
    candidates, people = _scored(by_candidate)
    if not len(candidates):
        return ()
    complete = by_candidate[np.ix_(candidates, people)]
    picks = _choose(complete, [texts[place] for place in candidates], mediator, rng)
    return tuple(_numbered(pick, candidates, people) for pick in picks)


def _scored(scores: Floats) -> tuple[list[int], list[int]]:
    """Places of the candidates that can be weighed, and of the people whose scores count. ``scores``: [candidates, people]."""
    there = ~np.isnan(scores)
    counts = there.any(axis=0)
    complete = there[:, counts].all(axis=1) & counts.any()
    return np.flatnonzero(complete).tolist(), np.flatnonzero(counts).tolist()


def _numbered(pick: Pick, candidates: Sequence[int], people: Sequence[int]) -> Pick:
    """A pick among those weighed by its numbers among all."""
    decider = None if pick.decider is None else people[pick.decider]
    return replace(pick, sample=candidates[pick.sample], decider=decider)


def _distinct(picks: Sequence[Pick], texts: Sequence[str]) -> list[Pick]:
    """The first pick of every text, in order."""
    firsts: dict[str, Pick] = {}
    for pick in picks:
        firsts.setdefault(texts[pick.sample], pick)
    return list(firsts.values())


def _choose(scores: Scores, texts: Sequence[str], mediator: MediatorSettings, rng: np.random.Generator) -> list[Pick]:
    """The best under one rule, or for a drawn alpha each the best under an alpha of its own. ``scores``: [samples, opinions]."""
    spec = mediator.welfare.spec
    if not isinstance(spec, LogNormalAlphaSettings):
        return _distinct(_ranked(scores, spec, mediator, rng), texts)[: mediator.select]
    picks: list[Pick] = []
    while len(picks) < min(mediator.select, len(set(texts))):
        picks.append(_pick_by_drawn_alpha(scores, texts, spec, mediator, picks, rng))
    return picks


def _ranked(scores: Scores, spec: RuleSpec, mediator: MediatorSettings, rng: np.random.Generator) -> list[Pick]:
    """All samples, best first."""
    weighed, ties = _weigh(scores, spec, mediator), mediator.welfare.ties
    selection = select(weighed.values, ties=ties, rng=rng, utilities=weighed.utilities, rounding=weighed.rounding)
    return [
        Pick(
            sample=sample,
            rule=mediator.welfare.rule,
            alpha=None if isinstance(spec, str) else spec,
            welfare=float(weighed.values[sample]) if has_values(spec) else None,
            n_tied=selection.ranks.count(selection.ranks[sample]),
            decider=decider,
        )
        for sample, decider in zip(selection.order, selection.deciders, strict=True)
    ]


def _weigh(scores: Scores, spec: RuleSpec, mediator: MediatorSettings) -> Weighed:
    settings = mediator.welfare
    try:
        return weigh(scores, settings.utility_map, spec=spec, threshold=settings.threshold)
    except ValueError as error:
        raise ScenarioError(f"arm {mediator.arm!r}: {error}") from None


def _pick_by_drawn_alpha(
    scores: Scores,
    texts: Sequence[str],
    alpha: LogNormalAlphaSettings,
    mediator: MediatorSettings,
    picks: Sequence[Pick],
    rng: np.random.Generator,
) -> Pick:
    """The winner under a drawn alpha; one that is taken already is redrawn up to 10 times, then the best not taken wins."""

    def draw() -> list[Pick]:
        return _ranked(scores, float(rng.lognormal(alpha.mu, alpha.sigma)), mediator, rng)

    taken = {texts[pick.sample] for pick in picks}
    ranked, redraws = draw(), 0
    while texts[ranked[0].sample] in taken and redraws < _REDRAWS:
        ranked, redraws = draw(), redraws + 1
    return replace(next(pick for pick in ranked if texts[pick.sample] not in taken), redraws=redraws)
