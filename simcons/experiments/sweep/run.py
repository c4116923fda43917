"""A sweep carried out: tasks shared among processes, each isolated from the others, tried again where it fails."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from simcons.errors import SimconsError
from simcons.experiments.sweep.tasks import Task, carry_out
from simcons.runs.processes import fresh_processes
from simcons.storage.start import is_finished

_KILLED = "its process was killed; expected enough memory: use fewer --jobs"


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """The end of a task. error: in a line, "" where it is finished; skipped: it was finished before."""

    task: Task
    error: str = ""
    skipped: bool = False


OnEnd: TypeAlias = Callable[[TaskEnd], None]


def run_tasks(
    tasks: Sequence[Task], folder: Path, *, jobs: int, retries: int, on_end: OnEnd = lambda end: None
) -> list[TaskEnd]:
    """Carry out all tasks, each in a folder of its name in ``folder``; how they ended, in their order.

    What one raises stops no other: it is tried again up to ``retries`` times. A process that is killed takes with it what its
    fellows were at, and costs each of these an attempt. ``on_end`` is called as tasks end. Raises KeyboardInterrupt alone.
    """
    ends = {task.number: TaskEnd(task, skipped=True) for task in tasks if is_finished(folder / task.name)}
    for end in ends.values():
        on_end(end)
    work = _Work(folder, deque(task for task in tasks if task.number not in ends), attempts=1 + retries)
    while work.waiting:
        with fresh_processes(min(jobs, len(work.waiting))) as pool:
            for end in work.until_broken(pool, jobs):
                ends[end.task.number] = end
                on_end(end)
    return [ends[task.number] for task in tasks]


class _Work:
    """The tasks that have not ended, and how often each may be tried yet."""

    def __init__(self, folder: Path, waiting: deque[Task], *, attempts: int) -> None:
        self.waiting = waiting
        self._folder = folder
        self._left = {task.number: attempts for task in waiting}

    def until_broken(self, pool: ProcessPoolExecutor, jobs: int) -> Iterator[TaskEnd]:
        """Ends of tasks, until all have ended or the pool has lost a process."""
        under_way: dict[Future[None], Task] = {}
        broken = False
        while (self.waiting and not broken) or under_way:
            while self.waiting and not broken and len(under_way) < jobs:
                task = self.waiting.popleft()
                try:
                    under_way[pool.submit(carry_out, task, self._folder / task.name)] = task
                except BrokenProcessPool:  # another task's process was killed just now
                    self.waiting.appendleft(task)
                    broken = True
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                error = done.exception()
                broken = broken or isinstance(error, BrokenProcessPool)
                yield from self._ended(under_way.pop(done), error)

    def _ended(self, task: Task, error: BaseException | None) -> Iterator[TaskEnd]:
        if error is None:
            yield TaskEnd(task)
            return
        self._left[task.number] -= 1
        if self._left[task.number]:
            self.waiting.append(task)
        else:
            yield TaskEnd(task, _in_a_line(error))


def _in_a_line(error: BaseException) -> str:
    if isinstance(error, BrokenProcessPool):
        return _KILLED
    return str(error) if isinstance(error, SimconsError) else f"{type(error).__name__}: {error}"
