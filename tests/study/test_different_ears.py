"""People and scorers hear by readers of their own: changing the one changes nothing that the other does."""

from __future__ import annotations

import pytest

from simcons.engines.scripted import ScriptedEngine
from simcons.languages.en_gb import EN_GB
from simcons.questions.readers import RememberingReader, reader_makers
from simcons.scenario.load import load_scenario

ASKS = {"kind": "model", "engine": "m", "by": "choice"}


@pytest.fixture(scope="module")
def play(simulate):
    """A study in which people hear by one reader and the scorer by another; "asked" is a model that hears at random."""

    def play(people: str, scorer: str):
        return simulate(
            readers={"words": {"matching": "words"}, "asked": ASKS},
            scorers={"ears": {"kind": "reader", "reader": scorer}},
            participants={"reader": people},
            mediators=[{"arm": "a", "scorer": "ears", "generator": {"kind": "scripted", "samples": 4}, "select": 2}],
            engines={"m": {"kind": "scripted"}},
            design={"groups": 2, "rounds": 1, "group_sizes": [3]},
        )

    return play


def scores(played):
    return played.run.scores[["candidate_id", "opinion_id", "score"]]


def appraisals(played):
    return played.truth("appraisals")[["candidate_id", "participant_id", "agreement"]]


def test_ears_of_people_and_of_scorers_are_their_own(play):
    words, people_ask, scorer_asks = play("words", "words"), play("asked", "words"), play("words", "asked")
    assert scores(people_ask).equals(scores(words))
    assert not appraisals(people_ask).equals(appraisals(words))
    assert appraisals(scorer_asks).equals(appraisals(words))
    assert not scores(scorer_asks).equals(scores(words))


def test_two_readers_of_one_kind_are_two_objects(make_scenario):
    scenario = make_scenario(
        readers={"reader": {"matching": "words"}, "other": {"matching": "words"}},
        scorers={"ears": {"kind": "reader", "reader": "other"}},
        mediators=[{"arm": "a", "scorer": "ears"}],
    )
    first, second = (make("r1") for make in reader_makers(scenario, EN_GB, encode=None).values())
    assert isinstance(first, RememberingReader)
    assert first is not second
    assert first.name != second.name


def test_two_readers_that_ask_one_engine_ask_it_each_for_themselves(simulate):
    """A model heard twice is no second opinion unless its draws differ: requests carry the reader's name in their seeds."""
    asked = []

    class Noting(ScriptedEngine):
        def complete(self, requests, on_reply=None):
            asked.extend(requests)
            return super().complete(requests, on_reply)

    played = simulate(
        engine=Noting(),
        readers={"mine": ASKS, "theirs": ASKS},
        scorers={"ears": {"kind": "reader", "reader": "theirs"}},
        participants={"reader": "mine"},
        mediators=[{"arm": "a", "scorer": "ears", "generator": {"kind": "scripted", "samples": 2}, "select": 1}],
        engines={"m": {"kind": "scripted"}},
        design={"groups": 1, "rounds": 1, "group_sizes": [3]},
    )
    statements = set(played.run.candidates["text"])
    twice = {text: {r.seed for r in asked if f"<text>{text}</text>" in r.messages[1].content} for text in statements}
    n_asked = len(
        {request.messages for request in asked if f"<text>{min(statements)}</text>" in request.messages[1].content}
    )
    assert {len(seeds) for seeds in twice.values()} == {2 * n_asked}


def test_the_shipped_study_has_different_ears():
    scenario = load_scenario("different_ears")
    ears = {arm.arm: scenario.scorers[arm.scorer].readers for arm in scenario.mediators if arm.is_scored}
    assert ears["same-ears"] == (scenario.participants.reader,)
    assert ears["other-ears"] != ears["same-ears"]
    assert scenario.unused == []
