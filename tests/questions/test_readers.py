"""Readers by name: which a study makes, and what they remember."""

from __future__ import annotations

import numpy as np

from simcons.engines.acts import run_act
from simcons.languages.en_gb import EN_GB
from simcons.questions.bank import Wordings
from simcons.questions.reader import QuestionReader
from simcons.questions.readers import RememberingReader, RulesReader, reader_makers
from simcons.scenario.study import Scenario


class CountingReader(RulesReader):
    n_read = 0

    def read(self, question, texts):
        self.n_read += len(texts)
        return super().read(question, texts)


def read(reader, question, texts):
    return run_act(reader.read(question, texts), {})


def test_texts_are_read_once_a_question_and_round(bank):
    one, other = bank[:2]
    texts = [f"We think {one.claims[0].point}.", "The weather is nice."]
    reader = CountingReader(EN_GB)
    remembering = RememberingReader(reader)
    readings = read(remembering, one, [*texts, texts[0]])
    assert readings == [*QuestionReader(one, EN_GB).read_many(texts), readings[0]]
    assert read(remembering, one, texts[::-1]) == readings[1::-1]
    assert reader.n_read == 2
    assert read(remembering, other, texts) == QuestionReader(other, EN_GB).read_many(texts)
    assert reader.n_read == 4
    read(RememberingReader(reader), one, texts)
    assert reader.n_read == 6


def test_each_reader_in_use_is_made_as_the_scenario_says(bank):
    """Only one that compares meanings has texts encoded; one that nothing uses is not made."""
    encoded = []

    def encode(texts):
        encoded.extend(texts)
        return np.ones((len(texts), 3), dtype=np.float32)

    scenario = Scenario(
        name="s",
        readers={"meaning": {"matching": "both"}, "unused": {"matching": "both"}},
        scorers={"near": {"kind": "reader", "reader": "meaning"}},
        mediators=[{"arm": "a", "scorer": "near"}],
    )
    makers = reader_makers(scenario, EN_GB, encode=encode)
    assert list(makers) == ["reader", "meaning"]
    assert [make("r1").name for make in makers.values()] == ["reader", "meaning"]
    own_words = ["Pensioners enjoy outings with companions."]
    read(makers["reader"]("r1"), bank[0], own_words)
    assert not encoded
    read(makers["meaning"]("r1"), bank[0], own_words)
    assert encoded


def test_readings_of_a_round_are_kept_for_studies_after_it(bank):
    """Of the first round alone, as there is room for no more."""
    scenario = Scenario(
        name="s",
        readers={"meaning": {"matching": "both"}},
        scorers={"near": {"kind": "reader", "reader": "meaning"}},
        mediators=[{"arm": "a", "scorer": "near"}],
    )
    reader, meaning = reader_makers(
        scenario, EN_GB, encode=lambda texts: np.ones((len(texts), 3), np.float32), rounds_known=1
    ).values()
    text = [f"We think {bank[0].claims[0].point}."]
    for make, round_id, kept in ((reader, "r1", True), (reader, "r2", False), (meaning, "r1", True)):
        [first], [again] = read(make(round_id), bank[0], text), read(make(round_id), bank[0], text)
        assert first == again
        assert (first is again) is kept


def test_of_more_texts_than_there_is_room_for_those_read_last_are_kept(bank):
    reader = CountingReader(EN_GB)
    remembering = RememberingReader(reader, most=2)
    texts = ["We agree.", "We do not.", "Who knows?"]
    assert len(read(remembering, bank[0], texts)) == 3
    read(remembering, bank[0], texts[1:])
    assert reader.n_read == 3
    read(remembering, bank[0], texts[:1])
    assert reader.n_read == 4


def test_a_text_that_many_groups_are_shown_is_heard_once(bank, monkeypatch):
    """By a trained reader, whatever the round."""
    asked = []

    def read_many(self, texts):
        asked.extend(texts)
        return QuestionReader(bank[0], EN_GB).read_many(texts)

    monkeypatch.setattr("simcons.questions.trained_reader.TrainedQuestionReader.read_many", read_many)
    scenario = Scenario(name="s", readers={"reader": {"kind": "trained"}}, mediators=[{"arm": "a"}])
    make = reader_makers(scenario, EN_GB, encode=lambda texts: np.ones((len(texts), 3), np.float32))["reader"]
    for round_id in ("r1", "r2", "r3"):
        read(make(round_id), bank[0], ["Let us all be kind.", round_id])
    assert asked == ["Let us all be kind.", "r1", "r2", "r3"]


def test_a_question_is_made_ready_once_for_all_studies_that_ask_it_in_the_same_words(bank):
    """A bank that is read again has the same questions in other objects; an edited one has another question of the same name."""
    first, again = QuestionReader(bank[0], EN_GB), QuestionReader(bank[0].model_copy(deep=True), EN_GB)
    assert again._wordings is first._wordings
    added = bank[0].claims[0].model_copy(update={"wordings": Wordings(plain=["badgers would be pleased"])})
    edited = QuestionReader(bank[0].model_copy(update={"claims": [added, *bank[0].claims[1:]]}), EN_GB)
    text = "Badgers would be pleased."
    assert [mention.claim for mention in edited.read(text).mentions] == [0]
    assert not first.worded(text)
