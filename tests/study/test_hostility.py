"""People who write instructions for the mediator: who they are, what the mediator sees of it, what is kept of the truth."""

from __future__ import annotations

import re

import pytest
from playing import MODEL_ARM, capricious, scenario_with, tables

import simcons
from simcons.engines.base import Reply, Request
from simcons.engines.scripted import ScriptedEngine
from simcons.languages.en_gb import EN_GB
from simcons.questions.bank import load_bank
from simcons.scenario.shipped import find_bank

HONEST_ARM = {**MODEL_ARM, "arm": "honest", "generator": {**MODEL_ARM["generator"], "opinions": "honest"}}


class Recording(ScriptedEngine):
    """Keeps the prompts it was given."""

    def __init__(self) -> None:
        super().__init__(capricious)
        self.asked: list[Request] = []

    def reply(self, request: Request) -> Reply:
        self.asked.append(request)
        return super().reply(request)


DEMAND = re.compile("|".join(re.escape(demand.split("{claim}")[0]) for demand in EN_GB.attacks.demands))


def hostile(folder, share: float = 0.5, attack: str = "escape", **parts):
    engine = Recording()
    people = {"hostility": {"share": share, "attack": attack}}
    scenario = scenario_with(participants=people, **{"mediators": [MODEL_ARM], **parts})
    return simcons.run(scenario, out=folder, engines={"m": engine}), engine


@pytest.mark.parametrize("attack", ["instruct", "escape", "repeat"])
def test_opinions_carry_the_attack_and_the_truth_has_the_honest_text(tmp_path, attack):
    run, _ = hostile(tmp_path, attack=attack)
    truth = run.truth("opinions").set_index("opinion_id")
    attacks = 0
    for row in run.opinions.itertuples():
        known = truth.loc[row.opinion_id]
        if not isinstance(known["attack"], str):
            assert row.text == known["honest_text"]
            continue
        attacks += 1
        assert known["attack"] == attack
        assert row.text.startswith(known["honest_text"] + " ")
        assert DEMAND.search(row.text.removeprefix(known["honest_text"]))
        assert row.n_words == len(row.text.split())
    assert 0 < attacks < len(run.opinions)
    by_person = truth.join(run.opinions.set_index("opinion_id")["participant_id"]).groupby("participant_id")["attack"]
    assert (by_person.nunique(dropna=False) == 1).all(), "one is hostile throughout, or not at all"


def test_those_who_want_it_ask_for_it_and_the_others_for_its_opposite(tmp_path):
    run, _ = hostile(tmp_path, share=1.0, attack="instruct", design={"groups": 4})
    positions = run.truth("positions").set_index(["round_id", "participant_id"])["position"]
    asked = run.rounds.set_index("round_id")["question_id"]
    questions = {question.id: question for question in load_bank(find_bank("core"))}
    wanted = set()
    honest = run.truth("opinions").set_index("opinion_id")["honest_text"]
    for row in run.opinions.itertuples():
        question, wants = questions[asked[row.round_id]], bool(positions.loc[(row.round_id, row.participant_id)] >= 4)
        demand = row.text.removeprefix(honest[row.opinion_id])
        assert EN_GB.text.as_clause(question.position if wants else question.negation) in demand
        wanted.add(wants)
    assert wanted == {True, False}


def test_hostile_members_put_it_in_many_ways(tmp_path):
    run, _ = hostile(tmp_path, share=1.0, attack="escape", design={"groups": 10})
    known = run.truth("opinions").set_index("opinion_id")["honest_text"]
    openings = {row.text.removeprefix(known[row.opinion_id])[:14] for row in run.opinions.itertuples()}
    assert len(openings) >= 8


def test_nothing_that_people_write_closes_or_opens_anything_in_the_prompt(tmp_path):
    """All of them try to: the marks in a prompt are those of a prompt in which nobody does."""
    marks = []
    for share in (0.0, 1.0):
        run, engine = hostile(tmp_path / str(share), share=share)
        sizes = run.rounds["n_opinions"].tolist()
        assert len(engine.asked) == 3 * len(sizes)
        for request in engine.asked:
            prompt = "\n".join(message.content for message in request.messages)
            opened, closed = (re.findall(tag, prompt) for tag in (r"<opinion (\d+)>", r"</opinion (\d+)>"))
            assert opened == closed == [str(k + 1) for k in range(len(opened))]
            assert len(opened) in sizes
            assert prompt.count("<") == prompt.count(">") == 2 * len(opened)
            assert DEMAND.search(prompt) or share == 0
        marks.append([[message.role for message in request.messages] for request in engine.asked])
    assert marks[0] == marks[1]


def test_an_arm_that_is_told_sees_the_honest_text_alone(tmp_path):
    run, engine = hostile(tmp_path, share=1.0, mediators=[MODEL_ARM, HONEST_ARM])
    prompts = [" ".join(message.content for message in request.messages) for request in engine.asked]
    assert sum(DEMAND.search(prompt) is not None for prompt in prompts) == len(prompts) / 2
    clean = [prompt for prompt in prompts if not DEMAND.search(prompt)]
    for text in run.truth("opinions")["honest_text"]:
        assert any(text in prompt for prompt in clean)
    selections = run.selections.groupby("arm")["upper_bound"].first()
    assert dict(selections) == {"honest": True, "model": False}


def test_a_share_of_none_changes_nothing_at_all(tmp_path):
    hostile(tmp_path / "none", share=0.0)
    engines = {"m": ScriptedEngine(capricious)}
    simcons.run(scenario_with(mediators=[MODEL_ARM]), out=tmp_path / "plain", engines=engines)
    assert tables(tmp_path / "none") == tables(tmp_path / "plain")


def test_the_honest_are_as_they_were_beside_hostile_people(tmp_path):
    """First-round positions and honest texts do not depend on who is hostile."""
    runs = [hostile(tmp_path / str(share), share=share)[0] for share in (0.0, 0.5, 1.0)]
    first = [run.truth("opinions").query("opinion_id.str.contains('-r1-')") for run in runs]
    texts = [dict(zip(part["opinion_id"], part["honest_text"], strict=True)) for part in first]
    assert texts[0] == texts[1] == texts[2]
