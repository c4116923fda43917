"""The things that several runs on the same people share, so that the second costs less than the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from simcons.engines.base import Engine
from simcons.engines.calls.store import CallStore, open_read_only
from simcons.scenario.engines import EngineSettings
from simcons.scenario.study import Scenario
from simcons.storage.layout import CALLS
from simcons.study.plan import Plan


@dataclass
class Shared:
    """Given to several calls of `simcons.run`, one after another, it carries from each to the next what was read, loaded and
    worked out: the questions, people and readers, engines of the same settings, the replies of models to what is asked alike;
    and, of some 1,000 rounds, what was heard in texts, composed from it and thought of it. No record depends on it.

    A reply that an earlier run had is kept by the next one too, as if it had been asked for anew: its own store and accounts are
    then those of a run by itself.
    """

    plan: Plan | None = None
    folders: list[Path] = field(default_factory=list)  # of the runs so far
    _engines: dict[str, tuple[EngineSettings, Engine]] = field(default_factory=dict)

    def engines_for(self, scenario: Scenario) -> dict[str, Engine]:
        """The engines loaded for earlier runs that a scenario uses with the same settings."""
        return {
            name: engine
            for name, (settings, engine) in self._engines.items()
            if name in scenario.engines_used and scenario.engines[name] == settings
        }

    def add(self, plan: Plan, engines: Mapping[str, Engine], folder: Path) -> None:
        """Note what a run was made with."""
        self.plan = plan
        self.folders.append(folder)
        configured = plan.scenario.engines
        self._engines.update(
            {name: (configured[name], engine) for name, engine in engines.items() if name in configured}
        )

    @property
    def stores(self) -> list[Path]:
        """Of the calls of the runs so far."""
        return [folder / CALLS for folder in self.folders if (folder / CALLS).exists()]


@contextmanager
def opened(stores: Sequence[Path]) -> Iterator[list[CallStore]]:
    """Stores of earlier runs, to read. Raises StorageError, CorruptStore."""
    with ExitStack() as stack:
        yield [stack.enter_context(open_read_only(path)) for path in stores]
