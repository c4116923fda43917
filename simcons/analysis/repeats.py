"""Agreement of people with their own earlier ratings, from a table of pairs: rows the first answer, columns the second.

Every statistic is a function of such tables, summed over groups, and takes any number of them at once: [..., 7, 7] to [...].
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from simcons.analysis.rated import Rated
from simcons.analysis.resampling import ratio, statistic
from simcons.analysis.results import Key, Result, Row
from simcons.arrays import Floats
from simcons.scale import HIGHEST, LOWEST
from simcons.storage.query import column

_ANSWERS = np.arange(LOWEST, HIGHEST + 1, dtype=np.float64)
APART = np.abs(np.subtract.outer(_ANSWERS, _ANSWERS))
_LEAST_PAIRS = 3  # over fewer no coefficient says anything
_AGES = "CASE WHEN age < 35 THEN 'under 35' WHEN age < 55 THEN '35 to 54' ELSE '55 and over' END"
_EVERYBODY = "everybody"
_CELLS: Mapping[str, str] = {_EVERYBODY: f"'{_EVERYBODY}'", "sex": "sex", "age": _AGES, "education": "education"}
_PEOPLE = "JOIN participants USING (participant_id)"
PAIRS = """
    SELECT {cell} AS cell, rounds.session_id, first.{scale}::BIGINT AS a, second.{scale}::BIGINT AS b, count(*) AS n
    FROM ratings AS first JOIN ratings AS second USING (participant_id, candidate_id)
         JOIN rounds ON rounds.round_id = first.round_id {people}
    WHERE first.pass_index = 1 AND second.pass_index = 2 AND first.{scale} IS NOT NULL AND second.{scale} IS NOT NULL
    GROUP BY ALL ORDER BY ALL
"""
_N_FIRST = "SELECT count(*) AS n FROM ratings WHERE pass_index = 1 AND {scale} IS NOT NULL"


def reliability(rated: Rated) -> Result:
    """Agreement of two ratings of a statement by one person, overall and by sex, age and education.

    exact, within_one: shares of pairs; difference: mean absolute, in points; r: Pearson's; icc: ICC(A,1), two-way, absolute
    agreement, of a single rating (McGraw & Wong 1996); alpha: Krippendorff's, ordinal. n: pairs; n_excluded: first ratings
    without a second, which are told of everybody alone. Of frames only by what participants are known to be.
    """
    rows = [row for scale in rated.scales for row in _of_scale(rated, scale)]
    return Result(
        "reliability",
        "agreement of two ratings of one statement by one person",
        "pairs",
        tuple(rows),
        "" if rows else "no statement was rated twice by one person",
    )


def _of_scale(rated: Rated, scale: str) -> Iterator[Row]:
    name = column(scale)
    (n_first,) = rated.frame(_N_FIRST.format(scale=name))["n"].tolist()
    for by, cell in _CELLS.items():
        if by != _EVERYBODY and not rated.has("participants", by):
            continue
        pairs = rated.by_group(PAIRS.format(cell=cell, scale=name, people="" if by == _EVERYBODY else _PEOPLE))
        for value, of_cell in pairs.groupby("cell", sort=True):
            tables = pair_tables(of_cell)
            n_excluded = int(n_first - tables.sum()) if by == _EVERYBODY else 0
            yield from _of_cell(tables, {"scale": scale, "by": by, "cell": str(value)}, n_excluded)


def pair_tables(pairs: pd.DataFrame) -> Floats:
    """Pairs of answers by group, [groups, 7, 7]. pairs: session_id, a, b and n, how many pairs have these answers."""
    group, groups = pd.factorize(pairs["session_id"])
    tables = np.zeros((len(groups), len(_ANSWERS), len(_ANSWERS)))
    np.add.at(tables, (group, pairs["a"].to_numpy() - LOWEST, pairs["b"].to_numpy() - LOWEST), pairs["n"].to_numpy())
    return tables


def _of_cell(tables: Floats, keys: Mapping[str, Key], n_excluded: int) -> Iterator[Row]:
    counts, n = tables.sum(axis=(1, 2)), int(tables.sum())
    for name, held in (("exact", APART == 0), ("within_one", APART <= 1)):
        yield Row(keys, name, ratio((tables * held).sum(axis=(1, 2)), counts, share=True), n, n_excluded)
    yield Row(keys, "difference", ratio((tables * APART).sum(axis=(1, 2)), counts), n, n_excluded)
    for name, coefficient in COEFFICIENTS.items():
        estimate = statistic(coefficient, tables) if n >= _LEAST_PAIRS else None
        yield Row(keys, name, estimate and estimate.within(-1.0, 1.0), n, n_excluded)


def pearson(tables: Floats) -> Floats:
    """Pearson's r; NaN where either rating does not vary."""
    n, a, b, aa, bb, ab = _moments(tables)
    return np.asarray((ab - a * b / n) / np.sqrt((aa - a * a / n) * (bb - b * b / n)))


def icc(tables: Floats) -> Floats:
    """ICC(A,1) = (MSR - MSE) / (MSR + MSE + 2 (MSC - MSE) / n): mean squares of statements, of error, and of the two passes."""
    n, a, b, aa, bb, ab = _moments(tables)
    grand = (a + b) ** 2 / (2 * n)
    rows, passes = (aa + bb + 2 * ab) / 2 - grand, (a * a + b * b) / n - grand
    error = (aa + bb - grand - rows - passes) / (n - 1)
    between = rows / (n - 1)
    return np.asarray((between - error) / (between + error + 2 * (passes - error) / n))


def krippendorff_alpha(tables: Floats) -> Floats:
    """Krippendorff's (2004) alpha for ordered answers: 1 - (n - 1) sum o_ck d_ck / sum n_c n_k d_ck over answers c and k.

    o: pairs, each counted in both orders; n_c: answers c among all n; d_ck = (sum of n_g, g from c to k, - (n_c + n_k) / 2)^2.
    NaN where all answers are the same.
    """
    both = tables + np.swapaxes(tables, -1, -2)
    answers = both.sum(axis=-1)
    up_to = (
        answers.cumsum(axis=-1) - answers / 2
    )  # so that a difference of two is the sum between, the ends counting half
    apart = (up_to[..., :, None] - up_to[..., None, :]) ** 2
    expected = (answers[..., :, None] * answers[..., None, :] * apart).sum(axis=(-1, -2))
    n = answers.sum(axis=-1)
    return np.asarray(1 - (n - 1) * (both * apart).sum(axis=(-1, -2)) / expected)


COEFFICIENTS: Mapping[str, Callable[[Floats], Floats]] = {"r": pearson, "icc": icc, "alpha": krippendorff_alpha}


def _moments(tables: Floats) -> tuple[Floats, ...]:
    """The number of pairs, and the sums of a, b, a^2, b^2 and a b."""
    first, second = tables.sum(axis=-1), tables.sum(axis=-2)
    products = np.einsum("...ab,a,b->...", tables, _ANSWERS, _ANSWERS)
    return (
        first.sum(axis=-1),
        first @ _ANSWERS,
        second @ _ANSWERS,
        first @ _ANSWERS**2,
        second @ _ANSWERS**2,
        np.asarray(products),
    )
