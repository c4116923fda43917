"""The trained reader with a network that answers as told: what it asks, and what it makes of the answers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from reading import linear, plain_heads

from simcons.engines.acts import run_act
from simcons.engines.base import HeardText
from simcons.languages.en_gb import EN_GB
from simcons.questions.forms import first_form
from simcons.questions.reader import QuestionReader
from simcons.questions.trained_reader import (
    AGAINST,
    ASSERTED,
    DENIED,
    FOR,
    N_CLAIM_FEATURES,
    NEITHER,
    NOT_SAID,
    TORN,
    Heads,
    TrainedQuestionReader,
    TrainedReader,
    claim_features,
    verdict_features,
)
from simcons.questions.trained_weights import claim_key, position_key

STANCES = {NEITHER: (0.97, 0.02, 0.01), ASSERTED: (0.02, 0.97, 0.01), DENIED: (0.02, 0.01, 0.97)}
VERDICTS = {FOR: (0.97, 0.01, 0.01, 0.01), AGAINST: (0.01, 0.97, 0.01, 0.01), NOT_SAID: (0.01, 0.01, 0.01, 0.97)}


@dataclass
class Network:
    """Hears by words of the text."""

    stances: dict[str, tuple[int, int]]  # by word: the claim, and what is heard of it
    verdicts: dict[str, int]
    asked: list[tuple] = field(default_factory=list)

    def hear(self, texts, topic, likeness):
        return [self.hear_one(text, topic, features) for text, features in zip(texts, likeness, strict=True)]

    def hear_one(self, text, topic, likeness):
        self.asked.append((text, topic, likeness.shape))
        claims, places = np.tile(STANCES[NEITHER], (len(topic.claims), 1)), [0] * len(topic.claims)
        for word, (claim, stance) in self.stances.items():
            if word in text:
                claims[claim], places[claim] = STANCES[stance], text.index(word)
        verdict = next((said for word, said in self.verdicts.items() if word in text), NOT_SAID)
        return HeardText(np.log(claims), np.log(VERDICTS[verdict]), places)


class Unlike(dict[str, int]):
    """Vectors of which none is like another's."""

    def __missing__(self, text):
        return self.setdefault(text, len(self))

    def __call__(self, texts):
        return np.eye(2000, dtype=np.float32)[[self[text] for text in texts]]


encode = Unlike()


@pytest.fixture
def question(bank):
    return next(question for question in bank if question.id == "free_buses")


@pytest.fixture
def network():
    return Network({"hamster": (0, ASSERTED), "violin": (1, DENIED), "teapot": (2, NEITHER)}, {"hooray": FOR})


@pytest.fixture
def reader(question, network):
    return TrainedQuestionReader(question, EN_GB, plain_heads(), encode, network.hear)


def polarities(reading):
    return [(mention.claim, mention.polarity) for mention in reading.mentions]


def test_the_banks_own_words_are_read_without_a_network(question, reader, network):
    texts = [
        f"I'm in favour of {question.noun}. {first_form(claim.point)}. I don't think that {first_form(other.point)}."
        for claim, other in zip(question.claims, question.claims[1:], strict=False)
    ]
    assert reader.read_many(texts) == QuestionReader(question, EN_GB).read_many(texts)
    assert reader.read_many(["", "  "]) == QuestionReader(question, EN_GB).read_many(["", "  "])
    assert network.asked == []


def test_words_of_its_own_are_asserted_denied_or_say_nothing(reader):
    [reading] = reader.read_many(["My hamster enjoys sunshine. A violin sounds awful. That teapot leaks badly."])
    assert polarities(reading) == [(0, 1), (1, -1)]
    assert reading.verdict is None


def test_claims_come_in_the_order_of_the_text_with_its_own_words_among_the_banks(question, reader):
    worded = first_form(question.claims[3].point)
    [reading] = reader.read_many([f"A violin sounds awful. {worded}. My hamster enjoys sunshine."])
    assert [(mention.claim, mention.sentence) for mention in reading.mentions] == [(1, 0), (3, 1), (0, 2)]


def test_a_claim_in_the_banks_words_is_heard_as_the_rules_hear_it(question, reader, network):
    """Whatever the network says of it."""
    network.stances["sunshine"] = (3, DENIED)
    worded = first_form(question.claims[3].point)
    [reading] = reader.read_many([f"{worded}. My hamster enjoys sunshine."])
    assert polarities(reading) == [(3, 1), (0, 1)]


def test_the_network_is_given_the_question_and_the_likeness_of_each_text(question, reader, network):
    texts = ["My hamster enjoys sunshine, hooray.", "A violin sounds awful."]
    readings = reader.read_many(texts)
    assert [text for text, _, _ in network.asked] == texts
    for _, topic, shape in network.asked:
        assert topic.position == question.position
        assert topic.position_key == position_key(question)
        assert topic.claim_keys == [claim_key(claim) for claim in question.claims]
        assert len(topic.claims) == shape[0] == len(question.claims)
    assert [reading.verdict for reading in readings] == [1.0, None]


def test_what_is_known_together_is_put_to_the_networks_together(question, network):
    """All clauses and sentences in one call of the encoder after those of the question's phrases, and none of them twice."""
    calls = []

    def counted(texts):
        calls.append(list(texts))
        return encode(texts)

    reader = TrainedReader("r", EN_GB, plain_heads(), encode=counted, hear=network.hear)
    texts = [
        "My hamster enjoys sunshine.",
        "A violin sounds awful, or my hamster enjoys sunshine.",
        "A violin sounds awful.",
    ]
    together = run_act(reader.read(question, texts), {})
    phrases, parts = calls
    assert len(parts) == len(set(parts))
    assert not set(parts) & set(phrases)
    assert [run_act(reader.read(question, [text]), {}) for text in texts] == [[reading] for reading in together]
    assert len(calls) == 2


def test_a_verdict_keeps_the_strength_that_the_rules_hear_on_the_same_side(question, reader, network):
    text = f"On balance I lean towards {question.noun}, hooray. My hamster enjoys sunshine."
    by_rules = QuestionReader(question, EN_GB).read(text).verdict
    assert by_rules is not None
    assert 0 < by_rules < 1
    assert reader.read_many([text])[0].verdict == by_rules
    network.verdicts["hooray"] = AGAINST
    assert reader.read_many([text])[0].verdict == -1


@pytest.mark.parametrize(
    ("likely", "side"),
    [
        ((0.6, 0.2, 0.1, 0.1), FOR),
        ((0.2, 0.6, 0.1, 0.1), AGAINST),
        ((0.45, 0.05, 0.2, 0.3), NOT_SAID),  # not likely enough
        ((0.45, 0.05, 0.3, 0.2), TORN),
        ((0.1, 0.1, 0.7, 0.1), TORN),
        ((0.05, 0.05, 0.1, 0.8), NOT_SAID),
    ],
)
def test_a_side_is_taken_only_where_it_is_likely_enough(likely, side):
    features = np.concatenate([np.log(likely), np.zeros(9)])
    assert plain_heads(sided=0.5).side(features) == side
    assert plain_heads(sided=0.4).side(features) == (FOR if likely[FOR] == 0.45 else side)


def test_what_the_rules_hear_of_a_claim_is_weighed(question, network, reader):
    """With all weight on the rules, what they hear denied in words of the bank is heard, and nothing of the network's."""
    text = f"I don't think that {first_form(question.claims[4].point)}. My hamster enjoys sunshine."
    by_rules = QuestionReader(question, EN_GB).read(text)
    features = claim_features(reader.heard([text])[0], by_rules)
    assert features.shape == (len(question.claims), N_CLAIM_FEATURES)
    assert features[4, 3:].tolist() == [0, 1]
    assert not features[:4, 3:].any()
    np.testing.assert_allclose(features[0, :3], np.log(STANCES[ASSERTED]))
    ruled = linear(N_CLAIM_FEATURES, [{}, {3: 9}, {4: 9}], [4, 0, 0])
    heads = Heads(ruled, plain_heads().verdict, 0.5, 0.5)
    deaf = TrainedQuestionReader(question, EN_GB, heads, encode, network.hear)
    assert polarities(deaf.read_many([text])[0]) == [(4, -1)]


def test_features_of_the_verdict_turn_round_with_the_text(question):
    """Asserting what was denied, with the position's answers swapped, swaps favour and opposition."""
    by_rules = QuestionReader(question, EN_GB).read("My hamster enjoys sunshine.")
    likely = np.tile([1.0, 0.0, 0.0], (len(question.claims), 1))
    signed = next(place for place, claim in enumerate(question.claims) if claim.side == "for")
    likely[signed] = [0.1, 0.8, 0.1]
    straight, swapped = np.log(VERDICTS[FOR]), np.log(VERDICTS[AGAINST])
    one = verdict_features(question, by_rules, likely, straight)
    likely[signed] = [0.1, 0.1, 0.8]
    other = verdict_features(question, by_rules, likely, swapped)
    np.testing.assert_allclose(one[:4], straight)
    np.testing.assert_allclose(one[4:6], other[5:3:-1])
    np.testing.assert_allclose(one[6], -other[6])
    assert one[8:12].tolist() == [0, 0, 0, 1]  # the rules hear no verdict
