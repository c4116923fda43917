"""A verdict tried in other worlds, in sentences and tables: where it holds, and where it flips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simcons.counted import counted, listed
from simcons.experiments.compare.differences import Verdict
from simcons.experiments.compare.other_worlds import InWorld, Robustness, robustness
from simcons.experiments.compare.run import Comparison
from simcons.report.differences import cells, measure_label, name_of
from simcons.report.tables import Table

AS_GIVEN = "as given"
_FEW = 3  # measures whose tables are printed, whatever came of them


def world_findings(result: Comparison) -> Iterator[str]:
    """Sentences on how often the verdicts hold, by arm: those that flip first, then those that hold everywhere, then others."""
    tried = robustness(result.overall, result.worlds)
    arms = list(dict.fromkeys(each.given.arm for each in tried))
    for flips in (True, False):
        for arm in arms:
            of_arm = f"{arm}: " if len(arms) > 1 else ""
            these = [each for each in tried if each.given.arm == arm and each.flips == flips and each.elsewhere]
            told = _flips(these) if flips else _held(these)
            yield from (f"{of_arm}{sentence}" for sentence in told)
    alike = [world.name for world in result.worlds if not world.assumptions]
    if alike:
        yield f"All is so as given already in {listed(alike)}: not run again."


def _flips(tried: Sequence[Robustness]) -> Iterator[str]:
    for each in tried:
        yield (
            f"The verdict FLIPS with what is assumed of people: {name_of(each.given.measure)} is {each.given.verdict} as given,"
            f" and {_by_verdict(each)}."
        )


def _held(tried: Sequence[Robustness]) -> Iterator[str]:
    everywhere = [each for each in tried if len(each.holding) == len(each.elsewhere)]
    if everywhere:
        n_worlds = len(everywhere[0].elsewhere)
        where = f"In all {n_worlds} other worlds" if n_worlds > 1 else "In the other world"
        yield f"{where} the change is, as given, {_by_measure(everywhere)}."
    others = [each for each in tried if len(each.holding) < len(each.elsewhere)]
    if others:
        told = [f"{each.given.verdict} in {name_of(each.given.measure)} in {_how_often(each)}" for each in others]
        yield f"The change is {'; '.join(told)}."


def _by_measure(tried: Sequence[Robustness]) -> str:
    """ "worse in agreement and quality; undecided in lowest agreement"."""
    verdicts = dict.fromkeys(each.given.verdict for each in tried)
    told = [
        f"{verdict} in {listed([name_of(each.given.measure) for each in tried if each.given.verdict == verdict])}"
        for verdict in verdicts
    ]
    return "; ".join(told)


def _how_often(each: Robustness) -> str:
    """ "5 of 6 other worlds, undecided in careless_20"."""
    n_worlds = counted(len(each.elsewhere), "other world")
    told = [f"{verdict} in {listed(names)}" for verdict, names in _elsewhere(each)]
    return ", ".join([f"{len(each.holding)} of {n_worlds}", *told])


def _elsewhere(each: Robustness) -> Iterator[tuple[Verdict, list[str]]]:
    """The verdicts that differ from the one as given, with their worlds."""
    for verdict in each.verdicts:
        if verdict != each.given.verdict:
            yield verdict, each.worlds_with(verdict)


def _by_verdict(each: Robustness) -> str:
    """ "worse in 2 of 6 other worlds (careless_20 and other_ears), undecided in 1 (noise_doubled)"."""
    first, *others = [(verdict, each.worlds_with(verdict)) for verdict in each.verdicts]
    of_all = f"of {counted(len(each.elsewhere), 'other world')}"
    told = [f"{first[0]} in {len(first[1])} {of_all} ({listed(first[1])})"]
    return ", ".join([*told, *(f"{verdict} in {len(names)} ({listed(names)})" for verdict, names in others)])


# --- tables --------------------------------------------------------------------------------------------------------


def world_tables(result: Comparison, *, every: bool = True) -> Iterator[Table]:
    """A table a measure, a row a world, the one as given first. every: False for those alone whose verdict is not the same
    everywhere, where many are read.
    """
    tried = [each for each in robustness(result.overall, result.worlds) if each.elsewhere]
    arms = len(result.pairing.arms) > 1
    few = every or len(tried) <= _FEW
    for each in tried:
        if few or len(each.holding) < len(each.elsewhere):
            rows = {AS_GIVEN: each.given, **each.elsewhere}
            yield Table(
                f"In other worlds: {measure_label(each.given, arms=arms)}",
                ("world", "base", "change", "difference", "verdict"),
                tuple((name, *cells(row)) for name, row in rows.items()),
            )


def world_lines(worlds: Sequence[InWorld]) -> Iterator[tuple[str, str]]:
    """Each world that was run by its name, with what is otherwise there, and what was set."""
    for world in worlds:
        if world.assumptions:
            about = f"{world.description} " if world.description else ""
            yield world.name, f"{about}({', '.join(world.assumptions)})"
