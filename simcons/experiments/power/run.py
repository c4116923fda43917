"""A study of power from its settings: every pair of rules, every outcome, every size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Literal, TypeAlias, TypedDict

from simcons.analysis.resampling import SIGNIFICANT, Estimate, from_moments, holm, mean
from simcons.arrays import Floats
from simcons.counted import counted
from simcons.experiments.failed_rules import FailedRule
from simcons.experiments.power import theory
from simcons.experiments.power.differences import DifferenceSample
from simcons.experiments.power.estimates import (
    equivalence_power,
    minimum_detectable_effect,
    minimum_detectable_shift,
    power_curve,
)
from simcons.experiments.power.simulation import Simulated, simulated_differences
from simcons.experiments.power.sizes import Needed, groups_needed
from simcons.experiments.world import BLOCK_GROUPS
from simcons.rich_display import RichDisplay
from simcons.scenario.power import PowerSettings, StudyOutcome
from simcons.scenario.welfare import RuleSpec
from simcons.welfare.rules import label

PowerQuestion: TypeAlias = Literal[
    "power",  # of finding the difference as simulated
    "false_alarms",  # of finding a difference where there is none
    "detectable",  # difference found with the wanted power, carried by the rounds with different statements
    "detectable_shift",  # the same, if all groups shift alike
    "equivalence",  # probability of showing it, for the difference as simulated
    "equivalence_of_none",  # where there is no difference
    "false_equivalence",  # of showing it where the difference is as large as the margin
]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question for studies of one size; no ``estimate`` where the simulated differences allow none."""

    question: PowerQuestion
    n_groups: int
    estimate: Estimate | None
    theory: float | None  # if differences were normal


@dataclass(frozen=True, slots=True)
class Comparison:
    """One outcome of one pair of rules. Where all simulated differences are alike, what follows ``difference`` is empty."""

    rule: str
    versus: str
    outcome: StudyOutcome
    margin: float
    n_simulated: int  # groups
    different: Estimate  # share of rounds in which the rules choose different statements
    difference: Estimate  # of the first rule's outcome less the second's
    p_holm: float | None = None  # of no difference in the simulation, adjusted for all comparisons of the study
    sd: float = 0.0  # of groups' differences
    needed: Needed | None = None  # to find the difference as simulated
    needed_theory: int | None = None  # None also: more than the cap
    needed_equivalence: Needed | None = None  # to show equivalence, for the difference as simulated
    needed_equivalence_of_none: Needed | None = None  # to show equivalence, where there is no difference
    answers: tuple[Answer, ...] = ()

    @property
    def may_be_none(self) -> bool:
        """True where the simulation does not tell its difference from 0 at .05, all comparisons taken together."""
        return self.p_holm is None or self.p_holm > SIGNIFICANT

    def estimate_at(self, question: PowerQuestion, n_groups: int) -> Estimate | None:
        """The answer of studies of this size; None where the simulated differences allow no such true difference."""
        return next((a.estimate for a in self.answers if (a.question, a.n_groups) == (question, n_groups)), None)


@dataclass(frozen=True, slots=True, repr=False)
class PowerResult(RichDisplay):
    """The answers of a study of power. comparisons: pair by pair, outcome by outcome, without pairs of which a rule failed."""

    settings: PowerSettings
    comparisons: tuple[Comparison, ...]
    failed: tuple[FailedRule, ...] = ()

    def __repr__(self) -> str:
        return f"PowerResult({self.settings.name!r}: {counted(len(self.comparisons), 'comparison')})"


class _Limits(TypedDict):
    """The sizes of studies that are considered, and the power that is good enough."""

    power: float
    smallest: int
    cap: int


class _Drawing(TypedDict):
    """Settings that all answers share."""

    alpha: float
    replications: int
    seed: int


def run_power(settings: PowerSettings, *, on_done: Callable[[int, int], None] = lambda done, of: None) -> PowerResult:
    """Simulate the groups once, and answer for each pair and outcome.

    ``on_done`` is told how many of how many steps are done. Raises ScenarioError, in one line, for settings with which no
    round can be simulated.
    """
    n_blocks = -(-settings.simulated_groups // BLOCK_GROUPS)
    n_steps = n_blocks + len(settings.compare) * len(settings.outcomes)
    simulation = simulated_differences(settings, on_block=lambda done: on_done(done, n_steps))
    there = [(pair, of) for pair, of in zip(settings.compare, simulation.pairs, strict=True) if of is not None]
    n_steps = n_blocks + len(there) * len(settings.outcomes)
    comparisons: list[Comparison] = []
    for pair, simulated in there:
        for outcome in settings.outcomes:
            comparisons.append(_compare(settings, pair, outcome, simulated))
            on_done(n_blocks + len(comparisons), n_steps)
    p_values = holm([comparison.difference.p_value() for comparison in comparisons])
    compared = tuple(replace(c, p_holm=p) for c, p in zip(comparisons, p_values, strict=True))
    return PowerResult(settings, compared, simulation.failed)


def _compare(
    settings: PowerSettings, pair: tuple[RuleSpec, RuleSpec], outcome: StudyOutcome, simulated: Simulated
) -> Comparison:
    differences = simulated.differences[outcome]
    comparison = Comparison(
        rule=label(pair[0]),
        versus=label(pair[1]),
        outcome=outcome,
        margin=float(getattr(settings.margins, outcome)),
        n_simulated=len(differences),
        different=_share_of_rounds(simulated.exposure, settings.world.people.rounds_per_group),
        difference=mean(differences),
    )
    if differences.min() == differences.max():
        return comparison
    sample = DifferenceSample.of(differences, simulated.exposure)
    drawing = _Drawing(alpha=settings.alpha, replications=settings.replications, seed=settings.seed)
    comparison = _with_sizes(comparison, sample, settings, drawing)
    answers = (
        *_of_difference(sample, settings, drawing),
        *_of_equivalence(sample, comparison.margin, settings, drawing),
    )
    return replace(comparison, answers=answers)


def _share_of_rounds(by_group: Floats, rounds_per_group: int) -> Estimate:
    n, centre = len(by_group), float(by_group.mean())
    return from_moments(centre, float(((by_group - centre) ** 2).sum()), n, trials=n * rounds_per_group)


def _with_sizes(
    comparison: Comparison, sample: DifferenceSample, settings: PowerSettings, drawing: _Drawing
) -> Comparison:
    limits = _Limits(power=settings.power, smallest=settings.smallest, cap=settings.cap)
    margin, of_none = comparison.margin, None
    if sample.allows(0.0):
        of_none = groups_needed(sample, margin, true_difference=0.0, **limits, **drawing)
    return replace(
        comparison,
        sd=sample.sd,
        needed=groups_needed(sample, **limits, **drawing),
        needed_theory=theory.t_groups(
            sample.mean,
            sample.sd,
            power=settings.power,
            alpha=settings.alpha,
            smallest=settings.smallest,
            cap=settings.cap,
        ),
        needed_equivalence=groups_needed(sample, margin, **limits, **drawing),
        needed_equivalence_of_none=of_none,
    )


def _of_difference(sample: DifferenceSample, settings: PowerSettings, drawing: _Drawing) -> Iterator[Answer]:
    alpha, power, groups = settings.alpha, settings.power, sorted(settings.groups)
    for at in power_curve(sample, groups, **drawing):
        expected = theory.t_power(sample.mean, sample.sd, n_groups=at.n_groups, alpha=alpha)
        yield Answer("power", at.n_groups, at.power, expected)
    if sample.allows(0.0):
        for at in power_curve(sample, groups, true_difference=0.0, **drawing):
            yield Answer("false_alarms", at.n_groups, at.power, alpha)
    for n in groups:
        expected = theory.t_detectable(sample.sd, n_groups=n, power=power, alpha=alpha)
        yield Answer("detectable", n, minimum_detectable_effect(sample, n, power=power, **drawing), expected)
        yield Answer("detectable_shift", n, minimum_detectable_shift(sample, n, power=power, **drawing), expected)


def _of_equivalence(
    sample: DifferenceSample, margin: float, settings: PowerSettings, drawing: _Drawing
) -> Iterator[Answer]:
    groups, at_margin = sorted(settings.groups), margin if sample.mean >= 0 else -margin
    asked: list[tuple[PowerQuestion, float, float | None]] = [("equivalence", sample.mean, None)]
    if sample.allows(0.0):
        asked.append(("equivalence_of_none", 0.0, 0.0))
    if sample.allows(at_margin):
        asked.append(("false_equivalence", at_margin, at_margin))
    for question, difference, given in asked:
        for at in equivalence_power(sample, margin, groups=groups, true_difference=given, **drawing):
            expected = theory.tost_power(difference, margin, sample.sd, n_groups=at.n_groups, alpha=settings.alpha)
            yield Answer(question, at.n_groups, at.power, expected)


# --- as a table ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PowerRow:
    """One number with its 95% interval, everything that says which, and what normal theory has for it."""

    study: str
    rule: str
    versus: str
    outcome: StudyOutcome
    question: str  # a Question, or different, difference, needed, needed_equivalence, needed_equivalence_of_none
    n_groups: int | None  # of the study asked about
    estimate: (
        float | None
    )  # None: of the last three more than ``cap``, otherwise a true difference that is not possible
    low: float | None
    high: float | None
    theory: float | None
    cap: int | None
    margin: float
    n_simulated: int  # groups


def rows(result: PowerResult) -> list[PowerRow]:
    """Everything as one long table."""
    return [row for comparison in result.comparisons for row in _rows(comparison, result.settings.name)]


def _rows(c: Comparison, study: str) -> Iterator[PowerRow]:
    empty = PowerRow(
        study, c.rule, c.versus, c.outcome, "", None, None, None, None, None, None, c.margin, c.n_simulated
    )
    yield _estimated(replace(empty, question="different"), c.different)
    yield _estimated(replace(empty, question="difference"), c.difference)
    for question, needed, expected in (
        ("needed", c.needed, c.needed_theory),
        ("needed_equivalence", c.needed_equivalence, None),
        ("needed_equivalence_of_none", c.needed_equivalence_of_none, None),
    ):
        if needed is not None:
            yield replace(empty, question=question, theory=expected, **asdict(needed))
    for a in c.answers:
        row = replace(empty, question=a.question, n_groups=a.n_groups, theory=a.theory)
        yield row if a.estimate is None else _estimated(row, a.estimate)


def _estimated(row: PowerRow, of: Estimate) -> PowerRow:
    low, high = of.interval or (None, None)
    return replace(row, estimate=of.value, low=low, high=high)
