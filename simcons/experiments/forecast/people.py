"""What a few people's ratings say of the groups that a study takes, and what ratings predicted for them would save."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from simcons.analysis.prediction_powered import Powered, powered
from simcons.analysis.rated import Rated
from simcons.analysis.resampling import SIGNIFICANT
from simcons.engines.acts import run_act
from simcons.errors import InputError
from simcons.experiments.few_people import (
    FewPeople,
    PeopleSettings,
    Predictor,
    Slates,
    Writer,
    ahead_of_expected,
    load_people,
    people_rounds,
    write_anew,
)
from simcons.experiments.forecast.power import FEWEST, groups_for
from simcons.experiments.power.sizes import Needed
from simcons.mediator.own import asks_engines
from simcons.scenario.study import Scenario


@dataclass(frozen=True, slots=True)
class PeoplePower:
    """One arm over another among people, in points of mean agreement.

    alone: groups of people that find the difference with probability `power.POWER`; predicted: with ratings predicted for them,
    None where these do not help or a model would have to be asked.
    """

    arm: str
    against: str
    alpha: float
    found: Powered
    alone: Needed
    predicted: Needed | None


@dataclass(frozen=True, slots=True)
class PowerAmongPeople:
    """What a few people say. asked: whether the arms could be asked again, as none needs a model."""

    name: str
    scorer: str
    asked: bool
    comparisons: tuple[PeoplePower, ...]


def power_among_people(scenario: Scenario, settings: PeopleSettings) -> PowerAmongPeople:
    """The first arm against each other one that people rated. Raises InputError, also where too few groups rated both."""
    people = load_people(settings.folder, [arm.arm for arm in scenario.mediators], settings.arms)
    asked = not asks_engines(scenario)
    ahead = _ahead(people, scenario, settings) if asked else None
    first, *others = people.arms
    alpha = SIGNIFICANT / len(others)
    found = [_compared(first, other, _rounds(people, ahead, first, other), alpha) for other in others]
    if not any(found):
        raise InputError(
            f"people {settings.folder}: expected {FEWEST} groups or more that rated {people.arms[first]} and another arm in a"
            " round, and did not all rate them alike"
        )
    return PowerAmongPeople(people.name, settings.scorer, asked, tuple(each for each in found if each is not None))


def _ahead(people: FewPeople, scenario: Scenario, settings: PeopleSettings) -> pd.DataFrame:
    """By how much more is predicted of what people saw than of what an arm writes anew: a row a round, a column an arm."""
    predictor = Predictor.of(scenario, settings.scorer)
    rounds = list(people_rounds(people, predictor.plan))
    anew: Slates = {}
    for arm in people.arms:
        anew |= run_act(write_anew(rounds, arm, Writer.of(scenario, arm), times=settings.times), {})
    found = run_act(ahead_of_expected(rounds, anew, predictor), {})
    return found.pivot(index="round_id", columns="arm", values="mean")


def _rounds(people: FewPeople, ahead: pd.DataFrame | None, first: str, other: str) -> pd.DataFrame:
    """A row a round that people rated both in: session_id, lead, and ahead, 0 where nothing is predicted."""
    scores = Rated.of_run(people.run).rounds().set_index(["session_id", "round_id", "arm"])["mean"].unstack()
    lead = (scores[people.arms[first]] - scores[people.arms[other]]).dropna().rename("lead").reset_index()
    if ahead is None or not {first, other} <= set(ahead):
        return lead.assign(ahead=0.0)
    return lead.assign(ahead=lead["round_id"].map(ahead[first] - ahead[other]).fillna(0.0))


def _compared(first: str, other: str, rounds: pd.DataFrame, alpha: float) -> PeoplePower | None:
    """None for too few groups, or where they do not differ."""
    of_groups = rounds.groupby("session_id")["lead"].mean().to_numpy()
    if len(of_groups) < FEWEST or of_groups.min() == of_groups.max():
        return None
    found = powered(rounds["lead"], rounds["ahead"], pd.factorize(rounds["session_id"])[0])
    alone = groups_for(of_groups, found.both or found.alone, alpha)
    predicted = groups_for(of_groups, found.both, alpha, r=found.r) if found.both and found.r else None
    return PeoplePower(first, other, alpha, found, alone, predicted)
