"""People played by a language model: what it answered is in the tables, what it did not is missing, nothing is made up."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from playing import EVERY_STAGE, MODEL_ARM, PLAYED, SCRIPTED_ARM, capricious, scenario_with

import simcons
from simcons.engines.base import Request
from simcons.engines.scripted import ScriptedEngine
from simcons.report.answer_notes import answer_notes
from simcons.seeds import stream
from simcons.storage.load import Run


@pytest.fixture
def run_with(tmp_path) -> Callable[..., Run]:
    folders = iter(range(10))

    def run_with(answer: Callable[[Request], str] = capricious, **parts) -> Run:
        engines = {"m": ScriptedEngine(answer)}
        return simcons.run(scenario_with(**parts), out=tmp_path / str(next(folders)), engines=engines)

    return run_with


def played(**mind) -> dict:
    return {"participants": {"mind": {**PLAYED, **mind}}}


def elicited(run: Run, about: str):
    found = run.truth("elicitations")
    return found[found["about"] == about].set_index(
        ["round_id", "participant_id"] + (["candidate_id"] if about in ("agreement", "quality") else [])
    )


def float_of(value: object) -> float:
    """NaN where pandas has its own missing."""
    return math.nan if value is pd.NA else float(value)


def test_elicitations_are_what_the_records_rest_on(run_with):
    """A row for each question put; truth has its value, the record its reason where there is none."""
    run = run_with(**played(), design={"groups": 3, "stages": EVERY_STAGE})
    positions = elicited(run, "position")
    for row in run.positions.itertuples():
        reason = positions.loc[(row.round_id, row.participant_id)]["missing"]
        assert isinstance(row.missing, str) == math.isnan(float_of(row.rating))
        assert row.missing == reason or row.missing == "time_limit" or not isinstance(reason, str)
    truth = run.truth("positions").set_index(["round_id", "participant_id"])["position"]
    assert truth.sort_index().equals(positions["value"].sort_index().rename("position"))
    appraisals = run.truth("appraisals").set_index(["round_id", "participant_id", "candidate_id"])
    for about in ("agreement", "quality"):
        values = elicited(run, about)["value"].sort_index()
        assert appraisals[about].sort_index().equals(values.rename(about))
    assert set(run.positions["moment"]) == {"before", "after"}  # what was elicited before is used once more
    agreement = elicited(run, "agreement")["missing"]
    for row in run.rankings.itertuples():
        reason = agreement.loc[(row.round_id, row.participant_id, row.candidate_id)]
        assert row.missing == reason if isinstance(reason, str) else row.rank > 0
    assert 0 < run.rankings["missing"].notna().sum() < len(run.rankings)
    everything = run.truth("elicitations")
    asked = everything[everything["about"] != "opinion"]
    assert (asked["value"].isna() == asked["missing"].notna()).all()
    assert set(everything["missing"].dropna()) == {"refusal", "empty", "off_question", "off_scale"}
    failed = everything[everything["missing"].notna()]
    assert (failed["attempts"] == 2).all()
    assert failed["raw"].notna().all()
    assert asked["value"].dropna().between(1, 7).all()


def test_a_rating_that_does_not_come_is_missing_with_its_reason(run_with):
    """And the rating beside it stays: agreement and quality are two questions."""
    parts = played()
    parts["participants"]["response_style"] = {"careless_onset_per_hour": 0}
    run = run_with(**parts, design={"groups": 3, "limits": {"rating": 9999, "position": 9999}})
    agreement, quality = (elicited(run, about)["missing"] for about in ("agreement", "quality"))
    n_half = 0
    for row in run.ratings.itertuples():
        key = (row.round_id, row.participant_id, row.candidate_id)
        reasons = [found.loc[key] for found in (agreement, quality)]
        n_half += sum(isinstance(reason, str) for reason in reasons) == 1
        given = [not math.isnan(float_of(value)) for value in (row.agreement, row.quality)]
        assert given == [not isinstance(reason, str) for reason in reasons]
        expected = next((reason for reason in reasons if isinstance(reason, str)), None)
        assert (row.missing if isinstance(row.missing, str) else None) == expected
    assert n_half > 0


def mute(about: str, share: float) -> Callable[[Request], str]:
    """No opinion (or whatever it is about) from ``share`` of the attempts."""

    def answer(request: Request) -> str:
        silent = request.act == about and stream(request.seed, "mute").random() < share
        return "" if silent else capricious(request)

    return answer


def test_one_without_an_opinion_rates_and_is_not_mediated(run_with):
    run = run_with(mute("opinion", 0.7), **played(retries=0), design={"groups": 4})
    written = elicited(run, "opinion")
    silent = written[written["missing"].notna()].index
    assert len(silent) > 3
    has_opinion = set(zip(run.opinions["round_id"], run.opinions["participant_id"], strict=True))
    assert not has_opinion & set(silent)
    rated = set(zip(run.ratings["round_id"], run.ratings["participant_id"], strict=True))
    assert rated & set(silent)
    sizes = run.rounds.set_index("round_id")["n_opinions"]
    for row in run.candidates.query("source == 'mediator'").itertuples():
        assert len(row.opinion_ids) == sizes[row.round_id]
    assert set(sizes) >= {0, 1, 2}


@pytest.mark.parametrize("limits", [{}, {"opinion": 3}])
def test_a_label_with_nothing_after_it_is_no_opinion(run_with, limits):
    run = run_with(
        lambda request: "My opinion:" if request.act == "opinion" else capricious(request),
        **played(),
        design={"limits": limits},
    )
    assert len(run.opinions) == 0
    assert set(elicited(run, "opinion")["missing"]) == {"empty"}
    assert set(elicited(run, "opinion")["attempts"]) == {2}


def test_nobody_has_an_opinion(run_with):
    """The study goes on without statements, and says that there are none."""
    run = run_with(mute("opinion", 1.0), **played(), mediators=[SCRIPTED_ARM, MODEL_ARM])
    assert (len(run.opinions), len(run.candidates), len(run.ratings)) == (0, 0, 0)
    assert run.rounds["complete"].all()
    assert (run.rounds["n_opinions"] == 0).all()
    assert set(run.sessions["outcome"]) == {"finished"}
    assert (elicited(run, "opinion")["attempts"] == 2).all()


def test_the_careless_answer_whatever_the_model_says(run_with):
    """Everybody stops caring at once; a model that never answers keeps nobody from pressing something."""
    parts = played(retries=0)
    parts["participants"]["response_style"] = {"careless_onset_per_hour": 10_000}
    run = run_with(lambda request: "", **parts, mediators=[SCRIPTED_ARM])
    assert run.truth("opinions")["careless"].all()
    assert len(run.ratings) > 0
    assert run.ratings["agreement"].notna().all()
    assert run.ratings["quality"].notna().all()
    assert set(elicited(run, "agreement")["missing"]) == {"empty"}
    assert run.truth("appraisals")["agreement"].isna().all()


@pytest.mark.parametrize("judge", ["llm", "latent"])
def test_a_model_judges_the_slate_and_the_latent_mind_everything(run_with, judge):
    run = run_with(**played(judge=judge, writer="llm", beliefs="latent"))
    candidates = run.candidates.set_index("candidate_id")
    judged = set(run.truth("appraisals")["candidate_id"])
    assert judged == set(candidates.index if judge == "latent" else candidates.index[candidates["shown"]])
    assert not candidates["shown"].all()
    elicitations = run.truth("elicitations")
    assert set(elicitations["about"]) == ({"opinion"} | ({"agreement", "quality"} if judge == "llm" else set()))


def test_noise_is_never_left_to_the_model(run_with):
    """The model says the same both times, people do not: they move by a point or so on the second pass.

    False alarm: with noise of half a point or more, the chance that ~100 pairs all agree is below 1e-10.
    """
    run = run_with(**played(elicitation={"by": "logprobs"}), design={"groups": 6, "passes": 2})
    twice = run.ratings.pivot_table(
        index=["participant_id", "candidate_id"], columns="pass_index", values="agreement"
    ).dropna()
    assert len(twice) > 50
    r = np.corrcoef(twice[1].astype(float), twice[2].astype(float))[0, 1]
    assert 0.3 < r < 0.99
    assert len(elicited(run, "agreement")) == len(run.truth("appraisals")), "asked once, whatever the passes"


def test_fidelity_is_there_for_every_opinion_the_model_wrote(run_with):
    run = run_with(**played(beliefs="latent"), design={"groups": 3})
    fidelity = run.truth("fidelity").set_index("opinion_id")
    truth = run.truth("opinions").set_index("opinion_id")
    assert set(fidelity.index) == set(truth.index[~truth["careless"]])
    assert (fidelity["n_said"] <= fidelity["n_told"]).all()
    assert (fidelity["n_told"] == truth["claims"].map(len)[fidelity.index]).all()


def test_the_writer_is_told_what_the_mind_holds_and_says_so(run_with):
    """A model that repeats the claims it is told is faithful; one that talks of something else hardly says any."""

    def faithful(request: Request) -> str:
        if request.act != "opinion":
            return capricious(request)
        prompt = request.messages[-1].content + " ".join(message.content for message in request.messages)
        held = prompt.split("What you think is wrong:")[0]
        return " ".join(line.removeprefix("- ") + "." for line in held.splitlines() if line.startswith("- "))

    found = {}
    for name, answer in {"faithful": faithful, "vague": lambda request: "I like long walks by the sea."}.items():
        fidelity = run_with(answer, **played(beliefs="latent", judge="latent")).truth("fidelity")
        found[name] = fidelity["n_said"].sum() / fidelity["n_told"].sum()
    assert found["faithful"] > 0.8
    assert found["vague"] < 0.1


# --- mediators -----------------------------------------------------------------------------------------------------


def test_samples_of_mediators_are_kept_with_what_came_of_them(run_with):
    """Every sample asked for has a row: a candidate, one with a text that was there before, or the reason for none."""
    replies = {0: "<think>They differ.</think>We agree.", 1: " agree.", 2: "I'm sorry, I can't help with that."}
    run = run_with(lambda request: replies[request.draw % 1024])
    samples = run.samples.set_index(["round_id", "sample"]).sort_index()
    candidates = run.candidates[run.candidates["generator"] == "model"]
    assert len(samples) == 3 * len(run.rounds) == 3 * 4
    assert set(candidates["text"]) == {"We agree."}
    for round_id in run.rounds["round_id"]:
        first, second, third = (samples.loc[(round_id, number)] for number in range(3))
        assert first["reasoning"] == "They differ."
        assert second["same_text_as"] == first["candidate_id"]
        assert pd.isna(first["same_text_as"])
        assert (third["missing"], third["attempts"], third["raw"]) == ("refusal", 3, replies[2])
        assert pd.isna(third["candidate_id"])
    assert [note for about, note in answer_notes(run) if about == "Candidates"][:2] == [
        "4 of 12 samples of the mediators' language models had no usable text after 1.7 requests a sample, and were left out:"
        " 4 as the model would not answer",
        "4 of 20 candidates repeat the text of another; no arm shows a text twice in a round",
    ]


def test_a_study_whose_model_says_nothing_goes_on_to_its_end(run_with):
    """With nothing to show the arm shows nothing; the other arm's statements are rated, and where there is none nothing is."""
    both = run_with(lambda request: "", **played())
    assert both.rounds["complete"].all()
    assert set(both.candidates["generator"]) <= {"scripted"}
    alone = run_with(lambda request: "", mediators=[MODEL_ARM])
    assert alone.rounds["complete"].all()
    assert len(alone.opinions) > 0
    assert len(alone.candidates) == len(alone.ratings) == len(alone.selections) == 0
    assert set(alone.samples["missing"]) == {"empty"}
    notes = [
        "none of the 12 candidates can be used, because the model said nothing",
        "Arm model had no statement to show in 4 of 4 rounds",
    ]
    assert [note for _, note in answer_notes(alone)] == notes
