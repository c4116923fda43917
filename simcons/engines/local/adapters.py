"""LoRA adapters as PEFT keeps them: a folder with a configuration and weights. Needs neither PEFT nor torch."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from safetensors import safe_open

from simcons.engines.local.models import in_one_line
from simcons.errors import ModelNotFound
from simcons.json_files import read_object
from simcons.scenario.shipped import ADAPTERS, find_adapter

MANIFEST = "manifest.json"  # that simcons writes beside an adapter which it trained
START = "start.json"  # that it writes first
ADAPTER_CONFIG, ADAPTER_WEIGHTS = ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


def adapter_folder(reference: str) -> Path:
    """The folder of a LoRA adapter, shipped or at a path; ModelNotFound where it is none, or its file of weights is not whole."""
    folder = find_adapter(reference)
    if not all((folder / name).is_file() for name in ADAPTER_FILES):
        raise ModelNotFound(
            f"adapter {reference!r}: expected a folder with {' and '.join(ADAPTER_FILES)}, or a"
            f" shipped adapter ({ADAPTERS.names()})"
        )
    kind = adapter_config(folder).get("peft_type")
    if kind != "LORA":
        raise ModelNotFound(f"adapter {reference!r} is of kind {kind!r}, expected 'LORA'")
    with (
        in_one_line(ModelNotFound, f"adapter {reference!r} has an unreadable {ADAPTER_WEIGHTS}"),
        safe_open(folder / ADAPTER_WEIGHTS, framework="numpy"),
    ):
        return folder


def adapter_config(folder: Path) -> dict[str, Any]:
    """Raises ModelNotFound where it cannot be read."""
    return read_object(folder / ADAPTER_CONFIG, ModelNotFound, "the configuration of an adapter")


def check_base(folder: Path, base_hash: str, model: str, *, kind: str = "sft") -> None:
    """Raises ModelNotFound where the adapter's manifest says that it is of another kind or form, or was trained on another
    model than ``model``, which has this hash.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        if (folder / START).is_file():
            raise ModelNotFound(f"adapter {str(folder)!r} has no {MANIFEST}: expected a training that has finished")
        return  # of another program
    known = read_object(manifest, ModelNotFound, "the manifest of an adapter")
    for key, expected in (("kind", kind), ("format", 1)):
        if known.get(key, expected) != expected:
            raise ModelNotFound(
                f"adapter {str(folder)!r}: {MANIFEST}: {key}: value {known[key]!r}: expected {expected!r}"
            )
    trained_on = str(known.get("base_hash", base_hash))
    if trained_on != base_hash:
        raise ModelNotFound(
            f"adapter {str(folder)!r} was trained on another model: {model!r} has hash {base_hash[:10]}, expected"
            f" {trained_on[:10]}"
        )


def adapter_hash(folder: Path) -> str:
    """SHA-256 over the adapter's configuration and weights; ModelNotFound if unreadable."""
    hashed = hashlib.sha256()
    with in_one_line(ModelNotFound, f"adapter {str(folder)!r} cannot be read"):
        for name in ADAPTER_FILES:
            with (folder / name).open("rb") as stream:
                hashed.update(hashlib.file_digest(stream, "sha256").digest())
    return hashed.hexdigest()
