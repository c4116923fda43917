"""The parts of a mapping, read and checked: ids are text, texts say something, and answers are on the scales of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simcons.arrays import Floats
from simcons.scale import SCALES
from simcons.scenario.mapping import AnswerSettings, ComparisonsSettings, MappingFile, OfPersonSettings
from simcons.storage.imported.source import ROW, Source
from simcons.storage.imported.unusable import Mask, Unusable

if TYPE_CHECKING:
    import pandas as pd

_OLDEST = 130  # years
GIVEN = "_given"  # ends the columns of answers as the source has them, where a run's are others


@dataclass(frozen=True, slots=True)
class Parts:
    """Checked frames, by part of the mapping; those that it lacks are None. A frame of a person has rater, question and group."""

    people: pd.DataFrame | None
    questions: pd.DataFrame | None
    opinions: pd.DataFrame
    statements: pd.DataFrame
    positions: pd.DataFrame | None
    ratings: pd.DataFrame
    comparisons: pd.DataFrame | None

    @property
    def of_people(self) -> list[pd.DataFrame]:
        """The frames of a person on a question."""
        return [frame for frame in (self.opinions, self.ratings, self.positions, self.comparisons) if frame is not None]


def read_parts(mapping: MappingFile, source: Source, unusable: Unusable) -> Parts:
    """Raises InputError for files, columns and rows that cannot be used."""
    reader = _Reader(mapping, source, unusable)
    opinions, statements = reader.opinions(), reader.statements()
    parts = Parts(
        people=reader.people(),
        questions=reader.questions(),
        opinions=opinions,
        statements=statements,
        positions=reader.positions(),
        ratings=reader.ratings(opinions, statements),
        comparisons=reader.comparisons(opinions, statements),
    )
    unusable.refuse()
    return parts


class _Reader:
    def __init__(self, mapping: MappingFile, source: Source, unusable: Unusable) -> None:
        self._mapping, self._source, self._unusable = mapping, source, unusable

    def people(self) -> pd.DataFrame | None:
        if self._mapping.people is None:
            return None
        people = self._identified("people", ["rater"])
        attributes = [f"attributes.{name}" for name in self._mapping.people.attributes]
        people = self._once("people", people, ["rater"], agree=attributes)
        if (ages := self._mapping.people.attributes.get("age")) is None:
            return people
        numbers, bad = _numbers(people["attributes.age"])
        bad |= (numbers < 0) | (numbers > _OLDEST) | (numbers != np.floor(numbers)) & ~np.isnan(numbers)
        people = people.assign(given=people["attributes.age"], **{"attributes.age": numbers})
        return self._without(
            "people", people, bad, "age", lambda row: f"{ages} {_plain(row['given'])!r}: expected an age in whole years"
        )

    def questions(self) -> pd.DataFrame | None:
        if self._mapping.questions is None:
            return None
        questions = self._with_text("questions", self._identified("questions", ["question"]))
        questions = self._once("questions", questions, ["question"], agree=["text"])
        if self._mapping.questions.split is None or not self._mapping.questions.splits:
            return questions
        known = self._mapping.questions.splits
        bad = ~questions["split"].isin(list(known)).to_numpy()
        questions = self._without(
            "questions",
            questions,
            bad,
            "split",
            lambda row: f"split {row['split']!r}: expected one of {', '.join(known)}, as in splits",
        )
        return questions.assign(split=questions["split"].map(known))

    def opinions(self) -> pd.DataFrame:
        opinions = self._of_person("opinions", self._mapping.opinions)
        return self._once("opinions", self._with_text("opinions", opinions), ["rater", "question"], agree=["text"])

    def statements(self) -> pd.DataFrame:
        statements = self._with_text("statements", self._identified("statements", ["statement"]))
        agree = ["text", "arm"] if "arm" in statements else ["text"]
        return self._once("statements", statements, ["statement"], agree=agree)

    def positions(self) -> pd.DataFrame | None:
        settings = self._mapping.positions
        if settings is None:
            return None
        positions = self._of_person("positions", settings)
        positions = self._answered("positions", positions, {"rating": settings.rating})
        positions["moment"] = positions["moment"].astype(str).map(settings.moments) if settings.moment else "before"
        bad = positions["moment"].isna().to_numpy()
        moments = ", ".join(settings.moments)
        positions = self._without(
            "positions", positions, bad, "moment", lambda row: f"no moment of its own: expected one of {moments}"
        )
        return self._once("positions", positions, ["rater", "question", "moment"])

    def ratings(self, opinions: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
        settings = self._mapping.ratings
        ratings = self._of_person("ratings", settings, "statement")
        ratings = self._answered("ratings", ratings, settings.scales)
        ratings = ratings.assign(**{"pass": self._passes(ratings)}).drop(columns="pass_index", errors="ignore")
        ratings = self._known("ratings", ratings, "statement", statements)
        ratings = self._once("ratings", ratings, ["rater", "question", "statement", "pass"]).rename(
            columns={"pass": "pass_index"}
        )
        return self._with_opinion("ratings", ratings, opinions)

    def comparisons(self, opinions: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame | None:
        import pandas as pd

        frames: list[pd.DataFrame] = []
        for part, settings in self._mapping.parts.items():
            if isinstance(settings, ComparisonsSettings):
                rows = self._compared(part, settings, statements)
                rows = self._not_before(part, rows, frames)
                frames.append(self._with_opinion(part, rows, opinions))
        return pd.concat(frames, ignore_index=True) if frames else None

    def _compared(self, part: str, settings: ComparisonsSettings, statements: pd.DataFrame) -> pd.DataFrame:
        rows = self._of_person(part, settings, "first", "second")
        for side in ("first", "second"):
            rows = self._known(part, rows, side, statements)
        rows = rows.assign(preferred=_preferred(rows["answer"], settings))
        allowed = ", ".join(map(str, (*settings.prefer_first, *settings.tie, *settings.prefer_second)))
        rows = self._without(
            part,
            rows,
            rows["preferred"].isna().to_numpy(),
            "answer",
            lambda row: f"{settings.answer} {row['answer']!r}: expected one of {allowed}",
        )
        rows = self._without(
            part,
            rows,
            (rows["first"] == rows["second"]).to_numpy(),
            "twice the same",
            lambda row: f"compares {row['first']!r} with itself: expected two statements",
        )
        return self._once(part, rows, ["rater", "question"])

    def _not_before(self, part: str, rows: pd.DataFrame, before: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """Without comparisons of people whom an earlier part has on the question."""
        known = {key for frame in before for key in zip(frame["rater"], frame["question"], strict=True)}
        again = np.array([key in known for key in zip(rows["rater"], rows["question"], strict=True)], dtype=bool)
        return self._without(
            part,
            rows,
            again,
            "twice",
            lambda row: (
                f"rater {row['rater']!r} and {row['question']!r:.60}: in comparisons before {part}: expected once"
            ),
        )

    # --- checks ---

    def _without(self, part: str, frame: pd.DataFrame, bad: Mask, reason: str, tell: object) -> pd.DataFrame:
        return self._unusable.without(part, frame, bad, reason, tell)  # type: ignore[arg-type]

    def _of_person(self, part: str, settings: OfPersonSettings, *ids: str) -> pd.DataFrame:
        named = [*("rater", "question"), *(["group"] if settings.group else []), *ids]
        frame = self._identified(part, named)
        return frame if settings.group else frame.assign(group=frame["rater"])

    def _identified(self, part: str, ids: Sequence[str]) -> pd.DataFrame:
        """The rows of a part, its ids as text, each row with all of them."""
        frame = self._source.rows(part)
        columns = self._source.parts[part].columns
        for name in (*ids, *(other for other in ("arm", "opinion", "split", "topic") if other in frame)):
            frame[name] = _as_text(frame[name])
        for name in ids:
            frame = self._without(
                part,
                frame,
                frame[name].isna().to_numpy(),
                f"no {name}",
                lambda _, column=columns[name]: f"{column} is empty: expected an id",
            )
        return frame

    def _with_text(self, part: str, frame: pd.DataFrame) -> pd.DataFrame:
        column = self._source.parts[part].columns["text"]
        texts = [cell.strip() if isinstance(cell, str) else "" for cell in frame["text"]]
        frame = frame.assign(text=texts)
        return self._without(
            part, frame, (frame["text"] == "").to_numpy(), "empty text", lambda _: f"{column} is empty: expected a text"
        )

    def _once(self, part: str, frame: pd.DataFrame, key: list[str], agree: Sequence[str] = ()) -> pd.DataFrame:
        """Each key once. Rows that ``agree`` with the first of their key in these columns say nothing new, and go in silence."""
        first = frame.groupby(key, sort=False, dropna=False)[ROW].transform("first")
        again = frame.duplicated(key).to_numpy()
        if agree:
            same = ~frame[[*key, *agree]].duplicated(keep="first").to_numpy()
            frame, again, first = frame[same], again[same], first[same]
        columns = self._source.parts[part].columns
        return self._without(
            part,
            frame.assign(first_row=first),
            again,
            "twice",
            lambda row: (
                f"{', '.join(f'{columns.get(name, name)} {_told(row[name])}' for name in key)}: given before, in row"
                f" {row['first_row']:,}: expected once"
            ),
        ).drop(columns="first_row")

    def _answered(self, part: str, frame: pd.DataFrame, scales: dict[str, AnswerSettings]) -> pd.DataFrame:
        """With each scale's answers as whole points, missing where there is none; rows without any answer go."""
        for name, scale in scales.items():
            given = frame[_source_column(name)]
            points, bad = _points(given, scale)
            lowest, highest = scale.points
            words = f" or one of {', '.join(scale.words)}" if scale.words else ""
            frame = frame.assign(**{name: points, "given": given})
            frame = self._without(
                part,
                frame,
                bad,
                f"{name} off the scale",
                lambda row, column=scale.column, low=lowest, high=highest, words=words: (
                    f"{column} {_plain(row['given'])!r}: expected a whole number from {low} to {high}{words}"
                ),
            )
            if scale.as_ == "spread" and name in (*SCALES, "rating"):
                frame = frame.assign(
                    **{name: [_to_run(point, scale) for point in frame[name]], f"{name}{GIVEN}": frame[name]}
                )
        return frame[frame[list(scales)].notna().any(axis=1)].drop(columns="given")

    def _passes(self, ratings: pd.DataFrame) -> Floats:
        if self._mapping.ratings.pass_index is None:
            return np.ones(len(ratings))
        passes, _ = _numbers(ratings["pass_index"])
        return passes

    def _known(self, part: str, frame: pd.DataFrame, name: str, statements: pd.DataFrame) -> pd.DataFrame:
        bad = ~frame[name].isin(statements["statement"]).to_numpy()
        where, column = self._source.parts["statements"].file, self._source.parts[part].columns[name]
        return self._without(
            part,
            frame,
            bad,
            "unknown statement",
            lambda row: f"{column} {row[name]!r}: expected a statement of {where}",
        )

    def _with_opinion(self, part: str, frame: pd.DataFrame, opinions: pd.DataFrame) -> pd.DataFrame:
        key = ["rater", "question"]
        written = opinions[key].assign(written=True)
        bad = frame[key].merge(written, how="left", on=key)["written"].isna().to_numpy()
        where = self._source.parts["opinions"].file
        return self._without(
            part,
            frame,
            bad,
            "without an opinion",
            lambda row: f"rater {row['rater']!r} has no opinion on {row['question']!r:.60}: expected one in {where}",
        )


# --- cells -------------------------------------------------------------------------------------------------------


def _source_column(scale: str) -> str:
    return "rating.column" if scale == "rating" else f"scales.{scale}.column"


def _as_text(cells: pd.Series) -> pd.Series:
    """Ids as text: whole numbers without a point, missing where there is nothing."""
    return cells.map(_id_text).astype(object)


def _id_text(cell: object) -> str | None:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return None
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    text = str(_plain(cell)).strip()
    return text or None


def _told(value: object) -> str:
    """A part of a key, whole numbers without a point."""
    return f"{value:g}" if isinstance(value, float) else f"{value!r:.60}"


def _plain(cell: object) -> object:
    """A value of NumPy as Python has it."""
    return cell.item() if isinstance(cell, np.generic) else cell


def _numbers(cells: pd.Series) -> tuple[Floats, Mask]:
    """Cells as numbers, NaN where there is none, and which hold something that is no number."""
    import pandas as pd

    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers, np.isnan(numbers) & cells.notna().to_numpy()


def _points(cells: pd.Series, scale: AnswerSettings) -> tuple[Floats, Mask]:
    """Points of the source's scale, NaN for no answer, and which cells are none of these."""
    nothing = {str(value) for value in scale.none}
    plain = cells.map(lambda cell: None if str(_plain(cell)) in nothing else scale.words.get(str(cell), cell))
    numbers, bad = _numbers(plain)
    lowest, highest = scale.points
    known = np.isnan(numbers) | ((numbers >= lowest) & (numbers <= highest) & (numbers == np.floor(numbers)))
    return numbers, bad | ~known


def _to_run(point: float, scale: AnswerSettings) -> float:
    return point if np.isnan(point) else float(scale.to_run(int(point)))


def _preferred(answers: pd.Series, settings: ComparisonsSettings) -> pd.Series:
    """1 for the first statement, 2 for the second, 0 for neither; missing for anything else."""
    meaning = {
        **{str(value): 0 for value in settings.tie},
        **{str(value): 1 for value in settings.prefer_first},
        **{str(value): 2 for value in settings.prefer_second},
    }
    return answers.map(lambda cell: meaning.get(str(_plain(cell))))
