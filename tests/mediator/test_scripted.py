"""The scripted generator: what it says comes from the opinions, and skill is an effect that can be found again."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from groups import Group, RefusingReader

from simcons.engines.acts import run_act
from simcons.languages.en_gb import EN_GB
from simcons.languages.text import normalise
from simcons.mediator.generator import Sample, scripted_samples
from simcons.mediator.scripted import compose
from simcons.questions.forms import first_form, forms
from simcons.questions.own import load_questions
from simcons.questions.reader import QuestionReader
from simcons.remembered import Remembered
from simcons.scenario.mediators import ScriptedGeneratorSettings
from simcons.seeds import stream


def statements(group, skill, n=8):
    readings = group.reader.read_many(group.texts)
    rng = stream(0, "statements", group.question.id, str(skill))
    return [compose(group.question, readings, EN_GB, skill=skill, rng=rng) for _ in range(n)]


def test_a_skilled_mediator_is_better_liked_and_better_written(groups):
    """The planted effect, over 56 groups and 8 statements each: mean difference over its standard error, by group."""
    for measure, least in ((lambda g, text: g.agreement(text), 0.4), (lambda g, text: g.quality(text), 0.8)):
        difference = np.array(
            [
                np.mean([measure(g, text) for text in statements(g, 1.0)])
                - np.mean([measure(g, text) for text in statements(g, 0.0)])
                for g in groups
            ]
        )
        assert difference.mean() > least
        assert difference.mean() > 5 * difference.std() / np.sqrt(len(groups))


def test_skill_between_is_between(groups):
    quality = [np.mean([g.quality(text) for g in groups for text in statements(g, skill)]) for skill in (0.0, 0.5, 1.0)]
    assert quality[0] < quality[1] - 0.2
    assert quality[1] < quality[2] - 0.2


@pytest.mark.parametrize("skill", [0.0, 1.0])
def test_a_statement_makes_the_points_of_the_opinions_and_no_others(groups, skill):
    for group in groups:
        made = {m.claim for reading in group.reader.read_many(group.texts) for m in reading.mentions if m.polarity > 0}
        for text in statements(group, skill):
            claims = enumerate(group.question.claims)
            said = {
                k
                for k, claim in claims
                if any(form[1:] in text for wording in claim.assertions for form in forms(wording))
            }
            assert said <= made, text
            assert said or skill == 0


def test_a_skilled_statement_takes_the_groups_side_and_reports_the_other(groups):
    for group in groups:
        readings = group.reader.read_many(group.texts)
        lean = np.mean([reading.verdict for reading in readings if reading.verdict is not None])
        for text in statements(group, 1.0):
            verdict = group.reader.read(text).verdict
            assert verdict is not None, text
            assert np.sign(verdict) == (0 if abs(lean) < 0.15 else np.sign(lean)), text


def test_points_that_members_deny_are_not_made(groups):
    group = groups[0]
    reading = group.reader.read(f"We think {group.question.claims[0].point}.")
    denied = replace(reading, mentions=(replace(reading.mentions[0], polarity=-1),))
    wordings = {form for wording in group.question.claims[0].assertions for form in forms(wording)}
    for skill in (0.0, 1.0):
        texts = [compose(group.question, [denied], EN_GB, skill=skill, rng=stream(k, "denied")) for k in range(40)]
        assert not [text for text in texts for wording in wordings if wording in text.lower()]


def test_statements_are_clean_and_say_nothing_in_the_same_way_twice(groups):
    for group in groups:
        for text in statements(group, 1.0):
            assert not re.search(r"[{}]|  |\.\.|\s[.,]", text), text
            assert text[0].isupper()
            assert text.endswith(".")
            openings = re.findall(
                r"(?:Either way|Whatever is decided|We all accept|It also matters|We also think)", text
            )
            assert len(openings) == len(set(openings)), text


def test_no_statement_says_a_sentence_or_a_wording_twice(groups):
    """56 groups, 60 statements each, good and bad: a bad one may make a point again, but in other words."""
    for group in groups:
        wordings = [normalise(first_form(wording)) for claim in group.question.claims for wording in claim.assertions]
        for text in statements(group, 0.3, n=60):
            sentences = [normalise(sentence) for sentence in EN_GB.text.sentences(text)]
            assert len(sentences) == len(set(sentences)), text
            assert all(normalise(text).count(wording) <= 1 for wording in wordings), text


def test_a_rambling_statement_makes_a_point_again_in_other_words(groups):
    again = [
        text
        for group in groups
        for text in statements(group, 0.0, n=20)
        if re.search("In other words|To put it another way|As we said", text)
    ]
    assert 0.15 * 20 * len(groups) < len(again) < 0.35 * 20 * len(groups)  # a quarter, SD .013


def test_short_statements_take_a_side_whatever_the_group_holds(groups):
    """As many for as against, with and without a verdict, and with one point at the most (now and then a second is heard)."""
    for group in groups[:8]:
        texts = [compose(group.question, [], EN_GB, skill=1.0, short=1.0, rng=stream(k, "short")) for k in range(60)]
        readings = group.reader.read_many(texts)
        sides = [np.sign(reading.verdict) for reading in readings if reading.verdict is not None]
        assert 0.3 < np.mean([side > 0 for side in sides]) < 0.7
        assert len(sides) < len(readings)
        assert np.mean([len(reading.mentions) <= 1 for reading in readings]) > 0.9
        assert any(not reading.mentions for reading in readings)


def test_no_opinions_still_make_a_statement(groups):
    for skill in (0.0, 1.0):
        assert all(compose(groups[0].question, [], EN_GB, skill=skill, rng=stream(k, "none")) for k in range(20))


def test_the_same_stream_makes_the_same_statements(groups):
    assert statements(groups[3], 0.5) == statements(groups[3], 0.5)
    assert len(set(statements(groups[3], 1.0))) > 4


def test_neither_does_one_on_a_question_without_a_bank(tmp_path, crowd):
    """24 questions, 60 statements each."""
    path = tmp_path / "list.txt"
    path.write_text("\n".join(f"Should we spend more on {what}?" for what in "abcdefghijklmnopqrstuvwx"))
    for k, question in enumerate(load_questions(path, EN_GB).questions):
        group = Group(question, crowd[5 * k : 5 * k + 5], QuestionReader(question, EN_GB))
        wordings = [normalise(first_form(wording)) for claim in question.claims for wording in claim.assertions]
        for text in statements(group, 0.3, n=60):
            sentences = [normalise(sentence) for sentence in EN_GB.text.sentences(text)]
            assert len(sentences) == len(set(sentences)), text
            assert all(normalise(text).count(wording) <= 1 for wording in wordings), text


def test_opinions_that_could_not_be_read_add_nothing(groups):
    view, settings = groups[0].view, ScriptedGeneratorSettings(samples=5)
    refusing = replace(view, readers={"reader": RefusingReader([opinion.text for opinion in view.opinions[2:]])})
    some = scripted_samples(refusing, view.opinions, settings, EN_GB, seed=0, key="k")
    first = scripted_samples(view, view.opinions[:2], settings, EN_GB, seed=0, key="k")
    assert run_act(some, {}) == run_act(first, {})


def test_what_was_composed_in_an_earlier_study_is_not_composed_again(groups):
    """More samples begin with those that there were; another skill, seat or reading makes others."""
    view, known = groups[0].view, Remembered[list[Sample]](most=10)

    def composed(n: int, *, skill: float = 0.8, key: str = "k", used: int = 5) -> list[Sample]:
        settings = ScriptedGeneratorSettings(samples=n, skill=skill)
        return run_act(scripted_samples(view, view.opinions[:used], settings, EN_GB, seed=0, key=key, known=known), {})

    four = composed(4)
    assert all(again is sample for again, sample in zip(composed(2), four[:2], strict=True))
    assert composed(6)[:4] == four
    assert len(composed(6)) == 6
    others = composed(4, skill=0.1), composed(4, key="other"), composed(4, used=2)
    assert all(other != four for other in others)
    assert composed(4, used=2) == run_act(
        scripted_samples(view, view.opinions[:2], ScriptedGeneratorSettings(samples=4), EN_GB, seed=0, key="k"), {}
    )
