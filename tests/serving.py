"""A server of people in a thread of the tests' own process."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from simcons.serve.record import AnswerRecord
from simcons.serve.server import Address, serve
from simcons.serve.service import Service


@contextmanager
def served_in_a_thread(service: Service, record: Path | None = None) -> Iterator[str]:
    """The URL at which ``service`` answers as long as the block runs."""
    loop, addresses = asyncio.new_event_loop(), queue.Queue()

    async def serving() -> None:
        with AnswerRecord(record) as answers, suppress(asyncio.CancelledError):
            await serve(service, Address("127.0.0.1", 0), answers, addresses.put)

    task = loop.create_task(serving())
    thread = threading.Thread(target=loop.run_until_complete, args=(task,))
    thread.start()
    try:
        yield addresses.get(timeout=60).url
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(timeout=60)
        loop.close()
