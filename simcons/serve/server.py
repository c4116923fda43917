"""The server: ``/v1/models``, ``/v1/chat/completions`` and ``/v1/responses``, as clients of OpenAI's API ask for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web

from simcons.engines.usage import Usage
from simcons.errors import ArgumentError, BudgetReached, RequestRefused, SimconsError
from simcons.serve import wire
from simcons.serve.desk import Desk
from simcons.serve.record import AnswerRecord
from simcons.serve.responses import read_responses_request, response
from simcons.serve.service import Replied, Service

MOST_BYTES = 4 * 2**20  # of a request
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server listens; port 0 is any that is free."""

    host: str
    port: int

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/v1"


async def serve(service: Service, address: Address, record: AnswerRecord, on_begin: Callable[[Address], None]) -> None:
    """Answer requests until cancelled. on_begin: called once it listens. Raises ArgumentError where it cannot listen there."""
    desk = Desk(service.plan.scenario, service.engines)
    runner = web.AppRunner(_Server(service, desk, record).app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    work = asyncio.create_task(desk.work())
    try:
        on_begin(await _listening(runner, address))
        await work
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        await runner.cleanup()


async def check_address(address: Address) -> None:
    """Raises ArgumentError for one at which nothing can listen: before people are made ready, which may take minutes."""
    with _telling_of(address):
        server = await asyncio.get_running_loop().create_server(asyncio.Protocol, address.host, address.port)
    server.close()


async def _listening(runner: web.AppRunner, address: Address) -> Address:
    site = web.TCPSite(runner, address.host, address.port)
    with _telling_of(address):
        await site.start()
    return Address(address.host, int(runner.addresses[0][1]))


@contextmanager
def _telling_of(address: Address) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).rsplit(": ", 1)[-1]
        raise ArgumentError(
            "port", str(address.port), f"cannot listen on {address.host}: {reason}; expected a free port"
        ) from None


class _Server:
    """The handlers of the two paths."""

    def __init__(self, service: Service, desk: Desk, record: AnswerRecord) -> None:
        self._service = service
        self._desk = desk
        self._record = record
        self._created = int(time.time())

    def app(self) -> web.Application:
        app = web.Application(client_max_size=MOST_BYTES, middlewares=[_errors_as_json])
        app.add_routes(
            [
                web.get("/v1/models", self.models),
                web.get("/v1/models/{name}", self.model),
                web.post("/v1/chat/completions", self.chat),
                web.post("/v1/responses", self.response),
            ]
        )
        return app

    async def models(self, _: web.Request) -> web.Response:
        crowd = self._service.crowd
        data = [wire.model(crowd.name(index), self._created) for index in range(len(crowd))]
        return web.json_response({"object": "list", "data": data})

    async def model(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self._service.crowd.person(name)
        return web.json_response(wire.model(name, self._created))

    async def chat(self, request: web.Request) -> web.StreamResponse:
        asked, replied, counted = await self._answered(await request.read(), wire.read_request)
        return await _sent(request, asked, replied, counted)

    async def response(self, request: web.Request) -> web.Response:
        asked, replied, counted = await self._answered(await request.read(), read_responses_request)
        return web.json_response(response(asked, replied.texts[0], counted, replied.understood))

    async def _answered(
        self, body: bytes, read: Callable[[bytes], wire.ChatRequest]
    ) -> tuple[wire.ChatRequest, Replied, dict[str, int]]:
        """A request with its reply, recorded, and what it took in tokens."""
        asked: wire.ChatRequest | None = None
        try:
            asked = read(body)
            replied, used = await self._desk.carry_out(self._service.reply(asked))
        except SimconsError as error:
            self._record.refused(asked, str(error))
            raise
        self._record.answered(asked, replied.texts, replied.understood)
        return asked, replied, _counted(asked, replied, used)


def _counted(asked: wire.ChatRequest, replied: Replied, used: Usage) -> dict[str, int]:
    """The tokens of the language model that plays the person; words and marks of the chat where none does."""
    if used.n_calls:
        return wire.usage(used.tokens_in, used.tokens_out)
    tokens_in = sum(len(wire.pieces(message.turn.text)) for message in asked.messages)
    tokens_out = sum(len(wire.pieces(wire.cut(text, asked.most_tokens)[0])) for text in replied.texts)
    return wire.usage(tokens_in, tokens_out)


async def _sent(
    request: web.Request, asked: wire.ChatRequest, replied: Replied, counted: dict[str, int]
) -> web.StreamResponse:
    if not asked.stream:
        return web.json_response(wire.completion(asked, replied.texts, counted, replied.understood))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
    await response.prepare(request)
    for event in wire.chunks(asked, replied.texts, counted, replied.understood):
        await response.write(event.encode())
    await response.write_eof()
    return response


@web.middleware
async def _errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except RequestRefused as error:
        message, parameter, code, status = error.args
        return _error(message, parameter, code, status)
    except BudgetReached as error:
        return _error(str(error), None, "insufficient_quota", 429)
    except SimconsError as error:
        return _error(str(error), None, "engine_error", 502)
    except web.HTTPRequestEntityTooLarge:
        return _error(f"body: more than {MOST_BYTES} bytes; expected a shorter chat", None, "too_long", 413)
    except web.HTTPException as error:
        paths = "GET /v1/models, POST /v1/chat/completions or POST /v1/responses"
        return _error(
            f"{request.method} {request.path}: {error.reason}; expected {paths}", None, "not_here", error.status
        )


def _error(message: str, parameter: str | None, code: str, status: int) -> web.Response:
    return web.json_response(wire.error(message, parameter, code, status), status=status)
