"""A verdict tried in other worlds, in sentences and tables: where it holds, and where it flips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simcons.counted import counted, listed
from simcons.experiments.compare.differences import Verdict
from simcons.experiments.compare.other_worlds import InWorld, Robustness, robustness
from simcons.experiments.compare.run import Comparison
from simcons.report.differences import cells, measure_label, name_of
from simcons.report.tables import Table

AS_GIVEN, THE_SAME = "as given", "the very same"
_FEW = 3  # measures whose tables are printed, whatever came of them


def world_findings(result: Comparison) -> Iterator[str]:
    """Sentences on how often the verdicts hold, then on worlds that show nothing."""
    yield from world_verdicts(result)
    yield from world_notes(result)


def world_verdicts(result: Comparison) -> Iterator[str]:
    """How often the verdicts hold, by arm: those that flip first, then those that hold everywhere, then others."""
    tried = robustness(result.overall, result.worlds)
    arms = list(dict.fromkeys(each.given.arm for each in tried))
    for flips in (True, False):
        for arm in arms:
            of_arm = f"{arm}: " if len(arms) > 1 else ""
            these = [each for each in tried if each.given.arm == arm and each.flips == flips and each.elsewhere]
            told = _flips(these) if flips else _held(these)
            yield from (f"{of_arm}{sentence}" for sentence in told)


def world_notes(result: Comparison) -> Iterator[str]:
    """Worlds in which nothing differs, or which were not run."""
    yield from _not_counted(robustness(result.overall, result.worlds))
    as_given = [world.name for world in result.worlds if not world.assumptions]
    if as_given:
        yield f"All is so as given already in {listed(as_given)}: not run again."


def _flips(tried: Sequence[Robustness]) -> Iterator[str]:
    for each in tried:
        yield (
            f"The verdict FLIPS with what is assumed of people: {name_of(each.given.measure)} is {each.given.verdict} as given,"
            f" and {_by_verdict(each)}."
        )


def _held(tried: Sequence[Robustness]) -> Iterator[str]:
    everywhere = [each for each in tried if each.holds]
    if everywhere:
        yield f"In every other world the change is, as given, {_by_measure(everywhere)}."
    if others := [each for each in tried if not each.holds]:
        told = [f"{each.given.verdict} in {name_of(each.given.measure)} in {_how_often(each)}" for each in others]
        yield f"The change is {'; '.join(told)}."


def _by_measure(tried: Sequence[Robustness]) -> str:
    """ "worse in agreement (6 worlds) and quality (6); undecided in lowest agreement (5)"."""
    names = {
        verdict: [
            f"{name_of(each.given.measure)} ({counted(len(each.elsewhere), 'world')})"
            for each in tried
            if each.given.verdict == verdict
        ]
        for verdict in dict.fromkeys(each.given.verdict for each in tried)
    }
    return "; ".join(f"{verdict} in {listed(of_verdict)}" for verdict, of_verdict in names.items())


def _not_counted(tried: Sequence[Robustness]) -> Iterator[str]:
    """A sentence on worlds in which some measures, or all, come out the very same."""
    worlds = list(dict.fromkeys(name for each in tried for name in each.alike))
    told = []
    for world in worlds:
        alike = dict.fromkeys(name_of(each.given.measure) for each in tried if world in each.alike)
        told.append(
            world
            if len(alike) == len({each.given.measure.name for each in tried})
            else f"{world} ({listed(list(alike))})"
        )
    if told:
        yield f"Not counted, as what is measured comes out the very same there: {listed(told)}."


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
        if few or not each.holds:
            rows = [(AS_GIVEN, cells(each.given)), *((name, cells(row)) for name, row in each.elsewhere.items())]
            rows += [(name, (*cells(each.given)[:-1], THE_SAME)) for name in each.alike]
            yield Table(
                f"In other worlds: {measure_label(each.given, arms=arms)}",
                ("world", "base", "change", "difference", "verdict"),
                tuple((name, *told) for name, told in rows),
            )


def world_lines(worlds: Sequence[InWorld]) -> Iterator[tuple[str, str]]:
    """Each world that was run by its name, with what is otherwise there, and what was set."""
    for world in worlds:
        if world.assumptions:
            about = f"{world.description} " if world.description else ""
            yield world.name, f"{about}({', '.join(world.assumptions)})"
