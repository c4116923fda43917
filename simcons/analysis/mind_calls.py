"""The calls to language models that play people, where the run's folder still holds its store of calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

import pyarrow as pa

from simcons.engines.calls.listing import KeptCall, kept_calls
from simcons.scale import LOWEST
from simcons.seeds import request_seed
from simcons.storage.layout import CALLS
from simcons.storage.load import Run

COLUMNS = {
    **{name: pa.string() for name in ("round_id", "participant_id", "about", "candidate_id")},
    "attempt": pa.int64(),
    **{name: pa.string() for name in ("listed", "engine", "prompt", "reply", "reasoning", "finish")},
    **{name: pa.int64() for name in ("tokens_in", "tokens_out")},
    "seconds": pa.float64(),
}
# What was asked of whom, and the text of the statement, by which calls about one are addressed.
_ASKED = """
    SELECT e.round_id, e.participant_id, e.about, e.candidate_id, e.attempts, c.text
    FROM elicitations AS e JOIN rounds AS r USING (round_id) LEFT JOIN candidates AS c USING (round_id, candidate_id)
    WHERE r.session_id IN (SELECT unnest($sessions::VARCHAR[]))
    ORDER BY e.round_id, e.participant_id, e.about, e.candidate_id
"""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, as a study makes it: the first cells of its row, and the seed that its call is kept under."""

    cells: tuple[Any, ...]  # from round_id to listed
    seed: int


def mind_calls(run: Run, sessions: Sequence[str]) -> pa.Table:
    """A row a request to a model that plays a person, in rounds of some sessions: prompt and reply as sent, tokens, seconds of
    the engine's time. A reply that is a choice by log-probabilities is written as these, such as ``1: 3%``.

    Without rows where no model plays people, and where the run has no store of calls or its truth was taken out, which says what
    was asked. Raises RunFolderError, StorageError.
    """
    path = run.folder / CALLS
    asked = list(_asked(run, sessions)) if path.exists() else []
    seeds = {request.seed for request in asked}
    abouts = sorted({request.cells[2] for request in asked})
    calls = {call.seed: call for about in abouts for call in kept_calls(path, about) if call.seed in seeds}
    rows = [(*request.cells, *_told(calls[request.seed])) for request in asked if request.seed in calls]
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    return pa.table({name: pa.array(cells, COLUMNS[name]) for name, cells in zip(COLUMNS, columns, strict=True)})


def n_mind_requests(run: Run) -> int:
    """The number of such requests that the run made, in all rounds. Raises RunFolderError."""
    sql = run.sql(truth=["elicitations"])
    ((n,),) = sql.execute("SELECT coalesce(sum(attempts), 0)::BIGINT FROM elicitations").fetchall()
    return int(n)


def _asked(run: Run, sessions: Sequence[str]) -> Iterator[_Asked]:
    """Every request that may have been made: which way the options were listed is told of the last attempt alone."""
    seed = int(run.manifest["seed"])
    rows = run.sql(truth=["elicitations"]).execute(_ASKED, {"sessions": list(sessions)}).fetchall()
    for round_id, person, about, candidate, attempts, text in rows:
        key = (about, person, round_id, *([] if text is None else [text]))
        for attempt in range(attempts):
            cells = (round_id, person, about, candidate, attempt + 1)
            if about == "opinion":
                yield _Asked((*cells, None), request_seed(seed, *key, attempt))
                continue
            for listed in ("up", "down"):
                yield _Asked((*cells, listed), request_seed(seed, *key, listed, attempt))


def _told(call: KeptCall) -> tuple[Any, ...]:
    prompt = "\n\n".join(f"[{role}]\n{content}" for role, content in call.prompt)
    chances = ", ".join(f"{LOWEST + k}: {exp(logprob):.0%}" for k, logprob in enumerate(call.logprobs))
    return (
        *(call.engine, prompt, call.text or chances, call.reasoning or None, call.finish),
        *(call.tokens_in, call.tokens_out, call.seconds),
    )
