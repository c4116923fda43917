"""A sweep carried out: tasks given to an executor, each isolated from the others, tried again where it fails."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from simcons.experiments.sweep.executor import Attempt, Executor, OnEvent, TaskEvent
from simcons.experiments.sweep.failures import Failures
from simcons.experiments.sweep.tasks import Task
from simcons.storage.start import is_finished

_LOSSES = 10  # machines that may go away under a task before it is given up


@dataclass(frozen=True, slots=True)
class TaskEnd:
    """The end of a task. error: in a line, "" where it is finished; skipped: it was finished before."""

    task: Task
    error: str = ""
    skipped: bool = False


def run_tasks(
    tasks: Sequence[Task], folder: Path, executor: Executor, *, retries: int, on_event: OnEvent = lambda event: None
) -> list[TaskEnd]:
    """Carry out all tasks, each in a folder of its name in ``folder``; how they ended, in their order.

    What fails stops no other: it is tried again up to ``retries`` times, and is in the folder's list of failures until it
    finishes. ``on_event`` is called as tasks end. Raises KeyboardInterrupt, and StorageError if that list cannot be written.
    """
    events = []
    failures = Failures(folder)
    for event in _events(tasks, folder, executor, retries):
        failures.note(event)
        events.append(event)
        on_event(event)
    return ends_of(tasks, events)


def ends_of(tasks: Sequence[Task], events: Iterable[TaskEvent]) -> list[TaskEnd]:
    """How all tasks ended, in their order, by the last event of each."""
    last = {event.number: event for event in events}
    return [TaskEnd(task, last[task.number].error, last[task.number].kind == "skipped") for task in tasks]


def _events(tasks: Sequence[Task], folder: Path, executor: Executor, retries: int) -> Iterator[TaskEvent]:
    finished = {task.number for task in tasks if is_finished(folder / task.name)}
    yield from (TaskEvent(number, "skipped") for number in sorted(finished))
    queue = _Queue([task for task in tasks if task.number not in finished], attempts=1 + retries)
    yield from queue.through(executor)


class _Queue:
    """The tasks that have not ended, and how often each was tried."""

    def __init__(self, waiting: Sequence[Task], *, attempts: int) -> None:
        self._waiting = deque(waiting)
        self._attempts = attempts
        self._failed: Counter[int] = Counter()
        self._lost: Counter[int] = Counter()

    def through(self, executor: Executor) -> Iterator[TaskEvent]:
        """Ends of attempts, until all tasks have ended."""
        while self._waiting or not executor.is_idle:
            while self._waiting and executor.has_room(self._waiting[0]):
                executor.start(self._waiting.popleft())
            for attempt in executor.ended():
                yield self._after(attempt)

    def _after(self, attempt: Attempt) -> TaskEvent:
        number = attempt.task.number
        if not attempt.error:
            return TaskEvent(number, "finished")
        counter, most = (self._lost, _LOSSES) if attempt.is_lost else (self._failed, self._attempts)
        counter[number] += 1
        if counter[number] == most:
            return TaskEvent(number, "failed", attempt.error)
        self._waiting.append(attempt.task)
        return TaskEvent(number, "again", attempt.error)
