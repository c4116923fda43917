"""What folders of training data have in common: how examples are hashed, read back, and found to be those that were made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from simcons.errors import TrainingDataError
from simcons.json_files import read_object
from simcons.storage.layout import MANIFEST

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def hash_of_examples(by_side: Iterable[tuple[str, Iterable[DataclassInstance]]]) -> str:
    """SHA-256 of all examples; the same whenever, wherever and from whatever folders they are made."""
    hashed = hashlib.sha256()
    for name, examples in by_side:
        hashed.update(f"{name}\n".encode())
        for example in examples:
            hashed.update(json.dumps(asdict(example), sort_keys=True).encode() + b"\n")
    return hashed.hexdigest()


def read_card_of(folder: Path, kind: str, what: str) -> dict[str, Any]:
    """The card of the data in ``folder``, as a document. kind: the command that makes it. Raises TrainingDataError."""
    document = read_object(folder / MANIFEST, TrainingDataError, f"a folder made by simcons {kind}")
    if document.get("kind") != kind:
        raise TrainingDataError(f"{folder}: is not a folder of {what} data; expected one made by simcons {kind}")
    return document


def said_by(folder: Path, card: Mapping[str, Any], *keys: str) -> Any:
    """The value under ``keys``, one within the other, of the card of the data in ``folder``. Raises TrainingDataError."""
    value: Any = card
    for key in keys:
        if not isinstance(value, dict) or key not in value:
            raise TrainingDataError(
                f"{folder / MANIFEST}: {'.'.join(keys)}: missing; expected the data to be made again by this version"
            )
        value = value[key]
    return value


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a table of examples; none of one that was written empty, without columns. Raises TrainingDataError."""
    try:
        table = pq.read_table(path.absolute())
    except (OSError, pa.ArrowException) as error:
        raise TrainingDataError(f"{path}: cannot be read as Parquet: {' '.join(str(error).split())[:200]}") from None
    if not table.num_columns:  # such as of a study that does not say what its statements rest on
        return []
    if table.column_names != list(columns):
        odd = ", ".join(sorted({*columns} ^ {*table.column_names}))
        raise TrainingDataError(f"{path}: has other columns than this version makes ({odd}); expected to be made again")
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def check_as_made(folder: Path, content_hash: str, card: Mapping[str, Any]) -> None:
    """Raises TrainingDataError where a folder holds other examples than its card says."""
    if content_hash != card.get("content"):
        raise TrainingDataError(f"{folder}: holds other examples than it was made with; expected to be made again")
