"""What a second process gains: in a sweep, whose runs are tasks of their own, and within one run.

* A sweep of paper_baselines, by one process and by two, in turn; then once more, finished, for what starting and the page take.
* One larger run of it by one worker and by two, which have to agree on where each session begins.

Seconds on the wall, so nothing else should be at work on the machine; ratios are within this run.

Run:  python benchmarks/sweep_speed.py [--quick]      Writes benchmarks/results/sweep.md
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from machine import machine

RESULTS = Path(__file__).parent / "results" / "sweep.md"
VALUES = [{"participants.mind.value_share": 0.5}, {"participants.mind.value_share": 0.6}]
SWEEP = {
    "kind": "sweep",
    "schema_version": 1,
    "name": "speed",
    "scenario": "paper_baselines",
    "vary": {"kind": "listed", "values": VALUES},
}
TEXT = """# What a second process gains

Measured on {machine}; seconds on the wall.

| | one process | two | times as fast |
|---|---:|---:|---:|
| a sweep of {tasks} runs of paper_baselines, {groups} groups each | {sweep_1:.1f} | {sweep_2:.1f} | {sweep:.2f} |
| one run of it, {large} groups (`--workers`) | {run_1:.1f} | {run_2:.1f} | {run:.2f} |

Of a sweep {fixed:.1f} s are starting and the page, whatever the number of processes. A run in it takes {task:.1f} s of one
process; by itself, as `simcons run` starts for each, {alone:.1f} s. Made by `benchmarks/sweep_speed.py`.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two runs of a few groups; writes nothing")
    quick = parser.parse_args().quick
    groups, replications, large = (4, 1, 8) if quick else (120, 7, 480)
    with tempfile.TemporaryDirectory() as folder:
        text = _measured(Path(folder), groups=groups, replications=replications, large=large)
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")


def _measured(folder: Path, *, groups: int, replications: int, large: int) -> str:
    tasks = replications * len(VALUES)
    sweep = folder / "sweep.yaml"
    sweep.write_text(yaml.safe_dump({**SWEEP, "base": {"design.groups": groups}, "replications": replications}))
    by = {
        jobs: _seconds("sweep", str(sweep), "--jobs", str(jobs), "--out", str(folder / f"by-{jobs}")) for jobs in (2, 1)
    }
    fixed = _seconds("sweep", str(sweep), "--jobs", "1", "--out", str(folder / "by-1"))
    alone = _run(folder / "alone", groups, 1)
    run = {workers: _run(folder / f"workers-{workers}", large, workers) for workers in (1, 2)}
    return TEXT.format(
        machine=machine("numpy", "pandas"), tasks=tasks, groups=groups, large=large, fixed=fixed, alone=alone,
        sweep_1=by[1], sweep_2=by[2], sweep=by[1] / by[2], task=(by[1] - fixed) / tasks,
        run_1=run[1], run_2=run[2], run=run[1] / run[2],
    )  # fmt: skip


def _run(out: Path, groups: int, workers: int) -> float:
    return _seconds(
        "run", "paper_baselines", "--set", f"design.groups={groups}", "--workers", str(workers), "--out", str(out)
    )


def _seconds(*arguments: str) -> float:
    """Of a simcons command, in a process of its own."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "simcons", *arguments, "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
