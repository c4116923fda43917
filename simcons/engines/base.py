"""The seam to language models.

An act (population, mediator) yields Requests and is sent Replies; it knows no engine. An engine completes requests in any
batches it likes: a reply depends on its own request alone, never on its neighbours (up to the last bits of arithmetic).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from simcons.arrays import AnyFloats, Floats
from simcons.errors import ContextTooLong
from simcons.scenario.engines import SamplingSettings

Role: TypeAlias = Literal["system", "user", "assistant", "text"]
AnswerFormat: TypeAlias = Literal["text", "logprobs", "choice", "scores", "pipeline"]
Finish: TypeAlias = Literal["stop", "length", "choices", "pipeline", "filtered", "too_long", "refused"]
Identity: TypeAlias = Mapping[str, str | int | float | None]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat. A single message of role ``text`` is a bare prompt, for base models without a chat template.

    An ``assistant`` message in the last place is the beginning of the reply, which the model continues.
    """

    role: Role
    content: str


def as_chat(messages: Iterable[Message]) -> list[dict[str, str]]:
    """Messages as chat templates, servers and data sets have them."""
    return [{"role": message.role, "content": message.content} for message in messages]


@dataclass(frozen=True, slots=True)
class Request:
    """One reply wanted from an engine.

    answer: ``text`` samples a text; ``logprobs`` wants the log-probability of each of ``choices`` as the beginning of the
    reply, which no sampling setting touches; ``choice`` samples a text that is one of ``choices``; ``scores`` wants how far the
    author of an opinion would agree with each of ``choices`` (see `scores.score_request`), from an engine with a reward model;
    ``pipeline`` wants a task done (see `pipelines.task`) by code of a user's own.
    schema: JSON Schema, as text, of a ``text`` that is to be JSON; engines that can hold their model to it do.
    act: what the reply is for (candidate, opinion, agreement, ...), for the accounts alone.
    draw: which of the samples of one prompt this is, from 0. The seed differs between them too.
    """

    engine: str  # name in the scenario's `engines`
    messages: tuple[Message, ...]
    sampling: SamplingSettings
    seed: int
    act: str = "other"
    draw: int = 0
    answer: AnswerFormat = "text"
    choices: tuple[str, ...] = ()
    schema: str = ""

    @property
    def n_bytes(self) -> int:
        """Bytes of all messages in UTF-8."""
        return sum(n_bytes(message.content) for message in self.messages)


def n_bytes(text: str) -> int:
    """Bytes of a text in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Reply:
    """The text that the model wrote, without special tokens, or its log-probabilities or scores of the choices, or none of them.

    finish: ``length`` where it ran out of tokens, ``choices`` where numbers for the choices were asked for, ``pipeline`` where
    the text is the answer of a pipeline (`pipelines.answers`), whose own requests are counted apart; where the request has
    no answer, ``filtered`` (a content filter), ``too_long`` (for the model's context) or ``refused`` (for any other reason
    that concerns this request alone). ``text`` is then empty, or what had come before a filter stopped it.
    logprobs: natural log-probability of each choice, not normalised over the choices: ``sum(exp)`` is the share of the
    model's probability that fell on any of them. -inf where the engine cannot see one that is very unlikely.
    scores: predicted agreement with each choice, 1 to 7; None for a choice that the model cannot read.
    tokens_in: tokens of the prompt, whether or not its beginning had been read before; 0 where it was not read. Of scores, tokens
    of the prompt with each choice.
    seconds: of the engine's time, this reply's share; no part of what was replied.
    reasoning: what the model wrote for itself before its text, where the engine tells the two apart.
    seen: what was in fact shown where text and logprobs do not say it, in a line: the reason of a refusal in the server's
    words, the first tokens and their log-probabilities as JSON, an unknown reason for the end of the text.
    """

    text: str
    tokens_in: int
    tokens_out: int
    finish: Finish
    logprobs: tuple[float, ...] = ()
    seconds: float = field(default=0.0, compare=False)
    reasoning: str = ""
    seen: str = ""
    scores: tuple[float | None, ...] = ()

    @property
    def answered(self) -> bool:
        """True if there is an answer at all, usable or not."""
        return self.finish not in ("filtered", "too_long", "refused")


def unanswered(finish: Literal["filtered", "too_long", "refused"], seen: str, *, seconds: float = 0.0) -> Reply:
    """The reply to one request that has no answer. ``seen`` says why."""
    return Reply("", 0, 0, finish, seconds=seconds, seen=seen)


def too_long(engine: str, n_prompt: int, n_reply: int, context: int) -> Reply:
    """The reply to a prompt that does not fit the context of the model beside its reply, all in tokens.

    Raises ContextTooLong where no prompt would: that is no matter of one request.
    """
    reason = ContextTooLong(engine, n_prompt, n_reply, context)
    if n_reply >= context:
        raise reason
    return unanswered("too_long", str(reason))


# texts -> unit vectors [n, d]
Encode: TypeAlias = Callable[[Sequence[str]], npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Topic:
    """A question as a network that hears texts knows it.

    claims: [claims, 2 x dims], for each the middle of its wordings' embeddings beside that of its denials'. Keys tell whether a
    network was trained on this very position or claim.
    """

    position: str
    position_key: str
    claims: AnyFloats
    claim_keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class HeardText:
    """A text as a network hears it, in log-probabilities.

    claims: [claims, 3], says nothing of it, asserts it, denies it; verdict: [4], for, against, torn, says nothing; places: of
    each claim, the character of the text that concerns it most.
    """

    claims: Floats
    verdict: Floats
    places: Sequence[int]


# texts, their question, the likeness of each text and the claims [claims, features] -> what is heard of each
Hear: TypeAlias = Callable[[Sequence[str], Topic, Sequence[Floats]], list[HeardText]]
OnReply: TypeAlias = Callable[[int, Reply], None]
Act: TypeAlias = Generator[list[Request], list[Reply], Result]


class Engine(Protocol):
    """Anything that completes requests.

    identity: what a reply depends on besides its request: kind, content hash of the model or endpoint and model id, dtype,
    adapter. Never a key or a password. Same identity and same request mean that a stored reply stands.
    """

    @property
    def identity(self) -> Identity: ...

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        """One reply for each request, in order. ``on_reply(place, reply)`` is called for each as soon as it is there, so
        that what has been answered is kept whatever happens to the rest. Raises EngineError.
        """


@runtime_checkable
class ReadingEngine(Engine, Protocol):
    """An engine that knows what its model reads of a prompt, which may vary under one identity: a chat template may write
    today's date, another version of a tokenizer's code may cut words otherwise.
    """

    def fingerprint(self, request: Request) -> str:
        """Hash of the token ids that the prompt is read as now. Raises EngineError for one that cannot be read."""


@runtime_checkable
class RemarkingEngine(Protocol):
    """An engine that may not do all that it is asked, and says so in ``notes``: each remark once, for the user to see."""

    @property
    def notes(self) -> Sequence[str]: ...


@runtime_checkable
class CountingEngine(Protocol):
    """An engine that tells, while it writes, the number of tokens of each step. ``on_tokens``: who is told; None for nobody."""

    on_tokens: Callable[[int], None] | None


@runtime_checkable
class StreamEngine(Engine, Protocol):
    """An engine that takes requests while it runs.

    leads: whether requests that share the beginning of their prompt should be led by one, the others following once it has
    been answered; for engines that keep prefixes but do not share one between requests that come together.
    """

    leads: bool

    def add(self, key: int, request: Request) -> None:
        """Begin ``request`` as soon as there is room; its reply comes out of `step` under ``key``."""

    def step(self) -> list[tuple[int, Reply]]:
        """Work until at least one of the requests under way is answered; those that are. Raises EngineError."""

    def nudge(self) -> None:
        """Let what was added get under way, without waiting for anything."""


class Asker(Protocol):
    """Whoever waits for one reply. ``wanted`` turns false when nobody does any more."""

    @property
    def wanted(self) -> bool: ...

    def deliver(self, reply: Reply) -> None: ...


Ask: TypeAlias = Callable[[Request, Asker], None]


@runtime_checkable
class AskingEngine(StreamEngine, Protocol):
    """A stream engine whose work asks other engines in its turn."""

    def connect(self, ask: Ask) -> None:
        """Have what its work asks for asked by ``ask``."""

    def work(self, *, others_wait: bool) -> tuple[list[tuple[int, Reply]], bool]:
        """Wait for its work to go on, and no longer than it takes to ask where ``others_wait``; what has been answered, and
        whether anything has happened. Nothing can while all of its work waits for replies.
        """
