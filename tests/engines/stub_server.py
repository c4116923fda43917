"""A server that misbehaves on demand: prints its port, runs until it is terminated or its standard input closes.

A last message that is a JSON object says what to do: {"id", "do": [steps, one an attempt, the last for all further], "say",
"delay"}. A step is a word of STEPS, {"status", "error", "headers"} for a refusal, {"choice"} for a raw choice, or {"answer"} for
all that is answered. Any other
last message is answered with itself. The part of the path before /v1 decides what kind of server it is.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from typing import Any

from aiohttp import web

MODELS = [{"id": "stub", "max_model_len": 300}, {"id": "other", "max_model_len": 300}]
RIGHT_KEY = "Bearer right"


class Stub:
    """What has been asked so far."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.attempts: Counter[str] = Counter()
        self.bodies: dict[str, Any] = {}
        self.times: list[float] = []
        self.now_open = self.most_open = 0

    async def stats(self, request: web.Request) -> web.Response:
        seen = {"attempts": self.attempts, "bodies": self.bodies, "times": self.times, "most_open": self.most_open}
        if "reset" in request.query:
            self.reset()
        return web.json_response(seen)

    async def models(self, request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        if kind == "locked" and request.headers.get("Authorization") != RIGHT_KEY:
            return refused(401, {"message": f"Incorrect key: {request.headers.get('Authorization')}"})
        if kind == "bare":
            return refused(404, {"message": "no such method"})
        return web.json_response({"data": [{"id": "stub"}] if kind == "squeamish" else MODELS})

    async def asked(self, request: web.Request) -> web.StreamResponse:
        self.now_open += 1
        self.most_open = max(self.most_open, self.now_open)
        try:
            return await self.answer(request, await request.json())
        finally:
            self.now_open -= 1

    async def answer(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        last = body["messages"][-1]["content"] if "messages" in body else body["prompt"]
        script = scripted(last)
        name = str(script.get("id", ""))
        self.attempts[name] += 1
        self.times.append(time.monotonic())
        if name:
            self.bodies[name] = body
        await asyncio.sleep(script.get("delay", 0))
        if refusal := refused_by_kind(request, body):
            return refusal
        steps = script.get("do", ["ok"])
        step = steps[min(self.attempts[name], len(steps)) - 1]
        return await perform(step, request, body, str(script.get("say", last)))


def scripted(text: str) -> dict[str, Any]:
    with suppress(ValueError):
        script = json.loads(text)
        return script if isinstance(script, dict) else {}
    return {}


def refused(status: int, error: object, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": error}, status=status, headers=headers)


def refused_by_kind(request: web.Request, body: dict[str, Any]) -> web.Response | None:
    kind, key = request.match_info["kind"], request.headers.get("Authorization")
    if kind == "locked" and key != RIGHT_KEY:
        return refused(401, {"message": f"Incorrect key: {key}"})
    if kind == "new" and "max_tokens" in body:
        return refused(400, {"message": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."})
    if kind == "new" and body.get("top_logprobs", 0) > 5:
        return refused(400, {"message": "Invalid value for 'top_logprobs': expected at most 5"})
    if refusal := refused_by_taste(kind, body):
        return refusal
    if kind == "bare" or body["model"] not in [model["id"] for model in MODELS]:
        return refused(404, {"message": f"The model `{body['model']}` does not exist."})
    return None


def refused_by_taste(kind: str, body: dict[str, Any]) -> web.Response | None:
    """By a server that takes nothing, one request in three, no system turn, no two turns of a role, or not the parameter after
    the kind's dash.
    """
    taste, _, name = kind.partition("-")
    roles = [turn["role"] for turn in body.get("messages", ())]
    if taste == "closed":
        return refused(int(name), {"message": "not like this"})
    if taste == "squeamish" and body["seed"] % 3 == 0:
        return refused(400, {"message": "The prompt was filtered.", "code": "content_filter"})
    if taste == "nosystem" and "system" in roles:
        return refused(int(name), {"message": "System role not supported"})
    if taste == "alternate" and (roles[0] != "user" or any(first == second for first, second in pairwise(roles))):
        message = "Conversation roles must alternate user/assistant/user/assistant/..."
        return refused(400, {"message": message, "type": "BadRequestError", "param": None, "code": 400})
    if name not in body:
        return None
    if taste == "detail":
        missing = {
            "loc": ["body", name],
            "msg": "Extra inputs are not permitted",
            "type": "extra_forbidden",
            "input": 1,
        }
        return web.json_response({"detail": [missing]}, status=422)
    if taste == "param":
        return refused(400, {"message": "Unsupported value", "param": name, "code": "unsupported_value"})
    if taste == "words":
        return refused(404, f"Unrecognized request argument supplied: {name}. Supported parameters: model, seed, top_p")
    return None


async def perform(step: Any, request: web.Request, body: dict[str, Any], say: str) -> web.StreamResponse:
    if isinstance(step, str):
        return await STEPS[step](request, body, say)
    if "status" in step:
        return refused(step["status"], step.get("error", {"message": "as told"}), step.get("headers"))
    if "answer" in step:
        return web.json_response(step["answer"])
    return web.json_response({"choices": [step["choice"]], "usage": {"prompt_tokens": 3, "completion_tokens": 1}})


async def ok(_: web.Request, body: dict[str, Any], say: str) -> web.Response:
    choice = {"message": {"content": say}} if "messages" in body else {"text": say}
    usage = {"prompt_tokens": 11, "completion_tokens": len(say.split())}
    return web.json_response({"choices": [choice | {"finish_reason": "stop"}], "usage": usage})


async def hang(*_: object) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


async def abort(request: web.Request, *_: object) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def half(request: web.Request, *_: object) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "500"})
    await response.prepare(request)
    await response.write(b'{"choices": [{"mess')
    assert request.transport is not None
    request.transport.close()
    return response


async def drip(request: web.Request, *_: object) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "500"})
    await response.prepare(request)
    with suppress(ConnectionError):
        for _byte in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.05)
    return response


async def garbage(*_: object) -> web.Response:
    return web.Response(text="<html>Bad gateway</html>")


async def no_choices(*_: object) -> web.Response:
    return web.json_response({"error": {"message": "upstream failed"}})


async def no_message(*_: object) -> web.Response:
    return web.json_response({"choices": [{"index": 0}]})


async def no_usage(_: web.Request, __: object, say: str) -> web.Response:
    return web.json_response({"choices": [{"message": {"content": say}}]})


STEPS = {step.__name__: step for step in (ok, hang, abort, half, drip, garbage, no_choices, no_message, no_usage)}


async def tokenize(request: web.Request) -> web.Response:
    """A token a word."""
    body = await request.json()
    text = body.get("prompt") or body.get("content") or " ".join(turn["content"] for turn in body["messages"])
    tokens = list(range(len(text.split())))
    return web.json_response({"count": len(tokens), "tokens": tokens})


async def apply_template(request: web.Request) -> web.Response:
    return web.json_response({"prompt": " ".join(turn["content"] for turn in (await request.json())["messages"])})


async def properties(_: web.Request) -> web.Response:
    return web.json_response({"default_generation_settings": {"n_ctx": 200}})


async def serve() -> None:
    stub = Stub()
    app = web.Application()
    app.router.add_get("/stats", stub.stats)
    app.router.add_get("/{kind}/v1/models", stub.models)
    app.router.add_post("/{kind}/v1/chat/completions", stub.asked)
    app.router.add_post("/{kind}/v1/completions", stub.asked)
    app.router.add_post("/{kind}/tokenize", tokenize)
    app.router.add_post("/{kind}/apply-template", apply_template)
    app.router.add_get("/{kind}/props", properties)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
