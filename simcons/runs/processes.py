"""Fresh processes that share work: Ctrl-C is the parent's affair, and none is left behind."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import Any


def _nothing() -> None:
    """The default preparation of a process."""


@contextmanager
def fresh_processes(
    number: int, prepare: Callable[..., None] = _nothing, *arguments: Any
) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that are spawned: forks would be unsafe, as the parent may have threads (a progress display).

    Each calls ``prepare(*arguments)`` before its first task. When the block is left by an exception, whatever they are at is
    stopped.
    """
    before = set(active_children())
    pool = ProcessPoolExecutor(
        number, mp_context=get_context("spawn"), initializer=_begin, initargs=(prepare, *arguments)
    )
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(active_children()) - before:
            process.terminate()
        raise
    pool.shutdown()


def begin_process(work: Callable[..., None], *arguments: Any) -> SpawnProcess:
    """One such process, which does ``work(*arguments)``; for the caller to end."""
    process = get_context("spawn").Process(target=_begin, args=(work, *arguments))
    process.start()
    return process


def _begin(prepare: Callable[..., None], *arguments: Any) -> None:
    """Leave Ctrl-C to the parent, and end when it does, even by SIGKILL: a pool alone would wait for its tasks for good."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    prepare(*arguments)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
