"""Headings of the statements of one round."""

from __future__ import annotations

from simcons.analysis.round_in_full import ShownStatement
from simcons.counted import counted


def best_heading(best: ShownStatement) -> str:
    """The heading of the best-rated statement: who picked it, from how many opinions, and its ratings."""
    arms = f"{'arms' if best.n_arms > 1 else 'arm'} {best.arm}" if best.n_arms else best.arm
    bound = ", which saw the truth: an upper bound" if best.upper_bound else ""
    ratings = ", ".join(
        f"no rating of {scale}" if mean is None else f"mean {scale} {mean:.1f}" for scale, mean in best.means.items()
    )
    made_from = f"; from {counted(best.n_opinions, 'opinion')}" if best.n_opinions else ""
    return f"Best-rated statement ({arms}{bound}{made_from}; {ratings})"


def statement_heading(statement: ShownStatement) -> str:
    means = (f"{scale} {'not rated' if mean is None else f'{mean:.1f}'}" for scale, mean in statement.means.items())
    return f"{statement.arm} ({', '.join(means)})"
