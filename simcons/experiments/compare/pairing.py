"""Two scenarios that can be run on the same people: what they may differ in, and which of their arms stand for one another."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from simcons.engines.pipelines.load import check_pipelines
from simcons.errors import ScenarioError
from simcons.mediator.own import pipelines_of
from simcons.mediator.own_rules import own_rules
from simcons.runs.edits import changed
from simcons.runs.start import Overrides, given_scenario
from simcons.scenario.engines import SPEED_SETTINGS
from simcons.scenario.load import scenario_from
from simcons.scenario.mediators import MediatorSettings
from simcons.scenario.pipelines import PipelineSettings
from simcons.scenario.scoring import RulesReaderSettings
from simcons.scenario.study import Scenario

Given: TypeAlias = str | Path | Mapping[str, Any] | Scenario

# A pipeline and what it stands on; all else decides who answers what, and has to be the same.
MAY_DIFFER = (
    *("name", "description", "mediators", "scorers", "readers", "engines", "latency", "budget", "output", "pay"),
    *("design.omissions", "design.limits", "design.tolerated_losses"),
)
_EVERYWHERE = ("design", "latency")  # what differs there concerns every arm
_MOST_NAMED = 4


@dataclass(frozen=True, slots=True)
class ArmPair:
    """An arm of the base, and the arm of the change that is compared with it."""

    base: str
    change: str

    @property
    def name(self) -> str:
        return self.base if self.base == self.change else f"{self.base} → {self.change}"


@dataclass(frozen=True, slots=True)
class Pairing:
    """Both scenarios as they are run, and the arms that the change concerns.

    changes: what differs, a line each. untouched: arms that are the same in both. notes: what was done to have the same people.
    """

    base: Scenario
    change: Scenario
    arms: tuple[ArmPair, ...]
    untouched: tuple[str, ...]
    changes: tuple[str, ...]
    notes: tuple[str, ...] = ()


def given_pairing(
    base: Given,
    change: Given | None,
    *,
    overrides: Overrides = (),
    groups: int | None = None,
    seed: int | None = None,
    assumed: Mapping[str, Any] | None = None,
) -> Pairing:
    """Both scenarios. overrides: of the change, or of both where there are two. assumed: values by dotted key that both take
    after all others. Raises ScenarioError, also for code of the change that cannot be called.
    """
    given_last = {**({} if groups is None else {"design.groups": groups}), **(assumed or {})}
    first = given_scenario(base, overrides if change is not None else (), seed)[0]
    second = given_scenario(base if change is None else change, overrides, seed)[0]
    pairing = pair(*(given_scenario(scenario, given_last, None)[0] for scenario in (first, second)))
    if assumed is None:  # code is the same in other worlds
        check_pipelines(pipelines_of(pairing.change))
        own_rules(pairing.change.mediators, people=max(pairing.change.design.group_sizes))
    return pairing


def pair(base: Scenario, change: Scenario) -> Pairing:
    """Raises ScenarioError, in one line, for scenarios that cannot be compared: it names the keys, or the arms."""
    changes = changed_keys(base, change)
    refused = {key: values for key, values in changes.items() if not _is_in(key, MAY_DIFFER)}
    refused |= _of_people(base, changes)
    if refused:
        told = [f"{key} ({was} and {now})" for key, (was, now) in refused.items()]
        more = [f"{len(told) - _MOST_NAMED} more"] if len(told) > _MOST_NAMED else []
        raise ScenarioError(
            f"{_called(base, change)}: cannot be compared with {base.name}, as other people would answer, or answer something"
            f" else: {', '.join([*told[:_MOST_NAMED], *more])}; expected differences in {', '.join(MAY_DIFFER[2:])} alone"
        )
    if not changes.keys() - {"name", "description"}:
        raise ScenarioError(
            f"{_called(base, change)}: is the same as {base.name}; expected a difference, by --set or in a second scenario (how"
            " often a comparison errs where there is none: simcons gate --self-check)"
        )
    arms = _arms(base, change)
    touched = tuple(arm for arm in arms if _is_touched(base, change, arm, changes))
    base, change, notes = _with_the_same_ears(base, change)
    return Pairing(
        base,
        change,
        touched,
        tuple(arm.name for arm in arms if arm not in touched),
        tuple(
            f"{_as_given(key, base, change)}: {was} → {now}"
            for key, (was, now) in changes.items()
            if key not in ("name", "description")
        ),
        notes,
    )


def _called(base: Scenario, change: Scenario) -> str:
    return change.name if change.name != base.name else f"the change of {base.name}"


def changed_keys(base: Scenario, change: Scenario) -> dict[str, tuple[str, str]]:
    """By key, the values in which two scenarios differ; "not there" where one has none."""
    return changed(*(json.loads(scenario.model_dump_json()) for scenario in (base, change)))


def _as_given(key: str, *scenarios: Scenario) -> str:
    """A changed key as scenarios have it, where a pipeline of one's own stands under ``mediator``."""
    place = re.match(r"mediators\.(\d+)\.generator\.", key)
    if place is None:
        return key
    arms = [scenario.mediators[int(place[1])] for scenario in scenarios if int(place[1]) < len(scenario.mediators)]
    is_own = all(isinstance(arm.generator, PipelineSettings) for arm in arms)
    return f"mediators.{place[1]}.mediator.{key[place.end() :]}" if is_own else key


def _of_people(base: Scenario, changes: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Changes in what people write, judge or understand texts with."""
    people = base.participants
    engines = {*people.mind.engines, *base.reader(people.reader).engines}
    of_people = (f"readers.{people.reader}", *(f"engines.{name}" for name in engines))
    return {
        key: values
        for key, values in changes.items()
        if _is_in(key, of_people) and key.split(".")[-1] not in SPEED_SETTINGS
    }


def _is_in(key: str, places: Collection[str]) -> bool:
    """True of one of these keys, and of whatever stands below one."""
    return any(key == place or key.startswith(f"{place}.") for place in places)


# --- arms ----------------------------------------------------------------------------------------------------------


def _arms(base: Scenario, change: Scenario) -> list[ArmPair]:
    """Arms of one name, and the last one on either side, which may have been renamed."""
    before, after = ([mediator.arm for mediator in scenario.mediators] for scenario in (base, change))
    gone, new = [arm for arm in before if arm not in after], [arm for arm in after if arm not in before]
    if len(gone) != len(new) or len(gone) > 1:
        raise ScenarioError(
            f"{change.name}: mediators: arms {', '.join(after)} against {', '.join(before)} of {base.name}: expected the same"
            " names, or one that was renamed"
        )
    renamed = dict(zip(gone, new, strict=True))
    return [ArmPair(arm, renamed.get(arm, arm)) for arm in before]


def _is_touched(base: Scenario, change: Scenario, arm: ArmPair, changes: Mapping[str, tuple[str, str]]) -> bool:
    if arm.base != arm.change or any(_is_in(key, _EVERYWHERE) for key in changes):
        return True
    before, after = _arm(base, arm.base), _arm(change, arm.change)
    used = (*_places(base, before), *_places(change, after))
    return before != after or any(_is_in(key, used) for key in changes)


def _arm(scenario: Scenario, name: str) -> MediatorSettings:
    return next(mediator for mediator in scenario.mediators if mediator.arm == name)


def _places(scenario: Scenario, arm: MediatorSettings) -> Sequence[str]:
    """The scorer, readers and engines that an arm works with, as keys."""
    scorer = [scenario.scorers[arm.scorer]] if arm.is_scored else []
    readers = list(dict.fromkeys(name for part in (arm.generator, *scorer) for name in part.readers))
    acting = [arm.generator, *scorer, *map(scenario.reader, readers)]
    engines = [f"engines.{name}" for part in acting for name in part.engines]
    return [*([f"scorers.{arm.scorer}"] if scorer else []), *(f"readers.{name}" for name in readers), *engines]


# --- people's ears -------------------------------------------------------------------------------------------------


def _with_the_same_ears(base: Scenario, change: Scenario) -> tuple[Scenario, Scenario, tuple[str, ...]]:
    """Both with the more able of the two readers that people would have: which it is left to may depend on who writes."""
    name = base.participants.reader
    heard = [_ears(scenario, name) for scenario in (base, change)]
    if heard[0] == heard[1]:
        return base, change, ()
    ears = next((each for each in heard if each["kind"] != RulesReaderSettings().kind), None) or next(
        each for each in heard if each.get("matching") == "both"
    )
    both = [_with_reader(scenario, name, ears) for scenario in (base, change)]
    told = ears["kind"] if ears["kind"] != RulesReaderSettings().kind else "rules, with sentence embeddings"
    return both[0], both[1], (f"people understand texts by the same reader in both: {told} (readers.{name})",)


def _ears(scenario: Scenario, name: str) -> dict[str, Any]:
    """The readers by which people understand texts, settled for whoever writes in this scenario."""
    settled = scenario.reader(name).model_dump(mode="json")
    return {**settled, "matching": "both" if scenario.embeds(name) else "words"} if "matching" in settled else settled


def _with_reader(scenario: Scenario, name: str, settings: Mapping[str, Any]) -> Scenario:
    document = scenario.model_dump(mode="json")
    return scenario_from({**document, "readers": {**document["readers"], name: dict(settings)}})
