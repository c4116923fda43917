"""A comparison repeated in other worlds: does its verdict hold where something else is assumed of people?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from simcons.errors import InputError, ScenarioError
from simcons.experiments.compare.both import Both, Reading
from simcons.experiments.compare.differences import Difference, Verdict
from simcons.experiments.compare.measures import Measure
from simcons.experiments.compare.pairing import Pairing, changed_keys
from simcons.experiments.compare.scores import EVERYBODY
from simcons.messages import Message
from simcons.scenario.other_worlds import OtherWorldSettings, OtherWorldsSettings

WORLDS = "worlds"  # the folder with a folder for each
PairedWith: TypeAlias = Callable[[Mapping[str, Any]], Pairing]  # both scenarios, with values by dotted key


@dataclass(frozen=True, slots=True)
class OtherWorld:
    """A world made ready. assumptions: what it sets, a line each; none where all is so as given."""

    name: str
    description: str
    assumptions: tuple[str, ...]
    pairing: Pairing
    reading: Reading


@dataclass(frozen=True, slots=True)
class InWorld:
    """The comparison in another world. assumptions as of `OtherWorld`, without any it was not run; rows: all its differences."""

    name: str
    description: str
    assumptions: tuple[str, ...]
    n_groups: int
    rows: tuple[Difference, ...]

    @property
    def overall(self) -> tuple[Difference, ...]:
        """The rows of all rounds and people."""
        return tuple(row for row in self.rows if row.subset == EVERYBODY)


@dataclass(frozen=True, slots=True)
class Robustness:
    """One measure of one arm, as given and by world.

    alike: worlds in which the measure comes out the very same, as the truth does whatever the noise. They show nothing, and
    are not among those elsewhere.
    """

    given: Difference
    elsewhere: Mapping[str, Difference]
    alike: tuple[str, ...] = ()

    @property
    def holding(self) -> list[str]:
        """The worlds in which the verdict is the same."""
        return self.worlds_with(self.given.verdict)

    @property
    def holds(self) -> bool:
        return len(self.holding) == len(self.elsewhere)

    @property
    def flips(self) -> bool:
        """True if it is better under some assumptions, and worse under others."""
        return {"better", "worse"} <= {self.given.verdict, *(row.verdict for row in self.elsewhere.values())}

    @property
    def verdicts(self) -> list[Verdict]:
        """Those of the worlds, the most frequent first."""
        return [verdict for verdict, _ in Counter(row.verdict for row in self.elsewhere.values()).most_common()]

    def worlds_with(self, verdict: Verdict) -> list[str]:
        return [name for name, row in self.elsewhere.items() if row.verdict == verdict]


def robustness(overall: Sequence[Difference], worlds: Sequence[InWorld]) -> list[Robustness]:
    """Every measure of every arm that is told as given, and of the worlds that were run."""
    return [_robustness(row, worlds) for row in overall]


def _robustness(given: Difference, worlds: Sequence[InWorld]) -> Robustness:
    of = given.arm, given.measure.name
    there = {world.name: row for world in worlds for row in world.overall if (row.arm, row.measure.name) == of}
    alike = [name for name, row in there.items() if _numbers(row) == _numbers(given)]
    return Robustness(given, {name: row for name, row in there.items() if name not in alike}, tuple(alike))


def _numbers(row: Difference) -> tuple[object, ...]:
    return row.base, row.change, row.difference


# --- running -------------------------------------------------------------------------------------------------------


def made_ready(
    settings: OtherWorldsSettings,
    given: Pairing,
    paired_with: PairedWith,
    measures: Sequence[Measure],
    *,
    stop_early: bool = False,
) -> list[OtherWorld]:
    """All worlds, before any is run.

    Raises ScenarioError, in a line that names the world, for one that the scenarios do not take, or that would alter the change.
    """
    worlds = []
    for world in settings.worlds:
        _refuse_keys_of_the_change(settings, world, given)
        where = f"worlds {settings.name}: world {world.name!r}"
        try:
            pairing = paired_with(world.set)
            reading = Reading.of(pairing, measures, stop_early=stop_early)
        except InputError as error:
            raise ScenarioError(f"{where}: {error}") from None
        if (pairing.changes, pairing.arms) != (given.changes, given.arms):
            raise ScenarioError(f"{where}: makes another change of the one to be tried; expected other keys")
        differs = changed_keys(given.base, pairing.base)
        assumptions = tuple(f"{key}: {json.dumps(value)}" for key, value in world.set.items()) if differs else ()
        worlds.append(OtherWorld(world.name, world.description, assumptions, pairing, reading))
    return worlds


def _refuse_keys_of_the_change(settings: OtherWorldsSettings, world: OtherWorldSettings, given: Pairing) -> None:
    for change in given.changes:
        key = change.partition(": ")[0]
        if any(key == own or key.startswith(f"{own}.") or own.startswith(f"{key}.") for own in world.set):
            raise ScenarioError(
                f"worlds {settings.name}: world {world.name!r}: sets {key}, as the change does; expected other keys"
            )


def run_in(worlds: Sequence[OtherWorld], beside: Both) -> Iterator[tuple[InWorld, Both | None]]:
    """Run the comparison in all of them, one after another, each in a folder of its name; what is finished there is kept.

    beside: the comparison as given, whose engines and readers are used again. Yields each with its runs; with none where all is
    as given. Raises as `simcons.run` does.
    """
    for place, world in enumerate(worlds, start=1):
        if not world.assumptions:
            yield InWorld(world.name, world.description, (), 0, ()), None
            continue
        watching = beside.watching.within(f"World {world.name}")
        watching.on_message(Message(f"{place} of {len(worlds)}", kind="note"))
        folder = beside.folder / WORLDS / world.name
        both = Both(world.pairing, folder, beside.engines, beside.languages, watching, shared=beside.shared)
        both.take_folder(stop_early=len(world.reading.planned) > 1)
        rows, _ = both.play_until_decided(world.reading)
        yield InWorld(world.name, world.description, world.assumptions, both.n_groups, tuple(rows)), both
