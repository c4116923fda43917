"""``simcons believe`` on people in tables, and what it does not take."""

from __future__ import annotations

import json

import numpy as np
import pytest
from people_in_tables import mapping_file, write_people
from rewarding import save_base, save_checkpoint

from simcons.analysis.belief.baselines import rated_opinions
from simcons.cli.app import app
from simcons.cli.ending import end
from simcons.engines.local.learnt import Learnt
from simcons.engines.local.reward_engine import RewardEngine
from simcons.engines.scores import score_request
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import InputError
from simcons.experiments.belief.judging import check_minds
from simcons.experiments.belief.minds import fitted, played
from simcons.languages.en_gb import EN_GB
from simcons.scenario.engines import RewardEngineSettings
from simcons.storage.imported.write import import_study
from simcons.storage.load import load


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    folder = write_people(tmp_path_factory.mktemp("street") / "tables")
    import_study(folder, mapping_file(folder), folder / "run")
    return folder / "run"


def told(capsys, *arguments):
    app(["believe", *map(str, arguments)], standalone_mode=False)
    return capsys.readouterr().out


def refused(capsys, *arguments):
    with pytest.raises(Exception) as caught:  # noqa: PT011  whatever is raised
        app(["believe", *map(str, arguments)], standalone_mode=False)
    return end(caught.value), capsys.readouterr().err


@pytest.mark.model
def test_a_mind_is_tried_on_people_and_on_questions(street, capsys, tmp_path):
    page = tmp_path / "believe.html"
    belief = json.loads(told(capsys, street, "--mind", "latent", "--format", "json", "--out", page))
    tried = [(one["correlation"]["name"], one["correlation"]["held_out"]) for one in belief["minds"]]
    assert tried == [("latent", "raters"), ("latent, with topic means", "raters"), ("latent", "questions")]
    assert [sorted(effect["by"]) for effect in belief["effects"]] == [["latent", "people"]] * 4
    html = page.read_text(encoding="utf-8")
    assert "street: whom to believe" in html
    assert "latent, on people not seen" in html
    assert "<svg" in html
    assert "made up for tests" in html


def test_a_fitted_mind_is_tried_on_those_whom_it_does_not_know(street):
    """It learnt from who wrote the first opinion on question 0, and knows no other question."""
    rows = rated_opinions(load(street), "agreement")
    known = rows["question"] == rows["question"].iloc[0]
    learnt = Learnt.of([(rows["question"].iloc[0].upper(), f"  {rows['opinion'].iloc[0]} ")])
    base = save_base(street.parent / "base", "late_interaction")
    folder = save_checkpoint(street.parent / "rm", base, "late_interaction", learnt=learnt)
    engine = RewardEngine("rm", RewardEngineSettings(kind="reward", checkpoint=str(folder)))
    judged = fitted(engine, learnt, rows)
    assert np.isfinite(judged.appraisals).all()
    assert judged.unseen["raters"].tolist() == (known & (rows["opinion"] != rows["opinion"].iloc[0])).tolist()
    assert judged.unseen["questions"].tolist() == (~known).tolist()
    one = rows.iloc[7]
    [reply] = engine.complete([score_request("rm", one["question"], one["opinion"], [one["text"]])])
    assert judged.appraisals[7] == pytest.approx(reply.scores[0], abs=1e-4)
    old = save_checkpoint(street.parent / "old", base, "late_interaction")
    with pytest.raises(InputError, match=r"old: does not say whose opinions it learnt from; expected it to be trained"):
        check_minds([str(old)], scale="agreement")
    check_minds([str(folder)], scale="agreement")


def test_a_language_model_is_told_the_opinion_and_nothing_else_of_a_person(street):
    rows = rated_opinions(load(street), "agreement")
    engine = ScriptedEngine()
    asked = []
    answering, engine.reply = engine.reply, lambda request: asked.append(request) or answering(request)
    judged = played(engine, Learnt(questions=(), opinions=()), rows, EN_GB, "agreement")
    assert ((judged.appraisals >= 1) & (judged.appraisals <= 7)).all()
    assert judged.unseen["questions"].all()
    assert judged.unseen["raters"].all()
    shown = asked[0].messages[-2].content + asked[0].messages[-1].content
    assert rows["opinion"].iloc[0] in shown
    assert rows["text"].iloc[0] in shown
    assert "Sex:" not in asked[0].messages[0].content


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (
            ("--mind", "psychic"),
            "--mind 'psychic': no such folder; expected one of a trained model, or latent, smollm2",
        ),
        (("--mind", "latent", "--mind", "latent"), "--mind 'latent': is given twice; expected each once"),
        (
            ("--mind", "latent", "--scale", "clear"),
            "--scale 'clear': minds do not judge on it; expected one of agreement,",
        ),
        (("--scale", "represented"), "has no ratings of represented; expected some (--scale)"),
    ],
)
def test_bad_input_is_one_line(street, capsys, given, line):
    code, error = refused(capsys, street, *given)
    assert code == 2
    assert line in error
    assert error.count("\n") == 1
