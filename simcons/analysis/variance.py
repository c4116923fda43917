"""Where the variance of ratings comes from: people, statements, groups, and the rest.

Within a group everybody rates every statement: people and statements are crossed there, and both are nested in groups. The
components are those of the analysis of variance (the method of moments; Searle, Casella & McCulloch 1992, ch. 4), pooled over
groups. With equal numbers they are those of restricted maximum likelihood where none is negative; they need no
convergence, and an interval over groups comes with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate, positive, statistic
from simcons.analysis.results import Result, Row
from simcons.arrays import Floats
from simcons.storage.query import column

_TOO_FEW = "fewer than two groups have two people who rated the same two statements or more"
SHARES = ("group", "person", "statement", "rest", "noise")
# People who rated every statement of their group; a row a group: numbers, sums of squares of the table of means over passes.
_GROUPS = """
    WITH cells AS (
        SELECT session_id, participant_id, candidate_id, avg({scale}) AS y,
               CASE WHEN count({scale}) = 2 THEN max({scale}) - min({scale}) END AS apart
        FROM ratings JOIN candidates USING (round_id, candidate_id) JOIN rounds USING (round_id)
        WHERE source = 'mediator' AND {scale} IS NOT NULL GROUP BY ALL),
    whole_people AS (
        SELECT *, count(*) OVER (PARTITION BY session_id, participant_id) AS n_rated FROM cells),
    kept AS (
        SELECT * FROM whole_people JOIN (SELECT session_id, count(DISTINCT candidate_id) AS n_items FROM cells GROUP BY ALL)
        USING (session_id) WHERE n_rated = n_items),
    means AS (
        SELECT *, avg(y) OVER (PARTITION BY session_id) AS grand, avg(y) OVER (PARTITION BY session_id, participant_id) AS person,
               avg(y) OVER (PARTITION BY session_id, candidate_id) AS item FROM kept)
    SELECT session_id, count(DISTINCT participant_id) AS p, any_value(n_items) AS i, any_value(grand) AS grand,
           sum((person - grand) ** 2) AS people, sum((item - grand) ** 2) AS items,
           sum((y - person - item + grand) ** 2) AS rest, count(apart) AS n_apart, coalesce(sum(apart ** 2), 0) AS apart
    FROM means GROUP BY session_id ORDER BY session_id
"""


def variance_shares(rated: Rated) -> Result:
    """Shares of the variance of a single rating: group + person + statement + rest = 1. One may come out below 0, by chance.

    rest: what remains, a person's own view of a statement and noise; noise: of the whole, what differs between two ratings of a
    statement by one person, where there are two. n: groups with two people or more who rated all of at least two
    statements; others are excluded.
    """
    crossed = {scale: _crossed(rated, scale) for scale in rated.scales}
    rows = [row for scale, groups in crossed.items() for row in _of_scale(rated, scale, groups)]
    too_few = all(len(groups) < 2 for groups in crossed.values())
    return Result(
        "variance_shares",
        "share of the variance of a single rating",
        "groups",
        tuple(rows),
        "" if rows else _TOO_FEW if too_few else "all ratings are the same",
    )


def _crossed(rated: Rated, scale: str) -> Floats:
    """Groups in which two people or more rated the same two statements or more, as `moments` takes them."""
    table = rated.by_group(_GROUPS.format(scale=column(scale))).to_numpy(dtype=object)
    numbers = table[:, 1:].astype(np.float64)
    return np.asarray(numbers[(numbers[:, 0] > 1) & (numbers[:, 1] > 1)])


def _of_scale(rated: Rated, scale: str, crossed: Floats) -> list[Row]:
    (n_groups,) = rated.frame("SELECT count(DISTINCT session_id) AS n FROM shown_ratings")["n"].tolist()
    if len(crossed) < 2:
        return []
    sums = moments(crossed)
    estimates = [estimate(name, sums) for name in SHARES]
    return [
        Row({"scale": scale}, name, estimate, len(crossed), int(n_groups) - len(crossed))
        for name, estimate in zip(SHARES, estimates, strict=True)
        if estimate is not None
    ]


def moments(groups: Floats) -> Floats:
    """The numbers of each group that are summed over groups.

    groups: [groups, 8]: people, statements, the mean, sums of squares of people, statements and the rest, pairs of ratings, and
    the sum of their squared differences. Returns [groups, 17].
    """
    p, i, grand, people, items, rest, n_pairs, squares = groups.T
    level = [np.ones_like(p), grand, grand**2, 1 / p, 1 / i, 1 / (p * i)]
    crossed = [p - 1, (p - 1) * i, people, i - 1, (i - 1) * p, items, (p - 1) * (i - 1), rest]
    return np.stack([*level, *crossed, p * i, n_pairs, squares], axis=-1)


def estimate(name: str, sums: Floats) -> Estimate | None:
    """A component as a share of the variance, with its interval. sums: [groups, 17], as `moments` has them.

    A variance of few numbers is skewed, so where the other components are in it too and are taken off, it has the interval of a
    logarithm (Arvesen & Schmitz 1970): of people and statements of the whole as a share, less what is taken off; of groups of
    the whole over what is taken off, put back into the share. What is taken off and the other components count as given.
    """
    plain = statistic(partial(share, name), sums)
    if plain is None or name not in ("group", "person", "statement"):
        return plain
    total = sums.sum(axis=0)
    parts = _parts(total)
    whole, off = (float(number) for number in parts[name])
    everything = float(_total(parts))

    def of_logarithm(samples: Floats) -> Floats:
        of = _parts(samples)
        return np.asarray(of[name][0] / (of[name][1] if name == "group" else _total(of)))

    def as_share(number: float) -> float:
        if name != "group":
            return min(number - off / everything, 1.0)
        above = (number - 1) * off
        return above / (above + everything - (whole - off))

    found = positive(of_logarithm, sums)
    if found is None or found.interval is None:
        return Estimate(plain.value, None, None, plain.n)
    low, high = found.interval
    return Estimate(plain.value, (as_share(low), as_share(high)), None, plain.n)


def share(name: str, sums: Floats) -> Floats:
    """One component as a share of the variance of a single rating. sums: [..., 17], as `moments` has them."""
    parts = _parts(sums)
    if name == "noise":
        return np.asarray(_noise(sums) / _total(parts))
    whole, off = parts[name]
    return np.asarray((whole - off) / _total(parts))


def _parts(sums: Floats) -> Mapping[str, tuple[Floats, Floats]]:
    """Of each component the variance that it is in, and what of that is of other components."""
    n, mean, square, over_p, over_i, over_pi, *crossed = np.moveaxis(sums, -1, 0)
    df_people, people_of, people, df_items, items_of, items, df_rest, rest, n_cells, n_pairs, _ = crossed
    cell = rest / df_rest  # of means over passes
    averaged_away = np.where(n_pairs > 0, _noise(sums) / 2 * n_pairs / n_cells, 0.0)
    person = people / people_of, df_people * cell / people_of
    statement = items / items_of, df_items * cell / items_of
    within = (person[0] - person[1]) * over_p + (statement[0] - statement[1]) * over_i + cell * over_pi
    group = (square - mean**2 / n) / (n - 1), within / n
    return {
        "group": group,
        "person": person,
        "statement": statement,
        "rest": (cell + averaged_away, np.zeros_like(cell)),
    }


def _total(parts: Mapping[str, tuple[Floats, Floats]]) -> Floats:
    return np.asarray(sum(whole - off for whole, off in parts.values()))


def _noise(sums: Floats) -> Floats:
    """The variance between two ratings of one statement by one person; NaN where there are none."""
    n_pairs, squares = sums[..., -2], sums[..., -1]
    return np.where(n_pairs > 0, squares / (2 * np.maximum(n_pairs, 1)), np.nan)
