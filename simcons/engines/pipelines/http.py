"""Pipelines behind a server: one POST a call, JSON there and back."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from simcons.engines.base import Identity
from simcons.engines.openai.proxies import proxy_for
from simcons.engines.openai.rate_limits import retry_after_seconds
from simcons.engines.pipelines.answers import Unfit
from simcons.engines.pipelines.client import Client
from simcons.engines.pipelines.engine import Function
from simcons.engines.pipelines.task import Task
from simcons.errors import EngineError
from simcons.scenario.pipelines import HttpPipelineSettings

MOST_BYTES = 4 * 2**20  # of an answer
_MAY_PASS = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_LONGEST_PAUSE = 30.0  # seconds between two attempts
_CHECK_SECONDS = 5.0


def load_http(place: str, settings: HttpPipelineSettings) -> tuple[Function, Identity]:
    """The function that asks the server, and what its answers depend on. Raises EngineError where nothing listens there."""
    _check(place, settings.url)

    def function(task: Task, _client: Client) -> object:
        body = {**task.document, "settings": settings.settings}
        return asyncio.run(_asked(settings, json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")))

    given = json.dumps(settings.settings, sort_keys=True, ensure_ascii=False, default=str)
    return function, {"kind": "http", "url": settings.url, "settings": given}


def longest_seconds(settings: HttpPipelineSettings) -> float:
    """The most that a call may take, all attempts and the pauses between them together."""
    return (settings.retries + 1) * settings.timeout_seconds + settings.retries * _LONGEST_PAUSE + _CHECK_SECONDS


def _check(place: str, url: str) -> None:
    parts = urlsplit(url)
    try:
        if proxy_for(parts) is None:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            socket.create_connection((parts.hostname or "", port), timeout=_CHECK_SECONDS).close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise EngineError(f"{place}: {url}: {reason}; expected a server that listens there") from None


async def _asked(settings: HttpPipelineSettings, body: bytes) -> object:
    """The server's answer. Raises Unfit once there are no attempts left."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=settings.timeout_seconds)) as session:
        for attempt in range(settings.retries + 1):
            try:
                return await _posted(session, settings, body)
            except _Again as again:
                if attempt == settings.retries:
                    raise again.unfit from None
                await asyncio.sleep(min(_LONGEST_PAUSE, again.pause if again.pause is not None else 2**attempt / 2))
    raise AssertionError("unreachable: the last attempt returns or raises")


class _Again(Exception):
    def __init__(self, unfit: Unfit, pause: float | None = None) -> None:
        super().__init__(unfit, pause)
        self.unfit, self.pause = unfit, pause


async def _posted(session: aiohttp.ClientSession, settings: HttpPipelineSettings, body: bytes) -> object:
    """One attempt. Raises _Again for a failure that may pass, Unfit for another."""
    try:
        async with session.post(
            settings.url,
            data=body,
            headers=_headers(settings),
            proxy=proxy_for(urlsplit(settings.url)),
            allow_redirects=False,
        ) as response:
            content = await _read(response)
            if response.status == 200:
                return _parsed(content)
            unfit = Unfit("error", f"status {response.status}: {content[:200].decode('utf-8', 'replace')}")
            if response.status not in _MAY_PASS:
                raise unfit
            raise _Again(unfit, retry_after_seconds(response.headers.get("Retry-After"), now=time.time()))
    except TimeoutError:
        raise _Again(Unfit("time_limit", f"no answer within {settings.timeout_seconds:g} s")) from None
    except (aiohttp.ClientError, OSError) as error:
        raise _Again(Unfit("error", f"{type(error).__name__}: {error}")) from None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    content = b""
    async for chunk in response.content.iter_chunked(2**16):
        content += chunk
        if len(content) > MOST_BYTES:
            raise Unfit("oversized", f"more than {MOST_BYTES:,} bytes")
    return content


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Unfit("malformed", f"{content[:120].decode('utf-8', 'replace')}: expected JSON") from None


def _headers(settings: HttpPipelineSettings) -> dict[str, str]:
    key = os.environ.get(settings.key_variable) if settings.key_variable else None
    return {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
