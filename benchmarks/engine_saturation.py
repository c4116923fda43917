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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

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
    n_steps,
)
from machine import machine

from simcons.engines.base import Engine, OnReply, Reply, Request
from simcons.engines.dispatch import Dispatch
from simcons.scenario.engines import TransformersEngine as TransformersSettings
from simcons.scenario.study import Scenario
from simcons.storage.writer import RunWriter
from simcons.study.broker import Broker
from simcons.study.plan import make_plan
from simcons.study.run import Clocks, run_study

RESULTS = Path(__file__).parent / "results" / "engine_saturation.md"
REAL = "## A real engine"
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
    """One schedule on one engine: modelled seconds, tokens written, processor seconds of the simulator."""

    name: str
    seconds: float
    tokens: int
    program: float = 0.0

    @property
    def speed(self) -> float:
        return self.tokens / self.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, nothing written: to see that it works")
    parser.add_argument("--real", action="store_true", help="instead, a small study on the real transformers engine")
    arguments = parser.parse_args()
    parts = on_a_real_engine(quick=arguments.quick) if arguments.real else on_modelled_engines(quick=arguments.quick)
    text = "\n".join(parts)
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
        "participants": {
            "mind": {"kind": "llm", "engine": "m"},
            "behaviour": {"arrivals_per_minute": arrivals},
        },
        "mediators": [{"arm": "model", "generator": generator, "select": 4}],
        "reader": {"matching": "words"},
        "engines": {"m": {"kind": "scripted"}},
    }
    return Scenario(**{**parts, **changed})


def simulate(scenario: Scenario, engine: Engine, *, clocks: Clocks = "own", blocking: bool = False) -> None:
    plan = make_plan(scenario)
    with tempfile.TemporaryDirectory() as folder, RunWriter(Path(folder), row_group_rows=50_000) as writer:
        run_study(plan, Broker({"m": engine}, blocking=blocking), writer, clocks=clocks)
        writer.finish({})


# --- modelled engines --------------------------------------------------------------------------------------------


class Recorder:
    """Answers by the script, and keeps the lists that it was given: with blocking calls, one an act."""

    identity: Mapping[str, str | int | float | None] = {"kind": "recorder"}

    def __init__(self, script: Script) -> None:
        self.lists: list[list[Request]] = []
        self._script = script

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        self.lists.append(list(requests))
        replies = [self._script(request) for request in requests]
        if on_reply is not None:
            for place, reply in enumerate(replies):
                on_reply(place, reply)
        return replies


def modelled(name: str, scenario: Scenario, engines: Sequence[tuple[Cost, Make]]) -> list[str]:
    script = Script()
    recorder = Recorder(script)
    simulate(scenario, recorder, blocking=True)
    lines = [f"## {name[0].upper()}{name[1:]}", "", *mix(recorder.lists, script), ""]
    for cost, make in engines:
        rows = list(measured(scenario, recorder.lists, script, cost, make))
        lines += [f"**{cost.name}**", "", *table(rows), ""]
        print("\n".join(lines[-len(rows) - 5 :]), file=sys.stderr)
    return lines


def measured(scenario: Scenario, lists: list[list[Request]], script: Script, cost: Cost, make: Make) -> Iterator[Row]:
    yield alone([[request] for requests in lists for request in requests], script, cost, make, "blocking calls")
    yield alone(lists, script, cost, make, "blocking, an act's requests together")
    for clocks, name in SCHEDULES:
        hours = Hours()
        hours.start()
        simulate(scenario, make(cost, script, hours), clocks=clocks)
        hours.stop()
        yield Row(name, hours.engine, hours.tokens, hours.program)
    hours = Hours()
    at_once([request for requests in lists for request in requests], make(cost, script, hours))
    yield Row("all at once: the engine's maximum", hours.engine, hours.tokens)


def alone(lists: list[list[Request]], script: Script, cost: Cost, make: Make, name: str) -> Row:
    """Each list by itself, one after the other."""
    hours = Hours()
    engine = make(cost, script, hours)
    for requests in lists:
        at_once(requests, engine)
    return Row(name, hours.engine, hours.tokens)


class Nobody:
    """Waits for a reply and does nothing with it."""

    wanted = True

    def deliver(self, reply: Reply) -> None:
        pass


def at_once(requests: list[Request], engine: Engine) -> None:
    """All of them through the door that studies use, so that prefixes are led there too."""
    dispatch = Dispatch({"m": engine})
    nobody = Nobody()
    for request in requests:
        dispatch.ask(request, nobody)
    while sum(dispatch.load()):
        dispatch.wait()


def mix(lists: list[list[Request]], script: Script) -> list[str]:
    """What is asked, in words."""
    requests = [request for requests in lists for request in requests]
    acts = sorted({request.act for request in requests})
    counts = ", ".join(f"{sum(request.act == act for request in requests):,} {act}" for act in acts)
    replies = [script(request) for request in requests]
    prefixes, n_read = Prefixes(), 0.0
    for request in requests:
        tokens, blocks = prefixes.unread(request)
        prefixes.add(blocks)
        n_read += tokens
    return [
        f"{len(requests):,} requests ({counts}); {sum(reply.tokens_in for reply in replies):,} tokens of prompts,"
        f" {n_read:,.0f} where nothing is read twice; {sum(map(n_steps, replies)):,} tokens written, an answer read off"
        " the probabilities counted as one."
    ]


def table(rows: list[Row]) -> list[str]:
    speeds = {row.name: row.speed for row in rows}
    first, maximum, same_time = rows[0], rows[-1], speeds["same-time batches"]
    ceiling = maximum.speed / first.speed
    lines = [
        "| schedule | modelled seconds | tokens/s | over blocking | of the ceiling | over same-time batches"
        " | of the engine's maximum | with the simulator's own time |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        together = row.tokens / (row.seconds + row.program) / maximum.speed
        lines.append(
            f"| {row.name} | {row.seconds:,.0f} | {row.speed:,.1f} | {row.speed / first.speed:.2f}"
            f" | {row.speed / first.speed / ceiling:.3f} | {row.speed / same_time:.2f} | {row.speed / maximum.speed:.3f}"
            f" | {f'{together:.3f} ({row.program:.0f} s)' if row.program else ''} |"
        )
    return lines


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
    from simcons.engines.transformers_engine import TransformersEngine

    groups, turns = (2, 1) if quick else (8, 2)
    engine = TransformersEngine("m", TransformersSettings(kind="transformers"))
    scenario = small(groups)
    simulate(small(1), Timed(engine))  # loads the model
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
        seconds = wall(partial(simulate, scenario, timed))
        maximum = wall(partial(engine.complete, timed.requests))
        ratios.append(maximum / seconds)
        lines.append(
            f"| {turn} | {len(timed.requests):,} | {timed.tokens:,} | {seconds:.1f} | {timed.seconds:.1f} | {maximum:.1f}"
            f" | {ratios[-1]:.3f} |"
        )
    return [*lines, "", f"Median: {statistics.median(ratios):.3f} of the engine's maximum.", ""]


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
