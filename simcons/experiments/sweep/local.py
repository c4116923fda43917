"""Tasks on processes of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
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

    A task whose process is killed loses an attempt, and no other task does: each process is a pool of its own, as a pool ends
    whatever is at work in it when one of its processes is killed. A fresh one takes its place.
    shared: models of the tasks are held by one more process, which all of them ask.
    """

    def __init__(self, folder: Path, *, jobs: int, shared: bool = True, on_event: OnEvent = lambda event: None) -> None:
        self._folder = folder
        self._jobs = jobs
        self._on_event = on_event
        self._engines = NodeEngines(Path.cwd()) if shared else None
        self._open = ExitStack()
        self._idle: list[ProcessPoolExecutor] = []
        self._at_work: dict[Future[str], ProcessPoolExecutor] = {}
        self._under_way: dict[Future[str], Task] = {}

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
        return len(self._under_way) < self._jobs and self._have_models_for(task)

    def _have_models_for(self, task: Task) -> bool:
        """True if no other models are in use than those that the task wants, or if each loads its own."""
        wanted = models_of(task.scenario)
        if self._engines is None or not wanted:
            return True
        return {models_of(other.scenario) for other in self._under_way.values()} <= {wanted, ""}

    def start(self, task: Task) -> None:
        future, process = self._submitted(task)
        self._under_way[future], self._at_work[future] = task, process
        self._on_event(TaskEvent(task.number, "began"))

    def _submitted(self, task: Task) -> tuple[Future[str], ProcessPoolExecutor]:
        arguments = task, self._folder / task.name, self._address(task)
        while self._idle:
            process = self._idle.pop()
            with suppress(BrokenProcessPool):  # of one that was killed while it had nothing to do
                return process.submit(attempt, *arguments), process
        process = self._open.enter_context(fresh_processes(1))
        return process.submit(attempt, *arguments), process

    def _address(self, task: Task) -> Address | None:
        if self._engines is None or not task.scenario.loads_models:
            return None
        return self._engines.address(task.scenario)

    def ended(self) -> Iterator[Attempt]:
        for future in wait(self._under_way, return_when=FIRST_COMPLETED).done:
            task, process = self._under_way.pop(future), self._at_work.pop(future)
            if isinstance(future.exception(), BrokenProcessPool):
                yield Attempt(task, _KILLED)
            else:
                self._idle.append(process)
                yield Attempt(task, future.result())
