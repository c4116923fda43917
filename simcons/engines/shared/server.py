"""A process that holds engines, and answers whoever connects.

One thread works the engines, in turn: what several runs ask of one of them meanwhile is asked together. Each connection has
threads that read and write, so that nobody waits for a run that does not listen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from queue import SimpleQueue
from threading import Thread
from typing import TypeAlias

from simcons.engines.base import Engine, RemarkingEngine, Reply, Request, StreamEngine
from simcons.engines.dispatch import batch_kind
from simcons.engines.load import as_settled, load_engine
from simcons.engines.shared.messages import Answered, Wanted, Welcome
from simcons.errors import EngineError, SimconsError
from simcons.named_code import in_one_line
from simcons.scenario.engines import EngineSettings

Load: TypeAlias = Callable[[str, EngineSettings], Engine]
Inbox: TypeAlias = "SimpleQueue[tuple[_Client, Wanted | Sequence[tuple[int, Request]]]]"


def serve(listener: Listener, *, load: Load = load_engine) -> None:
    """Answer whoever connects to ``listener``, for as long as this process lives.

    An engine is loaded when it is first wanted, and kept. Whatever it raises ends the connections that it concerns.
    """
    inbox: Inbox = SimpleQueue()
    Thread(target=_let_in, args=(listener, inbox), daemon=True).start()
    desk = _Desk(inbox, load)
    while True:
        desk.work()


def _let_in(listener: Listener, inbox: Inbox) -> None:
    while True:
        try:
            _Client(listener.accept(), inbox)
        except (AuthenticationError, EOFError, ConnectionError):  # another key, or one who left at once
            continue


class _Client:
    """Whoever is connected, and asks one engine. Once it is ``gone`` nothing is asked for it."""

    engine: Engine

    def __init__(self, connection: Connection, inbox: Inbox) -> None:
        self.gone = False
        self._connection = connection
        self._outbox: SimpleQueue[Welcome | Answered | SimconsError | None] = SimpleQueue()
        self._writer = Thread(target=self._write, daemon=True)
        self._writer.start()
        Thread(target=self._read, args=(inbox,), daemon=True).start()

    def send(self, message: Welcome | Answered | SimconsError) -> None:
        self._outbox.put(message)

    def _read(self, inbox: Inbox) -> None:
        with self._connection, suppress(OSError, EOFError):
            try:
                while True:
                    inbox.put((self, self._connection.recv()))
            finally:
                self.gone = True
                self._outbox.put(None)
                self._writer.join()

    def _write(self) -> None:
        with suppress(OSError):
            while (message := self._outbox.get()) is not None:
                self._connection.send(message)


@dataclass(frozen=True, slots=True)
class _Ask:
    client: _Client
    key: int
    request: Request

    def answer(self, reply: Reply) -> None:
        engine = self.client.engine
        notes = tuple(engine.notes) if isinstance(engine, RemarkingEngine) else ()
        self.client.send(Answered(self.key, reply, notes))


class _Desk:
    """The engines, and what is to be asked of them."""

    def __init__(self, inbox: Inbox, load: Load) -> None:
        self._inbox = inbox
        self._load = load
        self._engines: dict[str, Engine] = {}
        self._waiting: list[_Ask] = []  # for engines that take whole lists
        self._under_way: dict[int, _Ask] = {}  # in those that take requests while they run
        self._latest = 0

    def work(self) -> None:
        """Take in what has come, waiting for it where there is nothing to do, and have each kind of engine work once."""
        while not self._inbox.empty() or not (self._waiting or self._under_way):
            self._take(*self._inbox.get())
        self._waiting = [ask for ask in self._waiting if not ask.client.gone]
        if self._waiting:
            self._complete_oldest()
        for engine in self._engines.values():
            if isinstance(engine, StreamEngine) and self._asked_of(engine):
                self._step(engine)

    def _take(self, client: _Client, message: Wanted | Sequence[tuple[int, Request]]) -> None:
        if isinstance(message, Wanted):
            self._welcome(client, message)
            return
        asks = [_Ask(client, key, request) for key, request in message]
        if isinstance(client.engine, StreamEngine):
            self._begin(client.engine, asks)
        else:
            self._waiting += asks

    def _welcome(self, client: _Client, wanted: Wanted) -> None:
        try:
            client.engine = engine = self._engine(wanted)
            client.send(Welcome(engine.identity, isinstance(engine, StreamEngine), getattr(engine, "leads", False)))
        except Exception as error:
            client.send(_as_ours(error, wanted.name))

    def _engine(self, wanted: Wanted) -> Engine:
        """The engine of these settings: what is settled by measuring is measured once, and may be asked for by what it is."""
        known = wanted.described
        if known not in self._engines:
            engine = self._load(wanted.name, wanted.settings)
            settled = Wanted(wanted.name, as_settled(wanted.settings, engine.identity))
            self._engines[known] = self._engines.setdefault(settled.described, engine)
        return self._engines[known]

    # --- engines that take whole lists ---

    def _complete_oldest(self) -> None:
        """Ask, with what waits longest, all that can be answered in one batch with it."""
        first = self._waiting[0]
        kind = first.client.engine, batch_kind(first.request)
        together = [ask for ask in self._waiting if (ask.client.engine, batch_kind(ask.request)) == kind]
        self._waiting = [ask for ask in self._waiting if (ask.client.engine, batch_kind(ask.request)) != kind]
        self._complete(first.client.engine, together)

    def _complete(self, engine: Engine, asks: Sequence[_Ask]) -> None:
        left = dict(enumerate(asks))
        try:
            replies = engine.complete([ask.request for ask in asks], lambda place, reply: left.pop(place).answer(reply))
        except Exception as error:
            self._failed(engine, list(left.values()), error)
        else:
            for place, ask in left.items():
                ask.answer(replies[place])

    def _failed(self, engine: Engine, left: Sequence[_Ask], error: Exception) -> None:
        """One client may have asked what cannot be answered: where there are several, each is asked for apart."""
        clients = list(dict.fromkeys(ask.client for ask in left))
        for client in clients:
            if len(clients) == 1:
                client.send(_as_ours(error, left[0].request.engine))
            else:
                self._complete(engine, [ask for ask in left if ask.client is client])

    # --- engines that take requests while they run ---

    def _begin(self, engine: StreamEngine, asks: Sequence[_Ask]) -> None:
        for ask in asks:
            self._latest += 1
            try:
                engine.add(self._latest, ask.request)
            except Exception as error:
                ask.client.send(_as_ours(error, ask.request.engine))
            else:
                self._under_way[self._latest] = ask

    def _step(self, engine: StreamEngine) -> None:
        try:
            answered = engine.step()
        except Exception as error:
            for ask in self._asked_of(engine):
                ask.client.send(_as_ours(error, ask.request.engine))
            self._under_way = {key: ask for key, ask in self._under_way.items() if ask.client.engine is not engine}
            return
        for key, reply in answered:
            self._under_way.pop(key).answer(reply)

    def _asked_of(self, engine: Engine) -> list[_Ask]:
        return [ask for ask in self._under_way.values() if ask.client.engine is engine]


def _as_ours(error: Exception, name: str) -> SimconsError:
    """What can be sent to whoever asked, and raised there."""
    if isinstance(error, SimconsError):
        return error
    return EngineError(f"engine {name!r}: {in_one_line(error)}")
