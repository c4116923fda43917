"""A persona as plain text, for people to read."""

from __future__ import annotations

from simcons.languages.people import Graded, PersonWords
from simcons.languages.text import as_sentence
from simcons.population.persona import Carelessness, Persona, ResponseStyle, Tempo, WritingStyle
from simcons.scenario.parameters import VALUE_DIMENSIONS, ValueDimension, Work

HEDGING_BOUNDS, TIDINESS_BOUNDS = (0.25, 0.6), (0.33, 0.67)
WORK: dict[Work, str] = {
    "employed": "employed",
    "self_employed": "self-employed",
    "student": "studying",
    "retired": "retired",
    "at_home": "at home, or long-term sick",
    "unemployed": "out of work",
}
CARELESS: dict[Carelessness, str] = {
    "none": "Reads the questions.",
    "uniform": "Answers at random.",
    "stuck": "Answers 5 or 6 to nearly everything.",
    "straight": "Gives one answer throughout.",
}


def card(persona: Persona, words: PersonWords) -> str:
    """A dozen lines: who, what they lean to, how they rate, how fast they read and write."""
    who = f"{persona.sex}, {persona.age}, {persona.ethnicity}, {persona.region}, qualification: {persona.education}"
    row = "" if persona.table_row is None else f" (row {persona.table_row:,} of the table)"
    life = f"work: {WORK[persona.work]}; {'has' if persona.children else 'no'} children"
    leanings = [_leaning(name, value, words) for name, value in zip(VALUE_DIMENSIONS, persona.values, strict=True)]
    parts = [
        [f"Persona {persona.persona_id}{row}: {who}", as_sentence(life), "Values (SDs of the general public)"],
        [f"  {leaning}" for leaning in leanings],
        ["Rating", *(f"  {line}" for line in _rating(persona.style))],
        ["Pace and writing", *(f"  {line}" for line in _pace(persona.tempo, persona.writing))],
    ]
    return "\n".join(line for section in parts for line in section) + "\n"


def leaning(name: ValueDimension, value: float, words: PersonWords) -> str:
    """The place of ``value``, in SDs of the public, on the dimension ``name``: "near the middle", "leans clearly left"."""
    if abs(value) < 0.25:
        return words.middle
    direction = words.directions[name]
    return f"{graded(abs(value), (1, 2), words.leanings)} {direction.high if value > 0 else direction.low}"


def _leaning(name: ValueDimension, value: float, words: PersonWords) -> str:
    text = leaning(name, value, words)
    return f"{'is ' if text == words.middle else ''}{text} {words.directions[name].subject} ({value:+.1f} SD)"


def _rating(style: ResponseStyle) -> list[str]:
    return [
        f"{_tendency(style.extremity, 'Uses the ends of the scale', 'Keeps to the middle of the scale')} "
        f"(thresholds x {style.extremity:.2f}).",
        f"Rates {abs(style.acquiescence):.2f} points {'above' if style.acquiescence >= 0 else 'below'} their view.",
        f"Wavers by {style.noise:.2f} points from one time to the next.",
        CARELESS[style.carelessness],
    ]


def _tendency(extremity: float, ends: str, middle: str) -> str:
    if 0.9 <= extremity <= 1.1:
        return "Uses the whole scale"
    return ends if extremity < 1 else middle


def _pace(tempo: Tempo, writing: WritingStyle) -> list[str]:
    return [
        f"Reads {tempo.reading_wpm:.0f} words a minute; takes {tempo.decision_seconds:.1f} s for a rating.",
        f"Thinks {tempo.thinking_seconds:.0f} s, then writes {tempo.composing_wpm:.0f} words a minute.",
        f"Writes about {writing.words:.0f} words, {writing.register}, {_hedging(writing.hedging)}, "
        f"{_tidiness(writing.tidiness)}.",
    ]


def graded(value: float, bounds: tuple[float, float], words: Graded) -> str:
    """The word for a value below, between or above two bounds."""
    return words[sum(value >= bound for bound in bounds)]


def _hedging(hedging: float) -> str:
    return graded(hedging, HEDGING_BOUNDS, ("states things flatly", "hedges a little", "hedges a lot"))


def _tidiness(tidiness: float) -> str:
    return graded(tidiness, TIDINESS_BOUNDS, ("careless spelling", "some slips", "tidy spelling"))
