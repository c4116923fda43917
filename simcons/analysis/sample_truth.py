"""What the members of a round really held: truth, for those who ask to see it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from simcons.storage.load import Run


@dataclass(frozen=True, slots=True)
class Held:
    """One member. Position, agreement and quality are true, on the scale of the ratings but unbounded; None is missing."""

    position: float | None
    agreement: float | None
    quality: float | None
    careless: str  # "" for a careful person, else how they answered


_MANNERS = {
    "none": "",
    "uniform": "answers at random",
    "stuck": "answers 5 or 6 to nearly everything",
    "straight": "gives one answer throughout",
}


def held(run: Run, round_id: str, candidate_id: str | None) -> dict[str, Held]:
    """By participant: what they held in the round, and of one candidate. Raises RunFolderError where the truth cannot be read."""
    positions = run.first_positions.query("round_id == @round_id").set_index("participant_id")["at"]
    frames = [run.truth("positions"), run.truth("appraisals")]
    position = frames[0].query("round_id == @round_id").set_index("participant_id")["position"]
    appraised = frames[1].query("round_id == @round_id and candidate_id == @candidate_id").set_index("participant_id")
    personas = run.truth("personas").set_index("participant_id")
    ended = float(run.rounds.set_index("round_id").loc[round_id, "ended_at"])
    return {
        str(who): Held(
            _number(position.get(who)),
            _number(appraised["agreement"].get(who)),
            _number(appraised["quality"].get(who)),
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
    return ", ".join(part for part in (manner, since) if part) or "no longer reads the questions"


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[arg-type]
