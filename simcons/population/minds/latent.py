"""The latent mind: judgements from a person's values and a question's claims. It asks no language model."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from simcons.engines.acts import at_once
from simcons.engines.base import Act
from simcons.languages.language import Language
from simcons.population.minds.appraisal import Text, appraise
from simcons.population.minds.beliefs import Beliefs, beliefs_of
from simcons.population.minds.conviction import CompiledQuestion, Conviction, consider
from simcons.population.minds.discussion import Discussion, Respondent, Statement
from simcons.population.minds.mind import Appraisal, Draft, Judgement
from simcons.population.minds.writer import write_opinion
from simcons.questions.bank import Question
from simcons.scale import Scale
from simcons.scenario.minds import LatentMindSettings
from simcons.seeds import stream

_KEPT = 4096  # convictions: those of the sessions that are live at a time, whatever the size of the study


class LatentMind:
    """Latent minds of all people of a study."""

    judges_everything = True

    def __init__(self, settings: LatentMindSettings, language: Language, *, scales: Sequence[Scale], seed: int) -> None:
        self._settings = settings
        self._language = language
        self._scales = scales
        self._seed = seed
        self._compiled: dict[str, CompiledQuestion] = {}
        self._convictions: dict[tuple[int, str], Conviction] = {}  # the latest, as they can be had anew

    def conviction(self, person: Respondent) -> Conviction:
        """The convictions of ``person`` on the question."""
        key = person.persona.persona_id, person.question.id
        if key not in self._convictions:
            while len(self._convictions) >= _KEPT:
                del self._convictions[next(iter(self._convictions))]
            compiled = self._compile(person.question)
            self._convictions[key] = consider(person.persona, compiled, self._settings, seed=self._seed)
        return self._convictions[key]

    def beliefs(self, person: Respondent, words: float) -> Beliefs:
        """The same as a language model is told it, with as many claims as about ``words`` words have room for."""
        return beliefs_of(person.question, self.conviction(person), words=words)

    def position(self, person: Respondent) -> Act[Judgement]:
        return at_once(Judgement(self.conviction(person).position))

    def write(self, person: Respondent, words: float) -> Act[Draft]:
        rng = stream(self._seed, "opinion", person.participant_id, person.question.id)
        style, conviction = person.persona.writing, self.conviction(person)
        opinion = write_opinion(
            person.question, conviction, self._language, style=style, words=words, rng=rng, hand=person.hand
        )
        return at_once(Draft(opinion))

    def judge(
        self, person: Respondent, statements: Sequence[Statement], discussion: Discussion
    ) -> Act[list[Appraisal]]:
        conviction, known = self.conviction(person), discussion.appraisals(person)
        own = person.opinion.claims if person.opinion else ()
        new = [statement for statement in statements if statement not in known]
        texts = yield from discussion.prepare(new)
        known.update(
            {statement: self._appraisal(conviction, text, own) for statement, text in zip(new, texts, strict=True)}
        )
        return [known[statement] for statement in statements]

    def _appraisal(self, conviction: Conviction, text: Text, own_claims: Collection[int]) -> Appraisal:
        """Of a text that the reader came to no reading of, nothing is thought."""
        missing = text.reading.missing
        values = appraise(conviction, text, own_claims=own_claims, mind=self._settings, scales=self._scales)
        return {scale: Judgement(None if missing else value, missing) for scale, value in values.items()}

    def _compile(self, question: Question) -> CompiledQuestion:
        if question.id not in self._compiled:
            self._compiled[question.id] = CompiledQuestion(question)
        return self._compiled[question.id]
