"""A study of people whose agreement a reward model predicts: what they hold is its score of their own opinion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rewarding import save_base, save_checkpoint

import simcons
from simcons.engines.calls.store import open_read_only
from simcons.engines.local.reward_engine import RewardEngine
from simcons.engines.scores import score_request
from simcons.scale import bounded
from simcons.scenario.engines import RewardEngineSettings
from simcons.scenario.load import load_scenario
from simcons.storage.layout import CALLS


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Path:
    parent = tmp_path_factory.mktemp("models")
    base = save_base(parent / "base", "encoder", n_positions=2000)
    return save_checkpoint(parent / "rm", base, "encoder", max_tokens=2000)


def study(**mind: object) -> dict[str, object]:
    return {
        "name": "fitted",
        "design": {"groups": 2, "group_sizes": [3], "rounds": 1, "passes": 1},
        "participants": {"behaviour": {"no_opinion": 0.0}, "mind": {"kind": "fitted", **mind}},
        "mediators": [{"arm": "scripted", "generator": {"kind": "scripted", "samples": 3}, "select": 2}],
        "readers": {"reader": {"matching": "words"}},
    }


def judged(run: simcons.Run):
    """True appraisals with the texts that they are of, and the opinion of whoever judged."""
    opinions = run.opinions[["round_id", "participant_id", "text"]].rename(columns={"text": "opinion"})
    rows = run.truth("appraisals").merge(opinions, on=["round_id", "participant_id"])
    rows = rows.merge(run.candidates[["candidate_id", "text"]], on="candidate_id")
    return rows.merge(run.rounds[["round_id", "question"]], on="round_id")


@pytest.fixture(scope="module")
def run(checkpoint, tmp_path_factory) -> simcons.Run:
    given = study(**{"from": str(checkpoint)}, beyond=0.0)
    return simcons.run(given, out=tmp_path_factory.mktemp("runs") / "fitted")


def test_agreement_is_the_models_and_all_else_is_latent(run, checkpoint, tmp_path):
    engine = RewardEngine("rm", RewardEngineSettings(kind="reward", checkpoint=str(checkpoint)))
    rows = judged(run)
    requests = [score_request("rm", row.question, row.opinion, [row.text]) for row in rows.itertuples()]
    scores = [bounded(reply.scores[0]) for reply in engine.complete(requests)]
    np.testing.assert_allclose(rows["agreement"], scores, atol=1e-4)
    latent = simcons.run(study() | {"participants": {"behaviour": {"no_opinion": 0.0}}}, out=tmp_path / "latent")
    assert latent.opinions["text"].tolist() == run.opinions["text"].tolist()
    keys = ["participant_id", "candidate_id"]
    both = rows.merge(judged(latent), on=keys, suffixes=("", "_latent"))
    assert len(both) == len(rows)
    np.testing.assert_allclose(both["quality"], both["quality_latent"])


def test_ratings_have_the_noise_and_the_style_of_any_mind(run):
    """Whole points, and not the nearest to the appraisal for everybody."""
    rated = run.ratings.merge(run.truth("appraisals"), on=["participant_id", "candidate_id"], suffixes=("", "_held"))
    assert rated["agreement"].between(1, 7).all()
    assert (rated["agreement"] != rated["agreement_held"].round()).any()


def test_one_request_a_person_is_kept_as_one_of_theirs(run):
    with open_read_only(run.folder / CALLS) as store:
        [account] = store.accounts()
    assert (account.act, account.engine) == ("agreement", "fitted_mind")
    assert account.usage.n_calls == 2 * 3


def test_what_people_hold_beyond_the_prediction_is_drawn_for_each_text(run, checkpoint, tmp_path):
    given = study(checkpoint=str(checkpoint), beyond=0.8)
    apart = judged(simcons.run(given, out=tmp_path / "beyond"))["agreement"] - judged(run)["agreement"]
    # 12 draws of SD .8, some bent at the ends: within these bounds but for 1 in 1,000
    assert 0.3 < apart.std() < 1.4
    assert apart.nunique() == len(apart)


def test_a_scenario_file_names_the_folder_beside_it(checkpoint, tmp_path):
    (tmp_path / "rm").symlink_to(checkpoint)
    arms = "mediators: [{arm: a}]"
    (tmp_path / "study.yaml").write_text(f"name: s\nparticipants: {{mind: {{kind: fitted, from: rm}}}}\n{arms}\n")
    scenario = load_scenario(str(tmp_path / "study.yaml"))
    assert scenario.participants.mind.checkpoint == str(tmp_path / "rm")
    assert scenario.engines["fitted_mind"].checkpoint == str(tmp_path / "rm")
    assert type(scenario)(**scenario.model_dump(mode="json")) == scenario
