"""Recruitment and the lobby: people arrive at a launch of the study, are screened, consent, and wait to be grouped.

A study is launched over and over, a day apart, until it has its groups. This is the one place where sessions interact;
everything after is a session of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil

import numpy as np
import numpy.typing as npt
import simpy

from simcons.population.synthesis import Population
from simcons.records import Outcome, ScreenRecord
from simcons.scenario.study import DesignSettings
from simcons.seeds import stream
from simcons.study.participant import Manner, Participant
from simcons.study.screens import Process, Screen, Screens

_EMPTY_LAUNCHES = 5  # in a row without a single group, after which recruiting is given up
_NEWTON_STEPS = 60  # a step covers about one e-fold of the falling rate; then the error squares
_SCREENING_SECONDS, _CONSENT_SECONDS = 35.0, 40.0  # medians [J]


@dataclass(slots=True)
class Recruit:
    """A person who took a place, and what became of them before any session."""

    participant: Participant
    launch: int
    recruited_at: float
    arrived_at: float | None = None
    left_at: float | None = None
    outcome: Outcome | None = None  # None: in a group
    screens: list[ScreenRecord] = field(default_factory=list)
    consented_at: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """People about to begin a session."""

    index: int  # over the study, from 0
    session_id: str
    launch: int
    started_at: float
    members: tuple[Recruit, ...]


@dataclass(slots=True)
class Launch:
    """One launch: the groups it formed, in order, and everybody who ended up in none."""

    number: int
    groups: list[Group]
    others: list[Recruit]
    n_events: int


def launches(design: DesignSettings, population: Population, manner: Manner, *, seed: int) -> Iterator[Launch]:
    """Launch the study until ``design.groups`` groups are formed, the crowd is used up, or nobody can be grouped.

    Everyone takes part at most once: personas are used in order, without replacement.
    """
    formed = used = empty = number = 0
    while formed < design.groups and empty < _EMPTY_LAUNCHES:
        sizes = _sizes(design, formed, min(design.launch_groups, design.groups - formed), seed)
        places = min(ceil(sum(sizes) * manner.behaviour["recruit_factor"]), len(population) - used)
        if places < min(sizes):
            return
        launch = _Lobby(design, population, manner, number, seed=seed, first_group=formed, sizes=sizes).run(
            used, places
        )
        formed, used, number = formed + len(launch.groups), used + places, number + 1
        empty = 0 if launch.groups else empty + 1
        yield launch


def session_id(index: int) -> str:
    """The name of the session with this number, from 0 over the study."""
    return f"s{index + 1:05d}"


def participant_id(persona: int) -> str:
    """The name of the participant whose persona has this number in the population, from 0."""
    return f"p{persona + 1:06d}"


def persona_number(participant_id: str) -> int:
    """The number of the persona behind a name that `participant_id` gave."""
    return int(participant_id.removeprefix("p")) - 1


def _sizes(design: DesignSettings, first: int, n: int, seed: int) -> list[int]:
    """The size of each group, drawn by its number, so that it does not depend on how launches turn out."""
    sizes = design.group_sizes
    return [sizes[int(stream(seed, "group_size", first + k).integers(len(sizes)))] for k in range(n)]


class _Lobby:
    """One launch on a clock of its own."""

    def __init__(
        self,
        design: DesignSettings,
        population: Population,
        manner: Manner,
        number: int,
        *,
        seed: int,
        first_group: int,
        sizes: list[int],
    ) -> None:
        self.env = simpy.Environment(initial_time=number * design.launch_every_hours * 3600)
        self.design, self.population, self.manner, self.seed = design, population, manner, seed
        self.number = number
        self.first_group = first_group
        self.sizes = sizes
        self.waiting: list[tuple[Recruit, simpy.Event]] = []
        self.groups: list[Group] = []
        self.others: list[Recruit] = []

    def run(self, first_person: int, places: int) -> Launch:
        opened_at = self.env.now
        arrivals = opened_at + arrival_times(places, self.manner.behaviour, stream(self.seed, "arrivals", self.number))
        for place in range(places):
            self.env.process(self._recruit(first_person + place, float(arrivals[place])))
        n_events = 0
        while self.env.peek() < float("inf"):
            self.env.step()
            n_events += 1
        return Launch(self.number, self.groups, self.others, n_events)

    def _recruit(self, person: int, at: float) -> Process:
        """Everything that happens to one person until they are in a group or gone."""
        name = participant_id(person)
        rng = stream(self.seed, "recruit", name)
        behaviour = self.manner.behaviour
        shows_up, passes, consents = rng.random(3) >= (
            behaviour["no_show"],
            behaviour["screen_out"],
            behaviour["decline_consent"],
        )
        seconds = rng.lognormal(np.log([_SCREENING_SECONDS, _CONSENT_SECONDS]), 0.4)
        patience = min(rng.exponential(behaviour["patience_minutes"]), behaviour["patience_cap_minutes"]) * 60
        participant = Participant(name, self.population.persona(person), self.manner, seed=self.seed, arrived_at=at)
        recruit = Recruit(participant, self.number, recruited_at=self.env.now)
        if not shows_up:
            self._gone(recruit, "no_show")
            return
        yield self.env.timeout(at - self.env.now)
        recruit.arrived_at = at
        if len(self.groups) == len(self.sizes):
            self._gone(recruit, "turned_away")
            return
        screens = Screens(self.env, name, recruit.screens.append)
        yield from screens.show(Screen("screening", self.design.limits.screening), float(seconds[0]))
        if not passes:
            self._gone(recruit, "screened_out")
            return
        yield from screens.show(Screen("consent", self.design.limits.consent), float(seconds[1]))
        if not consents:
            self._gone(recruit, "declined")
            return
        recruit.consented_at = self.env.now
        yield from self._wait(recruit, screens, float(patience))

    def _wait(self, recruit: Recruit, screens: Screens, patience: float) -> Process:
        """Wait in the lobby until grouped, out of patience, or told that every group is full."""
        called = self.env.event()
        self.waiting.append((recruit, called))
        self._form_groups()
        if not (yield from screens.wait(Screen("lobby"), called, patience)):
            self.waiting.remove((recruit, called))
            self._gone(recruit, "gave_up_waiting")
        elif called.value == "turned_away":
            self._gone(recruit, "turned_away")

    def _form_groups(self) -> None:
        """Form the next group once enough people wait, first come first served; once all are formed, send the rest home."""
        while len(self.groups) < len(self.sizes) and len(self.waiting) >= self.sizes[len(self.groups)]:
            size = self.sizes[len(self.groups)]
            chosen, self.waiting = self.waiting[:size], self.waiting[size:]
            index = self.first_group + len(self.groups)
            members = tuple(recruit for recruit, _ in chosen)
            self.groups.append(Group(index, session_id(index), self.number, self.env.now, members))
            self._call(chosen, "grouped")
        if len(self.groups) == len(self.sizes) and self.waiting:
            sent_home, self.waiting = self.waiting, []
            self._call(sent_home, "turned_away")

    @staticmethod
    def _call(people: list[tuple[Recruit, simpy.Event]], outcome: str) -> None:
        for _, called in people:
            called.succeed(outcome)

    def _gone(self, recruit: Recruit, outcome: Outcome) -> None:
        recruit.outcome = outcome
        recruit.left_at = None if recruit.arrived_at is None else self.env.now
        self.others.append(recruit)


def arrival_times(n: int, behaviour: Mapping[str, float], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Seconds from the launch to each of ``n`` arrivals of a Poisson process whose rate falls towards a floor.

    rate(t) = floor + (start - floor) 2^(-t / half-life), in minutes. Unit-rate arrivals are carried over by the inverse of
    the cumulated rate (time rescaling), found by Newton's method: begun at unit / start it comes nearer from one side, as
    the rate only falls or only rises. An arrival does not depend on how many come after it.
    """
    start, floor = behaviour["arrivals_per_minute"], behaviour["arrivals_floor_per_minute"]
    scale = behaviour["arrivals_half_life_minutes"] / np.log(2)
    unit = np.cumsum(rng.exponential(size=n))
    minutes = unit / start
    for _ in range(_NEWTON_STEPS):
        falling = (start - floor) * np.exp(-minutes / scale)
        cumulated = floor * minutes + scale * (start - floor - falling)
        minutes += (unit - cumulated) / (floor + falling)
    return np.asarray(minutes * 60)
