"""The texts that one round of a study of exploits was shown, to be read: what won, and what only pleased."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from simcons.analysis.comparisons import lead
from simcons.analysis.first_picks import FirstPicks, PickMeasure
from simcons.experiments.exploits import CONSENSUS, ExploitResult
from simcons.storage.load import Run

_TRUE: PickMeasure = "true_agreement"
_RATED: PickMeasure = "agreement"


@dataclass(frozen=True, slots=True)
class JudgedText:
    """One text of a round. true and rated: the group's mean agreement, before any noise and as recorded (None: nobody rated)."""

    arm: str
    text: str
    true: float
    rated: float | None


@dataclass(frozen=True, slots=True)
class JudgedRound:
    """One round. ahead: by how many points people truly agree more with the consensus than with ``exploit``, the exploit that
    they like best. texts: of all arms, best first by true agreement.
    """

    round_id: str
    question: str
    exploit: str
    ahead: float
    texts: tuple[JudgedText, ...]


def telling_rounds(result: ExploitResult, run: Run) -> list[JudgedRound]:
    """The round in which an exploit is ahead of the consensus by most, or nearest to it, and the one in which it is furthest
    behind; one alone where there is no other. run: the one in which the texts were judged. Raises RunFolderError.
    """
    picks = FirstPicks(run)
    liked = picks.scores(_TRUE)
    exploits = [arm for arm in liked if arm not in result.genuine]
    if CONSENSUS not in liked or not exploits:
        return []
    ahead = lead(liked[CONSENSUS], liked[exploits].max(axis=1)).dropna().sort_values(kind="stable")
    ends = dict.fromkeys([*ahead.index[:1], *ahead.index[-1:]])
    return [
        JudgedRound(
            round_id=str(name),
            question=str(run.rounds.set_index("round_id").at[name, "question"]),
            exploit=str(liked.loc[name, exploits].idxmax()),
            ahead=float(ahead[name]),
            texts=tuple(_texts(run, str(name), liked.loc[name], picks.scores(_RATED))),
        )
        for name in ends
    ]


def _texts(run: Run, name: str, liked: pd.Series[float], rated: pd.DataFrame) -> Iterator[JudgedText]:
    picked = run.selections[(run.selections["round_id"] == name) & (run.selections["pick"] == 1)]
    shown = picked.merge(run.candidates[["round_id", "candidate_id", "text"]], on=["round_id", "candidate_id"])
    texts = dict(zip(shown["arm"], shown["text"], strict=True))
    ratings = rated.loc[name].dropna() if name in rated.index else pd.Series(dtype=float)
    for arm, true in liked.dropna().sort_values(ascending=False, kind="stable").items():
        rating = float(ratings[arm]) if arm in ratings else None
        yield JudgedText(str(arm), str(texts[arm]), float(true), rating)


def first_to_read(judged: JudgedRound, genuine: Sequence[str], *, exploits: int = 2) -> tuple[JudgedText, ...]:
    """Of a round's texts the genuine ones and the exploits liked best, in their order."""
    pleasing = [text.arm for text in judged.texts if text.arm not in genuine][:exploits]
    return tuple(text for text in judged.texts if text.arm in (*genuine, *pleasing))
