"""From opinions to the statements that are shown: sample, score, weigh, select.

Every candidate is returned with its scores, shown or not, so that any rule can be tried on the records afterwards.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from simcons.engines.base import Reply, Request
from simcons.errors import ScenarioError
from simcons.mediator.generator import Sample, Samples, model_samples, scripted_samples
from simcons.mediator.prompts import Render
from simcons.mediator.scorer import Score, Scores
from simcons.mediator.view import Read, RoundView, SeenOpinion
from simcons.scenario.study import LogNormalAlpha, Mediator, ScriptedGenerator
from simcons.seeds import stream
from simcons.welfare import isoelastic, select, utility

_REDRAWS = 10  # of a drawn alpha whose winner is on the slate already, before the runner-up is taken

Act: TypeAlias = Generator[list[Request], list[Reply], "list[Slate]"]


@dataclass(frozen=True, slots=True)
class Pick:
    """One selected statement and the rule that selected it. Alpha and welfare are None without a scorer."""

    sample: int
    alpha: float | None
    welfare: float | None
    n_tied: int
    redraws: int


@dataclass(frozen=True, slots=True)
class Slate:
    """What one arm made of one set of opinions."""

    arm: str
    upper_bound: bool
    omitted: int
    opinion_ids: tuple[str, ...]  # the opinions it was made from
    samples: tuple[Sample, ...]
    scores: Scores | None  # [opinions used, samples], predicted agreement
    utilities: Scores | None
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class Tools:
    """What mediators work with; the oracle's true appraisals come in as a plain function, from outside."""

    read: Read
    scorers: Mapping[str, Score]  # by scorer kind; "none" has no entry
    prompts: Mapping[str, Render]
    seed: int


def mediate(view: RoundView, mediators: Sequence[Mediator], omissions: Sequence[int], tools: Tools) -> Act:
    """All arms' slates for one round: one slate for each arm and omission that leaves an opinion to work from."""
    slates: list[Slate] = []
    pending = [
        (mediator, omitted, used)
        for omitted in omissions
        if (used := _keep(view, omitted, tools.seed))
        for mediator in mediators
    ]
    acts = [_sample(view, used, mediator, omitted, tools) for mediator, omitted, used in pending]
    results = yield from _together(acts)
    for (mediator, omitted, used), samples in zip(pending, results, strict=True):
        slates.append(_slate(view, mediator, omitted, used, samples, tools))
    return slates


def _keep(view: RoundView, omitted: int, seed: int) -> tuple[SeenOpinion, ...]:
    """The opinions left when ``omitted`` of them are silently dropped: the same for every arm of the round."""
    n_kept = len(view.opinions) - omitted
    if n_kept < 1:
        return ()
    order = stream(seed, "omission", view.round_id, omitted).permutation(len(view.opinions))
    kept = set(order[:n_kept].tolist())
    return tuple(opinion for place, opinion in enumerate(view.opinions) if place in kept)


def _sample(view: RoundView, used: Sequence[SeenOpinion], mediator: Mediator, omitted: int, tools: Tools) -> Samples:
    key = f"{mediator.arm}/{omitted}"
    settings = mediator.generator
    if isinstance(settings, ScriptedGenerator):
        return scripted_samples(view, used, settings, tools.read, seed=tools.seed, key=key)
    return (yield from model_samples(view, used, settings, tools.prompts[settings.prompt], seed=tools.seed, key=key))


def _together(acts: Sequence[Samples]) -> Generator[list[Request], list[Reply], list[list[Sample]]]:
    """Run one-step acts side by side: all their requests in one list, each its own replies."""
    wanted: list[list[Request]] = []
    results: list[list[Sample]] = [[] for _ in acts]
    for place, act in enumerate(acts):
        wanted.append(_advance(act, results, place))
    while requests := [request for part in wanted for request in part]:
        replies = iter((yield requests))
        answered = [[next(replies) for _ in part] for part in wanted]
        wanted = [_advance(act, results, k, answered[k]) if wanted[k] else [] for k, act in enumerate(acts)]
    return results


def _advance(act: Samples, results: list[list[Sample]], place: int, replies: list[Reply] | None = None) -> list[Request]:
    """Take an act to its next requests; none once it has returned."""
    try:
        return next(act) if replies is None else act.send(replies)
    except StopIteration as stop:
        results[place] = stop.value
        return []


def _slate(
    view: RoundView, mediator: Mediator, omitted: int, used: Sequence[SeenOpinion], samples: Sequence[Sample], tools: Tools
) -> Slate:
    scores = utilities = None
    if mediator.scorer.kind != "none":
        scores = tools.scorers[mediator.scorer.kind](view, used, [sample.text for sample in samples])
        utilities = _utilities(scores, mediator)
    rng = stream(tools.seed, "selection", view.round_id, mediator.arm, omitted)
    picks = _first(mediator) if utilities is None else _choose(utilities, mediator, rng)
    return Slate(
        arm=mediator.arm,
        upper_bound=mediator.upper_bound,
        omitted=omitted,
        opinion_ids=tuple(opinion.opinion_id for opinion in used),
        samples=tuple(samples),
        scores=scores,
        utilities=utilities,
        picks=tuple(picks),
    )


def _utilities(scores: Scores, mediator: Mediator) -> Scores:
    try:
        return utility(scores, mediator.welfare.utility_map)
    except ValueError as error:
        raise ScenarioError(f"arm {mediator.arm!r}: {error}") from None


def _first(mediator: Mediator) -> list[Pick]:
    return [Pick(sample=k, alpha=None, welfare=None, n_tied=1, redraws=0) for k in range(mediator.select)]


def _choose(utilities: Scores, mediator: Mediator, rng: np.random.Generator) -> list[Pick]:
    """The statements to show: the best under one alpha, or each best under an alpha of its own.

    A drawn alpha whose winner is taken already is redrawn up to 10 times; then its best statement not taken is shown.
    """
    alpha = mediator.welfare.alpha
    if isinstance(alpha, float):
        return _best(utilities, alpha, mediator, mediator.select, rng)
    picks: list[Pick] = []
    for _ in range(mediator.select):
        picks.append(_pick_by_drawn_alpha(utilities, alpha, mediator, picks, rng))
    return picks


def _best(utilities: Scores, alpha: float, mediator: Mediator, n: int, rng: np.random.Generator) -> list[Pick]:
    welfare = isoelastic(utilities.T, alpha)
    selection = select(welfare, rule=mediator.welfare.ties, rng=rng)
    return [
        Pick(
            sample=sample,
            alpha=alpha,
            welfare=float(welfare[sample]),
            n_tied=selection.ranks.count(selection.ranks[sample]),
            redraws=0,
        )
        for sample in selection.order[:n]
    ]


def _pick_by_drawn_alpha(
    utilities: Scores, alpha: LogNormalAlpha, mediator: Mediator, picks: Sequence[Pick], rng: np.random.Generator
) -> Pick:
    taken = {pick.sample for pick in picks}
    for redraws in range(_REDRAWS + 1):
        drawn = float(rng.lognormal(alpha.mu, alpha.sigma))
        ranked = _best(utilities, drawn, mediator, utilities.shape[1], rng)
        if ranked[0].sample not in taken:
            break
    best = next(pick for pick in ranked if pick.sample not in taken)
    return Pick(sample=best.sample, alpha=best.alpha, welfare=best.welfare, n_tied=best.n_tied, redraws=redraws)

