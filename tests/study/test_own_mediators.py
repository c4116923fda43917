"""Studies with pipelines of one's own: the same bytes whatever the threads do, whatever fails, and from the store."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from commands import typed
from playing import SCRIPTED_ARM, scenario_with, tables
from schedules import ScriptedStream

import simcons
from simcons.engines.scripted import ScriptedEngine, some_of_the_prompt
from simcons.errors import BudgetReached, RunFolderError, ScenarioProblems
from simcons.runs.shared import Shared
from simcons.scenario.load import scenario_from


def python(name: str, **settings: object) -> dict[str, object]:
    return {"kind": "python", "call": f"pipelines_of_ours:{name}", **settings}


def arm(name: str, **settings: object) -> dict[str, object]:
    return {"arm": name, "mediator": python(name, **settings), "select": 1}


ASKING = [arm("asking", asks=["m"]), arm("act", asks=["m"]), arm("with_threads", asks=["m"]), SCRIPTED_ARM]


def study(arms=ASKING, **parts: object):
    return scenario_with(mediators=arms, design={"groups": 4, "omissions": [0, 1]}, **parts)


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> simcons.Run:
    return simcons.run(study(), out=tmp_path_factory.mktemp("ours") / "first")


def with_threads(n: int):
    return study(
        [
            {**given, "mediator": {**given["mediator"], "threads": n}} if "mediator" in given else given
            for given in ASKING
        ]
    )


@pytest.mark.parametrize(("n", "engine"), [(1, ScriptedEngine(batch_limit=1)), (8, ScriptedStream(some_of_the_prompt))])
def test_records_are_the_same_bytes_with_one_thread_and_with_eight(first, tmp_path, n, engine):
    random.seed(n)  # calls take other times
    other = simcons.run(with_threads(n), out=tmp_path / "other", engines={"m": engine})
    assert tables(other.folder) == tables(first.folder)
    assert other.manifest["usage"] == first.manifest["usage"]


def test_a_replay_is_the_same_bytes_and_needs_no_code(first, tmp_path, monkeypatch):
    monkeypatch.setattr("simcons.runs.start.load_pipelines", None)
    again = simcons.replay(first.folder, out=tmp_path / "again")
    assert tables(again.folder) == tables(first.folder)


def test_a_run_that_goes_on_asks_for_what_is_missing(first, tmp_path):
    with pytest.raises(BudgetReached, match="max_calls 40 is reached"):
        simcons.run(study(budget={"max_calls": 40}), out=tmp_path / "cut")
    whole = simcons.resume(tmp_path / "cut", overrides={"budget.max_calls": None})
    assert tables(whole.folder) == tables(first.folder)
    assert n_calls(whole.folder) == n_calls(first.folder)


def test_a_second_run_on_the_same_people_asks_nothing_that_the_first_has_asked(first, tmp_path):
    shared, second = Shared(), ScriptedEngine()
    simcons.run(study(), out=tmp_path / "one", shared=shared)
    again = simcons.run(study(), out=tmp_path / "two", shared=shared, engines={"m": second})
    assert tables(again.folder) == tables(first.folder)
    assert second.batches == []


def n_calls(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "calls.sqlite")) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM calls").fetchone()[0])


def test_calls_say_what_a_pipeline_is_and_not_that_it_has_no_model(first):
    lines = typed("calls", first.folder, columns=120).stdout.splitlines()
    assert "Arm asking: code of your own, pipelines_of_ours:asking" in lines
    assert "Engine m: kind scripted" in lines
    assert any(line.split()[:4] == ["mediation", "(arm", "asking)", f"{2 * len(first.rounds)}"] for line in lines)
    assert not any(line.startswith("arm asking: at work") for line in lines)


def test_what_a_pipeline_asked_is_counted_in_its_round(first):
    per_round = 3 + 3 + 4  # by the three of them, for each omission
    assert set(first.mediations["n_requests"]) == {2 * per_round}
    assert (first.mediations["tokens_out"] > 0).all()


def test_its_own_order_is_what_is_shown(first):
    shown = first.selections.merge(first.candidates, on=["candidate_id", "round_id"])
    asking = shown[shown["arm"] == "asking"]
    assert len(asking) == 2 * len(first.rounds)
    assert set(asking["welfare"]) == {0.5}
    assert asking["rule"].isna().all()
    assert set(asking["sample"]) == {0}


BAD_WAYS = ["empty", "no text", "huge", "surrogate", "raises", "hangs", "mixed"]


def test_a_pipeline_that_fails_leaves_the_study_alive(tmp_path):
    bad = [
        {
            "arm": how.replace(" ", "_"),
            "mediator": python("bad", settings={"how": how}, time_limit_seconds=0.2),
            "select": 1,
        }
        for how in BAD_WAYS
    ]
    run = simcons.run(scenario_with(mediators=[*bad, SCRIPTED_ARM]), out=tmp_path / "run")
    samples = run.samples.set_index("generator")
    missing = {how: sorted(samples.loc[[how.replace(" ", "_")], "missing"].dropna().unique()) for how in BAD_WAYS}
    assert missing == {
        "empty": ["empty"],
        "no text": ["malformed"],
        "huge": ["oversized"],
        "surrogate": ["malformed"],
        "raises": ["error"],
        "hangs": ["time_limit"],
        "mixed": ["empty", "malformed", "oversized"],
    }
    assert set(run.selections["arm"]) == {"mixed", "scripted"}
    best = run.selections.merge(run.candidates, on="candidate_id").query("arm == 'mixed'")["text"]
    assert set(best) == {"Better: we do."}
    assert "of 4 came to nothing: error: RuntimeError: no idea about " in run.manifest["engine_notes"]["arm raises"][0]
    assert tables(simcons.replay(run.folder, out=tmp_path / "again").folder) == tables(run.folder)


def test_an_object_is_made_once_a_run(tmp_path):
    run = simcons.run(
        scenario_with(
            mediators=[{"arm": "ours", "mediator": python("Numbering", settings={"word": "number"}), "select": 1}]
        ),
        out=tmp_path / "run",
    )
    assert run.candidates["text"].nunique() == 1
    assert run.candidates["text"].iloc[0].startswith("number ")


def test_a_scorer_of_ones_own_decides_among_anybodys_candidates(tmp_path):
    arms = [{**SCRIPTED_ARM, "scorer": "ours"}, {**arm("with_threads", asks=["m"]), "scorer": "ours"}]
    scenario = scenario_with(mediators=arms, scorers={"ours": python("scored")})
    run = simcons.run(scenario, out=tmp_path / "run")
    longest = run.candidates.assign(n=run.candidates["text"].str.len()).groupby(["round_id", "generator"])["n"].max()
    shown = run.candidates[run.candidates["shown"]].groupby(["round_id", "generator"])["text"].first().str.len()
    assert (shown == longest).all()
    assert run.scores["score"].max() == 7


def test_a_scorer_that_fails_gives_no_scores(tmp_path):
    scorer = python("badly_scored", settings={"how": "short"})
    run = simcons.run(
        scenario_with(mediators=[{**SCRIPTED_ARM, "scorer": "ours"}], scorers={"ours": scorer}), out=tmp_path / "run"
    )
    assert run.scores["score"].isna().all()
    assert run.selections.empty


def test_a_run_does_not_go_on_with_other_code(tmp_path):
    code = tmp_path / "mine.py"
    code.write_text("def mediate(question, opinions, client):\n    return client.write(question)\n")
    ours = {"arm": "ours", "mediator": {"kind": "python", "call": f"{code}:mediate", "asks": ["m"]}, "select": 1}
    with pytest.raises(BudgetReached):
        simcons.run(scenario_with(mediators=[ours], budget={"max_calls": 2}), out=tmp_path / "cut")
    code.write_text("def mediate(question, opinions, client):\n    return client.write(question + '!')\n")
    with pytest.raises(RunFolderError, match="engine 'arm ours' has another code than when this run began"):
        simcons.resume(tmp_path / "cut", overrides={"budget.max_calls": None})


def test_an_arm_has_a_mediator_or_a_generator():
    document = {
        "name": "x",
        "mediators": [{**SCRIPTED_ARM, "mediator": python("joined")}, {"arm": "b", "mediator": {"kind": "http"}}],
    }
    with pytest.raises(ScenarioProblems) as error:
        scenario_from(document)
    assert error.value.problems == (
        "mediators.0: has a mediator and a generator; expected one of them",
        "mediators.1.mediator.url: missing: expected a text (where requests are posted to)",
    )
