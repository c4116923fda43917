"""A checkpoint kept: the trained weights in their folder, and the manifest after them."""

from __future__ import annotations

import json
from pathlib import Path

from simcons.engines.local.adapters import ADAPTER_CONFIG, ADAPTER_FILES
from simcons.engines.local.models import quiet_transformers
from simcons.engines.local.reward_manifest import RewardManifest
from simcons.storage.disk import write_whole
from simcons.storage.layout import MANIFEST
from simcons.training.checkpoint import TrainingFolder, json_bytes, saving
from simcons.training.manifest import SftManifest
from simcons.training.trainer import GuardedTrainer

_LITTER = ("README.md", "training_args.bin")  # of the libraries that save weights


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
