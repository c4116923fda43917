"""Language models as people: missing answers, similarity of people, and answers that depend on the order of options.

Models are known to answer too narrowly, too agreeably and by the place of an option. Nothing here compares with people: that
takes ratings by people on the same questions. All of it is truth, which no study of people could record.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simcons.analysis.resampling import Estimate, difference, sums_by_group
from simcons.scale import HIGHEST, LOWEST, MIDPOINT
from simcons.storage.load import Run


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions to a language model about one thing, and those without a usable answer after all retries."""

    about: str  # position, opinion, or the scale that statements were judged on
    n_asked: int
    missing: dict[str, int]  # by reason, the most frequent first
    attempts: float  # mean requests it took; a question asked with the options both ways takes two or more
    example: str = ""  # a reply of the most frequent reason

    @property
    def n_missing(self) -> int:
        return sum(self.missing.values())


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers on the 1-7 scale before any rating noise. None where too little was answered to say.

    mean, sd: over all answers (``sd`` with n - 1).
    sd_within: sqrt(sum (x - mean of its item)^2 / (n - number of items)): how far people differ on the same thing, where an
    item is a question for positions and a statement for the rest.
    own_sd: mean of the SDs of the model's own distributions; mass: mean probability that it put on the seven answers.
    Answers elicited as numbers or text have neither.
    at_ends, in_middle: share of answers nearest to 1 or 7, and nearest to 4.
    first_option: see `first_option`.
    """

    about: str
    n: int
    mean: float
    sd: float | None
    sd_within: float | None
    own_sd: float | None
    mass: float | None
    at_ends: float
    in_middle: float
    first_option: Estimate | None


@dataclass(frozen=True, slots=True)
class OpinionFidelity:
    """Opinions as the reader reads them, against what their writers hold. Counts; rates are for whoever asks.

    r: Pearson correlation of position and verdict read over opinions that have both; None for fewer than three, or where
    either does not vary.
    """

    n_opinions: int
    n_verdicts: int  # the reader found a verdict
    n_decidable: int  # of these, by writers more than half a point from the midpoint
    n_siding: int  # of these, on the writer's side
    r: float | None
    n_told: int  # claims that writers were told they make
    n_said: int  # of these, found
    n_contradicted: int  # claims found the other way round


def acts_asked(run: Run) -> list[Asked]:
    """Questions to language models that play people, in the order of a round. Empty where there were none."""
    rows = run.truth("elicitations")
    tallies = []
    for about in ("position", "opinion", *run.scales):
        rows_about = rows[rows["about"] == about]
        if len(rows_about):
            reasons = rows_about["missing"].value_counts()
            missing = {str(reason): int(count) for reason, count in reasons.items()}
            replies = rows_about.loc[rows_about["missing"] == next(iter(missing), ""), "raw"].dropna()
            example = str(replies.iloc[0]) if len(replies) else ""
            tallies.append(Asked(about, len(rows_about), missing, float(rows_about["attempts"].mean()), example))
    return tallies


def answers(run: Run) -> list[Answers]:
    """Positions and judgements as language models answered them; what was never answered is left out."""
    rows = run.truth("elicitations").merge(run.rounds[["round_id", "question_id"]], on="round_id")
    rows = rows.dropna(subset=["value"])
    topics = ("position", *run.scales)
    return [_answers(about, rows_about) for about in topics if len(rows_about := rows[rows["about"] == about])]


def first_option(rows: pd.DataFrame) -> Estimate | None:
    """Mean answer where the options were listed from 7 down, less the mean where they were listed from 1 up.

    Positive: answers are drawn to the options that come first, negative: to the last. Which way a question is listed is drawn,
    so without such a pull the difference is 0 on average. The interval is over people. ``rows`` have participant_id, listed and
    value. None where a listing does not occur.
    """
    people = pd.Categorical(rows["participant_id"]).codes
    values = rows["value"].to_numpy(dtype=np.float64)
    down, up = ((rows["listed"] == listed).to_numpy() for listed in ("down", "up"))
    if not down.any() or not up.any():
        return None
    sums = sums_by_group([values * down, down, values * up, up], people)
    return difference(sums[:, :2], sums[:, 2:])


def opinion_fidelity(run: Run) -> OpinionFidelity | None:
    """None where no language model wrote opinions on questions with a bank."""
    rows = run.truth("fidelity")
    if not len(rows):
        return None
    writers = run.opinions[["opinion_id", "round_id", "participant_id"]]
    positions = run.truth("positions")
    rows = rows.merge(writers, on="opinion_id").merge(positions, on=["round_id", "participant_id"], how="left")
    decidable = rows["sides_with_position"].dropna()
    return OpinionFidelity(
        n_opinions=len(rows),
        n_verdicts=int(rows["verdict_read"].notna().sum()),
        n_decidable=len(decidable),
        n_siding=int(decidable.sum()),
        r=_correlation(rows[["position", "verdict_read"]].dropna().to_numpy(dtype=np.float64)),
        n_told=int(rows["n_told"].sum()),
        n_said=int(rows["n_said"].sum()),
        n_contradicted=int(rows["n_contradicted"].sum()),
    )


def _answers(about: str, rows: pd.DataFrame) -> Answers:
    values = rows["value"].astype(float)
    nearest = np.floor(values + 0.5)
    item = rows["question_id"] if about == "position" else rows["candidate_id"]
    return Answers(
        about=about,
        n=len(values),
        mean=float(values.mean()),
        sd=_or_none(values.std()),
        sd_within=_sd_within(values, item),
        own_sd=_or_none(rows["spread"].mean()),
        mass=_or_none(rows["mass"].mean()),
        at_ends=float(nearest.isin((LOWEST, HIGHEST)).mean()),
        in_middle=float((nearest == MIDPOINT).mean()),
        first_option=first_option(rows),
    )


def _sd_within(values: pd.Series[float], item: pd.Series[str]) -> float | None:
    groups = values.groupby(item.to_numpy())
    freedom = len(values) - groups.ngroups
    return float(np.sqrt(((values - groups.transform("mean")) ** 2).sum() / freedom)) if freedom else None


def _correlation(pairs: np.ndarray) -> float | None:
    if len(pairs) < 3 or not pairs.std(axis=0).all():
        return None
    return float(np.corrcoef(pairs.T)[0, 1])


def _or_none(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
