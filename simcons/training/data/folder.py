"""A folder of training data.

manifest.json           written last: what it was made of, and how
README.md               the same for people: the card
examples/*.parquet      all examples with all that is known of each, and their side: what `load_training_data` reads
sft/, comparisons/, ties/, ratings/, positions/   the same, row for row, as Hugging Face data sets in TRL's forms, with the splits
                        learn and validation; ties where they were kept
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simcons.engines.base import Message
from simcons.errors import MissingPackage
from simcons.questions.own import comparable
from simcons.storage.disk import storage_errors
from simcons.storage.results import make_result_folder, write_manifest
from simcons.training.data.build import Built
from simcons.training.data.card import card, figures
from simcons.training.data.examples import KINDS, SIDES, Example, HoldOut, PromptSource, Side, SideName, TrainingData
from simcons.training.data.forms import FORMS, Row
from simcons.training.data.sides import check_apart
from simcons.training.data.stored import check_as_made, read_card_of, read_rows, said_by

KIND = "train data"  # in the manifest: the command that makes it
EXAMPLES, CARD = "examples", "README.md"


def save(built: Built, folder: Path) -> dict[str, Any]:
    """Write the data to ``folder``, which is new or empty, and return its card. Raises RunFolderError, StorageError,
    MissingPackage.
    """
    _require_datasets()
    make_result_folder(folder)
    sides, document = built.data.sides(), figures(built)
    with storage_errors(folder), _without_progress_bars():
        (folder / EXAMPLES).mkdir()
        for kind in KINDS:
            _write_examples(
                _table_path(folder.absolute(), kind), {name: getattr(side, kind) for name, side in sides.items()}
            )
        for name, form in FORMS.items():
            rows = {side: form(examples) for side, examples in sides.items()}
            if any(rows.values()):
                _write_data_set(folder / name, rows, of=document["content"])
        (folder / CARD).write_text(card(document), encoding="utf-8")
    write_manifest(folder, KIND, document)
    return document


def load_training_data(folder: Path) -> TrainingData:
    """The examples in ``folder``.

    Raises TrainingDataError where it holds no training data, or other examples than it was made with, or some that are on both
    sides.
    """
    known = read_card(folder)
    read = {name: _read_examples(_table_path(folder, name), kind) for name, kind in KINDS.items()}

    def side(name: SideName) -> Side:
        return Side(**{kind: tuple(e for of, e in examples if of == name) for kind, examples in read.items()})

    prompt = PromptSource(said_by(folder, known, "settings", "prompt"), said_by(folder, known, "prompt", "sha256"))
    data = TrainingData(**{name: side(name) for name in SIDES}, prompt=prompt)
    check_as_made(folder, data.content_hash(), known)
    hold_out = known["settings"].get("hold_out", "questions")
    check_apart((name, *member) for name, examples in data.sides().items() for member in _members(examples, hold_out))
    return data


def read_card(folder: Path) -> dict[str, Any]:
    """The card of the training data in ``folder``, as a document. Raises TrainingDataError."""
    return read_card_of(folder, KIND, "training")


# --- examples ----------------------------------------------------------------------------------------------------


def _table_path(folder: Path, kind: str) -> Path:
    return folder / EXAMPLES / f"{kind}.parquet"


def _write_examples(path: Path, by_side: Mapping[SideName, Sequence[Example]]) -> None:
    rows = [{"side": name, **asdict(example)} for name, examples in by_side.items() for example in examples]
    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")


def _read_examples(path: Path, kind: type[Example]) -> list[tuple[str, Any]]:
    """Examples in order, each with its side. Raises TrainingDataError."""
    read = read_rows(path, ["side", *(field.name for field in fields(kind))])
    rows = [{name: _value(name, value) for name, value in row.items()} for row in read]
    return [(row.pop("side"), kind(**row)) for row in rows]


def _value(name: str, value: Any) -> Any:
    """A value of a table as an example has it."""
    if name == "messages":
        return tuple(Message(**message) for message in value)
    return tuple(value) if isinstance(value, list) else value


def _members(side: Side, hold_out: HoldOut) -> Iterator[tuple[str, str]]:
    """All that must be on one side alone."""
    for example in side.examples():
        if hold_out == "questions":
            yield "question", comparable(example.question)
        yield "group", f"{example.run}/{example.session_id}"
    for answer in side.answers:
        yield "person", f"{answer.run}/{answer.participant_id}"


# --- data sets ---------------------------------------------------------------------------------------------------


def _require_datasets() -> None:
    """Raises MissingPackage. The package is loaded where it is needed, as that takes a second."""
    if importlib.util.find_spec("datasets") is None:
        raise MissingPackage("datasets", "pip install 'simcons[train]'")


def _write_data_set(folder: Path, rows: Mapping[SideName, Sequence[Row]], *, of: str) -> None:
    """of: the hash of all examples, by which caches of what is made of the rows tell them from others."""
    from datasets import Dataset, DatasetDict

    table = pa.Table.from_pylist([row for side in rows.values() for row in side])
    starts = accumulate(map(len, rows.values()), initial=0)
    sets = {
        name: Dataset(table.slice(start, len(side)), fingerprint=f"{of[:32]}-{folder.name}-{name}")
        for start, (name, side) in zip(starts, rows.items(), strict=False)
    }
    DatasetDict(sets).save_to_disk(str(folder))


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    from datasets import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    shown = not are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if shown:
            enable_progress_bars()
