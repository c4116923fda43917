"""What people hold against the theory that the formulas state. Bounds are 4.9 standard errors: false alarm 1e-6 each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simcons.population.minds.conviction import CompiledQuestion, consider
from simcons.population.persona import Persona, ResponseStyle, Tempo, WritingStyle
from simcons.questions.bank import Claim, Question, Wordings
from simcons.scenario.minds import LatentMindSettings
from simcons.scenario.parameters import VALUE_DIMENSIONS
from simcons.seeds import stream

N = 6000
MIND = LatentMindSettings(position_mean=4.5, person_sd=1.3, intensity=1.5, value_share=0.36)
QUESTION = Question(
    id="q",
    text="Should we?",
    position="We should.",
    negation="We should not.",
    noun="it",
    pull=0.7,
    loadings={"economic": -0.3, "authority": 0.4},
    claims=[
        Claim(
            id="a",
            side="for",
            pull=0.5,
            loadings={"economic": -0.6, "authority": 0.8},
            wordings=Wordings(plain=["x"]),
            denials=["y"],
        ),
        Claim(
            id="b",
            side="against",
            pull=-0.2,
            loadings={"tradition": 0.5},
            wordings=Wordings(plain=["x"]),
            denials=["y"],
        ),
        Claim(id="c", side="common", pull=1.0, loadings={}, wordings=Wordings(plain=["x"]), denials=["y"]),
    ],
)
PERSONA = Persona(
    persona_id=0,
    sex="female",
    age=40,
    ethnicity="White",
    region="Wales",
    education="none",
    work="employed",
    children=False,
    values=(0.0,) * 6,
    style=ResponseStyle(noise=0.6, acquiescence=0.2, extremity=1.0, carelessness="none"),
    tempo=Tempo(reading_wpm=240, composing_wpm=20, thinking_seconds=20, decision_seconds=3),
    writing=WritingStyle(register="plain", words=50, hedging=0.5, tidiness=0.8),
)


@pytest.fixture(scope="module")
def crowd():
    """Values [people, dimensions], standard normal, and what those people hold."""
    values = stream(1, "values").standard_normal((N, len(VALUE_DIMENSIONS)))
    compiled = CompiledQuestion(QUESTION)
    people = [replace(PERSONA, persona_id=k, values=tuple(row)) for k, row in enumerate(values.tolist())]
    return values, [consider(person, compiled, MIND, seed=2) for person in people]


def leanings(convictions):
    """What positions were before their bound and their intensity, in points from the midpoint: x = d / (1 - (d/3)^4)^(1/4)."""
    distance = np.array([conviction.favour for conviction in convictions])
    return distance / (1 - (distance / 3) ** 4) ** 0.25 / MIND.intensity


def test_leanings_have_the_mean_and_spread_of_the_scenario_and_positions_are_what_they_come_to(crowd):
    leaning = leanings(crowd[1])
    assert leaning.mean() == pytest.approx(0.5 + 0.7, abs=4.9 * 1.3 / np.sqrt(N))
    assert leaning.std() == pytest.approx(1.3, abs=4.9 * 1.3 / np.sqrt(2 * N))
    positions = [conviction.position for conviction in crowd[1]]
    assert 1 < min(positions) < 2
    assert 6.9 < max(positions) < 7


def test_values_explain_their_share_of_leanings(crowd):
    """r = sqrt(.36) with the loadings' direction; nothing with a dimension the question does not load on."""
    values, convictions = crowd
    positions = leanings(convictions)
    along = values[:, 0] * -0.6 + values[:, 1] * 0.8
    assert np.corrcoef(along, positions)[0, 1] == pytest.approx(0.6, abs=4.9 * (1 - 0.36) / np.sqrt(N))
    assert np.corrcoef(values[:, 4], positions)[0, 1] == pytest.approx(0, abs=4.9 / np.sqrt(N))


def test_endorsement_follows_side_values_and_pull(crowd):
    """Regressed on leaning/sd, the claim's own values and a constant: .8 side, .5 and the pull, leaving an SD of .5; of 1 on
    common ground, so that a pull of 1 is held by five in six, as the guide to banks says.
    """
    values, convictions = crowd
    favour = leanings(convictions) / MIND.person_sd
    endorsement = np.array([conviction.endorsement for conviction in convictions])
    own_values = [values[:, 0] * -0.6 + values[:, 1] * 0.8, values[:, 4], np.zeros(N)]
    for claim, (side, pull, sd) in enumerate([(1, 0.5, 0.5), (-1, -0.2, 0.5), (0, 1.0, 1.0)]):
        left = endorsement[:, claim] - (pull + 0.8 * side * favour + 0.5 * own_values[claim])
        assert left.std() == pytest.approx(sd, abs=4.9 * sd / np.sqrt(2 * N))
        assert left.mean() == pytest.approx(0, abs=4.9 * sd / np.sqrt(N))
        for regressor in (favour, own_values[0]):
            assert np.corrcoef(left, regressor)[0, 1] == pytest.approx(0, abs=4.9 / np.sqrt(N))
    held = (endorsement > 0).mean(axis=0)
    assert held[2] == pytest.approx(0.841, abs=4.9 * 0.366 / np.sqrt(N))


def test_what_comes_to_mind_is_mostly_what_is_held_most(crowd):
    endorsement = np.array([conviction.endorsement for conviction in crowd[1]]).ravel()
    salience = np.array([conviction.salience for conviction in crowd[1]]).ravel()
    assert (salience - endorsement).std() == pytest.approx(0.8, abs=4.9 * 0.8 / np.sqrt(2 * 3 * N))


def test_a_conviction_is_a_matter_of_person_question_and_seed_alone():
    person = replace(PERSONA, persona_id=5, values=(0.5, -1.0, 0.2, 0.0, 1.0, -0.3))
    compiled = CompiledQuestion(QUESTION)
    conviction = consider(person, compiled, MIND, seed=1)
    other_traits = replace(
        person, age=80, style=replace(person.style, noise=2.0), writing=replace(person.writing, words=9)
    )
    assert consider(other_traits, CompiledQuestion(QUESTION), MIND, seed=1) == conviction
    other_question = CompiledQuestion(QUESTION.model_copy(update={"id": "another"}))
    for person_, compiled_, seed in [
        (replace(person, persona_id=6), compiled, 1),
        (replace(person, values=(0.0,) * 6), compiled, 1),
        (person, other_question, 1),
        (person, compiled, 2),
    ]:
        assert consider(person_, compiled_, MIND, seed=seed).position != conviction.position


def test_a_question_about_no_value_splits_people_by_what_is_their_own():
    compiled = CompiledQuestion(QUESTION.model_copy(update={"loadings": {}}))
    people = [replace(PERSONA, persona_id=k, values=(2.0,) * 6) for k in range(2000)]
    assert leanings([consider(person, compiled, MIND, seed=3) for person in people]).std() == pytest.approx(
        1.3, abs=4.9 * 1.3 / np.sqrt(4000)
    )
