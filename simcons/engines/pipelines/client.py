"""The client that a pipeline in Python is given: the scenario's engines, and a seed for what it draws itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import TypeAlias, cast, get_args

from simcons.engines.base import AnswerFormat, Message, Reply, Request, Role
from simcons.engines.scores import score_request
from simcons.errors import NoAnswer
from simcons.scenario.engines import SamplingSettings
from simcons.seeds import request_seed

ACT = "pipeline"  # of what pipelines ask, in the accounts

Prompt: TypeAlias = str | Sequence[Mapping[str, str]]
Send: TypeAlias = Callable[[Sequence[Request]], list[Reply]]


class Client:
    """The scenario's engines in one call of a pipeline. It may be used from several threads.

    seed: of this call, for whatever the pipeline draws: the same in a run that goes on.
    samples: statements that are of use, at most.
    engines: names of those that may be asked.
    """

    def __init__(self, engines: Sequence[str], send: Send, *, seed: int, samples: int) -> None:
        self.engines = tuple(engines)
        self.seed = seed
        self.samples = samples
        self._send = send
        self._asked: Counter[tuple[object, ...]] = Counter()
        self._lock = Lock()

    def request(
        self,
        prompt: Prompt,
        *,
        engine: str | None = None,
        choices: Sequence[str] = (),
        logprobs: bool = False,
        draw: int | None = None,
        **sampling: float,
    ) -> Request:
        """A request for a text, for one of ``choices``, or for the log-probabilities of these; ask it, or yield it in an act.

        prompt: what the user says, or turns as ``{"role": "user", "content": ...}``.
        engine: by its name in the scenario; the first that may be asked where none is named.
        draw: a number that tells this request from equal ones. Without one they are numbered as they are made, so code that makes
        equal requests in threads of its own numbers them itself.
        sampling: temperature, min_p, max_tokens.

        Raises ValueError for an engine that may not be asked, and for other roles and settings.
        """
        messages = (Message("user", prompt),) if isinstance(prompt, str) else tuple(map(_turn, prompt))
        answer: AnswerFormat = "text" if not choices else "logprobs" if logprobs else "choice"
        settings = SamplingSettings(**sampling)
        name = self._named(engine)
        key = (name, *(part for message in messages for part in (message.role, message.content)), answer, *choices)
        number = self._number((*key, settings)) if draw is None else draw
        seed = request_seed(self.seed, "pipeline", *map(str, key), number)
        return Request(name, messages, settings, seed, ACT, number, answer, tuple(choices))

    def ask(self, requests: Sequence[Request]) -> list[Reply]:
        """Replies to all of ``requests``, in order; they are answered together."""
        for request in requests:
            self._named(request.engine)
        return self._send(requests) if requests else []

    def write(self, prompt: Prompt, **how: object) -> str:
        """The text that an engine writes, as it writes it. ``how``: as for `request`. Raises NoAnswer for none."""
        (reply,) = self.ask([self.request(prompt, **how)])  # type: ignore[arg-type]  # checked there
        if not reply.answered:
            raise NoAnswer(reply.finish, reply.seen)
        return reply.text

    def scores(
        self, question: str, opinion: str, statements: Sequence[str], *, engine: str | None = None
    ) -> list[float | None]:
        """Predicted agreement, 1 to 7, of the author of ``opinion`` with each statement, by a reward model; None for texts that
        it cannot read. Raises NoAnswer where it gives no answer.
        """
        (reply,) = self.ask([score_request(self._named(engine), question, opinion, statements)])
        if not reply.answered:
            raise NoAnswer(reply.finish, reply.seen)
        return list(reply.scores)

    def _named(self, engine: str | None) -> str:
        name = engine if engine is not None else next(iter(self.engines), None)
        if name is None or name not in self.engines:
            raise ValueError(f"engine {engine!r}: expected one that `asks` names ({', '.join(self.engines) or 'none'})")
        return name

    def _number(self, key: tuple[object, ...]) -> int:
        """The number of times that the same has been asked before."""
        with self._lock:
            self._asked[key] += 1
            return self._asked[key] - 1


def _turn(given: Mapping[str, str]) -> Message:
    role, content = given["role"], given["content"]
    if role not in get_args(Role):
        raise ValueError(f"role {role!r}: expected one of {', '.join(get_args(Role))}")
    return Message(cast(Role, role), content)
