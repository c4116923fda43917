"""What people in a study think and write, with what does not depend on the person worked out once.

What takes a mind (a position, an opinion, a judgement) is an act: the latent mind asks for nothing and answers at once, a
language model is asked through requests. Acts read what is given to them and change nothing, as they end at no particular
moment of simulated time. Everything is deterministic in the study's seed and the replies. A round keeps its own
`RoundThoughts`, so nothing outlives it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from simcons.engines.base import Act, Encode
from simcons.population.minds.appraisal import Appraisal, Text, appraise, prepare
from simcons.population.minds.conviction import CompiledQuestion, Conviction, consider
from simcons.population.minds.elicitation import Elicited
from simcons.population.minds.fidelity import Fidelity, fidelity
from simcons.population.minds.hostile import wants_it
from simcons.population.minds.llm import Beliefs, LlmMind, Written, beliefs_of
from simcons.population.minds.writer import Opinion, stance_of, write_carelessly, write_opinion
from simcons.questions.bank import SIGN, Question
from simcons.questions.copying import Sources
from simcons.questions.reader import Reader
from simcons.questions.reading import Reading
from simcons.records import MissingReason
from simcons.scenario.minds import LatentMindSettings
from simcons.seeds import stream
from simcons.study.participant import Participant


class Library:
    """The study's questions, compiled for thinking and reading when they are first asked."""

    def __init__(self, *, encode: Encode | None = None) -> None:
        self._encode = encode
        self._compiled: dict[str, CompiledQuestion] = {}
        self._readers: dict[str, Reader] = {}

    def compiled(self, question: Question) -> CompiledQuestion:
        if question.id not in self._compiled:
            self._compiled[question.id] = CompiledQuestion(question)
        return self._compiled[question.id]

    def reader(self, question: Question) -> Reader:
        if question.id not in self._readers:
            self._readers[question.id] = Reader(question, self._encode)
        return self._readers[question.id]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a mind answers on the 1-7 scale, before any noise. ``elicited`` where a language model was asked."""

    value: float | None
    missing: MissingReason | None = None
    elicited: Elicited | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one person thinks of one text."""

    agreement: Answer
    quality: Answer


@dataclass(frozen=True, slots=True)
class Composed:
    """An opinion as its writer meant it; no opinion where a language model gave none. ``written`` where one was asked."""

    opinion: Opinion | None
    written: Written | None = None


Judged: TypeAlias = tuple[str, bool]  # a text, and whether it is a statement for the group or one person's opinion


class RoundThoughts:
    """What the members of one group think in one round."""

    def __init__(
        self,
        question: Question,
        library: Library,
        mind: LatentMindSettings,
        *,
        round_id: str,
        seed: int,
        model: LlmMind | None = None,
    ) -> None:
        self.question = question
        self.round_id = round_id
        self._compiled = library.compiled(question)
        self._reader = library.reader(question)
        self._mind = mind
        self._model = model
        self._seed = seed
        self._convictions: dict[str, Conviction] = {}
        self._readings: dict[str, Reading] = {}
        self._prepared: dict[tuple[str, bool], Text] = {}
        self.answers: dict[str, Answer] = {}  # position by participant, once given
        self.opinions: dict[str, Opinion] = {}  # by participant, as meant
        self.submitted: dict[str, str] = {}  # by participant, as sent
        self.honest: dict[str, str] = {}  # the same without what a hostile writer added for the mediator

    # --- acts ---

    def position(self, participant: Participant) -> Act[Answer]:
        """Agreement with the position statement."""
        if self._model is None or self._model.settings.beliefs == "latent":
            return Answer(self.conviction(participant).position)
        elicited = yield from self._model.position(participant.persona, self.question, key=self._key(participant))
        return _answer(elicited)

    def write(self, participant: Participant, now: float, words: float) -> Act[Composed]:
        """The opinion ``participant`` writes at ``now``, of about ``words`` words."""
        rng = stream(self._seed, "opinion", participant.participant_id, self.question.id)
        if participant.is_careless(now):
            return Composed(write_carelessly(rng))
        if self._model is None or self._model.settings.writer == "latent":
            style, conviction = participant.persona.writing, self.conviction(participant)
            return Composed(write_opinion(self.question, conviction, style=style, words=words, rng=rng))
        written = yield from self._model.write(
            participant.persona,
            self.question,
            position=self._position(participant),
            beliefs=self._beliefs(participant, words),
            words=words,
            key=self._key(participant),
        )
        return Composed(self._opinion(participant, written), written)

    def judge(self, participant: Participant, texts: Sequence[Judged]) -> Act[list[Judgement]]:
        """What ``participant`` truly thinks of each text."""
        if self._model is None or self._model.settings.judge == "latent":
            appraisals = [self.appraise(participant, text) for text in self._ready(texts)]
            return [Judgement(Answer(one.agreement), Answer(one.quality)) for one in appraisals]
        judged = yield from self._model.judge(
            participant.persona,
            self.question,
            opinion=self.honest.get(participant.participant_id),
            position=self._position(participant),
            beliefs=self._beliefs(participant, participant.persona.writing.words),
            statements=[text for text, _ in texts],
            key=self._key(participant),
        )
        return [Judgement(_answer(one.agreement), _answer(one.quality)) for one in judged]

    @property
    def judges_everything(self) -> bool:
        """Whether candidates that are not shown are judged too, as judging costs nothing."""
        return self._model is None or self._model.settings.judge == "latent"

    # --- the latent mind ---

    def conviction(self, participant: Participant) -> Conviction:
        who = participant.participant_id
        if who not in self._convictions:
            self._convictions[who] = consider(participant.persona, self._compiled, self._mind, seed=self._seed)
        return self._convictions[who]

    def appraise(self, participant: Participant, text: Text) -> Appraisal:
        """The true judgement of ``participant``, by the latent mind."""
        opinion = self.opinions.get(participant.participant_id)
        own = opinion.claims if opinion else ()
        return appraise(self.conviction(participant), text, own_claims=own, mind=self._mind)

    def wants_it(self, participant: Participant) -> bool:
        """Which side a hostile ``participant`` works for: whether they want the position statement to come true."""
        return wants_it(self._position(participant), self.conviction(participant).position)

    # --- reading ---

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Readings of ``texts``, each text read once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._readings]
        self._readings.update(zip(new, self._reader.read_many(new), strict=True))
        return [self._readings[text] for text in texts]

    def prepare(self, texts: Sequence[str], *, as_statements: bool = True) -> list[Text]:
        """``texts`` ready to be judged, once all opinions are in: as the group's statement, which should speak for the
        group and not repeat one member's opinion word for word, or as the opinion of one person.
        """
        new = [text for text in dict.fromkeys(texts) if (text, as_statements) not in self._prepared]
        sources = Sources(self.submitted.values() if as_statements else ()) if new else None
        for text, reading in zip(new, self.read(new), strict=True):
            self._prepared[text, as_statements] = prepare(
                text,
                reading if as_statements else replace(reading, first_person=0.0),
                question_id=self.question.id,
                sides=[SIGN[self.question.claims[mention.claim].side] for mention in reading.mentions],
                copied=sources.copied_share(text) if sources else 0.0,
                seed=self._seed,
            )
        return [self._prepared[text, as_statements] for text in texts]

    def _ready(self, texts: Sequence[Judged]) -> list[Text]:
        for as_statements in (True, False):
            self.prepare(
                [text for text, is_statement in texts if is_statement == as_statements], as_statements=as_statements
            )
        return [self._prepared[text] for text in texts]

    def fidelity(self, participant: Participant, text: str, written: Written) -> Fidelity:
        """Whether the opinion that a language model wrote says what ``participant`` holds."""
        (reading,) = self.read([text])
        beliefs = self._beliefs(participant, participant.persona.writing.words)
        told = None if beliefs is None else replace(beliefs, claims=written.claims)
        return fidelity(reading, position=self._position(participant), beliefs=told)

    # --- what a language model is told ---

    def _key(self, participant: Participant) -> tuple[str, str]:
        return participant.participant_id, self.round_id

    def _position(self, participant: Participant) -> float | None:
        answer = self.answers.get(participant.participant_id)
        return None if answer is None else answer.value

    def _beliefs(self, participant: Participant, words: float) -> Beliefs | None:
        if self._model is None or self._model.settings.beliefs == "persona":
            return None
        return beliefs_of(self.question, self.conviction(participant), words=words)

    def _opinion(self, participant: Participant, written: Written) -> Opinion | None:
        if written.text is None:
            return None
        told = self._model is not None and self._model.settings.beliefs == "latent"
        stance = stance_of(self.conviction(participant)) if told else None
        return Opinion(text=written.text, claims=written.claims, stance=stance)


def _answer(elicited: Elicited) -> Answer:
    return Answer(elicited.value, elicited.missing.reason if elicited.missing else None, elicited)
