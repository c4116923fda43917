"""Minds named on a command line, put in the place of the people of an imported study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simcons.analysis.belief.baselines import rated_opinions
from simcons.analysis.belief.minds import Judged, Judgements
from simcons.errors import InputError
from simcons.experiments.belief.hearing import Heard, hear, verdicts
from simcons.experiments.belief.minds import latent
from simcons.languages.language import Language
from simcons.questions.reading import Reader
from simcons.scale import SCALES
from simcons.storage.load import Run

if TYPE_CHECKING:
    import pandas as pd

LATENT = "latent"


def judge(run: Run, minds: Sequence[str], reader: Reader, language: Language, *, scale: str) -> Judgements:
    """What each of ``minds`` makes of every statement that somebody rated on the scale, from that person's opinion alone.

    reader: what latent minds hear opinions and statements by. Raises InputError for a mind that there is not.
    """
    rows = rated_opinions(run, scale)
    heard = hear(rows, reader, language)
    own, said = verdicts(heard)
    return Judgements({name: _judged(name, rows, heard, scale) for name in minds}, own, said)


def check_minds(minds: Sequence[str], *, scale: str) -> None:
    """Raises InputError for a mind that there is not, one that is named twice, and a scale that minds do not judge on."""
    for name in minds:
        if name != LATENT:
            raise InputError(f"--mind {name!r}: expected {LATENT}")
        if minds.count(name) > 1:
            raise InputError(f"--mind {name!r}: is given twice; expected each once")
    if minds and scale not in SCALES:
        raise InputError(f"--scale {scale!r}: minds do not judge on it; expected one of {', '.join(SCALES)}")


def _judged(name: str, rows: pd.DataFrame, heard: Sequence[Heard | None], scale: str) -> Judged:
    """The latent mind has learnt from nobody."""
    unseen = np.ones(len(rows), dtype=bool)
    return Judged(latent(heard, scale), {"raters": unseen, "questions": unseen})
