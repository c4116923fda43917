"""The choice of each rule from each pool, and its outcomes for the people in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcons.analysis.reselect.pools import MAJORITY, MINORITY, VALUES_CELLS, Pools
from simcons.analysis.subgroups import mean_among
from simcons.arrays import Bools, Floats, Ints, Texts
from simcons.scenario.welfare import RuleSpec, UtilityMapSettings
from simcons.welfare import isoelastic, utility
from simcons.welfare.rankings import kendall_tau
from simcons.welfare.rules import valued
from simcons.welfare.selection import Rounding, weak_ranks, winners
from simcons.welfare.weighing import rounding_under, rule_under


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of rules from pools. NaN is what does not exist or is not known.

    Where a rule of a user's own failed, ``failure`` says how, and nothing else of it is to be read.
    """

    index: Ints  # [rules, pools], the place of the candidate chosen
    statement: Ints  # [rules, pools], the place of the first candidate with that text
    value: Floats  # [rules, pools], what the rule makes of it
    n_tied: Ints  # [rules, pools], different texts that share the first place
    apart: Floats  # [rules, rules, pools], 1 where no text is first, alone or tied, under both rules, else 0
    tau: Floats  # [rules, rules, pools], Kendall's tau-b of two rules' orders
    failure: Texts  # [rules, pools], "" where the rule chose


@dataclass(frozen=True, slots=True)
class Outcomes:
    """True agreement (1-7) of everybody who judged what was chosen; NaN where not known, or where nobody is on a side."""

    regret: Floats  # [judges, rules, pools]
    mean: Floats  # [rules, pools]
    worst_off: Floats
    minority: Floats
    majority: Floats
    minority_regret: Floats
    majority_regret: Floats
    by_cell: Floats  # [values cells, rules, pools], the mean of its members
    cell_regret: Floats  # [values cells, rules, pools], that mean under the candidate best for the cell, less it


def choose_by_scores(
    pools: Pools, specs: Sequence[RuleSpec], utility_map: UtilityMapSettings, *, priority: Floats
) -> Choices:
    """The choices of ``specs`` by the scores under ``utility_map``; ties go to the lowest ``priority`` [pools, candidates].

    Raises ValueError where the map and a rule do not go together, and where either is not defined for the scores; a rule of a
    user's own may fail in some pools.
    """
    utilities = utility(pools.scores, utility_map)
    by_rule = [valued(spec, rule_under(utility_map, spec), utilities) for spec in specs]
    values = np.stack([of_rule for of_rule, _ in by_rule])
    rounding = _rounding(specs, utilities)
    places, best = weak_ranks(values, rounding), winners(values, priority, rounding=rounding)
    first = _first_texts(places == 0, pools.statement)
    return Choices(
        index=best.index,
        statement=pools.statement[np.arange(len(pools.pool)), best.index],
        value=np.take_along_axis(values, best.index[..., None], axis=-1)[..., 0],
        n_tied=first.sum(axis=-1, dtype=np.int64),
        apart=_apart(first),
        tau=kendall_tau(places),
        failure=np.stack([failure for _, failure in by_rule]),
    )


def _rounding(specs: Sequence[RuleSpec], utilities: Floats) -> Rounding:
    """[rules, pools, candidates], or None where no rule has any."""
    by_rule = [rounding_under(spec, utilities) for spec in specs]
    if all(each is None for each in by_rule):
        return None
    nothing = np.zeros(utilities.shape[:-1])
    return np.stack([nothing if each is None else each for each in by_rule])


def outcomes(pools: Pools, index: Ints, judges: Sequence[float]) -> Outcomes:
    """True outcomes of the candidates ``index`` [rules, pools] for the people; judges: alphas that regret is measured by."""
    members = pools.members
    if not members.shape[-1]:
        return _unknown(index.shape, len(judges))
    row = np.arange(len(members))
    chosen = members[row, index]  # [rules, pools, members]
    by_judge = np.asarray(isoelastic(members, list(judges)), dtype=np.float64)
    minority, majority = (_of_members(pools, pools.member_role == role) for role in (MINORITY, MAJORITY))
    cells = np.stack([_of_members(pools, pools.member_cell == 1 + k) for k in range(len(VALUES_CELLS))])
    return Outcomes(
        regret=by_judge.max(axis=-1)[:, None] - by_judge[:, row, index],
        mean=chosen.mean(axis=-1),
        worst_off=chosen.min(axis=-1),
        minority=minority[row, index],
        majority=majority[row, index],
        minority_regret=minority.max(axis=-1) - minority[row, index],
        majority_regret=majority.max(axis=-1) - majority[row, index],
        by_cell=cells[:, row, index],
        cell_regret=cells.max(axis=-1)[:, None, :] - cells[:, row, index],
    )


def _unknown(shape: tuple[int, ...], n_judges: int) -> Outcomes:
    nothing, by_cell = np.full(shape, np.nan), np.full((len(VALUES_CELLS), *shape), np.nan)
    by_judge = np.full((n_judges, *shape), np.nan)
    return Outcomes(by_judge, nothing, nothing, nothing, nothing, nothing, nothing, by_cell, by_cell)


def _of_members(pools: Pools, who: Bools) -> Floats:
    """[pools, candidates]: the mean over the people marked in [pools, members]."""
    return mean_among(pools.members, who[:, None, :])


def _first_texts(tied: Bools, statement: Ints) -> Bools:
    """[rules, pools, candidates]: the texts of those ``tied``, each marked at its first candidate alone."""
    there = np.zeros(tied.shape, dtype=bool)
    rule, pool, place = np.nonzero(tied)
    there[rule, pool, statement[pool, place]] = True
    return there


def _apart(first: Bools) -> Floats:
    by_pool = first.swapaxes(0, 1).astype(np.float32)
    shared = by_pool @ by_pool.swapaxes(-1, -2)
    return np.moveaxis((shared == 0).astype(np.float64), 0, -1)
