"""The tasks of a sweep that failed for good, in its folder: for whoever comes later, and after a driver that went away."""

from __future__ import annotations

import json
from pathlib import Path

from simcons.experiments.sweep.executor import TaskEvent
from simcons.storage.disk import storage_errors, write_whole

FAILURES = "failures.json"


def read_failures(folder: Path) -> dict[int, str]:
    """Errors, each in a line, by the number of the task."""
    path = folder / FAILURES
    if not path.exists():
        return {}
    return {int(number): error for number, error in json.loads(path.read_text(encoding="utf-8")).items()}


class Failures:
    """Keeps the list as tasks end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._errors = read_failures(folder)

    def note(self, event: TaskEvent) -> None:
        """Raises StorageError."""
        before = self._errors.get(event.number, "")
        if event.kind == "again" or before == event.error:
            return
        self._errors.pop(event.number, None)
        if event.error:
            self._errors[event.number] = event.error
        with storage_errors(self._folder / FAILURES):
            content = json.dumps(dict(sorted(self._errors.items())), indent=2, ensure_ascii=False)
            write_whole(self._folder / FAILURES, content.encode())
