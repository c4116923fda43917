"""Stages of an earlier loop that another would make again as they are, taken from there."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from simcons.errors import StorageError
from simcons.loop.folder import LoopFolder
from simcons.loop.recipe import StageSettings, StudyStageSettings
from simcons.loop.times import copy_times
from simcons.storage.disk import storage_errors


def take_stages(loop: LoopFolder, earlier: LoopFolder) -> list[str]:
    """Copy the stages of ``earlier`` that are done and of which ``loop`` asks for the same, with their times; their names.

    A stage is the same if its settings are and all that it takes is: of a study its scenario, of which the loop's seed is part.
    Whether this version of simcons would still make the same of it is not asked. Raises StorageError, and RunFolderError where
    another process is at work in the loop.
    """
    taken = [name for name in same_stages(loop, earlier) if not loop.of(name).exists()]
    with loop.claimed():
        for name in taken:
            _copy_whole(earlier.of(name), loop.of(name))
            copy_times(earlier.path, loop.path, [name])
    return taken


def _copy_whole(source: Path, target: Path) -> None:
    """Copy a folder so that it is there whole or not at all: half a stage with its manifest would be taken for a whole one."""
    draft = target.with_name(f".{target.name}")
    with storage_errors(target):
        shutil.rmtree(draft, ignore_errors=True)
        try:
            shutil.copytree(source, draft)
            os.replace(draft, target)
        except shutil.Error as error:
            raise StorageError(f"{target}: cannot be written: {error.args[0][0][2]}") from None  # of the first file
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def same_stages(loop: LoopFolder, earlier: LoopFolder) -> list[str]:
    """The stages of ``earlier`` that are done and of which ``loop``, begun or not, asks for the same."""
    done = {stage.name for stage in earlier.stages() if stage.state == "done"}
    same: list[str] = []
    for stage in loop.recipe.stages:
        can_be = stage.name in done and _depends_on(loop, stage) <= {*same}
        if can_be and _asked(loop, stage) == _asked(earlier, earlier.recipe.stage(stage.name)):
            same.append(stage.name)
    return same


def _depends_on(loop: LoopFolder, stage: StageSettings) -> set[str]:
    """The stages that it takes something from."""
    named = {taken.name for taken in stage.takes()}
    if stage.name in loop.scenarios:
        text = json.dumps(loop.scenarios[stage.name].model_dump(mode="json"))
        named |= {other.name for other in loop.recipe.stages if _folder_in_json(loop, other.name) in text}
    return named


def _asked(loop: LoopFolder, stage: StageSettings) -> str:
    """All that a stage is made by, with what it takes called by the names of stages, wherever the loop lies."""
    scenario = loop.scenarios.get(stage.name)
    made_by = stage.model_dump(
        mode="json", exclude={"mediators", "set"} if isinstance(stage, StudyStageSettings) else None
    )
    text = json.dumps([made_by, scenario and scenario.model_dump(mode="json")], sort_keys=True)
    for other in loop.recipe.stages:
        text = text.replace(_folder_in_json(loop, other.name), f"stage {other.name}")
    return text


def _folder_in_json(loop: LoopFolder, name: str) -> str:
    return json.dumps(str(loop.of(name)))[1:-1]
