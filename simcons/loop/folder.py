"""The folder of a loop.

start.json      written first: the recipe, the scenarios of its studies, and the plan, where there is a budget; written anew where
                studies to come are fitted again to the time that is left
01_NAME, ...    a folder for each stage: a run, training data, a checkpoint, an evaluation; with a manifest.json once it is done
times.jsonl     a line for each sitting at a stage: how long it took
manifest.json   written last: the mark of a finished loop
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self, TypeAlias

from pydantic import ValidationError

from simcons.errors import RunFolderError
from simcons.json_files import read_object
from simcons.loop.lessons import leaks
from simcons.loop.plan import Plan
from simcons.loop.recipe import LoopRecipe
from simcons.loop.times import StageTime, stage_times, taken_stages
from simcons.scenario.study import Scenario
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.layout import MANIFEST, START
from simcons.storage.results import make_result_folder, write_manifest
from simcons.storage.start import claimed

KIND = "loop"  # in the manifest: the command that makes it
State: TypeAlias = Literal["done", "begun", "to come"]


@dataclass(frozen=True, slots=True)
class StageStatus:
    """A stage of a loop: its place from 1, name, kind and folder, and how far it has come."""

    place: int
    name: str
    kind: str
    folder: Path
    state: State


@dataclass(frozen=True, slots=True)
class LoopFolder:
    """A loop that was begun in a folder. scenarios: of its studies, by stage. plan: where it was planned for a budget.

    begun_in: where the folder lay then; None of a loop of an earlier version.
    """

    path: Path
    recipe: LoopRecipe
    scenarios: Mapping[str, Scenario]
    plan: Plan | None = None
    begun_in: Path | None = None

    @classmethod
    def begin(cls, path: Path, recipe: LoopRecipe, scenarios: Mapping[str, Scenario], plan: Plan | None = None) -> Self:
        """Claim a new or empty folder. Raises RunFolderError, StorageError."""
        make_result_folder(path)
        return cls(path, recipe, scenarios, plan, path.resolve())._written()

    def planned_again(self, scenarios: Mapping[str, Scenario], plan: Plan) -> Self:
        """The loop with other sizes from now on, noted in its folder. Raises StorageError."""
        return replace(self, scenarios=scenarios, plan=plan)._written()

    def _written(self) -> Self:
        document = {
            "kind": KIND,
            "folder": str(self.path.resolve() if self.begun_in is None else self.begun_in),
            "recipe": self.recipe.model_dump(mode="json"),
            "scenarios": {name: scenario.model_dump(mode="json") for name, scenario in self.scenarios.items()},
            "plan": None if self.plan is None else self.plan.document(),
        }
        with storage_errors(self.path):
            write_whole(self.path / START, f"{json.dumps(document, indent=2, ensure_ascii=False)}\n".encode())
        return self

    @classmethod
    def read(cls, path: Path) -> Self:
        """The loop that was begun in ``path``. Raises RunFolderError, in one line."""
        document = _start(path)
        try:
            recipe = LoopRecipe.model_validate(document["recipe"])
            scenarios = {name: Scenario.model_validate(value) for name, value in document["scenarios"].items()}
            plan = None if document["plan"] is None else Plan.read(document["plan"])
            begun_in = Path(document["folder"]) if "folder" in document else None
        except (ValidationError, KeyError, AttributeError, TypeError):
            raise RunFolderError(
                f"{path / START}: is damaged, or of another version; expected the start of a loop"
            ) from None
        return cls(path, recipe, scenarios, plan, begun_in)

    @property
    def finished(self) -> bool:
        return (self.path / MANIFEST).exists()

    def claimed(self) -> AbstractContextManager[None]:
        """Have it to oneself while a block runs. Raises RunFolderError where another process has it."""
        return claimed(self.path, by=".")  # its start.json is another file once studies are fitted again

    def refuse_moved(self) -> None:
        """Raises RunFolderError where the folder lies elsewhere than it was begun: stages name each other by their paths."""
        if self.begun_in is not None and self.begun_in != self.path.resolve():
            raise RunFolderError(
                f"{self.path}: was begun in {self.begun_in}; expected it there, as a loop stays in its place until it is finished"
            )

    def of(self, name: str) -> Path:
        """The folder of a stage."""
        return stage_folder(self.path, self.recipe, name)

    def stages(self) -> list[StageStatus]:
        """All stages in order, as they are now."""
        return [
            StageStatus(place, stage.name, stage.kind, self.of(stage.name), _state(self.of(stage.name)))
            for place, stage in enumerate(self.recipe.stages, start=1)
        ]

    def leaks(self) -> list[str]:
        """Warnings of lessons that were composed through the reader which judges them; see `simcons.loop.lessons`."""
        return leaks(self.recipe, self.scenarios)

    def times(self) -> Mapping[str, StageTime]:
        """The time that each stage has taken so far, all sittings together."""
        noted = stage_times(self.path)
        return {stage.name: noted.get(stage.name, StageTime()) for stage in self.recipe.stages}

    def taken(self) -> set[str]:
        """The stages that were taken from another loop."""
        return taken_stages(self.path)

    def finish(self) -> None:
        """Mark the loop as finished. Raises StorageError."""
        times = self.times()
        stages = [
            {"name": stage.name, "kind": stage.kind, "folder": stage.folder.name, **times[stage.name].document()}
            for stage in self.stages()
        ]
        whole = sum(times.values(), StageTime())
        time = {**whole.document(), "share_outside_model": whole.share_outside}
        content = {
            "name": self.recipe.name,
            "seed": self.recipe.seed,
            "stages": stages,
            "time": time,
            "leaks": self.leaks(),
        }
        write_manifest(self.path, KIND, content)


def stage_folder(path: Path, recipe: LoopRecipe, name: str) -> Path:
    """Where a stage of a loop in ``path`` lies."""
    place = next(place for place, stage in enumerate(recipe.stages, start=1) if stage.name == name)
    return path.absolute() / f"{place:02d}_{name}"


def _state(folder: Path) -> State:
    if (folder / MANIFEST).exists():
        return "done"
    return "begun" if folder.exists() else "to come"


def _start(path: Path) -> dict[str, Any]:
    document = read_object(path / START, RunFolderError, "the start of a loop")
    if document.get("kind") != KIND:
        raise RunFolderError(f"{path}: is not the folder of a loop; expected one made by simcons {KIND}")
    return document
