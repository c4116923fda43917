"""Comparison of the arms of a study: their means, rounds won against named ones, and gains by choosing.

An arm's statement is the first that it picked, from all opinions. A person's ratings of it are averaged over passes first. The
unit of intervals is the group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal, TypeAlias

from simcons.analysis.agreement import divisive_rounds
from simcons.analysis.arms import recorded_arms
from simcons.analysis.best_of_n import BestOfN, best_of_n
from simcons.analysis.first_picks import UNANIMOUS, FirstPicks, PickMeasure
from simcons.analysis.scorers_compared import AccuracyDifference, PairAccuracy, compare_scorers
from simcons.mediator.exploits import EXPLOITS
from simcons.scale import QUALITY
from simcons.storage.load import Run
from simcons.storage.results import write_manifest, write_records

KIND = "evaluation"
ARMS, WINS, RANKS, BEST_OF_N, ACCURACY = "arms", "wins", "among_exploits", "best_of_n", "pair_accuracy"
DIFFERENCES = "pair_accuracy_differences"
_RANKED = ("agreement", "true_agreement", "quality")
ALL = "all"  # questions of all splits; rounds, divisive or not

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
    differences: list[AccuracyDifference]


def evaluate(run: Run, folder: Path, *, against: Sequence[str]) -> Evaluation:
    """Write tables of how the arms of ``run`` compare into ``folder``, the manifest last. Raises RunFolderError, StorageError."""
    evaluation = compare(run, against=against)
    write_records(folder, ARMS, evaluation.arms, record_type=ArmRow)
    write_records(folder, WINS, evaluation.wins, record_type=WinRow)
    write_records(folder, RANKS, evaluation.ranks, record_type=RankRow)
    write_records(folder, BEST_OF_N, evaluation.best_of_n, record_type=BestOfN)
    write_records(folder, ACCURACY, evaluation.accuracy, record_type=PairAccuracy)
    write_records(folder, DIFFERENCES, evaluation.differences, record_type=AccuracyDifference)
    write_manifest(folder, KIND, {"against": list(against), "rounds": len(run.rounds)})
    return evaluation


def compare(run: Run, *, against: Sequence[str]) -> Evaluation:
    """The arms of ``run``, each alone and against those named. Raises RunFolderError for a run without truth."""
    bounds = dict(zip(run.selections["arm"], run.selections["upper_bound"].astype(bool), strict=True))
    picks, parts = FirstPicks(run), list(_parts(run))
    arms = [row for measure in _measures(run) for part in parts for row in _arms(picks, measure, part, bounds)]
    won = [measure for measure in _measures(run) if measure != UNANIMOUS]
    wins = [row for measure in won for part in parts for row in _wins(picks, measure, part, bounds, against)]
    scorers = compare_scorers(run)
    return Evaluation(arms, wins, list(_ranks(run, arms)), best_of_n(run), scorers.accuracies, scorers.differences)


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


# --- rows --------------------------------------------------------------------------------------------------------


def _measures(run: Run) -> Sequence[PickMeasure]:
    always: Sequence[PickMeasure] = ("agreement", "median", "lowest", UNANIMOUS, "true_agreement")
    return (*always, "quality") if QUALITY.name in run.scales else always


def _arms(picks: FirstPicks, measure: PickMeasure, part: _Part, bounds: Mapping[str, bool]) -> Iterator[ArmRow]:
    """bounds: of every arm, True where it saw the truth. An arm without such rounds has no row."""
    for arm, bound in bounds.items():
        if (level := picks.level(measure, arm, among=part.round_ids)) is not None:
            yield ArmRow(arm, bound, part.split, part.rounds, measure, level.n_rounds, *level.estimate.numbers)


def _wins(
    picks: FirstPicks, measure: PickMeasure, part: _Part, arms: Iterable[str], against: Sequence[str]
) -> Iterator[WinRow]:
    for arm, other in product(arms, against):
        won = picks.wins(measure, arm, other, among=part.round_ids) if arm != other else None
        if won is not None:
            names, numbers = (arm, other, part.split, part.rounds, measure), won.estimate.numbers
            yield WinRow(*names, won.n_rounds, won.n_ties, *numbers)
