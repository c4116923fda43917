"""Checkpoints as other programs take them: one model with the adapter merged into it, or the adapter with its tokenizer."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import torch
from safetensors.torch import load_file, save_file

from simcons.engines.local.adapters import ADAPTER_CONFIG, ADAPTER_WEIGHTS, adapter_config, adapter_folder, check_base
from simcons.engines.local.language_model import adapted
from simcons.engines.local.models import local_folder, model_hash, quiet_transformers, resolve_model
from simcons.engines.local.reward_manifest import RewardManifest
from simcons.engines.local.reward_model import TripleTokens, load_reward_model, weights_folder
from simcons.storage.disk import write_whole
from simcons.storage.layout import MANIFEST
from simcons.storage.results import make_result_folder
from simcons.training.base_model import load_base
from simcons.training.checkpoint import json_bytes, readable_as, saving
from simcons.training.manifest import CARD, Manifest, SftManifest, read_checkpoint

Dtype: TypeAlias = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """The form of an export.

    merged: all weights in one model in place of an adapter; a checkpoint of all weights is one anyway. dtype: of what is written;
    None for float32, and of an adapter for the one that it has. base_model: the name, for other programs, of the model that an
    adapter is for.
    """

    merged: bool = False
    dtype: Dtype | None = None
    base_model: str | None = None


def exported_manifest(folder: Path, *, merged: bool) -> Manifest:
    """The manifest that an export of ``folder`` gets: of one model where it is merged, and without paths of data."""
    manifest = read_checkpoint(folder)
    training = {**manifest.training}
    if "data" in training:
        training["data"] = Path(training["data"]).name
    return manifest.model_copy(update={"adapter": manifest.adapter and not merged, "training": training})


def export_checkpoint(folder: Path, out: Path, settings: ExportSettings, *, card: str) -> None:
    """Write the checkpoint in ``folder`` to ``out``, which is new or empty, with its card; the manifest last.

    What is written is a checkpoint too. Raises CheckpointError, ModelNotFound and ScenarioError for one that cannot be used,
    RunFolderError, StorageError.
    """
    manifest = read_checkpoint(folder)
    written = exported_manifest(folder, merged=settings.merged)
    network, tokenizer = _loaded(folder, manifest, weights=not written.adapter)
    make_result_folder(out)
    with saving(out), quiet_transformers():
        tokenizer.save_pretrained(out)
        if written.adapter:
            _write_adapter(folder, out, settings.base_model or manifest.base, settings.dtype)
        else:
            network.to(getattr(torch, settings.dtype or "float32")).save_pretrained(out)
        write_whole(out / CARD, card.encode())
        readable_as(out / CARD, out.iterdir())
        write_whole(out / MANIFEST, json_bytes(written.model_dump(mode="json")))


def _loaded(folder: Path, manifest: Manifest, *, weights: bool) -> tuple[Any, Any]:
    """Network, or None where an adapter stays one, and tokenizer."""
    if isinstance(manifest, RewardManifest):
        if weights:
            model = load_reward_model(folder)
            return model.network, model.tokens.tokenizer
        weights_folder(folder, manifest)  # that the base is what it was
        return None, TripleTokens(folder, manifest.architecture).tokenizer
    network, tokenizer = load_base(_mediator_folder(folder, manifest), dtype="float32")
    tokenizer.pad_token = manifest.pad_token
    if not weights:
        return None, tokenizer
    if manifest.adapter:
        network = adapted(network, folder)
    _end_replies(network, tokenizer, manifest)
    return network, tokenizer


def _mediator_folder(folder: Path, manifest: SftManifest) -> Path:
    """Where the weights lie that the adapter is put on, or all of them."""
    if not manifest.adapter:
        return local_folder(resolve_model(str(folder)))
    base = local_folder(resolve_model(manifest.base))
    check_base(adapter_folder(str(folder)), model_hash(base), manifest.base)
    return base


def _end_replies(network: Any, tokenizer: Any, manifest: SftManifest) -> None:
    """Have other programs end replies where the mediator learnt to, besides where its base does."""
    generation = network.generation_config
    known = generation.eos_token_id
    ends = {*(known if isinstance(known, list) else [known]), tokenizer.convert_tokens_to_ids(manifest.end_token)} - {
        None
    }
    generation.eos_token_id = min(ends) if len(ends) == 1 else sorted(ends)
    generation.pad_token_id = tokenizer.pad_token_id


def _write_adapter(folder: Path, out: Path, base_model: str, dtype: Dtype | None) -> None:
    if dtype is None:
        shutil.copyfile(folder / ADAPTER_WEIGHTS, out / ADAPTER_WEIGHTS)
    else:
        weights = load_file(folder / ADAPTER_WEIGHTS)
        save_file({name: some.to(getattr(torch, dtype)) for name, some in weights.items()}, out / ADAPTER_WEIGHTS)
    config = {**adapter_config(folder), "base_model_name_or_path": base_model}
    write_whole(out / ADAPTER_CONFIG, json_bytes(config))
