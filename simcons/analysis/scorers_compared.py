"""Scorers on the same statements: how far each orders two of them as a person does, beside what is easy and what is possible.

Pairs are of statements that one generator made of one round's opinions. Easy is to prefer the longer one. Possible is what the
truth comes to, and what the person comes to who rates the same statements again. Pairs of statements that were shown say
something of a person's ratings; which those are depends on the arms that showed them, and pairs that a scorer itself picked are
harder for it than others. An arm without a scorer shows some at random.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, TypeAlias

import numpy as np

from simcons.analysis.resampling import Estimate, difference, ratio, sums_by_group
from simcons.analysis.reselect.pools import PoolReader, Pools
from simcons.analysis.scorer_accuracy import pair_accuracy, pairs_compared
from simcons.arrays import Ints
from simcons.storage.load import Run

LONGEST, ORACLE, RETEST = "longest", "oracle", "second rating"  # there whether or not an arm has such a scorer
Versus: TypeAlias = Literal["truth", "rating"]
_VERSUS: tuple[Versus, ...] = ("rating", "truth")
_RETEST = """
    WITH r AS (
        SELECT pool, slots.place, session_id, participant_id,
               any_value(agreement) FILTER (pass_index = 1) AS first, any_value(agreement) FILTER (pass_index = 2) AS second
        FROM ratings JOIN slots USING (candidate_id) WHERE generator = ? AND agreement IS NOT NULL
        GROUP BY ALL),
    p AS (
        SELECT x.session_id, sign(x.first - y.first) AS before, sign(x.second - y.second) AS again
        FROM r AS x JOIN r AS y ON x.pool = y.pool AND x.participant_id = y.participant_id AND x.place < y.place)
    SELECT session_id, count(*) FILTER (before * again > 0) AS right, count(*) FILTER (before * again <> 0) AS ordered,
           count(*) FILTER (before <> 0 AND again = 0) AS level
    FROM p GROUP BY session_id ORDER BY session_id
"""


@dataclass(frozen=True, slots=True)
class PairAccuracy:
    """Of pairs of statements between which a person and a predictor both make a difference, the share that both order alike.

    generator: of the statements, by its first arm. predictor: a scorer, longest and oracle always among them; or second rating:
    the person's own, against their first. versus: the person's mean rating, or what they truly think.
    n_level: further pairs, between which the predictor makes no difference.
    """

    generator: str
    predictor: str
    versus: str
    n_pairs: int
    n_level: int
    accuracy: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class AccuracyDifference:
    """How much greater the share of pairs is that one predictor orders as a person does than that of another, on the same pairs.

    They are those between which the person and both predictors make a difference, so that neither share need be that of
    `PairAccuracy`. None of the predictors sees the truth. low, high: of the difference, a group counting with both shares.
    """

    generator: str
    predictor: str
    against: str
    versus: str
    n_pairs: int
    difference: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ScorersCompared:
    """Each predictor alone, and each against those after it."""

    accuracies: list[PairAccuracy]
    differences: list[AccuracyDifference]


def compare_scorers(run: Run) -> ScorersCompared:
    """Every scorer on the statements of every generator that it scored, with what stands beside it.

    Raises RunFolderError for a damaged run.
    """
    reader = PoolReader(run)
    lengths = _lengths(reader)
    accuracies, differences = list[PairAccuracy](), list[AccuracyDifference]()
    for generator in map(str, dict.fromkeys(reader.pools["generator"])):
        scored = _scored(reader, generator, lengths)
        accuracies += _accuracies(reader, generator, scored)
        differences += _differences(reader, generator, scored)
    return ScorersCompared(accuracies, differences)


def _scored(reader: PoolReader, generator: str, lengths: Ints) -> dict[str, Sequence[Pools]]:
    """By predictor, what it says of the statements of a generator; none where no scorer did."""
    others = set(reader.pools["generator"]) - {generator}
    scored: dict[str, Sequence[Pools]] = {
        name: blocks
        for name in reader.scorers()
        if (blocks := reader.scored(name, missing="leave_out", without=others).blocks)
    }
    if not scored:
        return {}
    widest = max(scored.values(), key=lambda blocks: sum(block.scores.size for block in blocks))
    scored.setdefault(LONGEST, tuple(_by_length(reader, block, lengths) for block in widest))
    scored.setdefault(ORACLE, tuple(replace(block, scores=block.truth) for block in widest))
    return scored


def _accuracies(reader: PoolReader, generator: str, scored: Mapping[str, Sequence[Pools]]) -> Iterator[PairAccuracy]:
    for name, blocks in scored.items():
        for versus in _VERSUS:
            yield from _rows(reader, generator, name, blocks, versus)
    if scored:
        yield from _retest(reader, generator)


def _differences(
    reader: PoolReader, generator: str, scored: Mapping[str, Sequence[Pools]]
) -> Iterator[AccuracyDifference]:
    predictors = [name for name in scored if name != ORACLE and not reader.sees_truth(name)]
    for one, other in combinations(predictors, 2):
        for versus in _VERSUS:
            pool, counts = pairs_compared(scored[one], scored[other], versus)
            sums = sums_by_group(counts, reader.group[pool])
            told = sums[sums[:, 2] > 0]
            estimate = difference(told[:, [0, 2]], told[:, [1, 2]])
            if estimate is not None:
                numbers = estimate.within(-1.0, 1.0).numbers
                yield AccuracyDifference(generator, one, other, versus, int(counts[2].sum()), *numbers)


def _rows(
    reader: PoolReader, generator: str, predictor: str, blocks: Sequence[Pools], versus: Versus
) -> Iterator[PairAccuracy]:
    """One row, or none where nothing tells."""
    if versus == "truth" and (predictor == ORACLE or reader.sees_truth(predictor)):
        return  # the same numbers
    accuracy = pair_accuracy(blocks, reader.group[np.concatenate([block.pool for block in blocks])], versus)
    if accuracy is not None and accuracy.everybody is not None:
        yield _row(generator, predictor, versus, accuracy.n_pairs, accuracy.n_level, accuracy.everybody)


def _retest(reader: PoolReader, generator: str) -> Iterator[PairAccuracy]:
    counts = reader.frame(_RETEST, generator)
    right, ordered, level = (counts[name].to_numpy(dtype=np.float64) for name in ("right", "ordered", "level"))
    estimate = ratio(right, ordered, share=True) if len(counts) else None
    if estimate is not None:
        yield _row(generator, RETEST, "rating", int(ordered.sum()), int(level.sum()), estimate)


def _row(generator: str, predictor: str, versus: str, n_pairs: int, n_level: int, accuracy: Estimate) -> PairAccuracy:
    return PairAccuracy(generator, predictor, versus, n_pairs, n_level, *accuracy.numbers)


def _lengths(reader: PoolReader) -> Ints:
    """[candidates], the words of each, in the order of `PoolReader.candidates`."""
    texts = reader.run.candidates.set_index("candidate_id")["text"]
    return np.array([len(text.split()) for text in texts.reindex(reader.candidates["candidate_id"])], dtype=np.int64)


def _by_length(reader: PoolReader, block: Pools, lengths: Ints) -> Pools:
    """The same statements and people, with words for scores."""
    n_pools, n, n_people = block.scores.shape
    words = lengths[reader.first[block.pool][:, None] + np.arange(n)].astype(np.float64)
    return replace(block, scores=np.repeat(words[:, :, None], n_people, axis=2).reshape(n_pools, n, n_people))
