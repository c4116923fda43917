"""The wire to a server: one pool of connections, on an event loop that runs only while somebody waits for it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import weakref
from collections.abc import Coroutine
from typing import Any, Literal, TypeVar
from urllib.parse import SplitResult, urlsplit

import aiohttp

from simcons.engines.openai.errors import HIDDEN, Again, Endpoint, Exchange, transport_failure
from simcons.engines.openai.proxies import proxy_for
from simcons.engines.openai.rate_limits import retry_after_seconds
from simcons.scenario.engines import OpenAIEngineSettings

Result = TypeVar("Result")

SHORTEST_KEY = 8  # characters; anything shorter keeps nobody out
KEPT_SECONDS = 4.0  # servers close idle connections from 5 seconds on, which is not heard while the loop stands still


class Wire:
    """Sends requests and reads whole answers, ``settings.concurrency`` connections at a time.

    The key is read from the environment when a request is sent, is kept nowhere, and is taken out of refusals.
    """

    def __init__(self, endpoint: Endpoint, settings: OpenAIEngineSettings) -> None:
        self.endpoint = endpoint
        self._base = urlsplit(settings.base_url)
        self._proxy = _proxy(endpoint, self._base)
        self._loop = asyncio.new_event_loop()
        self._session = self.run(_session(settings))
        self.close = weakref.finalize(self, _close, self._loop, self._session)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run the loop until ``work`` is done; tasks that it leaves behind go on at the next call."""
        if self._loop.is_closed():
            work.close()
            raise self.endpoint.error("it is closed; expected a new engine")
        return _run(self._loop, work)

    async def exchange(
        self, method: Literal["GET", "POST"], path: str, body: object = None, *, beside_api: bool = False
    ) -> Exchange | Again:
        """Send once; `Again` for failures that may pass. Raises EngineError for those that will not.

        beside_api: ``path`` stands beside the API's version rather than under it.
        """
        data = None if body is None else json.dumps(body).encode()
        try:
            async with self._session.request(
                method,
                self._url(path, beside_api),
                data=data,
                headers=self._headers(),
                allow_redirects=False,
                proxy=self._proxy,
            ) as response:
                asked = retry_after_seconds(response.headers.get("Retry-After"), now=time.time())
                return Exchange(response.status, self._without_key(await response.read(), response.status), asked)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return transport_failure(self.endpoint, error)

    def _headers(self) -> dict[str, str]:
        key = self.endpoint.key()
        return {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})

    def _without_key(self, content: bytes, status: int) -> bytes:
        # Refusals alone: they may give a key back, while a word such as 'none' that stands in for a key may be in a reply.
        key = self.endpoint.key() or ""
        return content.replace(key.encode(), HIDDEN.encode()) if status != 200 and len(key) >= SHORTEST_KEY else content

    def _url(self, path: str, beside_api: bool) -> str:
        base = self._base.path.rstrip("/")
        return self._base._replace(path=(base.removesuffix("/v1") if beside_api else base) + path).geturl()


def _proxy(endpoint: Endpoint, base: SplitResult) -> str | None:
    # Not by aiohttp's trust_env: that would send passwords from ~/.netrc as well, and go through a proxy to this machine.
    try:
        return proxy_for(base)
    except ValueError as error:
        raise endpoint.error(str(error)) from None


async def _session(settings: OpenAIEngineSettings) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS),  # the engine has only so many workers
        timeout=aiohttp.ClientTimeout(total=settings.timeout_seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def _run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Result]) -> Result:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return loop.run_until_complete(work)
    return _run_beside(loop, work)


def _run_beside(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Result]) -> Result:
    # This thread has a loop that runs (a notebook's, or another engine's while this one is collected) and a second one must
    # not: ours runs in another thread, for which this one waits, so that there is still only one at work.
    task = loop.create_task(work)
    thread = threading.Thread(target=loop.run_until_complete, args=(asyncio.wait([task]),))
    thread.start()
    try:
        thread.join()
    except BaseException:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()
        raise
    return task.result()


def _close(loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession) -> None:
    if not loop.is_closed():
        _run(loop, _end(session, asyncio.all_tasks(loop)))
        loop.close()


async def _end(session: aiohttp.ClientSession, under_way: set[asyncio.Task[Any]]) -> None:
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
    await session.close()
    await asyncio.sleep(0)  # transports close in the turn after
    await asyncio.get_running_loop().shutdown_default_executor()
