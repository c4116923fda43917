"""The texts of one round: who has written what, and the statements made of it, read and ready to be judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from simcons.engines.base import Act
from simcons.languages.language import Language
from simcons.population.minds.appraisal import Text, prepare
from simcons.population.minds.beliefs import Beliefs
from simcons.population.minds.dealing import Hand, StoryId, deal
from simcons.population.minds.hostile import Attack
from simcons.population.minds.voices import Voices, voices_of
from simcons.population.minds.writer import WrittenOpinion
from simcons.population.persona import Persona
from simcons.questions.bank import Question
from simcons.questions.copying import Sources
from simcons.questions.reading import Reader, Reading
from simcons.remembered import Remembered
from simcons.scale import Scale
from simcons.seeds import stream

if TYPE_CHECKING:
    from simcons.population.minds.mind import Appraisal


@dataclass(frozen=True, slots=True)
class Submission:
    """A member's opinion: as it was meant and as it was sent, which is less where time ran out, and more with an attack."""

    opinion_id: str
    meant: WrittenOpinion
    text: str
    honest_text: str  # the text without the attack
    careless: bool = False
    attack: Attack | None = None


@dataclass(frozen=True, slots=True)
class Respondent:
    """A person on one question, as far as the round has come: all that a mind which plays them is told.

    hand: the texts that they may write with, as dealt in the round; all where none were. position: their answer on the position
    statement (1-7), once it is given. opinion: as they mean it, once it is written, though time may
    run out before any of it is sent.
    """

    participant_id: str
    persona: Persona
    question: Question
    round_id: str
    hand: Hand | None = None
    position: float | None = None
    opinion: WrittenOpinion | None = None
    submission: Submission | None = None
    beliefs: Beliefs | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A text to be judged: as the group's statement, which should speak for the group and not repeat one member's opinion
    word for word, or as the opinion of one person.
    """

    text: str
    of_group: bool = True


@dataclass(frozen=True, slots=True)
class KnownRound:
    """What a study has come to in one round, for another in which the same people read and judge by the same rules: texts made
    ready, and what each member who meant to make certain points holds of them.
    """

    texts: dict[Statement, Text] = field(default_factory=dict)
    appraisals: dict[tuple[str, tuple[int, ...]], dict[Statement, Appraisal]] = field(default_factory=dict)


class Discussion:
    """One round as its members see it.

    Reading changes nothing that can be seen from outside, as acts end at no particular moment of simulated time. Judge
    statements only once all opinions are in.
    """

    def __init__(
        self,
        question: Question,
        round_id: str,
        people: Mapping[str, Persona],
        reader: Reader,
        language: Language,
        *,
        scales: Sequence[Scale],
        seed: int,
        stories: Collection[StoryId] = (),
        known: Remembered[KnownRound] | None = None,
    ) -> None:
        """``stories``: those that its members may tell; ``known``: what earlier studies came to."""
        self.question = question
        self.round_id = round_id
        self._reader = reader
        self._language = language
        self._scales = scales
        self._seed = seed
        members = sorted(people)
        rng = stream(seed, "deal", round_id)
        hands = deal(question, [people[who] for who in members], stories=stories, rng=rng)
        self._respondents = {
            who: Respondent(who, people[who], question, round_id, hand)
            for who, hand in zip(members, hands, strict=True)
        }
        self._known = known or Remembered[KnownRound]()
        self._texts: dict[Statement, Text] = {}

    def respondent(self, participant_id: str) -> Respondent:
        return self._respondents[participant_id]

    def answer(self, participant_id: str, position: float | None) -> None:
        """Note a member's position."""
        self._respondents[participant_id] = replace(self._respondents[participant_id], position=position)

    def write(self, participant_id: str, opinion: WrittenOpinion) -> None:
        """Note an opinion as a member means it."""
        self._respondents[participant_id] = replace(self._respondents[participant_id], opinion=opinion)

    def submit(self, participant_id: str, submission: Submission) -> None:
        """Note an opinion as a member sent it."""
        self._respondents[participant_id] = replace(self._respondents[participant_id], submission=submission)

    def submissions(self) -> dict[str, Submission]:
        """Opinions sent so far, by participant, in the order of their ids."""
        return {who: person.submission for who, person in sorted(self._respondents.items()) if person.submission}

    def read(self, texts: Sequence[str]) -> Act[list[Reading]]:
        """Readings of ``texts``, in order."""
        return self._reader.read(self.question, texts)

    def prepare(self, statements: Sequence[Statement]) -> Act[list[Text]]:
        """``statements`` ready to be judged, in order."""
        new = [statement for statement in dict.fromkeys(statements) if statement not in self._texts]
        known = self._known_round().texts if new else {}
        self._texts.update({statement: known[statement] for statement in new if statement in known})
        if new := [statement for statement in new if statement not in known]:
            readings = yield from self.read([statement.text for statement in new])
            sent = self.submissions().values()
            sources = Sources([submission.text for submission in sent], self._language.text)
            voices = voices_of(submission.meant for submission in sent)
            for statement, reading in zip(new, readings, strict=True):
                known[statement] = self._texts[statement] = self._prepared(statement, reading, sources, voices)
        return [self._texts[statement] for statement in statements]

    def appraisals(self, person: Respondent) -> dict[Statement, Appraisal]:
        """What a member is known to hold of statements, to be added to."""
        own = person.opinion.claims if person.opinion else ()
        return self._known_round().appraisals.setdefault((person.participant_id, own), {})

    def _known_round(self) -> KnownRound:
        """By the question, and by what was sent and meant, from which all follows that is made of a statement."""
        sent = ((submission.text, submission.meant) for submission in self.submissions().values())
        return self._known.of((self.round_id, self.question.id, *sent), KnownRound)

    def _prepared(self, statement: Statement, reading: Reading, sources: Sources, voices: Voices) -> Text:
        return prepare(
            statement.text,
            reading if statement.of_group else replace(reading, first_person=0.0),
            question=self.question,
            voices=voices,
            of_group=statement.of_group,
            copied=sources.copied_share(statement.text) if statement.of_group else 0.0,
            scales=self._scales,
            seed=self._seed,
        )
