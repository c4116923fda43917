"""Records of what was asked of the language model that plays the people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simcons.population.minds.elicitation import Elicited
from simcons.population.minds.mind import Judgement, Written
from simcons.records import ElicitationRecord


def elicitations(
    round_id: str, participant_id: str, candidate_id: str | None, judgements: Mapping[str, Judgement]
) -> Iterator[ElicitationRecord]:
    """A row for each answer that a language model gave; ``judgements`` by what they are about."""
    for about, judgement in judgements.items():
        if judgement.elicited is not None:
            yield _row(round_id, participant_id, candidate_id, about, judgement.elicited)


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
        reasoning=written.reasoning or None,
    )


def _row(
    round_id: str, participant_id: str, candidate_id: str | None, about: str, elicited: Elicited
) -> ElicitationRecord:
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
        missing=elicited.missing.reason if elicited.missing else None,
        raw=elicited.missing.raw if elicited.missing else elicited.text,
        reasoning=elicited.reasoning or None,
    )
