"""How much of an engine's speed a study gets: 150 sessions x 5 people x 3 rounds, people and mediator on a language model.

The engines are modelled (see engine_model.py), so that what is compared is the order in which a study asks. Each schedule is
held against a blocking call each, against same-time batches, and against the engine's maximum: the same requests handed to it
at once. With --real, instead, a small study on SmolLM2 in this process, study and maximum in turns.

Run:  python benchmarks/engine_saturation.py [--quick] [--real]      Writes benchmarks/results/engine_saturation.md
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

from engine_model import (
    CPU_BATCH,
    CPU_STREAM,
    GPU_BATCH,
    GPU_STREAM,
    BatchEngine,
    Cost,
    Hours,
    Prefixes,
    Script,
    StreamingEngine,
    alone,
    at_once,
    n_steps,
    orders,
)
from machine import machine

import simcons
from simcons.engines.base import Act, Engine, OnReply, Reply, Request, Result
from simcons.engines.dispatch import Dispatch
from simcons.scenario.engines import TransformersEngineSettings
from simcons.scenario.study import Scenario
from simcons.storage.writer import RunWriter
from simcons.study.broker import Broker, Ticket
from simcons.study.clock import Clock, run_clocks
from simcons.study.plan import make_plan
from simcons.study.run import LIVE_SESSIONS, run_study

RESULTS = Path(__file__).parent / "results" / "engine_saturation.md"
REAL = "## A real engine"
READING = (
    "Modelled seconds are the engine's. Its maximum is the best of three orders: as asked, what is written before what is rated,"
    " and shuffled. An engine of static batches that has everything at once puts prompts side by side that a study asks at"
    " different times (one person's in several rounds, those of people with the same traits) and reads what they share once;"
    " no study can, as later prompts depend on earlier answers. The last column leaves reading out. What is missing there are"
    " batches that are not full: requests with other settings make batches of their own, and towards the end there are fewer"
    " than fit. The simulator's own time is added as if the engine stood still meanwhile: one in another process need not.",
)
Clocks: TypeAlias = Literal["own", "one", "same_time"]
Make: TypeAlias = Callable[[Cost, Script, Hours], BatchEngine | StreamingEngine]

ENGINES: tuple[tuple[Cost, Make], ...] = (
    (CPU_BATCH, BatchEngine),
    (CPU_STREAM, StreamingEngine),
    (GPU_BATCH, BatchEngine),
    (GPU_STREAM, StreamingEngine),
)
STREAMING = tuple(engine for engine in ENGINES if engine[1] is StreamingEngine)
SCHEDULES: tuple[tuple[Clocks, str], ...] = (
    ("same_time", "same-time batches"),
    ("one", "one clock"),  # flushes what there is to an engine of batches, feeds one that streams as it goes
    ("own", "a clock per session"),
)
# name, groups recruited for at a launch, arrivals a minute
ARRIVALS: tuple[tuple[str, int | None, float], ...] = (
    ("12 groups a launch, a launch a day, 3 people a minute at its beginning (the defaults)", 12, 3.0),
    ("all groups at one launch, 3 people a minute", None, 3.0),
    ("all groups at one launch, 60 people a minute", None, 60.0),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One schedule on one engine: modelled seconds, those of reading prompts among them, and tokens written."""

    name: str
    seconds: float
    reading: float
    tokens: int

    @property
    def speed(self) -> float:
        return self.tokens / self.seconds

    @property
    def writing(self) -> float:
        """Tokens a second of those that were not spent on prompts."""
        return self.tokens / (self.seconds - self.reading)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, nothing written: to see that it works")
    parser.add_argument("--real", action="store_true", help="instead, a small study on the real transformers engine")
    arguments = parser.parse_args()
    part = on_a_real_engine if arguments.real else on_modelled_engines
    text = "\n".join(part(quick=arguments.quick))
    print(text)
    if not arguments.quick:
        former = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
        model_part, _, real_part = former.partition(REAL)
        texts = (model_part, text) if arguments.real else (text, REAL + real_part if real_part else "")
        RESULTS.write_text("\n".join(part.strip("\n") + "\n" for part in texts if part), encoding="utf-8")


def on_modelled_engines(*, quick: bool) -> list[str]:
    groups = 10 if quick else 150
    lines = [
        "# What a study gets of an engine's speed",
        "",
        machine("numpy", "simpy"),
        "",
        f"`python benchmarks/engine_saturation.py`: {groups} sessions x 5 people x 3 rounds, everybody on a language model.",
        "",
    ]
    lines += [*READING, ""]
    for place, (name, launch, arrivals) in enumerate(ARRIVALS[: 1 if quick else None]):
        engines = ENGINES if place == 0 else STREAMING
        lines += modelled(name, study(groups, launch=launch or groups, arrivals=arrivals), engines)
    return lines


def study(groups: int, *, launch: int = 12, arrivals: float = 3.0, **changed: Any) -> Scenario:
    """Everybody on a language model, ratings by log-probabilities; 16 candidates a round, 4 of them shown, each rated twice."""
    generator = {"kind": "language_model", "engine": "m", "prompt": "few_shot", "samples": 16}
    parts: dict[str, Any] = {
        "name": "saturation",
        "design": {"groups": groups, "launch_groups": launch},
        "participants": {"mind": {"kind": "llm", "engine": "m"}, "behaviour": {"arrivals_per_minute": arrivals}},
        "mediators": [{"arm": "model", "generator": generator, "select": 4}],
        "readers": {"reader": {"matching": "words"}},
        "engines": {"m": {"kind": "scripted"}},
    }
    return Scenario(**{**parts, **changed})


def simulate(scenario: Scenario, broker: Broker) -> None:
    plan = make_plan(scenario)
    with tempfile.TemporaryDirectory() as folder, RunWriter(Path(folder), row_group_rows=50_000) as writer:
        run_study(plan, broker, writer)
        writer.finish({})


# --- what a study asks, and when ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """One act: when it was submitted, when its result was needed, and the lists of requests that it went through."""

    at: float
    needed_at: float
    lists: list[list[Request]]


class Heard(Ticket[Any]):
    """A ticket that notes what its act asks, and the clock that watches it and what time that clock shows."""

    def __init__(self, act: Act[Any], needed_at: float, broker: Broker) -> None:
        self.lists: list[list[Request]] = []
        self.clock: Clock | None = None
        self.at = 0.0
        super().__init__(act, needed_at, broker)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "on_done" and value is not None:
            self.clock, self.at = value.__self__, value.__self__.env.now
        super().__setattr__(name, value)

    def _ask(self, requests: list[Request]) -> None:
        self.lists.append(requests)
        super()._ask(requests)


class Listener(Broker):
    """Keeps the tickets it gives out."""

    def __init__(self, engine: Engine) -> None:
        super().__init__({"m": engine})
        self.heard: list[Heard] = []

    def submit(self, act: Act[Any], *, needed_at: float) -> Ticket[Any]:
        self.heard.append(Heard(act, needed_at, self))
        self.heard[-1].advance(None)
        return self.heard[-1]


def record(scenario: Scenario, script: Script) -> tuple[list[list[Asked]], float]:
    """What each session of the study asks, and the simulator's processor seconds.

    Simulated moments do not depend on the schedule, so that the real clocks, broker and dispatch can be run on the
    recording with any engine, at a small part of what the study itself takes.
    """
    hours = Hours()
    listener = Listener(BatchEngine(CPU_BATCH, script, hours))
    hours.start()
    simulate(scenario, listener)
    hours.stop()
    sessions: dict[int, list[Asked]] = {}
    for ticket in listener.heard:
        if ticket.clock is not None and not ticket.withdrawn:
            sessions.setdefault(id(ticket.clock), []).append(Asked(ticket.at, ticket.needed_at, ticket.lists))
    return list(sessions.values()), hours.program


def play(sessions: list[list[Asked]], engine: Engine, clocks: Clocks) -> None:
    """The recorded sessions on real clocks."""
    broker = Broker(Dispatch({"m": engine}))
    if clocks == "own":
        run_clocks((clock_of(asked, broker) for asked in sessions), broker, live=LIVE_SESSIONS)
    else:
        everything = [asked for session in sessions for asked in session]
        kind = SameTimeClock if clocks == "same_time" else Clock
        run_clocks([clock_of(everything, broker, kind)], broker, live=1)


class SameTimeClock(Clock):
    """Does not go on to a later moment while any call is open, needed or not: every moment's requests make one batch."""

    def watch(self, ticket: Ticket[Result]) -> Ticket[Result]:
        ticket.needed_at = self.env.now
        return super().watch(ticket)

    def is_blocked(self) -> bool:
        return super().is_blocked() and self.env.peek() > self.env.now


def clock_of(everything: list[Asked], broker: Broker, kind: type[Clock] = Clock) -> Clock:
    """A clock on which each act is submitted, and waited for, at its moments."""
    clock = kind()

    def submit(asked: Asked, _: object) -> None:
        clock.watch(broker.submit(go_through(asked.lists), needed_at=asked.needed_at))

    for asked in everything:
        begin = clock.env.timeout(asked.at)  # from 0, so that moments are the same to the last bit
        assert begin.callbacks is not None
        begin.callbacks.append(partial(submit, asked))
        clock.env.timeout(asked.needed_at)
    return clock


def go_through(lists: list[list[Request]]) -> Act[None]:
    for requests in lists:
        yield list(requests)


# --- modelled engines --------------------------------------------------------------------------------------------


def modelled(name: str, scenario: Scenario, engines: Sequence[tuple[Cost, Make]]) -> list[str]:
    script = Script()
    sessions, program = record(scenario, script)
    lists = [requests for session in sessions for asked in session for requests in asked.lists]
    lines = [f"## {name[0].upper()}{name[1:]}", "", *mix(lists, script, program), ""]
    for cost, make in engines:
        rows = list(measured(sessions, lists, script, cost, make))
        own, maximum = rows[-2], rows[-1]
        share = own.tokens / (own.seconds + program) / maximum.speed
        with_program = f"With the simulator's own time, a clock per session gets {share:.3f} of the engine's maximum."
        lines += [f"**{cost.name}**", "", *table(rows), "", with_program, ""]
        print("\n".join(lines[-len(rows) - 7 :]), file=sys.stderr)
    return lines


def measured(
    sessions: list[list[Asked]], lists: list[list[Request]], script: Script, cost: Cost, make: Make
) -> Iterator[Row]:
    def row(name: str, work: Callable[[BatchEngine | StreamingEngine], None]) -> Row:
        hours = Hours()
        work(make(cost, script, hours))
        return Row(name, hours.engine, hours.reading, hours.tokens)

    requests = [request for several in lists for request in several]
    yield row("blocking calls", lambda engine: alone([[request] for request in requests], engine))
    yield row("blocking, an act's requests together", lambda engine: alone(lists, engine))
    for clocks, name in SCHEDULES:
        yield row(name, partial(play, sessions, clocks=clocks))
    at_best = [row("all at once: the engine's maximum", partial(at_once, order)) for order in orders(requests)]
    yield min(at_best, key=lambda one: one.seconds)


def mix(lists: list[list[Request]], script: Script, program: float) -> list[str]:
    """What is asked, in words."""
    requests = [request for requests in lists for request in requests]
    counts = ", ".join(f"{n:,} {act}" for act, n in sorted(Counter(request.act for request in requests).items()))
    replies = [script(request) for request in requests]
    n_in, n_out = sum(reply.tokens_in for reply in replies), sum(map(n_steps, replies))
    return [
        f"{len(requests):,} requests ({counts}); {n_in:,} tokens of prompts, {Prefixes().read(requests):,.0f} where nothing is"
        f" read twice; {n_out:,} tokens written, an answer read off the probabilities counted as one. The simulator itself"
        f" takes {program:.0f} s of processor time."
    ]


def table(rows: list[Row]) -> list[str]:
    first, maximum = rows[0], rows[-1]
    same_time = next(row.speed for row in rows if row.name == "same-time batches")
    lines = [
        "| schedule | modelled seconds | of them reading | tokens/s | over blocking | over same-time batches"
        " | of the engine's maximum | of it, writing alone |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    return lines + [
        f"| {row.name} | {row.seconds:,.0f} | {row.reading:,.0f} | {row.speed:,.1f} | {row.speed / first.speed:.2f}"
        f" | {row.speed / same_time:.2f} | {row.speed / maximum.speed:.3f} | {row.writing / maximum.writing:.3f} |"
        for row in rows
    ]


# --- a real engine -----------------------------------------------------------------------------------------------


class Timed:
    """An engine, its requests and its wall time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.requests: list[Request] = []
        self.seconds = 0.0
        self.tokens = 0

    @property
    def identity(self) -> Mapping[str, str | int | float | None]:
        return self.engine.identity

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        began = time.perf_counter()
        replies = self.engine.complete(requests, on_reply)
        self.seconds += time.perf_counter() - began
        self.requests += requests
        self.tokens += sum(map(n_steps, replies))
        return replies


def on_a_real_engine(*, quick: bool) -> list[str]:
    """A small study on SmolLM2, and the same requests at once, in turns; wall time of the whole study counts."""
    from simcons.engines.local.transformers_engine import TransformersEngine

    groups, turns = (2, 1) if quick else (8, 2)
    engine = TransformersEngine("m", TransformersEngineSettings(kind="transformers"))
    scenario = small(groups)
    run(small(1), engine)  # loads the model
    lines = [
        REAL,
        "",
        machine("numpy", "simpy", "torch", "transformers"),
        "",
        f"`python benchmarks/engine_saturation.py --real`: SmolLM2-135M in this process, {groups} sessions x 5 people x 2"
        " rounds, texts of at most 32 tokens, 8 candidates, 2 shown and rated once."
        " The whole study's wall time, simulator included, against the same requests in one list, in turns.",
        "",
        "| turn | requests | tokens | study, s | in the engine, s | at once, s | of the maximum |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    ratios = []
    for turn in range(1, turns + 1):
        timed = Timed(engine)
        seconds = wall(partial(run, scenario, timed))
        maximum = wall(partial(engine.complete, timed.requests))
        ratios.append(maximum / seconds)
        lines.append(
            f"| {turn} | {len(timed.requests):,} | {timed.tokens:,} | {seconds:.1f} | {timed.seconds:.1f} | {maximum:.1f}"
            f" | {ratios[-1]:.3f} |"
        )
    return [*lines, "", f"Median: {statistics.median(ratios):.3f} of the engine's maximum.", ""]


def run(scenario: Scenario, engine: Engine) -> None:
    with tempfile.TemporaryDirectory() as folder:
        simcons.run(scenario, out=folder, engines={"m": engine})


def small(groups: int) -> Scenario:
    short = {"max_tokens": 32}
    mind = {"kind": "llm", "engine": "m", "opinion_sampling": {"temperature": 0.9, "min_p": 0.05, **short}}
    generator = {"kind": "language_model", "engine": "m", "prompt": "zero_shot", "samples": 8, "sampling": short}
    return study(
        groups,
        design={"groups": groups, "rounds": 2, "passes": 1},
        participants={"mind": mind},
        mediators=[{"arm": "model", "generator": generator, "select": 2}],
    )


def wall(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
