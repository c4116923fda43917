"""The one interface of minds: what plays a person takes a position, writes an opinion and judges statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from simcons.engines.base import Act
from simcons.population.minds.beliefs import Beliefs
from simcons.population.minds.discussion import Discussion, Respondent, Statement
from simcons.population.minds.elicitation import Elicited
from simcons.population.minds.likert import Missing
from simcons.population.minds.writer import WrittenOpinion
from simcons.records import MissingReason
from simcons.scale import Scale


@dataclass(frozen=True, slots=True)
class Judgement:
    """A person's true answer on one scale (1-7), before any noise; None where a language model
    gave none. elicited: how it was had, where a language model was asked.
    """

    value: float | None
    missing: MissingReason | None = None
    elicited: Elicited | None = None


Appraisal: TypeAlias = Mapping[Scale, Judgement]  # of one statement by one person


@dataclass(frozen=True, slots=True)
class Written:
    """An opinion as a language model wrote it, or why there is none. ``told`` is what it was told that the person holds."""

    text: str | None
    missing: Missing | None
    attempts: int
    truncated: bool
    told: Beliefs | None
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An opinion as its writer means it, before it is typed; none where a language model gave none.

    written: where a language model was asked; careless: by somebody who had stopped caring.
    """

    opinion: WrittenOpinion | None
    written: Written | None = None
    careless: bool = False


class Mind(Protocol):
    """Plays people. It keeps nothing of them: what it answers follows from what it is given, and the study's seed.

    position, write and judge are acts: a latent mind asks for nothing and answers at once, a language model is asked through
    requests.
    """

    @property
    def judges_everything(self) -> bool:
        """True where candidates that are not shown are judged too, as judging costs nothing."""

    def position(self, person: Respondent) -> Act[Judgement]:
        """Agreement with the position statement, before anything else of the round."""

    def write(self, person: Respondent, words: float) -> Act[Draft]:
        """An opinion of about ``words`` words, by somebody who cares."""

    def judge(
        self, person: Respondent, statements: Sequence[Statement], discussion: Discussion
    ) -> Act[list[Appraisal]]:
        """The person's true judgement of each statement, in order."""
