"""The card says what the persona is, in the right direction."""

from dataclasses import replace

import pytest

from simcons.languages.en_gb import EN_GB
from simcons.population.card import card
from simcons.population.persona import Persona, ResponseStyle, Tempo, WritingStyle
from simcons.scenario.parameters import VALUE_DIMENSIONS

PERSONA = Persona(
    persona_id=7,
    sex="female",
    age=34,
    ethnicity="Asian",
    region="Wales",
    education="level 3",
    work="self_employed",
    children=True,
    values=(-0.8, 1.2, 0.1, -2.4, 0.3, -0.3),
    style=ResponseStyle(noise=0.65, acquiescence=-0.25, extremity=0.7, carelessness="none"),
    tempo=Tempo(reading_wpm=238.4, composing_wpm=19.2, thinking_seconds=25.0, decision_seconds=3.5),
    writing=WritingStyle(register="chatty", words=55.0, hedging=0.7, tidiness=0.2),
)


def test_a_whole_card():
    assert card(PERSONA, EN_GB.people) == (
        "Persona 7: female, 34, Asian, Wales, qualification: level 3\n"
        "Work: self-employed; has children\n"
        "Values (SDs of the general public)\n"
        "  leans left on the economy (-0.8 SD)\n"
        "  leans clearly authoritarian on order and authority (+1.2 SD)\n"
        "  is near the middle on the environment (+0.1 SD)\n"
        "  leans strongly closed on immigration and the wider world (-2.4 SD)\n"
        "  leans towards tradition in matters of custom (+0.3 SD)\n"
        "  leans wary on new technology (-0.3 SD)\n"
        "Rating\n"
        "  Uses the ends of the scale (thresholds x 0.70).\n"
        "  Rates 0.25 points below their view.\n"
        "  Wavers by 0.65 points from one time to the next.\n"
        "  Reads the questions.\n"
        "Pace and writing\n"
        "  Reads 238 words a minute; takes 3.5 s for a rating.\n"
        "  Thinks 25 s, then writes 19 words a minute.\n"
        "  Writes about 55 words, chatty, hedges a lot, careless spelling.\n"
    )


def test_every_dimension_has_words():
    assert tuple(EN_GB.people.directions) == VALUE_DIMENSIONS


@pytest.mark.parametrize(
    ("extremity", "carelessness", "lines"),
    [
        (1.0, "uniform", ["Uses the whole scale", "Answers at random."]),
        (1.4, "stuck", ["Keeps to the middle of the scale", "Answers 5 or 6"]),
        (0.8, "straight", ["Uses the ends of the scale", "Gives one answer throughout."]),
    ],
)
def test_the_rating_style_in_words(extremity, carelessness, lines):
    style = ResponseStyle(noise=0.5, acquiescence=0.5, extremity=extremity, carelessness=carelessness)
    text = card(replace(PERSONA, style=style), EN_GB.people)
    assert "points above their view" in text
    assert all(line in text for line in lines)
