"""A study whose statements are chosen by a reward model: it runs, goes on, and is replayed without the model."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from rewarding import save_base, save_checkpoint

import simcons
from simcons.engines.calls.store import open_read_only
from simcons.errors import BudgetReached, RunFolderError
from simcons.records import TABLES, TRUTH_TABLES
from simcons.storage.layout import CALLS

NAMES = [*TABLES, *(f"truth/{name}" for name in TRUTH_TABLES)]
SCRIPTED = {"kind": "scripted", "samples": 3}


def study(checkpoint: Path) -> dict[str, object]:
    return {
        "name": "scored",
        "design": {"groups": 2, "group_sizes": [3], "rounds": 2, "passes": 1, "omissions": [0, 1]},
        "participants": {"behaviour": {"no_opinion": 0.0}},
        "mediators": [
            {"arm": "rewarded", "generator": SCRIPTED, "scorer": "rm", "select": 1},
            {"arm": "oracle", "generator": SCRIPTED, "scorer": "oracle", "select": 1},
        ],
        "scorers": {"rm": {"kind": "reward", "checkpoint": str(checkpoint)}},
        "readers": {"reader": {"matching": "words"}},
    }


def made(parent: Path, **options) -> Path:
    """A checkpoint that reads 2,000 bytes, which are tokens here, unless told otherwise."""
    base = save_base(parent / "base", "encoder", n_positions=2000)
    return save_checkpoint(parent / "rm", base, "encoder", **{"max_tokens": 2000} | options)


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / f"{name}.parquet").read_bytes() for name in NAMES}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    return made(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def run(checkpoint, tmp_path_factory) -> simcons.Run:
    return simcons.run(study(checkpoint), out=tmp_path_factory.mktemp("runs") / "whole")


def test_every_opinion_and_candidate_has_a_score_in_the_record(run):
    scores = run.scores[run.scores["scorer"] == "rm"]
    assert len(scores) == 2 * 2 * 3 * (3 + 2)  # groups, rounds, samples; all opinions, and with one left out
    assert scores["score"].between(1, 7).all()
    assert set(run.scores["scorer"]) == {"rm"}
    assert set(run.truth("oracle_scores")["scorer"]) == {"oracle"}


def test_the_arm_shows_what_the_model_scores_highest(run):
    """Utilitarian: the highest mean score over the opinions used."""
    scores = run.scores.merge(run.candidates[["candidate_id", "round_id", "omitted"]], on="candidate_id")
    means = scores.groupby(["round_id", "omitted", "candidate_id"])["score"].mean()
    picked = run.selections[run.selections["arm"] == "rewarded"].set_index(["round_id", "omitted"])["candidate_id"]
    for (round_id, omitted), candidate in picked.items():
        of_round = means.loc[round_id, omitted]
        assert of_round[candidate] == pytest.approx(of_round.max(), abs=1e-6)
    assert len(picked) == 8


def test_one_request_an_opinion_is_kept(run):
    with open_read_only(run.folder / CALLS) as store:
        [account] = store.accounts()
    assert (account.act, account.engine) == ("score", "rm")
    assert account.usage.n_calls + account.usage.n_hits == 2 * 2 * (3 + 2)
    assert account.usage.tokens_out == 0


def test_a_replay_needs_no_checkpoint(run, checkpoint, tmp_path):
    hidden = checkpoint.rename(tmp_path / "elsewhere")
    try:
        again = simcons.replay(run.folder, out=tmp_path / "again")
    finally:
        hidden.rename(checkpoint)
    assert tables(again.folder) == tables(run.folder)


def test_a_run_that_its_budget_stopped_goes_on_with_the_scores_it_has(run, checkpoint, tmp_path):
    scenario = study(checkpoint) | {"budget": {"max_calls": 5}}
    with pytest.raises(BudgetReached):
        simcons.run(scenario, out=tmp_path / "stopped")
    gone_on = simcons.resume(tmp_path / "stopped", overrides={"budget.max_calls": 1000, "engines.rm.batch_size": 2})
    written = gone_on.scores["score"]
    np.testing.assert_allclose(written, run.scores["score"], atol=1e-4)
    assert gone_on.selections["candidate_id"].tolist() == run.selections["candidate_id"].tolist()


def test_a_run_does_not_go_on_with_another_checkpoint(checkpoint, tmp_path):
    moved = shutil.copytree(checkpoint, tmp_path / "rm")
    with pytest.raises(BudgetReached):
        simcons.run(study(moved) | {"budget": {"max_calls": 5}}, out=tmp_path / "stopped")
    made(tmp_path, seed=1)
    with pytest.raises(RunFolderError, match="engine 'rm' has another model than when this run began"):
        simcons.resume(tmp_path / "stopped", overrides={"budget.max_calls": 1000})


def test_a_study_is_warned_of_texts_too_long_for_its_model(checkpoint, tmp_path):
    """No opinion leaves room for a statement in 80 bytes, so that the arm shows nothing."""
    short = made(tmp_path, max_tokens=80)
    told: list[str] = []
    run = simcons.run(study(short), out=tmp_path / "run", on_message=lambda message: told.append(str(message)))
    assert run.scores["score"].isna().all()
    assert "rewarded" not in set(run.selections["arm"])
    assert any(
        "of the latest 30 scores can be used, because the prompt was too long for the model" in line for line in told
    )
