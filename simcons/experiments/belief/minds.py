"""Kinds of mind that are held against people, and what each makes of a statement from a person's own opinion alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simcons.arrays import Floats
from simcons.experiments.belief.hearing import Heard
from simcons.population.minds.appraisal import appraise, prepare
from simcons.population.minds.heard import conviction_heard
from simcons.population.minds.voices import Voices
from simcons.scale import SCALES, Scale
from simcons.scenario.minds import LatentMindSettings


def latent(heard: Sequence[Heard | None], scale: str) -> Floats:
    """What the latent mind of somebody who holds what was heard in the opinion makes of the statement [row], 1 to 7.

    NaN where nothing was heard. Whose opinions the statement was made of is not known: each of its points counts as somebody's,
    and one that the rater made too as their own.
    """
    of, mind = SCALES[scale], LatentMindSettings()
    return np.array([np.nan if one is None else _appraisal(one, of, mind) for one in heard])


def _appraisal(heard: Heard, scale: Scale, mind: LatentMindSettings) -> float:
    question, opinion = heard.question, heard.opinion
    text = prepare(
        heard.text,
        heard.statement,
        question=question,
        voices=Voices(dict.fromkeys(range(len(question.claims)), 1), None),
        of_group=False,
        copied=0.0,
        scales=(scale,),
        seed=0,
    )
    own = {mention.claim for mention in opinion.mentions if mention.polarity > 0}
    conviction = conviction_heard(question, opinion, mind)
    return appraise(conviction, text, own_claims=own, mind=mind, scales=(scale,))[scale]
