"""Cautions before the findings of a study are relied on: those first that could change what the first finding says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simcons.analysis.resampling import SIGNIFICANT, Estimate
from simcons.analysis.results import Analysis, Row
from simcons.counted import counted, listed
from simcons.report.intervals import points
from simcons.report.study.numbers import Circumstances, Numbers, arms_of, furthest_apart, is_told, value
from simcons.scale import AGREEMENT

_POWER = 0.8
_LOW_RETEST = 0.6
_FEWEST_GROUPS = 4  # from here on it has been measured how often intervals hold
_ENOUGH_OF_ONE_ROUND = 30  # groups with which differences of one round a group held .93 and more; with 12, .87 and more
_FEW_QUESTIONS = 20
_FEW_ROUNDS = 0.9  # share of the rounds of two arms that both are rated in
_TOO_MUCH = 0.25  # points by which predictions promise more than is true
_SIMULATED = (
    "The people are simulated: their opinions and ratings follow from assumptions, which the settings below list."
    " What holds here need not hold of people: intervals say how far results vary from one simulated group to the next, and"
    " nothing of how far people differ from the simulation."
)
_UNTESTED = (
    "Runs are shown side by side and not tested against each other: simcons compare tests a change, on the same people."
)
_OF_PEOPLE = (
    "The answers are people's, as their study recorded them: what it did not record is missing here, and whoever it did not ask"
    " is not spoken for. Intervals hold the error of finitely many groups alone."
)


class Cautions:
    """The cautions of an analysis. Sentences name the run where there are several. circumstances: by run."""

    def __init__(self, analysis: Analysis, circumstances: Mapping[str, Circumstances] | None = None) -> None:
        self._analysis = analysis
        self._numbers = Numbers(analysis, circumstances or {})

    def cautions(self) -> list[str]:
        """First what makes a finding one of something else; then what could undo or shrink the first; then what is of the others.

        The last say whose answers they are.
        """
        kinds = (
            self._upper_bound,
            self._few_questions,
            self._power,
            self._one_round_each,
            self._in_part,
            self._attacked,
            self._unreliable,
            self._over_optimised,
            self._fewest_groups,
        )
        labels = self._analysis.labels
        return [
            *(note for note in self._analysis.notes if note.startswith("run ")),
            *([_UNTESTED] if len(labels) > 1 else []),
            *(self._numbers.of(run, told) for kind in kinds for run in labels for told in kind(run)),
            *([_OF_PEOPLE] if self._analysis.imported else []),
            *([_SIMULATED] if len(self._analysis.imported) < len(labels) else []),
        ]

    # --- findings of something else ---

    def _upper_bound(self, run: str) -> Iterator[str]:
        """Said where the first finding has to be of an arm that sees the truth."""
        first = self._numbers.furthest_apart(run)
        seeing = [arm for arm in arms_of(first) if arm in self._numbers.about(run).seeing] if first else []
        if seeing:
            yield (
                f"{listed(seeing)} {'sees' if len(seeing) == 1 else 'see'} the truth, which no mediator can: the difference is"
                " an upper bound of what better predictions would bring."
            )

    def _few_questions(self, run: str) -> Iterator[str]:
        about = self._numbers.about(run)
        if about.n_questions < _FEW_QUESTIONS and about.n_rounds >= 2 * about.n_questions > 0:
            yield (
                f"The {about.n_rounds:,} rounds are on {counted(about.n_questions, 'question')}: intervals say how far other"
                " groups would differ on these, and nothing of other questions, on which another mediator may be ahead."
            )

    # --- what could undo or shrink the first finding ---

    def _power(self, run: str) -> Iterator[str]:
        pairs = self._numbers.pairs(run)
        estimates = [row.estimate for row in pairs if row.estimate and row.estimate.error]
        if not estimates:
            return
        first = furthest_apart(pairs)
        n = counted(max(estimate.n for estimate in estimates), "group")
        if is_told(first) and first.estimate is not None:
            least = _least_told(first.estimate)
            if abs(value(first)) < least:
                yield (
                    f"With {n} a difference is found four times in five only from {least:.2f} points on. One of"
                    f" {abs(value(first)):.2f} that was found is likely to be overstated, and may not come out again."
                )
        elif not all(map(is_told, pairs)):
            middle = sorted(estimates, key=lambda of: of.error or 0)[len(estimates) // 2]
            yield (
                f"With {n} a difference of two mediators is found four times in five only if it is about"
                f" {_least_told(middle):.1f} points or more: that none is told does not say that there is none."
            )

    def _one_round_each(self, run: str) -> Iterator[str]:
        """As measured with skewed differences of 4 to 12 groups, in docs/decisions/intervals.md."""
        few = range(_FEWEST_GROUPS, _ENOUGH_OF_ONE_ROUND)
        n_groups = [row.n for row in self._numbers.pairs(run) if row.estimate and row.estimate.n == row.n in few]
        if n_groups:
            yield (
                f"Differences are of {max(n_groups)} groups of one round each: of simulated studies of so few, 95% intervals"
                " held the true difference in as few as 84%."
            )

    def _in_part(self, run: str) -> Iterator[str]:
        if (first := self._numbers.furthest_apart(run)) is None:
            return
        n = first.n + first.n_excluded
        if first.n < _FEW_ROUNDS * n:
            yield (
                f"In {first.n_excluded:,} of {counted(n, 'round')} {' or '.join(arms_of(first))} had no statement that was rated,"
                " and they are compared in the others alone: whichever fails where it is hard looks better than it is."
            )

    def _attacked(self, run: str) -> Iterator[str]:
        about = self._numbers.about(run)
        if about.n_attacks:
            yield (
                f"In {about.n_attacks:,} of {counted(about.n_opinions, 'opinion')} a hostile member tells the mediator what to"
                " write: who is ahead may obey less, and not write better where nobody is hostile."
            )

    def _unreliable(self, run: str) -> Iterator[str]:
        for row in self._numbers.rows("reliability", run, scale=AGREEMENT.name, by="everybody", measure="icc"):
            if value(row) < _LOW_RETEST:
                yield (
                    f"Ratings repeat badly: the intraclass correlation of two by one person is {points(row.estimate)}. Shares"
                    " of rounds won and of pairs in order lie nearer to one half than they would by what people hold, and groups"
                    " look more divided."
                )

    # --- what is of other findings ---

    def _over_optimised(self, run: str) -> Iterator[str]:
        rows = self._numbers.rows("best_of_n", run, measure="value")
        for arm in dict.fromkeys(str(row.keys["arm"]) for row in rows):
            of_arm = [row for row in rows if row.keys["arm"] == arm]
            most = max(int(row.keys["candidates"]) for row in of_arm)
            by = {row.keys["by"]: row for row in of_arm if row.keys["candidates"] == most}
            if most > 1 and _promises_too_much(by.get("proxy"), by.get("truth")):
                yield (
                    f"Predictions promise too much: the best of {most} of {arm} is predicted to get"
                    f" {value(by['proxy']):.2f}, and is truly worth {points(by['truth'].estimate)}. A rule that trusts such"
                    " scores chooses what they overrate."
                )

    def _fewest_groups(self, run: str) -> Iterator[str]:
        means = self._numbers.rows("rating_distributions", run, scale=AGREEMENT.name, measure="mean")
        n = max((row.estimate.n for row in means if row.estimate is not None), default=0)
        if 1 < n < _FEWEST_GROUPS:
            yield (f"How often intervals hold has been measured from {_FEWEST_GROUPS} groups on, and not for {n}.")


def _promises_too_much(proxy: Row | None, truth: Row | None) -> bool:
    if proxy is None or truth is None or truth.estimate is None or truth.estimate.interval is None:
        return False
    return value(proxy) > max(truth.estimate.interval[1], value(truth) + _TOO_MUCH)


def _least_told(estimate: Estimate) -> float:
    """The difference that a t test at .05 finds with a power of .8, by this one's standard error."""
    from scipy.special import stdtrit  # here, as it takes longer to load than most commands take to run

    df = estimate.n - 1
    return float((stdtrit(df, 1 - SIGNIFICANT / 2) + stdtrit(df, _POWER)) * (estimate.error or 0.0))
