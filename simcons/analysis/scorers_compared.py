"""Scorers on the same statements: how far each orders two of them as a person does, beside what is easy and what is possible.

Pairs are of statements that one generator made of one round's opinions. Easy is to prefer the longer one. Possible is what the
truth comes to, and what the person comes to who rates the same statements again. Pairs of statements that were shown say
something of a person's ratings; which those are depends on the arms that showed them, and pairs that a scorer itself picked are
harder for it than others. An arm without a scorer shows some at random.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from simcons.analysis.resampling import Estimate, ratio
from simcons.analysis.reselect.pools import PoolReader, Pools
from simcons.analysis.scorer_accuracy import pair_accuracy
from simcons.arrays import Ints
from simcons.storage.load import Run

LONGEST, ORACLE, RETEST = "longest", "oracle", "second rating"  # there whether or not an arm has such a scorer
Versus: TypeAlias = Literal["truth", "rating"]
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


def compare_scorers(run: Run) -> list[PairAccuracy]:
    """Every scorer on the statements of every generator that it scored, with what stands beside it.

    Raises RunFolderError for a damaged run.
    """
    reader = PoolReader(run)
    lengths = _lengths(reader)
    generators = dict.fromkeys(reader.pools["generator"])
    return [row for generator in generators for row in _of_generator(reader, str(generator), lengths)]


def _of_generator(reader: PoolReader, generator: str, lengths: Ints) -> Iterator[PairAccuracy]:
    others = set(reader.pools["generator"]) - {generator}
    scored = {
        name: blocks
        for name in reader.scorers()
        if (blocks := reader.scored(name, missing="leave_out", without=others).blocks)
    }
    if not scored:
        return
    widest = max(scored.values(), key=lambda blocks: sum(block.scores.size for block in blocks))
    scored.setdefault(LONGEST, tuple(_by_length(reader, block, lengths) for block in widest))
    scored.setdefault(ORACLE, tuple(replace(block, scores=block.truth) for block in widest))
    for name, blocks in scored.items():
        for versus in ("rating", "truth"):
            yield from _rows(reader, generator, name, blocks, versus)
    yield from _retest(reader, generator)


def _rows(
    reader: PoolReader, generator: str, predictor: str, blocks: Sequence[Pools], versus: Versus
) -> Iterator[PairAccuracy]:
    """One row, or none where nothing tells."""
    if versus == "truth" and (predictor == ORACLE or reader.sees_truth(predictor)):
        return  # the same numbers
    pools = np.concatenate([block.pool for block in blocks])
    group = np.asarray(pd.factorize(reader.pools["session_id"].to_numpy()[pools])[0], dtype=np.int64)
    accuracy = pair_accuracy(blocks, group, versus)
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
