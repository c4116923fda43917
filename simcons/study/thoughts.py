"""What people in a study think and write: the latent mind, with what does not depend on the person worked out once.

Everything here is deterministic in the study's seed. A round keeps its own `RoundThoughts`, so nothing outlives it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simcons.engines.base import Encode
from simcons.population.minds.appraisal import Appraisal, Text, appraise, prepare
from simcons.population.minds.conviction import CompiledQuestion, Conviction, consider
from simcons.population.minds.writer import Opinion, write_carelessly, write_opinion
from simcons.questions.bank import SIGN, Question
from simcons.questions.copying import Sources
from simcons.questions.reader import Reader
from simcons.questions.reading import Reading
from simcons.scenario.minds import LatentMind
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


class RoundThoughts:
    """What the members of one group think in one round."""

    def __init__(self, question: Question, library: Library, mind: LatentMind, *, seed: int) -> None:
        self.question = question
        self._compiled = library.compiled(question)
        self._reader = library.reader(question)
        self._mind = mind
        self._seed = seed
        self._convictions: dict[str, Conviction] = {}
        self._readings: dict[str, Reading] = {}
        self.opinions: dict[str, Opinion] = {}  # by participant, as meant
        self.submitted: dict[str, str] = {}  # by participant, as sent

    def conviction(self, participant: Participant) -> Conviction:
        who = participant.participant_id
        if who not in self._convictions:
            self._convictions[who] = consider(participant.persona, self._compiled, self._mind, seed=self._seed)
        return self._convictions[who]

    def write(self, participant: Participant, now: float, words: float) -> Opinion:
        """The opinion ``participant`` writes at ``now``, of about ``words`` words."""
        who = participant.participant_id
        rng = stream(self._seed, "opinion", who, self.question.id)
        if participant.is_careless(now):
            opinion = write_carelessly(rng)
        else:
            style = participant.persona.writing
            opinion = write_opinion(self.question, self.conviction(participant), style=style, words=words, rng=rng)
        self.opinions[who] = opinion
        return opinion

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Readings of ``texts``, each text read once."""
        new = [text for text in dict.fromkeys(texts) if text not in self._readings]
        self._readings.update(zip(new, self._reader.read_many(new), strict=True))
        return [self._readings[text] for text in texts]

    def prepare(self, texts: Sequence[str], *, as_statements: bool = True) -> list[Text]:
        """``texts`` ready to be judged: as the group's statement, which should speak for the group and not repeat one
        member's opinion word for word, or as the opinion of one person.
        """
        sources = Sources(self.submitted.values() if as_statements else ())
        return [
            prepare(
                text,
                reading if as_statements else replace(reading, first_person=0.0),
                question_id=self.question.id,
                sides=[SIGN[self.question.claims[mention.claim].side] for mention in reading.mentions],
                copied=sources.copied_share(text),
                seed=self._seed,
            )
            for text, reading in zip(texts, self.read(texts), strict=True)
        ]

    def appraise(self, participant: Participant, text: Text) -> Appraisal:
        """The true judgement of ``participant``."""
        opinion = self.opinions.get(participant.participant_id)
        own = opinion.claims if opinion else ()
        return appraise(self.conviction(participant), text, own_claims=own, mind=self._mind)
