"""Failures between here and a server: its message in one line, and the EngineErrors that concern every request."""

from __future__ import annotations

import json
import os
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from simcons.errors import EngineError

PASSING = frozenset({408, 409, 425, 429}) | frozenset(range(500, 600))  # statuses after which to try again
UNNAMED_STATUS = 502  # of an error that a server reports in an answer of status 200
LONGEST_SAID = 200  # characters of a server's own words in an error
LONGEST_WAIT = 900.0  # seconds; a server that asks for more has a quota, which a later resumption meets better
SHOWN_MODELS = 12
HIDDEN = "***"  # in place of a key


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server as errors name it. ``url`` is the base URL without anything that could be a secret."""

    engine: str
    url: str
    model: str
    key_variable: str | None

    def key(self) -> str | None:
        """The key as the environment has it now; None where no variable is named or it is empty."""
        return os.environ.get(self.key_variable, "").strip() or None if self.key_variable else None

    def error(self, text: str) -> EngineError:
        return EngineError(f"engine {self.engine!r}: {text}")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A whole answer. ``retry_after`` is what its header asks for, in seconds."""

    status: int
    content: bytes
    retry_after: float | None = None

    def json(self) -> Any:
        """The content, None where it is no JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Again:
    """An attempt that failed in a way that may pass. ``wait_seconds`` is what the server asks for."""

    reason: str
    wait_seconds: float | None = None
    limited: bool = False  # the server limits the rate of all requests, not of this one alone


def endpoint_of(engine: str, base_url: str, *, model: str, key_variable: str | None) -> Endpoint:
    """Raises EngineError for a malformed base URL, or one that holds a password, and for a key that is not there."""
    parts = urlsplit(base_url)
    shown = f"{parts.scheme}://{parts.hostname}{_port(parts.netloc)}{parts.path.rstrip('/')}"
    endpoint = Endpoint(engine, shown, model, key_variable)
    if "@" in parts.netloc:
        raise endpoint.error(f"base_url {shown!r} holds a name or password; expected key_variable instead")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise endpoint.error(f"base_url {base_url!r} is no URL; expected one such as 'http://localhost:8000/v1'")
    if parts.path.rstrip("/").endswith("/completions"):
        raise endpoint.error(f"base_url {shown!r} names a method; expected it up to and including the version")
    if key_variable is not None and endpoint.key() is None:
        raise endpoint.error(f"key_variable {key_variable!r} is not set; expected the key in that environment variable")
    return endpoint


def _port(netloc: str) -> str:
    match = re.search(r":\d+$", netloc)
    return match.group() if match else ""


# --- failures of the transport -----------------------------------------------------------------------------------


def transport_failure(endpoint: Endpoint, error: Exception) -> Again:
    """The failure to reach the server or to read from it, to be tried again. Raises EngineError where that would not help."""
    if isinstance(error, TimeoutError):
        return Again("no answer in time")
    if isinstance(error, (aiohttp.ClientSSLError, ssl.SSLError, aiohttp.InvalidURL)):
        raise endpoint.error(f"{endpoint.url} cannot be used: {_safe(endpoint, str(error))}") from None
    if isinstance(error, aiohttp.ClientHttpProxyError):  # whose own words may hold the proxy's password
        if error.status < 500:
            raise endpoint.error(f"the proxy refuses to reach {endpoint.url}, status {error.status}") from None
        return Again(f"the proxy answers with status {error.status}")
    if isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
        return Again((cause.strerror or str(cause)).lower() if cause.errno is not None else _safe(endpoint, str(cause)))
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return Again("connection closed without an answer")
    return Again(_safe(endpoint, str(error)) or type(error).__name__)


def down(endpoint: Endpoint, again: Again, *, attempts: int) -> EngineError:
    """The error once no attempt is left."""
    times = f" after {attempts} attempts" if attempts > 1 else ""
    return endpoint.error(
        f"no usable answer from {endpoint.url}{times}, last: {again.reason}; "
        "expected a running server: check base_url, and that it has started and is not overloaded"
    )


# --- answers that are refusals -----------------------------------------------------------------------------------


def as_refusal(exchange: Exchange, error: dict[str, Any]) -> Exchange:
    """The answer of status 200 that holds ``error``, as the refusal it stands for: one that may pass where it names no status."""
    code = str(error.get("code") or error.get("status"))
    status = int(code) if re.fullmatch("[45][0-9][0-9]", code) else UNNAMED_STATUS
    return Exchange(status, json.dumps({"error": error}).encode(), exchange.retry_after)


def not_waited_for(endpoint: Endpoint, seconds: float) -> EngineError:
    return endpoint.error(
        f"{endpoint.url} asks to wait {seconds:.0f} seconds; expected at most {LONGEST_WAIT:.0f}: go on later"
    )


def unknown_model(endpoint: Endpoint, offered: Sequence[str] | None, words: str) -> EngineError:
    """The error for status 404: ``offered`` are the models the server lists, None where it does not list them."""
    if offered is None or endpoint.model in offered:
        return endpoint.error(
            f"{endpoint.url} does not know model {endpoint.model!r} or the method asked for (status 404: {words}); "
            "expected base_url up to and including the version, and a model it has"
        )
    shown = ", ".join(map(repr, offered[:SHOWN_MODELS])) or "(none)"
    more = f" and {len(offered) - SHOWN_MODELS} more" if len(offered) > SHOWN_MODELS else ""
    return endpoint.error(f"{endpoint.url} has no model {endpoint.model!r}; expected one of {shown}{more}")


def no_logprobs(engine: str, words: str) -> EngineError:
    return EngineError(
        f"engine {engine!r}: the server gives no log-probabilities ({words}); expected elicitation.by choice or text, or, of a"
        " reader, by structured"
    )


def no_choices(engine: str, words: str) -> EngineError:
    return EngineError(
        f"engine {engine!r}: the server does not hold to choices ({words}); expected elicitation.by logprobs or text"
    )


def server_words(endpoint: Endpoint, content: bytes) -> str:
    """The server's message, in one line and without the key."""
    return _safe(endpoint, message_in(error_fields(content)) or content.decode("utf-8", "replace"))


def error_fields(content: bytes) -> dict[str, Any]:
    """The ``error`` object of an answer; of those that put its fields or a mere text in its place, what corresponds."""
    answer = Exchange(0, content).json()
    if not isinstance(answer, dict):
        return {}
    error = answer.get("error") or answer
    return error if isinstance(error, dict) else {"message": str(error)}


def message_in(fields: dict[str, Any]) -> str:
    """The message in an error object, also in the form of FastAPI: a list of places, each with its fault."""
    told = next((fields[name] for name in ("message", "detail", "msg", "errors") if fields.get(name)), "")
    parts = told if isinstance(told, list) else [told]
    return "; ".join(_problem(detail) if isinstance(detail, dict) else str(detail) for detail in parts)


def _problem(detail: dict[str, Any]) -> str:
    place = detail.get("loc")
    where = f"{'.'.join(map(str, place))}: " if isinstance(place, list) else ""
    return f"{where}{detail.get('msg') or detail.get('message') or detail.get('type') or detail}"


def quota_used_up(endpoint: Endpoint, words: str) -> EngineError:
    return endpoint.error(f"{endpoint.url} says that the quota is used up: {words}")


def parameter_refused(endpoint: Endpoint, name: str, words: str, *, by: str) -> EngineError:
    """The error for a parameter that cannot be left out without changing what is asked. ``by``: what would have it so."""
    return endpoint.error(f"{endpoint.url} refuses the parameter {name!r} ({words}); expected {by}")


def key_refused(endpoint: Endpoint, status: int, content: bytes) -> EngineError:
    """The error for statuses 401 and 403."""
    words = server_words(endpoint, content)
    expected = (
        f"a key for it in the environment variable {endpoint.key_variable!r}"
        if endpoint.key_variable
        else "key_variable with the name of the environment variable that holds a key"
    )
    return endpoint.error(f"{endpoint.url} refuses the key, status {status} ({words}); expected {expected}")


def _safe(endpoint: Endpoint, text: str) -> str:
    key = endpoint.key()
    words = " ".join((text.replace(key, HIDDEN) if key else text).split())
    return words[:LONGEST_SAID] or "(nothing)"
