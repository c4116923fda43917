"""What a large study costs without a language model: time, memory and disk, and what each part of the work takes.

1. One run of 100,000 people in groups (paper_collection_1 with one round: 6 statements rated twice) on several processes: wall
   and processor seconds, memory of all processes over time, bytes by table.
2. Units: processor milliseconds a session of each part of the work, in one process; bytes that go from process to process. For
   sessions of one round and of three.

Run:  python benchmarks/scale.py [--people 100000] [--workers 2] [--out FOLDER] [--quick]      Writes benchmarks/results/scale.md
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from multiprocessing import active_children
from pathlib import Path
from typing import Any, TypeAlias

import psutil
from machine import machine

import simcons
from simcons.runs.progress import RunProgress
from simcons.scenario.load import load_scenario
from simcons.storage.layout import RECORD_TYPES, TELEMETRY, table_path
from simcons.storage.load import Run
from simcons.storage.writer import RunWriter
from simcons.study.plan import Plan, make_plan
from simcons.study.portions import portions, run_portion
from simcons.study.recruitment import Launch
from simcons.study.run import launches_of

RESULTS = Path(__file__).parent / "results" / "scale.md"
STUDY = "paper_collection_1"
SETTINGS = {"design.rounds": 1, "questions.bank": ["core"]}
SHOWN = 10  # rows of memory over time
MIB = 2**20
WORK = {
    "recruit": "the one process",
    "simulate and pack": "any",
    "hand over": "half at either end",
    "write": "the one process",
}
Units: TypeAlias = Mapping[int, Mapping[str, float]]  # by rounds of a session


@dataclass(frozen=True)
class Moment:
    """A moment of a run: processor seconds so far, and MiB resident of this process and, on average, of those that simulate."""

    seconds: float
    processor: float
    sessions: int
    parent: float
    worker: float

    @classmethod
    def now(cls, seconds: float, sessions: int) -> Moment:
        others = [psutil.Process(process.pid) for process in active_children()]
        memory = [process.memory_info().rss / MIB for process in (psutil.Process(), *others)]
        used = [sum(process.cpu_times()[:2]) for process in (psutil.Process(), *others)]
        worker = sum(memory[1:]) / max(1, len(others))
        return cls(round(seconds, 1), round(sum(used), 1), sessions, round(memory[0], 1), round(worker, 1))


@dataclass(frozen=True)
class Large:
    """The large run."""

    run: Run
    wall: float
    processor: float
    moments: list[Moment]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, help="the run folder, which is kept")
    parser.add_argument("--quick", action="store_true", help="200 people, nothing written: to see that it works")
    given = parser.parse_args()
    n_people = 200 if given.quick else given.people
    scenario = load_scenario(STUDY)
    mean_size = sum(scenario.design.group_sizes) / len(scenario.design.group_sizes)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.out or Path(scratch) / "run"
        large = large_run(folder, round(n_people / mean_size), given.workers)
        units = {rounds: unit_costs(12 if given.quick else 160, rounds) for rounds in (1, 3)}
        text = "\n".join(page(large, units, given.workers)) + "\n"
    print(text)
    if not given.quick:
        RESULTS.write_text(text, encoding="utf-8")


# --- the large run ---


def large_run(folder: Path, groups: int, workers: int) -> Large:
    moments: list[Moment] = []
    began = time.perf_counter()

    def look(progress: RunProgress) -> None:
        seconds = time.perf_counter() - began
        if not moments or seconds >= moments[-1].seconds + 2:
            moments.append(Moment.now(seconds, progress.sessions))
            print(json.dumps(asdict(moments[-1])), file=sys.stderr, flush=True)

    before = _processor_seconds()
    run = simcons.run(
        STUDY, overrides={**SETTINGS, "design.groups": groups}, out=folder, workers=workers, on_progress=look
    )
    wall = time.perf_counter() - began
    return Large(run, wall, _processor_seconds() - before, moments)


def _processor_seconds() -> float:
    """Of this process and of those it started that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


# --- units ---


def unit_costs(n_sessions: int, rounds: int) -> dict[str, float]:
    """Processor milliseconds a session by kind of work, bytes a session sent each way, and seconds to begin."""
    began = time.process_time()
    changes = [f"design.groups={n_sessions}", f"design.rounds={rounds}", "questions.bank=[core]"]
    plan = make_plan(load_scenario(STUDY, changes))
    to_begin = time.process_time() - began
    began = time.process_time()
    launches = list(launches_of(plan))
    lobby = time.process_time() - began
    work = list(portions(launches, 16))
    began = time.process_time()
    for portion in work:  # makes each question's readers, which a process does once
        run_portion(plan, portion)
    first = time.process_time() - began
    began = time.process_time()
    ends = [run_portion(plan, portion) for portion in work]
    whole = time.process_time() - began
    return {
        "begin": to_begin + first - whole,
        "recruit": 1000 * lobby / n_sessions,
        "simulate and pack": 1000 * whole / n_sessions,
        **_handing_over(work, [end.records for end in ends], n_sessions),
        **_writing(plan, [end.records for end in ends], n_sessions),
    }


def _handing_over(work: Sequence[list[Launch]], records: Sequence[Any], n_sessions: int) -> dict[str, float]:
    began = time.process_time()
    sent = [pickle.dumps(portion) for portion in work]
    received = [pickle.dumps(packed) for packed in records]
    for packed in received:
        pickle.loads(packed)
    seconds = time.process_time() - began
    return {
        "hand over": 1000 * seconds / n_sessions,
        "to a worker": sum(map(len, sent)) / n_sessions,
        "back": sum(map(len, received)) / n_sessions,
    }


def _writing(plan: Plan, records: Sequence[Any], n_sessions: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        with RunWriter(Path(folder), row_group_rows=50_000, scales=plan.scenario.participants.scales) as writer:
            for packed in records:
                writer.write_packed(packed)
        return {"write": 1000 * (time.process_time() - began) / n_sessions}


# --- the page ---


def page(large: Large, units: Units, workers: int) -> Iterator[str]:
    run, rows = large.run, large.run.manifest["rows"]
    n, people = rows["sessions"], rows["participants"]
    in_groups = sum(size for size in run.table("sessions")["group_size"].to_pylist())
    yield from ("# A large study without a language model", "", machine("numpy", "simpy", "pyarrow"), "")
    yield (
        f"`python benchmarks/scale.py`: {STUDY} with one round, the bank core and {n:,} groups on {workers} processes; other"
        " programs ran at the same time."
    )
    yield from ("", "| | |", "|---|---:|")
    yield f"| people in groups; recruited | {in_groups:,}; {people:,} |"
    yield f"| rounds begun; ratings | {rows['rounds']:,}; {rows['ratings']:,} |"
    yield f"| wall time | {large.wall:,.0f} s |"
    yield f"| processor time, all processes | {large.processor:,.0f} s |"
    yield f"| processor time a session | {1000 * large.processor / n:.1f} ms |"
    yield f"| processor time a person in a group | {1000 * large.processor / in_groups:.2f} ms |"
    peak = max(moment.parent + workers * moment.worker for moment in large.moments)
    yield f"| most memory, all processes together | {peak:,.0f} MiB |"
    yield f"| on disk | {sum(_sizes(run.folder).values()) / MIB:,.0f} MiB |"
    yield from ("", "## Memory over time", "")
    yield "MiB resident: of the process that recruits and writes, and of each that simulates sessions (mean)."
    yield from ("", "| seconds | sessions over | this process | each of the others |", "|---:|---:|---:|---:|")
    step = max(1, len(large.moments) // SHOWN)
    for moment in large.moments[::step]:
        yield f"| {moment.seconds:,.0f} | {moment.sessions:,} | {moment.parent:,.0f} | {moment.worker:,.0f} |"
    yield from _disk(run, n)
    yield from _units(units)


def _sizes(folder: Path) -> dict[str, int]:
    return {
        name: table_path(folder, name).stat().st_size for name in RECORD_TYPES if not name.startswith(f"{TELEMETRY}/")
    }


def _disk(run: Run, n_sessions: int) -> Iterator[str]:
    rows, sizes = run.manifest["rows"], _sizes(run.folder)
    yield from (
        "",
        "## Disk",
        "",
        "| table | rows | MiB | bytes a row | bytes a session |",
        "|---|---:|---:|---:|---:|",
    )
    for name, size in sorted(sizes.items(), key=lambda item: -item[1]):
        if rows[name]:
            yield f"| {name} | {rows[name]:,} | {size / MIB:,.1f} | {size / rows[name]:,.1f} | {size / n_sessions:,.0f} |"
    total = sum(sizes.values())
    yield f"| all | {sum(rows.values()):,} | {total / MIB:,.1f} | | {total / n_sessions:,.0f} |"


def _units(units: Units) -> Iterator[str]:
    one, three = units[1], units[3]
    yield from (
        "",
        "## What a session takes",
        "",
        "Processor milliseconds, in one process that has made its readers.",
        "",
    )
    yield from ("| work | where | one round | three rounds |", "|---|---|---:|---:|")
    for work, where in WORK.items():
        yield f"| {work} | {where} | {one[work]:.2f} | {three[work]:.2f} |"
    for way in ("to a worker", "back"):
        yield f"| KiB {way} | | {one[way] / 1024:.1f} | {three[way] / 1024:.1f} |"
    busy = [
        each["simulate and pack"] / (each["recruit"] + each["write"] + each["hand over"] / 2) for each in (one, three)
    ]
    yield f"| others that the one process keeps busy | | {busy[0]:.0f} | {busy[1]:.0f} |"
    yield ""
    yield f"To read the scenario and make the readers of its questions takes a process {three['begin']:.1f} s, without imports."


if __name__ == "__main__":
    main()
