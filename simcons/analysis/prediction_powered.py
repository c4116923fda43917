"""People's answers together with predictions of them: prediction-powered estimates, which a biased predictor does not bias.

Of units that people answered, the answers are y and the predictions f. Of each unit F is the mean prediction over all that could
have been put to its people in place of what they saw. Then f - F is nought on average, however wrong f is, and so is whatever is
taken off in

    mean(y) - slope mean(f - F),    slope = cov(y, f - F) / var(f - F), or 0 where that is below.

It is PPI++ (Angelopoulos, Duchi & Zrnic 2023) with the mean prediction known of each unit, and the regression estimator of survey
sampling (Cochran 1977, ch. 7). Intervals are the jackknife's over groups, with a slope of its own for each that is left out
(docs/decisions/few_people.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcons.analysis.resampling import Estimate, mean, statistic, sums_by_group
from simcons.arrays import Floats

FEWEST_GROUPS = 6  # from which the interval holds
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Powered:
    """A mean of answers. alone: from the answers; both: with predictions, None where these cannot help.

    ahead: the mean of f - F, nought but for chance. r: the correlation of answers with f - F over groups.
    """

    alone: Estimate
    both: Estimate | None = None
    ahead: Estimate | None = None
    r: Estimate | None = None

    @property
    def worth(self) -> float | None:
        """As many groups would be needed for an interval as narrow from answers alone; None where either has no error."""
        if self.both is None or self.both.error is None or self.alone.error is None:
            return None
        return self.alone.n * (self.alone.error / self.both.error) ** 2


def powered(answers: npt.ArrayLike, ahead: npt.ArrayLike, group: npt.ArrayLike) -> Powered:
    """The mean of ``answers`` [rows], with what is predicted of each ``ahead`` [rows] of what is expected: f - F.

    group: each row's, by number from 0. Answers stand alone where there are fewer than `FEWEST_GROUPS`, and where f - F is the
    same in all. Raises ValueError for numbers that are not finite, and for none.
    """
    y, x = np.asarray(answers, dtype=np.float64), np.asarray(ahead, dtype=np.float64)
    alone, lead = mean(y, group), mean(x, group)
    if alone.n < FEWEST_GROUPS or lead.error is None:
        return Powered(alone)
    sums = _sums(y, x, group)
    r = statistic(_correlation, sums)
    return Powered(alone, statistic(_regressed, sums), lead, None if r is None else r.within(-1.0, 1.0))


def _sums(y: Floats, x: Floats, group: npt.ArrayLike) -> Floats:
    """[groups, 9]: rows, totals of y and x, and the products of these three."""
    n, y, x = sums_by_group([np.ones_like(y), y, x], group).T
    return np.stack([n, y, x, n * n, n * y, n * x, y * y, y * x, x * x], axis=1)


def _regressed(sums: Floats) -> Floats:
    n, y, x = (sums[..., place] for place in range(3))
    _, products, squares = _moments(sums)
    return np.asarray(y / n - np.maximum(products, 0.0) / squares * x / n)


def _correlation(sums: Floats) -> Floats:
    of_y, products, of_x = _moments(sums)
    return np.asarray(products / np.sqrt(of_y * of_x))


def _moments(sums: Floats) -> tuple[Floats, Floats, Floats]:
    """Of groups' totals less their number of rows times the mean: sums of squares of y, of products, and of squares of x.

    They are those of which the errors of the two means are made. NaN for an x that does not vary.
    """
    n, y, x, nn, ny, nx, yy, yx, xx = np.moveaxis(sums, -1, 0)
    mean_y, mean_x = y / n, x / n
    of_y = yy - 2 * mean_y * ny + mean_y**2 * nn
    products = yx - mean_y * nx - mean_x * ny + mean_y * mean_x * nn
    of_x = xx - 2 * mean_x * nx + mean_x**2 * nn
    return of_y, products, np.where(of_x > _SAME, of_x, np.nan)
