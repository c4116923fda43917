"""Checkpoints: the manifest of a fine-tuned mediator, and how any checkpoint is written and read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from simcons.engines.local.adapters import ADAPTER_CONFIG, ADAPTER_FILES
from simcons.engines.local.models import quiet_transformers
from simcons.engines.local.reward_manifest import RewardManifest
from simcons.errors import CheckpointError
from simcons.scenario.files import parse
from simcons.scenario.parameters import StrictModel
from simcons.storage.disk import write_whole
from simcons.storage.layout import MANIFEST
from simcons.training.checkpoint import TrainingFolder, json_bytes, saving
from simcons.training.trainer import GuardedTrainer

_LITTER = ("README.md", "training_args.bin")  # of the libraries that save weights


class SftManifest(StrictModel):
    """Everything about a fine-tuned mediator but its weights.

    base, base_hash: what training began from, as the recipe names it, and the hash of its weights, configuration and tokenizer.
    adapter: whether the weights are a LoRA adapter (PEFT) for the base, or all of them. end_token: what it learnt to end with.
    """

    kind: Literal["sft"] = "sft"
    format: Literal[1] = 1
    base: str
    base_hash: str
    adapter: bool
    end_token: str
    pad_token: str
    training: dict[str, Any]


def keep(trainer: GuardedTrainer, folder: TrainingFolder, manifest: SftManifest | RewardManifest) -> None:
    """Write the trained weights and the manifest, and remove the saved steps. Raises StorageError.

    All processes have to call it, as weights may be spread over them; the first one writes.
    """
    with saving(folder.path), quiet_transformers():
        trainer.save_model(str(folder.draft))
        if not trainer.is_world_process_zero():
            return
        _tidy(folder.draft, manifest)
        write_whole(folder.draft / MANIFEST, json_bytes(manifest.model_dump(mode="json")))
    folder.finish()


def _tidy(draft: Path, manifest: SftManifest | RewardManifest) -> None:
    """Remove what is no part of a checkpoint, and have an adapter name its base as the recipe does, not by a folder here."""
    writes = manifest.adapter and manifest.kind == "sft"  # by the base's own tokenizer, which need not be there twice
    for file in draft.iterdir():
        if file.name in _LITTER or (writes and file.name not in ADAPTER_FILES):
            file.unlink()
    if manifest.adapter:
        config = json.loads((draft / ADAPTER_CONFIG).read_text(encoding="utf-8"))
        config["base_model_name_or_path"] = manifest.base
        (draft / ADAPTER_CONFIG).write_bytes(json_bytes(config))


def read_sft_manifest(folder: Path) -> SftManifest:
    """The manifest of a finished checkpoint. Raises CheckpointError, ScenarioError."""
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(f"{folder}: holds no finished checkpoint; expected a file {MANIFEST}") from None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path}: cannot be read: {error}") from None
    return parse(SftManifest, document, source=str(path))
