"""The tables of a run, made from the checked parts of a source. What the source lacks stays missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from simcons.scale import SCALES
from simcons.scenario.mapping import MappingFile
from simcons.storage.imported.checks import GIVEN
from simcons.storage.imported.parts import Parts

if TYPE_CHECKING:
    import pandas as pd

Tables: TypeAlias = Mapping[str, "pd.DataFrame"]
_ROUND, _PERSON = "round_id", "participant_id"
_TO_LEARN_FROM = "train"


def scales_of(mapping: MappingFile) -> tuple[str, ...]:
    """The scales of a run that were asked, in the mapping's order."""
    return tuple(name for name in mapping.ratings.scales if name in SCALES)


def build_tables(parts: Parts, mapping: MappingFile) -> Tables:
    """By name, the columns there are something for; the others of a table, and other tables, have nothing."""
    build = _Build(parts, mapping)
    return {
        "participants": build.participants,
        "sessions": build.sessions(),
        "rounds": build.rounds,
        "positions": build.positions(),
        "opinions": build.opinions(),
        "candidates": build.candidates,
        "selections": build.selections(),
        "ratings": build.ratings(),
        "rankings": build.rankings(),
    }


@dataclass(frozen=True, slots=True)
class _Shown:
    """One row a statement and round in which it was rated or compared: statement, round_id, candidate_id."""

    frame: pd.DataFrame

    def of(self, rows: pd.DataFrame, column: str = "statement") -> pd.Series:
        """The candidate of each row, by its round and the statement in ``column``."""
        keys = rows[[_ROUND, column]].rename(columns={column: "statement"})
        return keys.merge(self.frame, how="left", on=[_ROUND, "statement"])["candidate_id"].set_axis(rows.index)


class _Build:
    def __init__(self, parts: Parts, mapping: MappingFile) -> None:
        self._parts, self._mapping = parts, mapping
        self.rounds = _rounds(parts)
        self._round_of = self.rounds.set_index(["session_id", "question_id"])[_ROUND]
        self._opinions, self._ratings = self._in_rounds(parts.opinions), self._in_rounds(parts.ratings)
        self._positions, self._comparisons = self._in_rounds(parts.positions), self._in_rounds(parts.comparisons)
        self._shown = _shown([self._ratings[[_ROUND, "statement"]], *self._compared()])

    @cached_property
    def participants(self) -> pd.DataFrame:
        import pandas as pd

        members = pd.concat([frame[["rater", "group"]] for frame in self._parts.of_people]).drop_duplicates("rater")
        people = members.rename(columns={"rater": _PERSON, "group": "session_id"}).assign(outcome="finished")
        if self._parts.people is None:
            return people
        known = [name for name in self._parts.people.columns if name.startswith("attributes.")]
        attributes = self._parts.people[["rater", *known]].rename(columns={"rater": _PERSON}).rename(columns=_attribute)
        return people.merge(attributes, how="left", on=_PERSON)

    def sessions(self) -> pd.DataFrame:
        sizes = self.participants.groupby("session_id", sort=False).size()
        complete = self.rounds.groupby("session_id")["complete"].sum()
        frame = sizes.rename("group_size").reset_index().assign(outcome="finished")
        return frame.assign(n_rounds=frame["session_id"].map(complete).astype(int), n_members_left=frame["group_size"])

    def positions(self) -> pd.DataFrame:
        return self._answers(self._positions, {"rating": "rating", "moment": "moment"})

    def opinions(self) -> pd.DataFrame:
        opinions = self._answers(self._opinions, {"text": "text"})
        given = self._opinions.get("opinion")
        made = opinions[_ROUND] + "-" + opinions[_PERSON]
        return opinions.assign(
            opinion_id=(made if given is None else given.fillna(made)),
            n_words=[len(text.split()) for text in opinions["text"]],
        )

    @cached_property
    def candidates(self) -> pd.DataFrame:
        statements = self._parts.statements
        frame = self._shown.frame.merge(statements, on="statement")
        made_from = frame["made_from"] if "made_from" in frame else [None] * len(frame)
        return frame.assign(
            source="mediator",
            generator=frame.get("arm"),
            opinion_ids=[list(map(str, ids)) if isinstance(ids, list | np.ndarray) else [] for ids in made_from],
            shown=True,
            source_id=frame["statement"],
        )[["candidate_id", _ROUND, "source", "generator", "opinion_ids", "text", "shown", "source_id"]]

    def selections(self) -> pd.DataFrame:
        candidates = self.candidates.assign(arm=self.candidates["generator"].fillna(self._mapping.name))
        return candidates.assign(
            upper_bound=False,
            pick=candidates.groupby([_ROUND, "arm"]).cumcount() + 1,
        )[[_ROUND, "arm", "upper_bound", "pick", "candidate_id"]]

    def ratings(self) -> pd.DataFrame:
        asked = list(self._mapping.ratings.scales)
        given = [name for name in self._ratings if name.endswith(GIVEN)]
        columns = {name: name for name in ("pass_index", *asked, *given)}
        return self._answers(self._ratings, columns).assign(candidate_id=self._shown.of(self._ratings).to_numpy())

    def rankings(self) -> pd.DataFrame:
        import pandas as pd

        frames = [frame for frame in (self._ranked(), self._ranks_of_comparisons()) if len(frame)]
        return pd.concat(frames) if frames else pd.DataFrame(columns=[_ROUND, _PERSON, "candidate_id", "rank"])

    # --- rows ---

    def _in_rounds(self, frame: pd.DataFrame | None) -> pd.DataFrame:
        """With the round of each row; empty where the source has no such part."""
        if frame is None:
            return self._parts.opinions.iloc[:0].assign(**{_ROUND: None})
        keys = zip(frame["group"], frame["question"], strict=True)
        return frame.assign(**{_ROUND: [self._round_of[key] for key in keys]}).reset_index(drop=True)

    def _answers(self, frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
        """Round and person with the ``columns`` that there are, by their new names, and the time taken."""
        wanted = {_ROUND: _ROUND, "rater": _PERSON, "seconds": "seconds", **columns}
        kept = {name: new for name, new in wanted.items() if name in frame}
        return frame[list(kept)].rename(columns=kept)

    def _compared(self) -> Iterator[pd.DataFrame]:
        for side in ("first", "second"):
            if side in self._comparisons:
                yield self._comparisons[[_ROUND, side]].rename(columns={side: "statement"})

    def _ranked(self) -> pd.DataFrame:
        """Ranks that came with ratings, from 1, as many left out after a tie as share a place."""
        if "rank" not in self._ratings:
            return self._ratings.iloc[:0]
        ranked = self._ratings.dropna(subset=["rank"])
        of_person = ranked.groupby([_ROUND, "rater"])["rank"]
        return self._answers(ranked.assign(rank=of_person.rank(method="min")), {"rank": "rank"}).assign(
            candidate_id=self._shown.of(ranked)
        )

    def _ranks_of_comparisons(self) -> pd.DataFrame:
        """The preferred statement is the first, the other the second; both are the first where neither is preferred."""
        import pandas as pd

        rows = self._comparisons
        if "preferred" not in rows:
            return rows.iloc[:0]
        sides = []
        for place, side in enumerate(("first", "second"), start=1):
            rank = np.where(rows["preferred"].isin([0, place]), 1, 2)
            answers = self._answers(rows, {}).assign(rank=rank, place=place)
            sides.append(answers.assign(candidate_id=self._shown.of(rows, side)))
        return pd.concat(sides).sort_index(kind="stable")


def _rounds(parts: Parts) -> pd.DataFrame:
    """A row a question that a group discussed, in the order of the source."""
    import pandas as pd

    asked = pd.concat([frame[["group", "question"]] for frame in parts.of_people]).drop_duplicates()
    number = {question: k for k, question in enumerate(asked["question"].unique(), start=1)}
    places = asked["question"].map(number).astype(str)
    frame = asked.rename(columns={"group": "session_id", "question": "question_id"}).assign(
        round_id=asked["group"] + "-q" + places, round_index=asked.groupby("group").cumcount() + 1
    )
    questions = parts.questions
    known = pd.DataFrame({"question": list(number), "text": list(number)}) if questions is None else questions
    frame = frame.merge(
        known.rename(columns={"question": "question_id", "text": "question"}), how="left", on="question_id"
    )
    frame["question"] = frame["question"].fillna(frame["question_id"])
    keys = list(zip(frame["session_id"], frame["question_id"], strict=True))
    written = parts.opinions.groupby(["group", "question"]).size().to_dict()
    rated = parts.ratings.groupby(["group", "question"]).size().to_dict()
    return frame.assign(
        split=frame.get("split", _TO_LEARN_FROM),
        n_opinions=[written.get(key, 0) for key in keys],
        complete=[key in written and key in rated for key in keys],
    )


def _shown(pairs: Sequence[pd.DataFrame]) -> _Shown:
    """A candidate is called as its statement where that was shown in one round alone, or else by both."""
    import pandas as pd

    frame = pd.concat(pairs).drop_duplicates().reset_index(drop=True)
    alone = ~frame["statement"].duplicated(keep=False)
    both = frame[_ROUND] + "-" + frame["statement"]
    return _Shown(frame.assign(candidate_id=frame["statement"].where(alone, both)))


def _attribute(column: str) -> str:
    return column.removeprefix("attributes.")


def extra_columns(name: str, frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Columns of a frame that no simulated run has, such as a further attribute: kept beside the others."""
    kept = {"participants": set(frame), "ratings": set(frame), "candidates": {"source_id"}}.get(name, set())
    return [str(column) for column in frame if column in kept and column not in columns]
