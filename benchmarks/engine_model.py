"""Engines that answer at once and say how long it would have taken: a cost model, and a clock that nobody waits for.

Replies are scripted, each from its request's seed, with as many tokens as such texts have. The clock (`Hours`) counts the
modelled seconds of the engine and, apart, the processor time that the program around it takes between its calls.
"""

from __future__ import annotations

import heapq
import random
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from simcons.engines.base import Engine, Identity, OnReply, Reply, Request
from simcons.engines.dispatch import Dispatch
from simcons.engines.scripted import leaning_scores
from simcons.seeds import stream

BYTES_PER_TOKEN = 4.5  # of English prompts under SmolLM2's tokenizer, about
BLOCK = 72  # characters that are read, and remembered as read, together: 16 tokens
TOKENS = {"opinion": 70, "candidate": 80}  # medians of what is written
SPREAD = 0.35  # SD of the logarithm of that


@dataclass(frozen=True, slots=True)
class Cost:
    """What an engine's work takes. ``speeds``: tokens a second over all sequences, by how many are written together.

    Between the sizes given the seconds a step are interpolated. ``read``: tokens of prompts a second. ``limit``: sequences
    at a time. ``read_a_step``: tokens of prompts that go into one step of an engine that takes requests while it runs.
    """

    name: str
    speeds: tuple[tuple[int, float], ...]
    read: float
    limit: int
    read_a_step: int = 4096

    def steps(self) -> list[float]:
        """Seconds a step for 0, 1, ..., ``limit`` sequences."""
        sizes = [size for size, _ in self.speeds]
        seconds = [size / speed for size, speed in self.speeds]
        return [0.0, *np.interp(np.arange(1, self.limit + 1), sizes, seconds).tolist()]


def flat(t0: float, t_sequence: float, sizes: Sequence[int] = (1, 256)) -> tuple[tuple[int, float], ...]:
    """The speeds of an engine whose step takes ``t0 + n * t_sequence`` seconds."""
    return tuple((size, size / (t0 + size * t_sequence)) for size in sizes)


# SmolLM2-135M in bfloat16 on two cores, as measured: transformers, and vLLM.
CPU_BATCH = Cost("CPU, static batches of 64", ((1, 45.0), (16, 302.0), (64, 396.0)), read=2100.0, limit=64)
CPU_STREAM = Cost("CPU, continuous batches of 64", ((1, 56.0), (16, 532.0), (64, 693.0)), read=2900.0, limit=64)
# A model of a few billion parameters on a large GPU: 8 ms a step for one sequence, 13 ms for 256.
GPU_BATCH = Cost("GPU-like, static batches of 256", flat(0.008, 0.00002), read=60_000.0, limit=256)
GPU_STREAM = Cost("GPU-like, continuous batches of 256", flat(0.008, 0.00002), read=60_000.0, limit=256)


@dataclass(slots=True)
class Hours:
    """Seconds the engine worked, and seconds of processor time between its calls."""

    engine: float = 0.0
    reading: float = 0.0  # part of the engine's: prompts
    program: float = 0.0
    tokens: int = 0  # written; one for an answer read off the probabilities
    _left: float | None = None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The engine is called; what the model itself takes to compute counts as nobody's time."""
        now = time.process_time()
        self.program += 0.0 if self._left is None else now - self._left
        self._left = None
        try:
            yield
        finally:
            self._left = time.process_time()

    def start(self) -> None:
        self._left = time.process_time()

    def stop(self) -> None:
        with self.at_work():
            pass
        self._left = None


class Script:
    """Replies by request; each is made up once, so that further runs of the same study cost no time."""

    def __init__(self) -> None:
        self._replies: dict[tuple[int, int], Reply] = {}

    def __call__(self, request: Request) -> Reply:
        key = request.seed, request.draw
        if key not in self._replies:
            self._replies[key] = _reply(request)
        return self._replies[key]


def _reply(request: Request) -> Reply:
    n_in = round(len(text_of(request)) / BYTES_PER_TOKEN)
    if request.answer == "logprobs":
        return Reply("", n_in, 0, "choices", logprobs=leaning_scores(request))
    rng = stream(request.seed, "answer")
    drawn = round(rng.lognormal(np.log(TOKENS[request.act]), SPREAD))
    n_out = min(max(drawn, 8), request.sampling.max_tokens)
    words = text_of(request).split()
    start = int(rng.integers(max(1, len(words) - n_out)))
    text = " ".join(words[start : start + round(0.75 * n_out)])
    return Reply(text, n_in, n_out, "length" if drawn > n_out else "stop")


def text_of(request: Request) -> str:
    return "\n".join(message.content for message in request.messages)


def n_steps(reply: Reply) -> int:
    """A step a token; one for log-probabilities."""
    return max(1, reply.tokens_out)


class Prefixes:
    """Beginnings of prompts that have been read, in blocks."""

    def __init__(self) -> None:
        self._read: set[int] = set()

    def read(self, requests: Sequence[Request]) -> float:
        """Tokens that have to be read for these prompts, one after the other."""
        return sum(max(1.0, self._new_blocks(text_of(request)) * BLOCK / BYTES_PER_TOKEN) for request in requests)

    def _new_blocks(self, text: str) -> int:
        block, before = 0, len(self._read)
        for start in range(0, len(text), BLOCK):
            block = hash((block, text[start : start + BLOCK]))
            self._read.add(block)
        return len(self._read) - before


class BatchEngine:
    """Takes lists and answers them in batches, each of which lasts until its longest reply is done.

    As the transformers engine does it: replies that are done leave their batch, requests of one kind and alike in their
    prompts are put together, and what prompts of one batch share is read once.
    """

    def __init__(self, cost: Cost, script: Script, hours: Hours) -> None:
        self.cost = cost
        self.hours = hours
        self._script = script
        self._steps = np.array(cost.steps())

    @property
    def identity(self) -> Identity:
        return {"kind": "modelled", "cost": self.cost.name}

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        replies: dict[int, Reply] = {}
        order = sorted(range(len(requests)), key=lambda place: _alike(requests[place]))
        for start, end in _batches([requests[place] for place in order], self.cost.limit):
            with self.hours.at_work():
                batch = order[start:end]
                replies.update((place, self._script(requests[place])) for place in batch)
                self._work([requests[place] for place in batch], [replies[place] for place in batch])
            if on_reply is not None:
                for place in batch:
                    on_reply(place, replies[place])
        return [replies[place] for place in range(len(requests))]

    def _work(self, requests: list[Request], replies: list[Reply]) -> None:
        n_read = Prefixes().read(requests)
        lengths = np.array([n_steps(reply) for reply in replies])
        open_rows = (lengths[:, None] > np.arange(lengths.max())).sum(axis=0)
        self.hours.reading += n_read / self.cost.read
        self.hours.engine += n_read / self.cost.read + float(self._steps[open_rows].sum())
        self.hours.tokens += int(lengths.sum())


def _alike(request: Request) -> tuple[str, int, int, str]:
    text = text_of(request)
    written = request.answer == "text"
    return request.answer, request.sampling.max_tokens if written else 0, len(text) if written else 0, text


def _batches(ordered: list[Request], limit: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most ``limit`` requests of one kind."""
    start = 0
    for place in range(1, len(ordered) + 1):
        full = place - start == limit
        if place == len(ordered) or full or _alike(ordered[place])[:2] != _alike(ordered[start])[:2]:
            yield start, place
            start = place


class StreamingEngine:
    """Takes requests while it runs: admits them as others are done, and reads nothing twice, as vLLM does it."""

    leads = False

    def __init__(self, cost: Cost, script: Script, hours: Hours) -> None:
        self.cost = cost
        self.hours = hours
        self._script = script
        self._steps = cost.steps()
        self._prefixes = Prefixes()
        self._waiting: deque[tuple[int, Request]] = deque()
        self._running: list[tuple[int, int, Reply]] = []  # heap by the step at which it is done
        self._step = 0

    @property
    def identity(self) -> Identity:
        return {"kind": "modelled", "cost": self.cost.name}

    def add(self, key: int, request: Request) -> None:
        self._waiting.append((key, request))

    def nudge(self) -> None:
        """The clock stands while nobody waits."""

    def step(self) -> list[tuple[int, Reply]]:
        with self.hours.at_work():
            while True:
                self._go_on()
                if done := list(self._done()):
                    return done

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        replies: dict[int, Reply] = {}
        for place, request in enumerate(requests):
            self.add(place, request)
        while len(replies) < len(requests):
            for place, reply in self.step():
                replies[place] = reply
                if on_reply is not None:
                    on_reply(place, reply)
        return [replies[place] for place in range(len(requests))]

    def _go_on(self) -> None:
        """One step; several where nobody can be admitted and nobody is done before the last of them."""
        n_read = self._admit()
        alone = not self._waiting or len(self._running) == self.cost.limit
        n_steps = self._running[0][0] - self._step if alone else 1
        self._step += n_steps
        self.hours.reading += n_read / self.cost.read
        self.hours.engine += n_read / self.cost.read + n_steps * self._steps[len(self._running)]

    def _admit(self) -> float:
        """Tokens read in this step."""
        n_read = 0.0
        while self._waiting and len(self._running) < self.cost.limit and n_read < self.cost.read_a_step:
            key, request = self._waiting.popleft()
            n_read += self._prefixes.read([request])
            reply = self._script(request)
            heapq.heappush(self._running, (self._step + n_steps(reply), key, reply))
        return n_read

    def _done(self) -> Iterator[tuple[int, Reply]]:
        while self._running and self._running[0][0] <= self._step:
            _, key, reply = heapq.heappop(self._running)
            self.hours.tokens += n_steps(reply)
            yield key, reply


# --- engines by themselves ----------------------------------------------------------------------------------------


def orders(requests: list[Request]) -> Iterator[list[Request]]:
    """Orders in which an engine may be handed everything; one that makes batches puts it in its own."""
    yield requests
    yield sorted(requests, key=lambda request: request.answer == "logprobs")  # what takes long first
    yield random.Random(0).sample(requests, len(requests))


def alone(lists: list[list[Request]], engine: Engine) -> None:
    """Each list by itself, one after the other."""
    for requests in lists:
        at_once(requests, engine)


class Nobody:
    """Waits for a reply and does nothing with it."""

    wanted = True

    def deliver(self, reply: Reply) -> None:
        pass


def at_once(requests: list[Request], engine: Engine) -> None:
    """All of them through the door that studies use."""
    dispatch = Dispatch({"m": engine})
    for request in requests:
        dispatch.ask(request, Nobody())
    while sum(dispatch.load()):
        dispatch.wait()
