"""From scores to the statements that an arm shows: weigh, order, break ties, and repeat no text.

A scorer may come to no score. An author who has none for any candidate has no weight, as one whose opinion was left out; a
candidate without a score by one of the others is not chosen. Where nothing is left to choose from, an arm shows nothing. So it
does where its rule is a function of the user's own that fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simcons.arrays import Floats
from simcons.engines.pipelines.answers import plain_text
from simcons.errors import InputError, ScenarioError
from simcons.named_code import shown
from simcons.scenario.mediators import MediatorSettings
from simcons.scenario.welfare import LogNormalAlphaSettings, RuleSpec
from simcons.welfare.rules import Rule, has_values
from simcons.welfare.selection import select
from simcons.welfare.weighing import Weighed, weigh

_SHOWN = 500  # characters of what a rule that fails has to say
_REDRAWS = 10  # of a drawn alpha whose winner is on the slate already, before the runner-up is taken


class RuleFails(Exception):
    """A rule of the user's own came to no value for each candidate: what it did."""


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


def choose(
    texts: Sequence[str],
    scores: Floats | None,
    mediator: MediatorSettings,
    rng: np.random.Generator,
    *,
    own_rule: Rule | None = None,
) -> tuple[Pick, ...]:
    """The picks of ``mediator`` by ``scores`` [candidates, people], or without any in the order drawn: no text twice, so that
    there may be fewer than it wants, or none. own_rule: its rule, where that is a function of the user's own. Raises RuleFails.
    """
    if scores is None:
        unweighed = Pick(sample=0, rule=None, alpha=None, welfare=None, n_tied=1, decider=None)
        firsts = [replace(unweighed, sample=k) for k in range(len(texts))]
        return tuple(_distinct(firsts, texts)[: mediator.select])
    candidates, people = _scored(scores)
    if not candidates:
        return ()
    complete = scores[np.ix_(candidates, people)]
    picks = _best(complete, [texts[place] for place in candidates], mediator, rng, own_rule)
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


def _best(
    scores: Floats,
    texts: Sequence[str],
    mediator: MediatorSettings,
    rng: np.random.Generator,
    own_rule: Rule | None,
) -> list[Pick]:
    """The best under one rule, or for a drawn alpha each the best under an alpha of its own. ``scores``: [candidates, people]."""
    spec = mediator.welfare.spec
    if not isinstance(spec, LogNormalAlphaSettings):
        return _distinct(_ranked(scores, spec, mediator, rng, own_rule), texts)[: mediator.select]
    picks: list[Pick] = []
    while len(picks) < min(mediator.select, len(set(texts))):
        picks.append(_pick_by_drawn_alpha(scores, texts, spec, mediator, picks, rng))
    return picks


def _ranked(
    scores: Floats, spec: RuleSpec, mediator: MediatorSettings, rng: np.random.Generator, own_rule: Rule | None = None
) -> list[Pick]:
    """All samples, best first."""
    weighed, ties = _weigh(scores, spec, mediator, own_rule), mediator.welfare.ties
    selection = select(weighed.values, ties=ties, rng=rng, utilities=weighed.utilities, rounding=weighed.rounding)
    return [
        Pick(
            sample=sample,
            rule=shown(mediator.welfare.rule),
            alpha=None if isinstance(spec, str) else spec,
            welfare=float(weighed.values[sample]) if has_values(spec) else None,
            n_tied=selection.ranks.count(selection.ranks[sample]),
            decider=decider,
        )
        for sample, decider in zip(selection.order, selection.deciders, strict=True)
    ]


def _weigh(scores: Floats, spec: RuleSpec, mediator: MediatorSettings, own_rule: Rule | None) -> Weighed:
    settings = mediator.welfare
    try:
        return weigh(scores, settings.utility_map, spec=spec, threshold=settings.threshold, rule=own_rule)
    except (ValueError, InputError) as error:
        if own_rule is not None:
            raise RuleFails(plain_text(str(error)[:_SHOWN])) from None
        raise ScenarioError(f"arm {mediator.arm!r}: {error}") from None


def _pick_by_drawn_alpha(
    scores: Floats,
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
