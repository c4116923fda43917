"""Records follow from the scenario and the seed: not from how sessions are run side by side, nor from what others do."""

from __future__ import annotations

import pytest
from playing import play, tables

from simcons.engines.scripted import ScriptedEngine
from simcons.records import TABLES, TRUTH_TABLES
from simcons.study.plan import make_plan

ARMS = [
    {"arm": "first", "generator": {"kind": "scripted", "samples": 3}, "select": 1},
    {"arm": "reader", "generator": {"kind": "scripted", "samples": 3}, "scorer": "reader", "select": 2},
]
SMALL = {"seed": 5, "design": {"groups": 4, "group_sizes": [4, 5], "rounds": 2, "omissions": [0, 1]}, "mediators": ARMS}
# Nothing that depends on how long things took: no tiring, no leaving, no end of care.
TIMELESS = {
    "response_style": {"careless_onset_per_hour": 0, "fatigue_noise": 0},
    "tempo": {"fatigue_time": 0, "fatigue_words": 0},
    "behaviour": {"dropout_per_hour": 0},
}
# No language model writes for an arm or plays people, no arm sees the truth or goes by a rule of its own, and nothing is ranked.
EMPTY = {"samples", "rankings", "failed_selections", "truth/oracle_scores", "truth/elicitations", "truth/fidelity"}
REQUESTS = 2 * 3  # of the language-model arm in a round: omissions x samples


@pytest.fixture(scope="module")
def scripted(simulate):
    return simulate(**SMALL)


@pytest.fixture(scope="module")
def model(simulate):
    return simulate(**SMALL, model=True)


def of_sessions(simulated, sessions: set[str]) -> dict[str, list[tuple]]:
    """Every row of every table that belongs to one of ``sessions``."""
    run = simulated.run
    people = {p for p, s in run.participants[["participant_id", "session_id"]].itertuples(index=False) if s in sessions}
    owner = {
        "participant_id": people,
        "session_id": sessions,
        "round_id": None,
        "candidate_id": None,
        "opinion_id": None,
    }
    rows = {}
    for name in [*TABLES, *(f"truth/{name}" for name in TRUTH_TABLES)]:
        table = simulated.truth(name.removeprefix("truth/")) if name.startswith("truth/") else run.frame(name)
        key = next(column for column in owner if column in table)
        rows[name] = [
            tuple(map(repr, row.values()))
            for row in table.to_dict("records")
            if (row[key] in owner[key] if owner[key] is not None else row[key].split("-")[0] in sessions)
        ]
    return rows


def test_the_same_scenario_gives_the_same_bytes(simulate, scripted):
    assert simulate(**SMALL).files() == scripted.files()


def test_another_seed_gives_other_records(simulate, scripted):
    other = simulate(**{**SMALL, "seed": 6}).files()
    assert {name for name, data in scripted.files().items() if other[name] == data} == EMPTY


@pytest.mark.parametrize("live", [1, 3, 1000])
def test_records_do_not_depend_on_how_many_sessions_are_live(make_scenario, tmp_path, scripted, live):
    play(make_plan(make_scenario(**SMALL)), ScriptedEngine(), tmp_path, live=live)
    assert tables(tmp_path) == scripted.files()


@pytest.mark.parametrize(("live", "batch_limit"), [(1, None), (3, 5), (256, 1), (256, 3), (256, 1000)])
def test_with_a_language_model_records_do_not_depend_on_batches(make_scenario, tmp_path, model, live, batch_limit):
    plan = make_plan(make_scenario(**SMALL, model=True))
    outcome = play(plan, ScriptedEngine(batch_limit=batch_limit), tmp_path, live=live)
    assert tables(tmp_path) == model.files()
    assert outcome.n_events == model.run.manifest["n_events"]
    assert outcome.usage.n_calls == model.run.manifest["usage"]["requests"]


def test_an_engine_batch_spans_all_live_sessions(make_scenario, tmp_path, model):
    """All four sessions are blocked at their first call, then at their second."""
    assert model.engine.batches == [4 * REQUESTS, 4 * REQUESTS]
    play(make_plan(make_scenario(**SMALL, model=True)), alone := ScriptedEngine(), tmp_path, live=1)
    assert alone.batches == [REQUESTS] * 8
    mediations = model.run.mediations
    assert set(mediations["n_requests"]) == {REQUESTS}
    candidates = model.run.candidates.query("generator == 'model'")
    for tokens in ("tokens_out", "tokens_in"):
        assert mediations[tokens].sum() == candidates[tokens].sum() == model.run.manifest["usage"][tokens]


def test_what_a_model_writes_matters_later(simulate, scripted, model):
    """The runs compared above are no empty shells: with another arm's statements to read, people take longer."""
    ends = [simulated.run.sessions["ended_at"].tolist() for simulated in (scripted, model)]
    assert all(longer > shorter for shorter, longer in zip(*ends, strict=True))


def test_an_abandoned_call_is_never_asked_for(simulate, make_scenario, tmp_path):
    """Groups that end while they wait for statements: what the engine was asked is what the records show."""
    leaving = {
        "design": {"groups": 8, "group_sizes": [3], "rounds": 2},
        "participants": {"behaviour": {"dropout_per_hour": 2, "dropout_waiting_factor": 10}},
        "latency": {"kind": "drawn", "median_seconds": 300},
    }
    simulated = simulate(**leaving, model=True)
    outcome = play(make_plan(make_scenario(**leaving, model=True)), ScriptedEngine(), tmp_path, live=1)
    assert tables(tmp_path) == simulated.files()
    assert outcome.n_events == simulated.run.manifest["n_events"]
    rounds = simulated.run.rounds
    abandoned = rounds[rounds["opinions_at"].notna() & rounds["slate_at"].isna()]
    assert len(abandoned) > 0
    assert outcome.usage.n_calls == simulated.run.mediations["n_requests"].sum()


@pytest.mark.parametrize("launch_groups", [12, 2])
def test_more_groups_leave_the_first_ones_alone(simulate, launch_groups):
    """Also where they are recruited for at the same launch, so that more people are invited to it."""
    design = {**SMALL["design"], "launch_groups": launch_groups}
    few = simulate(**{**SMALL, "design": {**design, "groups": 2}})
    many = simulate(**{**SMALL, "design": {**design, "groups": 5}})
    sessions = set(few.run.sessions["session_id"])
    assert sessions == {"s00001", "s00002"}
    before, after = of_sessions(few, sessions), of_sessions(many, sessions)
    assert {name for name, rows in before.items() if not rows} == EMPTY
    for name, rows in before.items():
        assert after[name] == rows, name


def test_a_draw_more_moves_no_other_draw(simulate):
    """Rating once or twice changes nothing about the next round but its time."""
    once, twice = (
        simulate(design={"groups": 3, "rounds": 3, "passes": passes}, participants=TIMELESS, seed=9).run
        for passes in (1, 2)
    )
    assert len(twice.ratings) == 2 * len(once.ratings)
    key = ["round_id", "participant_id"]
    for name, columns in {"positions": ["rating"], "opinions": ["text", "n_words"], "candidates": ["text"]}.items():
        frames = [run.frame(name) for run in (once, twice)]
        rows = [
            {
                tuple(row)
                for row in frame[[*(k for k in [*key, "candidate_id"] if k in frame), *columns]].to_numpy().tolist()
            }
            for frame in frames
        ]
        assert rows[0] == rows[1], name
    assert once.rounds["started_at"].tolist() != twice.rounds["started_at"].tolist()


def test_a_time_limit_moves_only_what_it_stops(simulate):
    """Nobody gets a rating done, yet positions, opinions and statements of all rounds stay as they were."""
    free, hasty = (
        simulate(design={"groups": 3, "rounds": 2, "limits": limits}, participants=TIMELESS, seed=9).run
        for limits in ({}, {"rating": 0.5})
    )
    assert hasty.ratings["agreement"].isna().all()
    for name, column in {"positions": "rating", "opinions": "text", "candidates": "text"}.items():
        values = [sorted(map(str, run.frame(name)[column])) for run in (free, hasty)]
        assert values[0] == values[1], name
    assert free.participants["arrived_at"].equals(hasty.participants["arrived_at"])


def test_arms_share_their_participants_and_noise(simulate, scripted):
    """An arm more changes no position and no opinion of the first round, and no statement of the arm before it."""
    more = simulate(
        **{**SMALL, "mediators": [*ARMS, {"arm": "third", "generator": {"kind": "scripted", "skill": 0.2}}]}
    )
    for run in (scripted.run, more.run):
        assert set(run.candidates.query("generator == 'first'")["sample"]) == {0, 1, 2}
    first = [run.opinions[run.opinions["round_id"].str.endswith("r1")] for run in (scripted.run, more.run)]
    assert first[0]["text"].tolist() == first[1]["text"].tolist()
    own = [
        run.candidates.query("generator == 'first' and round_id.str.endswith('r1')")["text"].tolist()
        for run in (scripted.run, more.run)
    ]
    assert own[0] == own[1]


@pytest.fixture(scope="module")
def coupled(simulate):
    """Five sessions that begin within minutes of one another and queue for a slow mediator."""
    design = {"groups": 5, "group_sizes": [3], "rounds": 2}
    return lambda batch_limit=None, **latency: simulate(
        design=design, latency={"median_seconds": 200, "log_sd": 0.5, **latency}, model=True, batch_limit=batch_limit
    )


@pytest.mark.parametrize("capacity", [1, 2])
def test_a_shared_service_never_serves_more_than_it_can(coupled, capacity):
    service = coupled(kind="service", capacity=capacity)
    mediations = service.run.mediations.sort_values("submitted_at").to_dict("records")
    assert len(mediations) == 10
    begins = [mediation["submitted_at"] + mediation["queued_seconds"] for mediation in mediations]
    ends = [mediation["needed_at"] for mediation in mediations]
    assert max(mediation["queued_seconds"] for mediation in mediations) > 100
    for k, begun_at in enumerate(begins):
        busy = sum(begin <= begun_at < end for begin, end in zip(begins, ends, strict=True))
        assert busy <= capacity
        # first come, first served, and no server idles while a mediation waits
        free_at = 0.0 if k < capacity else sorted(ends[:k])[-capacity]
        assert begun_at == pytest.approx(max(mediations[k]["submitted_at"], free_at))
    slate_at = service.run.rounds.set_index("round_id")["slate_at"]
    assert all(slate_at[mediation["round_id"]] == mediation["needed_at"] for mediation in mediations)


def test_coupled_sessions_do_not_depend_on_batches_either(coupled):
    runs = [coupled(kind="service", capacity=1, batch_limit=limit) for limit in (None, 1, 3)]
    assert runs[0].files() == runs[1].files() == runs[2].files()


def test_a_service_that_never_queues_is_a_drawn_latency(coupled):
    service, drawn = coupled(kind="service", capacity=1000), coupled(kind="drawn")
    assert set(service.run.mediations["queued_seconds"]) == {0.0}
    sessions = set(drawn.run.sessions["session_id"])
    for name, rows in of_sessions(drawn, sessions).items():
        assert sorted(of_sessions(service, sessions)[name]) == sorted(rows), name
