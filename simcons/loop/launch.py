"""Training of a stage in processes of its own, by ``accelerate launch`` or the like: several GPUs, FSDP, DeepSpeed."""

from __future__ import annotations

import json
import math
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from simcons.errors import TrainingStopped
from simcons.storage.disk import storage_errors, write_whole
from simcons.training.manifest import read_checkpoint
from simcons.training.progress import TrainingProgress
from simcons.training.recipes import RewardSettings, SftSettings


def program(command: Sequence[str]) -> str | None:
    """The program that a command starts: on the path, or beside the Python that runs this; None where there is none."""
    return shutil.which(command[0]) or shutil.which(command[0], path=str(Path(sys.executable).parent))


def launch_training(
    command: Sequence[str], settings: SftSettings | RewardSettings, data: Path, folder: Path, *, resume: bool
) -> TrainingProgress:
    """Train on ``data`` into ``folder`` by ``command -m simcons train``, whose output goes where that of this process goes.

    Returns how it got on in the end. The recipe is written beside the folder. Raises StorageError, TrainingStopped where the
    command is not there or does not end well, and what `read_checkpoint` raises where it leaves no checkpoint.
    """
    recipe = folder.with_name(f"{folder.name}.yaml")
    with storage_errors(recipe):
        write_whole(recipe, json.dumps(settings.model_dump(mode="json"), indent=2).encode())  # JSON is YAML
    whole = [
        program(command) or command[0],
        *command[1:],
        "-m",
        "simcons",
        "train",
        settings.kind,
        str(data),
        "--recipe",
        str(recipe),
        "--out",
        str(folder),
    ]
    try:
        status = subprocess.run([*whole, "--resume"] if resume else whole, check=False).returncode
    except OSError as error:
        raise TrainingStopped(
            f"launch {shlex.join(command)}: {error.strerror}; expected a command that starts Python"
        ) from None
    if status:
        raise TrainingStopped(f"launch {shlex.join(command)}: ended with status {status}; what it printed says why")
    return _progress(read_checkpoint(folder).training)


def _progress(record: Mapping[str, Any]) -> TrainingProgress:
    """The last progress of what a manifest records."""
    metrics = record["metrics"]
    return TrainingProgress(
        step=record["steps"],
        n_steps=record["steps"],
        steps_now=record["steps"],
        loss=metrics.get("loss", math.nan),
        held_out_loss=metrics.get("held_out_loss", math.nan),
        seconds=record["seconds"],
        tokens=record["tokens"],
        tokens_per_second=record["tokens_per_second"],
    )
