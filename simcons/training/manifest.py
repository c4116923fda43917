"""Manifests of checkpoints: that of a fine-tuned mediator, and of whichever kind is in a folder. Needs no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeAlias

from simcons.engines.local.learnt import Learnt
from simcons.engines.local.reward_manifest import RewardManifest, read_manifest
from simcons.errors import CheckpointError
from simcons.json_files import read_object
from simcons.scenario.files import parse
from simcons.scenario.parameters import StrictModel
from simcons.storage.layout import MANIFEST, START
from simcons.training.data.build import prompt_source
from simcons.training.data.examples import PromptSource

CARD = "README.md"  # of an export


class SftManifest(StrictModel):
    """Everything about a fine-tuned language model but its weights.

    role: what it was taught to be. base, base_hash: what training began from, as the recipe names it, and the hash of its
    weights, configuration and tokenizer.
    adapter: whether the weights are a LoRA adapter (PEFT) for the base, or all of them. end_token: what it learnt to end with.
    prompt: that a mediator learnt to answer; None where its examples were not made by one. learnt: whom a persona knows.
    """

    kind: Literal["sft"] = "sft"
    role: Literal["mediator", "persona"] = "mediator"
    format: Literal[1] = 1
    base: str
    base_hash: str
    adapter: bool
    end_token: str
    pad_token: str
    prompt: PromptSource | None = None
    learnt: Learnt | None = None
    training: dict[str, Any]


Manifest: TypeAlias = SftManifest | RewardManifest


def read_checkpoint(folder: Path) -> Manifest:
    """The manifest of a finished checkpoint of either kind. Raises CheckpointError, ModelNotFound, ScenarioError."""
    document = _document(folder)
    kind = document.get("kind")
    if kind not in ("sft", "reward"):
        raise CheckpointError(
            f"{folder / MANIFEST}: kind: value {kind!r}: expected a checkpoint, of kind sft or reward"
        )
    return read_manifest(folder) if kind == "reward" else parse(SftManifest, document, source=str(folder / MANIFEST))


def _document(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        unfinished = (folder / START).is_file()
        state = "holds a training that has not finished" if unfinished else "is no checkpoint"
        expected = "one that has (go on with --resume)" if unfinished else "a folder that simcons train made"
        raise CheckpointError(f"{folder}: {state if folder.is_dir() else 'no such folder'}; expected {expected}")
    return read_object(path, CheckpointError, "the manifest of a checkpoint")


def check_prompt(folder: Path, manifest: SftManifest, asked: str) -> None:
    """Raises CheckpointError where a mediator learnt to answer another prompt than it is asked with, ScenarioError for none."""
    learnt = manifest.prompt
    if learnt is None or prompt_source(asked).sha256 == learnt.sha256:
        return
    known = f"{learnt.name!r}, which it learnt to answer"
    changed = f"{known}, as it was then (SHA-256 {learnt.sha256[:10]})" if learnt.name == asked else known
    raise CheckpointError(f"{folder}: prompt: value {asked!r}: expected {changed}")
