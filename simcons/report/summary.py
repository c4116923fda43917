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
from simcons.report.series import Point, Series, Sweep, sweeps
from simcons.report.words import at, places, points

Unit: TypeAlias = Literal["rounds", "groups"]  # what findings have so many of, each independent of the others

_MOST_PLACES = 4  # sweeps that are named where a list of all would be long


def summary_sentences(
    findings: Sequence[Finding], *, names: Mapping[str, str] | None = None, unit: Unit = "rounds"
) -> list[str]:
    """Sentences about all findings together. names: of sweeps, as sentences should print them, by the name in the findings."""
    found, names = sweeps(findings), names or {}
    if not found:
        return ["There are no findings."]
    averse = _most_averse(found)
    said = [_scope(found, unit), *_how_often(found), *_who_has_the_highest_minimum(found)]
    if averse:
        said += [*_changes(found, averse), *_in_vain(found, averse, names)]
    return [*said, *_over_optimised(found, names), *_misreported(found)]


def _most_averse(found: Sequence[Sweep]) -> str | None:
    """The isoelastic rule with the highest alpha above zero in any sweep."""
    family = [rule for rule in ordered(rule for sweep in found for rule in sweep.rules) if (alpha_of(rule) or 0) > 0]
    return family[-1] if family else None


def _scope(found: Sequence[Sweep], unit: Unit) -> str:
    n_conditions = sum(len(sweep.axis.values) for sweep in found)
    numbers = [n for sweep in found for n in sweep.sizes]
    least, most = f"{min(numbers):,}", f"{max(numbers):,}"
    size = least if least == most else f"{least} to {most}"
    what = f"{counted(len(found), 'sweep')} of {counted(n_conditions, 'condition')} in all"
    return (
        f"The findings are of synthetic people: {what}, with {size} independent {unit} each; intervals are 95%, and a difference"
        " is told where it stands at .05 with all rules and values of its sweep looked at together (Holm)."
    )


def _pooled(found: Sequence[Sweep], measure: str, rule: str) -> list[Point]:
    """Of all conditions, a measure against the utilitarian rule."""
    series = (sweep.series(measure, rule, UTILITARIAN) for sweep in found)
    return [point for one in series if one for point in one.points]


def _how_often(found: Sequence[Sweep]) -> Iterator[str]:
    rules = ordered(rule for sweep in found for rule in headline(sweep))
    shares = {rule: [p.estimate for p in _pooled(found, "different_winner", rule)] for rule in rules}
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


def _who_has_the_highest_minimum(found: Sequence[Sweep]) -> Iterator[str]:
    leaders: Counter[str] = Counter()
    n_conditions = 0
    for sweep in found:
        for value in sweep.axis.values:
            there = [(s.rule, p.estimate) for s in sweep.all_series("worst_off") if (p := s.at(value))]
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


def _changes(found: Sequence[Sweep], rule: str) -> Iterator[str]:
    """What the rule most averse to inequality does to the lowest, the mean and the smaller camp."""
    camps = [one for sweep in found if (one := camp_gain(sweep, "minority", rule))]
    for what, of, more, less in (
        ("the lowest true utility in a group", _pooled(found, "worst_off_gain", rule), "raised", "lowered"),
        ("mean utility", _pooled(found, "mean_cost", rule), "lowered", "raised"),
        ("the smaller camp's mean utility", [p for one in camps for p in one.points], "raised", "lowered"),
    ):
        if of:
            yield f"Choosing by {rule} instead of the utilitarian rule {_verdicts(of, what, more, less)}."


def _verdicts(of: Sequence[Point], what: str, more: str, less: str) -> str:
    by_sign = {sign: [point for point in of if point.sign == sign] for sign in (1, -1, 0)}
    if len(by_sign[0]) == len(of):
        return f"made no difference to {what} that can be told, in {counted(len(of), 'condition')}"
    parts = [
        f"{word} {{what}} in {_share(len(by_sign[sign]), len(of))}, by {_range(by_sign[sign])}"
        for sign, word in ((1, more), (-1, less))
        if by_sign[sign]
    ]
    parts = [part.format(what="it" if k else what) for k, part in enumerate(parts)]
    if by_sign[0]:
        parts.append(f"in {len(by_sign[0])} no difference can be told")
    return "; ".join(parts)


def _share(n: int, total: int) -> str:
    return f"all {total:,} conditions" if n == total > 1 else f"{n:,} of {counted(total, 'condition')}"


def _range(found: Sequence[Point]) -> str:
    smallest, largest = (pick(found, key=lambda point: abs(point.estimate)) for pick in (min, max))
    if points(smallest, sign=False) == points(largest, sign=False):
        return points(largest, sign=False)
    return f"{points(smallest, sign=False)} up to {points(largest, sign=False)}"


def _in_vain(found: Sequence[Sweep], rule: str, names: Mapping[str, str]) -> Iterator[str]:
    """Where choosing for the worst-off does not raise the lowest utility; sweeps of accuracy first, where it is best known."""
    parts = []
    for sweep in sorted(found, key=lambda sweep: not sweep.parameter.endswith("pair_accuracy")):
        series = sweep.series("worst_off_gain", rule, UTILITARIAN)
        vain = [point for point in series.points if point.sign <= 0] if series else []
        if vain:
            parts.append(f"{names.get(sweep.name, sweep.title)}, {places(vain, sweep.axis)}")
    if parts:
        more = len(parts) - _MOST_PLACES
        rest = f"; and in {counted(more, 'more sweep')}" if more > 0 else ""
        where = "; ".join(parts[:_MOST_PLACES])
        yield f"Choosing by {rule} was not told to raise the lowest utility here: {where}{rest}."


def _over_optimised(found: Sequence[Sweep], names: Mapping[str, str]) -> Iterator[str]:
    for sweep in found:
        gap = sweep.series("proxy_gap", UTILITARIAN)
        if sweep.parameter.endswith(CANDIDATES) and gap and gap.highest.sign > 0:
            yield (
                f"Among {gap.highest.value} candidates ({names.get(sweep.name, sweep.title)}) the utilitarian choice was "
                f"predicted to be better than it was by {points(gap.highest)}."
            )


def _misreported(found: Sequence[Sweep]) -> Iterator[str]:
    series: list[tuple[Sweep, Series]] = [(sweep, s) for sweep in found for s in sweep.all_series("strategist_gain")]
    if not series:
        return
    sweep, most = max(series, key=lambda pair: pair[1].highest.estimate)
    paid = {s.rule for _, s in series if any(point.sign > 0 for point in s.points)}
    safe = [rule for rule in ordered(s.rule for _, s in series) if rule not in paid]
    yield (
        f"Misreporting changed the utility of those who did it most favourably under {most.rule}, "
        f"{at(most.highest.value, sweep.axis)}, by {points(most.highest)}"
        f"{f'; no way to misreport paid under {listed(safe)}' if safe else ''}."
    )
