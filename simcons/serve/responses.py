"""OpenAI's newer API, ``/v1/responses``, as far as a chat goes: its requests put as those for chats, and its replies."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from simcons.errors import RequestRefused
from simcons.serve.wire import ChatMessage, ChatRequest, Document, Lenient, cut, read


class InputItem(ChatMessage):
    """A message; what tools did, and what models reasoned, are items without one."""

    role: str = ""
    type: str = "message"


class TextSettings(Lenient):
    format: Document | None = None


class ResponsesRequest(Lenient):
    """A request for a response."""

    model: str
    input: str | Annotated[list[InputItem], Field(min_length=1)]
    instructions: str | None = None
    seed: int | None = None
    stream: bool | None = None
    text: TextSettings | None = None
    max_output_tokens: Annotated[int, Field(ge=1)] | None = None

    @property
    def as_chat(self) -> ChatRequest:
        """The same as a request for a chat completion. Raises RequestRefused for a stream, and for a chat kept by the server."""
        if self.stream:
            raise RequestRefused(
                "stream: only chat completions are streamed here; expected false", "stream", "invalid_request"
            )
        head = [ChatMessage(role="system", content=self.instructions)] if self.instructions else []
        given = [InputItem(role="user", content=self.input)] if isinstance(self.input, str) else self.input
        return ChatRequest(
            model=self.model,
            messages=[*head, *(item for item in given if item.type == "message")],
            seed=self.seed,
            response_format=_as_response_format(self.text.format if self.text else None),
            max_completion_tokens=self.max_output_tokens,
        )


def read_responses_request(body: bytes) -> ChatRequest:
    """The request in ``body``, as one for a chat. Raises RequestRefused, in one line, for what is none."""
    return read(ResponsesRequest, body).as_chat


def response(request: ChatRequest, text: str, counted: Mapping[str, int], understood: Document) -> Document:
    """The reply."""
    shown, finish = cut(text, request.most_tokens)
    status: Literal["completed", "incomplete"] = "completed" if finish == "stop" else "incomplete"
    content = {"type": "output_text", "text": shown, "annotations": []}
    message = {"type": "message", "id": _name("msg"), "role": "assistant", "status": status, "content": [content]}
    return {
        "id": _name("resp"),
        "object": "response",
        "created_at": int(time.time()),
        "status": status,
        "error": None,
        "incomplete_details": None if finish == "stop" else {"reason": "max_output_tokens"},
        "model": request.model,
        "output": [message],
        "parallel_tool_calls": False,
        "tool_choice": "none",
        "tools": [],
        "usage": {
            "input_tokens": counted["prompt_tokens"],
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": counted["completion_tokens"],
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": counted["total_tokens"],
        },
        "simcons": understood,
    }


def _as_response_format(given: Document | None) -> dict[str, Any] | None:
    """A schema lies one level deeper in requests for chats."""
    if given is None or given.get("type") != "json_schema":
        return given
    return {"type": "json_schema", "json_schema": {"schema": given.get("schema")}}


def _name(kind: str) -> str:
    return f"{kind}_{uuid.uuid4().hex[:24]}"
