"""Stages beyond those of the usual round, and that they leave the others as they are."""

from __future__ import annotations

import numpy as np
import pytest

AGAIN = ["position", "opinion", "rating", "position_again"]
STEADY = {"participants": {"behaviour": {"dropout_per_hour": 0}}, "seed": 4}


def studied(simulate, stages, *, groups=6, rounds=1, participants=None, **design):
    people = participants or STEADY["participants"]
    return simulate(
        seed=4, participants=people, design={"groups": groups, "rounds": rounds, "stages": stages, **design}
    )


@pytest.fixture(scope="module")
def again(simulate):
    return studied(simulate, AGAIN, rounds=2)


def by_person(frame):
    return frame.set_index(["round_id", "participant_id"]).sort_index()


# --- the position statement once more ---


def test_everybody_is_asked_twice_and_the_second_time_comes_after_all_ratings(again):
    positions = again.run.positions
    before, after = (by_person(positions[positions["moment"] == moment]) for moment in ("before", "after"))
    assert before.index.equals(after.index)
    assert len(before) == 6 * 5 * 2
    rated = by_person(again.run.ratings)["at"].groupby(level=[0, 1])
    assert (before["at"] < rated.min()).all()
    assert (after["at"] > rated.max()).all()


def test_it_has_a_screen_of_its_own_at_the_time_of_its_record(again):
    screens = by_person(again.run.screens.query("screen == 'position_again'"))
    after = by_person(again.run.positions.query("moment == 'after'"))
    assert screens["left_at"].equals(after["at"].rename("left_at"))
    assert np.allclose(screens["left_at"] - screens["entered_at"], after["seconds"])


def test_what_people_hold_is_recorded_once(again):
    truth = again.truth("positions")
    assert len(truth) == 6 * 5 * 2
    assert not truth.duplicated(["round_id", "participant_id"]).any()


def test_the_other_stages_of_a_round_are_what_they_are_without_it(simulate):
    """In the first round: later ones begin later, when people are more tired."""
    usual, longer = studied(simulate, AGAIN[:3]).run, studied(simulate, AGAIN).run
    assert usual.first_positions.equals(longer.first_positions)
    for name in ("opinions", "candidates", "selections", "ratings"):
        assert usual.frame(name).equals(longer.frame(name))


def test_changes_are_noise_about_nothing(simulate):
    """No persuasion: over 500 people the mean change lies within 4 of its standard errors (false alarm: 1 in 16,000)."""
    run = studied(simulate, AGAIN, groups=100).run
    ratings = run.positions.dropna(subset="rating").pivot(
        index=["round_id", "participant_id"], columns="moment", values="rating"
    )
    change = (ratings["after"] - ratings["before"]).dropna()
    assert len(change) > 450
    assert 0 < change.abs().mean() < 2
    assert abs(change.mean()) < 4 * change.std() / np.sqrt(len(change))
    assert ratings.corr().loc["before", "after"] > 0.5


def test_without_noise_nothing_changes(simulate):
    quiet = {"behaviour": {"dropout_per_hour": 0}, "response_style": {"noise_median": 1e-9, "careless_share": 0}}
    quiet["response_style"]["careless_onset_per_hour"] = 0
    positions = studied(simulate, AGAIN, rounds=2, participants=quiet).run.positions
    before, after = (by_person(positions[positions["moment"] == moment])["rating"] for moment in ("before", "after"))
    assert before.equals(after)


def test_it_has_a_limit_of_its_own(simulate):
    run = studied(simulate, AGAIN, limits={"position_again": 0.5}).run
    after = run.positions.query("moment == 'after'")
    assert after["rating"].isna().all()
    assert set(after["missing"]) == {"time_limit"}
    assert run.first_positions["rating"].notna().all()
    assert run.rounds["complete"].all()


def test_who_leaves_on_it_has_no_second_position(simulate):
    slow = {"behaviour": {"dropout_per_hour": 2}, "tempo": {"decision_seconds": 60}}
    limits = {"position_again": 600}
    run = studied(simulate, AGAIN, groups=20, participants=slow, limits=limits, tolerated_losses=3).run
    screens = by_person(run.screens.query("screen == 'position_again'"))
    gone = screens.index.difference(by_person(run.positions.query("moment == 'after'")).index)
    outcomes = run.participants.set_index("participant_id")["outcome"]
    assert len(gone)
    assert {outcomes[who] for _, who in gone} <= {"dropped_out", "group_ended"}
