"""Training data of a language model that plays people: prompts of the language-model mind, and what a person answered to them.

A folder of it has a manifest, written last, a card for people, and one table:

manifest.json           what it was made of, and how
README.md               the same for people
answers.parquet         a row an answer, with its side
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from simcons.engines.base import Message
from simcons.questions.own import comparable
from simcons.storage.disk import storage_errors
from simcons.storage.results import make_result_folder, write_manifest
from simcons.training.data.examples import SIDES, SideName
from simcons.training.data.sides import check_apart
from simcons.training.data.stored import check_as_made, hash_of_examples, read_card_of, read_rows

KIND = "train persona-data"  # in the manifest: the command that makes it
ANSWERS, CARD = "answers.parquet", "README.md"

Source: TypeAlias = Literal["simulated", "people"]
Form: TypeAlias = Literal["choice", "text"]
OPINION, POSITION, SIDE, NEGATION = "opinion", "position", "side", "negation"  # acts; every other act is a scale's name


@dataclass(frozen=True, slots=True)
class PersonaAnswer:
    """One prompt and what the person answered.

    act: position, opinion, side, negation, or the scale of a rating. Side and negation: how far they would agree with the
    position statement, and with its opposite, as their own position has it. options: the replies that a choice is made among, as
    the mind reads them. shares: of a choice, those of the answers that fell on each option: two passes may differ. reply: of an
    opinion, its text.
    """

    act: str
    messages: tuple[Message, ...]
    statement: str = ""
    options: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    reply: str = ""

    @property
    def form(self) -> Form:
        return "choice" if self.options else "text"


@dataclass(frozen=True, slots=True)
class PersonaExample:
    """All answers of one person in one round: their prompts begin alike, and are read together.

    traits: the table that their prompts show. position_statement: empty where none was asked. position: their answer to it.
    opinion: their own, and manner: of writing, where they are known. told, read: whether ratings tell the position, and show the
    opinion. source: a simulated person, or one of flesh and blood.
    """

    id: str
    run: str
    source: Source
    session_id: str
    round_id: str
    participant_id: str
    question: str
    position_statement: str
    traits: tuple[tuple[str, str], ...]
    position: float | None
    told: bool
    read: bool
    opinion: str | None
    manner: str | None
    answers: tuple[PersonaAnswer, ...]


@dataclass(frozen=True, slots=True)
class PersonaData:
    """Examples to learn from, and others held out: no question, group or person is on both sides."""

    learn: tuple[PersonaExample, ...]
    validation: tuple[PersonaExample, ...]

    def sides(self) -> dict[SideName, tuple[PersonaExample, ...]]:
        return {name: getattr(self, name) for name in SIDES}

    def content_hash(self) -> str:
        """As `hash_of_examples`."""
        return hash_of_examples(self.sides().items())


# --- the folder --------------------------------------------------------------------------------------------------


def save_persona_data(data: PersonaData, folder: Path, document: Mapping[str, Any], card: str) -> None:
    """Write the data to ``folder``, which is new or empty. document: its card, for programs.

    Raises RunFolderError, StorageError.
    """
    make_result_folder(folder)
    rows = [row for side, examples in data.sides().items() for row in _rows(side, examples)]
    with storage_errors(folder):
        pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), folder.absolute() / ANSWERS, compression="zstd")
        (folder / CARD).write_text(card, encoding="utf-8")
    write_manifest(folder, KIND, dict(document))


def load_persona_data(folder: Path) -> PersonaData:
    """The examples in ``folder``.

    Raises TrainingDataError where it holds no such data, or other examples than it was made with, or some that are on both sides.
    """
    known = read_card(folder)
    rows = read_rows(folder / ANSWERS, _SCHEMA.names)
    data = PersonaData(**{side: tuple(_examples(row for row in rows if row["side"] == side)) for side in SIDES})
    check_as_made(folder, data.content_hash(), known)
    check_apart((side, *member) for side, examples in data.sides().items() for member in _members(examples))
    return data


def read_card(folder: Path) -> dict[str, Any]:
    """The card of the data in ``folder``, as a document. Raises TrainingDataError."""
    return read_card_of(folder, KIND, "persona")


_EXAMPLE = [field.name for field in fields(PersonaExample) if field.name != "answers"]
_ANSWER = [field.name for field in fields(PersonaAnswer)]
_TEXTS = pa.list_(pa.string())
_TYPES = {"traits": pa.list_(_TEXTS), "position": pa.float64(), "told": pa.bool_(), "read": pa.bool_()}
_SCHEMA = pa.schema(
    [
        ("side", pa.string()),
        *((name, _TYPES.get(name, pa.string())) for name in _EXAMPLE),
        ("act", pa.string()),
        ("messages", pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))),
        ("statement", pa.string()),
        ("options", _TEXTS),
        ("shares", pa.list_(pa.float64())),
        ("reply", pa.string()),
    ]
)


def _rows(side: SideName, examples: Sequence[PersonaExample]) -> Iterator[dict[str, Any]]:
    for example in examples:
        shared = {name: getattr(example, name) for name in _EXAMPLE}
        for answer in example.answers:
            yield {"side": side, **shared, **asdict(answer)}


def _examples(rows: Iterator[dict[str, Any]]) -> Iterator[PersonaExample]:
    for _, some in groupby(rows, key=lambda row: row["id"]):
        answers = list(some)
        first = {name: answers[0][name] for name in _EXAMPLE}
        traits = tuple((name, value) for name, value in first.pop("traits"))
        yield PersonaExample(**first, traits=traits, answers=tuple(map(_answer, answers)))


def _answer(row: Mapping[str, Any]) -> PersonaAnswer:
    given: dict[str, Any] = {name: tuple(row[name]) if isinstance(row[name], list) else row[name] for name in _ANSWER}
    return PersonaAnswer(**given | {"messages": tuple(Message(**message) for message in row["messages"])})


def _members(examples: Sequence[PersonaExample]) -> Iterator[tuple[str, str]]:
    """All that must be on one side alone."""
    for example in examples:
        yield "question", comparable(example.question)
        yield "group", f"{example.run}/{example.session_id}"
        yield "person", f"{example.run}/{example.participant_id}"
