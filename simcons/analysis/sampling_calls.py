"""The calls to language models behind a run's candidates, where the run's folder still holds its store of calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from simcons.analysis.arms import recorded_arms
from simcons.engines.calls.listing import KeptCall, kept_calls
from simcons.mediator.arms import Arms
from simcons.mediator.generator import sample_seed
from simcons.storage.layout import CALLS
from simcons.storage.load import Run

COLUMNS = {
    **{name: pa.string() for name in ("round_id", "generator")},
    **{name: pa.int64() for name in ("omitted", "sample", "attempt")},
    **{name: pa.string() for name in ("engine", "prompt", "reply", "reasoning", "finish")},
    **{name: pa.int64() for name in ("tokens_in", "tokens_out")},
    "seconds": pa.float64(),
}
_SAMPLES = """
    SELECT s.round_id, s.generator, s.omitted, s.sample, s.attempts, r.n_opinions
    FROM samples AS s JOIN rounds AS r USING (round_id) ORDER BY s.round_id, s.generator, s.omitted, s.sample
"""


def sampling_calls(run: Run) -> pa.Table:
    """A row an attempt at a sample: prompt and reply as sent, tokens, seconds of the engine's time. Without rows where the run
    has no store of calls. Raises RunFolderError, StorageError.
    """
    path = run.folder / CALLS
    rows = list(_rows(run, {call.seed: call for call in kept_calls(path, "candidate")})) if path.exists() else []
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in COLUMNS]
    return pa.table({name: pa.array(cells, COLUMNS[name]) for name, cells in zip(COLUMNS, columns, strict=True)})


def _rows(run: Run, by_seed: Mapping[int, KeptCall]) -> Iterator[tuple[Any, ...]]:
    seed, names = int(run.manifest["seed"]), Arms.of(recorded_arms(run)).seed_names
    for round_id, generator, omitted, sample, attempts, n_opinions in run.sql().execute(_SAMPLES).fetchall():
        key = f"{names.get(generator, generator)}/{n_opinions - omitted}"
        for attempt in range(attempts):
            call = by_seed.get(sample_seed(seed, round_id, key, sample, attempt))
            if call is not None:
                yield (round_id, generator, omitted, sample, attempt + 1, *_told(call))


def _told(call: KeptCall) -> tuple[Any, ...]:
    prompt = "\n\n".join(f"[{role}]\n{content}" for role, content in call.prompt)
    return (
        *(call.engine, prompt, call.text, call.reasoning or None, call.finish),
        *(call.tokens_in, call.tokens_out, call.seconds),
    )
