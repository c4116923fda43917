"""A mind learnt from people: it agrees with a statement as a reward model predicts of the author of an opinion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from simcons.engines.base import Act, Reply
from simcons.engines.replies import unanswered_because
from simcons.engines.scores import score_request
from simcons.errors import EngineError
from simcons.population.minds.discussion import Discussion, Respondent, Statement
from simcons.population.minds.latent import LatentMind
from simcons.population.minds.mind import Appraisal, Draft, Judgement
from simcons.scale import AGREEMENT, bounded
from simcons.scenario.minds import FittedMindSettings
from simcons.seeds import stream


class FittedMind:
    """People hold, write and find good what their latent mind does; how far they agree is learnt.

    The model reads the question, the opinion that a person sent, and the statement. Of somebody who sent none it reads what
    they would have written. Ratings that people give the same opinion and statement differ, so what a person holds beyond the
    model's prediction is drawn for each person and statement, with an SD of ``beyond`` points.
    """

    judges_everything = False

    def __init__(self, settings: FittedMindSettings, latent: LatentMind, *, seed: int) -> None:
        self._settings = settings
        self._latent = latent
        self._seed = seed

    def position(self, person: Respondent) -> Act[Judgement]:
        return self._latent.position(person)

    def write(self, person: Respondent, words: float) -> Act[Draft]:
        return self._latent.write(person, words)

    def judge(
        self, person: Respondent, statements: Sequence[Statement], discussion: Discussion
    ) -> Act[list[Appraisal]]:
        """One request for all statements, equal ones once."""
        appraisals = yield from self._latent.judge(person, statements, discussion)
        texts = list(dict.fromkeys(statement.text for statement in statements))
        if not texts:
            return appraisals
        own = yield from self._opinion(person)
        request = score_request(self._settings.engine, person.question.text, own, texts)
        [reply] = yield [replace(request, act=AGREEMENT.name)]
        agreement = dict(zip(texts, self._judgements(person, texts, reply), strict=True))
        return [
            {**appraisal, AGREEMENT: agreement[statement.text]}
            for appraisal, statement in zip(appraisals, statements, strict=True)
        ]

    def _opinion(self, person: Respondent) -> Act[str]:
        if person.submission is not None:
            return person.submission.honest_text
        draft = yield from self._latent.write(person, person.persona.writing.words)
        return draft.opinion.text if draft.opinion else ""

    def _judgements(self, person: Respondent, texts: Sequence[str], reply: Reply) -> Iterator[Judgement]:
        missing = unanswered_because(reply)
        if missing is not None:
            yield from (Judgement(None, missing) for _ in texts)
            return
        if len(reply.scores) != len(texts):
            raise EngineError(f"{len(reply.scores)} scores in a reply; expected {len(texts)}")
        for text, score in zip(texts, reply.scores, strict=True):
            if score is None:
                yield Judgement(None, "too_long")
            else:
                rng = stream(self._seed, "beyond", person.participant_id, person.question.id, text)
                yield Judgement(bounded(score + self._settings.beyond * float(rng.standard_normal())))
