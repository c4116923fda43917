"""Tasks on processes of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from simcons.engines.shared.messages import Address
from simcons.experiments.sweep.engines import NodeEngines, models_of
from simcons.experiments.sweep.executor import Attempt, OnEvent, TaskEvent
from simcons.experiments.sweep.tasks import Task, attempt
from simcons.runs.processes import fresh_processes

_KILLED = "its process was killed; expected enough memory: use fewer --jobs"


class Processes:
    """``jobs`` processes, in which tasks run below ``folder``. To be used as a context manager: what is left ends with it.

    A process that is killed takes with it what its fellows were at, and costs each of these an attempt; fresh ones go on.
    shared: models of the tasks are held by one more process, which all of them ask.
    """

    def __init__(self, folder: Path, *, jobs: int, shared: bool = True, on_event: OnEvent = lambda event: None) -> None:
        self._folder = folder
        self._jobs = jobs
        self._on_event = on_event
        self._engines = NodeEngines(Path.cwd()) if shared else None
        self._open = ExitStack()
        self._pool: ProcessPoolExecutor | None = None
        self._under_way: dict[Future[str], Task] = {}
        self._broken = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._open.__exit__(kind, error, trace)
        finally:
            if self._engines is not None:
                self._engines.end()

    @property
    def is_idle(self) -> bool:
        return not self._under_way

    def has_room(self, task: Task) -> bool:
        return not self._broken and len(self._under_way) < self._jobs and self._have_models_for(task)

    def _have_models_for(self, task: Task) -> bool:
        """True if no other models are in use than those that the task wants, or if each loads its own."""
        wanted = models_of(task.scenario)
        if self._engines is None or not wanted:
            return True
        return {models_of(other.scenario) for other in self._under_way.values()} <= {wanted, ""}

    def start(self, task: Task) -> None:
        if self._pool is None:
            self._pool = self._open.enter_context(fresh_processes(self._jobs))
        try:
            future = self._pool.submit(attempt, task, self._folder / task.name, self._address(task))
        except BrokenProcessPool:  # another task's process was killed just now
            future = Future()
            future.set_exception(_NotBegun())
        self._under_way[future] = task
        self._on_event(TaskEvent(task.number, "began"))

    def _address(self, task: Task) -> Address | None:
        if self._engines is None or not task.scenario.loads_models:
            return None
        return self._engines.address(task.scenario)

    def ended(self) -> Iterator[Attempt]:
        for future in wait(self._under_way, return_when=FIRST_COMPLETED).done:
            yield self._over(self._under_way.pop(future), future)
        if self._broken and not self._under_way:
            self._open.close()
            self._pool, self._broken = None, False

    def _over(self, task: Task, future: Future[str]) -> Attempt:
        error = future.exception()
        if error is None:
            return Attempt(task, future.result())
        self._broken = True
        return Attempt(task, _KILLED, is_lost=isinstance(error, _NotBegun))


class _NotBegun(Exception):
    """A task that found its processes gone."""
