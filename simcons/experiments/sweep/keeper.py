"""The loop of a sweep as an actor of a Ray cluster: it goes on when whoever started it goes away."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from uuid import uuid4

import ray

from simcons.errors import SimconsError
from simcons.experiments.sweep.executor import TaskEvent
from simcons.experiments.sweep.folder import SWEEP, read_sweep
from simcons.experiments.sweep.ray_tasks import RayTasks
from simcons.experiments.sweep.run import run_tasks
from simcons.experiments.sweep.tasks import tasks_of
from simcons.named_code import in_one_line
from simcons.storage.start import claimed

NAMESPACE = "simcons"
_LINGERS = 60.0  # seconds after the end, for somebody to read it


@dataclass(frozen=True, slots=True)
class News:
    """Events since those that are known. life: of the keeper, which a restart changes; error: what ended the sweep early."""

    life: str
    events: list[TaskEvent]
    is_over: bool
    error: str


class Keeper:
    """Carries out the sweep in ``folder`` once it is made, on a thread of its own, and tells how it gets on.

    All that it must remember is in the folder: one that is restarted takes the sweep up where it is.
    """

    def __init__(self, name: str, folder: str, working: str, jobs: int | None) -> None:
        self._life = uuid4().hex
        self._events: list[TaskEvent] = []
        self._is_over = False
        self._error = ""
        Thread(target=self._work, args=(name, Path(folder), Path(working), jobs), daemon=True).start()

    def began(self, number: int, node: str) -> None:
        """A task has begun."""
        self._events.append(TaskEvent(number, "began", node=node))

    def news(self, life: str, known: int) -> News:
        """What came after the first ``known`` events of that life."""
        is_over = self._is_over  # before the events are read, so that none comes later
        events = self._events[known if life == self._life else 0 :]
        return News(self._life, events, is_over, self._error)

    def _work(self, name: str, folder: Path, working: Path, jobs: int | None) -> None:
        this = ray.get_actor(name, NAMESPACE)
        try:
            if not (folder / SWEEP).exists() or not working.is_dir():
                raise SimconsError(
                    f"the head of the cluster does not see {folder}; expected a folder that all nodes share"
                )
            os.chdir(working)
            with claimed(folder, by=SWEEP):
                sweep = read_sweep(folder)
                executor = RayTasks(folder, working, jobs=jobs, shared=sweep.engines == "shared", keeper=this)
                run_tasks(tasks_of(sweep), folder, executor, retries=sweep.retries, on_event=self._events.append)
        except SimconsError as error:
            self._error = str(error)
        except Exception as error:
            self._error = in_one_line(error)
        self._is_over = True
        time.sleep(_LINGERS)
        ray.kill(this)
