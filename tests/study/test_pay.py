"""Pay by kind: worked by hand for one person, and against the tables for a study in which people leave in every way."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcons.analysis.people import cost
from simcons.errors import ScenarioError
from simcons.records import Outcome
from simcons.report.outlook import pay_in_words
from simcons.report.people import cost_sentence, pay_sentence
from simcons.scenario.files import parse
from simcons.scenario.pay import Earned, PaySettings

EVERYTHING = {
    **{"gbp_per_hour": 6, "gbp_per_session": 12, "gbp_per_screen": 0.05, "gbp_bonus": 2},
    **{"dropouts": 0.25, "gbp_sent_away": 0.1},
}
LEAVING = {
    "seed": 3,
    "design": {
        **{"groups": 12, "launch_groups": 12, "group_sizes": [4, 3], "rounds": 2},
        "stages": ["position", "opinion", "rating", "ranking", "position_again"],
    },
    "participants": {"behaviour": {"dropout_per_hour": 1.5, "screen_out": 0.2, "recruit_factor": 2}},
}
OUTCOMES = {
    "finished": Earned(time=3.0, session=12.0, screens=2.0, bonus=2.0),
    "group_ended": Earned(time=3.0, session=12.0, screens=2.0),
    "dropped_out": Earned(time=0.75, session=3.0, screens=0.5),
    "turned_away": Earned(time=3.0, sent_away=0.1),
    "screened_out": Earned(sent_away=0.1),
    "no_show": Earned(),
    "declined": Earned(),
    "gave_up_waiting": Earned(),
}


@pytest.mark.parametrize("outcome", get_args(Outcome))
def test_half_an_hour_and_forty_screens_by_outcome(outcome):
    pay = PaySettings(**EVERYTHING)
    seconds = 1800 * pay.paid_share_of_time(outcome)
    assert asdict(pay.earned(outcome, seconds, n_screens=40)) == pytest.approx(asdict(OUTCOMES[outcome]))


@pytest.mark.parametrize(
    ("given_pay", "gbp"),
    [
        ({}, 7.5),
        ({"platform_fee": 0.4}, 7.5),
        ({"gbp_sent_away": 1}, 7.5),
        ({"gbp_per_hour": 9}, 4.5),
        ({"gbp_per_session": 10}, 10.0),
        ({"gbp_per_screen": 0.1}, 4.0),
        ({"gbp_bonus": 3}, 3.0),
        ({"gbp_per_hour": 15, "gbp_bonus": 3}, 10.5),
        ({"gbp_per_session": 10, "gbp_per_screen": 0.1}, 14.0),
        ({"gbp_per_session": 0}, 0.0),  # volunteers
        ({"gbp_per_hour": 0}, 0.0),
    ],
)
def test_an_hourly_rate_is_the_default_only_where_nothing_else_is_given(given_pay, gbp):
    pay = PaySettings(**given_pay)
    assert pay.earned("finished", 1800, n_screens=40).total == pytest.approx(gbp)
    assert PaySettings(**pay.model_dump()) == pay  # as a run folder keeps it


@pytest.mark.parametrize(("dropouts", "gbp"), [(False, 0.0), (True, 10.0), (0, 0.0), (1, 10.0), (0.3, 3.0)])
def test_what_people_get_who_drop_out(dropouts, gbp):
    pay = PaySettings(gbp_per_session=10, gbp_bonus=5, dropouts=dropouts)
    assert pay.earned("dropped_out", 100).total == pytest.approx(gbp)


@pytest.fixture(scope="module")
def leaving(simulate):
    return simulate(**LEAVING, pay=EVERYTHING)


def with_manifest(simulated):
    return replace(simulated.run, manifest={"scenario": simulated.scenario.model_dump()})


def test_everyone_is_paid_by_what_the_tables_say_of_them(leaving):
    run = leaving.run
    answers = Counter(run.positions.dropna(subset=["rating"])["participant_id"])
    answers += Counter(run.opinions["participant_id"])
    answers += Counter(run.ratings.dropna(subset=["agreement", "quality"])["participant_id"])
    rankings = run.rankings.dropna(subset=["rank"]).drop_duplicates(["participant_id", "round_id"])
    assert 0 < len(rankings) < len(run.rankings)
    answers += Counter(rankings["participant_id"])
    people = run.participants
    assert set(people["outcome"]) >= {"finished", "group_ended", "dropped_out", "screened_out", "turned_away"}
    for row in people.to_dict("records"):
        share = {"finished": 1, "group_ended": 1, "dropped_out": 0.25}.get(row["outcome"], 0)
        expected = row["paid_seconds"] / 600 + share * (12 + 0.05 * answers[row["participant_id"]])
        expected += 2 * (row["outcome"] == "finished") + 0.1 * (row["outcome"] in ("screened_out", "turned_away"))
        assert row["pay_gbp"] == pytest.approx(expected), row
        assert row["fee_gbp"] == pytest.approx(0.333 * row["pay_gbp"])
    dropped = people[people["outcome"] == "dropped_out"].set_index("participant_id")
    consented = run.screens[run.screens["screen"] == "consent"].set_index("participant_id")["left_at"]
    stayed = dropped["left_at"] - consented[dropped.index]
    assert dropped["paid_seconds"].to_numpy() == pytest.approx(0.25 * stayed.to_numpy())


def test_the_study_is_the_same_whatever_is_paid(simulate, leaving):
    plain, paid = simulate(**LEAVING).files(), leaving.files()
    assert [name for name in plain if plain[name] != paid[name]] == ["participants"]


amounts = st.floats(0, 100, allow_nan=False)


@given(
    pay=st.builds(
        PaySettings,
        **dict.fromkeys(("gbp_per_hour", "gbp_per_session", "gbp_per_screen", "gbp_bonus", "gbp_sent_away"), amounts),
        dropouts=st.floats(0, 1) | st.booleans(),
    ),
    people=st.lists(
        st.tuples(st.sampled_from(get_args(Outcome)), st.floats(0, 7200), st.integers(0, 200)), max_size=12
    ),
)
def test_what_people_earn_one_by_one_is_what_they_earn_together_and_its_parts_add_up(pay, people):
    one_by_one = sum(pay.earned(outcome, seconds, n_screens=n).total for outcome, seconds, n in people)
    together = 0.0
    for outcome in get_args(Outcome):
        of = [person for person in people if person[0] == outcome]
        earned = pay.earned(
            outcome, sum(seconds for _, seconds, _ in of), n_people=len(of), n_screens=sum(n for *_, n in of)
        )
        assert sum(asdict(earned).values()) == pytest.approx(earned.total)
        together += earned.total
    assert together == pytest.approx(one_by_one)


def test_the_summary_says_what_pay_was_for_and_the_parts_add_up(leaving):
    spent = cost(with_manifest(leaving))
    assert set(spent.parts) == {"time", "session", "screens", "bonus", "sent_away"}
    assert all(spent.parts.values())
    assert (
        sum(spent.parts.values())
        == pytest.approx(spent.pay)
        == pytest.approx(leaving.run.participants["pay_gbp"].sum())
    )
    finished = leaving.run.participants.query("outcome == 'finished'")
    assert spent.finished_per_hour == pytest.approx(3600 * finished["pay_gbp"].sum() / finished["paid_seconds"].sum())
    text = pay_sentence(spent)
    shown = [float(word.strip(",;").lstrip("£").replace(",", "")) for word in text.split() if word.startswith("£")]
    assert len(shown) == 6
    assert sum(shown[:-1]) == pytest.approx(round(spent.pay, 2), abs=1e-6)
    assert f"bonuses £{2 * len(finished):,.2f}, people screened out or turned away £" in text
    assert text.endswith(" an hour for those who finished")
    assert "time" not in cost_sentence(spent)


def test_pay_by_the_hour_alone_needs_no_parts(simulate):
    spent = cost(with_manifest(simulate(design={"groups": 1, "rounds": 1})))
    assert spent.finished_per_hour == pytest.approx(15)
    assert spent.parts == {**dict.fromkeys(spent.parts, 0.0), "time": pytest.approx(spent.pay)}
    assert pay_sentence(spent) == ""


def test_volunteers_cost_nothing(simulate):
    spent = cost(with_manifest(simulate(design={"groups": 1, "rounds": 1}, pay={"gbp_per_session": 0})))
    assert (spent.total, spent.finished_per_hour) == (0, 0)
    assert pay_sentence(spent) == ""
    assert pay_in_words(PaySettings(gbp_per_session=0)) == "nothing"


def test_pay_in_words():
    assert pay_in_words(PaySettings(gbp_per_session=12, gbp_bonus=2)) == "£12.00 a session + £2.00 for finishing"
    assert pay_in_words(PaySettings(**EVERYTHING)) == (
        "£6.00 an hour + £12.00 a session + £0.05 an answered screen + £2.00 for finishing; people who drop out get 25% of all"
        " but the bonus; people screened out or turned away get £0.10"
    )


@pytest.mark.parametrize("key", ["gbp_per_hour", "gbp_per_session", "gbp_per_screen", "gbp_bonus", "gbp_sent_away"])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-1, "value -1: expected a number of at least 0"),
        (float("nan"), "value nan: expected a number"),
        (float("inf"), "value inf: expected a number of at most 100,000"),
        ("12:30", "value '12:30': expected a number"),
        (True, "value true: expected a number"),
        (None, "value null: expected a number"),
    ],
)
def test_bad_amounts_are_told_in_a_line(key, value, said):
    with pytest.raises(ScenarioError) as caught:
        parse(PaySettings, {key: value}, source="s.yaml")
    assert str(caught.value) == f"s.yaml: {key}: {said}"


@pytest.mark.parametrize("value", [2, -0.1, "yes", float("nan"), None])
def test_bad_shares_are_told_in_a_line(value):
    with pytest.raises(ScenarioError, match=r"^s\.yaml: dropouts: value .*: expected a number.* or true or false$"):
        parse(PaySettings, {"dropouts": value}, source="s.yaml")
