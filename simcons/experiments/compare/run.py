"""A comparison from its two scenarios: both run on the same people, all differences, and a folder with everything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from simcons.counted import counted
from simcons.engines.base import Engine
from simcons.errors import InputError
from simcons.experiments.compare.both import SIDES, Both, Cost, Likeness, Reading, Watching
from simcons.experiments.compare.differences import Difference
from simcons.experiments.compare.examples import ChangedRound
from simcons.experiments.compare.measures import Measure, known_measures, parse_margin
from simcons.experiments.compare.other_worlds import WORLDS, InWorld, made_ready, run_in
from simcons.experiments.compare.pairing import Given, Pairing, given_pairing
from simcons.experiments.compare.people import (
    PEOPLE,
    Beside,
    DifferencesAmongPeople,
    PeopleRecord,
    people_document,
    people_records,
)
from simcons.experiments.compare.scores import EVERYBODY
from simcons.experiments.few_people import PeopleSettings
from simcons.languages.language import Language
from simcons.rich_display import RichDisplay
from simcons.runs.folder import next_folder
from simcons.runs.start import Overrides
from simcons.scenario.other_worlds import load_other_worlds
from simcons.storage.results import write_manifest, write_records, write_table


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(RichDisplay):
    """The differences that a change makes on the same people. rows: a difference each. folder: holds both runs and the tables.

    looks: numbers of groups at which it was looked at, where it might stop early; stopped: whether it did. worlds: the same
    in other worlds, where it was repeated. people: the same among a few people, where there are some.
    """

    pairing: Pairing
    folder: Path
    n_groups: int
    rows: tuple[Difference, ...]
    costs: tuple[Cost, ...]
    examples: tuple[ChangedRound, ...]
    likeness: Likeness
    looks: tuple[int, ...] = ()
    stopped: bool = False
    worlds: tuple[InWorld, ...] = ()
    people: DifferencesAmongPeople | None = None

    @property
    def overall(self) -> tuple[Difference, ...]:
        """The rows of all rounds and people."""
        return tuple(row for row in self.rows if row.subset == EVERYBODY)

    def __repr__(self) -> str:
        names = f"{self.pairing.base.name!r}, {self.pairing.change.name!r}"
        return f"Comparison({names}: {counted(self.n_groups, 'group')}, {counted(len(self.rows), 'row')}; folder: {self.folder})"


def run_compare(
    base: Given,
    change: Given | None = None,
    *,
    overrides: Overrides = (),
    groups: int | None = None,
    seed: int | None = None,
    measures: Sequence[str] = (),
    margins: Mapping[str, str] | None = None,
    stop_early: bool = False,
    worlds: str | Path | None = None,
    people: PeopleSettings | None = None,
    out: str | Path | None = None,
    engines: Mapping[str, Engine] | None = None,
    languages: Sequence[Language] = (),
    watching: Watching | None = None,
) -> Comparison:
    """Run two scenarios on the same people, and tell by how much the change is better or worse.

    change: the other scenario; None where ``overrides`` make it of ``base``. With two, ``overrides`` are of both. groups and
    seed: of both. measures: those that are read, by default all; the fewer, the less they are corrected. margins: by measure,
    with units, such as ``{"agreement": "0.1 points"}``. stop_early: look after 30 groups and whenever they have doubled, by a
    confidence sequence, and stop once every measure that is read is decided. worlds: a shipped set of other worlds, or a file,
    in each of which the comparison is repeated. people: an imported study of a few people who rated statements of both, its arms
    those for ``base`` and ``change``. out: a new folder, by default the next of ``runs/NAME-compare-001``, or that of
    the same comparison, which is gone on with. The rest as for `simcons.run`. Raises InputError before anything is run, and as
    `simcons.run` does.
    """
    paired = partial(given_pairing, base, change, overrides=overrides, groups=groups, seed=seed)
    pairing = paired()
    read = with_margins(known_measures(measures, pairing.base.participants.scales), margins or {})
    reading = Reading.of(pairing, read, stop_early=stop_early)
    beside = None if people is None else Beside.of(pairing, people, languages)
    others = []
    if worlds is not None:
        assumed = load_other_worlds(str(worlds))
        others = made_ready(assumed, pairing, lambda values: paired(assumed=values), read, stop_early=stop_early)
    parent = next_folder(Path(pairing.base.output.folder), f"{pairing.base.name}-compare") if out is None else Path(out)
    both = Both(pairing, parent, engines or {}, languages, watching or Watching())
    both.take_folder(stop_early=stop_early)
    result = compared(both, reading, stop_early=stop_early)
    if beside is not None:
        result = replace(result, people=beside.compare(both, read, result.overall))
    result = replace(result, worlds=tuple(world for world, _ in run_in(others, both)))
    write_comparison(result, both)
    return result


def compared(both: Both, reading: Reading, *, stop_early: bool = False) -> Comparison:
    """Run two pipelines, as far as it takes, and compare them."""
    rows, looks = both.play_until_decided(reading)
    return Comparison(
        both.pairing,
        both.folder,
        both.n_groups,
        tuple(rows),
        tuple(both.costs()),
        tuple(both.examples()),
        both.likeness(),
        looks=looks if stop_early else (),
        stopped=looks != reading.planned,
    )


def with_margins(measures: Sequence[Measure], margins: Mapping[str, str]) -> list[Measure]:
    """The measures with these margins in place of the usual ones. Raises InputError."""
    names = [measure.name for measure in measures]
    for name in margins:
        if name not in names:
            raise InputError(f"margin of {name!r}: is not read; expected one of {', '.join(names)}")
    return [
        Measure(each.name, each.unit, parse_margin(margins[each.name], each)) if each.name in margins else each
        for each in measures
    ]


# --- what is written -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DifferenceRecord:
    """A row of ``differences``: see `Difference`."""

    arm: str
    subset: str
    measure: str
    unit: str
    margin: float
    base: float
    change: float
    difference: float
    low: float | None
    high: float | None
    groups: int
    n_rounds: int
    n_excluded: int
    verdict: str
    p_value: float
    p_holm: float
    p_margin: float
    p_margin_holm: float
    groups_needed: int | None
    narrower: float | None


@dataclass(frozen=True, slots=True)
class WorldRecord(DifferenceRecord):
    """A row of ``worlds``: a difference in another world."""

    world: str


def world_records(worlds: Sequence[InWorld]) -> list[WorldRecord]:
    """Differences in all other worlds as flat rows."""
    return [WorldRecord(**asdict(record), world=world.name) for world in worlds for record in records(world.rows)]


def records(rows: Sequence[Difference]) -> list[DifferenceRecord]:
    """Differences as flat rows."""
    return [_record(row) for row in rows]


def _record(row: Difference) -> DifferenceRecord:
    low, high = row.difference.interval or (None, None)
    return DifferenceRecord(
        arm=row.arm,
        subset=row.subset,
        measure=row.measure.name,
        unit=row.measure.unit,
        margin=row.measure.margin,
        base=row.base,
        change=row.change,
        difference=row.difference.value,
        low=low,
        high=high,
        groups=row.difference.n,
        n_rounds=row.n_rounds,
        n_excluded=row.n_excluded,
        verdict=row.verdict,
        p_value=row.p_value,
        p_holm=row.p_holm,
        p_margin=row.p_margin,
        p_margin_holm=row.p_margin_holm,
        groups_needed=row.groups_needed,
        narrower=row.narrower,
    )


def write_comparison(result: Comparison, both: Both) -> None:
    """``differences``, ``rounds`` and, of other worlds, ``worlds``; the manifest last. Raises StorageError."""
    import pyarrow as pa

    write_records(result.folder, "differences", records(result.rows), record_type=DifferenceRecord)
    tables = [
        scores.assign(arm=arm.name, side=side)
        for arm in both.pairing.arms
        for side, scores in zip(SIDES, both.scores(arm), strict=True)
    ]
    rounds = pd.concat(tables, ignore_index=True)
    table = pa.Table.from_pandas(rounds, preserve_index=False).replace_schema_metadata()
    write_table(result.folder, "rounds", table)
    if result.worlds:
        write_records(result.folder, WORLDS, world_records(result.worlds), record_type=WorldRecord)
    if result.people is not None:
        write_records(result.folder, PEOPLE, people_records(result.people), record_type=PeopleRecord)
    write_manifest(result.folder, "compare", as_document(result))


def as_document(result: Comparison) -> dict[str, Any]:
    """The result for other programs."""
    pairing = result.pairing
    return {
        "base": json.loads(pairing.base.model_dump_json()),
        "change": json.loads(pairing.change.model_dump_json()),
        "changes": list(pairing.changes),
        "notes": list(pairing.notes),
        "arms": [asdict(arm) for arm in pairing.arms],
        "untouched": list(pairing.untouched),
        "folder": str(result.folder),
        "groups": result.n_groups,
        "looks": list(result.looks),
        "stopped": result.stopped,
        "likeness": asdict(result.likeness),
        "differences": [asdict(record) for record in records(result.rows)],
        "worlds": [_world_document(world) for world in result.worlds],
        "people": None if result.people is None else people_document(result.people),
        "costs": [asdict(cost) for cost in result.costs],
        "examples": [{**asdict(example), "difference": example.difference} for example in result.examples],
    }


def _world_document(world: InWorld) -> dict[str, Any]:
    return {
        "name": world.name,
        "description": world.description,
        "assumptions": list(world.assumptions),
        "groups": world.n_groups,
        "differences": [asdict(record) for record in records(world.rows)],
    }
