"""Engines of another process, as a run asks them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection
from typing import TypeVar

from simcons.engines.base import Engine, Identity, OnReply, Reply, Request
from simcons.engines.load import as_settled
from simcons.engines.local.model_files import ModelFiles
from simcons.engines.shared.messages import Address, Answered, Wanted, Welcome
from simcons.errors import EngineError, SimconsError
from simcons.scenario.engines import EngineSettings, TransformersEngineSettings, VllmEngineSettings

Received = TypeVar("Received", Welcome, Answered)


@contextmanager
def shared_engines(
    configured: Mapping[str, EngineSettings],
    used: set[str],
    address: Address,
    *,
    known: Mapping[str, Identity] | None = None,
) -> Iterator[dict[str, Engine]]:
    """Those of the engines in ``used`` that hold a model, asked of the process at ``address`` while the block runs.

    known: as for `load.load_engines`. Raises EngineError where nobody answers there, and what loading an engine raises.
    """
    before = known or {}
    with ExitStack() as stack:
        engines: dict[str, Engine] = {}
        for name, chosen in configured.items():
            if name in used and chosen.loads_model:
                wanted = Wanted(name, as_settled(chosen, before.get(name, {})))
                engines[name] = _engine(wanted, stack.enter_context(_connected(name, address)))
        yield engines


def _connected(name: str, address: Address) -> Connection:
    try:
        return address.connect()
    except (OSError, EOFError, AuthenticationError) as error:
        raise EngineError(f"engine {name!r}: the process that holds its model cannot be reached ({error})") from None


def _engine(wanted: Wanted, connection: Connection) -> Engine:
    messages = _Messages(wanted.name, connection)
    messages.send(wanted)
    welcome = messages.receive(Welcome)
    return (SharedStreamEngine if welcome.streams else SharedEngine)(wanted, welcome, messages)


class _Messages:
    """A connection to the process that holds the engine ``name``. Raises what that sends in the place of an answer."""

    def __init__(self, name: str, connection: Connection) -> None:
        self._name = name
        self._connection = connection

    def send(self, message: Wanted | Sequence[tuple[int, Request]]) -> None:
        try:
            self._connection.send(message)
        except OSError:
            raise self._ended() from None

    def receive(self, expected: type[Received]) -> Received:
        """The next message."""
        try:
            message = self._connection.recv()
        except (OSError, EOFError):
            raise self._ended() from None
        if isinstance(message, SimconsError):
            raise message
        if not isinstance(message, expected):
            raise EngineError(f"engine {self._name!r}: expected {expected.__name__}, got {message!r}")
        return message

    @property
    def has_more(self) -> bool:
        """True if the next message is there, or there will be none."""
        try:
            return self._connection.poll()
        except OSError:
            return True

    def _ended(self) -> EngineError:
        return EngineError(f"engine {self._name!r}: the process that holds its model has ended; expected enough memory")


class SharedEngine:
    """An engine of another process: its identity, its fingerprints and its replies are those that it would have in this one."""

    def __init__(self, wanted: Wanted, welcome: Welcome, messages: _Messages) -> None:
        self.identity = welcome.identity
        self.notes: tuple[str, ...] = ()
        self._settings = wanted.settings
        self._messages = messages
        self._keys = count()

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        """One reply for each request, in order."""
        places = {next(self._keys): place for place in range(len(requests))}
        replies: dict[int, Reply] = {}
        self._messages.send(list(zip(places, requests, strict=True)))
        while len(replies) < len(requests):
            key, reply = self._answer()
            if key not in places:  # of a run that was stopped
                continue
            replies[places[key]] = reply
            if on_reply is not None:
                on_reply(places[key], reply)
        return [replies[place] for place in range(len(requests))]

    def fingerprint(self, request: Request) -> str:
        """Hash of the token ids that the prompt is read as now, "" for a reward model, which has none. Raises EngineError."""
        return "" if self._files is None else self._files.fingerprint(request)

    @cached_property
    def _files(self) -> ModelFiles | None:
        if not isinstance(self._settings, (TransformersEngineSettings, VllmEngineSettings)):
            return None
        return ModelFiles(self._settings.model)

    def _answer(self) -> tuple[int, Reply]:
        answered = self._messages.receive(Answered)
        self.notes = answered.notes
        return answered.key, answered.reply


class SharedStreamEngine(SharedEngine):
    """The same for an engine that takes requests while it runs."""

    def __init__(self, wanted: Wanted, welcome: Welcome, messages: _Messages) -> None:
        super().__init__(wanted, welcome, messages)
        self.leads = welcome.leads

    def add(self, key: int, request: Request) -> None:
        """Have ``request`` begun there; its reply comes out of `step` under ``key``."""
        self._messages.send([(key, request)])

    def step(self) -> list[tuple[int, Reply]]:
        """Wait until at least one request is answered; those that are."""
        answered = [self._answer()]
        while self._messages.has_more:
            answered.append(self._answer())
        return answered

    def nudge(self) -> None:
        """All that was added is there already."""
