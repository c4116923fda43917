"""Statements are rated on the scales that the scenario names: a further one changes nothing about the others, and adding one
takes an entry in the list of scales, its appraisal and its words.
"""

from __future__ import annotations

import json
from io import StringIO

import numpy as np
import pandas as pd
import pytest

import simcons
from simcons.analysis.agreement import by_arm
from simcons.analysis.reliability import rating_counts, retest
from simcons.cli.console import console
from simcons.cli.display.figures import figures, round_figures
from simcons.cli.display.rounds import print_round
from simcons.cli.display.summary import print_summary
from simcons.engines.scripted import ScriptedEngine
from simcons.languages.en_gb import EN_GB
from simcons.languages.scales import ScaleWords
from simcons.population.minds.appraisal import APPRAISALS, ScaleAppraisal
from simcons.records import RatingRecord, TrueAppraisal
from simcons.scale import AGREEMENT, QUALITY, SCALES, Scale
from simcons.storage.codebook import table_named
from simcons.storage.export import export

# Nothing that takes longer then changes an answer: nobody tires, stops caring or leaves.
UNHURRIED = {
    "response_style": {"fatigue_noise": 0, "careless_onset_per_hour": 0},
    "behaviour": {"dropout_per_hour": 0},
}
LIMITS = {"rating": 99_999}
LLM = {"kind": "llm", "engine": "m"}
THREE = ["agreement", "quality", "represented"]


def study(simulate, scales=None, *, mind=None, **design):
    people = {**UNHURRIED, **({"scales": scales} if scales else {}), **({"mind": mind} if mind else {})}
    engines = {"m": {"kind": "scripted"}} if mind else {}
    design = {"groups": 4, "rounds": 1, "limits": LIMITS, **design}
    return simulate(participants=people, engines=engines, design=design, seed=4)


@pytest.fixture(scope="module")
def usual(simulate):
    return study(simulate)


@pytest.fixture(scope="module")
def three(simulate):
    return study(simulate, THREE)


def test_what_is_not_said_is_agreement_and_quality(usual):
    assert usual.run.scales == ("agreement", "quality")
    assert [name for name in usual.run.ratings.columns if name in SCALES] == ["agreement", "quality"]
    assert [name for name in usual.truth("appraisals").columns if name in SCALES] == ["agreement", "quality"]


def test_a_further_scale_moves_no_answer_on_the_others(usual, three):
    """Nor any appraisal, by people who care and people who do not; only the time goes up."""
    columns = list(three.run.ratings.columns)
    assert columns.index("represented") == columns.index("quality") + 1
    assert three.run.ratings["represented"].notna().all()
    before, after = (by_statement(one.run.ratings) for one in (usual, three))
    answers = [name for name in before.columns if name not in ("at", "seconds")]
    assert after[answers].equals(before[answers])
    assert (after["seconds"] > before["seconds"]).all()
    before, after = (by_statement(one.truth("appraisals")) for one in (usual, three))
    assert after[list(before.columns)].equals(before)


def by_statement(rows: pd.DataFrame) -> pd.DataFrame:
    """In an order that does not hang on when people were done."""
    keys = ["candidate_id", "participant_id", *(["pass_index"] if "pass_index" in rows else [])]
    return rows.sort_values(keys, ignore_index=True)


def test_leaving_quality_out_moves_no_agreement(simulate, usual):
    """Of those who care: the others answer at random, one draw after the other."""
    alone = study(simulate, ["agreement"])
    assert "quality" not in alone.run.ratings.columns
    personas = usual.truth("personas")
    careful = set(personas.loc[personas["carelessness"] == "none", "participant_id"])
    before, after = (
        by_statement(one.run.ratings[one.run.ratings["participant_id"].isin(careful)]) for one in (usual, alone)
    )
    assert len(before) > 20
    assert after["agreement"].tolist() == before["agreement"].tolist()


def test_agreement_carries_over_to_what_is_asked_after_it(simulate):
    """With a halo of a point a point, quality asked second follows agreement as given, and asked first it does not."""
    found = {}
    for order in (["agreement", "quality"], ["quality", "agreement"]):
        style = {**UNHURRIED["response_style"], "halo": 1.0}
        people = {**UNHURRIED, "response_style": style, "scales": order}
        ratings = simulate(participants=people, design={"groups": 20, "rounds": 1, "limits": LIMITS}).run.ratings
        found[order[0]] = np.corrcoef(ratings["agreement"], ratings["quality"])[0, 1]
    assert found["agreement"] > found["quality"] + 0.1


def test_represented_is_not_agreement(three):
    """The two go together, and no more than that."""
    appraisals = three.truth("appraisals")
    r = np.corrcoef(appraisals["agreement"], appraisals["represented"])[0, 1]
    assert 0.3 < r < 0.95


def test_a_model_is_asked_on_every_scale_in_its_order(simulate):
    run = study(simulate, ["quality", "represented", "agreement"], mind=LLM, groups=2).run
    asked = run.truth("elicitations")
    assert list(dict.fromkeys(asked["about"])) == ["position", "opinion", "quality", "represented", "agreement"]
    judged = asked[asked["about"] == "represented"].set_index(["candidate_id", "participant_id"])["value"]
    held = run.truth("appraisals").set_index(["candidate_id", "participant_id"])["represented"]
    assert held.sort_index().equals(judged.sort_index().rename("represented"))
    assert "answers on represented" not in shown(print_summary, run), "all could be used"


# --- a fourth scale ------------------------------------------------------------------------------------------------


@pytest.fixture
def clear(monkeypatch) -> Scale:
    """How clear a statement is: the longer the less. All there is of it stands here."""
    scale = Scale("clear", "How clear the statement is, from 1 very unclear to 7 very clear")
    labels = ("very unclear", "unclear", "somewhat unclear", "neutral", "somewhat clear", "clear", "very clear")
    clarity = ScaleAppraisal(lambda conviction, text, own, mind: 8 - text.reading.n_words / 20, taste_sd=0.1)
    monkeypatch.setitem(SCALES, "clear", scale)
    monkeypatch.setitem(APPRAISALS, scale, clarity)
    monkeypatch.setitem(EN_GB.scales, scale, ScaleWords("How clear is this statement?", labels))
    return scale


def shown(function, *arguments, **options) -> str:
    sink = StringIO()
    function(*arguments, console(file=sink, width=120), **options)
    return " ".join(sink.getvalue().split())


@pytest.mark.parametrize("mind", [None, LLM])
def test_a_scale_of_ones_own_comes_all_the_way_to_the_summary(simulate, clear, mind, tmp_path):
    run = study(simulate, ["agreement", "clear"], mind=mind, groups=3).run
    assert run.scales == ("agreement", "clear")
    assert run.ratings["clear"].notna().all()
    [arm] = by_arm(run)
    assert arm.scales["clear"].mean.value == pytest.approx(run.ratings["clear"].mean())
    assert arm.scales["clear"].favourable.value == pytest.approx((run.ratings["clear"] >= 5).mean())
    assert retest(run, "clear").n_pairs == rating_counts(run).n_pairs > 0
    text = shown(print_summary, run)
    assert "Retest, clear" in text
    assert "arm statements ratings agreement clear" in text
    document = json.loads(json.dumps(figures(run)))
    assert set(document["retest"]) == set(document["arms"][0]["scales"]) == {"agreement", "clear"}
    round_id = run.rounds["round_id"].iloc[0]
    assert "true agreement true clear" in shown(print_round, run, round_id, truth=True)
    assert set(round_figures(run, round_id, truth=True)["round"]["statements"][0]["means"]) == {"agreement", "clear"}
    assert "clear" in run.sql().execute("SELECT * FROM ratings").df().columns
    assert {"clear"} <= {column.name for column in table_named("ratings").columns}
    export(run, tmp_path / "csv", form="csv", truth=True)
    for name in ("ratings", "truth/appraisals"):
        header = (tmp_path / "csv" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert '"clear"' in header
        assert "quality" not in header
    if mind:
        assert "clear" in set(run.truth("elicitations")["about"])
    else:
        appraised = run.truth("appraisals").merge(run.candidates, on="candidate_id")
        n_words = appraised["text"].map(str.split).map(len)
        assert np.abs(appraised["clear"] - (8 - n_words / 20)).max() < 0.6, "taste of .1"


def test_no_scale_is_called_like_another_column():
    for record_type in (RatingRecord, TrueAppraisal):
        assert not set(record_type.__dataclass_fields__) & set(SCALES)


# --- runs that stop, and runs of before ----------------------------------------------------------------------------


def test_a_run_that_stops_is_looked_at_and_gone_on_with(simulate, make_scenario, tmp_path):
    """With every scale, on the way and at the end."""

    class Stopping(ScriptedEngine):
        n_left = 150

        def reply(self, request):
            self.n_left -= 1
            if not self.n_left:
                raise KeyboardInterrupt
            return super().reply(request)

    people = {**UNHURRIED, "scales": THREE, "mind": LLM}
    scenario = make_scenario(
        participants=people, engines={"m": {"kind": "scripted"}}, design={"groups": 6, "rounds": 1}
    )
    whole = simcons.run(scenario, out=tmp_path / "whole", engines={"m": ScriptedEngine()})
    with pytest.raises(KeyboardInterrupt):
        simcons.run(scenario, out=tmp_path / "stopped", engines={"m": Stopping()})
    partial = simcons.load(tmp_path / "stopped", partial=True)
    assert partial.scales == tuple(THREE)
    assert partial.partial
    assert set(THREE) <= set(partial.ratings.columns)
    assert set(partial.ratings["candidate_id"]) < set(whole.ratings["candidate_id"])
    resumed = simcons.resume(tmp_path / "stopped", engines={"m": ScriptedEngine()})
    for name in ("ratings", "truth/appraisals", "truth/elicitations"):
        assert (resumed.folder / f"{name}.parquet").read_bytes() == (whole.folder / f"{name}.parquet").read_bytes()


def test_a_run_from_before_there_were_scales_has_the_usual_two(usual):
    manifest = usual.run.manifest
    people = {key: value for key, value in manifest["scenario"]["participants"].items() if key != "scales"}
    older = simcons.storage.load.Run(
        usual.run.folder, {**manifest, "scenario": {**manifest["scenario"], "participants": people}}
    )
    assert older.scales == (AGREEMENT.name, QUALITY.name)
    assert older.ratings.equals(usual.run.ratings)
