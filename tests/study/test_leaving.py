"""People who leave: how often, when a group goes on without them, and who is paid."""

from __future__ import annotations

import numpy as np
import pytest

BRIEF = [{"arm": "one", "generator": {"kind": "scripted", "samples": 1}, "select": 1}]
LONGER = [{"arm": "six", "generator": {"kind": "scripted", "samples": 6}, "select": 6}]
PER_HOUR, FACTOR = 2.0, 3.0
LEAVING = {
    "design": {"groups": 60, "launch_groups": 60, "group_sizes": [5, 3], "rounds": 2},
    "participants": {"behaviour": {"dropout_per_hour": PER_HOUR, "dropout_waiting_factor": FACTOR}},
    "latency": {"kind": "drawn", "median_seconds": 60},
    "mediators": LONGER,
}


PAIRS = {
    "design": {
        **{"groups": 80, "launch_groups": 80, "group_sizes": [2], "tolerated_losses": 0},
        **{"rounds": 1, "passes": 1},
    },
    "participants": {"behaviour": {"dropout_per_hour": 1.5}, "tempo": {"reading_wpm": 40}},
    "mediators": LONGER,
}


@pytest.fixture(scope="module")
def leaving(simulate):
    return simulate(seed=3, **LEAVING)


@pytest.fixture(scope="module")
def pairs(simulate):
    """Two and two: the group ends with the first who leaves before both have rated."""
    return simulate(seed=3, **PAIRS)


def in_session(run):
    return run.participants[run.participants["session_id"].notna()]


def left_in(run):
    """Each drop-out's last screen."""
    dropped = run.participants.query("outcome == 'dropped_out'")["participant_id"]
    screens = run.screens[run.screens["participant_id"].isin(dropped)]
    return screens.sort_values(["entered_at", "left_at"]).groupby("participant_id").last()


def test_people_leave_at_the_hazard_given_and_faster_while_waiting(leaving):
    """Drop-outs less hazard x time at risk is a martingale of variance hazard x time; |z| < 4.5 is missed by a right
    simulator with probability 7e-6 for each of the two kinds of screen.
    """
    run = leaving.run
    screens = run.screens[run.screens["session_id"].notna()]
    waiting = screens["screen"].isin(["wait_slate", "wait_round"])
    hours = (screens["left_at"] - screens["entered_at"]) / 3600
    left_waiting = left_in(run)["screen"].isin(["wait_slate", "wait_round"])
    for at_risk, count, hazard in (
        (hours[waiting].sum(), left_waiting.sum(), PER_HOUR * FACTOR),
        (hours[~waiting].sum(), (~left_waiting).sum(), PER_HOUR),
    ):
        assert count > 25
        assert abs(count - hazard * at_risk) < 4.5 * np.sqrt(hazard * at_risk)


def hazard_used(run, factor):
    """Hazard gathered by each person in their session, waiting counted ``factor`` times."""
    screens = run.screens[run.screens["session_id"].notna()]
    weight = np.where(screens["screen"].isin(["wait_slate", "wait_round"]), factor, 1.0)
    return ((screens["left_at"] - screens["entered_at"]) * weight).groupby(screens["participant_id"]).sum()


def test_how_much_people_can_take_is_their_own(simulate, leaving):
    """Where a slower mediator makes everyone wait longer, those who leave do so after the same hazard as before."""
    slower = simulate(seed=3, **{**LEAVING, "latency": {"kind": "drawn", "median_seconds": 200}})
    one, other = (hazard_used(simulated.run, FACTOR)[left_in(simulated.run).index] for simulated in (leaving, slower))
    both = one.index.intersection(other.index)
    assert len(both) > 50
    assert np.allclose(one[both], other[both])


@pytest.mark.parametrize("name", ["leaving", "pairs"])
def test_a_group_goes_on_while_it_has_lost_no_more_than_it_may(request, name):
    """5 go on as 4, 3 as 2, 2 not at all; at the loss after that everyone else leaves with the screen they are on, or at
    once where they wait. Who has rated everything is not stopped any more.
    """
    simulated = request.getfixturevalue(name)
    run, design = simulated.run, simulated.scenario.design
    last = left_in(run)["left_at"]
    sessions, waits = run.sessions.set_index("session_id"), ["wait_slate", "wait_round"]
    ended = went_on = after_rating = 0
    for session_id, people in in_session(run).groupby("session_id"):
        session = sessions.loc[session_id]
        losses = sorted(last[who] for who in people["participant_id"] if who in last)
        rated_at = run.rounds.loc[(run.rounds["session_id"] == session_id) & run.rounds["complete"], "ended_at"]
        whole = len(rated_at) == design.rounds
        assert session["n_rounds"] == len(rated_at)
        assert session["outcome"] == ("finished" if whole else "ended_early")
        assert session["ended_at"] == people["left_at"].max()
        in_time = [at for at in losses if not whole or at <= rated_at.max()]
        assert whole == (len(in_time) <= design.tolerated_losses)
        outcomes = set(people["outcome"])
        if whole:
            assert outcomes <= {"finished", "dropped_out"}
            went_on += len(in_time)
            after_rating += len(losses) > design.tolerated_losses and "finished" in outcomes
            continue
        ended += 1
        fatal = in_time[design.tolerated_losses]
        assert "finished" not in outcomes
        screens = run.screens[run.screens["session_id"] == session_id]
        assert not (screens["entered_at"] > fatal).any()
        assert not (screens.loc[screens["screen"].isin(waits), "left_at"] > fatal).any()
    assert ended > 5
    assert went_on > 3 if name == "leaving" else after_rating > 0


def test_nobody_waits_for_one_who_has_left(simulate):
    """Groups of eight, quick and slow, that go on as long as two are left: where the last one missing leaves, the others
    go on at that moment, after the opinions as after the ratings.
    """
    run = simulate(
        seed=3,
        design={"groups": 25, "launch_groups": 25, "group_sizes": [8], "tolerated_losses": 6, "rounds": 1},
        participants={
            "behaviour": {"dropout_per_hour": 5, "dropout_waiting_factor": 0},
            "tempo": {"reading_log_sd": 1, "composing_log_sd": 1},
        },
        mediators=LONGER,
    ).run
    leave = set(left_in(run)["left_at"])
    complete = run.rounds[run.rounds["complete"]]
    assert len(complete) > 10
    assert complete["opinions_at"].isin(leave).any()
    assert complete["ended_at"].isin(leave).any()


def test_nobody_is_asked_to_mediate_for_a_group_that_has_ended(simulate):
    """Also where the one who is waited for is the one whose leaving ends the group."""
    simulated = simulate(
        design={"groups": 40, "group_sizes": [3], "tolerated_losses": 0, "rounds": 1},
        participants={"behaviour": {"dropout_per_hour": 3, "dropout_waiting_factor": 0}},
        latency={"kind": "service", "capacity": 1, "median_seconds": 0.001, "log_sd": 0},
        model=True,
    )
    run = simulated.run
    ends = left_in(run).query("screen == 'opinion'")["left_at"]
    let_go = run.screens.query("screen == 'wait_slate'").groupby("left_at").size()
    assert sum(let_go.get(at, 0) == 2 for at in ends) > 0
    assert run.manifest["usage"]["requests"] == run.mediations["n_requests"].sum() > 0


@pytest.mark.parametrize("dropouts", [False, True])
def test_who_is_paid(simulate, leaving, dropouts):
    run = leaving.run if not dropouts else simulate(seed=3, **LEAVING, pay={"dropouts": True, "vat_on_fee": True}).run
    people = in_session(run)
    paid = people.groupby("outcome")["paid_seconds"].agg(["min", "max"])
    assert paid.loc["finished", "min"] > 0
    assert paid.loc["group_ended", "min"] > 0
    assert (paid.loc["dropped_out", "max"] > 0) == dropouts
    assert ((people["vat_gbp"] > 0) == ((people["pay_gbp"] > 0) & dropouts)).all()
    if dropouts:
        consented = run.screens[run.screens["screen"] == "consent"].set_index("participant_id")["left_at"]
        seconds = people["left_at"] - consented[people["participant_id"]].to_numpy()
        assert np.allclose(people["paid_seconds"], seconds)
        assert np.allclose(people["pay_gbp"], seconds / 240)  # 15 an hour
        assert np.allclose(people["fee_gbp"], 0.333 * people["pay_gbp"])
        assert np.allclose(people["vat_gbp"], 0.2 * people["fee_gbp"])


def test_nobody_leaves_without_a_hazard(simulate):
    design = {"groups": 3, "rounds": 1}
    still = simulate(design=design, participants={"behaviour": {"dropout_per_hour": 0}}, mediators=BRIEF).run
    assert set(in_session(still)["outcome"]) == {"finished"}
    assert still.rounds["complete"].all()
