"""A mind played by a language model: it takes a position, writes an opinion and judges statements as a persona would.

What it is told and asked is made by `prompts`. Everything here is an act; what cannot be used of a reply comes out as `Missing`,
with the reply.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from simcons.engines.base import Act, Message, Reply, Request
from simcons.engines.replies import Said, as_received, may_pass, said
from simcons.languages.language import Language
from simcons.population.minds.beliefs import Beliefs
from simcons.population.minds.dealing import Hand
from simcons.population.minds.discussion import Discussion, Respondent, Statement
from simcons.population.minds.elicitation import Elicited, Item, elicit
from simcons.population.minds.likert import POINTS, Missing
from simcons.population.minds.mind import Appraisal, Draft, Judgement, Written
from simcons.population.minds.pen import Pen
from simcons.population.minds.prompts import (
    POSITION,
    MindTemplates,
    RatingQuestion,
    Told,
    manner_of,
    opinion_prompt,
    rating_prompt,
    shown_scale,
    told_of,
)
from simcons.population.minds.replies import Asked
from simcons.population.minds.writer import WrittenOpinion, stance_of
from simcons.scale import AGREEMENT, Scale
from simcons.scenario.minds import LlmMindSettings, OpinionStart
from simcons.seeds import KeyPart, request_seed, stream


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
        asked = RatingQuestion(POSITION, AGREEMENT, person.question.position)
        item = self._item(asked, told_of(person, self._language), person)
        [elicited] = yield from elicit([item], self.settings, self._language, seed=self._seed)
        judgement = _judgement(elicited)
        if self.settings.position == "drawn" and elicited.weights:
            draws = stream(self._seed, "position", *_key(person))
            return replace(judgement, value=float(draws.choice(POINTS, p=elicited.weights)))
        return judgement

    def write(self, person: Respondent, words: float) -> Act[Draft]:
        """A refusal, an empty reply and one that is no opinion are asked for again up to ``retries`` times."""
        manner = manner_of(person.persona.writing, self._language.people)
        told = told_of(person, self._language)
        prompt = opinion_prompt(self._templates, told, self._language, words=words, manner=manner)
        messages = self._begun(prompt, person, told)
        position = self._language.text.as_clause(person.question.position)
        asked = Asked(prompt, person.question, position, self._language)
        for attempt in range(1 + self.settings.retries):
            [reply] = yield [self._opinion_request(messages, _key(person), attempt)]
            answer = self._said(reply, messages, asked)
            written = _written(reply, answer, attempts=attempt + 1, told=person.beliefs)
            reason = written.missing.reason if written.missing else None
            if not may_pass(reason, self.settings.opinion_sampling):
                break
        return Draft(_opinion(written), written)

    def _begun(self, prompt: tuple[Message, ...], person: Respondent, told: Told) -> tuple[Message, ...]:
        """The prompt, and where the settings have it so a verdict for the reply to begin with, of who has taken a position."""

        def pen() -> Pen:
            hand = person.hand or Hand.whole(person.question)
            draws = stream(self._seed, "opinion start", *_key(person))
            return Pen(person.question, self._language, person.persona.writing, hand, draws)

        return begun_by(pen, prompt, told.answer, self.settings.opinion_start)

    def _said(self, reply: Reply, messages: Sequence[Message], asked: Asked) -> Said:
        """The reply understood; missing, too, where its text is no opinion on the question."""
        answer = said(reply, messages, self._language.replies, continued=self._continues)
        if answer.text is None or (why := asked.why_unusable(answer.text, raw=reply.text)) is None:
            return answer
        return Said(None, why, answer.reasoning)

    def judge(
        self, person: Respondent, statements: Sequence[Statement], discussion: Discussion
    ) -> Act[list[Appraisal]]:
        """All asked in one list of requests. A person is asked about a statement in the same words, order and seeds wherever
        in a round it stands.
        """
        told = told_of(person, self._language)
        items = [
            self._item(RatingQuestion(scale.name, scale, statement.text), told, person, statement.text)
            for statement in statements
            for scale in self._scales
        ]
        elicited = yield from elicit(items, self.settings, self._language, seed=self._seed)
        judgements = iter(map(_judgement, elicited))
        return [{scale: next(judgements) for scale in self._scales} for _ in statements]

    def _item(self, asked: RatingQuestion, told: Told, person: Respondent, *key: KeyPart) -> Item:
        language, by = self._language, self.settings.elicitation.by
        return Item(
            asked.act,
            (*_key(person), *key),
            shown_scale(asked.scale, language),
            lambda options: rating_prompt(self._templates, told, language, asked, options=options, by=by),
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


def begun_by(
    pen: Callable[[], Pen], prompt: tuple[Message, ...], answer: float | None, start: OpinionStart
) -> tuple[Message, ...]:
    """The prompt, and after it where wanted a pen's verdict for the reply to begin with: of who has answered, unless the prompt
    begins the reply itself.
    """
    if start == "free" or answer is None or prompt[-1].role != "user":
        return prompt
    return (*prompt, Message("assistant", pen().verdict(stance_of(answer))))


def _key(person: Respondent) -> tuple[KeyPart, ...]:
    return person.participant_id, person.round_id


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
