"""The scorer that knows the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simcons.engines.acts import together
from simcons.engines.base import Act
from simcons.mediator.scorer import Scores
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.population.minds.discussion import Discussion, Statement
from simcons.population.minds.mind import Mind
from simcons.scale import AGREEMENT


@dataclass(frozen=True, slots=True)
class OracleScorer:
    """Gives the true agreement of each opinion's author: an upper bound, never a mediator's scorer."""

    name: str
    mind: Mind
    discussion: Discussion

    def score(self, view: RoundView, used: Sequence[SeenOpinion], candidates: Sequence[str]) -> Act[Scores]:
        discussion, statements = self.discussion, [Statement(text) for text in candidates]
        authors = {sent.opinion_id: discussion.respondent(who) for who, sent in discussion.submissions().items()}
        acts = [self.mind.judge(authors[opinion.opinion_id], statements, discussion) for opinion in used]
        appraised = yield from together(acts)
        return np.array(
            [[appraisal[AGREEMENT].value for appraisal in appraisals] for appraisals in appraised], np.float64
        )
