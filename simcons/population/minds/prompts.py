"""The prompts by which a language model plays a person: who they are, what they hold, and what is asked of them.

The persona is told as a table of traits and leanings, never as a biography: biographies tilt answers to the positive and
to the left. What is put to a model and what a model is trained on are both made here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor

from simcons.engines.base import Message
from simcons.engines.templates import Template, TemplateValues, load_template
from simcons.languages.answers import Labels
from simcons.languages.language import Language
from simcons.languages.people import PersonWords
from simcons.languages.text import as_sentence
from simcons.population.card import HEDGING_BOUNDS, TIDINESS_BOUNDS, graded, leaning
from simcons.population.minds.discussion import Respondent
from simcons.population.minds.likert import POINTS, Option, ShownScale
from simcons.population.persona import Persona, WritingStyle
from simcons.questions.bank import Question
from simcons.scale import AGREEMENT, SCALES, Scale
from simcons.scenario.minds import ElicitedBy, LlmMindSettings
from simcons.scenario.parameters import VALUE_DIMENSIONS
from simcons.scenario.shipped import find_prompt

POSITION = "position"  # the act of rating the position statement

_MOST_REJECTED = 3  # points told as rejected: enough to keep clear of, too few to write against
_STEP_OF_WORDS = 5
_RATING_SHOWS = {"the statement": "STATEMENT", "what is asked of it ({{ asked }})": "ASKED", "the options": "LABEL"}


@dataclass(frozen=True, slots=True)
class MindTemplates:
    """The mind's two prompts."""

    opinion: Template
    rating: Template


@dataclass(frozen=True, slots=True)
class Told:
    """All that a model is told of a person and a question.

    traits: names and values, in the order of the table. position: the position statement. answer: the person's own on it, from 1
    to 7; None before it is given. held, rejected: points. opinion: their own, once it is written.
    """

    traits: tuple[tuple[str, str], ...]
    question: str
    position: str
    answer: float | None = None
    held: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    opinion: str | None = None


def told_of(person: Respondent, language: Language) -> Told:
    """A simulated person as far as the round has come. What they are told to hold stands before what they answered."""
    question, beliefs = person.question, person.beliefs
    return Told(
        traits=traits(person.persona, language.people),
        question=question.text,
        position=question.position,
        answer=beliefs.position if beliefs else person.position,
        held=_points(question, beliefs.claims if beliefs else ()),
        rejected=_points(question, beliefs.rejected[:_MOST_REJECTED] if beliefs else ()),
        opinion=person.submission.honest_text if person.submission else None,
    )


def opinion_prompt(
    templates: MindTemplates, told: Told, language: Language, *, words: float, manner: str | None
) -> tuple[Message, ...]:
    """The request for an opinion of about so many words. manner: of writing, as `manner_of` puts it; None where unknown."""
    return templates.opinion({**_values(told, language), "words": _round_words(words), "manner": manner})


@dataclass(frozen=True, slots=True)
class RatingQuestion:
    """A statement to be rated. act: ``position`` for the position statement, else the name of the scale."""

    act: str
    scale: Scale
    statement: str


def rating_prompt(
    templates: MindTemplates,
    told: Told,
    language: Language,
    asked: RatingQuestion,
    *,
    options: Sequence[Option],
    by: ElicitedBy = "logprobs",
) -> tuple[Message, ...]:
    """The request for a rating. by: the form of the answer."""
    return templates.rating(
        {
            **_values(told, language),
            "opinion": None if asked.act == POSITION else told.opinion,
            "asks": asked.act,
            "asked": language.scales[asked.scale].question,
            "statement": asked.statement,
            "by": by,
            "options": [{"number": option.number, "label": option.label} for option in options],
        }
    )


def shown_scale(scale: Scale, language: Language) -> ShownScale:
    """The scale with its labels. 1 always stands for the least, as people are shown it.

    Turning the numbers round would expose a liking for certain numbers, but a model that overlooks the key then answers the
    opposite of what it means, which nothing reveals (SmolLM2-135M: r = -.70 between the two), while a liking for numbers cancels
    between statements that one person judges.
    """
    return ShownScale(scale.name, language.scales[scale].labels)


def traits(persona: Persona, words: PersonWords) -> tuple[tuple[str, str], ...]:
    """The table of a persona."""
    leanings = zip(VALUE_DIMENSIONS, persona.values, strict=True)
    return (
        *surveyed_traits(
            {
                "sex": persona.sex,
                "age": str(persona.age),
                "ethnicity": persona.ethnicity,
                "region": persona.region,
                "education": persona.education,
            },
            words,
        ),
        *((as_sentence(words.directions[name].subject), leaning(name, value, words)) for name, value in leanings),
    )


def surveyed_traits(known: Mapping[str, str], words: PersonWords) -> tuple[tuple[str, str], ...]:
    """The rows of what people say of themselves, as far as it is ``known``, by the names of the records' columns."""
    titles = {
        "sex": words.sex,
        "age": words.age,
        "ethnicity": words.ethnicity,
        "region": words.region,
        "education": words.qualification,
    }
    return tuple(
        (title, words.education.get(known[name], known[name]) if name == "education" else known[name])
        for name, title in titles.items()
        if name in known
    )


def manner_of(writing: WritingStyle, words: PersonWords) -> str:
    """A way of writing in words."""
    return words.manner.format(
        register=words.registers[writing.register],
        hedging=graded(writing.hedging, HEDGING_BOUNDS, words.hedging),
        spelling=graded(writing.tidiness, TIDINESS_BOUNDS, words.spelling),
    )


# --- templates ---------------------------------------------------------------------------------------------------


def load_templates(settings: LlmMindSettings) -> MindTemplates:
    """Both prompts. Raises ScenarioError, in one line, for one that is not there, does not render, or does not show what it
    asks about.
    """
    opinion, rating = find_prompt(settings.opinion_prompt), find_prompt(settings.rating_prompt)
    return MindTemplates(
        opinion=load_template(opinion, _opinion_examples(), must_show={"the question": "QUESTION"}),
        rating=load_template(rating, _rating_examples(), must_show=_RATING_SHOWS),
    )


def _examples() -> list[dict[str, object]]:
    """Values as the prompts get them: of a person of whom everything is told, and of one of whom as little as there can be."""
    full: dict[str, object] = {
        "person": [{"name": "Sex", "value": "female"}],
        "question": "QUESTION",
        "position": "POSITION",
        "told": "agree",
        "held": ["A"],
        "rejected": ["B"],
    }
    return [full, {**full, "told": None, "held": [], "rejected": []}]


def _opinion_examples() -> list[TemplateValues]:
    full, bare = _examples()
    return [{**full, "words": 55, "manner": "plain"}, {**bare, "words": 55, "manner": None}]


def _rating_examples() -> list[TemplateValues]:
    full, bare = _examples()
    options = [{"number": point, "label": f"LABEL {point}"} for point in POINTS]
    shown = {"statement": "STATEMENT", "asked": "ASKED", "options": options}
    return [
        {**example, **shown, "asks": asks, "by": by}
        for example in ({**full, "opinion": "OPINION"}, {**bare, "opinion": None})
        for asks in (POSITION, *SCALES)
        for by in ("logprobs", "choice", "text")
    ]


# --- values ------------------------------------------------------------------------------------------------------


def _values(told: Told, language: Language) -> dict[str, object]:
    """The values that both prompts show."""
    return {
        "person": [{"name": name, "value": value} for name, value in told.traits],
        "question": told.question,
        "position": language.text.as_clause(told.position),
        "told": None if told.answer is None else _in_words(told.answer, language.scales[AGREEMENT].labels),
        "held": list(told.held),
        "rejected": list(told.rejected),
    }


def _in_words(position: float, labels: Labels) -> str:
    """The label of the point on the scale nearest to ``position``, which may lie beyond its ends."""
    return labels[min(max(floor(position + 0.5), POINTS[0]), POINTS[-1]) - 1]


def _points(question: Question, claims: Sequence[int]) -> tuple[str, ...]:
    return tuple(question.claims[claim].point for claim in claims)


def _round_words(words: float) -> int:
    """To the nearest five: nobody writes 53 words on purpose."""
    return max(_STEP_OF_WORDS, _STEP_OF_WORDS * round(words / _STEP_OF_WORDS))
