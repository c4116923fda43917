"""A comparison beside a few people who rated the statements of both pipelines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from simcons.analysis.prediction_powered import Powered, powered
from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate
from simcons.errors import InputError
from simcons.experiments.asking import carry_out
from simcons.experiments.compare.both import SIDES, Both
from simcons.experiments.compare.differences import Difference, sides, together
from simcons.experiments.compare.measures import Measure
from simcons.experiments.compare.pairing import Pairing
from simcons.experiments.compare.scores import EVERYBODY, key, round_scores
from simcons.experiments.few_people import (
    FewPeople,
    PeopleRound,
    PeopleSettings,
    Predictor,
    Slates,
    Writer,
    ahead_of_expected,
    load_people,
    people_rounds,
    write_anew,
)
from simcons.languages.language import Language
from simcons.scale import AGREEMENT, SCALES
from simcons.storage.load import Run

PEOPLE = "people"  # the table of what people say
_CALLS = "people_calls"  # the folder of what models were asked for them
_PREDICTED = ("mean", "lowest")
_OF_LOWEST = ("lowest", "unanimous")


@dataclass(frozen=True, slots=True)
class PeopleRow:
    """One measure: the change less the base among people, and in the simulation.

    n_rounds: of people, of which nothing could be predicted for n_unpredicted.
    """

    measure: Measure
    people: Powered
    simulated: Estimate
    n_rounds: int
    n_unpredicted: int


@dataclass(frozen=True, slots=True)
class DifferencesAmongPeople:
    """A comparison among people. name: of their study; arms: theirs by side; scorer: what predicts their ratings.

    times: that statements were written anew for each of their rounds.
    """

    name: str
    folder: Path
    arms: Mapping[str, str]
    scorer: str
    times: int
    rows: tuple[PeopleRow, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """People's rounds made ready: `round_scores` of both arms side by side, and who writes and predicts for their opinions."""

    settings: PeopleSettings
    people: FewPeople
    scores: pd.DataFrame
    rounds: Sequence[PeopleRound]
    writers: Mapping[str, Writer]
    predictor: Predictor

    @classmethod
    def of(cls, pairing: Pairing, settings: PeopleSettings, languages: Sequence[Language] = ()) -> Self:
        """Raises InputError where several arms are compared, for arms and scorers that are not there or see too much, and where
        nobody rated both.
        """
        folder = settings.folder
        if len(pairing.arms) != 1:
            names = ", ".join(arm.name for arm in pairing.arms)
            raise InputError(f"people {folder}: {len(pairing.arms)} arms are compared ({names}); expected one")
        people = load_people(folder, SIDES, settings.arms)
        rated = Rated.of_run(people.run)
        scores = together(*(round_scores([rated], people.arms[side]) for side in SIDES))
        if scores[[f"{key(AGREEMENT.name)}|{side}" for side in SIDES]].isna().any(axis=1).all():
            arms = " and ".join(people.arms.values())
            raise InputError(f"people {folder}: no group rated both {arms} in a round; expected some")
        [arm] = pairing.arms
        predictor = Predictor.of(pairing.base, settings.scorer, languages)
        writers = {
            "base": Writer.of(pairing.base, arm.base, languages),
            "change": Writer.of(pairing.change, arm.change, languages),
        }
        return cls(settings, people, scores, list(people_rounds(people, predictor.plan)), writers, predictor)

    def compare(self, both: Both, measures: Sequence[Measure], overall: Sequence[Difference]) -> DifferencesAmongPeople:
        """The measures that people's ratings have, among people and in the simulation (``overall``)."""
        ahead = self._ahead(both)
        simulated = {row.measure.name: row.difference for row in overall}
        rows = [
            _row(measure, self.scores.merge(ahead, how="left", on="round_id"), simulated[measure.name])
            for measure in measures
            if measure.name in simulated and _is_rated(measure, self.people.run)
        ]
        given = self.settings
        arms = self.people.arms
        return DifferencesAmongPeople(self.people.name, given.folder, arms, given.scorer, given.times, tuple(rows))

    def _ahead(self, both: Both) -> pd.DataFrame:
        """A row a round: mean and lowest, of the change less the base, by which people's statements are ahead of others."""
        calls = both.folder / _CALLS
        anew: Slates = {}
        for side, writer in self.writers.items():
            scenario = writer.plan.scenario
            writing = write_anew(self.rounds, side, writer, times=self.settings.times)
            anew |= carry_out(writing, scenario, both.known_engines(scenario), store=calls / f"{side}.sqlite")
        scenario = self.predictor.plan.scenario
        predicting = ahead_of_expected(self.rounds, anew, self.predictor)
        found = carry_out(predicting, scenario, both.known_engines(scenario), store=calls / "predicted.sqlite")
        by_side = found.pivot(index="round_id", columns="arm", values=list(_PREDICTED))
        by_side = by_side.reindex(columns=pd.MultiIndex.from_product([_PREDICTED, SIDES]))
        leads = {name: by_side[name, "change"] - by_side[name, "base"] for name in _PREDICTED}
        return pd.DataFrame(leads).reset_index()


def _row(measure: Measure, scores: pd.DataFrame, simulated: Estimate) -> PeopleRow:
    """A round of which nothing could be predicted counts by its answers."""
    base, change = sides(scores, measure, EVERYBODY)
    rated = ~np.isnan(change - base)
    ahead = scores["lowest" if measure.bare in _OF_LOWEST else "mean"].to_numpy(dtype=np.float64)[rated]
    found = powered((change - base)[rated], np.nan_to_num(ahead), pd.factorize(scores["session_id"][rated])[0])
    return PeopleRow(measure, found, simulated, len(ahead), int(np.isnan(ahead).sum()))


def _is_rated(measure: Measure, run: Run) -> bool:
    """True of a scale that people were asked, and of all that is made of agreement; not of the truth."""
    return not measure.is_true and (measure.bare in run.scales or measure.bare not in SCALES)


# --- what is written -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PeopleRecord:
    """A row of ``people``: a difference among people, with its interval and that of the estimate with predictions.

    both: with predictions; ahead, r, worth: see `Powered`; n_rounds, n_unpredicted: see `PeopleRow`.
    """

    measure: str
    unit: str
    people: float
    people_low: float | None
    people_high: float | None
    both: float | None
    both_low: float | None
    both_high: float | None
    simulated: float
    simulated_low: float | None
    simulated_high: float | None
    ahead: float | None
    r: float | None
    worth: float | None
    groups: int
    n_rounds: int
    n_unpredicted: int


def people_records(people: DifferencesAmongPeople) -> list[PeopleRecord]:
    """Differences among people as flat rows."""
    return [_people_record(row) for row in people.rows]


def _people_record(row: PeopleRow) -> PeopleRecord:
    found = row.people
    alone, both, simulated = map(_ends, (found.alone, found.both, row.simulated))
    return PeopleRecord(
        measure=row.measure.name,
        unit=row.measure.unit,
        people=found.alone.value,
        people_low=alone[0],
        people_high=alone[1],
        both=_value(found.both),
        both_low=both[0],
        both_high=both[1],
        simulated=row.simulated.value,
        simulated_low=simulated[0],
        simulated_high=simulated[1],
        ahead=_value(found.ahead),
        r=_value(found.r),
        worth=found.worth,
        groups=found.alone.n,
        n_rounds=row.n_rounds,
        n_unpredicted=row.n_unpredicted,
    )


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.value


def _ends(estimate: Estimate | None) -> tuple[float | None, float | None]:
    return (None, None) if estimate is None or estimate.interval is None else estimate.interval


def people_document(people: DifferencesAmongPeople) -> dict[str, Any]:
    """For other programs."""
    return {
        "name": people.name,
        "folder": str(people.folder),
        "arms": dict(people.arms),
        "scorer": people.scorer,
        "times": people.times,
        "differences": [asdict(record) for record in people_records(people)],
    }
