"""Fresh processes that share work: Ctrl-C is the parent's affair, and none is left behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import active_children, get_context


@contextmanager
def fresh_processes(number: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that are spawned: forks would be unsafe, as the parent may have threads (a progress display).

    When the block is left by an exception, whatever they are at is stopped.
    """
    before = set(active_children())
    pool = ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=_leave_ctrl_c_to_the_parent)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(active_children()) - before:
            process.terminate()
        raise
    pool.shutdown()


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
