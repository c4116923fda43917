"""A folder of training data.

manifest.json           written last: what it was made of, and how
README.md               the same for people: the card
examples/*.parquet      all examples with all that is known of each, and their side: what `load_training_data` reads
sft/, comparisons/, ties/, ratings/   the same, row for row, as Hugging Face data sets in TRL's forms, with the splits learn and
                        validation; ties where they were kept
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simcons.engines.base import Message
from simcons.errors import MissingPackage, TrainingDataError
from simcons.questions.own import comparable
from simcons.storage.disk import storage_errors
from simcons.storage.layout import MANIFEST
from simcons.storage.results import make_result_folder, write_manifest
from simcons.training.data.build import Built
from simcons.training.data.card import card, figures
from simcons.training.data.examples import KINDS, SIDES, Example, Side, SideName, TrainingData
from simcons.training.data.forms import FORMS, Row
from simcons.training.data.sides import check_apart

KIND = "train data"  # in the manifest: the command that makes it
EXAMPLES, CARD = "examples", "README.md"


def save(built: Built, folder: Path) -> dict[str, Any]:
    """Write the data to ``folder``, which is new or empty, and return its card. Raises RunFolderError, StorageError,
    MissingPackage.
    """
    make_result_folder(folder)
    sides, document = built.data.sides(), figures(built)
    with storage_errors(folder):
        (folder / EXAMPLES).mkdir()
        for kind in KINDS:
            rows = [
                {"side": name, **asdict(example)} for name, side in sides.items() for example in getattr(side, kind)
            ]
            pq.write_table(pa.Table.from_pylist(rows), _table_path(folder.absolute(), kind), compression="zstd")
        for name, form in FORMS.items():
            _write_data_set(folder / name, {side: form(examples) for side, examples in sides.items()})
        (folder / CARD).write_text(card(document), encoding="utf-8")
    write_manifest(folder, KIND, document)
    return document


def load_training_data(folder: Path) -> TrainingData:
    """The examples in ``folder``.

    Raises TrainingDataError where it holds no training data, or other examples than it was made with, or some that are on both
    sides.
    """
    known = read_card(folder)
    kinds = {kind: _read(_table_path(folder, kind)) for kind in KINDS}
    sides = {name: Side(**{kind: _examples(KINDS[kind], rows, name) for kind, rows in kinds.items()}) for name in SIDES}
    data = TrainingData(**sides)
    if data.content_hash() != known.get("content"):
        raise TrainingDataError(f"{folder}: holds other examples than it was made with; expected to be made again")
    check_apart((name, *member) for name, side in sides.items() for member in _members(side))
    return data


def read_card(folder: Path) -> dict[str, Any]:
    """The card of the training data in ``folder``, as a document. Raises TrainingDataError."""
    path = folder / MANIFEST
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainingDataError(f"{path}: {error.strerror}; expected a folder made by simcons {KIND}") from None
    except (ValueError, RecursionError):
        raise TrainingDataError(f"{path}: is not JSON; expected a folder made by simcons {KIND}") from None
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise TrainingDataError(f"{folder}: is not a folder of training data; expected one made by simcons {KIND}")
    return document


# --- examples ----------------------------------------------------------------------------------------------------


def _table_path(folder: Path, kind: str) -> Path:
    return folder / EXAMPLES / f"{kind}.parquet"


def _read(path: Path) -> list[Row]:
    try:
        rows: list[Row] = pq.read_table(path.absolute()).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise TrainingDataError(f"{path}: cannot be read as Parquet: {' '.join(str(error).split())[:200]}") from None
    return rows


def _examples(kind: type[Example], rows: Sequence[Row], side: SideName) -> tuple[Any, ...]:
    """Those of one side, in order. Raises TrainingDataError for columns that an example has not."""
    here = [
        {name: _value(name, value) for name, value in row.items() if name != "side"}
        for row in rows
        if row["side"] == side
    ]
    return tuple(kind(**row) for row in here)


def _value(name: str, value: Any) -> Any:
    """A value of a table as an example has it."""
    if name == "messages":
        return tuple(Message(**message) for message in value)
    return tuple(value) if isinstance(value, list) else value


def _members(side: Side) -> Iterator[tuple[str, str]]:
    """All that must be on one side alone."""
    for example in side.examples():
        yield "question", comparable(example.question)
        yield "group", f"{example.run}/{example.session_id}"
    for answer in side.answers:
        yield "person", f"{answer.run}/{answer.participant_id}"


# --- data sets ---------------------------------------------------------------------------------------------------


def _write_data_set(folder: Path, rows: Mapping[SideName, Sequence[Row]]) -> None:
    """Nothing where there are no rows."""
    if not any(rows.values()):
        return
    try:
        from datasets import Dataset, DatasetDict  # here, as it takes a second to load
    except ImportError:
        raise MissingPackage("datasets", "pip install 'simcons[train]'") from None
    table = pa.Table.from_pylist([row for side in rows.values() for row in side])
    parts: dict[str, Any] = {}
    for name, side in rows.items():
        start = sum(len(parts[before]) for before in parts)
        parts[name] = Dataset(table.slice(start, len(side)), fingerprint=f"{folder.name}-{name}")
    with _without_progress_bars():
        DatasetDict(parts).save_to_disk(str(folder))


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    from datasets import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    if are_progress_bars_disabled():
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()
