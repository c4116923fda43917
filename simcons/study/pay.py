"""Pay of people, and the participants' final records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from simcons.records import (
    OpinionRecord,
    Outcome,
    ParticipantRecord,
    PositionRecord,
    RankingRecord,
    RatingRecord,
    Record,
    TruePersona,
)
from simcons.scenario.parameters import VALUE_DIMENSIONS
from simcons.scenario.pay import PaySettings
from simcons.study.recruitment import Recruit


def participant_records(
    recruit: Recruit,
    outcome: Outcome,
    left_at: float | None,
    *,
    session_id: str | None,
    pay: PaySettings,
    n_screens: int = 0,
) -> tuple[Record, ...]:
    """The public and, for everyone who consented, the true record of one person. n_screens: those they answered."""
    persona = recruit.participant.persona
    seconds = paid_seconds(recruit, outcome, left_at, pay)
    gbp = pay.earned(outcome, seconds, n_screens=n_screens).total
    fee, vat = pay.fee_and_vat(gbp)
    record = ParticipantRecord(
        participant_id=recruit.participant.participant_id,
        session_id=session_id,
        launch=recruit.launch,
        outcome=outcome,
        recruited_at=recruit.recruited_at,
        arrived_at=recruit.arrived_at,
        left_at=left_at,
        sex=persona.sex,
        age=persona.age,
        ethnicity=persona.ethnicity,
        region=persona.region,
        education=persona.education,
        work=persona.work,
        children=persona.children,
        table_row=persona.table_row,
        paid_seconds=seconds,
        pay_gbp=gbp,
        fee_gbp=fee,
        vat_gbp=vat,
    )
    return (record,) if recruit.consented_at is None else (record, _true_persona(recruit))


def paid_seconds(recruit: Recruit, outcome: Outcome, left_at: float | None, pay: PaySettings) -> float:
    """Time from consent to leaving, for those who stayed to the end or were sent home; of drop-outs the share `pay.dropouts`."""
    if recruit.consented_at is None or left_at is None:
        return 0.0
    return (left_at - recruit.consented_at) * pay.paid_share_of_time(outcome)


def answered_screens(records: Iterable[Record]) -> Counter[str]:
    """Numbers of screens that people answered in a session: positions, opinions, ratings of a statement in one pass, rankings."""
    screens = {screen for record in records if (screen := _answered(record)) is not None}
    return Counter(participant_id for participant_id, *_ in screens)


def _answered(record: Record) -> tuple[str, ...] | None:
    """The screen that an answer was given on: participant and what tells it from their others; None for what is no answer."""
    match record:
        case OpinionRecord():
            return record.participant_id, "opinion", record.round_id
        case PositionRecord(missing=None):
            return record.participant_id, "position", record.round_id, record.moment
        case RatingRecord(missing=None):
            return record.participant_id, "rating", record.candidate_id, str(record.pass_index)
        case RankingRecord(missing=None):
            return record.participant_id, "ranking", record.round_id
    return None


def _true_persona(recruit: Recruit) -> TruePersona:
    participant = recruit.participant
    persona = participant.persona
    values = dict(zip(VALUE_DIMENSIONS, persona.values, strict=True))
    return TruePersona(
        participant_id=participant.participant_id,
        persona_id=persona.persona_id,
        **values,
        noise=persona.style.noise,
        acquiescence=persona.style.acquiescence,
        extremity=persona.style.extremity,
        carelessness=persona.style.carelessness,
        careless_from_at=participant.careless_from_at,
    )
