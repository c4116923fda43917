"""Small runs written by hand: of people whom a scenario draws, and of people as an import leaves them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simcons.population.persona import Persona
from simcons.records import (
    CandidateRecord,
    OpinionRecord,
    ParticipantRecord,
    PositionRecord,
    RatingRecord,
    Record,
    RoundRecord,
    TrueAppraisal,
)
from simcons.scenario.load import scenario_from
from simcons.scenario.study import Scenario
from simcons.storage.writer import RunWriter
from simcons.study.plan import population_of
from simcons.study.recruitment import participant_id

N_GROUPS = 4  # of two, with a question each
_SCENARIO: dict[str, Any] = {
    "schema_version": 1,
    "name": "written",
    "seed": 5,
    "design": {"groups": N_GROUPS, "group_sizes": [2], "rounds": 1, "tolerated_losses": 0},
    "participants": {"scales": ["agreement"]},
    "mediators": [{"arm": "first", "generator": {"kind": "scripted", "samples": 2}}],
    "engines": {"m": {"kind": "scripted"}},
}


def simulated_run(folder: Path, **changes: Any) -> tuple[Path, Scenario]:
    """Its people are those of the scenario; ``changes`` are in the manifest alone."""
    scenario = scenario_from(_SCENARIO)
    population = population_of(scenario)
    people = [population.persona(k) for k in range(2 * N_GROUPS)]
    document = {**scenario.model_dump(mode="json"), **_merged(changes)}
    return _write(folder, people, {"scenario": document}), scenario


def people_run(folder: Path) -> Path:
    """Of people of flesh and blood, as far as the manifest says."""
    scenario = {"participants": {"scales": ["agreement"]}}
    return _write(folder, [None] * (2 * N_GROUPS), {"scenario": scenario, "imported": {"source": "a study"}})


def _merged(changes: dict[str, Any]) -> dict[str, Any]:
    participants = {**_SCENARIO["participants"], **changes.get("participants", {})}
    return {**changes, "participants": participants}


def _write(folder: Path, people: list[Persona | None], manifest: dict[str, Any]) -> Path:
    with RunWriter(folder, row_group_rows=1000, scales=("agreement",)) as writer:
        writer.write(_participant(k, persona) for k, persona in enumerate(people))
        writer.write(record for k in range(N_GROUPS) for record in _round(k, of_people=people[0] is None))
        writer.finish({"name": "written", "seed": 5, **manifest})
    return folder


def _participant(k: int, persona: Persona | None) -> ParticipantRecord:
    record = ParticipantRecord(
        participant_id(k), f"s{k // 2}", 0, "finished", 0.0, 1.0, 9.0, "female", 40, "White", "London", "level 4", "employed",
        False, None, 1.0, 1.0, 0.3, 0.1,
    )  # fmt: skip
    if persona is None:
        return record
    known = ("sex", "age", "ethnicity", "region", "education", "work", "children")
    return dataclasses.replace(record, **{name: getattr(persona, name) for name in known})


def _round(k: int, *, of_people: bool) -> Iterator[Record]:
    """Two people, one for and one against, who rate two statements, the first of them in two passes that differ."""
    name = f"r{k}"
    question, statement = f"Should we do thing {k}{' there' if of_people else ''}?", f"We should do thing {k}."
    yield RoundRecord(name, f"s{k}", 0, f"q{k}", "topic", "train", question, statement, 0.0, 1.0, 2.0, 3.0, 2, True)
    for member, position in ((2 * k, 6), (2 * k + 1, 2)):
        who = participant_id(member)
        yield PositionRecord(name, who, "before", position, None, 0.0, 1.0)
        text = f"I would do thing {k} because it helps people like me, who am {member}."
        yield OpinionRecord(f"{name}-{who}", name, who, text, 14, 1.0, 1.0, False)
    yield CandidateRecord(
        f"{name}-c", name, "mediator", "arm", 0, [], None, 0, f"We agree on thing {k}.", True, 0, False, None, None
    )
    for member, passes in ((2 * k, (5, 6)), (2 * k + 1, (2, 1))):
        for number, rating in enumerate(passes, 1):
            yield RatingRecord(
                name, participant_id(member), f"{name}-c", number, 1, {"agreement": rating}, None, 0.0, 1.0
            )
        yield TrueAppraisal(name, f"{name}-c", participant_id(member), {"agreement": 4.0})
