"""Opinions say what their writers hold, in many words and voices. The reader is the judge of what they say."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from simcons.languages.en_gb import EN_GB
from simcons.languages.text import normalise
from simcons.population.minds.conviction import Conviction
from simcons.population.minds.writer import stance_of, write_carelessly, write_opinion
from simcons.population.persona import WritingStyle
from simcons.questions.bank import SIGN, Claim, Question, Wordings
from simcons.seeds import stream

NEAT = WritingStyle(register="plain", words=60, hedging=0.3, tidiness=1.0)
SIGN_OF_STANCE = {
    stance: 0 if stance == "torn" else 1 if stance.endswith("for") else -1 for stance in EN_GB.opinions.verdicts
}


def rewrite(group, who, *, words=60, seed=0, **style):
    conviction, person = group.convictions[who], group.people[who]
    rng = stream(seed, "rewrite", person.persona_id, group.question.id)
    return write_opinion(
        group.question, conviction, EN_GB, style=replace(NEAT, words=words, **style), words=words, rng=rng
    )


def test_an_opinion_never_contradicts_what_its_writer_holds(everyone):
    """Over 5,600 opinions: a verdict that is stated is read with the sign of the stance, claims made are endorsed and claims
    denied are rejected, the reader finds at least 97% of both as they are meant, and next to none the other way round."""
    meant = heard = reversed_ = 0
    for group in everyone:
        readings = group.reader.read_many(group.texts)
        for conviction, opinion, reading in zip(group.convictions, group.opinions, readings, strict=True):
            assert opinion.stance == stance_of(conviction.position)
            if opinion.stated:
                assert reading.verdict is not None, opinion.text
                assert np.sign(reading.verdict) == SIGN_OF_STANCE[opinion.stance], opinion.text
            else:
                assert np.sign(reading.verdict or 0) in (0, np.sign(conviction.favour)), opinion.text
            assert all(conviction.endorsement[claim] > 0 for claim in opinion.claims)
            assert all(conviction.endorsement[claim] < -0.5 for claim in opinion.denied)
            said = {mention.claim: mention.polarity for mention in reading.mentions}
            intended = dict.fromkeys(opinion.claims, 1) | dict.fromkeys(opinion.denied, -1)
            meant += len(intended)
            heard += sum(said.get(claim) == polarity for claim, polarity in intended.items())
            reversed_ += sum(said.get(claim) == -polarity for claim, polarity in intended.items())
    assert meant > 10_000
    assert heard >= 0.97 * meant
    assert reversed_ <= 0.002 * meant


def test_about_a_quarter_leave_their_side_to_their_reasons(everyone):
    """Those who do make more points on their own side than concessions."""
    silent = 0
    for group in everyone:
        for conviction, opinion in zip(group.convictions, group.opinions, strict=True):
            if not opinion.stated:
                silent += 1
                sides = [SIGN[group.question.claims[claim].side] * conviction.favour for claim in opinion.claims]
                own = sum(side > 0 for side in sides) + len(opinion.denied)
                assert own > sum(side < 0 for side in sides), opinion.text
    assert 0.15 < silent / 5600 < 0.3


@pytest.mark.parametrize(
    ("position", "stance"),
    [(6.0, "strong_for"), (5.5, "for"), (4.5, "lean_for"), (4.2, "torn"), (3.8, "torn"), (3.5, "lean_against"), (2.5, "against"), (2.0, "strong_against")],  # noqa: E501
)  # fmt: skip
def test_seven_steps_of_stance_symmetric_about_the_midpoint(position, stance):
    assert stance_of(position) == stance


def test_texts_are_clean(everyone):
    for group in everyone:
        for person, opinion in zip(group.people, group.opinions, strict=True):
            text = opinion.text
            assert not re.search(r"[{}]|  |\.\.|,\.|\s[.,]|,,", text), text
            assert text == text.strip()
            assert not re.search(r"(?:[.!?] )[a-z]", text[1:]) or person.writing.tidiness < 1, text
            assert not re.search(r", (?:The|A|It|There|People|We) ", text), text


def test_what_follows_on_never_comes_first(everyone):
    """ "Whatever happens, ..." needs something to follow on from; "Yes from me to ..." answers the question."""
    joins = re.compile(
        r"(?i)(?:either way|whatever (?:happens|is decided|they do|the outcome|you think)|in any event|also|plus|and look|"
        r"furthermore|in addition|on the other|then again|mind you|having said|i'?d also|another thing|to be fair)\b"
    )
    answer = re.compile(r"\. (?:Yes|Yeah|Nah|No from me|No way|No, definitely|Definitely (?:yes|no))\b")
    for group in everyone:
        for text in group.texts:
            assert not joins.match(text), text
            late = answer.search(text)
            assert late is None or ". " not in text[: late.start()], text  # only an opener may come before


def test_a_tale_from_ones_own_life_is_told_not_held(everyone):
    """ "My niece has ..." and not "I think my niece has ..."."""
    held = re.compile(
        r"(?:think|say|suspect|imagine|feel|accept|believe|that|like) (?:my|I'd sooner|I'd rather|I don't) "
    )
    wrong = [text for group in everyone for text in group.texts if held.search(text)]
    assert len(wrong) < 0.002 * 5600, wrong[:3]


def test_people_write_as_much_as_they_tend_to(everyone):
    wanted = [person.writing.words for group in everyone for person in group.people]
    written = [len(text.split()) for group in everyone for text in group.texts]
    assert np.corrcoef(np.log(wanted), np.log(written))[0, 1] > 0.8
    assert np.median(np.divide(written, wanted)) == pytest.approx(1, abs=0.15)


def test_registers_sound_different(groups):
    """The same people and points: the formal use longer words and contract next to nothing."""
    texts = {r: " ".join(rewrite(g, 0, register=r).text for g in groups) for r in ("plain", "chatty", "formal")}
    letters = {r: np.mean([len(word) for word in text.split()]) for r, text in texts.items()}
    assert letters["formal"] > letters["plain"] + 0.25
    assert letters["plain"] > letters["chatty"] - 0.05
    contracted = {r: len(re.findall(r"\w'(?:s|d|m|ve|re|ll|t)\b", text)) for r, text in texts.items()}
    assert contracted["formal"] < 0.4 * contracted["plain"]
    assert contracted["plain"] < 0.8 * contracted["chatty"], contracted


def test_the_hesitant_hedge(groups):
    hedge = re.compile(r"I suspect|I may be|I'd imagine|I feel that")
    said = [
        len(hedge.findall(" ".join(rewrite(g, k, hedging=h).text for g in groups for k in range(5))))
        for h in (0.0, 1.0)
    ]
    assert said[0] == 0
    assert said[1] > 0.2 * 5 * len(groups)


def test_different_people_write_different_texts(everyone):
    for group in everyone:
        counts = Counter(group.texts)
        assert sum(n for n in counts.values() if n > 1) <= 4, counts.most_common(2)
    firsts = Counter(text.split(". ")[0] for group in everyone for text in group.texts)
    assert len(firsts) > 0.25 * 5600


def test_the_same_person_writes_the_same_opinion_again_from_the_same_stream(groups):
    assert rewrite(groups[0], 0, seed=1) == rewrite(groups[0], 0, seed=1)
    assert rewrite(groups[0], 0, seed=1).text != rewrite(groups[0], 0, seed=2).text


def test_the_untidy_drop_marks_and_the_tidy_do_not(groups):
    tidy = [rewrite(group, k, tidiness=1.0, seed=k).text for group in groups for k in range(5)]
    untidy = [rewrite(group, k, tidiness=0.0, seed=k).text for group in groups for k in range(5)]
    assert all(not text[0].islower() and text[-1] in ".!?" for text in tidy)
    for neat, typed in zip(tidy, untidy, strict=True):  # the same words, less well typed
        bare = [EN_GB.variation.respelt(normalise(text)).split() for text in (neat, typed)]
        heard = [EN_GB.variation.heard(words).units for words in bare]
        assert heard[0] == heard[1]
    share = {
        "'": np.mean(["'" not in text for text in untidy]),
        "I": np.mean([not re.search(r"\bI\b", text) for text in untidy]),
        "end": np.mean([text[-1] != "." for text in untidy]),
    }
    assert share["'"] > 0.6
    assert share["I"] > 0.5
    assert share["end"] > 0.7


def test_capitals_that_are_part_of_a_word_survive_untidy_typing():
    """ "nHS" and "mPs" are what no one types."""
    wordings = ["NHS wards are full already", "MPs never ask us", "TV companies would pay"]
    claims = [
        Claim(id=f"c{k}", side="for", wordings=Wordings(plain=[wording]), denials=["nobody would pay"])
        for k, wording in enumerate(wordings)
    ]
    question = Question(
        id="q", text="T?", position="MPs should act.", negation="MPs should not act.", noun="MPs acting", claims=claims
    )
    conviction = Conviction(position=6.5, endorsement=(1.0,) * 3, salience=(1.0, 0.9, 0.8), taste=())
    style = replace(NEAT, tidiness=0.0)
    texts = [
        write_opinion(question, conviction, EN_GB, style=style, words=60, rng=stream(k, "c")).text for k in range(300)
    ]
    assert not re.search(r"\b(?:nHS|mPs|tV)\b", " ".join(texts))
    assert sum(text.startswith(("NHS", "MPs", "TV")) for text in texts) > 10
    assert sum(text.startswith("i ") for text in texts) > 10


def test_the_careless_write_next_to_nothing():
    opinions = [write_carelessly(EN_GB, stream(k, "careless")) for k in range(100)]
    assert {opinion.text for opinion in opinions} == set(EN_GB.opinions.careless)  # false alarm 8 (7/8)^100 = 1e-5
    assert all(opinion.stance is None and opinion.claims == () for opinion in opinions)
