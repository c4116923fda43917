"""The whole of a result in a few sentences: how often rules differ, what it costs, who gains, and where it does not matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Literal, TypeAlias

from simcons.analysis.findings import Finding
from simcons.counted import counted, listed
from simcons.report.palette import alpha_of, ordered
from simcons.report.panels import CANDIDATES, UTILITARIAN
from simcons.report.reading import camp_gain, headline
from simcons.report.sweeps import Curve, Point, Sweep, sweeps
from simcons.report.words import at, places, points_in_words

Unit: TypeAlias = Literal["rounds", "groups"]  # what findings have so many of, each independent of the others

_MOST_PLACES = 4  # sweeps that are named where a list of all would be long


def summary_sentences(
    findings: Sequence[Finding], *, names: Mapping[str, str] | None = None, unit: Unit = "rounds"
) -> list[str]:
    """Sentences about all findings together. names: of sweeps, as sentences should print them, by the name in the findings."""
    all_sweeps, names = sweeps(findings), names or {}
    if not all_sweeps:
        return ["There are no findings."]
    averse = _most_averse(all_sweeps)
    sentences = [_scope(all_sweeps, unit), *_how_often(all_sweeps), *_who_has_the_highest_minimum(all_sweeps)]
    if averse:
        sentences += [*_changes(all_sweeps, averse), *_in_vain(all_sweeps, averse, names)]
    return [*sentences, *_over_optimised(all_sweeps, names), *_misreported(all_sweeps)]


def _most_averse(sweeps: Sequence[Sweep]) -> str | None:
    """The isoelastic rule with the highest alpha above zero in any sweep."""
    family = [rule for rule in ordered(rule for sweep in sweeps for rule in sweep.rules) if (alpha_of(rule) or 0) > 0]
    return family[-1] if family else None


def _scope(sweeps: Sequence[Sweep], unit: Unit) -> str:
    n_conditions = sum(len(sweep.axis.values) for sweep in sweeps)
    numbers = [n for sweep in sweeps for n in sweep.sizes]
    least, most = f"{min(numbers):,}", f"{max(numbers):,}"
    size = least if least == most else f"{least} to {most}"
    extent = f"{counted(len(sweeps), 'sweep')} of {counted(n_conditions, 'condition')} in all"
    return (
        f"The findings are of synthetic people: {extent}, with {size} independent {unit} each; intervals are 95%, and a"
        " difference counts as told where p is at most .05, corrected for all rules and values of its sweep (Holm)."
    )


def _pooled(sweeps: Sequence[Sweep], measure: str, rule: str) -> list[Point]:
    """Of all conditions, a measure against the utilitarian rule."""
    curves = (sweep.curve(measure, rule, UTILITARIAN) for sweep in sweeps)
    return [point for curve in curves if curve for point in curve.points]


def _how_often(sweeps: Sequence[Sweep]) -> Iterator[str]:
    rules = ordered(rule for sweep in sweeps for rule in headline(sweep))
    shares = {rule: [p.estimate for p in _pooled(sweeps, "different_winner", rule)] for rule in rules}
    parts = [
        f"under {rule} in {100 * median(of):.0f}% of rounds ({100 * min(of):.0f} to {100 * max(of):.0f}%)"
        for rule, of in shares.items()
        if of
    ]
    if parts:
        yield (
            "Another statement than the utilitarian choice was chosen "
            f"{listed(parts)}: median and range over conditions."
        )


def _who_has_the_highest_minimum(sweeps: Sequence[Sweep]) -> Iterator[str]:
    leaders: Counter[str] = Counter()
    n_conditions = 0
    for sweep in sweeps:
        for value in sweep.axis.values:
            there = [(s.rule, p.estimate) for s in sweep.curves("worst_off") if (p := s.at(value))]
            if len(there) > 1:
                n_conditions += 1
                highest = max(estimate for _, estimate in there)
                leaders.update(rule for rule, estimate in there if estimate == highest)
    if leaders:
        parts = [f"{rule} in {n}" for rule, n in leaders.most_common(3)]
        yield (
            "The highest mean of the lowest true utility in a group was reached, alone or level with others, "
            f"by {listed(parts)} of {counted(n_conditions, 'condition')}."
        )


def _changes(sweeps: Sequence[Sweep], rule: str) -> Iterator[str]:
    """Effects of the rule most averse to inequality on the lowest, the mean and the smaller camp."""
    camps = [curve for sweep in sweeps if (curve := camp_gain(sweep, "minority", rule))]
    for quantity, of, more, less in (
        ("the lowest true utility in a group", _pooled(sweeps, "worst_off_gain", rule), "raised", "lowered"),
        ("mean utility", _pooled(sweeps, "mean_cost", rule), "lowered", "raised"),
        ("the smaller camp's mean utility", [p for curve in camps for p in curve.points], "raised", "lowered"),
    ):
        if of:
            yield f"Choosing by {rule} instead of the utilitarian rule {_effects(of, quantity, more, less)}."


def _effects(of: Sequence[Point], quantity: str, more: str, less: str) -> str:
    by_sign = {sign: [point for point in of if point.sign == sign] for sign in (1, -1, 0)}
    if len(by_sign[0]) == len(of):
        return f"made no difference to {quantity} that can be told, in {counted(len(of), 'condition')}"
    parts = [
        f"{word} {{what}} in {_share(len(by_sign[sign]), len(of))}, by {_range(by_sign[sign])}"
        for sign, word in ((1, more), (-1, less))
        if by_sign[sign]
    ]
    parts = [template.format(what="it" if k else quantity) for k, template in enumerate(parts)]
    if by_sign[0]:
        parts.append(f"in {len(by_sign[0])} no difference can be told")
    return "; ".join(parts)


def _share(n: int, total: int) -> str:
    return f"all {total:,} conditions" if n == total > 1 else f"{n:,} of {counted(total, 'condition')}"


def _range(points_there: Sequence[Point]) -> str:
    smallest, largest = (pick(points_there, key=lambda point: abs(point.estimate)) for pick in (min, max))
    if points_in_words(smallest, sign=False) == points_in_words(largest, sign=False):
        return points_in_words(largest, sign=False)
    return f"{points_in_words(smallest, sign=False)} up to {points_in_words(largest, sign=False)}"


def _in_vain(sweeps: Sequence[Sweep], rule: str, names: Mapping[str, str]) -> Iterator[str]:
    """Where choosing for the worst-off does not raise the lowest utility; sweeps of accuracy first, where it is best known."""
    parts = []
    for sweep in sorted(sweeps, key=lambda sweep: not sweep.parameter.endswith("pair_accuracy")):
        curve = sweep.curve("worst_off_gain", rule, UTILITARIAN)
        vain = [point for point in curve.points if point.sign <= 0] if curve else []
        if vain:
            parts.append(f"{names.get(sweep.name, sweep.title)}, {places(vain, sweep.axis)}")
    if parts:
        more = len(parts) - _MOST_PLACES
        rest = f"; and in {counted(more, 'more sweep')}" if more > 0 else ""
        where = "; ".join(parts[:_MOST_PLACES])
        yield f"Choosing by {rule} was not told to raise the lowest utility here: {where}{rest}."


def _over_optimised(sweeps: Sequence[Sweep], names: Mapping[str, str]) -> Iterator[str]:
    for sweep in sweeps:
        gap = sweep.curve("proxy_gap", UTILITARIAN)
        if sweep.parameter.endswith(CANDIDATES) and gap and gap.highest.sign > 0:
            yield (
                f"Among {gap.highest.value} candidates ({names.get(sweep.name, sweep.title)}) the utilitarian choice was "
                f"predicted to be better than it was by {points_in_words(gap.highest)}."
            )


def _misreported(sweeps: Sequence[Sweep]) -> Iterator[str]:
    curves: list[tuple[Sweep, Curve]] = [
        (sweep, curve) for sweep in sweeps for curve in sweep.curves("strategist_gain")
    ]
    if not curves:
        return
    sweep, most = max(curves, key=lambda pair: pair[1].highest.estimate)
    paid = {curve.rule for _, curve in curves if any(point.sign > 0 for point in curve.points)}
    safe = [rule for rule in ordered(curve.rule for _, curve in curves) if rule not in paid]
    yield (
        f"Misreporting changed the utility of those who did it most favourably under {most.rule}, "
        f"{at(most.highest.value, sweep.axis)}, by {points_in_words(most.highest)}"
        f"{f'; no way to misreport paid under {listed(safe)}' if safe else ''}."
    )
