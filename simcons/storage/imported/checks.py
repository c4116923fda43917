"""Checks that the rows of all parts of a mapping share: ids, texts, answers, groups, and what refers to another part."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simcons.errors import InputError
from simcons.scale import SCALES
from simcons.scenario.mapping import AnswerSettings, MappingFile, OfPersonSettings
from simcons.storage.imported.cells import as_ids, numbers_in, points_in, shown, to_run, told
from simcons.storage.imported.source import ROW, Source
from simcons.storage.imported.unusable import Mask, Unusable

if TYPE_CHECKING:
    import pandas as pd

GIVEN = "_given"  # ends the columns of answers as the source has them, where a run's are others
_NEEDED = ("opinions", "statements", "ratings")


class Checks:
    """Takes rows of a source and drops those that cannot be used, which `Unusable` refuses or counts."""

    def __init__(self, mapping: MappingFile, source: Source, unusable: Unusable) -> None:
        self._mapping, self._source, self._unusable = mapping, source, unusable
        self._groups: dict[str, str] = {}  # by rater
        self._questions: Collection[str] | None = None  # None: any

    def without(self, part: str, frame: pd.DataFrame, bad: Mask, reason: str, tell: object) -> pd.DataFrame:
        return self._unusable.without(part, frame, bad, reason, tell)  # type: ignore[arg-type]

    def count(self, part: str, frame: pd.DataFrame, bad: Mask, reason: str, tell: object) -> None:
        self._unusable.count(part, frame, bad, reason, tell)  # type: ignore[arg-type]

    def ask_only(self, questions: Collection[str]) -> None:
        """Rows of a person on other questions are refused from here on."""
        self._questions = questions

    def of_person(self, part: str, settings: OfPersonSettings, *ids: str) -> pd.DataFrame:
        named = [*("rater", "question"), *(["group"] if settings.group else []), *ids]
        frame = self._timed(part, self._on_known_questions(part, self.identified(part, named)))
        if settings.group:
            return self.of_one_group(part, frame)
        if self._mapping.people is None or self._mapping.people.group is None:
            return frame.assign(group=frame["rater"])
        groups, file = frame["rater"].map(self._groups), self._mapping.people.file
        kept = self.without(
            part,
            frame,
            groups.isna().to_numpy(),
            "without a group",
            lambda row: f"rater {row['rater']!r} is of no group: expected one in {file}",
        )
        return kept.assign(group=groups[groups.notna()])

    def of_one_group(self, part: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Without rows of raters who were in another group before: who meets twice has an id for each time."""
        for rater, group in zip(frame["rater"], frame["group"], strict=True):
            self._groups.setdefault(rater, group)
        of_rater = frame["rater"].map(self._groups)
        return self.without(
            part,
            frame,
            (frame["group"] != of_rater).to_numpy(),
            "of a second group",
            lambda row: (
                f"rater {row['rater']!r} is of group {row['group']!r}, and of {self._groups[row['rater']]!r} before:"
                " expected one group (who meets twice needs two ids)"
            ),
        )

    def _on_known_questions(self, part: str, frame: pd.DataFrame) -> pd.DataFrame:
        if self._questions is None or self._mapping.questions is None:
            return frame
        file, column = self._mapping.questions.file, self._source.parts[part].columns["question"]
        return self.without(
            part,
            frame,
            ~frame["question"].isin(self._questions).to_numpy(),
            "unknown question",
            lambda row: f"{column} {row['question']!r:.60}: expected a question of {file}",
        )

    def _timed(self, part: str, frame: pd.DataFrame) -> pd.DataFrame:
        """With seconds as numbers, missing where they are no time."""
        if "seconds" not in frame:
            return frame
        numbers, bad = numbers_in(frame["seconds"])
        bad |= (numbers < 0) | np.isinf(numbers)
        column = self._source.parts[part].columns["seconds"]
        self.count(
            part,
            frame,
            bad,
            "seconds, of rows that stay",
            lambda row: f"{shown(column, row['seconds'])}: expected seconds, 0 or more",
        )
        return frame.assign(seconds=np.where(bad, np.nan, numbers))

    def identified(self, part: str, ids: Sequence[str]) -> pd.DataFrame:
        """The rows of a part, its ids as text, each row with all of them."""
        frame, settings = self._source.rows(part), self._source.parts[part]
        if not len(frame) and part in _NEEDED:
            of_those = f", of those that {part}.where takes" if settings.where else ""
            raise InputError(f"{self._source.path(settings.file)}: has no rows{of_those}: expected some {part}")
        columns = settings.columns
        for name in (*ids, *(other for other in ("arm", "opinion", "split", "topic") if other in frame)):
            frame[name] = as_ids(frame[name])
        for name in ids:
            frame = self.without(
                part,
                frame,
                frame[name].isna().to_numpy(),
                f"no {name}",
                lambda _, column=columns[name]: f"{column} is empty: expected an id",
            )
        return frame

    def with_text(self, part: str, frame: pd.DataFrame) -> pd.DataFrame:
        column = self._source.parts[part].columns["text"]
        bad = np.array([not isinstance(cell, str) or not cell.strip() for cell in frame["text"]], dtype=bool)
        frame = self.without(
            part, frame, bad, "empty text", lambda row: f"{shown(column, row['text'])}: expected a text"
        )
        return frame.assign(text=frame["text"].str.strip())

    def once(self, part: str, frame: pd.DataFrame, key: list[str], agree: Sequence[str] = ()) -> pd.DataFrame:
        """Each key once. Rows that ``agree`` with the first of their key in these columns say nothing new, and go in silence."""
        first = frame.groupby(key, sort=False, dropna=False)[ROW].transform("first")
        again = frame.duplicated(key).to_numpy()
        if agree:
            same = ~frame[[*key, *agree]].duplicated(keep="first").to_numpy()
            frame, again, first = frame[same], again[same], first[same]
        columns = self._source.parts[part].columns
        return self.without(
            part,
            frame.assign(first_row=first),
            again,
            "twice",
            lambda row: (
                f"{', '.join(f'{columns.get(name, name)} {told(row[name])}' for name in key)}: given before, in row"
                f" {row['first_row']:,}: expected once"
            ),
        ).drop(columns="first_row")

    def answered(self, part: str, frame: pd.DataFrame, scales: dict[str, AnswerSettings]) -> pd.DataFrame:
        """With each scale's answers as whole points, missing where there is none; rows without any answer go."""
        for name, scale in scales.items():
            given = frame[_source_column(name)]
            points, bad = points_in(given, scale)
            lowest, highest = scale.points
            words = f" or one of {', '.join(scale.words)}" if scale.words else ""
            frame = frame.assign(**{name: points, "given": given})
            frame = self.without(
                part,
                frame,
                bad,
                f"{name} off the scale",
                lambda row, column=scale.column, low=lowest, high=highest, words=words: (
                    f"{shown(column, row['given'])}: expected a whole number from {low} to {high}{words}"
                ),
            )
            if scale.as_ == "spread" and name in (*SCALES, "rating"):
                frame = frame.assign(
                    **{name: [to_run(point, scale) for point in frame[name]], f"{name}{GIVEN}": frame[name]}
                )
        return frame[frame[list(scales)].notna().any(axis=1)].drop(columns="given")

    def known(self, part: str, frame: pd.DataFrame, name: str, statements: pd.DataFrame) -> pd.DataFrame:
        bad = ~frame[name].isin(statements["statement"]).to_numpy()
        where, column = self._source.parts["statements"].file, self._source.parts[part].columns[name]
        return self.without(
            part,
            frame,
            bad,
            "unknown statement",
            lambda row: f"{column} {row[name]!r}: expected a statement of {where}",
        )

    def with_opinion(self, part: str, frame: pd.DataFrame, opinions: pd.DataFrame) -> pd.DataFrame:
        key = ["rater", "question"]
        written = opinions[key].assign(written=True)
        bad = frame[key].merge(written, how="left", on=key)["written"].isna().to_numpy()
        where = self._source.parts["opinions"].file
        return self.without(
            part,
            frame,
            bad,
            "without an opinion",
            lambda row: f"rater {row['rater']!r} has no opinion on {row['question']!r:.60}: expected one in {where}",
        )


def _source_column(scale: str) -> str:
    return "rating.column" if scale == "rating" else f"scales.{scale}.column"
