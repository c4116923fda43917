"""Speed and memory of the study itself, with the scripted generator (no language model).

1. The paper-sized study (paper_collection_1: 746 sessions, 3 rounds, 6 statements rated twice): wall seconds, peak memory, and
   the ratio to bare SimPy processing as many events in the same process.
2. Growth: seconds and bytes a session for 100, 1,000 and 10,000 sessions.
3. Personas a second.

Run:  python benchmarks/study_speed.py [--quick]      Writes benchmarks/results/study.md
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import simpy
from machine import machine

RESULTS = Path(__file__).parent / "results" / "study.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, nothing written: to see that it works")
    parser.add_argument("--child", type=int, metavar="GROUPS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(measure(arguments.child)))
        return
    sizes = (20, 40) if arguments.quick else (100, 746, 1000, 10_000)
    rows = [in_child(groups) for groups in sizes]
    text = report(rows, paper=40 if arguments.quick else 746, personas=personas_a_second(100_000))
    print(text)
    if not arguments.quick:
        RESULTS.write_text(text, encoding="utf-8")


def in_child(groups: int) -> dict[str, float]:
    """Measure in a process of its own, so that peak memory is that of this size alone."""
    done = subprocess.run(
        [sys.executable, __file__, "--child", str(groups)], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def measure(groups: int) -> dict[str, float]:
    import simcons

    simcons.run  # noqa: B018  # imports what a run needs, which is no part of it
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        run = simcons.run("paper_collection_1", overrides={"design.groups": groups}, out=folder)
        seconds = time.perf_counter() - began
        peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        rounds = run.table("rounds")
        n_complete = sum(rounds["complete"].to_pylist())
    n_events = run.manifest["n_events"]
    bare = bare_simpy_seconds(n_events)
    return {
        "sessions": run.manifest["rows"]["sessions"],
        "rounds": n_complete,
        "events": n_events,
        "seconds": seconds,
        "bare_seconds": bare,
        "peak_mib": peak_mib,
        "output_bytes": size,
    }


def bare_simpy_seconds(n_events: int, processes: int = 5) -> float:
    """Seconds for SimPy to process ``n_events`` timeouts of ``processes`` processes that do nothing else."""
    env = simpy.Environment()

    def tick(n: int):  # type: ignore[no-untyped-def]
        for _ in range(n):
            yield env.timeout(1.0)

    for _ in range(processes):
        env.process(tick(n_events // processes))
    began = time.perf_counter()
    env.run()
    return time.perf_counter() - began


def personas_a_second(n: int) -> float:
    from simcons.population.synthesis import synthesise
    from simcons.scenario.population_file import load_population_file
    from simcons.scenario.shipped import find_population

    file = load_population_file(find_population("uk"))
    began = time.perf_counter()
    synthesise(file, n, seed=0)
    return n / (time.perf_counter() - began)


def report(rows: list[dict[str, float]], *, paper: int, personas: float) -> str:
    lines = [
        "# The study without a language model",
        "",
        machine("numpy", "simpy", "pyarrow"),
        "",
        "`python benchmarks/study_speed.py`: paper_collection_1 (6 statements a round, each rated twice) at several sizes;"
        " text, appraisals, true tables and writing included. Bare SimPy is timed in the same process on as many events.",
        "",
        "| sessions | rounds | events | seconds | events/s | ratio to bare SimPy | ms a session | peak MiB"
        " | KiB written a session |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        n = row["sessions"]
        lines.append(
            f"| {n:,} | {row['rounds']:,} | {row['events']:,} | {row['seconds']:.2f} | {row['events'] / row['seconds']:,.0f}"
            f" | {row['seconds'] / row['bare_seconds']:.1f} | {1000 * row['seconds'] / n:.2f} | {row['peak_mib']:.0f}"
            f" | {row['output_bytes'] / 1024 / n:.1f} |"
        )
    one = next(row for row in rows if row["sessions"] == paper)
    lines += [
        "",
        f"The paper-sized study: {one['seconds']:.1f} s, {one['peak_mib']:.0f} MiB at its peak,"
        f" {one['seconds'] / one['bare_seconds']:.1f} times bare SimPy.",
        "",
        f"Personas: {personas:,.0f} a second (100,000 at once).",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
