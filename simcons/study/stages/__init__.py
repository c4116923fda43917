"""The stages that a round can be made of, by the names that a scenario gives them."""

from __future__ import annotations

from collections.abc import Mapping

from simcons.scenario.stages import StageName
from simcons.study.room import Room
from simcons.study.rounds import Round
from simcons.study.stages.base import Stage
from simcons.study.stages.opinion import Opinion
from simcons.study.stages.position import Position, PositionAgain
from simcons.study.stages.ranking import Ranking
from simcons.study.stages.rating import Rating

STAGES: Mapping[StageName, type[Stage]] = {
    "position": Position,
    "opinion": Opinion,
    "rating": Rating,
    "ranking": Ranking,
    "position_again": PositionAgain,
}


def stages_of(current: Round, room: Room) -> tuple[Stage, ...]:
    """The stages of ``current``, in the scenario's order."""
    return tuple(STAGES[name](room, current) for name in room.design.stages)
