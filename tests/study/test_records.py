"""What every run must satisfy, checked on studies of several shapes: who saw what, when, and what was recorded of it."""

from __future__ import annotations

import re
from itertools import chain, pairwise

import numpy as np
import pytest
from scipy import stats

from simcons.study.plan import make_plan

LETTER = {
    **{"screening": "s", "consent": "c", "lobby": "l", "instructions": "i", "position": "p", "opinion": "o"},
    **{"wait_slate": "w", "rating": "r", "wait_round": "v", "debrief": "d"},
    **{"ranking": "k", "position_again": "a"},
}
ARMS = [
    {"arm": "first", "generator": {"kind": "scripted", "samples": 4}, "select": 2},
    {"arm": "reader", "generator": {"kind": "scripted", "samples": 4}, "scorer": "reader", "select": 2},
    {"arm": "oracle", "generator": {"kind": "scripted", "samples": 4, "skill": 0.9}, "scorer": "oracle"},
]
STUDIES = {
    "plain": {
        "design": {"groups": 5, "group_sizes": [4, 5], "rounds": 3, "omissions": [0, 1]},
        "participants": {"behaviour": {"dropout_per_hour": 0}},
        "mediators": ARMS,
    },
    "leaving": {
        "design": {"groups": 8, "group_sizes": [4, 5], "rounds": 3, "others_opinions": True},
        "participants": {"behaviour": {"dropout_per_hour": 0.7}},
    },
    "hurried": {
        "design": {"groups": 4, "rounds": 2, "limits": {"position": 12, "opinion": 120, "rating": 13}},
        "participants": {"behaviour": {"dropout_per_hour": 0.5}},
        "model": True,
    },
    "queueing": {
        "design": {"groups": 4, "group_sizes": [3], "rounds": 2, "passes": 1, "others_opinions": True},
        "participants": {"behaviour": {"dropout_per_hour": 0.7}},
        "latency": {"kind": "service", "capacity": 1, "median_seconds": 90},
    },
    "every stage": {
        "design": {
            **{"groups": 8, "group_sizes": [4, 5], "rounds": 2, "passes": 2, "others_opinions": True},
            "stages": ["position", "opinion", "rating", "ranking", "position_again"],
            "limits": {"ranking": 45, "position_again": 8},
        },
        "participants": {"behaviour": {"dropout_per_hour": 0.5}, "response_style": {"careless_share": 0.3}},
    },
}


@pytest.fixture(scope="module", params=STUDIES)
def study(request, simulate):
    return simulate(seed=11, **STUDIES[request.param])


@pytest.fixture(scope="module")
def plain(simulate):
    return simulate(seed=11, **STUDIES["plain"])


def rows_by(frame, *columns):
    """The rows of ``frame`` as dicts, by the value of one column or the values of several."""
    grouped: dict = {}
    for row in frame.to_dict("records"):
        key = tuple(row[column] for column in columns)
        grouped.setdefault(key if len(key) > 1 else key[0], []).append(row)
    return grouped


def screens_of(run):
    """Each participant's screens by time of entering."""
    return {
        who: sorted(rows, key=lambda row: (row["entered_at"], row["left_at"]))
        for who, rows in rows_by(run.screens, "participant_id").items()
    }


def test_ids_are_unique_and_refer_to_what_is_there(study):
    run = study.run
    keys = {"participants": "participant_id", "sessions": "session_id", "rounds": "round_id"}
    keys |= {"opinions": "opinion_id", "candidates": "candidate_id"}
    known = {key: set(run.frame(table)[key]) for table, key in keys.items()}
    for table, key in keys.items():
        assert len(known[key]) == len(run.frame(table)), table
    tables = {name: run.frame(name) for name in run.manifest["rows"] if "/" not in name}
    tables |= {
        name: study.truth(name.removeprefix("truth/")) for name in run.manifest["rows"] if name.startswith("truth/")
    }
    for name, table in tables.items():
        assert len(table) == run.manifest["rows"][name]
        for key, ids in known.items():
            if key in table:
                assert set(table[key].dropna()) <= ids, (name, key)
    for row in run.candidates.to_dict("records"):
        assert set(row["opinion_ids"]) <= {i for i in known["opinion_id"] if i.startswith(row["round_id"])}
    doubles = (
        ["ratings", ["participant_id", "candidate_id", "pass_index"]],
        ["rankings", ["participant_id", "candidate_id"]],
        ["positions", ["participant_id", "round_id", "moment"]],
    )
    for name, columns in doubles:
        assert not tables[name].duplicated(columns).any()


def test_every_recruit_is_accounted_for_once(study):
    run = study.run
    people = run.participants
    sizes = people.groupby("session_id").size()
    sessions = run.sessions.set_index("session_id")
    assert sizes.to_dict() == sessions["group_size"].to_dict()
    assert set(sessions["group_size"]) <= set(study.scenario.design.group_sizes)
    assert len(sessions) == study.scenario.design.groups
    in_session = {"finished", "dropped_out", "group_ended"}
    assert set(people.loc[people["session_id"].notna(), "outcome"]) <= in_session
    assert not set(people.loc[people["session_id"].isna(), "outcome"]) & in_session
    finished = people[people["outcome"] == "finished"].groupby("session_id").size()
    assert sessions["n_members_left"].to_dict() == {s: int(finished.get(s, 0)) for s in sessions.index}
    wanted = [
        sessions["group_size"].iloc[(sessions["launch"] < launch).sum() :].sum() for launch in set(people["launch"])
    ]
    assert people.groupby("launch").size().tolist() == [np.ceil(places * 1.4) for places in wanted]
    personas = study.truth("personas")
    assert not personas["persona_id"].duplicated().any()
    assert [f"p{k + 1:06d}" for k in personas["persona_id"]] == personas["participant_id"].tolist()


def test_screens_come_in_order_without_gaps_and_end_as_recorded(study):
    """Letters stand for screens; whoever left early saw the beginning of what the others saw."""
    run, design = study.run, study.scenario.design
    people = {row["participant_id"]: row for row in run.participants.to_dict("records")}
    started = run.sessions.set_index("session_id")["started_at"]
    candidates = rows_by(run.candidates[run.candidates["shown"]], "round_id")
    rounds = rows_by(run.rounds, "session_id")
    screens = screens_of(run)
    for who, person in people.items():
        seen = screens.get(who, [])
        assert all(one["left_at"] == other["entered_at"] for one, other in pairwise(seen)), who
        assert all(row["left_at"] >= row["entered_at"] for row in seen)
        if person["arrived_at"] is None or np.isnan(person["arrived_at"]):
            assert (person["outcome"], seen) == ("no_show", [])
            continue
        assert person["left_at"] == (seen[-1]["left_at"] if seen else person["arrived_at"])
        path = "".join(LETTER[row["screen"]] for row in seen)
        session = person["session_id"]
        if not isinstance(session, str):
            ends = {"screened_out": "s", "declined": "sc", "gave_up_waiting": "scl", "turned_away": "(scl)?"}
            assert re.fullmatch(ends[person["outcome"]], path), (who, path)
            continue
        assert seen[3]["entered_at"] == started[session]
        slates = [
            sum(row["author_id"] != who for row in candidates.get(current["round_id"], []))
            for current in rounds[session]
        ]
        ends = {
            n: "k" * (n > 0) * ("ranking" in design.stages) + "a" * ("position_again" in design.stages) for n in slates
        }
        whole = "scli" + "".join("pow" + "r" * n * design.passes + ends[n] + "v" for n in slates) + "d"
        assert whole.startswith(path) if person["outcome"] != "finished" else whole == path, (who, path, whole)
        if person["outcome"] == "group_ended":
            assert path != whole
    assert {person["outcome"] for person in people.values()} >= {"finished"}


def test_positions_come_first_and_once_a_round(study):
    run = study.run
    screens = rows_by(run.screens[run.screens["round_id"].notna()], "participant_id", "round_id")
    positions = rows_by(run.first_positions, "participant_id", "round_id")
    assert set(positions) <= set(screens)
    for key, rows in screens.items():
        first = min(rows, key=lambda row: (row["entered_at"], row["left_at"]))
        assert first["screen"] == "position"
        if len(rows) > 1:
            (position,) = positions[key]
            assert (position["at"], position["seconds"]) == (first["left_at"], first["left_at"] - first["entered_at"])
            assert (position["missing"] == "time_limit") == first["timed_out"]
    truth = study.truth("positions")
    assert set(zip(truth["participant_id"], truth["round_id"], strict=True)) == set(positions)


def test_answers_are_on_the_scale_or_missing_with_a_reason(study):
    for table, columns in {"positions": ["rating"], "ratings": ["agreement", "quality"]}.items():
        frame = study.run.frame(table)
        for column in columns:
            assert frame[column].dropna().between(1, 7).all()
            assert (frame[column].isna() == (frame["missing"] == "time_limit")).all()
            assert str(frame[column].dtype) == "float64"
    hurried = "position" in study.scenario.design.limits.model_fields_set
    assert study.run.ratings["agreement"].isna().any() == hurried


def test_everyone_who_finished_a_round_rated_everything_on_the_slate_in_their_own_order(study):
    run, passes = study.run, study.scenario.design.passes
    slates = rows_by(run.candidates[run.candidates["shown"]], "round_id")
    screens = rows_by(run.screens[run.screens["round_id"].notna()], "participant_id", "round_id")
    ratings = rows_by(run.ratings, "participant_id", "round_id")
    complete = set(run.rounds.loc[run.rounds["complete"], "round_id"])
    done = [key for key, rows in screens.items() if any(row["screen"] == "wait_round" for row in rows)]
    assert {round_id for _, round_id in done} >= complete
    for who, round_id in done:
        shown = {row["candidate_id"] for row in slates[round_id] if row["author_id"] != who}
        by_time = sorted(ratings[who, round_id], key=lambda row: row["at"])
        assert len(by_time) == passes * len(shown)
        seen = [row for row in screens[who, round_id] if row["screen"] == "rating"]
        seen.sort(key=lambda row: row["left_at"])
        for pass_index in range(1, passes + 1):
            one = by_time[(pass_index - 1) * len(shown) : pass_index * len(shown)]
            assert {row["candidate_id"] for row in one} == shown
            assert [row["place"] for row in one] == list(range(1, len(shown) + 1))
            assert {row["pass_index"] for row in one} == {pass_index}
        for rating, screen in zip(by_time, seen, strict=True):
            for field in ("candidate_id", "pass_index"):
                assert rating[field] == screen[field]
            assert (rating["at"], rating["missing"] == "time_limit") == (screen["left_at"], screen["timed_out"])
            assert rating["seconds"] == screen["left_at"] - screen["entered_at"]


def test_everyone_who_finished_a_round_ranked_everything_on_the_slate_on_one_screen(study):
    run = study.run
    slates = rows_by(run.candidates[run.candidates["shown"]], "round_id")
    screens = rows_by(run.screens[run.screens["screen"] == "ranking"], "participant_id", "round_id")
    rankings = rows_by(run.rankings, "participant_id", "round_id")
    assert bool(rankings) == ("ranking" in study.scenario.design.stages)
    done = run.screens[run.screens["screen"].isin(["position_again", "wait_round"])]
    if rankings:
        assert set(done[["participant_id", "round_id"]].itertuples(index=False, name=None)) <= set(rankings)
        assert run.rankings["missing"].notna().any()
    for (who, round_id), rows in rankings.items():
        (screen,) = screens[who, round_id]
        shown = {row["candidate_id"] for row in slates[round_id] if row["author_id"] != who}
        assert {row["candidate_id"] for row in rows} == shown
        assert [row["place"] for row in rows] == list(range(1, len(shown) + 1))
        assert {row["at"] for row in rows} == {screen["left_at"]}
        assert {row["seconds"] for row in rows} == {screen["left_at"] - screen["entered_at"]}
        if screen["timed_out"]:
            assert {(row["missing"], np.isnan(row["rank"])) for row in rows} == {("time_limit", True)}
        else:
            ranks = sorted(row["rank"] for row in rows)
            assert ranks == [ranks.index(rank) + 1 for rank in ranks]  # ties share the lower number


def test_the_slowest_decides_when_statements_come(study):
    """The mediator is called at the last opinion, or when the last who was still writing left."""
    run = study.run
    mediations = run.mediations.set_index("round_id").to_dict("index")
    screens = rows_by(run.screens[run.screens["round_id"].notna()], "round_id")
    opinions = rows_by(run.opinions, "round_id")
    n_shown = 0
    for current in run.rounds.to_dict("records"):
        round_id = current["round_id"]
        assert current["n_opinions"] == len(opinions.get(round_id, []))
        if round_id not in mediations:
            assert np.isnan(current["slate_at"])
            assert not current["complete"]
            waits = [row["left_at"] for row in screens[round_id] if row["screen"] == "wait_slate"]
            assert np.isnan(current["opinions_at"]) or max(waits) > current["opinions_at"]  # some did wait for the call
            continue
        mediation = mediations[round_id]
        writing = [row["left_at"] for row in screens[round_id] if row["screen"] in ("position", "opinion")]
        assert current["opinions_at"] == max(writing) == mediation["submitted_at"]
        assert mediation["needed_at"] > mediation["submitted_at"] + mediation["queued_seconds"]
        if np.isnan(current["slate_at"]):
            continue
        n_shown += 1
        assert current["slate_at"] == mediation["needed_at"]
        waits = [row["left_at"] for row in screens[round_id] if row["screen"] == "wait_slate"]
        assert max(waits) == current["slate_at"]
        assert all(row["entered_at"] >= current["slate_at"] for row in screens[round_id] if row["screen"] == "rating")
        if current["complete"]:
            last = max(row["left_at"] for row in screens[round_id] if row["screen"] == "rating")
            assert last <= current["ended_at"]
            assert {row["left_at"] for row in screens[round_id] if row["screen"] == "wait_round"} >= {
                current["ended_at"]
            }
    assert n_shown > 0


def test_the_mediator_takes_the_time_the_scenario_says(simulate):
    """LogNormal(ln 50 s, .4), drawn for each of 60 mediations: Kolmogorov-Smirnov, false alarm 1e-4."""
    run = simulate(
        design={"groups": 30, "group_sizes": [2], "tolerated_losses": 0, "rounds": 2, "limits": {"opinion": 0.5}},
        participants={"behaviour": {"dropout_per_hour": 0}},
        latency={"kind": "drawn", "median_seconds": 50, "log_sd": 0.4},
    ).run
    seconds = run.mediations["needed_at"] - run.mediations["submitted_at"]
    assert len(seconds) == 60
    assert stats.kstest(np.log(seconds), "norm", (np.log(50), 0.4)).pvalue > 1e-4


def test_questions_come_up_equally_often_and_once_a_session(make_scenario):
    """Over whole decks of 12 questions dealt to four sessions of three, each deck in an order of its own."""
    plan = make_plan(make_scenario(questions={"kind": "bank", "count": 12}, design={"rounds": 3}))
    dealt = [[question.id for question in plan.questions_of(k)] for k in range(12)]
    decks = [[*chain.from_iterable(dealt[k : k + 4])] for k in (0, 4, 8)]
    assert all(sorted(deck) == sorted({question.id for question in plan.questions}) for deck in decks)
    assert decks[0] != decks[1] != decks[2]


def test_candidates_say_what_they_were_made_from(study):
    run, design = study.run, study.scenario.design
    opinions = run.opinions.set_index("opinion_id").to_dict("index")
    in_round = rows_by(run.opinions, "round_id")
    for round_id, rows in rows_by(run.candidates, "round_id").items():
        shown = sorted((row for row in rows if row["shown"]), key=lambda row: row["slate_place"])
        assert [row["slate_place"] for row in shown] == list(range(1, len(shown) + 1))
        own = [row for row in rows if row["source"] == "opinion"]
        assert len(own) == (len(in_round[round_id]) if design.others_opinions else 0)
        for row in own:
            (opinion_id,) = row["opinion_ids"]
            assert (row["text"], row["author_id"]) == (
                opinions[opinion_id]["text"],
                opinions[opinion_id]["participant_id"],
            )
        made = [row for row in rows if row["source"] == "mediator"]
        for omitted in design.omissions:
            used = {tuple(row["opinion_ids"]) for row in made if row["omitted"] == omitted}
            assert [len(ids) for ids in used] == [len(in_round[round_id]) - omitted]
            assert all(list(ids) == sorted(ids) for ids in used)  # not in the order in which they came
    picked = set(run.selections["candidate_id"])
    mediated = run.candidates[run.candidates["source"] == "mediator"]
    assert set(mediated.loc[mediated["shown"], "candidate_id"]) == picked
    per_arm = run.selections.groupby(["round_id", "arm", "omitted"]).size()
    assert set(per_arm) == {2}


def test_truth_covers_every_rating(study):
    appraised = study.truth("appraisals")
    keys = ["candidate_id", "participant_id"]
    assert not appraised.duplicated(keys).any()
    rated = set(study.run.ratings[keys].itertuples(index=False, name=None))
    assert rated <= set(appraised[keys].itertuples(index=False, name=None))


def test_scores_cover_every_opinion_used_and_candidate(plain):
    run = plain.run
    pairs = {
        generator: {
            (row["candidate_id"], opinion_id)
            for row in run.candidates.query("generator == @generator").to_dict("records")
            for opinion_id in row["opinion_ids"]
        }
        for generator in ("first", "oracle")
    }
    keys = ["candidate_id", "opinion_id"]
    assert set(run.scores[keys].itertuples(index=False, name=None)) == pairs["first"]
    oracle = plain.truth("oracle_scores")
    assert set(oracle[keys].itertuples(index=False, name=None)) == pairs["oracle"]
    assert set(run.scores["scorer"]) == {"reader"}
    truth = plain.truth("appraisals").set_index(["candidate_id", "participant_id"])["agreement"]
    assert all(truth[row.candidate_id, row.participant_id] == row.score for row in oracle.itertuples())


def orders(run, pass_index):
    """The slate places in the order seen, by participant and round."""
    slate = run.candidates.set_index("candidate_id")["slate_place"]
    rows = rows_by(run.ratings[run.ratings["pass_index"] == pass_index], "participant_id", "round_id")
    return {
        key: tuple(int(slate[row["candidate_id"]]) for row in sorted(seen, key=lambda row: row["place"]))
        for key, seen in rows.items()
    }


def test_orders_are_random_and_fresh_in_the_second_pass(plain):
    """60-odd slates of about 10 statements: any two orders agree with probability about 1/10!, false alarm below 1e-3.
    The mean place of the first statement on the slate is normal with SD sqrt((n^2 - 1) / 12 / N); false alarm 1e-5.
    """
    first, second = orders(plain.run, 1), orders(plain.run, 2)
    assert len(first) > 50
    assert len(set(first.values()) | set(second.values())) == 2 * len(first)
    for places in (first, second):
        shift = [order.index(1) - (len(order) - 1) / 2 for order in places.values()]
        variance = sum((len(order) ** 2 - 1) / 12 for order in places.values())
        assert abs(sum(shift)) < 4.4 * np.sqrt(variance)


def test_orders_as_the_design_says(simulate):
    small = {"groups": 2, "rounds": 2}
    same = simulate(design={**small, "second_pass": "same_order"}, mediators=ARMS[:1] + ARMS[2:]).run
    assert orders(same, 1) == orders(same, 2)
    assert len(set(orders(same, 1).values())) > 5
    fixed = simulate(design={**small, "slate_order": "fixed"}, mediators=ARMS).run
    for order in [*orders(fixed, 1).values(), *orders(fixed, 2).values()]:
        assert order == tuple(range(1, len(order) + 1))


def test_people_are_paid_from_consent_to_leaving(study):
    run, pay = study.run, study.scenario.pay
    consented = run.screens[run.screens["screen"] == "consent"].set_index("participant_id")["left_at"]
    for row in run.participants.to_dict("records"):
        paid = row["outcome"] in ("finished", "group_ended", "turned_away") and row["participant_id"] in consented
        seconds = row["left_at"] - consented[row["participant_id"]] if paid else 0.0
        assert row["paid_seconds"] == seconds
        assert row["pay_gbp"] == pytest.approx(seconds / 3600 * pay.gbp_per_hour)
        assert row["fee_gbp"] == pytest.approx(row["pay_gbp"] * pay.platform_fee)
        assert row["vat_gbp"] == 0
