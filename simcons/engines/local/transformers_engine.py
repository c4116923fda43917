"""A language model in this process, through transformers, with a LoRA adapter through PEFT.

Texts are written by `decoding`, choices scored by `choices`, the model is that of `language_model`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import groupby

import torch

from simcons.engines.base import Identity, OnReply, Reply, Request, too_long
from simcons.engines.local.chat import prompt_tokens
from simcons.engines.local.choices import choice_reply, longest, score_batch, ways
from simcons.engines.local.decoding import GenerationJob, decode_batch
from simcons.engines.local.dtypes import fastest_dtype
from simcons.engines.local.language_model import LanguageModel, device_named, load_language_model
from simcons.engines.local.model_files import ModelFiles
from simcons.engines.local.models import in_one_line
from simcons.engines.local.prefill import Tokens
from simcons.engines.local.room import n_that_fit
from simcons.engines.local.threads import settle_threads
from simcons.errors import EngineError
from simcons.scenario.engines import TransformersEngineSettings


class TransformersEngine:
    """Completes requests with a causal language model. The weights are loaded at the first call.

    ``on_tokens`` is called after every step of writing with the number of tokens it made. Where a GPU's memory runs out,
    batches are halved from then on. Raises ModelNotFound when made; EngineError for a request that cannot
    be asked, and ContextTooLong for one whose reply alone fills the context, before any is answered.
    """

    def __init__(
        self, name: str, settings: TransformersEngineSettings, *, on_tokens: Callable[[int], None] | None = None
    ) -> None:
        self.name = name
        self.settings = settings
        self.on_tokens = on_tokens
        self._batch_size: int = settings.batch_size
        self._files = ModelFiles(settings.model, settings.adapter)

    @cached_property
    def dtype(self) -> str:
        """The dtype of the settings; with ``auto`` the fastest for this model on this processor, measured at the first use."""
        if self.settings.dtype != "auto":
            return self.settings.dtype
        device = device_named(self.settings.device)
        with in_one_line(EngineError, f"device {str(device)!r} cannot be used"):
            return fastest_dtype(self._files.folder, device)

    @property
    def identity(self) -> Identity:
        """Kind, model hash, dtype as settled on, and the adapter's hash, which is None without one."""
        return {
            "kind": "transformers",
            "model": self._files.model_hash,
            "dtype": self.dtype,
            "adapter": self._files.adapter_hash,
        }

    def fingerprint(self, request: Request) -> str:
        """Hash of the token ids that the prompt is read as now. Loads no weights. Raises EngineError."""
        return self._files.fingerprint(request)

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        """One reply for each request, in order, given out batch by batch."""
        if not requests:
            return []
        jobs = self._jobs(requests)
        replies: dict[int, Reply] = {}
        for place, reply in self._replies(jobs):
            replies[place] = reply
            if on_reply is not None:
                on_reply(place, reply)
        return [replies[place] for place in range(len(requests))]

    @cached_property
    def _model(self) -> LanguageModel:
        return load_language_model(
            self._files.folder,
            dtype=self.dtype,
            device=self.settings.device,
            adapter=self._files.adapter,
            share_prefixes=self.settings.share_prefixes,
        )

    def _jobs(self, requests: Sequence[Request]) -> list[GenerationJob]:
        model = self._model
        prompts = {
            messages: prompt_tokens(model.tokenizer, messages)
            for messages in {request.messages for request in requests}
        }
        named = {choice for request in requests for choice in request.choices}
        spellings = {choice: ways(model.tokenizer, choice) for choice in named}
        return [
            GenerationJob(
                place, request, prompts[request.messages], tuple(spellings[choice] for choice in request.choices)
            )
            for place, request in enumerate(requests)
        ]

    def _replies(self, jobs: list[GenerationJob]) -> Iterator[tuple[int, Reply]]:
        """Places and replies; prompts that are too long have theirs at once."""
        unanswered = {job.place: reply for job in jobs if (reply := self._too_long(job)) is not None}
        yield from unanswered.items()
        for alike in _groups([job for job in jobs if job.place not in unanswered]):
            yield from self._answer(alike)

    def _too_long(self, job: GenerationJob) -> Reply | None:
        n_prompt, limit, n_more = len(job.prompt), self._model.context, _n_more(job)
        return None if limit is None or n_prompt + n_more <= limit else too_long(self.name, n_prompt, n_more, limit)

    def _answer(self, jobs: list[GenerationJob]) -> Iterator[tuple[int, Reply]]:
        """Places and replies of jobs that can be answered together."""
        while jobs:
            batch = jobs[: self._batch_size]
            batch = batch[: n_that_fit(self._model, batch, max(map(_n_more, batch)))]
            rest = jobs[len(batch) :]
            started = time.perf_counter()
            replies = self._attempt(batch)
            if replies is None:
                self._batch_size = len(batch) // 2
                continue
            jobs = rest
            seconds = (time.perf_counter() - started) / len(batch)
            for job, reply in zip(batch, replies, strict=True):
                yield job.place, replace(reply, seconds=seconds)

    def _attempt(self, batch: list[GenerationJob]) -> list[Reply] | None:
        """Replies to a batch; None where it was too large for the memory and may be smaller."""
        settle_threads(self._model.device, self._model.network.dtype)
        try:
            with in_one_line(EngineError, f"engine {self.name!r}", but=torch.OutOfMemoryError):
                return self._written(batch) if batch[0].request.answer == "text" else self._chosen(batch)
        except torch.OutOfMemoryError as error:
            if len(batch) == 1:
                raise EngineError(
                    f"engine {self.name!r}: out of memory at batch_size 1; expected a smaller model or more memory"
                ) from error
        torch.cuda.empty_cache()  # after the exception, which holds on to the batch's tensors
        return None

    def _written(self, batch: list[GenerationJob]) -> list[Reply]:
        tokens = decode_batch(self._model, batch, self.on_tokens)
        return [self._model.reply(job.prompt, row) for job, row in zip(batch, tokens, strict=True)]

    def _chosen(self, batch: list[GenerationJob]) -> list[Reply]:
        return [
            choice_reply(job.request, logprobs, n_prompt=len(job.prompt), choices=job.choices)
            for job, logprobs in zip(batch, score_batch(self._model, batch), strict=True)
        ]


def _n_more(job: GenerationJob) -> int:
    """Tokens that may come after the prompt."""
    return job.request.sampling.max_tokens if job.request.answer == "text" else longest(job.choices)


def _groups(jobs: list[GenerationJob]) -> Iterator[list[GenerationJob]]:
    """Jobs that can be answered together, in an order in which those of similar cost, or that begin alike, are close."""

    def kind(job: GenerationJob) -> tuple[float, ...]:
        sampling = job.request.sampling
        written = job.request.answer == "text"
        return (sampling.temperature, sampling.min_p, sampling.max_tokens) if written else ()

    def order(job: GenerationJob) -> tuple[tuple[float, ...], int, Tokens]:
        return kind(job), len(job.prompt) if kind(job) else 0, job.prompt

    for _, alike in groupby(sorted(jobs, key=order), key=kind):
        yield list(alike)
