"""The Habermas Machine of its own package as an arm."""

from __future__ import annotations

import re

import pytest
from playing import SCRIPTED_ARM, scenario_with, tables

import simcons
from simcons.engines.base import Request
from simcons.engines.pipelines.client import Client
from simcons.engines.scripted import ScriptedEngine
from simcons.mediator.habermas import HabermasMachine
from simcons.seeds import stream

OPINIONS = ["Yes, because of the trains.", "No, it costs too much.", "Only if taxes stay."]


def answering(request: Request) -> str:
    """In the package's form: a statement of the draw, or a ranking by length, which every author shares; some are unusable."""
    prompt = request.messages[0].content
    if "Statements to rank" not in prompt:
        if stream(request.seed, "mood").random() < 0.3:
            return "I would rather not."
        words = " ".join(["word"] * (request.draw // 1000))
        return f"<answer>\nThey differ.\n<sep>\nWe agree on {words} this.\n</answer> And more."
    listed = re.findall(r"^([A-Z])\. (.+)$", prompt.rpartition("Statements to rank:")[2], re.MULTILINE)
    letters = [letter for letter, text in sorted(listed, key=lambda each: -len(each[1]))]
    return f"<answer>\nLonger is better.\n<sep>\n{' > '.join(letters)}\n</answer>"


def asked(request_answer, **settings):
    """What the machine returns for three opinions, and the requests that it made."""
    made = []

    def send(requests):
        made.extend(requests)
        return ScriptedEngine(request_answer).complete(requests)

    client = Client(["m"], send, seed=4, samples=5)
    return HabermasMachine(**settings)("Should it be so?", OPINIONS, client), made


@pytest.mark.parametrize("choice", ["schulze", "maximal_lottery", "approval"])
def test_the_statement_that_everybody_ranks_first_is_chosen(choice):
    statements, requests = asked(answering, choice=choice)
    assert statements == asked(answering, choice=choice)[0]
    assert {score for _, score in statements} == {-place for place in range(len(statements))}
    best = max(statements, key=lambda each: each[1])[0]
    assert len(best) == max(len(text) for text, _ in statements) or choice == "approval"
    rankings = [request for request in requests if "Statements to rank" in request.messages[0].content]
    assert len(rankings) == len(OPINIONS)
    assert {request.sampling.temperature for request in rankings} == {0.0}


def test_opinions_and_statements_are_shuffled_by_the_seed_of_the_call():
    _, requests = asked(answering)
    orders = {tuple(sorted(OPINIONS, key=request.messages[0].content.index)) for request in requests[:5]}
    assert len(orders) > 1  # all alike: 1/6^4
    assert {request.messages for request in asked(answering)[1]} == {request.messages for request in requests}


def test_a_model_that_never_keeps_the_form_gives_no_statement():
    statements, requests = asked(lambda request: "We agree.", attempts=2)
    assert statements == []
    assert len(requests) == 5 * 2


def test_without_a_ranking_the_ballot_does_not_count():
    def mute(request):
        return "no" if "Statements to rank" in request.messages[0].content else answering(request)

    statements, _ = asked(mute)
    assert len({score for _, score in statements}) == len(statements) > 1


def test_the_longest_statement_needs_no_engine_to_win():
    statements, requests = asked(answering, ranking="length_based")
    assert not [request for request in requests if "Statements to rank" in request.messages[0].content]
    assert len(max(statements, key=lambda each: each[1])[0]) == max(len(text) for text, _ in statements)


def habermas(**settings: object) -> dict[str, object]:
    mediator = {"kind": "python", "call": "simcons.mediator.habermas:HabermasMachine", "asks": ["m"], "samples": 4}
    return {"arm": "habermas", "mediator": {**mediator, "settings": settings}, "select": 1}


def test_it_runs_as_an_arm_and_replays(tmp_path):
    scenario = scenario_with(mediators=[habermas(), SCRIPTED_ARM])
    run = simcons.run(scenario, out=tmp_path / "run", engines={"m": ScriptedEngine(answering)})
    assert set(run.selections["arm"]) == {"habermas", "scripted"}
    again = simcons.run(scenario, out=tmp_path / "again", engines={"m": ScriptedEngine(answering, batch_limit=1)})
    assert tables(again.folder) == tables(run.folder)
    assert tables(simcons.replay(run.folder, out=tmp_path / "replay").folder) == tables(run.folder)


@pytest.mark.model
def test_it_asks_a_language_model(tmp_path):
    """SmolLM2 is too small to keep to the package's form; what it wrote is in the store, and the study goes on without."""
    scenario = scenario_with(
        mediators=[habermas(max_tokens=60, attempts=1), SCRIPTED_ARM],
        engines={"m": {"kind": "transformers"}},
        design={"groups": 1, "rounds": 1},
    )
    run = simcons.run(scenario, out=tmp_path / "run")
    assert run.mediations["n_requests"].min() >= 4
    assert run.mediations["tokens_out"].min() > 0
    assert "scripted" in set(run.selections["arm"])
    assert tables(simcons.replay(run.folder, out=tmp_path / "replay").folder) == tables(run.folder)
