"""Requests as the JSON of OpenAI's API, in the dialects of its servers.

Sampling is temperature and min-p alone, so what servers would add of their own (top-p, top-k, penalties from a model's
defaults) is switched off by name where a dialect can name it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from simcons.engines.base import Message, Request, as_chat
from simcons.engines.openai.learnt import SCHEMA_NAME, Body, Learnt
from simcons.errors import EngineError
from simcons.scenario.engines import OpenAIEngineSettings

BYTES_PER_TOKEN = 4  # of English text, where a server does not count
WRAPPING_TOKENS = 16  # of {"answer": ""} and some white space
SEED_BITS = 31  # llama.cpp cuts seeds to 32 bits, the highest of which is its word for no seed; some hosts refuse more
NEUTRAL: dict[str, Body] = {
    "openai": {},
    "vllm": {"top_p": 1.0, "top_k": 0, "repetition_penalty": 1.0},
    "llama.cpp": {"top_p": 1.0, "top_k": 0, "repeat_penalty": 1.0},
    "ollama": {"top_p": 1.0},
}
TAKES_MIN_P = frozenset({"vllm", "llama.cpp"})
CONTINUES = frozenset({"vllm", "llama.cpp", "ollama"})  # a last assistant message
WRAPS_CHOICES = frozenset({"openai", "ollama"})  # whose only grammar is a JSON schema


def body_of(request: Request, settings: OpenAIEngineSettings, learnt: Learnt) -> Body:
    """The body to post for ``request``. Raises EngineError for one that the settings' API cannot express."""
    body = {"model": settings.model, **_prompt(request, settings, learnt), **NEUTRAL[settings.dialect]}
    if request.answer == "logprobs":
        body |= _logprobs_wanted(request, settings, learnt)
    else:
        body |= _sampled(request, settings, learnt)
    if request.answer == "choice":
        body |= _choice_wanted(request, settings)
    if request.schema and learnt.takes_schemas and holds_to_schemas(settings):
        body |= _json_wanted(SCHEMA_NAME, json.loads(request.schema), settings)
    omitted = learnt.dropped.union(settings.omit)
    return {name: value for name, value in body.items() if name not in omitted} | settings.extra_body


def _sampled(request: Request, settings: OpenAIEngineSettings, learnt: Learnt) -> Body:
    sampling = request.sampling
    body = {"temperature": sampling.temperature, "seed": request.seed % 2**SEED_BITS}
    body[learnt.length_word] = reply_tokens(request, settings)
    return body | ({"min_p": sampling.min_p} if settings.dialect in TAKES_MIN_P else {})


def path_of(settings: OpenAIEngineSettings) -> str:
    return "/chat/completions" if settings.api == "chat" else "/completions"


def reply_tokens(request: Request, settings: OpenAIEngineSettings) -> int:
    """The most tokens a reply may have."""
    if request.answer == "logprobs":
        return 1
    if is_wrapped(request, settings):
        return max(request.sampling.max_tokens, WRAPPING_TOKENS + max(map(len, request.choices), default=0))
    return request.sampling.max_tokens


def cannot_do(request: Request, settings: OpenAIEngineSettings) -> Iterable[str]:
    """Notes on parts of ``request`` that the dialect cannot do as asked."""
    sampled = request.answer != "logprobs"
    if sampled and request.sampling.min_p > 0 and not _sends_min_p(settings):
        yield f"min_p is not sent: servers of dialect {settings.dialect!r} do not take it"
    if sampled and settings.dialect == "openai":
        yield "seeds are sent, but servers of dialect 'openai' do not promise that they repeat a reply"
    if request.schema and not holds_to_schemas(settings):
        yield f"the form of a JSON answer is asked for in words: dialect {settings.dialect!r} holds to one in api chat alone"
    if reply_beginning(request) and not _continued(request, settings):
        yield f"the beginning of a reply is asked for in words: dialect {settings.dialect!r} cannot continue one"


def _sends_min_p(settings: OpenAIEngineSettings) -> bool:
    return "min_p" in settings.extra_body or settings.dialect in TAKES_MIN_P


def _prompt(request: Request, settings: OpenAIEngineSettings, learnt: Learnt) -> Body:
    if not request.messages:
        raise EngineError(f"engine {request.engine!r}: a request has no messages, expected at least 1")
    bare = any(message.role == "text" for message in request.messages)
    if bare and len(request.messages) > 1:
        raise EngineError(
            f"engine {request.engine!r}: a message of role 'text' stands alone, got {len(request.messages)} messages"
        )
    if bare != (settings.api == "completions"):
        expected = "api completions for a prompt of role 'text'" if bare else "api chat for a prompt with turns"
        raise EngineError(f"engine {request.engine!r}: api {settings.api!r}; expected {expected}")
    return {"prompt": request.messages[0].content} if bare else chat_of(request, settings, learnt)


def chat_of(request: Request, settings: OpenAIEngineSettings, learnt: Learnt) -> Body:
    """The turns of a chat, and what has a server continue the last one where it begins the reply."""
    beginning = reply_beginning(request)
    messages = learnt.shape(request.messages)
    turns = messages[:-1] if messages[-1].role == "assistant" else messages
    if not beginning:
        return {"messages": as_chat(turns)}
    if not _continued(request, settings):
        return {"messages": as_chat(_asked_to_begin(turns, beginning, in_reply=request.answer == "text"))}
    flags = {"continue_final_message": True, "add_generation_prompt": False} if settings.dialect == "vllm" else {}
    return {"messages": as_chat(messages), **flags}


def reply_beginning(request: Request) -> str:
    return "".join(message.content for message in request.messages[-1:] if message.role == "assistant")


def _continued(request: Request, settings: OpenAIEngineSettings) -> bool:
    return settings.dialect in CONTINUES and not is_wrapped(request, settings)


def is_wrapped(request: Request, settings: OpenAIEngineSettings) -> bool:
    return request.answer == "choice" and settings.dialect in WRAPS_CHOICES


def _asked_to_begin(turns: Sequence[Message], beginning: str, *, in_reply: bool) -> list[Message]:
    """The turns with a sentence added to the last one by the user: a reply with the beginning, or what follows it."""
    wish = (
        f"Begin your answer with exactly these words: {beginning}"
        if in_reply
        else f"Give only what comes directly after these words: {beginning}"
    )
    if turns and turns[-1].role == "user":
        return [*turns[:-1], Message("user", f"{turns[-1].content}\n\n{wish}")]
    return [*turns, Message("user", wish)]


def _logprobs_wanted(request: Request, settings: OpenAIEngineSettings, learnt: Learnt) -> Body:
    _need_choices(request)
    for choice in request.choices:
        longer = [other for other in request.choices if other != choice and other.strip().startswith(choice.strip())]
        if longer:
            raise EngineError(
                f"engine {request.engine!r}: choice {choice!r} is the beginning of {longer[0]!r}; "
                "expected choices whose first tokens differ, or elicitation.by choice"
            )
    asked = (
        {"logprobs": True, "top_logprobs": learnt.n_logprobs}
        if settings.api == "chat"
        else {"logprobs": learnt.n_logprobs}
    )
    return {**asked, learnt.length_word: 1, "temperature": 0.0}


def _choice_wanted(request: Request, settings: OpenAIEngineSettings) -> Body:
    _need_choices(request)
    choices = list(request.choices)
    if settings.dialect == "vllm":
        return {"structured_outputs": {"choice": choices}}
    if settings.dialect == "llama.cpp":
        return {"grammar": "root ::= " + " | ".join(map(json.dumps, choices))}
    if settings.api == "completions":
        raise EngineError(
            f"engine {request.engine!r}: dialect {settings.dialect!r} holds to choices in api chat alone; "
            "expected elicitation.by logprobs or text"
        )
    schema = {
        "type": "object",
        "properties": {"answer": {"type": "string", "enum": choices}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    return _json_wanted("answer", schema, settings)


def holds_to_schemas(settings: OpenAIEngineSettings) -> bool:
    """True if servers of the dialect, in this API, can be told a JSON Schema that a text is to keep to."""
    return settings.dialect == "vllm" or settings.api == "chat"


def _json_wanted(name: str, schema: Body, settings: OpenAIEngineSettings) -> Body:
    if settings.dialect == "vllm":
        return {"structured_outputs": {"json": schema}}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": schema}}}


def _need_choices(request: Request) -> None:
    if not request.choices:
        raise EngineError(f"engine {request.engine!r}: answer {request.answer!r} without choices, expected at least 1")
