"""The people of a scenario as they answer in chats: with the minds, response styles and readers that they have in a study.

What a person holds is what they hold in a run of the scenario. A request's ``seed`` stands for another occasion: it changes how
an opinion is put and the part of a rating's noise that is not the person's own, as the second pass of a study does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from simcons.engines.base import Act
from simcons.errors import RequestRefused
from simcons.population.minds.dealing import stories_of_deal
from simcons.population.minds.discussion import Discussion, Respondent, Statement, Submission
from simcons.population.minds.mind import Judgement
from simcons.population.minds.writer import WrittenOpinion, stance_of
from simcons.population.persona import Persona
from simcons.population.response_style import correlated
from simcons.questions.bank import Question
from simcons.questions.own import comparable
from simcons.questions.reading import Reading
from simcons.scale import AGREEMENT, MIDPOINT
from simcons.seeds import stream
from simcons.serve.options import Option
from simcons.serve.understanding import Asked, Turn
from simcons.study.opinions import compose, submission
from simcons.study.participant import Participant
from simcons.study.plan import Plan

NAME = "persona-"
_DIGITS = 4  # of a number in a name, at least
_OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person answers: the text of an opinion, which may be empty as people leave some blank; or the option chosen.

    place: of that option from 1, the least; missing: why a model that plays the person gave no answer.
    """

    asked: Asked
    text: str = ""
    chosen: Option | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """When somebody is asked: ``draw`` tells it from others with the same chat; ``now``: seconds since the chat began."""

    draw: str
    now: float


Own: TypeAlias = str | None  # the person's opinion as the chat has it


class Crowd:
    """The population of a study's plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        reader = plan.scenario.participants.reader
        self._readers = {
            reader: plan.readers[reader]("chats")
        }  # one for all chats: the same statement is shown to many
        self._positions: dict[tuple[str, str], Judgement] = {}  # by participant and round

    def __len__(self) -> int:
        return len(self.plan.population)

    def name(self, index: int) -> str:
        return f"{NAME}{index + 1:0{_DIGITS}d}"

    def person(self, name: str) -> Participant:
        """The person with this name. Raises RequestRefused for a name that nobody has."""
        number = name.removeprefix(NAME)
        if not (name.startswith(NAME) and number.isascii() and number.isdigit() and 1 <= int(number) <= len(self)):
            raise RequestRefused(
                f"the model {name!r} does not exist; expected {self.name(0)} to {self.name(len(self) - 1)}",
                "model",
                "model_not_found",
                404,
            )
        index = int(number) - 1
        persona = self.plan.population.persona(index)
        # The id that they have in a run, so that they are the same people there.
        return Participant(f"p{index + 1:06d}", persona, self.plan.manner, seed=self.plan.scenario.seed, arrived_at=0.0)

    def seconds(self, person: Participant, turns: Sequence[Turn]) -> float:
        """The time that a chat has taken the person so far: to read what was said, and to think and type."""
        now = 0.0
        for turn in turns:
            n_words = len(turn.text.split())
            if turn.is_own:
                now += sum(person.composing_seconds(n_words, 0.0, now))
            else:
                now += person.reading_seconds(n_words, now)
        return now

    def answer(self, person: Participant, asked: Asked, own: Own, occasion: Occasion) -> Act[Answer]:
        """An act: one answer of one person. own: their opinion on the question, where the chat has one.

        Raises RequestRefused where a language model that plays them gives no answer that can be used.
        """
        if asked.options is None:
            return self._opinion(person, asked, occasion)
        return self._rating(person, asked, own, occasion)

    # --- opinions ---

    def _opinion(self, person: Participant, asked: Asked, occasion: Occasion) -> Act[Answer]:
        plan, who = self.plan, person.participant_id
        discussion = self._discussion(person, asked.question, occasion)
        if person.leaves_blank(_round(asked.question, occasion), occasion.now):
            return Answer(asked)
        judgement = yield from self._position(discussion.respondent(who))
        discussion.answer(who, judgement.value)
        length = float(stream(person.seed, "answers", who, _round(asked.question, occasion)).standard_normal())
        words = person.opinion_words(length, occasion.now)
        careless = person.is_careless(occasion.now)
        draft = yield from compose(plan, discussion.respondent(who), words, careless=careless)
        sent = submission(plan, discussion.respondent(who), draft, 1.0)
        if sent is None:
            reason = draft.written.missing.reason if draft.written and draft.written.missing else "empty"
            raise _unanswered("opinion", reason)
        return Answer(asked, sent.text)

    # --- ratings ---

    def _rating(self, person: Participant, asked: Asked, own: Own, occasion: Occasion) -> Act[Answer]:
        options, statement = asked.options, asked.statement
        if options is None or statement is None:
            raise ValueError(f"{asked.task}: expected a statement with options")
        judgement = yield from self._judged(person, asked, statement, own, occasion)
        careless = person.is_careless(occasion.now)
        if judgement.value is None and not careless:
            raise _unanswered("rating", judgement.missing or "empty")
        key = (person.participant_id, asked.question.id, comparable(statement), asked.scale.name)
        rng = stream(person.seed, "answers", *key, occasion.draw)
        place = person.answer(
            judgement.value or MIDPOINT,
            self._noise(person, key, occasion.draw),
            occasion.now,
            rng,
            n_options=len(options),
        )
        return Answer(asked, chosen=options.points[place - 1], place=place)

    def _judged(
        self, person: Participant, asked: Asked, statement: str, own: Own, occasion: Occasion
    ) -> Act[Judgement]:
        """What the person truly thinks of a statement; of the question's position statement that is their position."""
        who, question = person.participant_id, asked.question
        alone = self._discussion(person, question, occasion)
        position = yield from self._position(alone.respondent(who))
        if asked.scale is AGREEMENT and comparable(statement) == comparable(question.position):
            return position
        group = self._group(person, asked, occasion)
        group.answer(who, position.value)
        yield from self._let_speak(group, person, own, occasion)
        yield from self._let_others_speak(group, asked)
        text = Statement(statement, of_group=bool(asked.opinions))
        [appraisal] = yield from self.plan.mind.judge(group.respondent(who), [text], group)
        return appraisal[asked.scale]

    def _let_speak(self, group: Discussion, person: Participant, own: Own, occasion: Occasion) -> Act[None]:
        """Have the person's own points in the discussion: those that their opinion in the chat makes, or else those that they
        would make.
        """
        who = person.participant_id
        if own is not None:
            [reading] = yield from group.read([own])
            meant = _as_read(own, reading)
            group.write(who, meant)
            group.submit(who, Submission(who, meant, own, own))
            return
        words = person.opinion_words(0.0, occasion.now)
        draft = yield from self.plan.latent.write(group.respondent(who), words)
        if draft.opinion is not None:
            group.write(who, draft.opinion)

    def _let_others_speak(self, group: Discussion, asked: Asked) -> Act[None]:
        """Have others' opinions in the discussion; where none are known, others may have made every point there is."""
        readings = yield from group.read(asked.opinions)
        for place, (text, reading) in enumerate(zip(asked.opinions, readings, strict=True)):
            meant = _as_read(text, reading)
            group.submit(f"{_OTHERS}-{place}", Submission(f"{_OTHERS}-{place}", meant, text, text))
        if not asked.opinions:
            everything = WrittenOpinion("", tuple(range(len(asked.question.claims))), stance=None)
            group.submit(f"{_OTHERS}-0", Submission(_OTHERS, everything, "", ""))

    def _noise(self, person: Participant, key: tuple[str, ...], draw: str) -> float:
        """Standard normal noise of one answer: correlated between the draws of a rating as between the passes of a study."""
        shared, own = stream(person.seed, "noise", *key), stream(person.seed, "noise", *key, draw)
        rho = person.manner.rating.retest_correlation
        return float(correlated(shared.standard_normal(1), own.standard_normal(1), rho)[0])

    # --- what both need ---

    def _position(self, person: Respondent) -> Act[Judgement]:
        """What the person answers on the position statement, asked once an occasion."""
        key = person.participant_id, person.round_id
        if key not in self._positions:
            self._positions[key] = yield from self.plan.mind.position(person)
        return self._positions[key]

    def _discussion(self, person: Participant, question: Question, occasion: Occasion) -> Discussion:
        """A round of the person alone; every story of the bank is one person's."""
        index, seed = person.persona.persona_id, self.plan.scenario.seed
        stories = stories_of_deal(question, index, len(self), seed=seed)
        people = {person.participant_id: person.persona}
        return self._round(question, occasion, people, stories)

    def _group(self, person: Participant, asked: Asked, occasion: Occasion) -> Discussion:
        others = {f"{_OTHERS}-{place}": person.persona for place in range(max(1, len(asked.opinions)))}
        return self._round(asked.question, occasion, {person.participant_id: person.persona, **others}, frozenset())

    def _round(
        self,
        question: Question,
        occasion: Occasion,
        people: dict[str, Persona],
        stories: frozenset[tuple[int, int]],
    ) -> Discussion:
        return self.plan.discussion(question, _round(question, occasion), people, self._readers, stories=stories)


def _round(question: Question, occasion: Occasion) -> str:
    """What stands for the round of a study in the streams of random numbers."""
    return f"chat-{question.id}-{occasion.draw}"


def _as_read(text: str, reading: Reading) -> WrittenOpinion:
    """An opinion with the claims and the verdict that the reader hears in it."""
    claims = tuple(mention.claim for mention in reading.mentions if mention.polarity > 0)
    denied = tuple(mention.claim for mention in reading.mentions if mention.polarity < 0)
    stance = None if reading.verdict is None else stance_of(MIDPOINT + reading.verdict)
    return WrittenOpinion(text, claims, stance, denied)


def _unanswered(task: str, reason: str) -> RequestRefused:
    return RequestRefused(
        f"the language model that plays this person gave no {task} that can be used ({reason})", None, "no_answer", 502
    )
