"""The findings of a study in plain sentences, three at most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from simcons.analysis.resampling import Estimate
from simcons.analysis.results import Analysis, Row
from simcons.counted import counted, listed
from simcons.languages.text import as_sentence
from simcons.report.intervals import points, share
from simcons.report.page import Opening
from simcons.report.study.numbers import Circumstances, Numbers, arms_of, furthest_apart, is_told, value
from simcons.scale import AGREEMENT

MOST = 3


class Findings:
    """The findings of an analysis. Sentences name the run where there are several.

    They are of mediators and scorers that could be had. circumstances: by run, which of them see the truth and could not.
    """

    def __init__(self, analysis: Analysis, circumstances: Mapping[str, Circumstances] | None = None) -> None:
        self._analysis = analysis
        self._numbers = Numbers(analysis, circumstances or {})
        self._rows, self._of = self._numbers.rows, self._numbers.of

    def findings(self) -> list[Opening]:
        """Of one run three, the most asked for first; of several the comparison of arms in each, and what else fits in three."""
        kinds = (self._arms, self._exclusion, self._divisiveness, self._predictions, self._reliability)
        if len(self._analysis.labels) > 1:
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

    def notes(self) -> list[str]:
        """Notes on numbers that there are none of, and why."""
        notes = (note.partition(":") for note in self._analysis.notes if not note.startswith("run "))
        return [f"{as_sentence(name.replace('_', ' '))}{colon}{why}." for name, colon, why in notes]

    # --- findings ---

    def _arms(self, run: str) -> Iterator[Opening]:
        """The pair of arms furthest apart of those that can be told apart, or else of all."""
        rows = self._numbers.pairs(run)
        if not rows:
            yield from [*self._ranked(run), *self._single_arm(run)][:1]
            return
        told, most = [row for row in rows if is_told(row)], furthest_apart(rows)
        ahead, behind = _ordered(most)
        gap = _signed(most)
        if told:
            sentence = f"Statements of {ahead} are agreed with more than those of {behind}, by {points(gap)} points"
        elif not value(most):
            sentence = f"All {_n_arms(rows)} mediators' statements are agreed with alike"
        elif len(rows) == 1:
            sentence = f"{ahead} and {behind} cannot be told apart: {ahead} is ahead by {points(gap)} points"
        else:
            none = f"With all pairs looked at together, no two of the {_n_arms(rows)} mediators can be told apart"
            sentence = f"{none}; the largest difference is that {ahead} is ahead of {behind} by {points(gap)} points"
        yield Opening(
            self._of(run, f"{sentence}{self._wins(run, ahead, behind)}."),
            " ".join(filter(None, (self._told(told, rows), _basis(most, "rounds"), self._without(run)))),
            "arms",
        )

    def _told(self, told: Sequence[Row], rows: Sequence[Row]) -> str:
        if len(rows) == 1:
            return ""
        apart = f"{len(told)} of {counted(len(rows), 'pair')} of mediators can be told apart at .05, looked at together (Holm)."
        return f"{apart} The largest difference of several is likely to be overstated."

    def _wins(self, run: str, ahead: str, behind: str) -> str:
        for row in self._rows("win_rates", run, scale=AGREEMENT.name, measure="mean", subset="all"):
            if set(arms_of(row)) == {ahead, behind} and row.estimate is not None:
                rate = row.estimate if row.keys["arm"] == ahead else _complement(row.estimate)
                n_ties = row.counts.get("n_ties", 0)
                ties = f" ({counted(n_ties, 'tie')} counted as half)" if n_ties else ""
                return f", with {share(rate)} of rounds won{ties}"
        return ""

    def _without(self, run: str) -> str:
        """Of mediators that were compared too, and could not be had."""
        names = self._numbers.left_out(run)
        return f"Without {listed(names)}, which {'sees' if len(names) == 1 else 'see'} the truth." if names else ""

    def _ranked(self, run: str) -> Iterator[Opening]:
        """The pair of arms that people's rankings put furthest apart, where they rank in place of rating."""
        rows = self._rows("rankings", run, measure="ahead")
        if not rows:
            return
        most = max([row for row in rows if is_told(row)] or rows, key=lambda row: abs(value(row) - 0.5))
        arm, against = arms_of(most)
        if most.estimate is None or value(most) >= 0.5:
            ahead, behind, rate = arm, against, most.estimate
        else:
            ahead, behind, rate = against, arm, _complement(most.estimate)
        sentence = f"People rank a statement of {ahead} above one of {behind} in {share(rate)} of pairs"
        apart = "" if is_told(most) else ", which is not told from one half"
        n_ties = most.counts.get("n_ties", 0)
        ties = f" {counted(n_ties, 'tie')} counted as half." if n_ties else ""
        basis = (self._told([row for row in rows if is_told(row)], rows), f"{_basis(most, 'pairs')}{ties}")
        yield Opening(self._of(run, f"{sentence}{apart}."), " ".join(filter(None, basis)), "arms")

    def _single_arm(self, run: str) -> Iterator[Opening]:
        """One arm alone or, where arms were not rated in the same rounds, the highest and the lowest mean."""
        rows = self._rows("rating_distributions", run, scale=AGREEMENT.name, measure="mean")
        if len(rows) > 1:
            first, last = max(rows, key=value), min(rows, key=value)
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
        if is_told(row) and value(row) > 0:
            effect = f"their authors agree less with statements of {arm} than the others do, by {points(row.estimate)} points"
        else:
            effect = f"a cost to their authors is not told (agreement with {arm}): {points(row.estimate)} points"
        sentence = f"{where}, {effect}."
        yield Opening(self._of(run, sentence), _basis(row, "statements"), "exclusion")

    def _divisiveness(self, run: str) -> Iterator[Opening]:
        leader = self._numbers.leader(run)
        rows = {row.measure: row for row in self._rows("divisiveness", run, subset="all") if row.keys["arm"] == leader}
        if not {"divided", "position_divided"} <= rows.keys():
            return
        before, after, spread = rows["position_divided"], rows["divided"], rows.get("spread_difference")
        of_whom = " of those that do not see the truth" if self._numbers.left_out(run) else ""
        best = f", which have the highest mean agreement{of_whom}," if self._numbers.pairs(run) else ""
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


def _overlap(higher: Row, lower: Row) -> bool:
    above, below = (row.estimate.interval if row.estimate is not None else None for row in (higher, lower))
    return above is not None and below is not None and above[0] <= below[1]


def _ordered(row: Row) -> tuple[str, str]:
    """The arms of a pair, the one ahead first."""
    arm, against = arms_of(row)
    return (arm, against) if value(row) >= 0 else (against, arm)


def _signed(row: Row) -> Estimate | None:
    """The difference as the one ahead has it."""
    return row.estimate.negated() if row.estimate is not None and row.estimate.value < 0 else row.estimate


def _complement(rate: Estimate) -> Estimate:
    interval = None if rate.interval is None else (1 - rate.interval[1], 1 - rate.interval[0])
    return Estimate(1 - rate.value, interval, rate.error, rate.n)


def _n_arms(rows: Sequence[Row]) -> int:
    return len({name for row in rows for name in arms_of(row)})


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
