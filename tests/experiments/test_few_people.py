"""A few people's rounds: what the mediators saw of them, what arms write anew, and how far predictions are ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rated_by_people import NEW, OLD, OPINIONS, QUESTION, imported

from simcons.engines.acts import run_act
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import InputError
from simcons.experiments.asking import carry_out
from simcons.experiments.few_people import (
    PeopleRound,
    Predictor,
    Writer,
    ahead_of_expected,
    load_people,
    people_rounds,
    write_anew,
)
from simcons.mediator.view import SeenOpinion
from simcons.questions.bank import Question

QUESTIONS = {"kind": "bank", "bank": "core", "topics": ["transport"]}


def fixed(arm: str, text: str):
    generator = {"kind": "fixed", "texts": {"free_buses": [text]}, "samples": 1}
    return {"arm": arm, "generator": generator, "select": 1}


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return imported(tmp_path_factory.mktemp("few"), n_groups=3)


def test_mediators_see_question_and_opinions_and_what_was_shown_is_known_by_our_arms(people, make_scenario):
    scenario = make_scenario(questions=QUESTIONS, mediators=[fixed("a", OLD), fixed("b", NEW[2])])
    few = load_people(people, ["a", "b"], {"a": "old", "b": "new"})
    rounds = list(people_rounds(few, Predictor.of(scenario, "longest").plan))
    assert [each.question.id for each in rounds] == ["free_buses"] * 3
    assert tuple(opinion.text for opinion in rounds[0].opinions) == OPINIONS
    assert [each.shown for each in rounds] == [{"a": (OLD,), "b": (text,)} for text in NEW]


def test_what_an_arm_always_writes_is_as_expected_and_other_texts_are_ahead_by_their_scores(people, make_scenario):
    """`longest` gives the longer of two texts 7 and the shorter 1; the arm always writes the shortest."""
    scenario = make_scenario(questions=QUESTIONS, mediators=[fixed("a", OLD), fixed("b", NEW[2])])
    few, predictor = load_people(people, ["a", "b"], {"a": "old", "b": "new"}), Predictor.of(scenario, "longest")
    rounds = list(people_rounds(few, predictor.plan))
    anew = {}
    for arm in ("a", "b"):
        anew |= run_act(write_anew(rounds, arm, Writer.of(scenario, arm), times=2), {})
    found = run_act(ahead_of_expected(rounds, anew, predictor), {}).pivot(
        index="round_id", columns="arm", values="mean"
    )
    assert found["a"].tolist() == [0, 0, 0]
    assert found["b"].tolist() == [6, 6, 0]


def test_an_arm_is_not_ahead_of_itself(make_scenario):
    """The mean of 60 rounds lies within 4.5 of its errors of 0, but once in 150,000 seeds."""
    scripted = {"arm": "a", "generator": {"kind": "scripted", "samples": 4}, "scorer": "reader", "select": 1}
    scenario = make_scenario(questions=QUESTIONS, mediators=[scripted])
    predictor, writer = Predictor.of(scenario, "reader"), Writer.of(scenario, "a")
    question = next(each for each in predictor.plan.questions if each.text == QUESTION)
    seen = [_round(f"r{number}", question, ("",)) for number in range(60)]
    first = run_act(write_anew(seen, "a", writer, times=1), {})
    rounds = [replace(each, round_id=f"{each.round_id}x", shown={"a": first[each.round_id, "a"][0]}) for each in seen]
    found = run_act(ahead_of_expected(rounds, run_act(write_anew(rounds, "a", writer, times=5), {}), predictor), {})
    ahead = found["mean"].to_numpy()
    assert ahead.std() > 0.1
    assert abs(ahead.mean()) < 4.5 * ahead.std() / np.sqrt(len(ahead))


def _round(name: str, question: Question, shown: tuple[str, ...]) -> PeopleRound:
    opinions = tuple(SeenOpinion(f"{name}o{place}", text) for place, text in enumerate(OPINIONS))
    return PeopleRound(name, question, opinions, {"a": shown})


def test_models_are_asked_once_and_their_replies_are_kept(people, make_scenario, tmp_path):
    """Three samples, twice over in each of three rounds."""
    scenario = make_scenario(questions=QUESTIONS, mediators=[fixed("a", OLD)], model=True)
    few, writer = load_people(people, ["a", "model"], {"a": "old", "model": "new"}), Writer.of(scenario, "model")
    rounds, engine = list(people_rounds(few, writer.plan)), ScriptedEngine()

    def written():
        act = write_anew(rounds, "model", writer, times=2)
        return carry_out(act, writer.plan.scenario, {"m": engine}, store=tmp_path / "calls" / "model.sqlite")

    first = written()
    assert sum(engine.batches) == 3 * 2 * 3
    assert {len(slate) for slates in first.values() for slate in slates} == {1}
    assert written() == first
    assert sum(engine.batches) == 18


def test_arms_and_scorers_that_see_too_much_are_refused(make_scenario):
    oracle = {"arm": "a", "generator": {"kind": "scripted", "samples": 2}, "scorer": "oracle", "select": 1}
    scenario = make_scenario(questions=QUESTIONS, mediators=[oracle])
    with pytest.raises(InputError, match="arm 'a': sees what only the simulator knows"):
        Writer.of(scenario, "a")
    with pytest.raises(InputError, match="scorer 'oracle': cannot predict people's ratings; expected one of reader"):
        Predictor.of(scenario, "oracle")


@pytest.mark.parametrize(
    ("arms", "expected"),
    [
        ({}, "has the arms new and old; expected to be told which stand for base and change"),
        ({"base": "older", "change": "new"}, "has no such arm; expected one of new, old"),
        ({"first": "old"}, "arm 'first': there is no such arm; expected one of base, change"),
        ({"base": "old", "change": "old"}, "old and old stand for base and change; expected each once"),
    ],
)
def test_arms_that_people_do_not_have_are_named(people, arms, expected):
    with pytest.raises(InputError) as error:
        load_people(people, ["base", "change"], arms)
    assert expected in str(error.value)


def test_a_simulated_run_is_no_people(simulate):
    with pytest.raises(InputError, match="is a simulated run; expected one that simcons import made"):
        load_people(simulate().run.folder, ["base", "change"], {})
