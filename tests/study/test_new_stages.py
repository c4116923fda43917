"""The seam for stages to come: two new ones, with a gate, a slate and a second round of ratings, and no other code for them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playing import play, scenario_with

import simcons
from simcons.engines.scripted import ScriptedEngine
from simcons.storage.load import Run
from simcons.study.plan import make_plan
from simcons.study.room import Room
from simcons.study.rounds import Round
from simcons.study.screens import Process
from simcons.study.stages import STAGES
from simcons.study.stages.base import Seat, Stage
from simcons.study.stages.rating import Rating

USUAL = ["position", "opinion", "rating"]
LONGER = ["position", "opinion", "rating", "critique", "revision", "ranking", "position_again"]
ARMS = [{"arm": "one", "generator": {"kind": "scripted", "samples": 3}, "select": 2}]
REVISED = "-revised"


class Critique(Stage):
    """Members take their time over what they saw; when all have, it is there in another version."""

    def __init__(self, room: Room, current: Round) -> None:
        super().__init__(room, current)
        self._first = current.slates[-1]
        self._all_in = room.gate(current)
        self._revised = room.slate(current)

    def take_part(self, seat: Seat) -> Process:
        yield from seat.show("critique", 300 + 600 * seat.stream("critique").random(), limit=800)
        self._all_in.arrive(seat.id)

    def moderate(self) -> Process:
        yield self._all_in.opened
        if self.room.is_closed():
            return
        yield self.room.env.timeout(20)
        if not self.room.is_closed():
            revised = [replace(shown, candidate_id=f"{shown.candidate_id}{REVISED}") for shown in self._first.shown]
            self._revised.show(revised, revised)


class Revision(Rating):
    """Ratings of the other version."""


@pytest.fixture
def run_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(STAGES, "critique", Critique)
    monkeypatch.setitem(STAGES, "revision", Revision)

    def run_of(stages: list[str], dropout_per_hour: float = 0) -> Run:
        behaviour = {"dropout_per_hour": dropout_per_hour}
        scenario = scenario_with(
            design={"groups": 10}, participants={"behaviour": behaviour}, mediators=ARMS, engines={}
        )
        design = scenario.design.model_copy(update={"stages": stages})  # which no scenario file could name
        folder = tmp_path / f"{len(stages)}-{dropout_per_hour}"
        play(make_plan(scenario.model_copy(update={"design": design})), ScriptedEngine(lambda request: ""), folder)
        return simcons.load(folder)

    return run_of


def path(run: Run, who: str) -> list[str]:
    """The names of someone's screens in their first round, each stretch of one kind once."""
    screens = run.screens[(run.screens["participant_id"] == who) & run.screens["round_id"].str.endswith("-r1").eq(True)]
    names = screens.sort_values(["entered_at", "left_at"])["screen"].tolist()
    return [name for name, before in zip(names, ["", *names], strict=False) if name != before]


def test_a_new_stage_has_its_gate_its_slate_and_its_screens(run_of):
    run = run_of(LONGER)
    usual = ["position", "opinion", "wait_slate", "rating"]
    for who in run.participants.query("outcome == 'finished'")["participant_id"]:
        ends = ["critique", "wait_slate", "rating", "ranking", "position_again", "wait_round"]
        assert path(run, who) == usual + ends
    assert run.rounds["complete"].all()
    screens = run.screens[run.screens["screen"].isin(["critique", "wait_slate"])]
    for _, rows in screens.groupby("round_id"):
        last = rows.loc[rows["screen"] == "critique", "left_at"].max()
        assert rows["left_at"].max() == pytest.approx(last + 20)
    assert run.screens.query("screen == 'critique'")["timed_out"].any()


def test_statements_of_the_second_slate_are_rated_ranked_and_appraised_beside_the_first(run_of):
    run = run_of(LONGER)
    revised = run.ratings["candidate_id"].str.endswith(REVISED)
    assert revised.sum() == (~revised).sum() > 0
    assert run.rankings["candidate_id"].str.endswith(REVISED).all()
    appraised = run.truth("appraisals").set_index(["participant_id", "candidate_id"])["agreement"]
    for who, candidate in run.ratings.loc[revised, ["participant_id", "candidate_id"]].itertuples(index=False):
        assert appraised[who, candidate] == appraised[who, candidate.removesuffix(REVISED)]


def test_what_comes_before_it_is_as_it_was(run_of):
    usual, longer = run_of(USUAL), run_of(LONGER)
    for name in ("positions", "opinions", "ratings"):
        first = [run.frame(name)[run.frame(name)["round_id"].str.endswith("-r1")] for run in (usual, longer)]
        if name == "ratings":
            first[1] = first[1][~first[1]["candidate_id"].str.endswith(REVISED)]
        if name == "positions":
            first[1] = first[1][first[1]["moment"] == "before"]
        assert first[0].reset_index(drop=True).equals(first[1].reset_index(drop=True))


def test_a_group_that_becomes_too_small_leaves_it_too(run_of):
    run = run_of(LONGER, dropout_per_hour=2)
    people = run.participants[run.participants["session_id"].notna()].set_index("participant_id")
    assert {"dropped_out", "group_ended"} <= set(people["outcome"])
    last = run.screens.sort_values(["entered_at", "left_at"]).groupby("participant_id").last()
    assert (last["left_at"].reindex(people.index) == people["left_at"]).all()
    assert "critique" in set(last.loc[people.index[people["outcome"] != "finished"], "screen"])
