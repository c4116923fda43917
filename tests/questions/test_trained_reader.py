"""The trained reader with networks that answer as told: what it asks of them, and what it makes of their answers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from reading import plain_heads

from simcons.languages.en_gb import EN_GB
from simcons.questions.forms import first_form
from simcons.questions.reader import QuestionReader
from simcons.questions.trained_reader import (
    AGAINST,
    ASSERTED,
    DENIED,
    FOR,
    NEITHER,
    NOT_SAID,
    TORN,
    Evidence,
    TrainedQuestionReader,
    claim_proposition,
    verdict_features,
)

SAYS = {"hamster": 0, "violin": 1, "teapot": 2}  # words of tests by the claim that they come near to
SURE = {FOR: (0.97, 0.01, 0.01, 0.01), AGAINST: (0.01, 0.97, 0.01, 0.01), NOT_SAID: (0.01, 0.01, 0.01, 0.97)}


@dataclass
class Networks:
    """An encoder in which each claim has a direction, and a cross-encoder that answers by words of the text."""

    question: object
    answers: dict[tuple[str, str], int] = field(default_factory=dict)  # by word and proposition
    encoded: list[list[str]] = field(default_factory=list)
    judged: list[list[tuple[str, str]]] = field(default_factory=list)

    def encode(self, texts):
        self.encoded.append(list(texts))
        directions = np.zeros((len(texts), len(self.question.claims) + 1), dtype=np.float32)
        for row, text in enumerate(texts):
            directions[row, self._near(text)] = 1
        return directions

    def _near(self, text):
        for place, claim in enumerate(self.question.claims):
            if text in map(first_form, (*claim.assertions, *claim.denials)):
                return place
        return next((place for word, place in SAYS.items() if word in text), len(self.question.claims))

    def judge(self, pairs):
        self.judged.append(list(pairs))
        return np.array([SURE[self._answer(*pair)] for pair in pairs])

    def _answer(self, text, proposition):
        given = (answer for (word, of), answer in self.answers.items() if word in text and of == proposition)
        return next(given, NOT_SAID)


@pytest.fixture
def question(bank):
    return next(question for question in bank if question.id == "free_buses")


@pytest.fixture
def networks(question):
    propositions = [claim_proposition(claim) for claim in question.claims]
    answers = {
        ("hamster", propositions[0]): FOR,
        ("violin", propositions[1]): AGAINST,
        ("teapot", propositions[2]): NOT_SAID,
        ("hooray", f"{question.position} / {question.negation}"): FOR,
    }
    return Networks(question, answers)


@pytest.fixture
def reader(question, networks):
    return TrainedQuestionReader(question, EN_GB, plain_heads(), networks.encode, networks.judge)


def polarities(reading):
    return [(mention.claim, mention.polarity) for mention in reading.mentions]


def test_the_banks_own_words_are_read_without_a_network(question, reader, networks):
    texts = [
        f"I'm in favour of {question.noun}. {first_form(claim.point)}. I don't think that {first_form(other.point)}."
        for claim, other in zip(question.claims, question.claims[1:], strict=False)
    ]
    assert reader.read_many(texts) == QuestionReader(question, EN_GB).read_many(texts)
    assert reader.read_many(["", "  "]) == QuestionReader(question, EN_GB).read_many(["", "  "])
    assert networks.encoded == networks.judged == []


def test_words_of_its_own_are_asserted_denied_or_say_nothing(reader):
    """A teapot comes near to its claim, of which the cross-encoder says that the text says nothing."""
    [reading] = reader.read_many(["My hamster enjoys sunshine. A violin sounds awful. That teapot leaks badly."])
    assert polarities(reading) == [(0, 1), (1, -1)]
    assert reading.verdict is None


def test_claims_come_in_the_order_of_the_text_with_its_own_words_among_the_banks(question, reader):
    worded = first_form(question.claims[3].point)
    [reading] = reader.read_many([f"A violin sounds awful. {worded}. My hamster enjoys sunshine."])
    assert [(mention.claim, mention.sentence) for mention in reading.mentions] == [(1, 0), (3, 1), (0, 2)]


def test_a_claim_in_the_banks_words_is_heard_as_the_rules_hear_it(question, reader, networks):
    """Whatever the cross-encoder says of it."""
    networks.answers[("hamster", claim_proposition(question.claims[3]))] = AGAINST
    worded = first_form(question.claims[3].point)
    [reading] = reader.read_many([f"{worded}. My hamster enjoys sunshine."])
    assert polarities(reading) == [(3, 1), (0, 1)]


def test_only_likely_claims_are_asked_about_and_the_position(question, reader, networks):
    text = "My hamster enjoys sunshine, hooray."
    [reading] = reader.read_many([text])
    position = f"{question.position} / {question.negation}"
    expected = [(text, asked) for asked in (claim_proposition(question.claims[0]), position)]
    assert networks.judged == [expected]
    assert reading.verdict == 1.0


def test_texts_are_asked_about_each_by_itself(reader, networks):
    texts = ["My hamster enjoys sunshine.", "A violin sounds awful.", "Nothing of the sort matters here."]
    together = reader.read_many(texts)
    assert [{text for text, _ in pairs} for pairs in networks.judged] == [{text} for text in texts]
    assert [reader.read_many([text])[0] for text in texts] == together


def test_a_verdict_keeps_the_strength_that_the_rules_hear_on_the_same_side(question, reader, networks):
    text = f"On balance I lean towards {question.noun}, hooray. My hamster enjoys sunshine."
    by_rules = QuestionReader(question, EN_GB).read(text).verdict
    assert by_rules is not None
    assert 0 < by_rules < 1
    assert reader.read_many([text])[0].verdict == by_rules
    networks.answers[("hooray", f"{question.position} / {question.negation}")] = AGAINST
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


def test_the_cross_encoder_decides_about_candidates_and_the_finder_about_others():
    finder = np.log(np.array([[0.2, 0.7, 0.1], [0.9, 0.05, 0.05]]))
    likely = plain_heads().claims_likely(Evidence(finder, ["u"], [0, 0], [0]), np.log(np.array([SURE[AGAINST]])))
    np.testing.assert_allclose(likely[1], np.exp(finder[1]))
    assert likely[0].argmax() == DENIED
    assert likely[0, [NEITHER, ASSERTED]].max() < 0.02


def test_features_of_the_verdict_turn_round_with_the_text(question):
    """Asserting what was denied, with the position's answers swapped, swaps favour and opposition."""
    by_rules = QuestionReader(question, EN_GB).read("My hamster enjoys sunshine.")
    likely = np.tile([1.0, 0.0, 0.0], (len(question.claims), 1))
    signed = next(place for place, claim in enumerate(question.claims) if claim.side == "for")
    likely[signed] = [0.1, 0.8, 0.1]
    straight, swapped = np.log(SURE[FOR]), np.log(SURE[AGAINST])
    one = verdict_features(question, by_rules, likely, straight)
    likely[signed] = [0.1, 0.1, 0.8]
    other = verdict_features(question, by_rules, likely, swapped)
    np.testing.assert_allclose(one[:4], straight)
    np.testing.assert_allclose(one[4:6], other[5:3:-1])
    np.testing.assert_allclose(one[6], -other[6])
    assert one[8:12].tolist() == [0, 0, 0, 1]  # the rules hear no verdict
