"""The truth of a round, member by member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from simcons.storage.load import Run


@dataclass(frozen=True, slots=True)
class MemberTruth:
    """One member. Position and appraisal are true, on the scale of the ratings; None is missing."""

    position: float | None
    appraisal: Mapping[str, float | None]  # of the statement, by scale in the order asked
    careless: str  # "" for a careful person, else how they answered


_MANNERS = {
    "none": "",
    "uniform": "answers at random",
    "stuck": "answers 5 or 6 to nearly everything",
    "straight": "gives one answer throughout",
}


def round_truth(run: Run, round_id: str, candidate_id: str | None) -> dict[str, MemberTruth]:
    """By participant: position in the round, and appraisal of one candidate. Raises RunFolderError where there is no truth."""
    positions = run.first_positions.query("round_id == @round_id").set_index("participant_id")["at"]
    frames = [run.truth("positions"), run.truth("appraisals")]
    position = frames[0].query("round_id == @round_id").set_index("participant_id")["position"]
    appraised = frames[1].query("round_id == @round_id and candidate_id == @candidate_id").set_index("participant_id")
    personas = run.truth("personas").set_index("participant_id")
    ended = float(run.rounds.set_index("round_id").loc[round_id, "ended_at"])
    return {
        str(who): MemberTruth(
            _number(position.get(who)),
            {scale: _number(appraised[scale].get(who)) for scale in run.scales},
            _careless(personas.loc[who], float(at), ended) if who in personas.index else "",
        )
        for who, at in positions.items()
    }


def _careless(persona: pd.Series[str], at: float, ended: float) -> str:
    began = persona["careless_from_at"]
    if pd.isna(began) or float(began) > ended:
        return ""
    manner = _MANNERS.get(str(persona["carelessness"]), str(persona["carelessness"]))
    since = "" if float(began) <= at else "later in this round"
    return ", ".join(text for text in (manner, since) if text) or "no longer reads the questions"


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[arg-type]
