"""Pipelines as a team might have them, good and bad, for tests: named in scenarios as ``pipelines_of_ours:NAME``."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from threading import Lock

from simcons.engines.base import Reply, Request
from simcons.engines.pipelines.client import Client


def joined(question: str, opinions: Sequence[str], client: Client, *, prefix: str = "We think:") -> str:
    """One statement, without any engine."""
    return f"{prefix} {' '.join(opinions[0].split()[:8])}"


def seldom(question: str, opinions: Sequence[str], client: Client) -> str:
    """A statement on questions of a length that three divides."""
    if len(question) % 3:
        raise ValueError("nothing comes to mind")
    return joined(question, opinions, client)


def asking(question: str, opinions: Sequence[str], client: Client) -> list[tuple[str, float]]:
    """Plain and blocking: a draft, then two candidates that build on it, after work that takes longer in some calls."""
    time.sleep(random.random() / 100)
    draft = client.write(f"{question}\n{opinions}")
    return [(client.write(f"Improve: {draft}"), place / 2) for place in range(2)]


def act(question: str, opinions: Sequence[str], client: Client) -> Iterator[list[Request]]:
    """The same as an act."""
    (draft,) = yield [client.request(f"{question}\n{opinions}")]
    replies: list[Reply] = yield [client.request(f"Improve: {draft.text}") for _ in range(2)]
    return [(reply.text, place / 2) for place, reply in enumerate(replies)]


def with_threads(question: str, opinions: Sequence[str], client: Client) -> list[str]:
    """Threads of its own, that ask in any order."""
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(client.write, f"{question}\n{opinions}", draw=draw) for draw in range(4)]
        return [each.result() for each in asked]


def killing(question: str, opinions: Sequence[str], client: Client, *, killed: str, itself: bool) -> str:
    """One statement; ``itself``: kills its process where none was before. Others wait for that, and a moment longer."""
    mark = Path(killed)
    if itself and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    while not mark.exists():
        time.sleep(0.05)
    time.sleep(1)
    return joined(question, opinions, client)


class Numbering:
    """One object a run."""

    made = count()

    def __init__(self, *, word: str) -> None:
        if not word:
            raise ValueError("word: expected one")
        self.word = word
        self.number = next(self.made)
        self._lock = Lock()
        self._calls = 0

    def __call__(self, question: str, opinions: Sequence[str], client: Client) -> str:
        with self._lock:
            self._calls += 1
        return f"{self.word} {self.number}: {len(opinions)} opinions"


BAD = {
    "empty": "",
    "blank": " \n",
    "no text": 17,
    "nothing": None,
    "huge": "word " * 2_000_000,
    "surrogate": "We \ud800 agree",
    "no list": [],
    "bytes": b"We agree",
}


def bad(question: str, opinions: Sequence[str], client: Client, *, how: str) -> object:
    if how == "raises":
        raise RuntimeError(f"no idea\nabout {question}")
    if how == "exits":
        raise SystemExit(3)
    if how == "hangs":
        time.sleep(60)
    if how == "mixed":
        return [("We agree.", 1.0), "", ("Better: we do.", 2.0), 5, "word " * 2_000_000]
    return BAD[how]


async def later(question: str, opinions: Sequence[str], client: Client) -> str:
    return "too late"


class Silent:
    """A class whose objects cannot be called."""


def scored(question: str, opinions: Sequence[str], statements: Sequence[str], client: Client) -> list[list[float]]:
    """The longer the better, from 1 to 7."""
    longest = max(map(len, statements))
    return [[1 + 6 * len(statement) / longest for statement in statements] for _ in opinions]


def badly_scored(
    question: str, opinions: Sequence[str], statements: Sequence[str], client: Client, *, how: str
) -> object:
    rows = [[4.0] * len(statements) for _ in opinions]
    return {
        "short": rows[:-1],
        "off scale": [[99.0] * len(row) for row in rows],
        "words": [["high"] * len(rows[0])] * len(rows),
    }[how]
