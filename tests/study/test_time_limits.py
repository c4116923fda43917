"""What is not done by the time limit is left undone: cut short, missing, or not there; never invented."""

from __future__ import annotations

import pytest

STEADY = {"participants": {"behaviour": {"dropout_per_hour": 0}}, "seed": 2}
SMALL = {"groups": 3, "rounds": 1, "omissions": [0, 1]}
ARMS = [
    {"arm": "reader", "generator": {"kind": "scripted", "samples": 3}, "scorer": "reader"},
    {"arm": "oracle", "generator": {"kind": "scripted", "samples": 3}, "scorer": "oracle"},
]


def limited(simulate, **limits):
    return simulate(**STEADY, design={**SMALL, "limits": limits}, mediators=ARMS, model=True).run


@pytest.fixture(scope="module")
def free(simulate):
    return limited(simulate, opinion=100_000, position=100_000, rating=100_000)


def test_without_pressure_nothing_is_cut(free):
    assert not free.screens["timed_out"].any()
    assert not free.opinions["cut_short"].any()
    assert free.ratings["missing"].isna().all()


@pytest.mark.parametrize("limit", [40, 90, 150])
def test_a_short_limit_cuts_opinions_off(simulate, free, limit):
    """What is sent is the beginning of what would have been, as much as was typed by then."""
    run = limited(simulate, opinion=limit)
    whole = free.opinions.set_index("opinion_id")
    cut = run.opinions[run.opinions["cut_short"]]
    assert len(cut) > 3
    for row in run.opinions.to_dict("records"):
        words = row["text"].split()
        full = whole.loc[row["opinion_id"], "text"].split()
        assert words == full[: len(words)]
        assert row["n_words"] == len(words) > 0
        assert row["seconds"] == pytest.approx(limit) if row["cut_short"] else len(words) == len(full)
        seconds = whole.loc[row["opinion_id"], "seconds"]
        assert row["cut_short"] == (seconds > limit)
        if row["cut_short"]:
            assert len(words) <= len(full) * limit / seconds  # thinking comes first
    screens = run.screens.query("screen == 'opinion'").set_index("participant_id")
    silent = set(screens.index) - set(run.opinions["participant_id"])
    assert screens.loc[sorted(silent), "timed_out"].all()
    assert run.rounds["n_opinions"].sum() == len(run.opinions)


def test_more_time_gives_more_words(simulate):
    words = [limited(simulate, opinion=limit).opinions["n_words"].sum() for limit in (40, 90, 150)]
    assert words == sorted(set(words))


def test_a_round_without_any_opinion_goes_on(simulate):
    """The mediators have nothing to work from: no request, no statement, nothing to rate; the session finishes."""
    run = limited(simulate, opinion=0.5)
    assert len(run.opinions) == len(run.candidates) == len(run.selections) == len(run.ratings) == 0
    assert run.rounds["complete"].all()
    assert (run.rounds["n_opinions"] == 0).all()
    assert run.mediations[["n_requests", "tokens_in", "tokens_out"]].to_numpy().sum() == 0
    assert set(run.participants.dropna(subset="session_id")["outcome"]) == {"finished"}


def test_one_opinion_is_not_left_out(simulate):
    """With an omission of 1 a round with a single opinion has only the set of statements that rests on it."""
    for seed in range(20):
        design = {"groups": 4, "group_sizes": [3], "rounds": 2, "omissions": [0, 1], "limits": {"opinion": 12}}
        run = simulate(**{**STEADY, "seed": seed}, design=design).run
        single = run.rounds.loc[run.rounds["n_opinions"] == 1, "round_id"]
        if len(single):
            break
    made = run.candidates[run.candidates["round_id"].isin(single)]
    assert len(made) == 2 * len(single)
    assert set(made["omitted"]) == {0}


def test_ratings_not_given_in_time_are_missing(simulate):
    run = limited(simulate, rating=0.5, position=0.5)
    assert (run.ratings["missing"] == "time_limit").all()
    assert run.ratings[["agreement", "quality"]].isna().all(axis=None)
    assert run.positions["rating"].isna().all()
    assert set(run.ratings["seconds"].round(9)) == {0.5}
    some = limited(simulate, rating=15).ratings
    assert 0 < some["agreement"].isna().mean() < 1


@pytest.mark.parametrize("screen", ["screening", "consent", "instructions", "debrief"])
def test_every_screen_has_its_limit(simulate, screen):
    run = limited(simulate, **{screen: 3})
    seen = run.screens[run.screens["screen"] == screen]
    assert seen["timed_out"].all()
    assert ((seen["left_at"] - seen["entered_at"]).round(6) == 3).all()


def test_who_leaves_an_opinion_blank_takes_part_in_all_else(simulate):
    """Of 30 opinions .4 are blank: from 1 to 25 are, but for once in a million times."""
    behaviour = {"dropout_per_hour": 0, "no_opinion": 0.4}
    run = simulate(participants={"behaviour": behaviour}, seed=2, design={**SMALL, "groups": 6, "omissions": [0]}).run
    assert 5 <= len(run.opinions) < 30 == len(run.positions)
    assert not run.screens.query("screen == 'opinion'")["timed_out"].any()
    assert run.rounds["n_opinions"].sum() == len(run.opinions)
    assert run.ratings["participant_id"].nunique() == 30
