"""What a call costs the program that makes it: broker, dispatch, store and client, against a server that answers at once.

1. Live: the whole client path to a stub server in another process. Processor ms a call, calls a second.
2. Growth: the same with an engine that answers at once in this process, all calls open together: ms a call from 1,000 to
   100,000 calls.
3. Replay: replies a second out of the store, and a whole study replayed from its store.

Run:  python benchmarks/client_overhead.py [--quick] [--full]      Writes benchmarks/results/client_overhead.md
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine_saturation import study
from machine import machine

import simcons
from simcons.engines.base import Act, Engine, Message, Request
from simcons.engines.calls.replay import ReplayEngine
from simcons.engines.calls.store import CallStore
from simcons.engines.dispatch import Dispatch
from simcons.engines.openai.engine import OpenAIEngine
from simcons.engines.scripted import ScriptedEngine
from simcons.scenario.engines import OpenAIEngineSettings, SamplingSettings
from simcons.seeds import request_seed
from simcons.study.broker import Broker

RESULTS = Path(__file__).parent / "results" / "client_overhead.md"
AN_ACT = 8  # requests
CHOICES = tuple("1234567")
SYSTEM = Message("system", "You play one person. " + "Answer as that person would, and with nothing else. " * 6)
FILLER = "I think that most people would rather see it done slowly and paid for fairly than not done at all. "


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall and processor seconds."""

    wall: float
    cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, nothing written: to see that it works")
    parser.add_argument("--full", action="store_true", help="100,000 live calls too")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--child", nargs=2, metavar=("PART", "CALLS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(serve())
    elif arguments.child:
        part, calls = arguments.child
        print(json.dumps(PARTS[part](int(calls))))
    else:
        report(quick=arguments.quick, full=arguments.full)


def report(*, quick: bool, full: bool) -> None:
    repeats = 1 if quick else 3
    sizes = [200, 1000] if quick else [1000, 10_000, 100_000]
    text = "\n".join(
        [
            "# What a call costs the client",
            "",
            machine("numpy", "simpy", "aiohttp"),
            "",
            f"`python benchmarks/client_overhead.py{' --full' if full else ''}`; every size in a process of its own,"
            f" medians of {repeats}. ms are of this process's processor time. Prompts of about 1,900 characters,"
            f" each its own; {AN_ACT} requests an act, half of them log-probabilities.",
            "",
            "## Live, against a stub server in another process",
            "",
            *growth("live", sizes if full or quick else sizes[:2], repeats),
            "## An engine that answers at once, all calls open together, every reply stored",
            "",
            *growth("scripted", sizes, repeats),
            "## Replies out of the store",
            "",
            *growth("replayed", sizes, repeats),
            "## A study replayed",
            "",
            *replayed_study(groups=4 if quick else 40, repeats=repeats),
        ]
    )
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")


def growth(part: str, sizes: list[int], repeats: int) -> list[str]:
    """A row for each size; sizes in turns, so that a busy moment of the machine does not hit one of them alone."""
    found: dict[int, list[Spent]] = {size: [] for size in sizes}
    for _ in range(repeats):
        for size in sizes:
            found[size].append(in_child(part, size))
    lines = ["| calls | calls/s | ms a call | ratio to the first |", "|---:|---:|---:|---:|"]
    first = statistics.median(spent.cpu for spent in found[sizes[0]]) / sizes[0]
    for size in sizes:
        wall = statistics.median(spent.wall for spent in found[size])
        cpu = statistics.median(spent.cpu for spent in found[size])
        lines.append(f"| {size:,} | {size / wall:,.0f} | {1000 * cpu / size:.3f} | {cpu / size / first:.2f} |")
    return [*lines, ""]


def in_child(part: str, calls: int) -> Spent:
    command = [sys.executable, __file__, "--child", part, str(calls)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Spent(*json.loads(done.stdout))


def timed(do: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - wall, time.process_time() - cpu


# --- calls -------------------------------------------------------------------------------------------------------


def acts(calls: int) -> list[Act[None]]:
    """Acts that ask for ``calls`` replies together, their requests made beforehand."""
    requests = [request_of(number) for number in range(calls)]
    return [asking(requests[start : start + AN_ACT]) for start in range(0, calls, AN_ACT)]


def asking(requests: list[Request]) -> Act[None]:
    yield requests


def request_of(number: int) -> Request:
    rating = number % 2
    return Request(
        engine="m",
        messages=(SYSTEM, Message("user", f"Person {number}. " + FILLER * 15)),
        sampling=SAMPLING,
        seed=request_seed(0, "call", number),
        act="agreement" if rating else "opinion",
        answer="logprobs" if rating else "text",
        choices=CHOICES if rating else (),
    )


SAMPLING = SamplingSettings()


def ask(work: list[Act[None]], engine: Engine, store: CallStore) -> tuple[float, float]:
    broker = Broker(Dispatch({"m": engine}, store=store))

    def all_of_them() -> None:
        tickets = [broker.submit(act, needed_at=0.0) for act in work]
        broker.feed()
        for ticket in tickets:
            ticket.result()

    return timed(all_of_them)


@contextmanager
def new_store() -> Iterator[CallStore]:
    with tempfile.TemporaryDirectory() as folder, CallStore(Path(folder) / "calls.sqlite") as store:
        yield store


def live(calls: int) -> tuple[float, float]:
    with server() as port, new_store() as store:
        settings = OpenAIEngineSettings(
            kind="openai", base_url=f"http://127.0.0.1:{port}/v1", model="stub", dialect="vllm", max_context=4096
        )
        engine = OpenAIEngine("m", settings)
        ask(acts(AN_ACT), engine, store)  # opens a connection, imports what is imported late
        spent = ask(acts(calls), engine, store)
        engine.close()
    return spent


def scripted(calls: int) -> tuple[float, float]:
    with new_store() as store:
        return ask(acts(calls), ScriptedEngine(), store)


def replayed(calls: int) -> tuple[float, float]:
    with new_store() as store:
        engine = ScriptedEngine()
        ask(acts(calls), engine, store)
        return ask(acts(calls), ReplayEngine("m", engine.identity), store)


PARTS: Mapping[str, Callable[[int], tuple[float, float]]] = {"live": live, "scripted": scripted, "replayed": replayed}


# --- a study -----------------------------------------------------------------------------------------------------


def replayed_study(*, groups: int, repeats: int) -> list[str]:
    scenario = study(groups)
    with tempfile.TemporaryDirectory() as folder:
        run = simcons.run(scenario, out=Path(folder) / "run", engines={"m": ScriptedEngine()})
        ratings = len(run.ratings)
        spent = [
            Spent(*timed(partial(simcons.replay, run.folder, out=Path(folder) / f"replay{number}")))
            for number in range(repeats)
        ]
        n_hits = {
            account["act"]: account["n_hits"] for account in simcons.load(Path(folder) / "replay0").manifest["calls"]
        }
    wall = statistics.median(one.wall for one in spent)
    cpu = statistics.median(one.cpu for one in spent)
    asked = sum(n for act, n in n_hits.items() if act in ("position", "agreement", "quality"))
    return [
        "| sessions | replies | of these answers | ratings recorded | wall s | processor s | answers/s | ratings/s"
        " | replies/s |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
        f"| {groups} | {sum(n_hits.values()):,} | {asked:,} | {ratings:,} | {wall:.1f} | {cpu:.1f} | {asked / cpu:,.0f}"
        f" | {ratings / cpu:,.0f} | {sum(n_hits.values()) / cpu:,.0f} |",
        "",
        "All that `simcons.replay` does: simulation, prompts, reading of opinions, tables."
        " Answers are what a model was asked on the 1-7 scale; a rating recorded is an agreement and a quality."
        " Rates are for a second of processor time.",
        "",
    ]


# --- the server --------------------------------------------------------------------------------------------------


@contextmanager
def server() -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()


async def serve() -> None:
    """Prints its port; answers until its standard input closes."""
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(Answers, "127.0.0.1", 0)
    print(listening.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def response(choice: dict[str, object]) -> bytes:
    body = json.dumps({"choices": [choice], "usage": {"prompt_tokens": 400, "completion_tokens": 40}}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


TEXT = response({"message": {"role": "assistant", "content": FILLER * 2}, "finish_reason": "stop"})
PLACES = [
    {"token": token, "logprob": -1.0 - place, "bytes": [49]} for place, token in enumerate("43526178901abcdefghi")
]
LOGPROBS = response(
    {
        "message": {"role": "assistant", "content": "4"},
        "finish_reason": "length",
        "logprobs": {"content": [{"token": "4", "logprob": -1.0, "bytes": [52], "top_logprobs": PLACES}]},
    }
)


class Answers(asyncio.Protocol):
    """As little of HTTP as the client uses: whole requests with a length, one after the other."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (head_ends := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:head_ends].lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in head else 0
            body_ends = head_ends + 4 + length
            if len(self.received) < body_ends:
                return
            body, self.received = self.received[head_ends + 4 : body_ends], self.received[body_ends:]
            self.transport.write(LOGPROBS if b'"top_logprobs"' in body else TEXT)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
