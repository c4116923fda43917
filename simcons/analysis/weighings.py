"""The weighing behind each arm's choices, worked out again from the recorded scores: utilities and welfare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from simcons.analysis.arms import recorded_arms
from simcons.arrays import Floats
from simcons.scenario.welfare import RuleSpec
from simcons.storage.load import Run
from simcons.welfare.rules import has_values, label, parse_rule
from simcons.welfare.utility import utility
from simcons.welfare.weighing import weigh

_Key: TypeAlias = tuple[str, str, int, str]  # of a pool as a scorer scored it: round, generator, omitted, scorer

_UTILITIES = {"candidate_id": pa.string(), "participant_id": pa.string(), "arm": pa.string(), "utility": pa.float64()}
_WELFARE = {"candidate_id": pa.string(), "arm": pa.string(), "rule": pa.string(), "welfare": pa.float64()}
_ALL_SCORES = """
    CREATE TEMP VIEW all_scores AS SELECT candidate_id, participant_id, scorer, score FROM scores
    UNION ALL SELECT candidate_id, participant_id, scorer, score FROM oracle_scores
"""
_SCORED = """
    SELECT c.round_id, c.generator, c.omitted, s.scorer, c.sample, c.candidate_id, s.participant_id, s.score
    FROM candidates AS c JOIN all_scores AS s USING (candidate_id) JOIN rounds USING (round_id)
    WHERE c.source = 'mediator' AND session_id IN (SELECT unnest($sessions::VARCHAR[]))
    ORDER BY c.round_id, c.generator, c.omitted, s.scorer, c.sample, c.candidate_id, s.participant_id
"""
_CHOSEN = """
    SELECT DISTINCT s.round_id, c.generator, s.omitted, s.arm, s.rule, s.alpha
    FROM selections AS s JOIN candidates AS c USING (round_id, candidate_id) JOIN rounds USING (round_id)
    WHERE s.rule IS NOT NULL AND session_id IN (SELECT unnest($sessions::VARCHAR[]))
    ORDER BY s.round_id, s.arm, s.omitted, s.alpha
"""


@dataclass(frozen=True, slots=True)
class Weighings:
    """utilities: a row a candidate, person and arm that weighed it. welfare: a row a candidate, arm and rule; several rules where
    an arm draws its alpha for each pick. Only rules that give more than an order have welfare, and no function of a user's own:
    no analysis runs code that a run folder names.
    """

    utilities: pa.Table  # candidate_id, participant_id, arm, utility
    welfare: pa.Table  # candidate_id, arm, rule, welfare


@dataclass(frozen=True, slots=True)
class _Scored:
    """One pool as one scorer scored it: ``scores`` [candidates, people]; ``numbers`` [candidates] count samples from 0."""

    candidates: list[str]
    numbers: list[int]
    people: list[str]
    scores: Floats

    def first(self, n_samples: int) -> _Scored:
        """The candidates among the first ``n_samples`` asked for, which are an arm's where others share its generator."""
        n = sum(number < n_samples for number in self.numbers)
        return _Scored(self.candidates[:n], self.numbers[:n], self.people, self.scores[:n])


def weighings(run: Run, sessions: Sequence[str]) -> Weighings:
    """All of some of a run's sessions. Pools that a scorer did not score in full, and arms that the manifest does not describe,
    are left out.

    Arms that see the truth are weighed where the run still holds it. Raises RunFolderError.
    """
    arms = {arm.arm: arm for arm in recorded_arms(run)}
    sql, among = run.sql(truth=["oracle_scores"]), {"sessions": list(sessions)}
    sql.execute(_ALL_SCORES)
    pools = dict(_pools(sql.execute(_SCORED, among).fetchall()))
    utilities: dict[str, list[Any]] = {name: [] for name in _UTILITIES}
    welfare: dict[str, list[Any]] = {name: [] for name in _WELFARE}
    told = set()
    for round_id, generator, omitted, arm, rule, alpha in sql.execute(_CHOSEN, among).fetchall():
        settings = arms.get(arm)
        pool = settings and pools.get((round_id, generator, omitted, settings.scorer))
        if settings is None or not pool:
            continue
        pool, chosen = pool.first(settings.generator.samples), settings.welfare
        if (arm, round_id, omitted) not in told:
            told.add((arm, round_id, omitted))
            _add_utilities(utilities, pool, arm, utility(pool.scores, chosen.utility_map))
        if chosen.own_rule is None and has_values(spec := _spec(rule, alpha)):
            weighed = weigh(pool.scores, chosen.utility_map, spec=spec, threshold=chosen.threshold)
            _add(welfare, pool.candidates, arm, label(spec), np.asarray(weighed.values).tolist())
    return Weighings(_table(utilities, _UTILITIES), _table(welfare, _WELFARE))


def _spec(rule: str, alpha: float | None) -> RuleSpec:
    return parse_rule(rule) if alpha is None else float(alpha)


def _add_utilities(columns: dict[str, list[Any]], pool: _Scored, arm: str, utilities: Floats) -> None:
    candidates = np.repeat(pool.candidates, len(pool.people)).tolist()
    people = np.tile(pool.people, len(pool.candidates)).tolist()
    _add(columns, candidates, people, arm, utilities.ravel().tolist())


def _add(columns: dict[str, list[Any]], *cells: list[Any] | str) -> None:
    """Rows, column by column; a text is the same in all."""
    n = len(cells[0])
    for column, given in zip(columns.values(), cells, strict=True):
        column.extend([given] * n if isinstance(given, str) else given)


def _table(columns: Mapping[str, list[Any]], types: Mapping[str, pa.DataType]) -> pa.Table:
    return pa.table({name: pa.array(columns[name], kind) for name, kind in types.items()})


def _pools(scored: Sequence[tuple[Any, ...]]) -> Iterator[tuple[_Key, _Scored]]:
    """Those that are scored in full: every candidate for the same people, and no score missing."""
    rows: dict[_Key, list[tuple[Any, ...]]] = defaultdict(list)
    for *key, number, candidate, person, score in scored:
        round_id, generator, omitted, scorer = key
        rows[round_id, generator, omitted, scorer].append((candidate, number, person, score))
    for pool, of_pool in rows.items():
        candidates = dict(row[:2] for row in of_pool)
        people = list(dict.fromkeys(row[2] for row in of_pool))
        if len(of_pool) == len(candidates) * len(people) and all(row[3] is not None for row in of_pool):
            scores = np.array([row[3] for row in of_pool], dtype=np.float64).reshape(len(candidates), len(people))
            yield pool, _Scored(list(candidates), list(candidates.values()), people, scores)
