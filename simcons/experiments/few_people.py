"""A few people beside a simulated study: the rounds that they rated, and what the arms would have made of their opinions.

An arm is software: of the opinions of a group it can write again and again. So what is predicted of the statements that a group
saw can be held against the mean prediction over statements that it might as well have seen, and what is wrong in the predictor is
in both (docs/decisions/few_people.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
import pandas as pd

from simcons.analysis.rated import Rated
from simcons.arrays import Floats
from simcons.counted import listed
from simcons.engines.acts import together
from simcons.engines.base import Act
from simcons.engines.load import load_encoder
from simcons.errors import InputError
from simcons.languages.language import Language
from simcons.mediator.arms import Arms
from simcons.mediator.pipeline import Mediation, Tools, mediate
from simcons.mediator.scorer import Scorer
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.questions.bank import Question
from simcons.questions.by_text import QuestionsByText
from simcons.questions.own import comparable
from simcons.scenario.mediators import MediatorSettings
from simcons.scenario.scoring import RulesReaderSettings, SettledReaderSettings
from simcons.scenario.study import Scenario
from simcons.storage.check import check_tables
from simcons.storage.load import Run, load
from simcons.study.plan import Plan, make_plan

Slates: TypeAlias = dict[tuple[str, str], list[tuple[str, ...]]]  # texts of each draw, by round and arm

TIMES = 10  # that statements are written anew for each round and arm


@dataclass(frozen=True, slots=True)
class PeopleSettings:
    """An imported study to put beside a simulated one.

    arms: theirs by ours, where they have other names. scorer: of the scenario, what predicts their agreement; times: that
    statements are written anew for each of their rounds.
    """

    folder: Path
    arms: Mapping[str, str] = field(default_factory=dict)
    scorer: str = "reader"
    times: int = TIMES


@dataclass(frozen=True, slots=True)
class FewPeople:
    """An imported study. arms: theirs by ours, of those that it has."""

    run: Run
    arms: Mapping[str, str]

    @property
    def name(self) -> str:
        return str(self.run.manifest.get("name"))


def load_people(folder: Path, ours: Sequence[str], given: Mapping[str, str]) -> FewPeople:
    """An imported study that has the first of ``ours`` and one other. given: their arms by ours, where these have other names.

    Raises RunFolderError, and InputError for a simulated run and for arms that are not there.
    """
    run = load(folder)
    if not run.imported:
        raise InputError(f"people {folder}: is a simulated run; expected one that simcons import made")
    check_tables(run)
    theirs = Rated.of_run(run).arms
    for name, arm in given.items():
        if name not in ours:
            raise InputError(f"arm {name!r}: there is no such arm; expected one of {', '.join(ours)}")
        if arm not in theirs:
            raise InputError(f"arm {name}={arm}: people {folder} has no such arm; expected one of {', '.join(theirs)}")
    arms = {name: arm for name in ours if (arm := given.get(name, name)) in theirs}
    if ours[0] not in arms or len(arms) < 2:
        raise InputError(
            f"people {folder}: has the arms {listed(theirs)}; expected to be told which stand for {listed(ours)}"
            " (--arm NAME=ARM)"
        )
    if len(set(arms.values())) < len(arms):
        raise InputError(
            f"people {folder}: {listed(list(arms.values()))} stand for {listed(list(arms))}; expected each once"
        )
    return FewPeople(run, arms)


# --- what the mediators saw ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PeopleRound:
    """A round of people, as mediators may see it. shown: their texts by our arms."""

    round_id: str
    question: Question
    opinions: tuple[SeenOpinion, ...]
    shown: Mapping[str, tuple[str, ...]]


def people_rounds(people: FewPeople, plan: Plan) -> Iterator[PeopleRound]:
    """Rounds with opinions and statements of two arms or more, on questions that yes or no answers.

    A question that the scenario has too is taken with its claims.
    """
    asked = _Asked(plan)
    opinions = people.run.frame("opinions").dropna(subset=["text"])
    by_round = {name: tuple(_seen(rows)) for name, rows in opinions.groupby("round_id", sort=False)}
    texts = _texts_shown(people)
    for row in people.run.frame("rounds").itertuples():
        shown = {arm: texts[row.round_id, arm] for arm in people.arms if (row.round_id, arm) in texts}
        question = asked.question(str(row.question), row.position_statement)
        if row.round_id in by_round and len(shown) > 1 and question is not None:
            yield PeopleRound(str(row.round_id), question, by_round[row.round_id], shown)


def _seen(opinions: pd.DataFrame) -> Iterator[SeenOpinion]:
    for row in opinions.itertuples():
        yield SeenOpinion(str(row.opinion_id), str(row.text))


def _texts_shown(people: FewPeople) -> dict[tuple[str, str], tuple[str, ...]]:
    """Statements by round and our arm."""
    ours = {theirs: name for name, theirs in people.arms.items()}
    shown = people.run.frame("selections")[["round_id", "arm", "candidate_id"]].drop_duplicates()
    shown = shown.merge(people.run.frame("candidates")[["round_id", "candidate_id", "text"]])
    shown = shown.assign(arm=shown["arm"].map(ours)).dropna(subset=["arm"])
    return {(str(name), str(arm)): tuple(rows["text"]) for (name, arm), rows in shown.groupby(["round_id", "arm"])}


class _Asked:
    """The questions of people: the scenario's own where it has them, else of a shipped bank, or with claims by their text."""

    def __init__(self, plan: Plan) -> None:
        self._language = plan.language
        self._own = {
            comparable(text): question for question in plan.questions for text in (question.text, *question.asked_as)
        }

    def question(self, text: str, position: object) -> Question | None:
        """position: as it was put to people, if it was. None for a text that yes or no does not answer."""
        stated = position if isinstance(position, str) else ""
        return self._own.get(comparable(text)) or self._others.find_answerable(text, stated)

    @cached_property
    def _others(self) -> QuestionsByText:
        return QuestionsByText(self._language)


# --- written anew --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Writer:
    """An arm that can be asked again, in a plan whose only arm it is."""

    plan: Plan
    arms: Arms

    @classmethod
    def of(cls, scenario: Scenario, arm: str, languages: Sequence[Language] = ()) -> Self:
        """Raises InputError for an arm that sees more than people's texts, and as `make_plan` does."""
        settings = next(each for each in scenario.mediators if each.arm == arm)
        if scenario.is_upper_bound(settings):
            raise InputError(f"arm {arm!r}: sees what only the simulator knows; expected one that can be put to people")
        plan = _plan(_with_arm(scenario, settings), languages)
        return cls(plan, Arms.of(plan.scenario.mediators))

    def write(self, asked: PeopleRound, times: int) -> Act[list[Mediation]]:
        """Its statements for a round, which has a name of its own for each draw, as all that is drawn is keyed by it."""
        view = _view(asked, self.plan)
        views = [replace(view, round_id=f"{asked.round_id}/anew{draw:04d}") for draw in range(times)]
        return together([mediate(each, self.arms, [0], self._tools()) for each in views])

    def _tools(self) -> Tools:
        plan, scenario = self.plan, self.plan.scenario
        return Tools(
            scorers=plan.scorers,
            prompts=plan.prompts,
            language=plan.language,
            seed=scenario.seed,
            own_rules=plan.own_rules,
            continuing=scenario.continuing_engines,
        )


@dataclass(frozen=True, slots=True)
class Predictor:
    """A scorer that stands for people, in a plan that has it."""

    plan: Plan
    scorer: Scorer

    @classmethod
    def of(cls, scenario: Scenario, name: str, languages: Sequence[Language] = ()) -> Self:
        """Raises InputError for a scorer that is not there or sees the truth, and as `make_plan` does."""
        able = [each for each, settings in scenario.scorers.items() if not settings.upper_bound]
        if name not in able:
            raise InputError(f"scorer {name!r}: cannot predict people's ratings; expected one of {', '.join(able)}")
        plan = _plan(_with_arm(scenario, MediatorSettings(arm="predicted", scorer=name)), languages)
        return cls(plan, plan.scorers[name])


def _with_arm(scenario: Scenario, arm: MediatorSettings) -> Scenario:
    """The scenario with one arm alone; readers stay those that all of its arms together would have."""
    readers = {name: scenario.reader(name) for name in scenario.readers}
    given = {name: _settled(scenario, name, reader) for name, reader in readers.items()}
    return scenario.model_copy(update={"mediators": [arm], "readers": given})


def _settled(scenario: Scenario, name: str, reader: SettledReaderSettings) -> SettledReaderSettings:
    """A reader that no longer depends on who else writes."""
    if not isinstance(reader, RulesReaderSettings):
        return reader
    return reader.model_copy(update={"matching": "both" if scenario.embeds(name) else "words"})


def _plan(scenario: Scenario, languages: Sequence[Language]) -> Plan:
    """Without more people than a group has, as none of them is asked."""
    encode = load_encoder() if scenario.reads_with_embeddings else None
    return make_plan(scenario, encode=encode, languages=languages, pool=max(scenario.design.group_sizes))


def _view(asked: PeopleRound, plan: Plan) -> RoundView:
    return RoundView(
        asked.round_id,
        asked.question,
        asked.opinions,
        {reader: make(asked.round_id) for reader, make in plan.readers.items()},
    )


def write_anew(rounds: Sequence[PeopleRound], arm: str, writer: Writer, *, times: int = TIMES) -> Act[Slates]:
    """The statements that an arm writes of people's opinions, ``times`` over in each round in which its own were shown."""
    written = [each for each in rounds if arm in each.shown]
    draws = yield from together([writer.write(each, times) for each in written])
    return {
        (each.round_id, arm): [_slate(mediation)[: len(each.shown[arm])] for mediation in drawn]
        for each, drawn in zip(written, draws, strict=True)
    }


def ahead_of_expected(rounds: Sequence[PeopleRound], anew: Slates, predictor: Predictor) -> Act[pd.DataFrame]:
    """By how much more is predicted of what people saw than of what was written ``anew`` for them.

    Returns a row a round and arm: round_id, arm; mean and lowest, of the predicted agreement of those who wrote; missing where
    nothing was written or predicted.
    """
    keys = [(each, arm) for each in rounds for arm in each.shown if (each.round_id, arm) in anew]
    found = yield from together(
        [_ahead(each, each.shown[arm], anew[each.round_id, arm], predictor) for each, arm in keys]
    )
    rows = [(each.round_id, arm, *numbers) for (each, arm), numbers in zip(keys, found, strict=True)]
    return pd.DataFrame(rows, columns=["round_id", "arm", "mean", "lowest"])


def _ahead(
    asked: PeopleRound, shown: Sequence[str], anew: Sequence[Sequence[str]], predictor: Predictor
) -> Act[tuple[float, float]]:
    slates = [shown, *(slate for slate in anew if slate)]
    texts = list(dict.fromkeys(text for slate in slates for text in slate))
    view = _view(asked, predictor.plan)
    scores = yield from predictor.scorer.score(view, asked.opinions, texts)
    predicted = np.array([_predicted(scores[:, [texts.index(text) for text in slate]]) for slate in slates])
    mean, lowest = predicted[0] - _mean(predicted[1:])
    return float(mean), float(lowest)


def _slate(mediation: Mediation) -> tuple[str, ...]:
    """The texts that the one arm chose."""
    return tuple(
        mediation.pools[choice.pool].samples[pick.sample].text for choice in mediation.choices for pick in choice.picks
    )


def _predicted(scores: Floats) -> Floats:
    """Mean and lowest over people of [people, statements], averaged over statements; NaN where nothing is predicted."""
    people = scores[~np.isnan(scores).all(axis=1)]
    if not people.size:
        return np.array([np.nan, np.nan])
    return np.array([np.nanmean(people), np.nanmin(people, axis=0).mean()])


def _mean(rows: Floats) -> Floats:
    """Over rows that are there."""
    there = rows[~np.isnan(rows).any(axis=1)]
    return np.asarray(there.mean(axis=0)) if len(there) else np.full(rows.shape[1], np.nan)
