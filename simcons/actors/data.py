"""Persona data made of run folders: the language-model mind's own prompts, and what people answered.

Prompts are made by the functions that the mind makes them by, of what the person had said by then: a position is asked for before
anything else, an opinion with the position told, and a rating with both. An opinion is asked for at the length that it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcons.actors.profiles import Cast, Profile, cast_of
from simcons.actors.settings import PersonaDataSettings
from simcons.counted import counted
from simcons.errors import TrainingDataError
from simcons.languages.language import Language
from simcons.population.minds.elicitation import CHOICES
from simcons.population.minds.likert import POINTS, Listed
from simcons.population.minds.prompts import (
    POSITION,
    MindTemplates,
    RatingQuestion,
    Told,
    load_templates,
    opinion_prompt,
    rating_prompt,
    shown_scale,
)
from simcons.questions.by_text import QuestionsByText
from simcons.scale import AGREEMENT, HIGHEST, LOWEST, SCALES
from simcons.scenario.minds import LlmMindSettings
from simcons.seeds import stream
from simcons.storage.recorded import RecordedRun, load_recorded
from simcons.training.data.examples import SideName
from simcons.training.data.funnel import Funnel
from simcons.training.data.persona import NEGATION, OPINION, SIDE, PersonaAnswer, PersonaData, PersonaExample
from simcons.training.data.raters import raters_of
from simcons.training.data.runs import (
    ID_LENGTH,
    TO_LEARN_FROM,
    count_questions,
    discussions,
    refuse_repeats,
    tables_hash,
    usable_rounds,
)
from simcons.training.data.sides import assign

if TYPE_CHECKING:
    import pandas as pd

TABLES_READ = ("participants", "rounds", "positions", "opinions", "candidates", "ratings")
_WHO = ["round_id", "participant_id"]


@dataclass(frozen=True, slots=True, eq=False)
class PlayedRun:
    """A run that is learnt from. id: the beginning of the hash of the tables that are read."""

    id: str
    run: RecordedRun
    cast: Cast

    def everywhere(self, name: str) -> str:
        """A name of this run as it is known among all."""
        return f"{self.id}/{name}"


@dataclass(frozen=True, slots=True, eq=False)
class BuiltPersonaData:
    """Persona data, and how it came about."""

    data: PersonaData
    settings: PersonaDataSettings
    runs: tuple[PlayedRun, ...]
    funnel: Funnel


def build_persona_data(folders: Sequence[Path], settings: PersonaDataSettings) -> BuiltPersonaData:
    """All that a model may learn of the people in the runs in ``folders``.

    Raises ScenarioError for a prompt that is wrong, RunFolderError for a run that cannot be used, TrainingDataError where too
    little is left.
    """
    templates, funnel = mind_templates(settings), Funnel()
    runs = [_opened(folder) for folder in folders]
    refuse_repeats([run.run for run in runs], [run.id for run in runs])
    rounds = _rounds_to_learn_from(runs)
    discussed = [discussion for run in runs for discussion in discussions(run.run, rounds[run.id], run.everywhere)]
    sides = assign(discussed, share=settings.validation, seed=settings.seed)
    made: dict[SideName, list[PersonaExample]] = {"learn": [], "validation": []}
    for run in runs:
        for example in _examples(run, rounds[run.id], templates, settings, funnel):
            if (side := sides.get(run.everywhere(example.round_id))) is not None:
                made[side].append(example)
    funnel.count("of groups on the side of their question", sum(map(len, made.values())))
    data = PersonaData(**{side: tuple(sorted(some, key=lambda example: example.id)) for side, some in made.items()})
    _check_enough(data, settings.least, funnel)
    return BuiltPersonaData(data, settings, tuple(runs), funnel)


def people_of(folder: Path, settings: PersonaDataSettings) -> list[PersonaExample]:
    """All that people answered in a run, on questions of every split. Raises as `build_persona_data`."""
    run = _opened(folder)
    return list(_examples(run, run.run.frame("rounds"), mind_templates(settings), settings, Funnel()))


def mind_templates(settings: PersonaDataSettings) -> MindTemplates:
    """The prompts of the mind that people are told and asked by. Raises ScenarioError for one that is wrong."""
    return load_templates(
        LlmMindSettings(
            kind="llm", engine="actor", opinion_prompt=settings.opinion_prompt, rating_prompt=settings.rating_prompt
        )
    )


def _check_enough(data: PersonaData, least: int, funnel: Funnel) -> None:
    for verb, some, fewest in (("learn from", data.learn, least), ("validate on", data.validation, 1)):
        if len(some) < fewest:
            raise funnel.too_few(f"{len(some):,} people in rounds to {verb}", fewest)


# --- runs --------------------------------------------------------------------------------------------------------


def _opened(folder: Path) -> PlayedRun:
    run = load_recorded(folder)
    return PlayedRun(tables_hash(run, TABLES_READ)[:ID_LENGTH], run, cast_of(run))


def _rounds_to_learn_from(runs: Sequence[PlayedRun]) -> dict[str, pd.DataFrame]:
    """By run, its rounds on questions that are a test in none of the runs, with ``key``, by which a question is known in all."""
    usable = usable_rounds([run.run for run in runs])
    n_questions = count_questions(usable)
    if n_questions < 2:
        raise TrainingDataError(
            f"{counted(n_questions, 'question')} to learn from (split {TO_LEARN_FROM}); expected at least 2, to hold one out"
        )
    return {run.id: frame for run, frame in zip(runs, usable, strict=True)}


# --- examples ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Records:
    """What people answered, by round and person. ratings: of each statement, by scale, in all passes."""

    positions: Mapping[tuple[str, str], float]
    opinions: Mapping[tuple[str, str], tuple[str, bool]]
    ratings: Mapping[tuple[str, str], Mapping[str, Mapping[str, list[float]]]]

    def whose(self) -> set[tuple[str, str]]:
        return {*self.positions, *self.opinions, *self.ratings}


def _examples(
    run: PlayedRun, rounds: pd.DataFrame, templates: MindTemplates, settings: PersonaDataSettings, funnel: Funnel
) -> Iterator[PersonaExample]:
    """One for each person and round, in the order of their ids. What is left is counted after each filter."""
    records, about = _records(run), {row["round_id"]: row for row in rounds.to_dict("records")}
    here = sorted(who for who in records.whose() if who[0] in about and who[1] in run.cast.profiles)
    funnel.count("people in rounds", len(here))
    if settings.raters == "reliable" and AGREEMENT.name in run.run.scales:
        unreliable = raters_of(run.run.frame("ratings")).unreliable
        here = [who for who in here if who[1] not in unreliable]
    funnel.count("who rate reliably", len(here))
    asking = _Asking(run.cast, templates, settings, QuestionsByText(run.cast.language))
    for who in here:
        example = asking.example(run.id, about[who[0]], who, records)
        if example.answers:
            funnel.count("with an answer", 1)
            yield example


def _records(played: PlayedRun) -> _Records:
    run = played.run
    positions = run.frame("positions")
    positions = positions[positions["moment"].eq("before") & positions["rating"].notna()]
    opinions = run.frame("opinions")
    opinions = opinions[opinions["text"].str.strip() != ""]
    return _Records(
        {(name, who): float(rating) for name, who, rating in _columns(positions, *_WHO, "rating")},
        {
            (name, who): (text, bool(cut) if cut == cut else False)
            for name, who, text, cut in _columns(opinions, *_WHO, "text", "cut_short")
        },
        _ratings(run, played.cast.language),
    )


def _ratings(run: RecordedRun, language: Language) -> dict[tuple[str, str], dict[str, dict[str, list[float]]]]:
    texts = run.frame("candidates")[["candidate_id", "text"]]
    rows = run.frame("ratings").merge(texts, on="candidate_id").sort_values(["candidate_id", "pass_index"])
    given: dict[tuple[str, str], dict[str, dict[str, list[float]]]] = {}
    worded = [name for name in run.scales if name in SCALES and SCALES[name] in language.scales]
    for scale in worded:
        for name, who, text, rating in _columns(rows.dropna(subset=[scale]), *_WHO, "text", scale):
            statements = given.setdefault((name, who), {})
            statements.setdefault(text, {}).setdefault(scale, []).append(float(rating))
    return given


def _columns(frame: pd.DataFrame, *names: str) -> Iterable[tuple[Any, ...]]:
    rows: Iterable[tuple[Any, ...]] = frame[list(names)].itertuples(index=False, name=None)
    return rows


@dataclass(frozen=True, slots=True)
class _Asking:
    """Puts questions as the mind does."""

    cast: Cast
    templates: MindTemplates
    settings: PersonaDataSettings
    questions: QuestionsByText

    def example(self, run: str, about: Mapping[str, Any], who: tuple[str, str], records: _Records) -> PersonaExample:
        profile = self.cast.profiles[who[1]]
        known = about["position_statement"]
        statement = known if isinstance(known, str) else ""  # NaN where the study asked for no position
        position = records.positions.get(who) if statement else None
        text, cut_short = records.opinions.get(who, (None, False))
        told = Told(profile.traits, about["question"], statement)
        answered = replace(told, answer=position)
        rating = self._as_ratings_tell(replace(answered, opinion=text), who[0])
        answers = [
            *([] if position is None else [self._position(told, position, who)]),
            *([] if text is None or cut_short or self._careless(text) else [self._opinion(answered, profile, text)]),
            *self._rated(rating, who, records.ratings.get(who, {})),
            *([] if position is None or not self.settings.sides else self._sides(rating, who, position)),
        ]
        return PersonaExample(
            id="/".join((run, *who)), run=run, source=self.cast.source, session_id=about["session_id"],
            round_id=who[0], participant_id=who[1], question=about["question"], position_statement=statement,
            traits=profile.traits, position=position, opinion=text, manner=profile.manner,
            told=rating.answer is not None, read=rating.opinion is not None, answers=tuple(answers),
        )  # fmt: skip

    def _position(self, told: Told, position: float, who: tuple[str, str]) -> PersonaAnswer:
        asked = RatingQuestion(POSITION, AGREEMENT, told.position)
        return rated_answer(
            self.templates, told, self.cast, asked, listed=self._listed(who, POSITION), given=[position]
        )

    def _opinion(self, told: Told, profile: Profile, text: str) -> PersonaAnswer:
        words = len(text.split())
        messages = opinion_prompt(self.templates, told, self.cast.language, words=words, manner=profile.manner)
        return PersonaAnswer(OPINION, messages, reply=" ".join(text.split()))

    def _rated(
        self, told: Told, who: tuple[str, str], ratings: Mapping[str, Mapping[str, Sequence[float]]]
    ) -> Iterator[PersonaAnswer]:
        for statement, scales in ratings.items():
            for name, given in scales.items():
                asked = RatingQuestion(name, SCALES[name], statement)
                listed = self._listed(who, name, statement)
                yield rated_answer(self.templates, told, self.cast, asked, listed=listed, given=given)

    def _sides(self, told: Told, who: tuple[str, str], position: float) -> Iterator[PersonaAnswer]:
        """The position statement and its negation as statements, to which the position is the answer, and its opposite.

        They are asked by the position alone, or by the opinion alone where that is untold: each has to be enough.
        """
        question = self.questions.find(told.question, told.position)
        by_one = told if told.answer is None else replace(told, opinion=None)
        opposite = LOWEST + HIGHEST - position
        for act, statement, given in ((SIDE, question.position, position), (NEGATION, question.negation, opposite)):
            asked = RatingQuestion(AGREEMENT.name, AGREEMENT, statement)
            listed = self._listed(who, act)
            yield replace(rated_answer(self.templates, by_one, self.cast, asked, listed=listed, given=[given]), act=act)

    def _as_ratings_tell(self, told: Told, round_id: str) -> Told:
        """With the position or the opinion left out, where the person has both."""
        if told.answer is None or told.opinion is None:
            return told
        drawn = stream(self.settings.seed, "persona data", round_id, "untold").random()
        if drawn < self.settings.untold:
            return replace(told, answer=None)
        return replace(told, opinion=None) if drawn >= 1 - self.settings.unread else told

    def _listed(self, who: tuple[str, str], *key: str) -> Listed:
        return "up" if stream(self.settings.seed, "persona data", *who, *key).random() < 0.5 else "down"

    def _careless(self, text: str) -> bool:
        return text in self.cast.language.opinions.careless


def rated_answer(
    templates: MindTemplates, told: Told, cast: Cast, asked: RatingQuestion, *, listed: Listed, given: Sequence[float]
) -> PersonaAnswer:
    """A rating question, and the ratings that were given."""
    options = shown_scale(asked.scale, cast.language).options(listed)
    messages = rating_prompt(templates, told, cast.language, asked, options=options)
    return PersonaAnswer(asked.act, messages, asked.statement, CHOICES, shares_of(given))


def shares_of(given: Sequence[float]) -> tuple[float, ...]:
    """[7]: the share of the answers on each point; one between two points is shared by them as it is near."""
    shares = [0.0] * len(POINTS)
    for value in given:
        below = min(max(floor(value), POINTS[0]), POINTS[-1] - 1)
        above = min(max(value - below, 0.0), 1.0)
        shares[below - POINTS[0]] += (1 - above) / len(given)
        shares[below + 1 - POINTS[0]] += above / len(given)
    return tuple(shares)
