"""The file of a trained reader: arrays by name, and how they were made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from simcons.arrays import AnyFloats
from simcons.errors import ModelNotFound

VERSION = "1"
_FORMAT = "simcons trained reader"
_BODY = "cross_encoder."


@dataclass(frozen=True, slots=True)
class ReaderWeights:
    """cross_encoder: by the names of its network; heads: small arrays that weigh its answers and the likeness of embeddings."""

    cross_encoder: Mapping[str, AnyFloats]
    heads: Mapping[str, AnyFloats]

    def save(self, path: Path) -> None:
        arrays = {f"{_BODY}{name}": values for name, values in self.cross_encoder.items()} | dict(self.heads)
        save_file(arrays, path, metadata={"format": _FORMAT, "version": VERSION})


def refused(path: Path, fault: object) -> ModelNotFound:
    """The error that tells, in one line, why the file of a trained reader cannot be used."""
    return ModelNotFound(f"trained reader {str(path)!r}: {fault}; train one with: make reader")


def load_weights(path: Path) -> ReaderWeights:
    """Raises ModelNotFound, in one line, for a file that is missing, is no trained reader or is of another version."""
    if not path.is_file():
        raise refused(path, "no such file")
    try:
        with safe_open(path, framework="numpy") as file:
            known = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, OSError) as error:
        raise refused(path, f"is no safetensors file ({error})") from error
    if known.get("format") != _FORMAT:
        raise refused(path, "is a safetensors file, but not of a trained reader")
    if known.get("version") != VERSION:
        raise refused(path, f"is of version {known.get('version')}; expected {VERSION}")
    body = {name.removeprefix(_BODY): values for name, values in arrays.items() if name.startswith(_BODY)}
    return ReaderWeights(body, {name: values for name, values in arrays.items() if not name.startswith(_BODY)})
