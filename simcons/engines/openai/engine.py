"""A language model behind a server with an OpenAI-compatible API.

The event loop runs only while `step`, `nudge`, `complete` or `check` does. Requests that have no place yet wait as they are,
without a task, so that a hundred thousand of them cost next to nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from simcons.engines.base import Identity, OnReply, Reply, Request
from simcons.engines.openai.dialects import (
    BYTES_PER_TOKEN,
    body_of,
    cannot_do,
    path_of,
    reply_tokens,
)
from simcons.engines.openai.errors import (
    LONGEST_WAIT,
    PASSING,
    Again,
    Exchange,
    as_refusal,
    down,
    endpoint_of,
    not_waited_for,
    server_words,
    unknown_model,
)
from simcons.engines.openai.learnt import Learnt
from simcons.engines.openai.rate_limits import Pace, backoff_seconds
from simcons.engines.openai.refusals import Doubt, read_refusal
from simcons.engines.openai.replies import failure_in, read_reply
from simcons.engines.openai.server import Server
from simcons.engines.openai.wire import Wire
from simcons.errors import EngineError
from simcons.scenario.engines import OpenAIEngineSettings

NUDGE_TURNS = 12  # of the event loop: enough for what was added to be written to a connection that stands
HARMLESS = "Hello"


@dataclass(eq=False, slots=True)
class _Inbox:
    """The outcomes of one caller's requests. ``n_open`` counts those whose outcome is not here yet."""

    answered: list[tuple[int, Reply]] = field(default_factory=list)
    failed: deque[Exception] = field(default_factory=deque)
    n_open: int = 0
    given_up: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class _Pending:
    key: int
    request: Request
    inbox: _Inbox


class OpenAIEngine:
    """Completes requests at a server; a `StreamEngine`.

    ``notes`` are remarks on what the server does not do as asked, each once, for the user to see. ``first_delay`` is the
    longest back-off before the second attempt, in seconds. Raises EngineError when made: for a base URL that cannot be used
    and a key that is not there. `check` asks the server itself.
    """

    def __init__(self, name: str, settings: OpenAIEngineSettings, *, first_delay: float = 0.5) -> None:
        self.name = name
        self.settings = settings
        self.leads = settings.lead_prefixes
        self.first_delay = first_delay
        self.notes: list[str] = []
        self._endpoint = endpoint_of(name, settings.base_url, model=settings.model, key_variable=settings.key_variable)
        self._wire = Wire(self._endpoint, settings)
        self._learnt = Learnt()
        self._server = Server(self._wire, settings, self._learnt, self._note)
        self._requests = Pace(settings.requests_per_minute)
        self._tokens = Pace(settings.tokens_per_minute)
        self._held_until = 0.0
        self._inbox = _Inbox()
        self._waiting: deque[_Pending] = deque()
        self._workers: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    @property
    def identity(self) -> Identity:
        return {
            "kind": "openai",
            "endpoint": self._endpoint.url,
            "model": self.settings.model,
            "api": self.settings.api,
            "dialect": self.settings.dialect,
            **self._changed_body,
        }

    @property
    def _changed_body(self) -> dict[str, str]:
        """Parameters that the user adds or leaves out, where there are any: replies depend on them."""
        given = {"extra_body": self.settings.extra_body, "omit": sorted(self.settings.omit)}
        return {name: json.dumps(value, sort_keys=True) for name, value in given.items() if value}

    def check(self) -> None:
        """Ask the server for its models, once, and learn the length of its context where it tells.

        Raises EngineError where the server is down, refuses the key, or (dialects vllm and ollama) does not list the model.
        One that lists no models passes.
        """
        self._wire.run(self._server.check())

    def add(self, key: int, request: Request) -> None:
        """Begin ``request`` as soon as there is room; its reply comes out of `step` under ``key``."""
        self._put(_Pending(key, request, self._inbox))

    def step(self) -> list[tuple[int, Reply]]:
        """Work until at least one request is answered; those that are, none only where none is under way.

        Raises EngineError for a request that failed, once the replies that are there have been handed out. It is no
        longer under way then, and the others are.
        """
        return self._outcomes(self._inbox)

    def nudge(self) -> None:
        """Let what was added get onto the wire, as far as there are places; waits for nothing."""
        if self._waiting or self._workers:
            self._wire.run(self._some_turns())

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        """One reply for each request, in order.

        When one fails, nothing more is begun, what is under way gets to the end of its attempt, and the error is raised.
        """
        inbox = _Inbox()
        try:
            for place, request in enumerate(requests):
                self._put(_Pending(place, request, inbox))
            replies = self._collect(inbox, on_reply)
        finally:
            self._withdraw(inbox)
        return [replies[place] for place in range(len(requests))]

    def close(self) -> None:
        """Give up what is under way and close all connections; happens by itself when the engine is no longer used."""
        self._wire.close()

    def _collect(self, inbox: _Inbox, on_reply: OnReply | None) -> dict[int, Reply]:
        replies: dict[int, Reply] = {}
        errors: list[EngineError] = []
        while inbox.n_open or inbox.answered or inbox.failed:
            try:
                arrived = self._outcomes(inbox)
            except EngineError as error:
                errors.append(error)
                self._withdraw(inbox)
                continue
            for place, reply in arrived:
                replies[place] = reply
                if on_reply is not None:
                    on_reply(place, reply)
        if errors:
            raise errors[0]
        return replies

    def _outcomes(self, inbox: _Inbox) -> list[tuple[int, Reply]]:
        if not (inbox.answered or inbox.failed) and inbox.n_open:
            self._wire.run(self._until_news(inbox))
        if not inbox.answered and inbox.failed:
            raise inbox.failed.popleft()
        arrived, inbox.answered = inbox.answered, []
        return arrived

    def _put(self, job: _Pending) -> None:
        job.inbox.n_open += 1
        self._waiting.append(job)

    def _withdraw(self, inbox: _Inbox) -> None:
        """Begin no more of this caller's requests, and try none of them again."""
        inbox.given_up.set()
        kept = deque(job for job in self._waiting if job.inbox is not inbox)
        inbox.n_open -= len(self._waiting) - len(kept)
        self._waiting = kept

    def _note(self, remark: str) -> None:
        if remark not in self.notes:
            self.notes.append(remark)

    # --- inside the event loop -----------------------------------------------------------------------------------

    async def _until_news(self, inbox: _Inbox) -> None:
        await self._hire()
        while not (inbox.answered or inbox.failed):
            self._news.clear()
            await self._news.wait()

    async def _some_turns(self) -> None:
        await self._hire()
        for _ in range(NUDGE_TURNS):
            await asyncio.sleep(0)

    async def _hire(self) -> None:
        """A worker for each request that waits, as far as there are places."""
        await asyncio.sleep(0)  # hear first which connections were closed while the loop stood still
        for _ in range(min(len(self._waiting), self.settings.concurrency - len(self._workers))):
            worker = asyncio.get_running_loop().create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _work(self) -> None:
        while self._waiting:
            job = self._waiting.popleft()
            try:
                reply = await self._answer(job)
            except Exception as error:  # whatever it is, it comes out of the call that waits for this request
                job.inbox.failed.append(error)
            except BaseException:  # the user or `close` stops the program in the middle of it
                self._waiting.appendleft(job)
                raise
            else:
                job.inbox.answered.append((job.key, reply))
            job.inbox.n_open -= 1
            self._news.set()

    async def _answer(self, job: _Pending) -> Reply:
        """The reply, after as many attempts as it takes."""
        request = job.request
        if (unanswered := await self._server.check_length(request)) is not None:
            return unanswered
        for remark in cannot_do(request, self.settings):
            self._note(remark)
        attempts = 0
        while True:
            outcome = await self._attempt(job)
            attempts += 1
            if isinstance(outcome, Reply):
                return outcome
            if attempts > self.settings.retries:
                raise down(self._endpoint, outcome, attempts=attempts)
            await self._wait(job, outcome, backoff_seconds(request.seed, attempts - 1, self.first_delay))

    async def _wait(self, job: _Pending, again: Again, backoff: float) -> None:
        asked = again.wait_seconds or 0.0
        if asked > LONGEST_WAIT:
            raise not_waited_for(self._endpoint, asked)
        if again.limited:
            self._held_until = max(self._held_until, time.monotonic() + asked)
        await self._pause(job.inbox, max(asked, backoff))

    async def _pause(self, inbox: _Inbox, seconds: float) -> None:
        """Raises EngineError where the caller gives its requests up meanwhile."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(inbox.given_up.wait(), seconds)
        if inbox.given_up.is_set():
            raise self._endpoint.error("a request was given up after another had failed")

    async def _attempt(self, job: _Pending) -> Reply | Again:
        """One attempt, begun when the rates allow. Raises EngineError where another could not do better."""
        request = job.request
        tokens = request.n_bytes // BYTES_PER_TOKEN + reply_tokens(request, self.settings)
        await self._pause(job.inbox, max(self._requests.take(), self._tokens.take(tokens)))
        while (held := self._held_until - time.monotonic()) > 0:
            await self._pause(job.inbox, held)
        started = time.monotonic()
        body = body_of(request, self.settings, self._learnt)
        exchange = await self._wire.exchange("POST", path_of(self.settings), body)
        if isinstance(exchange, Again):
            return exchange
        if exchange.status != 200:
            return await self._refused(job, body, exchange)
        if (failure := failure_in(exchange.json())) is not None:
            return await self._refused(job, body, as_refusal(exchange, failure))
        reply = self._read(request, exchange, time.monotonic() - started)
        if isinstance(reply, Reply):
            self._tokens.correct(reply.tokens_in + reply.tokens_out - tokens)
        return reply

    def _read(self, request: Request, exchange: Exchange, seconds: float) -> Reply | Again:
        reply = read_reply(exchange.json(), request, self.settings, seconds=seconds, note=self._note)
        if reply is None:
            return Again(f"an answer that cannot be read: {server_words(self._endpoint, exchange.content)}")
        return reply

    async def _refused(self, job: _Pending, body: dict[str, Any], exchange: Exchange) -> Reply | Again:
        fixed = frozenset(self.settings.extra_body)
        remark = self._learnt.from_refusal(self._endpoint, body, exchange, fixed=fixed)
        if remark is not None:
            if remark:
                self._note(remark)
            return await self._attempt(job)
        if exchange.status == 404:
            offered = await self._server.offered()
            raise unknown_model(self._endpoint, offered, server_words(self._endpoint, exchange.content))
        verdict = read_refusal(self._endpoint, job.request, exchange)
        return await self._resolved(job, verdict) if isinstance(verdict, Doubt) else verdict

    async def _resolved(self, job: _Pending, doubt: Doubt) -> Reply | Again:
        """Find out if a refusal concerns one request: the same is asked with harmless words in place of all turns."""
        turns = tuple(replace(turn, content=HARMLESS) for turn in job.request.messages)
        body = body_of(replace(job.request, messages=turns), self.settings, self._learnt)
        await self._pause(job.inbox, self._requests.take())
        exchange = await self._wire.exchange("POST", path_of(self.settings), body)
        if isinstance(exchange, Again):
            return exchange
        if exchange.status == 200 and failure_in(exchange.json()) is None:
            return doubt.reply
        if exchange.status in PASSING:
            return Again(f"status {exchange.status}: {server_words(self._endpoint, exchange.content)}")
        raise doubt.error
