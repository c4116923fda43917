"""The results of a re-selection in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from simcons.analysis.findings import Finding
from simcons.analysis.reselect.pools import VALUES_CELLS
from simcons.analysis.reselect.reselection import Reselection, ScorerAccount
from simcons.counted import counted, listed
from simcons.languages.text import as_sentence
from simcons.report import intervals
from simcons.welfare.rules import label

_NAMED = 3  # rules, beyond which they are counted
FEW_GROUPS = 30  # below, intervals of what is mostly 0 are too narrow


@dataclass(frozen=True, slots=True)
class RuleTable:
    """Findings of one scorer under one map, by rule, measure and what they are against."""

    findings: dict[tuple[str, str, str | None], Finding]

    def get(self, rule: str, measure: str, versus: str | None = None) -> Finding | None:
        return self.findings.get((rule, measure, versus))

    def each(self, rules: Sequence[str], measure: str, versus: str | None = None) -> list[Finding]:
        """The findings that there are, in the order of ``rules``."""
        findings = (self.get(rule, measure, versus) for rule in rules)
        return [finding for finding in findings if finding is not None]


def rule_table(result: Reselection, account: ScorerAccount, utility_map: str | None = None) -> RuleTable:
    """The findings of ``account`` under a map, the first if none is named."""
    chosen = utility_map or result.maps[0]
    return RuleTable(
        {
            (finding.rule, finding.measure, finding.versus): finding
            for finding in result.findings
            if (finding.sweep, finding.parameter, finding.value) == (account.sweep, "utility_map", chosen)
        }
    )


def reselection_sentences(result: Reselection, account: ScorerAccount) -> list[str]:
    """Sentences on one scorer's choices: the first map's, and what other maps change."""
    table, rules = rule_table(result, account), [label(spec) for spec in result.specs]
    parts: tuple[Iterator[str], ...] = (
        _counts(account),
        _differences(table, rules),
        _ties(table, rules),
        _maps(result, account, rules),
        _people(table, rules, account),
        _cells(table, rules),
        _regret(table, rules, [label(judge) for judge in result.judges]),
        _unknown(result, account),
        _groups(account),
    )
    return [sentence for topic in parts for sentence in topic]


def points_of(finding: Finding) -> str:
    """An estimate in points, with its interval if it has one."""
    return intervals.points(finding.as_estimate)


def share_of(finding: Finding) -> str:
    """An estimate as a percentage, with its interval if it has one."""
    return intervals.share(finding.as_estimate)


# --- sentences -------------------------------------------------------------------------------------------------------


def _counts(account: ScorerAccount) -> Iterator[str]:
    for failure in account.failures:
        yield (
            f"The rule {failure.rule} failed in {counted(failure.n_pools, 'set')}, left out for every rule. In the first of them:"
            f" {failure.first}."
        )
    if account.n_unweighed:
        yield (
            f"{counted(account.n_unweighed, 'person', 'people')} (counted once a set) rated statements without a weight in the"
            " choice: their opinion was not in time, or it was left out."
        )
    if account.n_people_left_out:
        whole = (
            f"; in {counted(account.n_pools_left_out, 'set')} that was everybody" if account.n_pools_left_out else ""
        )
        yield (
            f"{counted(account.n_people_left_out, 'person', 'people')} (counted once a set) had scores of some of the candidates"
            f" only and were left out{whole}."
        )


def _differences(table: RuleTable, rules: Sequence[str]) -> Iterator[str]:
    differ, apart = (table.each(rules[1:], name, rules[0]) for name in ("different_winner", "no_common_winner"))
    if not differ:
        return
    most, least = max(differ, key=_estimate), min(differ, key=_estimate)
    if most.estimate == 0:
        yield f"No rule chooses another statement than {rules[0]} in any set."
    elif len(differ) == 1:
        yield f"{as_sentence(most.rule)} chooses another statement than {rules[0]} in {share_of(most)} of sets."
    else:
        yield (
            f"Another statement than {rules[0]} is chosen most often by {_who(differ, most)}, in"
            f" {_said(differ, most, share_of)} of sets, and least often by {_who(differ, least)}, in"
            f" {_said(differ, least, share_of)}."
        )
    if most.estimate:
        certain = max(apart, key=_estimate)
        yield (
            f"Even if ties were broken to agree wherever they can, {_who(apart, certain)} would choose another in"
            f" {_said(apart, certain, share_of)} of sets{', the most of all' if len(apart) > 1 else ''}."
            if certain.estimate
            else f"Ties could be broken so that any one rule chooses as {rules[0]} does in every set."
        )


def _ties(table: RuleTable, rules: Sequence[str]) -> Iterator[str]:
    tied = table.each(rules, "tied")
    most = max(tied, key=_estimate)
    if most.estimate == 0:
        yield "No rule puts two different statements first in any set."
    else:
        yield (
            f"Different statements share the first place most often under {_who(tied, most)}, in {_said(tied, most, share_of)} of"
            " sets; ties are broken at random, by the same numbers for every rule."
        )


def _maps(result: Reselection, account: ScorerAccount, rules: Sequence[str]) -> Iterator[str]:
    first = result.maps[0]
    for name in result.maps[1:]:
        changed = rule_table(result, account, name).each(rules, "different_by_map", first)
        most = max(changed, key=_estimate)
        same = [finding.rule for finding in changed if finding.estimate == 0]
        if most.estimate == 0:
            yield f"Under the map {name} every rule chooses what it chooses under {first}."
        else:
            unchanged = f", and nothing for {listed(same)}" if same else ""
            yield (
                f"The map {name} instead of {first} changes most for {_who(changed, most)}, in"
                f" {_said(changed, most, share_of)} of sets{unchanged}."
            )


def _people(table: RuleTable, rules: Sequence[str], account: ScorerAccount) -> Iterator[str]:
    worst = table.each(rules[1:], "worst_off_gain", rules[0])
    if worst:
        best = max(worst, key=_estimate)
        yield _gain("the lowest true agreement in the group", worst, rules[0])
        cost = table.get(best.rule, "mean_cost", rules[0])
        if cost is not None and best.estimate > 0:
            lost = f"{points_of(cost)} lower" if cost.estimate >= 0 else f"{points_of(_negated(cost))} higher"
            yield f"By {best.rule} the mean of the group is {lost} than by {rules[0]}{_unclear(cost)}."
    if account.n_with_truth and not account.n_with_minority:
        yield "In no set with the truth is there a smaller side of the position statement."
    minority = table.each(rules[1:], "minority_gain", rules[0])
    if minority:
        sets = counted(account.n_with_minority, "set")
        quantity = (
            f"the mean of the smaller side of the position statement ({sets} of {account.n_with_truth:,} have one)"
        )
        yield _gain(quantity, minority, rules[0])


def _cells(table: RuleTable, rules: Sequence[str]) -> Iterator[str]:
    """Who fares best and worst by values, and by which rule the latter would fare best."""
    means = {cell: finding for cell in VALUES_CELLS if (finding := table.get(rules[0], "cell_mean", cell)) is not None}
    if len(means) < 2:
        return
    best, worst = max(means, key=lambda cell: means[cell].estimate), min(means, key=lambda cell: means[cell].estimate)
    yield (
        f"By {rules[0]} the {best} agrees most with what is chosen, {points_of(means[best])}, and the {worst} least,"
        f" {points_of(means[worst])}."
    )
    gains = [finding for rule in rules[1:] if (finding := table.get(rule, "cell_gain", worst)) is not None]
    if gains:
        yield _gain(f"the mean of the {worst}", gains, rules[0])


def _gain(quantity: str, gains: Sequence[Finding], reference: str) -> str:
    best = max(gains, key=_estimate)
    if best.estimate <= 0 and len(gains) > 1:
        return f"By none of the other rules is {quantity} higher than by {reference}."
    if best.estimate == 0:
        return f"By {best.rule} {quantity} is as high as by {reference}."
    if best.estimate < 0:
        return f"By {best.rule} {quantity} is {points_of(_negated(best))} points lower than by {reference}{_unclear(best)}."
    among = f", the largest gain of {len(gains)} and so probably overstated" if len(gains) > 1 else ""
    by, gain = _who(gains, best), _said(gains, best, points_of)
    return f"By {by} {quantity} is {gain} points higher than by {reference}{among}{_unclear(best)}."


def _regret(table: RuleTable, rules: Sequence[str], judges: Sequence[str]) -> Iterator[str]:
    by_judge = {judge: table.each(rules, "regret", judge) for judge in judges}
    least = [
        f"{_who(regrets, smallest)} {_said(regrets, smallest, points_of)} judged by {judge}"
        for judge, regrets in by_judge.items()
        if regrets and (smallest := min(regrets, key=_estimate))
    ]
    if least:
        yield f"Least regret, in points of welfare lost against the candidate best by the truth: {'; '.join(least)}."


def _unknown(result: Reselection, account: ScorerAccount) -> Iterator[str]:
    missing = account.n_pools - account.n_with_truth
    if not result.has_truth:
        yield (
            "The folder has no truth: what people think of statements that were not shown is not known, so nothing is said here"
            " of regret, of the worst-off and of minorities."
        )
    elif not account.n_with_truth:
        yield (
            "In no set did anybody truly judge all candidates, so nothing is said here of regret, of the worst-off and of"
            " minorities."
        )
    elif missing:
        yield (
            f"In {counted(missing, 'set')} of {account.n_pools:,} nobody truly judged all candidates: what is said of the"
            " truth leaves them out."
        )


def _groups(account: ScorerAccount) -> Iterator[str]:
    if account.n_groups == 1:
        yield "With one group there are no intervals, and nothing can be said of other groups."
    elif account.n_groups < FEW_GROUPS:
        yield (
            f"With {counted(account.n_groups, 'group')} intervals of gains may be too narrow where rules rarely choose"
            " differently."
        )


def _who(among: Sequence[Finding], finding: Finding) -> str:
    """The rule of ``finding``, and those that share its estimate."""
    alike = [other.rule for other in among if other.estimate == finding.estimate]
    return listed(alike) if len(alike) <= _NAMED else f"{alike[0]} and {len(alike) - 1} others"


def _said(among: Sequence[Finding], finding: Finding, written: Callable[[Finding], str]) -> str:
    """The estimate, with its interval unless others that share the estimate have another one."""
    alike = {(other.low, other.high) for other in among if other.estimate == finding.estimate}
    return written(finding if len(alike) == 1 else replace(finding, low=None, high=None))


def _negated(finding: Finding) -> Finding:
    low, high = finding.as_estimate.negated().interval or (None, None)
    return replace(finding, estimate=-finding.estimate, low=low, high=high)


def _estimate(finding: Finding) -> float:
    return finding.estimate


def _unclear(finding: Finding) -> str:
    if finding.interval is None or finding.differs:
        return ""
    low, high = finding.interval
    return "; the interval holds 0" if low <= 0 <= high else "; for as many comparisons as these that may be chance"
