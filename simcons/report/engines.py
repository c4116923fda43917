"""Sentences on the engines of a run: how busy they were."""

from __future__ import annotations

from simcons.analysis.engines import EngineUse

LEAST_BUSY = 1.0  # seconds of work under which a rate says nothing: most of it is the clock's and the line's


def engine_sentence(use: EngineUse) -> str:
    """The speed of one engine while at work; without rates where it was at work for less than `LEAST_BUSY` seconds."""
    worked = "for less than a second in the last start of this run, "
    if use.busy_seconds >= LEAST_BUSY:
        worked = (
            f"{use.busy_share:.0%} of {use.seconds:,.0f} s in the last start of this run, {use.tokens_out_per_second:,.0f}"
            f" tokens written and {use.tokens_in_per_second:,.0f} read a second while at work, "
        )
    return (
        f"{use.engine}: at work {worked}"
        f"up to {use.largest_batch:,} requests at a time, {use.mean_waiting:,.0f} waiting on average"
    )
