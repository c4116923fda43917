"""Requests and replies as OpenAI's API for chats has them."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simcons.errors import RequestRefused
from simcons.serve.understanding import Turn

MOST_CHOICES = 128
Document: TypeAlias = dict[str, Any]
Given = TypeVar("Given", bound=BaseModel)

_PIECE = re.compile(r"\s*(?:\w+|[^\w\s])")  # what is counted as a token: a word or a mark


class Lenient(BaseModel):
    """Settings of a language model that no person has, such as a temperature, are let pass."""

    model_config = ConfigDict(extra="ignore")


class TextPart(Lenient):
    type: Literal["text", "input_text", "output_text"]
    text: str


class ChatMessage(Lenient):
    role: str
    content: str | list[TextPart] | None = None

    @property
    def turn(self) -> Turn:
        content = self.content or ""
        return Turn(self.role, content if isinstance(content, str) else "\n".join(part.text for part in content))


class StreamOptions(Lenient):
    include_usage: bool = False


class ChatRequest(Lenient):
    """A request for a chat completion, as far as people can follow it."""

    model: str
    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    seed: int | None = None
    n: Annotated[int, Field(ge=1, le=MOST_CHOICES)] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    response_format: Document | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None

    @property
    def most_tokens(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens

    @property
    def turns(self) -> list[Turn]:
        """The chat, up to the last message that is not the person's own. Raises RequestRefused where there is none."""
        turns = [message.turn for message in self.messages]
        while turns and turns[-1].is_own:
            turns.pop()
        if not turns or not turns[-1].text.strip():
            raise RequestRefused(
                "messages: the last message is empty; expected a question, or a statement with a scale",
                "messages",
                "not_understood",
            )
        return turns

    def draw(self, choice: int) -> str:
        """What tells this request, and this of its choices, from others with the same chat."""
        seed = str(self.seed or 0)
        return seed if choice == 0 else f"{seed}.{choice}"


def read_request(body: bytes) -> ChatRequest:
    """The request in ``body``. Raises RequestRefused, in one line, for what is none."""
    return read(ChatRequest, body)


def read(kind: type[Given], body: bytes) -> Given:
    """A request of this ``kind``. Raises RequestRefused, in one line, for what is none."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        shown = "" if first["type"] in ("missing", "json_invalid") else f", got {json.dumps(first['input'])[:80]}"
        raise RequestRefused(
            f"{place or 'body'}: {first['msg'][:1].lower()}{first['msg'][1:]}{shown}", place or None, "invalid_request"
        ) from None


def pieces(text: str) -> list[str]:
    """``text`` in words and marks, which stand for tokens; joined they make the text again, but for white space at its end."""
    return _PIECE.findall(text)


def cut(text: str, most: int | None) -> tuple[str, Literal["stop", "length"]]:
    """``text`` as far as ``most`` tokens go, and why it ends there."""
    parts = pieces(text)
    return (text, "stop") if most is None or len(parts) <= most else ("".join(parts[:most]), "length")


def usage(tokens_in: int, tokens_out: int) -> dict[str, int]:
    return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}


def completion(
    request: ChatRequest, texts: Sequence[str], counted: Mapping[str, int], understood: Document
) -> Document:
    """The reply in one piece. ``understood``: what was made of the message, under a key of our own."""
    choices = []
    for place, text in enumerate(texts):
        shown, finish = cut(text, request.most_tokens)
        message = {"role": "assistant", "content": shown, "refusal": None}
        choices.append({"index": place, "message": message, "logprobs": None, "finish_reason": finish})
    return {**_head(request, "chat.completion"), "choices": choices, "usage": dict(counted), "simcons": understood}


def chunks(
    request: ChatRequest, texts: Sequence[str], counted: Mapping[str, int], understood: Document
) -> Iterator[str]:
    """The reply as a stream of events: word by word."""
    head = {**_head(request, "chat.completion.chunk"), "simcons": understood}

    def event(place: int, delta: Document, finish: str | None = None) -> str:
        choice = {"index": place, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _event({**head, "choices": [choice]})

    for place, text in enumerate(texts):
        shown, finish = cut(text, request.most_tokens)
        yield event(place, {"role": "assistant", "content": ""})
        yield from (event(place, {"content": piece}) for piece in pieces(shown))
        yield event(place, {}, finish)
    if request.stream_options and request.stream_options.include_usage:
        yield _event({**head, "choices": [], "usage": dict(counted)})
    yield "data: [DONE]\n\n"


def model(name: str, created: int) -> Document:
    return {"id": name, "object": "model", "created": created, "owned_by": "simcons"}


def error(message: str, parameter: str | None, code: str, status: int) -> Document:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {"error": {"message": message, "type": kind, "param": parameter, "code": code}}


def _head(request: ChatRequest, kind: str) -> Document:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex[:24]}",
        "object": kind,
        "created": int(time.time()),
        "model": request.model,
    }


def _event(document: Document) -> str:
    return f"data: {json.dumps(document, ensure_ascii=False)}\n\n"
