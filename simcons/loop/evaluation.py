"""How the arms of a study compare: their means, and how often each is liked better than a named one.

An arm's statement is the first that it picked, from all opinions. A person's ratings of it are averaged over passes first. The
unit of intervals is the group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from simcons.analysis.resampling import Estimate, mean
from simcons.scale import AGREEMENT, HIGHEST, LOWEST, QUALITY
from simcons.storage.load import Run
from simcons.storage.results import write_manifest, write_records

KIND = "evaluation"
ARMS, WINS = "arms", "wins"
_IN_A_ROUND = ["round_id", "arm", "participant_id"]
_ROUNDING = 9  # decimals by which means of the same ratings may differ


@dataclass(frozen=True, slots=True)
class ArmRow:
    """One arm by one measure, a mean over rounds on 1-7.

    agreement: of the group's mean; lowest: of whoever agrees least; quality: of the group's mean; true_agreement: of the group's
    mean before any noise, which only the simulator knows. upper_bound: the arm saw the truth.
    """

    arm: str
    upper_bound: bool
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
    measure: str
    n_rounds: int
    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The arms of a study, and each against a named one."""

    arms: list[ArmRow]
    wins: list[WinRow]


def evaluate(run: Run, folder: Path, *, against: str) -> Evaluation:
    """Write tables of how the arms of ``run`` compare into ``folder``, the manifest last. Raises RunFolderError, StorageError."""
    evaluation = compare(run, against=against)
    write_records(folder, ARMS, evaluation.arms, record_type=ArmRow)
    write_records(folder, WINS, evaluation.wins, record_type=WinRow)
    write_manifest(folder, KIND, {"against": against, "rounds": len(run.rounds)})
    return evaluation


def compare(run: Run, *, against: str) -> Evaluation:
    """How the arms of ``run`` compare, and each against the one named. Raises RunFolderError for a run without truth."""
    groups = run.rounds.set_index("round_id")["session_id"]
    bounds = dict(zip(run.selections["arm"], run.selections["upper_bound"].astype(bool), strict=True))
    arms: list[ArmRow] = []
    wins: list[WinRow] = []
    for measure, table in _by_round(run).items():
        there = [name for name in bounds if name in table]
        arms += [_arm_row(name, bounds[name], measure, table[name].dropna(), groups) for name in there]
        if against in there:
            wins += [_win_row(name, against, measure, table, groups) for name in there if name != against]
    return Evaluation(arms, [row for row in wins if row.n_rounds])


def _by_round(run: Run) -> Mapping[str, pd.DataFrame]:
    """Each measure as a table [rounds, arms]; NaN where there is nothing to go by."""
    picked = run.selections
    first = picked[(picked["omitted"] == 0) & (picked["pick"] == 1)][["round_id", "arm", "candidate_id"]]
    where = ["round_id", "candidate_id"]
    rated, true = run.ratings.merge(first, on=where), run.truth("appraisals").merge(first, on=where)
    tables = {
        "agreement": _pivot(rated, AGREEMENT.name, "mean"),
        "lowest": _pivot(rated, AGREEMENT.name, "min"),
        "true_agreement": _pivot(true, AGREEMENT.name, "mean"),
    }
    if QUALITY.name in run.scales:
        tables["quality"] = _pivot(rated, QUALITY.name, "mean")
    return tables


def _pivot(rows: pd.DataFrame, scale: str, over_people: str) -> pd.DataFrame:
    """[rounds, arms]: the mean or the lowest over people of each one's mean."""
    answered = rows.dropna(subset=[scale]).astype({scale: float})
    people = answered.groupby(_IN_A_ROUND, observed=True)[scale].mean().reset_index()
    return people.pivot_table(index="round_id", columns="arm", values=scale, aggfunc=over_people)


def _arm_row(arm: str, upper_bound: bool, measure: str, values: pd.Series[float], groups: pd.Series[str]) -> ArmRow:
    estimate = _estimate(values, groups, share=False).within(LOWEST, HIGHEST)
    return ArmRow(arm, upper_bound, measure, len(values), estimate.value, *(estimate.interval or (None, None)))


def _win_row(arm: str, against: str, measure: str, table: pd.DataFrame, groups: pd.Series[str]) -> WinRow:
    lead = (table[arm] - table[against]).dropna()
    if lead.empty:
        return WinRow(arm, against, measure, 0, 0.5, None, None)
    estimate = _estimate((np.sign(lead.round(_ROUNDING)) + 1) / 2, groups, share=True)
    return WinRow(arm, against, measure, len(lead), estimate.value, *(estimate.interval or (None, None)))


def _estimate(values: pd.Series[float], groups: pd.Series[str], *, share: bool) -> Estimate:
    place, _ = pd.factorize(groups.reindex(values.index))
    return mean(values.to_numpy(), place, share=share)
