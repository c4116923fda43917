"""How the arms of a study compare: their means, how often each is liked better than named ones, and what choosing adds.

An arm's statement is the first that it picked, from all opinions. A person's ratings of it are averaged over passes first. The
unit of intervals is the group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from simcons.analysis.agreement import divisive_rounds
from simcons.analysis.arms import recorded_arms
from simcons.analysis.best_of_n import BestOfN, best_of_n
from simcons.analysis.resampling import Estimate, mean
from simcons.analysis.scorers_compared import PairAccuracy, compare_scorers
from simcons.mediator.exploits import EXPLOITS
from simcons.scale import AGREEMENT, HIGHEST, LOWEST, MIDPOINT, QUALITY
from simcons.storage.load import Run
from simcons.storage.results import write_manifest, write_records

KIND = "evaluation"
ARMS, WINS, RANKS, BEST_OF_N, ACCURACY = "arms", "wins", "among_exploits", "best_of_n", "pair_accuracy"
_RANKED = ("agreement", "true_agreement", "quality")
UNANIMOUS = "unanimous"  # the one measure that is no mean on 1-7, but a share
ALL = "all"  # questions of all splits; rounds, divisive or not
_IN_A_ROUND = ["round_id", "arm", "participant_id"]
_ROUNDING = 9  # decimals by which means of the same ratings may differ

Rounds: TypeAlias = Literal["all", "divisive", "not divisive"]


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One arm by one measure, a mean over rounds on 1-7.

    split: of the questions. rounds: divisive ones have members above 4 and below it by their ratings of the position statement.
    agreement: of the group's mean; median: of its median; lowest: of whoever agrees least; quality: of the group's mean;
    true_agreement: of the group's mean before any noise, which only the simulator knows; unanimous: the share of rounds in which
    everybody's mean rating is above 4. upper_bound: the arm saw the truth.
    """

    arm: str
    upper_bound: bool
    split: str
    rounds: str
    measure: str
    n_rounds: int
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class WinRow:
    """The share of rounds with both arms in which one is ahead of the other by a measure, a tie counting half."""

    arm: str
    against: str
    split: str
    rounds: str
    measure: str
    n_rounds: int
    n_tied: int
    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class RankRow:
    """The place of an arm among exploits, by the mean of a measure over all rounds.

    n_above: exploits with a higher mean. best: the exploit with the highest, and its mean. value: the arm's own.
    """

    arm: str
    measure: str
    n_above: int
    n_exploits: int
    value: float
    best: str
    best_value: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The arms of a study, each against named ones and among exploits, what choosing among N adds, and how well scorers order
    statements.
    """

    arms: list[ArmRow]
    wins: list[WinRow]
    ranks: list[RankRow]
    best_of_n: list[BestOfN]
    accuracy: list[PairAccuracy]


def evaluate(run: Run, folder: Path, *, against: Sequence[str]) -> Evaluation:
    """Write tables of how the arms of ``run`` compare into ``folder``, the manifest last. Raises RunFolderError, StorageError."""
    evaluation = compare(run, against=against)
    write_records(folder, ARMS, evaluation.arms, record_type=ArmRow)
    write_records(folder, WINS, evaluation.wins, record_type=WinRow)
    write_records(folder, RANKS, evaluation.ranks, record_type=RankRow)
    write_records(folder, BEST_OF_N, evaluation.best_of_n, record_type=BestOfN)
    write_records(folder, ACCURACY, evaluation.accuracy, record_type=PairAccuracy)
    write_manifest(folder, KIND, {"against": list(against), "rounds": len(run.rounds)})
    return evaluation


def compare(run: Run, *, against: Sequence[str]) -> Evaluation:
    """How the arms of ``run`` compare, and each against those named. Raises RunFolderError for a run without truth."""
    bounds = dict(zip(run.selections["arm"], run.selections["upper_bound"].astype(bool), strict=True))
    groups = run.rounds.set_index("round_id")["session_id"]
    arms: list[ArmRow] = []
    wins: list[WinRow] = []
    for measure, table in _by_round(run).items():
        there = [name for name in bounds if name in table]
        for part in _parts(run):
            rows = _Rows(measure, part, table[table.index.isin(part.round_ids)], groups)
            arms += [row for name in there if (row := rows.arm(name, bounds[name]))]
            wins += [won for name in there for other in against if (won := rows.wins(name, other))]
    return Evaluation(arms, wins, list(_ranks(run, arms)), best_of_n(run), compare_scorers(run))


def exploit_names(run: Run) -> set[str]:
    """The arms that are exploits, a constant that others chose among them."""
    arms = [(arm.arm, arm.generator.kind) for arm in recorded_arms(run)]
    return {name for name, kind in arms if kind == "exploit" or (kind == "fixed" and name in EXPLOITS)}


def _ranks(run: Run, rows: Sequence[ArmRow]) -> Iterator[RankRow]:
    """By arm that is none, its place among the exploits by ratings and by the truth; nothing where there are none."""
    names = exploit_names(run)
    for measure in _RANKED:
        means = {row.arm: row.value for row in rows if row.measure == measure and (row.split, row.rounds) == (ALL, ALL)}
        exploits = {name: value for name, value in means.items() if name in names}
        if not exploits:
            continue
        best = max(exploits, key=lambda name: exploits[name])
        for arm, value in means.items():
            if arm not in exploits:
                n_above = sum(other > value for other in exploits.values())
                yield RankRow(arm, measure, n_above, len(exploits), value, best, exploits[best])


# --- which rounds ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of the rounds of a study."""

    split: str
    rounds: Rounds
    round_ids: frozenset[str]


def _parts(run: Run) -> Iterator[_Part]:
    """All rounds; those of each split, where there are several; and the divisive ones and the others, where there are both."""
    splits = run.rounds.set_index("round_id")["split"].astype(str)
    yield _Part(ALL, "all", frozenset(splits.index))
    names = splits.drop_duplicates().sort_values()
    for name in names if len(names) > 1 else ():
        yield _Part(str(name), "all", frozenset(splits.index[splits == name]))
    divisive = divisive_rounds(run)
    if divisive.nunique() > 1:
        yield _Part(ALL, "divisive", frozenset(divisive.index[divisive]))
        yield _Part(ALL, "not divisive", frozenset(divisive.index[~divisive]))


# --- measures ----------------------------------------------------------------------------------------------------


def _by_round(run: Run) -> Mapping[str, pd.DataFrame]:
    """Each measure as a table [rounds, arms]; NaN where there is nothing to go by."""
    picked = run.selections
    first = picked[(picked["omitted"] == 0) & (picked["pick"] == 1)][["round_id", "arm", "candidate_id"]]
    where = ["round_id", "candidate_id"]
    rated, true = run.ratings.merge(first, on=where), run.truth("appraisals").merge(first, on=where)
    lowest = _pivot(rated, AGREEMENT.name, "min")
    tables = {
        "agreement": _pivot(rated, AGREEMENT.name, "mean"),
        "median": _pivot(rated, AGREEMENT.name, "median"),
        "lowest": lowest,
        UNANIMOUS: (lowest > MIDPOINT).astype(float).where(lowest.notna()),
        "true_agreement": _pivot(true, AGREEMENT.name, "mean"),
    }
    if QUALITY.name in run.scales:
        tables["quality"] = _pivot(rated, QUALITY.name, "mean")
    return tables


def _pivot(rows: pd.DataFrame, scale: str, over_people: str) -> pd.DataFrame:
    """[rounds, arms]: the mean, median or lowest over people of each one's mean."""
    answered = rows.dropna(subset=[scale]).astype({scale: float})
    people = answered.groupby(_IN_A_ROUND, observed=True)[scale].mean().reset_index()
    return people.pivot_table(index="round_id", columns="arm", values=scale, aggfunc=over_people)


# --- rows --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of one measure, of a part of the rounds. table: [rounds, arms]; groups: by round."""

    measure: str
    part: _Part
    table: pd.DataFrame
    groups: pd.Series[str]

    def arm(self, arm: str, upper_bound: bool) -> ArmRow | None:
        values = self.table[arm].dropna()
        if values.empty:
            return None
        share = self.measure == UNANIMOUS
        estimate = self._estimate(values, share=share)
        estimate = estimate if share else estimate.within(LOWEST, HIGHEST)
        return ArmRow(
            arm, upper_bound, self.part.split, self.part.rounds, self.measure, len(values), *_numbers(estimate)
        )

    def wins(self, arm: str, against: str) -> WinRow | None:
        if arm == against or against not in self.table or self.measure == UNANIMOUS:
            return None
        lead = (self.table[arm] - self.table[against]).dropna().round(_ROUNDING)
        if lead.empty:
            return None
        estimate = self._estimate((np.sign(lead) + 1) / 2, share=True)
        n_tied = int((lead == 0).sum())
        return WinRow(
            arm, against, self.part.split, self.part.rounds, self.measure, len(lead), n_tied, *_numbers(estimate)
        )

    def _estimate(self, values: pd.Series[float], *, share: bool) -> Estimate:
        place, _ = pd.factorize(self.groups.reindex(values.index))
        return mean(values.to_numpy(), place, share=share)


def _numbers(estimate: Estimate) -> tuple[float, float | None, float | None]:
    return estimate.value, *(estimate.interval or (None, None))
