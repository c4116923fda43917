"""The service behind the server: a chat in, a person's answer out, with no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simcons.engines.base import Act, Engine
from simcons.engines.load import load_encoder, load_engines
from simcons.questions.bank import Question
from simcons.questions.choose import choose_questions
from simcons.scenario.study import Scenario
from simcons.serve.crowd import Answer, Crowd, Occasion
from simcons.serve.formats import Tasks, format_of, tasks_of, written
from simcons.serve.questions import Questions
from simcons.serve.understanding import Asked, Understanding
from simcons.serve.wire import ChatRequest, Document
from simcons.study.participant import Participant
from simcons.study.plan import Plan, make_plan


@dataclass(frozen=True, slots=True)
class Replied:
    """The reply to a request: a text for each choice, and what was made of the message."""

    texts: tuple[str, ...]
    understood: Document


class Service:
    """The people of one scenario, and the engines that play them."""

    def __init__(self, scenario: Scenario, engines: Mapping[str, Engine] | None = None) -> None:
        """engines: by the scenario's names, in place of those that it describes. Raises ScenarioError, EngineError."""
        encode = load_encoder() if scenario.reads_with_embeddings else None
        self.plan = make_plan(scenario, encode=encode)
        self.crowd = Crowd(self.plan)
        given = engines or {}
        self.engines = {**load_engines(scenario.engines, _asked_of(scenario) - given.keys()), **given}
        questions = Questions(_all_questions(self.plan), self.plan.language)
        self._understanding = Understanding(questions, self.plan.language, self.plan.scales)

    def reply(self, request: ChatRequest) -> Act[Replied]:
        """An act: the reply to a request. Raises RequestRefused at once where it is not understood."""
        person, turns = self.crowd.person(request.model), request.turns
        before, text = self._understanding.before(turns), turns[-1].text
        form = format_of(request.response_format, text)
        tasks = tasks_of(text, form, before, self._understanding, self.plan.language)
        now = self.crowd.seconds(person, turns)
        return self._carry_out(request, person, tasks, before.own, now)

    def _carry_out(
        self, request: ChatRequest, person: Participant, tasks: Tasks, own: Mapping[str, str], now: float
    ) -> Act[Replied]:
        texts: list[str] = []
        first: dict[Asked, Answer] = {}
        for choice in range(request.n or 1):
            occasion = Occasion(request.draw(choice), now)
            answers: dict[Asked, Answer] = {}
            for asked in tasks.all():
                answers[asked] = yield from self.crowd.answer(person, asked, own.get(asked.question.id), occasion)
            first = first or answers
            texts.append(written(tasks, answers, self.plan.language))
        return Replied(tuple(texts), {"asked": [_understood(answer) for answer in first.values()]})


def _all_questions(plan: Plan) -> list[Question]:
    """Those of the scenario's banks or file, whether or not a run would draw them."""
    everything = {key: None for key in ("topics", "ids", "split", "count") if hasattr(plan.scenario.questions, key)}
    settings = plan.scenario.questions.model_copy(update=everything)
    return choose_questions(settings, plan.language, seed=plan.scenario.seed).questions


def _asked_of(scenario: Scenario) -> set[str]:
    """The engines that play the people, and those of the reader that they hear with."""
    return set(scenario.participants.mind.engines) | set(scenario.reader(scenario.participants.reader).engines)


def _understood(answer: Answer) -> Document:
    """One thing that was asked, as it was understood, with the answer's place on its scale."""
    asked = answer.asked
    head: Document = {"task": asked.task, "question_id": asked.question.id, "question": asked.question.text}
    if asked.options is None:
        return head
    rating = {"rating": answer.place, "n_options": len(asked.options)}
    return {**head, "statement": asked.statement, "scale": asked.scale.name, **rating}
