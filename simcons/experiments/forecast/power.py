"""The power of a comparison of arms, by the number of groups.

A group's difference between two arms is a mean over people, statements and rounds, hence near to normal, unlike the differences
between two rules that mostly choose the same statement: the textbook's t test is what answers here (`power.theory`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

from simcons.analysis.resampling import SIGNIFICANT, Estimate, mean
from simcons.arrays import Floats
from simcons.experiments.forecast.leads import Leads
from simcons.experiments.power.differences import DifferenceSample
from simcons.experiments.power.estimates import sd_error
from simcons.experiments.power.sizes import Needed
from simcons.experiments.power.theory import t_detectable, t_groups, t_power

POWER = 0.8  # the wanted probability of finding what there is
CAP = 10_000  # groups beyond which no study is considered
FEWEST = 4  # groups from which intervals hold
_MOST_EXPLAINED = 0.99  # correlation beyond which no small sample tells


@dataclass(frozen=True, slots=True)
class SizeAnswer:
    """Studies of ``n_groups``. detectable: the difference in points that they find with probability `POWER`; power: of finding
    the one there is, None where it is not known.
    """

    n_groups: int
    detectable: Estimate
    power: Estimate | None


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """One arm over another, in points of mean agreement.

    alpha: of the two-sided test: .05 over the number of comparisons. difference: in the groups ``sampled``; needed: groups to
    find it. Both are None where the difference is not known, as scripts wrote in place of language models. sizes: as asked for.
    """

    arm: str
    against: str
    alpha: float
    sampled: Sampled
    difference: Estimate | None
    needed: Needed | None
    sizes: tuple[SizeAnswer, ...]

    def at(self, n_groups: int) -> SizeAnswer:
        """The answer for studies of any other size."""
        return self.sampled.answer(n_groups, self.alpha, known=self.difference is not None)


def comparisons(leads: Leads, sizes: Sequence[int], *, known: bool) -> tuple[ArmComparison, ...]:
    """The first arm against each other one that it differs from in at least 4 groups.

    known: the leads are those of statements such as the study will show.
    """
    alpha = SIGNIFICANT / max(1, len(leads.over))
    able = {arm: lead for arm, lead in leads.over.items() if len(lead) >= FEWEST and lead.min() < lead.max()}
    return tuple(
        _comparison(leads.first, arm, Sampled.of(DifferenceSample.of(lead)), sizes, alpha=alpha, known=known)
        for arm, lead in able.items()
    )


def _comparison(
    arm: str, against: str, sampled: Sampled, sizes: Sequence[int], *, alpha: float, known: bool
) -> ArmComparison:
    return ArmComparison(
        arm,
        against,
        alpha,
        sampled,
        sampled.difference if known else None,
        sampled.needed(alpha) if known else None,
        tuple(sampled.answer(n, alpha, known=known) for n in sorted(sizes)),
    )


def groups_for(differences: Floats, difference: Estimate, alpha: float, *, r: Estimate | None = None) -> Needed:
    """Groups that find ``difference``, if groups differ as those sampled do [groups].

    r: correlation of groups' differences with what is predicted of them, by which they then differ less.
    """
    sampled = Sampled.of(DifferenceSample.of(differences), difference)
    return (sampled if r is None else sampled.explained(r)).needed(alpha)


@dataclass(frozen=True, slots=True)
class Sampled:
    """The differences of a sample of groups. Intervals hold the error of their mean and SD, both ends taken at their worst.

    effects: the mean's size, least and most; sds: the SD, least and most.
    """

    difference: Estimate
    sd: float
    effects: tuple[float, float]
    sds: tuple[float, float]

    @classmethod
    def of(cls, sample: DifferenceSample, known: Estimate | None = None) -> Sampled:
        """known: the difference, where more is known of it than the sample's mean."""
        difference, error = known or mean(sample.differences), sd_error(sample)
        low, high = difference.interval or (difference.value, difference.value)
        least = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
        return cls(
            difference,
            sample.sd,
            (least, max(abs(low), abs(high))),
            (sample.sd * (1 - error), sample.sd * (1 + error)),
        )

    def answer(self, n_groups: int, alpha: float, *, known: bool) -> SizeAnswer:
        """known: the difference is that of statements such as the study will show."""
        return SizeAnswer(n_groups, self.detectable(n_groups, alpha), self.power(n_groups, alpha) if known else None)

    def explained(self, r: Estimate) -> Sampled:
        """The same of what is left where predictions correlate with differences by ``r``."""
        most, least = map(_left, r.interval or (r.value, r.value))
        return replace(self, sd=self.sd * _left(r.value), sds=(self.sds[0] * least, self.sds[1] * most))

    def power(self, n_groups: int, alpha: float) -> Estimate:
        def of(effect: float, sd: float) -> float:
            return t_power(effect, sd, n_groups=n_groups, alpha=alpha)

        ends = (of(self.effects[0], self.sds[1]), of(self.effects[1], self.sds[0]))
        return Estimate(of(abs(self.difference.value), self.sd), ends, None, self.difference.n)

    def detectable(self, n_groups: int, alpha: float) -> Estimate:
        value, *ends = (t_detectable(sd, n_groups=n_groups, power=POWER, alpha=alpha) for sd in (self.sd, *self.sds))
        return Estimate(value, (ends[0], ends[1]), None, self.difference.n)

    def needed(self, alpha: float) -> Needed:
        def of(effect: float, sd: float) -> int | None:
            return t_groups(effect, sd, power=POWER, alpha=alpha, smallest=FEWEST, cap=CAP)

        low, high = of(self.effects[1], self.sds[0]), of(self.effects[0], self.sds[1])
        return Needed(of(abs(self.difference.value), self.sd), low, high, CAP)


def _left(r: float) -> float:
    """The share of an SD that is left; predictions that go the wrong way are not used."""
    return sqrt(1 - min(max(r, 0.0), _MOST_EXPLAINED) ** 2)
