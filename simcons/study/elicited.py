"""Records of what was asked of the language model that plays the people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from simcons.population.minds.fidelity import Fidelity
from simcons.population.minds.llm import Written
from simcons.records import ElicitationRecord, FidelityRecord
from simcons.study.thoughts import Answer

_About: TypeAlias = Literal["position", "agreement", "quality"]


def elicitations(
    round_id: str, participant_id: str, candidate_id: str | None, **answers: Answer
) -> Iterator[ElicitationRecord]:
    """A row for each answer that a language model gave; ``answers`` by what they are about."""
    for about, answer in answers.items():
        if answer.elicited is not None:
            yield _row(round_id, participant_id, candidate_id, about, answer)  # type: ignore[arg-type]


def writing(round_id: str, participant_id: str, written: Written) -> ElicitationRecord:
    """The row for an opinion that a language model was asked to write."""
    return ElicitationRecord(
        round_id=round_id,
        participant_id=participant_id,
        about="opinion",
        candidate_id=None,
        value=None,
        spread=None,
        mass=None,
        listed=None,
        attempts=written.attempts,
        missing=written.missing.reason if written.missing else None,
        raw=written.missing.raw if written.missing else None,
    )


def fidelity_record(opinion_id: str, found: Fidelity) -> FidelityRecord:
    return FidelityRecord(
        opinion_id=opinion_id,
        verdict_read=found.verdict_read,
        sides_with_position=found.sides_with_position,
        n_told=found.n_told,
        n_said=found.n_said,
        n_contradicted=found.n_contradicted,
    )


def _row(
    round_id: str, participant_id: str, candidate_id: str | None, about: _About, answer: Answer
) -> ElicitationRecord:
    elicited = answer.elicited
    if elicited is None:
        raise ValueError(f"{about}: no language model was asked")
    return ElicitationRecord(
        round_id=round_id,
        participant_id=participant_id,
        about=about,
        candidate_id=candidate_id,
        value=elicited.value,
        spread=elicited.spread,
        mass=elicited.mass,
        listed=elicited.listed,
        attempts=elicited.attempts,
        missing=answer.missing,
        raw=elicited.missing.raw if elicited.missing else elicited.text,
    )
