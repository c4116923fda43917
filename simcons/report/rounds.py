"""Headings of the statements of one round."""

from __future__ import annotations

from simcons.analysis.round_in_full import Statement
from simcons.counted import counted


def best_heading(best: Statement) -> str:
    """The heading of the best-rated statement: who picked it, from how many opinions, and its ratings."""
    arms = f"{'arms' if best.n_arms > 1 else 'arm'} {best.arm}" if best.n_arms else best.arm
    bound = ", which saw the truth: an upper bound" if best.upper_bound else ""
    quality = "no rating of quality" if best.quality is None else f"mean quality {best.quality:.1f}"
    ratings = f"mean agreement {best.agreement:.1f}, {quality}"
    return f"Best-rated statement ({arms}{bound}; from {counted(best.n_opinions, 'opinion')}; {ratings})"


def statement_heading(statement: Statement) -> str:
    quality = "not rated" if statement.quality is None else f"{statement.quality:.1f}"
    return f"{statement.arm} (agreement {statement.agreement:.1f}, quality {quality})"
