"""What runs of a sweep save by asking one process for their model, rather than loading it each.

The sweep: llm_writer with one group of three in one round, under several seeds, two runs at a time; with a model of random
weights, whose work is next to nothing, and with SmolLM2. Processor time is that of all processes but the sweep's own, and is
hardly changed by other programs on the machine; memory is what these hold together (a shared page counts once), at its highest.

Run:  python benchmarks/shared_models.py [--runs N]      Writes benchmarks/results/shared_models.md
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children
from pathlib import Path
from threading import Event, Thread

from machine import machine

from simcons.experiments.sweep.local import Processes
from simcons.experiments.sweep.run import run_tasks
from simcons.experiments.sweep.tasks import Task, tasks_of
from simcons.scenario.sweep import StudySweepSettings
from simcons.storage.load import load
from simcons.training.toy import toy_model

RESULTS = Path(__file__).parent / "results" / "shared_models.md"
JOBS = 2
EVERY = 0.2  # seconds
HEAD = """# Models shared by the runs of a sweep

Measured on {machine}.

{runs} runs of llm_writer with one group of three in one round, {jobs} at a time, which share a model (`engines: shared`) or load
it each (`engines: own`). Processor time and memory are those of all processes but the sweep's own. Made by
`benchmarks/shared_models.py`.

| model | runs | processor seconds | memory at its highest, MiB | runs with other texts than their own model wrote |
|---|---|---:|---:|---:|
"""


@dataclass
class Highest:
    mib: float = 0.0


@dataclass(frozen=True)
class Used:
    seconds: float
    mib: float
    texts: list[list[str]]  # what the model wrote in each run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=4)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent)
        models = {
            "of random weights": str(toy_model(folder / "toy", context=4096)),
            "SmolLM2-135M": "smollm2-135m-instruct",
        }
        rows = [row for name, model in models.items() for row in _rows(name, tasks_for(model, runs), folder / name)]
    head = HEAD.format(machine=machine("torch", "transformers"), runs=runs, jobs=JOBS)
    RESULTS.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


def tasks_for(model: str, runs: int) -> list[Task]:
    given = {
        "kind": "sweep",
        "name": "shared_models",
        "scenario": "llm_writer",
        "base": {
            "design.groups": 1,
            "design.group_sizes": [3],
            "design.rounds": 1,
            "participants.mind.opinion_sampling.max_tokens": 40,
            "readers": {"reader": {"matching": "words"}},
            "engines.writer.model": model,
            "engines.writer.dtype": "float32",
            "engines.writer.device": "cpu",
        },
        "vary": {"kind": "grid", "values": {"seed": list(range(1, runs + 1))}},
    }
    return tasks_of(StudySweepSettings.model_validate(given))


def _rows(model: str, tasks: Sequence[Task], folder: Path) -> Iterator[str]:
    own, shared = (used(tasks, folder / name, shared=name == "shared") for name in ("own", "shared"))
    for name, each in (("own", own), ("shared", shared)):
        others = sum(one != other for one, other in zip(own.texts, each.texts, strict=True))
        yield f"| {model} | {name} | {each.seconds:.0f} | {each.mib:,.0f} | {others} |"


def used(tasks: Sequence[Task], folder: Path, *, shared: bool) -> Used:
    """What the processes that carry out ``tasks`` use."""
    folder.mkdir(parents=True)
    before = _processor_seconds()
    with _watched() as highest, Processes(folder, jobs=JOBS, shared=shared) as processes:
        ends = run_tasks(tasks, folder, processes, retries=0)
    if failed := next((end.error for end in ends if end.error), ""):
        raise SystemExit(failed)
    texts = [load(folder / task.name).opinions["text"].tolist() for task in tasks]
    return Used(_processor_seconds() - before, highest.mib, texts)


def _processor_seconds() -> float:
    """Of the processes that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


@contextmanager
def _watched() -> Iterator[Highest]:
    """The memory of this process's children, looked at while the block runs."""
    highest, over = Highest(), Event()

    def watch() -> None:
        while not over.wait(EVERY):
            highest.mib = max(highest.mib, sum(_mib(child.pid) for child in active_children()))

    thread = Thread(target=watch)
    thread.start()
    try:
        yield highest
    finally:
        over.set()
        thread.join()


def _mib(process: int | None) -> float:
    """A process's share of the memory that it has pages in; 0 once it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
