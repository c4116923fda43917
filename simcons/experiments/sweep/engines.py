"""The process of a machine that holds the models of its runs, so that each is loaded once."""

from __future__ import annotations

import os
import secrets
from multiprocessing import Pipe
from multiprocessing.connection import Connection, Listener
from multiprocessing.context import SpawnProcess
from pathlib import Path

from simcons.engines.shared.messages import Address, Wanted
from simcons.errors import ProcessesEnded
from simcons.runs.processes import begin_process
from simcons.scenario.study import Scenario

_LOOPBACK = "127.0.0.1"
_CONNECT_AT_ONCE = 128
_ENDS_WITHIN = 10.0  # seconds, once it is asked to


def models_of(scenario: Scenario) -> str:
    """The engines of a run that hold models, as a text that is the same for runs that can share them; "" for none."""
    used = scenario.engines_used
    held = [Wanted(name, engine) for name, engine in scenario.engines.items() if name in used and engine.loads_model]
    return "\n".join(sorted(wanted.described for wanted in held))


class NodeEngines:
    """The engines of runs that share them, in a process that ends with this one, or before it by `end`.

    It holds the models of one `models_of` at a time, so that no more memory is taken than by a run that holds its own: whoever
    asks for others has to see that nobody is at work with these.
    """

    def __init__(self, working: Path) -> None:
        """working: the folder that names of models are relative to."""
        self._working = working
        self._process: SpawnProcess | None = None
        self._holds = ""  # models that its process is for
        self._address = Address(_LOOPBACK, 0, b"")

    def address(self, scenario: Scenario) -> Address:
        """Where the engines of ``scenario`` answer: in the process there is, or in a fresh one for others, or after its death.

        Raises ProcessesEnded where none can be begun.
        """
        wanted = models_of(scenario)
        if wanted != self._holds or not self._address.answers:
            self.end()
            self._begin(wanted)
        return self._address

    def end(self) -> None:
        """End the process, whatever it is at."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.join(_ENDS_WITHIN)
        self._process.kill()
        self._process.join()
        self._process.close()
        self._process = None

    def _begin(self, models: str) -> None:
        key = secrets.token_bytes(32)
        ready, begun = Pipe(duplex=False)
        with ready, begun:
            self._process = begin_process(_hold, key, begun, str(self._working))
            begun.close()
            try:
                port: int = ready.recv()
            except EOFError:
                raise ProcessesEnded("the process that holds the models ended as it began") from None
        self._address, self._holds = Address(_LOOPBACK, port, key), models


def _hold(key: bytes, begun: Connection, working: str) -> None:
    """Hold engines for whoever has the key, until this process is ended."""
    from simcons.engines.shared.server import serve

    os.chdir(working)
    with Listener((_LOOPBACK, 0), backlog=_CONNECT_AT_ONCE, authkey=key) as listener:
        begun.send(listener.address[1])
        begun.close()
        serve(listener)
