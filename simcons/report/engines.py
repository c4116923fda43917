"""Words for the engines of a run: what they are called, what answers, how busy they were."""

from __future__ import annotations

from simcons.analysis.engines import EngineUse
from simcons.engines.base import Identity
from simcons.languages.text import as_sentence
from simcons.named_code import shown

LEAST_BUSY = 1.0  # seconds of work under which a rate says nothing: most of it is the clock's and the line's


def is_pipeline(identity: Identity) -> bool:
    """True of an engine that stands for code or a server of the user's own."""
    return identity.get("kind") in ("python", "http")


def engine_title(name: str, identity: Identity) -> str:
    """ "Engine m", and for a pipeline of the user's own the arm or scorer that it is: "Arm ours"."""
    return as_sentence(name) if is_pipeline(identity) else f"Engine {name}"


def answered_by(identity: Identity) -> str:
    """What answers: a model by its name or the first digits of its hash, code, a server, or else the kind of the engine."""
    match dict(identity):
        case {"kind": "python", "call": str(call)}:
            return f"code of your own, {shown(call)}"
        case {"kind": "http", "url": url}:
            return f"a server of your own, {url}"
        case {"model": str(model)}:
            return f"model {_short(model)}"
    return f"kind {identity.get('kind', 'unknown')}"


def _short(model: str) -> str:
    """A model's content hash by its first digits, as one does with commits; a name as it is."""
    is_hash = len(model) == 64 and set(model) <= set("0123456789abcdef")
    return model[:10] if is_hash else model


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
