"""The forecast of a study: a rehearsal, many replications, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from simcons.counted import counted
from simcons.engines.rehearsal import UNCOUNTED, Asked, Counted
from simcons.engines.usage import NOTHING, Prices, Usage
from simcons.experiments.few_people import PeopleSettings
from simcons.experiments.forecast.people import PowerAmongPeople, power_among_people
from simcons.experiments.forecast.pilot import Pilot, load_pilot
from simcons.experiments.forecast.power import ArmComparison, comparisons
from simcons.experiments.forecast.rehearsal import Rehearsal, rehearse
from simcons.experiments.forecast.replications import Replication, bounds, replications
from simcons.mediator.own import asks_engines
from simcons.records import Outcome
from simcons.rich_display import RichDisplay
from simcons.scenario.engines import OpenAIEngineSettings
from simcons.scenario.study import Scenario
from simcons.study.plan import make_plan

Topic: TypeAlias = Literal["people", "groups", "time", "money", "models"]

SESSIONS, REPLICATIONS = 100, 200
FEWEST_SESSIONS, FEWEST_REPLICATIONS = 20, 40  # sessions of each size of group
_SHARES = (0.25, 0.5, 1, 2, 4)  # of studies, by that of the scenario's
_SMALLEST = 4


@dataclass(frozen=True, slots=True)
class Amount:
    """Something that the study takes: the mean over replications, and the bounds that hold one more with probability .95.

    about: an act and engine, or "", of all together.
    """

    topic: Topic
    name: str
    unit: str
    value: float
    low: float
    high: float
    about: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Forecast(RichDisplay):
    """A study before it is run. pilot: the run that gave speeds, lengths of replies and differences; None for none. people: what
    a few of them said of its arms.

    simulated: the differences between arms are those of the study's own statements, not of scripts in place of models.
    """

    scenario: Scenario
    n_replications: int
    rehearsal: Rehearsal
    amounts: tuple[Amount, ...]
    comparisons: tuple[ArmComparison, ...]
    simulated: bool
    pilot: Path | None
    people: PowerAmongPeople | None = None

    def amount(self, name: str, about: str = "") -> Amount:
        """Raises KeyError for what is not part of the study."""
        for amount in self.amounts:
            if (amount.name, amount.about) == (name, about):
                return amount
        raise KeyError(name)

    def __repr__(self) -> str:
        return f"Forecast({self.scenario.name!r}: {counted(self.n_replications, 'replication')})"


def forecast(
    scenario: Scenario,
    *,
    sizes: Sequence[int] = (),
    pilot: Path | None = None,
    people: PeopleSettings | None = None,
    n_sessions: int = SESSIONS,
    n_replications: int = REPLICATIONS,
) -> Forecast:
    """Rehearse some sessions, replicate the study, and work out what it could find. No model is loaded or asked.

    sizes: numbers of groups to look at, by default a quarter to four times the scenario's. pilot: a finished run of the same
    arms. people: an imported study of a few people who rated statements of the first arm and another. n_sessions: rehearsed, at
    least 20 of each size of group. Raises SimconsError.
    """
    known = load_pilot(pilot, scenario) if pilot is not None else None
    few = power_among_people(scenario, people) if people is not None else None
    rehearsal = rehearse(scenario, max(n_sessions, FEWEST_SESSIONS * len(set(scenario.design.group_sizes))))
    plan = make_plan(scenario)
    totals = list(replications(plan, rehearsal.sessions, n_replications))
    simulated = known is not None or not asks_engines(scenario)
    return Forecast(
        scenario=scenario,
        n_replications=n_replications,
        rehearsal=rehearsal,
        amounts=tuple(_amounts(scenario, rehearsal, totals, known)),
        comparisons=comparisons(known.leads if known else rehearsal.leads, _sizes(scenario, sizes), known=simulated),
        simulated=simulated,
        pilot=pilot,
        people=few,
    )


def _sizes(scenario: Scenario, given: Sequence[int]) -> list[int]:
    return sorted(set(given) or {max(_SMALLEST, round(scenario.design.groups * share)) for share in _SHARES})


# --- amounts -------------------------------------------------------------------------------------------------------


def _amounts(
    scenario: Scenario, rehearsal: Rehearsal, totals: Sequence[Replication], pilot: Pilot | None
) -> Iterator[Amount]:
    yield from _people(totals)
    yield from _groups(totals)
    yield from _time(rehearsal, totals)
    yield from _money(scenario, totals)
    yield from _models(scenario, totals, pilot)


def _amount(topic: Topic, name: str, unit: str, values: Sequence[float], *, about: str = "") -> Amount:
    return Amount(topic, name, unit, sum(values) / len(values), *bounds(values), about)


def _people(totals: Sequence[Replication]) -> Iterator[Amount]:
    yield _amount("people", "recruited", "people", [total.n_recruited for total in totals])
    for outcome in get_args(Outcome):
        counts = [total.outcomes[outcome] for total in totals]
        if any(counts):
            yield _amount("people", outcome, "people", counts)


def _groups(totals: Sequence[Replication]) -> Iterator[Amount]:
    yield _amount("groups", "formed", "groups", [total.n_groups for total in totals])
    yield _amount("groups", "complete", "groups", [total.n_finished for total in totals])
    yield _amount("groups", "rounds", "rounds", [total.n_rounds for total in totals])


def _time(rehearsal: Rehearsal, totals: Sequence[Replication]) -> Iterator[Amount]:
    yield _amount("time", "launches", "launches", [total.n_launches for total in totals])
    yield _amount("time", "hours", "hours", [total.ended_at / 3600 for total in totals])
    minutes = [session.seconds / 60 for session in rehearsal.sessions if session.finished]
    if minutes:
        yield _amount("time", "session_minutes", "minutes", minutes)


def _money(scenario: Scenario, totals: Sequence[Replication]) -> Iterator[Amount]:
    parts = [(total.gbp, *scenario.pay.fee_and_vat(total.gbp)) for total in totals]
    for name, values in zip(("pay", "fee", "vat"), zip(*parts, strict=True), strict=True):
        yield _amount("money", name, "GBP", values)
    yield _amount("money", "cost", "GBP", list(map(sum, parts)))


def _models(scenario: Scenario, totals: Sequence[Replication], pilot: Pilot | None) -> Iterator[Amount]:
    """Of each act and engine, and of all the scenario's engines together."""
    asked = sorted({asked for total in totals for asked in total.asked})
    prices = Prices({name: settings.price_per_million for name, settings in scenario.engines.items()})
    counted = {key: [total.asked.get(key, UNCOUNTED) for total in totals] for key in asked}
    used = {key: [_used(each.usage, key, pilot, prices) for each in every] for key, every in counted.items()}
    used |= _of_pipelines(totals, pilot, prices)
    timed = set() if pilot is None else set(pilot.usage)
    for (act, engine), usages in used.items():
        yield from _usage(usages, about=f"{act} ({engine})", timed=(act, engine) in timed)
    if of_engines := {key: usages for key, usages in used.items() if key[1] in scenario.engines}:
        every = [sum(usages, NOTHING) for usages in zip(*of_engines.values(), strict=True)]
        yield from _usage(every, about="", timed=set(of_engines) <= timed)
    yield from _limited(scenario, used)
    if counted and pilot is None:
        yield from _at_most(counted, prices)


def _of_pipelines(totals: Sequence[Replication], pilot: Pilot | None, prices: Prices) -> dict[Asked, list[Usage]]:
    """Calls of the user's own pipelines, and what they ask: for each complete round as much as in the pilot."""
    if pilot is None or not pilot.n_rounds:
        return {}
    shares = [total.n_rounds / pilot.n_rounds for total in totals]
    return {asked: [_share(usage, share, asked[1], prices) for share in shares] for asked, usage in pilot.own.items()}


def _share(usage: Usage, share: float, engine: str, prices: Prices) -> Usage:
    n_calls, tokens_in, tokens_out = (round(share * n) for n in (usage.n_calls, usage.tokens_in, usage.tokens_out))
    return Usage(n_calls, 0, tokens_in, tokens_out, share * usage.seconds, prices.of(engine, tokens_in, tokens_out))


def _used(usage: Usage, asked: Asked, pilot: Pilot | None, prices: Prices) -> Usage:
    """The usage with tokens and seconds a call as the pilot had them, where it asked the same; with its price."""
    if pilot is not None and asked in pilot.usage:
        before = pilot.usage[asked]
        return replace(_share(before, usage.n_calls / before.n_calls, asked[1], prices), n_calls=usage.n_calls)
    return _priced(usage, asked, prices)


def _usage(usages: Sequence[Usage], *, about: str, timed: bool) -> Iterator[Amount]:
    yield _amount("models", "calls", "calls", [usage.n_calls for usage in usages], about=about)
    yield _amount("models", "tokens_in", "tokens", [usage.tokens_in for usage in usages], about=about)
    yield _amount("models", "tokens_out", "tokens", [usage.tokens_out for usage in usages], about=about)
    yield _amount("models", "price", "price", [usage.price for usage in usages], about=about)
    if timed:
        yield _amount("models", "engine_hours", "hours", [usage.seconds / 3600 for usage in usages], about=about)


def _at_most(counted: Mapping[Asked, Sequence[Counted]], prices: Prices) -> Iterator[Amount]:
    """Tokens and price of all calls together where every reply takes all the tokens that it may."""
    longest = {key: [_priced(each.most, key, prices) for each in every] for key, every in counted.items()}
    every = [sum(usages, NOTHING) for usages in zip(*longest.values(), strict=True)]
    for name, unit in (("tokens_in", "tokens"), ("tokens_out", "tokens"), ("price", "price")):
        yield _amount("models", f"most_{name}", unit, [getattr(usage, name) for usage in every])


def _priced(usage: Usage, asked: Asked, prices: Prices) -> Usage:
    return replace(usage, n_hits=0, price=prices.of(asked[1], usage.tokens_in, usage.tokens_out))


def _limited(scenario: Scenario, used: dict[Asked, list[Usage]]) -> Iterator[Amount]:
    """The hours that a server's own limits take at the least."""
    for name, engine in scenario.engines.items():
        of_engine = [usages for (_, asked), usages in used.items() if asked == name]
        if not of_engine or not isinstance(engine, OpenAIEngineSettings):
            continue
        every = [sum(usages, NOTHING) for usages in zip(*of_engine, strict=True)]
        minutes = [
            max(
                usage.n_calls / (engine.requests_per_minute or float("inf")),
                usage.tokens / (engine.tokens_per_minute or float("inf")),
            )
            for usage in every
        ]
        if any(minutes):
            yield _amount("models", "least_hours", "hours", [minute / 60 for minute in minutes], about=name)
