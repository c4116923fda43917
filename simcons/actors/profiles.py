"""The people of a run as a language model that plays them is told: a table of traits, and a manner of writing.

A simulated person's leanings and manner are in no table that a study of people has. They are drawn again, as the run drew them:
by the scenario and the seed in its manifest. So no table of the truth is read, and what was learnt is what a prompt tells anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from simcons.errors import RunFolderError
from simcons.languages.language import Language
from simcons.languages.shipped import find_language
from simcons.population.minds.prompts import manner_of, surveyed_traits, traits
from simcons.population.persona import Persona
from simcons.population.synthesis import Population
from simcons.scenario.study import Scenario
from simcons.storage.recorded import RecordedRun
from simcons.study.plan import population_of
from simcons.study.recruitment import persona_number
from simcons.training.data.persona import Source

if TYPE_CHECKING:
    import pandas as pd

_SURVEYED = ("sex", "age", "ethnicity", "region", "education")
_PEOPLES_LANGUAGE = str(Scenario.model_fields["language"].default)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as prompts show them. manner: None where nobody knows it."""

    traits: tuple[tuple[str, str], ...]
    manner: str | None


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of a run, by their ids, whether they are simulated, and the language that they are told in."""

    source: Source
    language: Language
    profiles: Mapping[str, Profile]


def cast_of(run: RecordedRun) -> Cast:
    """Everybody who took part.

    Raises RunFolderError where people were played by a language model, where some attack the mediator, and where the scenario
    draws others now than it did, and ScenarioError for a language or population that is not there.
    """
    people = run.frame("participants")
    if run.manifest.get("imported"):
        language = find_language(_PEOPLES_LANGUAGE)
        return Cast("people", language, {row["participant_id"]: _surveyed(row, language) for row in _rows(people)})
    scenario = _scenario(run)
    language = find_language(scenario.language)
    population = population_of(scenario)
    return Cast(
        "simulated", language, {row["participant_id"]: _drawn(run, row, population, language) for row in _rows(people)}
    )


def _rows(people: pd.DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = people[["participant_id", *_SURVEYED]].to_dict("records")
    return rows


def _scenario(run: RecordedRun) -> Scenario:
    try:
        scenario = Scenario.model_validate(run.manifest.get("scenario"))
    except ValidationError:
        raise RunFolderError(
            f"{run.folder}: its scenario cannot be read by this version; expected a run of this version"
        ) from None
    participants = scenario.participants
    if participants.mind.kind != "latent":
        raise RunFolderError(
            f"{run.folder}: participants.mind.kind: value {participants.mind.kind!r}: expected latent: a model is to learn from"
            " people whose profile decided what they said, or from people, and not from a model"
        )
    if participants.hostility.share:
        raise RunFolderError(
            f"{run.folder}: participants.hostility.share: value {participants.hostility.share:g}: expected 0: attacks would be"
            " learnt as opinions"
        )
    return scenario


def _drawn(run: RecordedRun, row: Mapping[str, Any], population: Population, language: Language) -> Profile:
    """A simulated person, who has to be the one that took part."""
    persona = population.persona(persona_number(row["participant_id"]))
    if any(getattr(persona, name) != row[name] for name in _SURVEYED):
        raise RunFolderError(
            f"{run.folder}: participant {row['participant_id']} is another person than its scenario draws now; expected a run of"
            " this version"
        )
    return profile_of(persona, language)


def profile_of(persona: Persona, language: Language) -> Profile:
    return Profile(traits(persona, language.people), manner_of(persona.writing, language.people))


def _surveyed(row: Mapping[str, Any], language: Language) -> Profile:
    """What people said of themselves, as far as they were asked."""
    known = {name: _text(row[name]) for name in _SURVEYED if row[name] is not None and row[name] == row[name]}
    return Profile(surveyed_traits(known, language.people), None)


def _text(value: Any) -> str:
    """A value of a table: an age that may be missing is a float there."""
    return f"{value:g}" if isinstance(value, float) else str(value)
