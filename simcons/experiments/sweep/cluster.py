"""A sweep on a Ray cluster as its driver sees it: connect, have a keeper carry it out, and watch."""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcons.errors import InputError, MissingPackage, RunFolderError
from simcons.experiments.sweep.executor import OnEvent, TaskEvent
from simcons.experiments.sweep.run import TaskEnd, ends_of
from simcons.experiments.sweep.tasks import Task

if TYPE_CHECKING:
    from simcons.experiments.sweep.keeper import News

AUTO, LOCAL = "auto", "local"
_EXPECTED = "expected the HOST:PORT of a cluster's head, auto or local"
_ANSWERS_WITHIN = 3.0  # seconds
_LOOKS_EVERY = 0.5
_LEAVES_WITHIN = 20.0
_COMES_BACK_WITHIN = 60.0
_STORE = 80_000_000  # bytes of shared memory for Ray's objects, of which a sweep has next to none
# What an HTTP/2 client says first; Ray's head answers with a frame of settings, the type of which is 4.
_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


@contextmanager
def connected(address: str, *, cores: int) -> Iterator[None]:
    """Have a cluster while the block runs: that at ``address`` (HOST:PORT), the one that this machine is in (auto), or a new
    one of ``cores`` of this machine, which ends with the block (local).

    Raises MissingPackage; InputError within seconds where there is none.
    """
    if address not in (AUTO, LOCAL):
        _check_address(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # read when Ray is loaded: nothing is reported to anyone
    try:
        import ray
    except ImportError:
        raise MissingPackage("ray", "pip install 'simcons[ray]'") from None
    begun = {"num_cpus": cores, "include_dashboard": False, "object_store_memory": _STORE} if address == LOCAL else {}
    on_term = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **begun)
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"--ray {address}: {' '.join(str(error).split())}; {_EXPECTED}") from None
    finally:
        signal.signal(signal.SIGTERM, on_term)  # Ray sets its own
    try:
        yield
    finally:
        ray.shutdown()


def _check_address(address: str) -> None:
    """Ray itself would try for minutes, and print what it tries."""
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65_536:
        raise InputError(f"--ray {address}: no address; {_EXPECTED}")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWERS_WITHIN) as connection:
            connection.sendall(_HELLO)
            answer = connection.recv(9)
    except OSError as error:
        raise InputError(f"--ray {address}: does not answer ({error.strerror or error}); {_EXPECTED}") from None
    if len(answer) < 4 or answer[3] != 4:
        raise InputError(f"--ray {address}: is no Ray cluster; {_EXPECTED}")


def begin_on_cluster(folder: Path, jobs: int | None) -> tuple[Any, bool]:
    """The actor that carries out the sweep in ``folder``, at most ``jobs`` runs at a time, and whether it was at it already."""
    import ray

    from simcons.experiments.sweep.keeper import NAMESPACE, Keeper

    known = _known(folder)
    if known is not None:
        if not _news(known, "", 0).is_over:
            return known, True
        end_keeper(folder)
    name = _name(folder)
    made = ray.remote(Keeper).options(
        name=name,
        namespace=NAMESPACE,
        lifetime="detached",
        max_restarts=-1,
        num_cpus=0,
        resources={"node:__internal_head__": 0.001},  # which lasts as long as the cluster does
    )
    return made.remote(name, str(folder.resolve()), str(Path.cwd()), jobs), False


def watch(keeper: Any, tasks: Sequence[Task], folder: Path, *, on_event: OnEvent) -> list[TaskEnd]:
    """How the tasks of the sweep in ``folder`` ended, once all have; the cluster goes on when this is left early.

    Raises InputError where the cluster is lost or cannot do it.
    """
    ends: list[TaskEvent] = []
    life, known = "", 0
    while True:
        news = _news(keeper, life, known)
        known = len(news.events) + (known if life == news.life else 0)
        life = news.life
        for event in news.events:
            on_event(event)
        ends += [event for event in news.events if event.kind not in ("began", "again")]
        if news.is_over:
            break
        time.sleep(_LOOKS_EVERY)
    end_keeper(folder)
    if news.error:
        raise InputError(news.error)
    return ends_of(tasks, ends)


def _news(keeper: Any, life: str, known: int) -> News:
    """What the keeper has to tell; one that was killed is begun again by the cluster, and waited for."""
    import ray

    until = time.monotonic() + _COMES_BACK_WITHIN
    while True:
        try:
            news: News = ray.get(keeper.news.remote(life, known))
        except ray.exceptions.RayError as error:
            if not isinstance(error, ray.exceptions.ActorUnavailableError) or time.monotonic() > until:
                last = str(error).strip().splitlines()[-1:]
                raise InputError(f"the cluster does not go on: {' '.join(last) or type(error).__name__}") from None
            time.sleep(_LOOKS_EVERY)
        else:
            return news


def end_on_cluster(folder: Path) -> None:
    """End the sweep that the cluster carries out in ``folder``, and what it is at. Raises RunFolderError where it does not."""
    if not end_keeper(folder):
        raise RunFolderError(f"{folder}: no sweep of it is at work in the cluster")


def _known(folder: Path) -> Any:
    import ray

    from simcons.experiments.sweep.keeper import NAMESPACE

    try:
        return ray.get_actor(_name(folder), NAMESPACE)
    except ValueError:
        return None


def end_keeper(folder: Path) -> bool:
    """Have the keeper of a sweep away, with its tasks; False where there is none."""
    import ray

    keeper = _known(folder)
    if keeper is None:
        return False
    ray.kill(keeper)
    until = time.monotonic() + _LEAVES_WITHIN  # its name is free only then
    while _known(folder) is not None and time.monotonic() < until:
        time.sleep(0.1)
    return True


def _name(folder: Path) -> str:
    return f"sweep-{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]}"
