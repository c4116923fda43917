"""The parts of a mapping, read and checked: ids are text, texts say something, and answers are on the scales of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simcons.scenario.mapping import (
    ComparisonsSettings,
    MappingFile,
    PositionsSettings,
)
from simcons.storage.imported.cells import is_list, is_nothing, numbers_in, plain, preferred, shown
from simcons.storage.imported.checks import Checks
from simcons.storage.imported.source import Source
from simcons.storage.imported.unusable import Unusable

if TYPE_CHECKING:
    import pandas as pd

_OLDEST = 130  # years


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
    people, questions = reader.people(), reader.questions()
    opinions, statements = reader.opinions(), reader.statements()
    parts = Parts(
        people=people,
        questions=questions,
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
        self._mapping, self._check = mapping, Checks(mapping, source, unusable)

    def people(self) -> pd.DataFrame | None:
        if self._mapping.people is None:
            return None
        people = self._check.identified("people", ["rater", *(["group"] if self._mapping.people.group else [])])
        people = self._with_single(people, self._mapping.people.attributes)
        attributes = [f"attributes.{name}" for name in self._mapping.people.attributes]
        if self._mapping.people.group:
            people = self._check.of_one_group("people", people)
        people = self._check.once("people", people, ["rater"], agree=attributes)
        if (ages := self._mapping.people.attributes.get("age")) is None:
            return people
        numbers, bad = numbers_in(people["attributes.age"])
        bad |= (numbers < 0) | (numbers > _OLDEST) | (numbers != np.floor(numbers)) & ~np.isnan(numbers)
        self._check.count(
            "people",
            people,
            bad,
            "age, of rows that stay",
            lambda row: f"{shown(ages, row['attributes.age'])}: expected an age in whole years",
        )
        return people.assign(**{"attributes.age": np.where(bad, np.nan, numbers)})

    def _with_single(self, people: pd.DataFrame, attributes: Mapping[str, str]) -> pd.DataFrame:
        """Without rows that have a list for an attribute."""
        for name, column in attributes.items():
            key = f"attributes.{name}"
            people = self._check.without(
                "people",
                people,
                np.array([is_list(cell) for cell in people[key]], dtype=bool),
                f"a list for {name}",
                lambda row, key=key, column=column: f"{column} {list(row[key])!r:.60}: expected one value",
            )
        return people

    def questions(self) -> pd.DataFrame | None:
        if self._mapping.questions is None:
            return None
        questions = self._check.with_text("questions", self._check.identified("questions", ["question"]))
        questions = self._split(self._check.once("questions", questions, ["question"], agree=["text"]))
        self._check.ask_only(set(questions["question"]))
        return questions

    def _split(self, questions: pd.DataFrame) -> pd.DataFrame:
        """With the splits of a run for those of the source."""
        if self._mapping.questions is None or (column := self._mapping.questions.split) is None:
            return questions
        known = self._mapping.questions.splits
        kept = self._check.without(
            "questions",
            questions,
            ~questions["split"].isin(list(known)).to_numpy(),
            "split",
            lambda row: f"{shown(column, row['split'])}: expected one of {', '.join(known)}, as in splits",
        )
        return kept.assign(split=kept["split"].map(known))

    def opinions(self) -> pd.DataFrame:
        opinions = self._check.with_text("opinions", self._check.of_person("opinions", self._mapping.opinions))
        opinions = self._check.once("opinions", opinions, ["rater", "question"], agree=["text"])
        if (column := self._mapping.opinions.opinion) is None:
            return opinions
        again = opinions["opinion"].notna() & opinions["opinion"].duplicated()
        return self._check.without(
            "opinions",
            opinions,
            again.to_numpy(),
            "id given twice",
            lambda row: f"{column} {row['opinion']!r}: is of an opinion before: expected one of its own",
        )

    def statements(self) -> pd.DataFrame:
        statements = self._made_from(
            self._check.with_text("statements", self._check.identified("statements", ["statement"]))
        )
        agree = ["text", "arm"] if "arm" in statements else ["text"]
        return self._check.once("statements", statements, ["statement"], agree=agree)

    def positions(self) -> pd.DataFrame | None:
        settings = self._mapping.positions
        if settings is None:
            return None
        positions = self._check.of_person("positions", settings)
        positions = self._check.answered("positions", positions, {"rating": settings.rating})
        return self._check.once("positions", self._at_moments(positions, settings), ["rater", "question", "moment"])

    def _at_moments(self, positions: pd.DataFrame, settings: PositionsSettings) -> pd.DataFrame:
        if settings.moment is None:
            return positions.assign(moment="before")
        moments = positions["moment"].map(lambda cell: settings.moments.get(str(plain(cell))))
        known = ", ".join(settings.moments)
        kept = self._check.without(
            "positions",
            positions,
            moments.isna().to_numpy(),
            "moment",
            lambda row: f"{shown(str(settings.moment), row['moment'])}: expected one of {known}, as in moments",
        )
        return kept.assign(moment=moments[moments.notna()])

    def ratings(self, opinions: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame:
        settings = self._mapping.ratings
        ratings = self._check.of_person("ratings", settings, "statement")
        ratings = self._check.answered("ratings", ratings, settings.scales)
        ratings = self._ranked(self._in_passes(ratings))
        ratings = self._check.known("ratings", ratings, "statement", statements)
        ratings = self._check.once("ratings", ratings, ["rater", "question", "statement", "pass"]).rename(
            columns={"pass": "pass_index"}
        )
        return self._check.with_opinion("ratings", ratings, opinions)

    def _in_passes(self, ratings: pd.DataFrame) -> pd.DataFrame:
        """With ``pass`` in place of ``pass_index``."""
        if (column := self._mapping.ratings.pass_index) is None:
            return ratings.assign(**{"pass": 1.0})
        passes, _ = numbers_in(ratings["pass_index"])
        known = np.isin(passes, (1, 2))
        kept = self._check.without(
            "ratings",
            ratings,
            ~known,
            "pass",
            lambda row: f"{shown(column, row['pass_index'])}: expected 1 or 2",
        )
        return kept.assign(**{"pass": passes[known]}).drop(columns="pass_index")

    def _ranked(self, ratings: pd.DataFrame) -> pd.DataFrame:
        """With ranks as numbers, missing where there is none."""
        settings = self._mapping.ratings
        if settings.rank is None:
            return ratings
        nothing = {str(value) for value in settings.no_rank}
        ranks, bad = numbers_in(ratings["rank"].map(lambda cell: None if str(plain(cell)) in nothing else cell))
        self._check.count(
            "ratings",
            ratings,
            bad,
            "rank, of rows that stay",
            lambda row: f"{shown(str(settings.rank), row['rank'])}: expected a number",
        )
        return ratings.assign(rank=ranks)

    def comparisons(self, opinions: pd.DataFrame, statements: pd.DataFrame) -> pd.DataFrame | None:
        import pandas as pd

        frames: list[pd.DataFrame] = []
        for part, settings in self._mapping.parts.items():
            if isinstance(settings, ComparisonsSettings):
                rows = self._compared(part, settings, statements)
                rows = self._not_before(part, rows, frames)
                frames.append(self._check.with_opinion(part, rows, opinions))
        return pd.concat(frames, ignore_index=True) if frames else None

    def _compared(self, part: str, settings: ComparisonsSettings, statements: pd.DataFrame) -> pd.DataFrame:
        rows = self._check.of_person(part, settings, "first", "second")
        for side in ("first", "second"):
            rows = self._check.known(part, rows, side, statements)
        rows = rows.assign(preferred=preferred(rows["answer"], settings))
        allowed = ", ".join(map(str, (*settings.prefer_first, *settings.tie, *settings.prefer_second)))
        rows = self._check.without(
            part,
            rows,
            rows["preferred"].isna().to_numpy(),
            "answer",
            lambda row: f"{shown(settings.answer, row['answer'])}: expected one of {allowed}",
        )
        rows = self._check.without(
            part,
            rows,
            (rows["first"] == rows["second"]).to_numpy(),
            "twice the same",
            lambda row: f"compares {row['first']!r} with itself: expected two statements",
        )
        return self._check.once(part, rows, ["rater", "question"])

    def _not_before(self, part: str, rows: pd.DataFrame, before: Sequence[pd.DataFrame]) -> pd.DataFrame:
        """Without comparisons of people whom an earlier part has on the question."""
        known = {key for frame in before for key in zip(frame["rater"], frame["question"], strict=True)}
        again = np.array([key in known for key in zip(rows["rater"], rows["question"], strict=True)], dtype=bool)
        return self._check.without(
            part,
            rows,
            again,
            "twice",
            lambda row: (
                f"rater {row['rater']!r} and {row['question']!r:.60}: in comparisons before {part}: expected once"
            ),
        )

    def _made_from(self, statements: pd.DataFrame) -> pd.DataFrame:
        if (column := self._mapping.statements.made_from) is None:
            return statements
        bad = np.array([not (is_list(cell) or is_nothing(cell)) for cell in statements["made_from"]], dtype=bool)
        self._check.count(
            "statements",
            statements,
            bad,
            "what they are made from, of rows that stay",
            lambda row: f"{shown(column, row['made_from'])}: expected a list of ids of opinions",
        )
        return statements
