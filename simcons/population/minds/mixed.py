"""A mixed mind: people hold what their latent mind holds, and a language model writes or judges in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from simcons.engines.base import Act
from simcons.population.minds.discussion import Discussion, Respondent, Statement
from simcons.population.minds.latent import LatentMind
from simcons.population.minds.mind import Appraisal, Draft, Judgement, Mind


class MixedMind:
    """Positions are the latent mind's; ``writer`` and ``judge`` are told what it holds."""

    def __init__(self, latent: LatentMind, *, writer: Mind, judge: Mind) -> None:
        self._latent = latent
        self._writer = writer
        self._judge = judge

    @property
    def judges_everything(self) -> bool:
        return self._judge.judges_everything

    def position(self, person: Respondent) -> Act[Judgement]:
        return self._latent.position(person)

    def write(self, person: Respondent, words: float) -> Act[Draft]:
        return self._writer.write(self._told(person, words), words)

    def judge(
        self, person: Respondent, statements: Sequence[Statement], discussion: Discussion
    ) -> Act[list[Appraisal]]:
        return self._judge.judge(self._told(person, person.persona.writing.words), statements, discussion)

    def _told(self, person: Respondent, words: float) -> Respondent:
        return replace(person, beliefs=self._latent.beliefs(person, words))
