"""A mind played by a language model: it takes a position, writes an opinion and judges statements as a persona would.

The persona is told as a table of traits and leanings, never as a biography: biographies tilt answers to the positive and
to the left. Everything here is an act; what cannot be used of a reply comes out as `Missing`, with the reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from simcons.engines.base import Act, Message, Reply, Request
from simcons.engines.replies import Said, as_received, may_pass, said
from simcons.engines.templates import Template, TemplateValues, load_template
from simcons.languages.answers import Labels
from simcons.languages.language import Language
from simcons.languages.people import PersonWords
from simcons.languages.text import as_sentence
from simcons.population.card import HEDGING_BOUNDS, TIDINESS_BOUNDS, graded, leaning
from simcons.population.minds.beliefs import Beliefs
from simcons.population.minds.discussion import Discussion, Respondent, Statement
from simcons.population.minds.elicitation import Elicited, Item, elicit
from simcons.population.minds.likert import POINTS, Missing, Option, ShownScale
from simcons.population.minds.mind import Appraisal, Draft, Judgement, Written
from simcons.population.minds.replies import Asked
from simcons.population.minds.writer import WrittenOpinion, stance_of
from simcons.population.persona import Persona, WritingStyle
from simcons.questions.bank import Question
from simcons.scale import AGREEMENT, SCALES, Scale
from simcons.scenario.minds import LlmMindSettings
from simcons.scenario.parameters import VALUE_DIMENSIONS
from simcons.scenario.shipped import find_prompt
from simcons.seeds import KeyPart, request_seed

_MOST_REJECTED = 3  # points told as rejected: enough to keep clear of, too few to write against
_STEP_OF_WORDS = 5
_RATING_SHOWS = {"the statement": "STATEMENT", "what is asked of it ({{ asked }})": "ASKED", "the options": "LABEL"}


@dataclass(frozen=True, slots=True)
class MindTemplates:
    """The mind's two prompts."""

    opinion: Template
    rating: Template


class LlmMind:
    """Minds of all personas, played by the engine in ``settings``.

    A request's seed depends on ``seed``, act, key, statement, order of options and attempt, never on what else is asked.
    continues: whether the engine makes the model go on from a given beginning of its reply.
    """

    judges_everything = False

    def __init__(
        self,
        settings: LlmMindSettings,
        templates: MindTemplates,
        language: Language,
        *,
        scales: Sequence[Scale],
        seed: int,
        continues: bool = True,
    ) -> None:
        self.settings = settings
        self._continues = continues
        self._templates = templates
        self._language = language
        self._scales = scales
        self._seed = seed

    def position(self, person: Respondent) -> Act[Judgement]:
        item = self._item("position", AGREEMENT, self._about(person), person.question.position, person)
        [elicited] = yield from elicit([item], self.settings, self._language, seed=self._seed)
        return _judgement(elicited)

    def write(self, person: Respondent, words: float) -> Act[Draft]:
        """A refusal, an empty reply and one that is no opinion are asked for again up to ``retries`` times."""
        manner = _manner(person.persona.writing, self._language.people)
        messages = self._templates.opinion({**self._about(person), "words": _round_words(words), "manner": manner})
        position = self._language.text.as_clause(person.question.position)
        asked = Asked(messages, person.question, position, self._language)
        for attempt in range(1 + self.settings.retries):
            [reply] = yield [self._opinion_request(messages, _key(person), attempt)]
            answer = self._said(reply, asked)
            written = _written(reply, answer, attempts=attempt + 1, told=person.beliefs)
            reason = written.missing.reason if written.missing else None
            if not may_pass(reason, self.settings.opinion_sampling):
                break
        return Draft(_opinion(written), written)

    def _said(self, reply: Reply, asked: Asked) -> Said:
        """The reply understood; missing, too, where its text is no opinion on the question."""
        answer = said(reply, asked.messages, self._language.replies, continued=self._continues)
        if answer.text is None or (why := asked.why_unusable(answer.text, raw=reply.text)) is None:
            return answer
        return Said(None, why, answer.reasoning)

    def judge(
        self, person: Respondent, statements: Sequence[Statement], discussion: Discussion
    ) -> Act[list[Appraisal]]:
        """All asked in one list of requests. A person is asked about a statement in the same words, order and seeds wherever
        in a round it stands.
        """
        values = {**self._about(person), "opinion": person.submission.honest_text if person.submission else None}
        items = [
            self._item(scale.name, scale, values, statement.text, person, statement.text)
            for statement in statements
            for scale in self._scales
        ]
        elicited = yield from elicit(items, self.settings, self._language, seed=self._seed)
        judgements = iter(map(_judgement, elicited))
        return [{scale: next(judgements) for scale in self._scales} for _ in statements]

    def _about(self, person: Respondent) -> dict[str, object]:
        return _about(person, self._language)

    def _item(
        self, act: str, scale: Scale, values: TemplateValues, statement: str, person: Respondent, *key: KeyPart
    ) -> Item:
        # 1 always stands for the least, as people are shown it. Turning the numbers round would expose a liking for certain
        # numbers, but a model that overlooks the key then answers the opposite of what it means, which nothing reveals
        # (SmolLM2-135M: r = -.70 between the two), while a liking for numbers cancels between statements one person judges.
        words = self._language.scales[scale]
        asked = {"asks": act, "asked": words.question, "statement": statement, "by": self.settings.elicitation.by}
        return Item(
            act,
            (*_key(person), *key),
            ShownScale(scale.name, words.labels),
            lambda options: self._templates.rating({**values, **asked, "options": _rows(options)}),
        )

    def _opinion_request(self, messages: tuple[Message, ...], key: tuple[KeyPart, ...], attempt: int) -> Request:
        return Request(
            engine=self.settings.engine,
            messages=messages,
            sampling=self.settings.opinion_sampling,
            seed=request_seed(self._seed, "opinion", *key, attempt),
            act="opinion",
            draw=attempt,
        )


# --- prompts -----------------------------------------------------------------------------------------------------


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
    return [{**example, "words": 55, "manner": "plain"} for example in _examples()]


def _rating_examples() -> list[TemplateValues]:
    full, bare = _examples()
    options = [{"number": point, "label": f"LABEL {point}"} for point in POINTS]
    shown = {"statement": "STATEMENT", "asked": "ASKED", "options": options}
    return [
        {**example, **shown, "asks": asks, "by": by}
        for example in ({**full, "opinion": "OPINION"}, {**bare, "opinion": None})
        for asks in ("position", *SCALES)
        for by in ("logprobs", "choice", "text")
    ]


def _about(person: Respondent, language: Language) -> dict[str, object]:
    """The values that all prompts show: the person, the question, and what the person is told to hold."""
    question, beliefs = person.question, person.beliefs
    told = beliefs.position if beliefs else person.position
    return {
        "person": [{"name": name, "value": value} for name, value in _table(person.persona, language.people)],
        "question": question.text,
        "position": language.text.as_clause(question.position),
        "told": None if told is None else _in_words(told, language.scales[AGREEMENT].labels),
        "held": _points(question, beliefs.claims if beliefs else ()),
        "rejected": _points(question, beliefs.rejected[:_MOST_REJECTED] if beliefs else ()),
        "opinion": None,
    }


def _key(person: Respondent) -> tuple[KeyPart, ...]:
    return person.participant_id, person.round_id


def _table(persona: Persona, words: PersonWords) -> list[tuple[str, str]]:
    leanings = zip(VALUE_DIMENSIONS, persona.values, strict=True)
    return [
        (words.sex, persona.sex),
        (words.age, str(persona.age)),
        (words.ethnicity, persona.ethnicity),
        (words.region, persona.region),
        (words.qualification, words.education.get(persona.education, persona.education)),
        *((as_sentence(words.directions[name].subject), leaning(name, value, words)) for name, value in leanings),
    ]


def _in_words(position: float, labels: Labels) -> str:
    """The label of the point on the scale nearest to ``position``, which may lie beyond its ends."""
    return labels[min(max(floor(position + 0.5), POINTS[0]), POINTS[-1]) - 1]


def _points(question: Question, claims: Sequence[int]) -> list[str]:
    return [question.claims[claim].point for claim in claims]


def _rows(options: Sequence[Option]) -> list[dict[str, object]]:
    return [{"number": option.number, "label": option.label} for option in options]


def _round_words(words: float) -> int:
    """To the nearest five: nobody writes 53 words on purpose."""
    return max(_STEP_OF_WORDS, _STEP_OF_WORDS * round(words / _STEP_OF_WORDS))


def _manner(writing: WritingStyle, words: PersonWords) -> str:
    return words.manner.format(
        register=words.registers[writing.register],
        hedging=graded(writing.hedging, HEDGING_BOUNDS, words.hedging),
        spelling=graded(writing.tidiness, TIDINESS_BOUNDS, words.spelling),
    )


# --- replies -----------------------------------------------------------------------------------------------------


def _judgement(elicited: Elicited) -> Judgement:
    return Judgement(elicited.value, elicited.missing.reason if elicited.missing else None, elicited)


def _opinion(written: Written) -> WrittenOpinion | None:
    """The opinion as written, with what it was meant to say as far as the model was told."""
    if written.text is None:
        return None
    told = written.told
    return WrittenOpinion(written.text, told.claims if told else (), stance_of(told.position) if told else None)


def _written(reply: Reply, answer: Said, *, attempts: int, told: Beliefs | None) -> Written:
    return Written(
        text=answer.text,
        missing=Missing(answer.missing, as_received(reply)) if answer.missing else None,
        attempts=attempts,
        truncated=reply.finish == "length",
        told=told,
        reasoning=answer.reasoning,
    )
