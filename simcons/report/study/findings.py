"""The findings of a study in plain sentences, three at most, and what to beware of before relying on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from simcons.analysis.resampling import SIGNIFICANT, Estimate
from simcons.analysis.results import RUN, Analysis, Row
from simcons.counted import counted
from simcons.languages.text import as_sentence
from simcons.report.intervals import points, share
from simcons.report.page import Opening
from simcons.scale import AGREEMENT

MOST = 3
_FEW_GROUPS = 30  # below, an interval of what differs in few rounds alone holds less often than it says
_POWER = 0.8
_LOW_RETEST = 0.6
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


class Findings:
    """The findings of an analysis. Sentences name the run where there are several."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._several = len(analysis.labels) > 1

    def findings(self) -> list[Opening]:
        """Of one run three, the most asked for first; of several the comparison of arms in each, and what else fits in three."""
        kinds = (self._arms, self._exclusion, self._divisiveness, self._predictions, self._reliability)
        if self._several:
            return self._side_by_side(kinds)
        (run,) = self._analysis.labels
        return [finding for kind in kinds for finding in kind(run)][:MOST]

    def _side_by_side(self, kinds: Sequence[Callable[[str], Iterator[Opening]]]) -> list[Opening]:
        """Each kind for every run that has it, or for none."""
        made: list[Opening] = []
        for kind in kinds:
            of_kind = [opening for run in self._analysis.labels for opening in kind(run)]
            if made and len(made) + len(of_kind) > MOST:
                break
            made += of_kind
        return made

    def cautions(self) -> list[str]:
        """The strongest first. The last say whose answers they are."""
        return [
            *(note for note in self._analysis.notes if note.startswith("run ")),
            *([_UNTESTED] if self._several else []),
            *(caution for run in self._analysis.labels for caution in self._few_groups(run)),
            *(caution for run in self._analysis.labels for caution in self._over_optimised(run)),
            *(caution for run in self._analysis.labels for caution in self._unreliable(run)),
            *([_OF_PEOPLE] if self._analysis.imported else []),
            *([_SIMULATED] if len(self._analysis.imported) < len(self._analysis.labels) else []),
        ]

    def notes(self) -> list[str]:
        """Notes on numbers that there are none of, and why."""
        notes = (note.partition(":") for note in self._analysis.notes if not note.startswith("run "))
        return [f"{as_sentence(name.replace('_', ' '))}{colon}{why}." for name, colon, why in notes]

    # --- findings ---

    def _arms(self, run: str) -> Iterator[Opening]:
        """The pair of arms furthest apart of those that can be told apart, or else of all."""
        rows = self._rows("arm_differences", run, scale=AGREEMENT.name, measure="mean", subset="all")
        if not rows:
            yield from self._single_arm(run)
            return
        told = [row for row in rows if row.p_holm is not None and row.p_holm <= SIGNIFICANT]
        most = max(told or rows, key=lambda row: abs(_value(row)))
        ahead, behind = _ordered(most)
        gap = _signed(most)
        if told:
            sentence = f"Statements of {ahead} are agreed with more than those of {behind}, by {points(gap)} points"
        elif not _value(most):
            sentence = f"All {_n_arms(rows)} mediators' statements are agreed with alike"
        elif len(rows) == 1:
            sentence = f"{ahead} and {behind} cannot be told apart: {ahead} is ahead by {points(gap)} points"
        else:
            none = f"With all pairs looked at together, no two of the {_n_arms(rows)} mediators can be told apart"
            sentence = f"{none}; the largest difference is that {ahead} is ahead of {behind} by {points(gap)} points"
        yield Opening(
            self._of(run, f"{sentence}{self._wins(run, ahead, behind)}."),
            f"{self._told(told, rows)} {_basis(most, 'rounds')}",
            "arms",
        )

    def _told(self, told: Sequence[Row], rows: Sequence[Row]) -> str:
        if len(rows) == 1:
            return ""
        apart = f"{len(told)} of {counted(len(rows), 'pair')} of mediators can be told apart at .05, looked at together (Holm)."
        return f"{apart} The largest difference of several is likely to be overstated."

    def _wins(self, run: str, ahead: str, behind: str) -> str:
        for row in self._rows("win_rates", run, scale=AGREEMENT.name, measure="mean", subset="all"):
            if {row.keys["arm"], row.keys["against"]} == {ahead, behind} and row.estimate is not None:
                rate = row.estimate if row.keys["arm"] == ahead else _complement(row.estimate)
                return f", with {share(rate)} of rounds won"
        return ""

    def _single_arm(self, run: str) -> Iterator[Opening]:
        """One arm alone or, where arms were not rated in the same rounds, the highest and the lowest mean."""
        rows = self._rows("rating_distributions", run, scale=AGREEMENT.name, measure="mean")
        if len(rows) > 1:
            first, last = max(rows, key=_value), min(rows, key=_value)
            highest = f"statements of {first.keys['arm']} get the highest mean agreement, {points(first.estimate)}"
            lowest = f"those of {last.keys['arm']} the lowest, {points(last.estimate)}"
            overlap = ". Their intervals overlap" if _overlap(first, last) else ""
            sentence = f"Of {len(rows):,} mediators, {highest}, and {lowest}{overlap}."
            basis = f"{sum(row.n for row in rows):,} ratings; no two mediators were rated in the same round."
            yield Opening(self._of(run, sentence), basis, "arms")
            return
        for row in rows:
            favourable = self._rows("rating_distributions", run, scale=AGREEMENT.name, measure="favourable")
            agreed = f"; {share(favourable[0].estimate)} of ratings are 5 or more" if favourable else ""
            sentence = f"Statements of {row.keys['arm']} get a mean agreement of {points(row.estimate)}{agreed}."
            yield Opening(self._of(run, sentence), _basis(row, "ratings"), "arms")

    def _exclusion(self, run: str) -> Iterator[Opening]:
        rows = [row for row in self._rows("exclusion_effect", run, measure=AGREEMENT.name) if "omitted" in row.keys]
        if not rows:
            return
        row = max(rows, key=lambda row: float(row.keys["omitted"]))
        n = int(row.keys["omitted"])
        where, arm = f"Where {counted(n, 'opinion')} {'is' if n == 1 else 'are'} left out", row.keys["arm"]
        if _is_told(row) and _value(row) > 0:
            effect = f"their authors agree less with statements of {arm} than the others do, by {points(row.estimate)} points"
        else:
            effect = f"a cost to their authors is not told (agreement with {arm}): {points(row.estimate)} points"
        sentence = f"{where}, {effect}."
        yield Opening(self._of(run, sentence), _basis(row, "statements"), "exclusion")

    def _divisiveness(self, run: str) -> Iterator[Opening]:
        leader = self._leader(run)
        rows = {row.measure: row for row in self._rows("divisiveness", run, subset="all") if row.keys["arm"] == leader}
        if not {"divided", "position_divided"} <= rows.keys():
            return
        before, after, spread = rows["position_divided"], rows["divided"], rows.get("spread_difference")
        best = ", which have the highest mean agreement," if len(self._rows("win_rates", run)) else ""
        sentence = (
            f"Statements of {leader}{best} divide the group in {share(after.estimate)} of cases, where the position"
            f" statement did in {share(before.estimate)}"
        )
        apart = f"; agreement varies {points(_less(spread))} points (SD) less" if _is_less(spread) else ""
        yield Opening(self._of(run, f"{sentence}{apart}."), _basis(after, "statements"), "divisiveness")

    def _predictions(self, run: str) -> Iterator[Opening]:
        rows = self._rows("scorer_accuracy", run, measure="pair_accuracy")
        rated = [row for row in rows if row.keys["versus"] == "rating"]
        if not rated:
            return
        row = max(rated, key=lambda row: row.n)
        true = [
            other for other in rows if other.keys["versus"] == "truth" and other.keys["scorer"] == row.keys["scorer"]
        ]
        truth = f", and in the true order in {share(true[0].estimate)}" if true else ""
        sentence = (
            f"Scorer {row.keys['scorer']} puts two statements in the order of a person's ratings in {share(row.estimate)} of"
            f" pairs{truth}."
        )
        level = f" It scores the two of {counted(row.n_excluded, 'more pair')} alike." if row.n_excluded else ""
        yield Opening(self._of(run, sentence), f"{_basis(replace(row, n_excluded=0), 'pairs')}{level}", "predictions")

    def _reliability(self, run: str) -> Iterator[Opening]:
        for row in self._rows("reliability", run, scale=AGREEMENT.name, by="everybody", measure="exact"):
            sentence = f"People give a statement the same rating twice in {share(row.estimate)} of pairs."
            yield Opening(self._of(run, sentence), _basis(row, "pairs"), "reliability")

    # --- cautions ---

    def _few_groups(self, run: str) -> Iterator[str]:
        rows = self._rows("arm_differences", run, scale=AGREEMENT.name, measure="mean", subset="all")
        means = self._rows("rating_distributions", run, scale=AGREEMENT.name, measure="mean")
        n = max((row.estimate.n for row in means if row.estimate is not None), default=0)
        few = [f"Few groups ({n:,}): intervals are wide and rough."] if 1 < n < _FEW_GROUPS else []
        errors = sorted(
            (row.estimate for row in rows if row.estimate and row.estimate.error), key=lambda of: of.error or 0
        )
        if errors and not all(map(_is_told, rows)):
            few.append(
                f"With {counted(n, 'group')} a difference of two mediators is found four times in five only if it is about"
                f" {_least_told(errors[len(errors) // 2]):.1f} points or more: that none is told does not say that there is none."
            )
        if few:
            yield self._of(run, " ".join(few))

    def _over_optimised(self, run: str) -> Iterator[str]:
        rows = self._rows("best_of_n", run, measure="value")
        for arm in dict.fromkeys(str(row.keys["arm"]) for row in rows):
            of_arm = [row for row in rows if row.keys["arm"] == arm]
            most = max(int(row.keys["candidates"]) for row in of_arm)
            by = {row.keys["by"]: row.estimate for row in of_arm if row.keys["candidates"] == most}
            proxy, truth = by.get("proxy"), by.get("truth")
            if most > 1 and proxy and truth and truth.interval and proxy.value > truth.interval[1]:
                yield self._of(
                    run,
                    f"Predictions promise too much: the best of {most} of {arm} is predicted to get {proxy.value:.2f}, and is"
                    f" truly worth {points(truth)}. A rule that trusts such scores chooses what they overrate.",
                )

    def _unreliable(self, run: str) -> Iterator[str]:
        for row in self._rows("reliability", run, scale=AGREEMENT.name, by="everybody", measure="icc"):
            if row.estimate is not None and row.estimate.value < _LOW_RETEST:
                yield self._of(
                    run,
                    f"Ratings repeat badly: the intraclass correlation of two by one person is {points(row.estimate)}.",
                )

    # --- rows ---

    def _rows(self, name: str, run: str, **keys: str | int | float) -> list[Row]:
        result = self._analysis.results.get(name)
        if result is None:
            return []
        return [row for row in result.where(**{RUN: run, **keys}).rows if row.estimate is not None]

    def _leader(self, run: str) -> str | None:
        """The arm with the highest mean agreement."""
        means = self._rows("rating_distributions", run, scale=AGREEMENT.name, measure="mean")
        return str(max(means, key=_value).keys["arm"]) if means else None

    def _of(self, run: str, sentence: str) -> str:
        return f"{run}: {sentence}" if self._several else sentence


def _value(row: Row) -> float:
    return row.estimate.value if row.estimate is not None else 0.0


def _overlap(higher: Row, lower: Row) -> bool:
    above, below = (row.estimate.interval if row.estimate is not None else None for row in (higher, lower))
    return above is not None and below is not None and above[0] <= below[1]


def _ordered(row: Row) -> tuple[str, str]:
    """The arms of a pair, the one ahead first."""
    pair = str(row.keys["arm"]), str(row.keys["against"])
    return pair if _value(row) >= 0 else pair[::-1]


def _signed(row: Row) -> Estimate | None:
    """The difference as the one ahead has it."""
    return row.estimate.negated() if row.estimate is not None and row.estimate.value < 0 else row.estimate


def _complement(rate: Estimate) -> Estimate:
    interval = None if rate.interval is None else (1 - rate.interval[1], 1 - rate.interval[0])
    return Estimate(1 - rate.value, interval, rate.error, rate.n)


def _n_arms(rows: Sequence[Row]) -> int:
    return len({name for row in rows for name in (row.keys["arm"], row.keys["against"])})


def _is_told(row: Row) -> bool:
    p = row.p_value if row.p_holm is None else row.p_holm
    return p is not None and p <= SIGNIFICANT


def _is_less(row: Row | None) -> bool:
    return (
        row is not None
        and row.estimate is not None
        and row.estimate.interval is not None
        and row.estimate.interval[1] < 0
    )


def _less(row: Row | None) -> Estimate | None:
    return None if row is None or row.estimate is None else row.estimate.negated()


def _basis(row: Row, what: str) -> str:
    """The cases that a number rests on."""
    groups = "" if row.estimate is None else f" in {counted(row.estimate.n, 'group')}"
    excluded = f"; {row.n_excluded:,} could not be used" if row.n_excluded else ""
    return f"{row.n:,} {what}{groups}{excluded}."


def _least_told(estimate: Estimate) -> float:
    """The difference that a t test at .05 finds with a power of .8, by this one's standard error."""
    from scipy.special import stdtrit  # here, as it takes longer to load than most commands take to run

    df = estimate.n - 1
    return float((stdtrit(df, 1 - SIGNIFICANT / 2) + stdtrit(df, _POWER)) * (estimate.error or 0.0))
