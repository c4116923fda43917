"""Opinions for somebody to read who does not know who wrote them, or with what in mind; and what the readings come to.

``opinions.csv`` has the opinions of all models in one random order, with columns to fill in: ``on_question`` (yes or no) and
``side`` (for, against or neither). ``key.csv`` has what the reader must not see.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from simcons.actors.playing import Opinion
from simcons.analysis.resampling import Estimate, trials
from simcons.errors import InputError
from simcons.scale import MIDPOINT
from simcons.seeds import stream
from simcons.storage.disk import storage_errors

OPINIONS, KEY = "opinions.csv", "key.csv"
_SHOWN = ("number", "question", "position_statement", "opinion", "on_question", "side")
_HIDDEN = ("number", "model", "example", "position", "unusable", "cut_off")
_TORN = 0.5  # points from the midpoint: who was told to be nearer has no side to be on
_ANSWERS = {"on_question": ("yes", "no"), "side": ("for", "against", "neither")}


@dataclass(frozen=True, slots=True)
class BlindReading:
    """Of one model's opinions: shares on the question, and on the side that the model was told, of those with a side.

    broken: shares that echo their prompt, loop, list, stray or are cut off, by the mind's own rules.
    """

    on_question: Estimate | None
    on_side: Estimate | None
    broken: Estimate | None


def write_blind(folder: Path, by_model: Mapping[str, Sequence[Opinion]], *, most: int, seed: int) -> None:
    """Write at most ``most`` opinions of each model for reading, and the key. Raises StorageError."""
    rows = [(model, opinion) for model, opinions in by_model.items() for opinion in _drawn(opinions, most, seed)]
    order = stream(seed, "blind").permutation(len(rows))
    shuffled = [rows[int(place)] for place in order]
    with storage_errors(folder):
        _write(folder / OPINIONS, _SHOWN, (_shown(k, opinion) for k, (_, opinion) in enumerate(shuffled, 1)))
        _write(folder / KEY, _HIDDEN, (_hidden(k, *row) for k, row in enumerate(shuffled, 1)))


def read_blind(folder: Path) -> dict[str, BlindReading]:
    """By model, what was filled in. Raises InputError for a row that was not, or not with one of the answers."""
    read = {row["number"]: row for row in _rows(folder / OPINIONS, _SHOWN)}
    by_model: dict[str, list[tuple[dict[str, str], dict[str, str]]]] = {}
    for key in _rows(folder / KEY, _HIDDEN):
        if key["number"] not in read:
            raise InputError(f"{folder / OPINIONS}: number {key['number']}: is not there; expected every row of {KEY}")
        by_model.setdefault(key["model"], []).append((_checked(folder, read[key["number"]]), key))
    return {model: _reading(rows) for model, rows in by_model.items()}


def _drawn(opinions: Sequence[Opinion], most: int, seed: int) -> list[Opinion]:
    """The same people of every model, as far as it answered."""
    names = sorted({opinion.example for opinion in opinions})
    order = stream(seed, "blind opinions").permutation(len(names))[:most]
    chosen = {names[int(place)] for place in order}
    return [opinion for opinion in opinions if opinion.example in chosen]


def _shown(number: int, opinion: Opinion) -> Sequence[object]:
    return number, opinion.question, opinion.position_statement, opinion.text, "", ""


def _hidden(number: int, model: str, opinion: Opinion) -> Sequence[object]:
    position = "" if opinion.position is None else opinion.position
    return number, model, opinion.example, position, opinion.reason or "", "yes" if opinion.cut_off else "no"


def _write(path: Path, columns: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def _rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
        raise InputError(f"{path}: has no column {missing[0]!r}; expected {', '.join(columns)}")
    return rows


def _checked(folder: Path, row: dict[str, str]) -> dict[str, str]:
    given = {name: (row[name] or "").strip().lower() for name in _ANSWERS}
    for name, answers in _ANSWERS.items():
        if given[name] not in answers:
            raise InputError(
                f"{folder / OPINIONS}: number {row['number']}: {name}: value {row[name]!r}: expected {' or '.join(answers)}"
            )
    return given


def _reading(rows: Sequence[tuple[Mapping[str, str], Mapping[str, str]]]) -> BlindReading:
    sided = [(given["side"], float(key["position"]) - MIDPOINT) for given, key in rows if key["position"]]
    sided = [(side, favour) for side, favour in sided if abs(favour) > _TORN]
    return BlindReading(
        on_question=trials(sum(given["on_question"] == "yes" for given, _ in rows), len(rows)),
        on_side=trials(sum(side == ("for" if favour > 0 else "against") for side, favour in sided), len(sided)),
        broken=trials(sum(bool(key["unusable"]) or key["cut_off"] == "yes" for _, key in rows), len(rows)),
    )
