"""Paired differences between two pipelines, and what they show: better, worse, as good within a margin, or nothing yet.

The unit is the group, which both pipelines met with the same people, questions, opinions and noise. Every difference is tested
twice: for being none (two-sided), and for being as large as the margin in either direction (two one-sided tests, Schuirmann
1987). p values are adjusted by Holm's procedure over all measures and arms that are read of the same rounds or people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, log, log2, sqrt
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from simcons.analysis.comparisons import lead
from simcons.analysis.resampling import SIGNIFICANT, Estimate, holm, mean
from simcons.analysis.sequential import ConfidenceSequence
from simcons.arrays import Floats, Ints
from simcons.errors import InputError
from simcons.experiments.compare.measures import FOR_SOME, SHOWN, WON, Measure
from simcons.experiments.compare.scores import CAMPS, EVERYBODY, FACTS, ROUND, key
from simcons.experiments.power import theory
from simcons.scale import SCALES
from simcons.scenario.study import Split

Verdict: TypeAlias = Literal["better", "worse", "equivalent", "undecided"]
MOST_GROUPS = 100_000  # that are thought about
_POWER = 0.8
_DIVIDED = {"divisive": True, "not divisive": False}


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of one arm: the change less the base, in the measure's unit, over rounds that both have.

    subset: all rounds and people, those of one camp, or some of the rounds. p_value: of no difference; p_margin: of one as
    large as the margin; both with what they are once adjusted. groups_needed: with which a study like this would be decided
    four times of five if the difference is the one seen; None where it is decided, or no number up to `MOST_GROUPS` would do.
    narrower: how many times as many groups unpaired studies would need for an interval as narrow.
    """

    arm: str
    subset: str
    measure: Measure
    base: float
    change: float
    difference: Estimate
    n_rounds: int
    n_excluded: int  # rounds that one of the two has not
    p_value: float
    p_margin: float
    narrower: float | None
    p_holm: float = 1.0
    p_margin_holm: float = 1.0
    groups_needed: int | None = None

    @property
    def verdict(self) -> Verdict:
        """Within the margin comes first: what does not matter is neither better nor worse, however surely it is there."""
        if self.p_margin_holm <= SIGNIFICANT:
            return "equivalent"
        if self.p_holm <= SIGNIFICANT:
            return "better" if self.difference.value > 0 else "worse"
        return "undecided"


@dataclass(frozen=True, slots=True)
class FixedTest:
    """Student's t over groups, for a number of groups that was settled beforehand."""

    def p_value(self, distance: float, error: float, n: int) -> float:
        from scipy.special import stdtr  # takes longer to load than most commands take to run

        return float(2 * stdtr(n - 1, -abs(distance) / error))

    def one_sided(self, distance: float, error: float, n: int) -> float:
        p = self.p_value(distance, error, n)
        return p / 2 if distance > 0 else 1 - p / 2

    def interval(self, estimate: Estimate) -> Estimate:
        return estimate


@dataclass(frozen=True, slots=True)
class SequentialTest:
    """The same at any look while groups come in. One-sided p values are those of the two-sided sequence, which are no less."""

    sequence: ConfidenceSequence

    def p_value(self, distance: float, error: float, n: int) -> float:
        return self.sequence.p_value(distance, error, n)

    def one_sided(self, distance: float, error: float, n: int) -> float:
        return self.sequence.p_value(distance, error, n) if distance > 0 else 1.0

    def interval(self, estimate: Estimate) -> Estimate:
        if estimate.error is None:
            return estimate
        half = self.sequence.half_width(estimate.error, estimate.n)
        return replace(estimate, interval=(estimate.value - half, estimate.value + half))


Test: TypeAlias = FixedTest | SequentialTest


# --- rows ----------------------------------------------------------------------------------------------------------


def differences(
    arm: str, base: pd.DataFrame, change: pd.DataFrame, measures: Sequence[Measure], *, test: Test
) -> list[Difference]:
    """All differences of one arm, from both pipelines' `round_scores`; not adjusted yet: see `adjusted`."""
    both = together(base, change)
    rows = []
    for subset, people, rounds in subsets(both):
        for measure in measures:
            if people == EVERYBODY or _is_of_camps(measure):
                row = _difference(arm, subset, measure, *sides(rounds, measure, people), rounds["session_id"], test)
                rows += [] if row is None else [row]
    return rows


def together(base: pd.DataFrame, change: pd.DataFrame) -> pd.DataFrame:
    """Both pipelines' `round_scores` side by side, a row a round that either has."""
    return base.merge(change.drop(columns=FACTS), how="outer", on=ROUND, suffixes=("|base", "|change"))


def differ_in_what_is_there(both: pd.DataFrame) -> bool:
    """True if in some round of `together` one of the two has shown something, and the other nothing."""
    base, change = sides(both, SHOWN, EVERYBODY)
    return bool((np.abs(change - base) > 0).any())


def adjusted(rows: Sequence[Difference]) -> list[Difference]:
    """The same with p values adjusted over all of a subset, and the number of groups that would decide those which are not."""
    done: dict[int, Difference] = {}
    for subset in dict.fromkeys(row.subset for row in rows):
        family = {place: row for place, row in enumerate(rows) if row.subset == subset}
        p_holm, p_margin = (holm([row.p_value for row in family.values()]), holm([r.p_margin for r in family.values()]))
        for place, p, q in zip(family, p_holm, p_margin, strict=True):
            done[place] = replace(family[place], p_holm=p or 0.0, p_margin_holm=q or 0.0)
        open_ = [place for place in family if done[place].verdict == "undecided"]
        for place in open_:
            done[place] = replace(done[place], groups_needed=groups_that_decide(done[place], SIGNIFICANT / len(open_)))
    return [done[place] for place in range(len(rows))]


def check_subset(measure: Measure, subset: str) -> None:
    """Raises InputError for rounds or people that there are not, and for camps of which the measure is not told."""
    known = [EVERYBODY, *CAMPS, *_DIVIDED, *(f"split {split}" for split in get_args(Split))]
    if subset not in known:
        raise InputError(f"subset {subset!r}: expected one of {', '.join(known)}")
    if subset in CAMPS and not _is_of_camps(measure):
        raise InputError(
            f"subset {subset!r} of {measure.name}: expected it of a mean, such as agreement, or of agreeing"
        )


def _is_of_camps(measure: Measure) -> bool:
    return measure.bare in (*FOR_SOME, *SCALES)


def subsets(rounds: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Name, whose answers count, and rounds: all; either camp's; divisive rounds and others; those of each split, if several."""
    yield EVERYBODY, EVERYBODY, rounds
    yield from ((camp, camp, rounds) for camp in CAMPS)
    for name, divisive in _DIVIDED.items():
        yield name, EVERYBODY, rounds[rounds["divisive"].eq(divisive).fillna(False).astype(bool)]
    splits = sorted(rounds["split"].dropna().unique())
    for split in splits if len(splits) > 1 else ():
        yield f"split {split}", EVERYBODY, rounds[rounds["split"] == split]


def sides(rounds: pd.DataFrame, measure: Measure, people: str) -> tuple[Floats, Floats]:
    """The measure under either pipeline, NaN where it has no such round. A round is won by higher mean agreement."""
    name = measure.name.replace(WON, "agreement") if measure.bare == WON else measure.name
    base, change = (rounds[f"{key(name, people)}|{side}"].to_numpy(dtype=np.float64) for side in ("base", "change"))
    if measure.bare != WON:
        return base, change
    ahead = np.sign(lead(change, base))
    return np.where(ahead < 0, 1.0, 0.0) + 0 * ahead, np.where(ahead > 0, 1.0, 0.0) + 0 * ahead


def _difference(
    arm: str, subset: str, measure: Measure, base: Floats, change: Floats, sessions: pd.Series[str], test: Test
) -> Difference | None:
    there = ~(np.isnan(base) | np.isnan(change))
    if not there.any():
        return None
    group = np.asarray(pd.factorize(sessions[there])[0], dtype=np.int64)
    estimate = test.interval(mean(change[there] - base[there], group))
    p_value, p_margin = p_values(estimate, measure, test)
    return Difference(
        arm=arm,
        subset=subset,
        measure=measure,
        base=float(base[there].mean()),
        change=float(change[there].mean()),
        difference=estimate,
        n_rounds=int(there.sum()),
        n_excluded=int((np.isnan(base) ^ np.isnan(change)).sum()),
        p_value=p_value,
        p_margin=p_margin,
        narrower=_narrower(base[there], change[there], group, estimate),
    )


def _narrower(base: Floats, change: Floats, group: Ints, paired: Estimate) -> float | None:
    """Variance of the difference of two means over different groups, over that of the same groups."""
    apart = [mean(values, group).error for values in (base, change)]
    if paired.error is None or any(error is None for error in apart):
        return None
    return sum(error**2 for error in apart if error is not None) / paired.error**2


# --- tests ---------------------------------------------------------------------------------------------------------


def p_values(estimate: Estimate, measure: Measure, test: Test) -> tuple[float, float]:
    """Of no difference, and of one as large as the margin in either direction.

    Where groups do not differ at all there is no standard error. If they all show no difference, at most a share 1 - p^(1/n) of
    groups could have shown one (its exact bound at level p), each by no more than the whole scale; and if all show the same, the
    sign test is what is left. Nothing passes because nothing varies.
    """
    value, n = estimate.value, estimate.n
    if estimate.error is not None:
        inside = measure.margin - abs(value)
        return test.p_value(value, estimate.error, n), test.one_sided(inside, estimate.error, n)
    if value:
        return min(1.0, 2.0 ** (1 - n)), 1.0
    return 1.0, (1 - measure.margin / measure.range) ** n


def groups_that_decide(row: Difference, alpha: float) -> int | None:
    """With which the difference, if it is the one seen, would be told from none or shown to lie within the margin."""
    estimate, margin = row.difference, row.measure.margin
    if estimate.error is None:
        if estimate.value:
            return max(estimate.n, ceil(1 - log2(alpha)))  # the sign test's
        return ceil(log(alpha) / log(1 - margin / row.measure.range))
    sd = estimate.error * sqrt(estimate.n)
    sizes = {"power": _POWER, "alpha": alpha, "smallest": max(2, estimate.n), "cap": MOST_GROUPS}
    told = theory.t_groups(abs(estimate.value), sd, **sizes)  # type: ignore[arg-type]
    within = theory.tost_groups(abs(estimate.value), margin, sd, **sizes)  # type: ignore[arg-type]
    return min((n for n in (told, within) if n is not None), default=None)
