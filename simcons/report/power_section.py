"""A study of power as a part of a page: the groups needed, power by groups, differences, and three findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from simcons.counted import counted
from simcons.experiments.power.run import Comparison, PowerQuestion, PowerResult
from simcons.report.charts import Frame, Mark, lines, numbers, points
from simcons.report.intervals import share
from simcons.report.page import Figure, Opening, Section
from simcons.report.power import IN_PERCENT, about, caveats, power_markdown, scaled, sizes_in_words, tables
from simcons.report.tables import plain

_OUTCOMES = {
    "mean": "mean agreement",
    "lowest": "lowest agreement",
    "agreeing": "share who agree (5 or more)",
    "wins": "rounds won less lost",
}
_TABLES = ("groups-to-find", "groups-to-show-equivalence", "differences-found", "power")  # names of their files
_NEEDED, _DIFFERENCE = "needed", "difference-{}"


def power_section(result: PowerResult) -> Section:
    """Figures, sentences and tables of a study, with its main findings."""
    name = result.settings.name.replace("_", " ")
    text = power_markdown(result)
    figures = {figure.key: figure for figure in _figures(result)}
    return Section(
        "Power" if name == "power" else f"Power: {name}",
        [line.removeprefix("* ").replace("**", "") for line in text.splitlines() if line.strip()],
        [plain(table, file) for table, file in zip(tables(result), _TABLES, strict=True)],
        list(figures.values()),
        list(_openings(result, figures)),
        list(caveats(result))[::-1],
    )


# --- figures ---------------------------------------------------------------------------------------------------------


def _figures(result: PowerResult) -> Iterator[Figure]:
    yield from _needed(result)
    for pair in dict.fromkeys(map(_pair, result.comparisons)):
        yield from _power(result, pair)
    for unit in ("points", "percentage points"):
        yield from _differences(result, unit)
    for outcome in dict.fromkeys(c.outcome for c in result.comparisons):
        yield from _detectable(result, outcome)


def _needed(result: PowerResult) -> Iterator[Figure]:
    """Groups by outcome and pair; an interval without an upper end goes on to the cap."""
    marks = [
        Mark(_pair(c), n.estimate, n.low or result.settings.smallest, n.high or n.cap, row=_OUTCOMES[c.outcome])
        for c in result.comparisons
        if (n := c.needed) is not None and n.estimate is not None
    ]
    unit = (
        f"groups, for a probability of {result.settings.power:g}; none where it takes more than {result.settings.cap:,}"
    )
    frame = Frame("Groups needed to find the difference", unit, _series(marks), format=",d")
    yield from _drawn(_NEEDED, marks, frame, points(marks, frame, log=True) if marks else "")


def _power(result: PowerResult, pair: str) -> Iterator[Figure]:
    of_pair = [c for c in result.comparisons if _pair(c) == pair]
    marks = [
        Mark.of(_OUTCOMES[c.outcome], at, x=float(n))
        for c in of_pair
        for n in sorted(result.settings.groups)
        if (at := c.estimate_at("power", n)) is not None
    ]
    goal = result.settings.power
    unit = f"probability of finding the difference; dashed: {goal:g}"
    frame = Frame(f"Power: {pair}", unit, _series(marks), reference=goal, domain=(0, 1), x_title="groups in the study")
    yield from _over_groups(f"power-{_key(pair)}", marks, frame)


def _differences(result: PowerResult, unit: str) -> Iterator[Figure]:
    marks = [
        Mark.of(_pair(c), c.difference, row=_OUTCOMES[c.outcome], scale=scaled(1, c))
        for c in result.comparisons
        if (c.outcome in IN_PERCENT) == (unit != "points")
    ]
    frame = Frame("The difference as simulated", f"{unit}, 95% intervals", _series(marks), reference=0)
    yield from _drawn(
        _DIFFERENCE.format(unit.split()[0]), marks, frame, points(marks, frame, named=True) if marks else ""
    )


def _detectable(result: PowerResult, outcome: str) -> Iterator[Figure]:
    question: PowerQuestion = "detectable"
    marks = [
        Mark.of(_pair(c), at, x=float(n), scale=scaled(1, c))
        for c in result.comparisons
        if c.outcome == outcome
        for n in sorted(result.settings.groups)
        if (at := c.estimate_at(question, n)) is not None
    ]
    unit = "percentage points" if outcome in IN_PERCENT else "points"
    under = f"{unit}, found with a probability of {result.settings.power:g}"
    frame = Frame(
        f"Smallest difference found: {_OUTCOMES[outcome]}", under, _series(marks), x_title="groups in the study"
    )
    yield from _over_groups(f"detectable-{outcome}", marks, frame)


def _over_groups(key: str, marks: Sequence[Mark], frame: Frame) -> Iterator[Figure]:
    """Lines over the number of groups, where there is more than one."""
    if len({mark.x for mark in marks}) > 1:
        told = _in_words(frame, marks)
        yield Figure(key, lines(marks, frame, log_x=True), told, numbers(marks, frame.subtitle, over="groups"))


def _drawn(key: str, marks: Sequence[Mark], frame: Frame, svg: str) -> Iterator[Figure]:
    if marks:
        yield Figure(key, svg, _in_words(frame, marks), numbers(marks, frame.subtitle))


def _in_words(frame: Frame, marks: Iterable[Mark]) -> str:
    told = "; ".join(f"{mark.row or f'{mark.x:,.0f} groups'}, {mark.series}: {mark.value:,.3g}" for mark in marks)
    return f"Chart. {frame.title}, {frame.subtitle}. {told}."


def _series(marks: Iterable[Mark]) -> list[str]:
    return list(dict.fromkeys(mark.series for mark in marks))


def _pair(c: Comparison) -> str:
    return f"{c.rule} v. {c.versus}"


def _key(pair: str) -> str:
    return pair.replace(" v. ", "-").replace(" ", "_")


# --- findings --------------------------------------------------------------------------------------------------------


def _openings(result: PowerResult, figures: Mapping[str, Figure]) -> Iterator[Opening]:
    """Sentences on the groups needed, on the power of the largest study, and on where there is anything to find."""
    if result.comparisons:
        yield Opening(_fewest(result), figure=figures.get(_NEEDED))
        worst = min(result.comparisons, key=lambda c: _power_of_largest(result, c))
        yield Opening(_largest(result, worst), figure=figures.get(f"power-{_key(_pair(worst))}"))
        shown = next(
            (figures[key] for unit in ("points", "percentage") if (key := _DIFFERENCE.format(unit)) in figures), None
        )
        yield Opening(_different(result), figure=shown)


def _fewest(result: PowerResult) -> str:
    settings, goal = result.settings, f"with probability {result.settings.power:g}"
    there = [(c, c.needed) for c in result.comparisons if c.needed is not None and c.needed.estimate is not None]
    beyond = len(result.comparisons) - len(there)
    if not there:
        return f"No difference is found {goal} by a study of {settings.cap:,} groups or fewer."
    c, needed = min(there, key=lambda pair: pair[1].estimate or 0)
    n = needed.estimate or 0
    people = about(n * settings.world.people.group_size)
    rest = (
        f" {counted(beyond, 'comparison')} of {len(result.comparisons)} would take more than {settings.cap:,}."
        if beyond
        else ""
    )
    return (
        f"{c.rule} and {c.versus} are told apart soonest by {_OUTCOMES[c.outcome]}: to find the difference {goal} takes about"
        f" {about(n)} groups ({sizes_in_words(needed, settings)}), that is {people} people.{rest}"
    )


def _power_of_largest(result: PowerResult, c: Comparison) -> float:
    estimate = c.estimate_at("power", max(result.settings.groups))
    return 0.0 if estimate is None else estimate.value


def _largest(result: PowerResult, worst: Comparison) -> str:
    n, goal = max(result.settings.groups), result.settings.power
    enough = sum(_power_of_largest(result, c) >= goal for c in result.comparisons)
    if enough == len(result.comparisons):
        return f"{n:,} groups, the largest study looked at, find each of the differences with probability {goal:g} or more."
    found = f"{enough} of {counted(len(result.comparisons), 'difference')}"
    least = f"that of {_pair(worst)} in {_OUTCOMES[worst.outcome]} with only {_power_of_largest(result, worst):.2g}"
    return f"{n:,} groups, the largest study looked at, find {found} with probability {goal:g} or more; {least}."


def _different(result: PowerResult) -> str:
    by_pair = {_pair(c): c.different for c in result.comparisons}
    first, last = (pick(by_pair, key=lambda pair: by_pair[pair].value) for pick in (min, max))
    ends = f"{share(by_pair[first])} of rounds ({first})"
    if first != last:
        ends += f" to {share(by_pair[last])} ({last})"
    return f"Two rules choose different statements in {ends}; where they choose the same one there is nothing to find."
