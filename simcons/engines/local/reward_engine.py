"""A reward model in this process: predicted agreement of an opinion's author with candidates, 1 to 7.

Each request is one opinion with all candidates; the triples of many requests are read together (see `reward_reading`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from simcons.engines.base import Identity, OnReply, Reply, Request, unanswered
from simcons.engines.local.dtypes import fastest_dtype
from simcons.engines.local.language_model import device_named
from simcons.engines.local.models import in_one_line
from simcons.engines.local.prefill import Tokens
from simcons.engines.local.reward_manifest import checkpoint_hash, read_manifest
from simcons.engines.local.reward_model import load_reward_model, weights_folder
from simcons.engines.local.reward_reading import RewardReading
from simcons.engines.scores import question_and_opinion
from simcons.errors import EngineError
from simcons.scenario.engines import RewardEngineSettings


@dataclass(frozen=True, slots=True)
class _Job:
    """A request and what is read for it: its prompt, and the rows of its choices, None for those that are too long."""

    place: int
    prompt: Tokens
    rows: tuple[Tokens | None, ...]

    @property
    def readable(self) -> list[Tokens]:
        return [row for row in self.rows if row is not None]


class RewardEngine:
    """Scores requests of `scores.score_request`. The weights are loaded at the first call.

    Raises ModelNotFound or ScenarioError when made for a checkpoint that cannot be used; EngineError for a
    request of another kind, before any is answered.
    """

    def __init__(self, name: str, settings: RewardEngineSettings) -> None:
        self.name = name
        self.settings = settings
        self._folder = Path(settings.checkpoint).expanduser()
        self._manifest = read_manifest(self._folder)
        self._weights = weights_folder(self._folder, self._manifest)

    @cached_property
    def dtype(self) -> str:
        """The dtype of the settings. ``auto``: float32 for an encoder, for a causal model the fastest on this processor."""
        if self.settings.dtype != "auto":
            return self.settings.dtype
        if self._manifest.architecture != "causal":
            return "float32"
        with in_one_line(EngineError, f"device {self.settings.device!r} cannot be used"):
            return fastest_dtype(self._weights, device_named(self.settings.device))

    @cached_property
    def identity(self) -> Identity:
        """Kind, hash of the checkpoint, which holds that of its base, and dtype as settled on."""
        return {"kind": "reward", "model": checkpoint_hash(self._folder), "dtype": self.dtype}

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        """One reply for each request, in order, given out batch by batch."""
        replies: dict[int, Reply] = {}
        for place, reply in self._replies(self._jobs(requests)):
            replies[place] = reply
            if on_reply is not None:
                on_reply(place, reply)
        return [replies[place] for place in range(len(requests))]

    @cached_property
    def _reading(self) -> RewardReading:
        device = device_named(self.settings.device)
        with in_one_line(EngineError, f"engine {self.name!r}: device {str(device)!r} cannot be used"):
            model = load_reward_model(self._folder, dtype=self.dtype, device=device)
        return RewardReading(model, share_prefixes=self.settings.share_prefixes)

    def _jobs(self, requests: Sequence[Request]) -> list[_Job]:
        """In an order in which those that begin alike, or are of a length, are close."""
        distinct = {choice for request in requests for choice in request.choices}  # opinions have them in common
        statements = {text: self._reading.model.tokens.statement(text) for text in distinct}
        jobs = [self._job(place, request, statements) for place, request in enumerate(requests)]
        if self._manifest.architecture == "causal":
            return sorted(jobs, key=lambda job: job.prompt)
        return sorted(jobs, key=lambda job: len(job.prompt))

    def _job(self, place: int, request: Request, statements: Mapping[str, Tokens]) -> _Job:
        tokens, limit = self._reading.model.tokens, self._manifest.max_tokens
        prompt = tokens.prompt(*question_and_opinion(request))
        rows = (prompt + statements[choice] for choice in request.choices)
        return _Job(place, prompt, tuple(row if tokens.n_read(row) <= limit else None for row in rows))

    def _replies(self, jobs: Sequence[_Job]) -> Iterator[tuple[int, Reply]]:
        for start in range(0, len(jobs), self.settings.batch_size):
            batch = jobs[start : start + self.settings.batch_size]
            began = time.perf_counter()
            with in_one_line(EngineError, f"engine {self.name!r}"):
                raw = self._reading.scores([row for job in batch for row in job.readable])
            if not np.isfinite(raw).all():
                raise EngineError(f"engine {self.name!r}: gives a score that is no number; expected sound weights")
            ratings = iter(self._manifest.ratings(raw).tolist())
            seconds = (time.perf_counter() - began) / len(batch)
            for job in batch:
                yield job.place, replace(self._reply(job, ratings), seconds=seconds)

    def _reply(self, job: _Job, ratings: Iterator[float]) -> Reply:
        n_long, limit = job.rows.count(None), self._manifest.max_tokens
        remark = f"{n_long} of {len(job.rows)} statements do not fit {limit} tokens with question and opinion"
        if not job.readable:
            return unanswered("too_long", f"engine {self.name!r}: {remark}")
        scores = tuple(None if row is None else next(ratings) for row in job.rows)
        n_tokens = sum(map(len, job.readable))
        return Reply("", n_tokens, 0, "choices", seen=remark if n_long else "", scores=scores)
