"""The results of a study of power, in tables and in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from math import floor, log10

from simcons.analysis.resampling import Estimate
from simcons.experiments.power.run import Comparison, PowerQuestion, PowerResult
from simcons.experiments.power.sizes import Needed
from simcons.report.tables import Table
from simcons.scenario.power import PowerSettings

_NAMES = {
    "mean": "Mean agreement of the group",
    "lowest": "The lowest agreement in the group",
    "agreeing": "The share of the group who agree (5 or more)",
    "wins": "Rounds won less rounds lost",
}
IN_PERCENT = ("agreeing", "wins")  # the others are in points of the 1-7 scale


def tables(result: PowerResult) -> tuple[Table, ...]:
    """The groups needed to find a difference and to show that there is none, detectable differences, and power by groups."""
    power = f"{result.settings.power:g}"
    return (
        _to_find_table(result),
        _to_show_table(result),
        _by_size(result, "detectable", f"Difference found with probability {power}, by number of groups", _digits),
        _by_size(result, "power", "Probability of finding the difference as simulated, by number of groups", _plain),
    )


def _to_find_table(result: PowerResult) -> Table:
    return Table(
        f"Groups needed to find the difference as simulated with probability {result.settings.power:g}",
        ("rules", "outcome", "difference", "groups"),
        tuple((*_heads(c), _interval(c.difference, c, "{} [{}, {}]"), _bounds(c.needed)) for c in result.comparisons),
    )


def _to_show_table(result: PowerResult) -> Table:
    return Table(
        f"Groups needed to show with probability {result.settings.power:g} that it lies within a margin",
        ("rules", "outcome", "margin", "if there is none", "if as simulated"),
        tuple(
            (*_heads(c), _digits(c.margin, c), _bounds(c.needed_equivalence_of_none), _bounds(c.needed_equivalence))
            for c in result.comparisons
        ),
    )


def _by_size(
    result: PowerResult, question: PowerQuestion, title: str, shown: Callable[[float, Comparison], str]
) -> Table:
    sizes = sorted(result.settings.groups)
    rows = []
    for c in result.comparisons:
        estimates = [c.estimate_at(question, n) for n in sizes]
        rows.append((*_heads(c), *("-" if at is None else shown(at.value, c) for at in estimates)))
    return Table(title, ("rules", "outcome", *(f"{n:,}" for n in sizes)), tuple(rows))


def _heads(c: Comparison) -> tuple[str, str]:
    return f"{c.rule} v. {c.versus}", f"{c.outcome} ({'%' if c.outcome in IN_PERCENT else 'points'})"


def _bounds(needed: Needed | None) -> str:
    """Groups with their interval: "450 [337 to 619]", ">10,000"."""
    if needed is None:
        return "-"
    beyond = f">{needed.cap:,}"
    estimate, low, high = (beyond if n is None else f"{n:,}" for n in (needed.estimate, needed.low, needed.high))
    return estimate if low == high == estimate else f"{estimate} [{low} to {high}]"


# --- numbers -------------------------------------------------------------------------------------------------------


def scaled(value: float, c: Comparison) -> float:
    """In the outcome's unit."""
    return 100 * value if c.outcome in IN_PERCENT else value


def _digits(value: float, c: Comparison) -> str:
    """Two digits, in the outcome's unit."""
    return f"{scaled(value, c):.2g}"


def _plain(value: float, _: Comparison) -> str:
    return f"{value:.2f}"


def _interval(estimate: Estimate, c: Comparison, form: str) -> str:
    """Value, low and high with as many decimals as the interval deserves; the value alone without one."""
    if estimate.interval is None:
        return f"{scaled(estimate.value, c):.2f}"
    half = scaled(estimate.interval[1] - estimate.interval[0], c) / 2
    decimals = min(max(-floor(log10(half / 2)), 1), 4)
    return form.format(*(f"{scaled(value, c):.{decimals}f}" for value in (estimate.value, *estimate.interval)))


def _ends(estimate: Estimate, form: str) -> str:
    """`` (low to high)``, or nothing."""
    return "" if estimate.interval is None else f" ({form.format(*estimate.interval)})"


def about(n: int) -> str:
    """Two digits: 2,664 is 2,700."""
    digits = max(floor(log10(n)) - 1, 0)
    return f"{round(n, -digits):,}"


def _unit(c: Comparison) -> str:
    return "percentage points" if c.outcome in IN_PERCENT else "points"


# --- sentences -----------------------------------------------------------------------------------------------------


def power_markdown(result: PowerResult) -> str:
    """The result in words, as Markdown: a paragraph for each pair of rules, a point for each outcome, and what to beware of."""
    parts = []
    for _, of_pair in groupby(result.comparisons, key=lambda c: (c.rule, c.versus)):
        comparisons = list(of_pair)
        parts.append(_introduction(comparisons[0], result.settings))
        parts.append("\n".join(f"* {' '.join(_sentences(c, result.settings))}" for c in comparisons))
    parts.append(" ".join(caveats(result)))
    return "\n\n".join(parts) + "\n"


def _introduction(c: Comparison, settings: PowerSettings) -> str:
    people = settings.world.people
    opening = (
        f"**{c.rule} against {c.versus}.** In {c.n_simulated * people.rounds_per_group:,} rounds of {c.n_simulated:,}"
    )
    opening += f" simulated groups of {people.group_size} the two rules"
    if c.different.value == 0:
        return f"{opening} never chose different statements."
    ends = _ends(c.different, "95% interval {:.1%} to {:.1%}")
    return f"{opening} chose different statements in {c.different.value:.1%} of rounds{ends}."


def _sentences(c: Comparison, settings: PowerSettings) -> Iterator[str]:
    if c.needed is None:
        yield f"{_NAMES[c.outcome]}: the difference is {_digits(c.difference.value, c)} {_unit(c)} in every group."
        return
    yield _difference(c)
    yield _to_find(c, c.needed, settings)
    yield _largest(c, settings)
    yield from _equivalence(c, settings)


def _difference(c: Comparison) -> str:
    lower = c.difference.value < 0
    numbers = _interval(c.difference.negated() if lower else c.difference, c, f"{{}} {_unit(c)} ({{}} to {{}})")
    if c.outcome == "wins":
        comparison = (
            f"{c.rule} {'loses more rounds than it wins' if lower else 'wins more rounds than it loses'} by {numbers}"
        )
    else:
        comparison = f"{'lower' if lower else 'higher'} with {c.rule} than with {c.versus} by {numbers}"
    return f"{_NAMES[c.outcome]}: {comparison}{', which may be no difference at all' if c.may_be_none else ''}."


def _to_find(c: Comparison, needed: Needed, settings: PowerSettings) -> str:
    goal = f"To find {'a difference as simulated' if c.may_be_none else 'it'} with probability {settings.power:g}"
    if needed.estimate is None:
        least = "" if needed.low is None else f" (with the simulation's own error, {about(needed.low)} at the least)"
        return f"{goal} a study needs more than {needed.cap:,} groups{least}."
    people = settings.world.people
    size = f"about {about(needed.estimate)} groups ({sizes_in_words(needed, settings)})"
    if needed.estimate == settings.smallest:
        size = f"no more than the {settings.smallest} groups that any study should have"
    rounds, n_people = needed.estimate * people.rounds_per_group, needed.estimate * people.group_size
    return f"{goal} a study needs {size}, that is {about(rounds)} rounds and {about(n_people)} people."


def _largest(c: Comparison, settings: PowerSettings) -> str:
    """A sentence on studies of the largest size looked at."""
    n = max(settings.groups)
    power, effect = c.estimate_at("power", n), c.estimate_at("detectable", n)
    finds = f"{n:,} groups find with probability {settings.power:g}"
    if effect is None:
        finds = f"{finds} none of the differences that the simulated groups allow"
    else:
        where = f", or {_digits(effect.value / c.different.value, c)} in the rounds where the statements differ"
        finds = f"{finds} a difference of {_digits(effect.value, c)} {_unit(c)}{where}"
    if power is None:
        return f"{finds}."
    return f"{finds}; one as simulated they find with probability {power.value:.2f}{_ends(power, '{:.2f} to {:.2f}')}."


def _equivalence(c: Comparison, settings: PowerSettings) -> Iterator[str]:
    margin = f"{_digits(c.margin, c)} {_unit(c)}"
    shown = f"show with probability {settings.power:g} that the difference lies within {margin} either way"
    if abs(c.difference.value) >= c.margin:
        yield f"The difference as simulated is no smaller than the margin of {margin}, so that equivalence is not to be shown."
        return
    none, simulated = c.needed_equivalence_of_none, c.needed_equivalence
    if none is not None:
        yield f"If there is no difference, {_enough(none, settings)} {shown}."
    if simulated is not None and (none is None or simulated.estimate != none.estimate):
        yield f"If it is as simulated, {_enough(simulated, settings)} {'do' if none else shown}."


def _enough(needed: Needed, settings: PowerSettings) -> str:
    if needed.estimate is None:
        return f"only more than {needed.cap:,} groups"
    if needed.estimate == settings.smallest:
        return f"the {settings.smallest} groups that any study should have"
    return f"about {about(needed.estimate)} groups ({sizes_in_words(needed, settings)})"


def sizes_in_words(needed: Needed, settings: PowerSettings) -> str:
    """The ends of the interval: ``340 to 620``."""
    high = f"more than {needed.cap:,}" if needed.high is None else about(needed.high)
    return f"{about(needed.low or settings.smallest)} to {high}"


def caveats(result: PowerResult) -> Iterator[str]:
    """Sentences on the errors of the tests in the simulation, and on intervals that do not hold."""
    alpha = f"{result.settings.alpha:g}"
    for question, sentence in (
        ("false_alarms", f"Where there is no difference, {{}} of studies find one (intended: {alpha})."),
        (
            "false_equivalence",
            f"Where it is as large as the margin, {{}} of studies show equivalence (intended: at most {alpha}).",
        ),
    ):
        rates = [
            a.estimate.value for c in result.comparisons for a in c.answers if a.question == question and a.estimate
        ]
        if rates:
            low, high = f"{min(rates):.3f}", f"{max(rates):.3f}"
            yield sentence.format(low if low == high else f"{low} to {high}")
    yield (
        "Intervals hold the error of simulating finitely many groups and studies, not how far the simulated world is from"
        " people."
    )
