"""What carries out the tasks of a sweep: on processes of this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from simcons.experiments.sweep.tasks import Task

EventKind: TypeAlias = Literal["skipped", "began", "again", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """A task that was finished before, began, is to be tried again, finished, or failed for good.

    error: of an attempt, in a line. node: of a cluster, where it began; "" for this machine.
    """

    number: int
    kind: EventKind
    error: str = ""
    node: str = ""


OnEvent: TypeAlias = Callable[[TaskEvent], None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt at a task that is over. error: in a line, "" where the task is finished.

    is_lost: the task is not to blame, as its machine went away.
    """

    task: Task
    error: str = ""
    is_lost: bool = False


class Executor(Protocol):
    """Carries out tasks beside one another; it tells of those that begin by itself."""

    @property
    def is_idle(self) -> bool:
        """True if no task is under way."""
        ...

    def has_room(self, task: Task) -> bool:
        """True if it can take this one now."""
        ...

    def start(self, task: Task) -> None:
        """Take a task on."""
        ...

    def ended(self) -> Iterator[Attempt]:
        """Attempts that are over, none or more; waits for one, but not for ever. To be asked while it is not idle."""
        ...
