"""From what rules chose to findings: shares, means and differences over pools, with intervals over groups.

Measures of the predictions alone, against the rule ``versus`` where there is one:

* ``different_winner``: share of pools in which another text is chosen, ties being broken by the same numbers;
* ``no_common_winner``: share in which no text is first under both rules, so that no way to break ties makes them agree;
* ``kendall_tau``: mean tau-b of the two orders, over pools in which neither rule holds all candidates level;
* ``tied``: share of pools whose first place is shared by different texts;
* ``different_by_map``: share in which the rule chooses another text than it does under the map ``versus``.

Of the recorded ratings: ``rated``, the share of pools in which the text chosen had been shown and rated, and
``rated_difference``, the group's mean rating of it less that of the utilitarian choice, where both were. All others are of the
truth, in points of the 1-7 scale; ``minority_gain`` and ``majority_gain`` are the mean of a side less what it is by the
utilitarian choice.
``cell_mean``, ``cell_gain`` (against the utilitarian choice) and ``cell_regret`` are of people of one values cell, whose name is
in ``versus``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from simcons.analysis.findings import Finding, Key, SweepPoint, finding
from simcons.analysis.resampling import Estimate, quantile
from simcons.analysis.reselect.choices import Choices, Outcomes
from simcons.analysis.reselect.estimates import Quantity, estimates, values
from simcons.analysis.reselect.pools import VALUES_CELLS
from simcons.analysis.scorer_accuracy import ScorerQuality
from simcons.arrays import Floats, Ints
from simcons.scenario.welfare import UTILITARIAN, RuleSpec
from simcons.welfare.rules import label

LOW_QUANTILE = 0.1
_UTILITARIAN = label(UTILITARIAN)


@dataclass(frozen=True, slots=True)
class Selected:
    """The choices of rules by one scorer under one map. Arrays are [rules, pools]; see `Choices` and `Outcomes`."""

    utility_map: str
    pool: Ints  # [pools], rows of `PoolReader.pools`
    choices: Choices
    outcomes: Outcomes
    rating: Floats  # the group's mean rating of what was chosen; NaN where it was not shown


def rule_findings(
    point: SweepPoint,
    selected: Selected,
    specs: Sequence[RuleSpec],
    judges: Sequence[float],
    group: Ints,
    first: Selected,
) -> Iterator[Finding]:
    """Of one map's choices, all that pools have; ``first``: the choices under the map that others are compared with.

    specs: the rules in the order of the arrays, the utilitarian one first. group: [pools], each pool's by number from 0.
    """
    names = [label(spec) for spec in specs]
    measured = [*_of_choices(selected, names), *_of_ratings(selected, names), *_of_maps(selected, first, names)]
    measured += [*_of_outcomes(selected.outcomes, names), *_of_cells(selected.outcomes, names)]
    measured += _of_regret(selected.outcomes, names, [label(judge) for judge in judges])
    for quantity, estimate in zip(measured, estimates(measured, group), strict=True):
        yield from _known(point, quantity.key, estimate)
    for rule, lowest in zip(names, selected.outcomes.worst_off, strict=True):
        yield from _known(point, Key(rule, None, "worst_off_q10"), quantile(lowest, LOW_QUANTILE, group))


def quality_findings(point: SweepPoint, quality: ScorerQuality) -> Iterator[Finding]:
    """Pair accuracy, ece, bias and brier, each against truth (versus None) and ratings; rule ``predictions``."""
    for versus, accuracy in ((None, quality.truth), ("ratings", quality.ratings)):
        if accuracy is not None:
            yield from _known(point, Key("predictions", versus, "pair_accuracy"), accuracy.everybody)
            yield from _known(point, Key("predictions", versus, "pair_accuracy_minority"), accuracy.minority)
            yield from _known(point, Key("predictions", versus, "pair_accuracy_majority"), accuracy.majority)
    for versus, calibration in ((None, quality.true_calibration), ("ratings", quality.calibration)):
        if calibration is not None:
            for name in ("ece", "bias", "brier"):
                yield from _known(point, Key("predictions", versus, name), getattr(calibration, name))


def _known(point: SweepPoint, key: Key, estimate: Estimate | None) -> Iterator[Finding]:
    """One finding, or none where no pool has the measure."""
    if estimate is not None:
        yield finding(point, key, estimate)


def _of_choices(selected: Selected, names: Sequence[str]) -> Iterator[Quantity]:
    choices = selected.choices
    for rule, n_tied in zip(names, choices.n_tied, strict=True):
        yield values(Key(rule, None, "tied"), np.asarray(n_tied > 1, dtype=np.float64))
    for (k, rule), (other, versus) in permutations(enumerate(names), 2):
        differ = choices.statement[k] != choices.statement[other]
        yield values(Key(rule, versus, "different_winner"), differ.astype(np.float64))
        yield values(Key(rule, versus, "no_common_winner"), choices.apart[k, other])
        yield values(Key(rule, versus, "kendall_tau"), choices.tau[k, other])


def _of_ratings(selected: Selected, names: Sequence[str]) -> Iterator[Quantity]:
    for rule, rating in zip(names, selected.rating, strict=True):
        yield values(Key(rule, None, "rated"), (~np.isnan(rating)).astype(np.float64))
        if rule != _UTILITARIAN:
            yield values(Key(rule, _UTILITARIAN, "rated_difference"), rating - selected.rating[0])


def _of_maps(selected: Selected, first: Selected, names: Sequence[str]) -> Iterator[Quantity]:
    if selected is not first:
        for rule, chosen, reference in zip(names, selected.choices.statement, first.choices.statement, strict=True):
            differ = np.asarray(chosen != reference, dtype=np.float64)
            yield values(Key(rule, first.utility_map, "different_by_map"), differ)


def _of_outcomes(outcomes: Outcomes, names: Sequence[str]) -> Iterator[Quantity]:
    of_rules = {
        "mean_utility": outcomes.mean,
        "worst_off": outcomes.worst_off,
        "minority": outcomes.minority,
        "majority": outcomes.majority,
        "minority_gap": outcomes.majority - outcomes.minority,
        "minority_regret": outcomes.minority_regret,
        "majority_regret": outcomes.majority_regret,
    }
    for k, rule in enumerate(names):
        for name, by_rule in of_rules.items():
            yield values(Key(rule, None, name), by_rule[k])
        if rule != _UTILITARIAN:
            yield values(Key(rule, _UTILITARIAN, "mean_cost"), outcomes.mean[0] - outcomes.mean[k])
            yield values(Key(rule, _UTILITARIAN, "worst_off_gain"), outcomes.worst_off[k] - outcomes.worst_off[0])
            for side, by_rule in (("minority", outcomes.minority), ("majority", outcomes.majority)):
                yield values(Key(rule, _UTILITARIAN, f"{side}_gain"), by_rule[k] - by_rule[0])


def _of_cells(outcomes: Outcomes, names: Sequence[str]) -> Iterator[Quantity]:
    for cell, mean, regret in zip(VALUES_CELLS, outcomes.by_cell, outcomes.cell_regret, strict=True):
        for k, rule in enumerate(names):
            yield values(Key(rule, cell, "cell_mean"), mean[k])
            yield values(Key(rule, cell, "cell_regret"), regret[k])
            if rule != _UTILITARIAN:
                yield values(Key(rule, cell, "cell_gain"), mean[k] - mean[0])


def _of_regret(outcomes: Outcomes, names: Sequence[str], judges: Sequence[str]) -> Iterator[Quantity]:
    for judge, by_rule in zip(judges, outcomes.regret, strict=True):
        for rule, regret in zip(names, by_rule, strict=True):
            yield values(Key(rule, judge, "regret"), regret)
