"""A comparison of two pipelines in sentences and tables, on a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simcons.counted import counted, listed
from simcons.experiments.compare.both import Cost
from simcons.experiments.compare.differences import MOST_GROUPS, Difference
from simcons.experiments.compare.examples import ChangedRound, Side
from simcons.experiments.compare.measures import SHOWN
from simcons.experiments.compare.run import Comparison
from simcons.experiments.compare.scores import EVERYBODY
from simcons.report.differences import cells, interval, measure_label, name_of, rounded
from simcons.report.few_people import people_findings, people_table
from simcons.report.other_worlds import world_findings, world_lines, world_tables
from simcons.report.tables import Table
from simcons.storage.disk import storage_errors, write_whole

_OF_SUBSETS = ("agreement", "true_agreement")  # printed of each subset; the others are in the tables
_MOST_BY = 4  # differences in a sentence
_COSTS = {
    "words": "words of a statement",
    "requests": "model requests a round",
    "tokens_in": "tokens read a round",
    "tokens_out": "tokens written a round",
    "minutes": "minutes a round",
    "complete": "rounds finished",
    "price": "price of model calls a round",
}
NOTE = (
    "Difference: the change less the base, in the same rounds, with its 95% interval over groups. Equivalent: shown to lie within"
    " the margin. Undecided: with about how many groups it would be decided, if the difference is the one seen. Corrected (Holm)"
    " for all measures read of the same rounds and people."
)


# --- sentences -----------------------------------------------------------------------------------------------------


def heading(result: Comparison) -> str:
    """The two scenarios, by name, and how many groups they met."""
    pairing = result.pairing
    names = f"{pairing.change.name} against {pairing.base.name}"
    if pairing.change.name == pairing.base.name:
        names = f"A change of {pairing.base.name}"
    return f"{names}: {counted(result.n_groups, 'group')}, seed {pairing.base.seed}"


def changes(result: Comparison) -> Iterator[str]:
    """Sentences on the differences between the two, and on all that is not compared."""
    yield from result.pairing.changes
    if result.pairing.untouched:
        yield f"not compared, as nothing of theirs differs: {listed(result.pairing.untouched)}"
    yield from result.pairing.notes


def findings(result: Comparison) -> Iterator[str]:
    """What a few people say; how often the verdict holds in other worlds; measures that are better, worse, as good and open, by
    arm; the camps; and what the pairing was worth.
    """
    if result.people is not None:
        yield from people_findings(result.people)
    yield from world_findings(result)
    for arm in dict.fromkeys(row.arm for row in result.rows):
        rows = [row for row in result.overall if row.arm == arm]
        of_arm = f"{arm}: " if len(result.pairing.arms) > 1 else ""
        yield from (of_arm + absence_in_words(row) for row in rows if row.measure.name == SHOWN.name)
        yield of_arm + verdicts_in_words(rows)
        if (camps := camps_in_words([row for row in result.rows if row.arm == arm])) is not None:
            yield of_arm + camps
    yield pairing_in_words(result)
    if result.looks:
        yield looks_in_words(result)


def absence_in_words(row: Difference) -> str:
    """How often either side had no statement."""
    return (
        f"The change has nothing to show in {1 - row.change:.0%} of rounds, and the base in {1 - row.base:.0%}; a round in which"
        " either has nothing counts in no other measure."
    )


def verdicts_in_words(rows: Sequence[Difference]) -> str:
    """Measures that are better and worse (with their differences where these are few), as good, and open."""
    told, n_told = [], sum(row.verdict in ("better", "worse") for row in rows)
    by = _by if n_told <= _MOST_BY else lambda row: name_of(row.measure)
    for verdict in ("better", "worse"):
        there = [row for row in rows if row.verdict == verdict]
        told += [f"{verdict} in {listed([by(row) for row in there])}"] if there else []
    if within := [row for row in rows if row.verdict == "equivalent"]:
        told.append(f"equivalent within the margin in {listed([name_of(row.measure) for row in within])}")
    if open_ := [row for row in rows if row.verdict == "undecided"]:
        told.append(f"undecided in {listed([name_of(row.measure) for row in open_])}{_would_decide(open_)}")
    text = "; ".join(told)
    return f"The change is {text}." if text else "Nothing was measured in both."


def _by(row: Difference) -> str:
    return f"{name_of(row.measure)} ({interval(row.difference, row.measure.unit)})"


def _would_decide(rows: Sequence[Difference]) -> str:
    numbers = [row.groups_needed for row in rows]
    known = [number for number in numbers if number is not None]
    if not known:
        return f" ({MOST_GROUPS:,} groups would not decide)"
    if len(rows) == 1:
        return f" (about {rounded(known[0]):,} groups would decide)"
    least, most = (f"{rounded(number):,}" for number in (min(known), max(known)))
    if len(known) < len(rows):
        most = f"more than {MOST_GROUPS:,}"
    return f" (about {least if least == most else f'{least} to {most}'} groups would decide)"


def camps_in_words(rows: Sequence[Difference]) -> str | None:
    """Who gains: the minority and the majority by their own ratings, or by the truth where these are not read."""
    for name in _OF_SUBSETS:
        camps = {row.subset: row for row in rows if row.measure.name == name and row.subset in ("minority", "majority")}
        if len(camps) == 2:
            told = [
                f"{camp} {interval(row.difference, row.measure.unit)} ({row.verdict})" for camp, row in camps.items()
            ]
            return f"Change in {'true ' if name.startswith('true') else ''}agreement of either camp: {'; '.join(told)}."
    return None


def pairing_in_words(result: Comparison) -> str:
    """A sentence on all that was the same in both runs, and its worth."""
    like = result.likeness
    text = f"{like.n_same_opinions:,} of {counted(like.n_opinions, 'opinion')} are the same in both runs"
    first = next((row for row in result.overall if row.narrower is not None), None)
    if first is None or first.narrower is None:
        return (
            f"{text}, and {like.n_same_statements:,} of {counted(like.n_rounds, 'round')} showed the same statements."
        )
    return (
        f"{text}; the same people in both make the interval of {name_of(first.measure)} as narrow as {first.narrower:.1f} times"
        " as many groups would without pairing."
    )


def looks_in_words(result: Comparison) -> str:
    """When it was looked at, and whether it stopped early."""
    looked = listed([f"{n:,}" for n in result.looks])
    if result.stopped:
        return (
            f"Stopped early, with all that is read decided: looked at after {looked} groups, by a confidence sequence."
        )
    return f"Looked at after {looked} groups by a confidence sequence, and not stopped early."


# --- tables --------------------------------------------------------------------------------------------------------


def tables(result: Comparison, *, every_world: bool = True) -> Iterator[Table]:
    """Overall; among a few people; in other worlds (see `world_tables`); by people and rounds; what it takes."""
    arms = len(result.pairing.arms) > 1
    yield Table(
        "All rounds and people",
        ("measure", "base", "change", "difference", "verdict"),
        tuple((measure_label(row, arms=arms), *cells(row)) for row in result.overall),
    )
    if result.people is not None:
        yield people_table(result.people)
    yield from world_tables(result, every=every_world)
    parts = [row for row in result.rows if row.subset != EVERYBODY and row.measure.name in _OF_SUBSETS]
    if parts:
        yield Table(
            "By people and rounds",
            ("measure", "base", "change", "difference", "verdict"),
            tuple((f"{row.subset}: {measure_label(row, arms=arms)}", *cells(row)) for row in parts),
        )
    if result.costs:
        yield Table(
            "What a round takes",
            ("", "base", "change", "difference"),
            tuple(_cost_cells(cost, arms=arms) for cost in result.costs),
        )


def _cost_cells(cost: Cost, *, arms: bool) -> tuple[str, ...]:
    label = f"{cost.arm}, {_COSTS[cost.name]}" if arms else _COSTS[cost.name]
    if cost.name == "complete":
        return label, f"{cost.base:.1%}", f"{cost.change:.1%}", interval(cost.difference, "share")
    if cost.name == "price":
        return label, f"{cost.base:.3g}", f"{cost.change:.3g}", f"{cost.difference.value:+.3g}"
    low_high = cost.difference.interval
    ends = "" if low_high is None else f" [{low_high[0]:+,.1f}, {low_high[1]:+,.1f}]"
    return label, f"{cost.base:,.1f}", f"{cost.change:,.1f}", f"{cost.difference.value:+z,.1f}{ends}"


# --- rounds side by side -------------------------------------------------------------------------------------------


def round_lines(example: ChangedRound) -> Iterator[tuple[str, str]]:
    """A round as labelled texts: the question, then what either pipeline showed."""
    direction = "better" if example.difference > 0 else "worse"
    yield f"{example.round_id}, {direction} by {abs(example.difference):.2f} points of true agreement", example.question
    for name, side in (("base", example.base), ("change", example.change)):
        yield f"{name} ({judged(side)})", " / ".join(side.texts)


def judged(side: Side) -> str:
    """ "true 5.01, rated 5.30"."""
    return f"true {side.true:.2f}, rated {side.rated:.2f}"


# --- Markdown ------------------------------------------------------------------------------------------------------


def markdown(result: Comparison) -> str:
    """The whole as a page that a pull request can show."""
    parts = [f"# {heading(result)}", *(f"* {line}" for line in findings(result)), "", "What differs:", ""]
    parts += [f"* `{line}`" if ": " in line and "→" in line else f"* {line}" for line in changes(result)]
    for table in tables(result):
        parts += ["", f"## {table.title}", "", *markdown_table(table), *(["", table.note] if table.note else [])]
    if worlds := list(world_lines(result.worlds)):
        parts += ["", "Other worlds:", "", *(f"* **{_escaped(name)}**: {_escaped(about)}" for name, about in worlds)]
    parts += ["", NOTE]
    if result.examples:
        parts += ["", "## Rounds that changed most"]
    for example in result.examples:
        (title, question), *sides = round_lines(example)
        parts += ["", f"### {title}", "", f"*{_escaped(question)}*", ""]
        parts += [f"* **{label}**: {_escaped(text)}" for label, text in sides]
    return "\n".join([*parts, ""])


def write_markdown(result: Comparison) -> None:
    """``compare.md`` in its folder. Raises StorageError."""
    with storage_errors(result.folder):
        write_whole(result.folder / "compare.md", markdown(result).encode())


def markdown_table(table: Table) -> Iterator[str]:
    """Lines of a table: the first column to the left, the others to the right."""
    yield f"| {' | '.join(map(_escaped, table.header))} |"
    yield f"| --- |{' ---: |' * (len(table.header) - 1)}"
    yield from (f"| {' | '.join(map(_escaped, row))} |" for row in table.rows)


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is, in one line."""
    flat = " ".join(text.split())
    return "".join(f"\\{character}" if character in "\\`*_|<>[]#" else character for character in flat)
