"""Predictions of agreement against ratings, and apart from that against the truth; and the best of N against N."""

from __future__ import annotations

from collections.abc import Iterator

from simcons.analysis.best_of_n import best_of_n
from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate
from simcons.analysis.reselect.pools import PoolReader
from simcons.analysis.results import Key, Result, Row
from simcons.analysis.scorer_accuracy import Accuracy, Calibration, scorer_quality
from simcons.storage.load import Run


def scorer_accuracy(run: Run, _: Rated) -> Result:
    """Accuracy of each scorer of the run: pairs of statements in people's order, and the error of its scores.

    pair_accuracy: of pairs of statements between which a person and the scorer both make a difference, the share that both
    order alike; also of the minority and the majority of the position statement. versus: rating, or truth, which only a
    simulator knows. ece, bias, in points, and brier: see `simcons.analysis.scorer_accuracy.Calibration`; against both they are of
    the statements that people rated. n: pairs, or of ece and bias people's judgements of statements; n_excluded: pairs between
    which the scorer makes no difference, told of everybody alone.
    """
    reader = PoolReader(run)
    rows = [row for scorer in reader.scorers() for row in _of_scorer(reader, scorer)]
    return Result(
        "scorer_accuracy",
        "predictions of agreement against ratings and against the truth",
        "pairs, or judgements",
        tuple(rows),
        "" if rows else "no candidate was scored",
    )


def _of_scorer(reader: PoolReader, scorer: str) -> Iterator[Row]:
    blocks = (block for portion in reader.portions(scorer, missing="leave_out") for block in portion.blocks)
    quality, is_truth = scorer_quality(scorer, blocks, reader.group), reader.sees_truth(scorer)
    held = [("rating", quality.ratings, quality.calibration)]
    if not is_truth:
        held.append(("truth", quality.truth, quality.true_calibration))
    for versus, accuracy, calibration in held:
        keys: dict[str, Key] = {"scorer": scorer, "versus": versus}
        if accuracy is not None:
            yield from _pairs(accuracy, keys)
        if calibration is not None:
            yield from _calibration(calibration, keys)


def _pairs(accuracy: Accuracy, keys: dict[str, Key]) -> Iterator[Row]:
    yield Row(keys, "pair_accuracy", accuracy.everybody, accuracy.n_pairs, accuracy.n_level)
    sides = (("minority", accuracy.minority, accuracy.n_minority), ("majority", accuracy.majority, accuracy.n_majority))
    yield from (
        Row(keys, f"pair_accuracy_of_{side}", estimate, n) for side, estimate, n in sides if estimate is not None
    )


def _calibration(calibration: Calibration, keys: dict[str, Key]) -> Iterator[Row]:
    yield Row(keys, "ece", calibration.ece, calibration.n)
    yield Row(keys, "bias", calibration.bias, calibration.n)
    yield Row(keys, "brier", calibration.brier, calibration.n_pairs)


def best_of_n_by_n(run: Run, _: Rated) -> Result:
    """Gains by choosing the best of N candidates, for every N that was sampled: see `simcons.analysis.best_of_n`.

    by: proxy, the score that the choice goes by; rating; or truth, which only a simulator knows. value, in points, of what is
    chosen; wins: share of rounds in which it is ahead of a further sample; wins_at_most: N / (N + 1), the bound where nothing
    is level.
    """
    rows = []
    for best in best_of_n(run):
        keys: dict[str, Key] = {"arm": best.arm, "scorer": best.scorer, "candidates": best.n, "by": best.measure}
        rows.append(
            Row(keys, "value", Estimate.of_numbers(best.value, best.low, best.high, best.n_groups), best.n_rounds)
        )
        if best.wins is not None and best.wins_at_most is not None:
            wins = Estimate.of_numbers(best.wins, best.wins_low, best.wins_high, best.n_groups)
            rows.append(Row(keys, "wins", wins, best.n_rounds))
            bound = Estimate(best.wins_at_most, None, None, best.n_groups)
            rows.append(Row(keys, "wins_at_most", bound, best.n_rounds))
    reason = "" if rows else "no arm chose by scores"
    return Result("best_of_n", "what the best of N candidates comes to", "rounds", tuple(rows), reason)
