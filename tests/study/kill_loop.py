"""Kill a run at random moments until it has been killed often enough: ``kill_loop.py KILLS FOLDER``.

Everything is imported once; each start or resumption is a forked child that is killed (-9) after a random time, or right after
a certain file of the run folder is there. Prints, as JSON, how often it killed and what was asked again.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import simcons
from simcons.engines.base import Reply, Request
from simcons.engines.calls.store import KeyMaker
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import RunFolderError
from simcons.scenario.study import Scenario
from simcons.seeds import stream
from simcons.storage.load import load

sys.path.append(str(Path(__file__).parents[1]))  # where the other tests' modules are, as under pytest
from playing import PLAYED, capricious, scenario_with, tables
from processes import end_with_parent

SECONDS_A_BATCH = 0.02
MOMENTS = {  # files whose coming, with more than so many bytes, marks a moment
    **dict.fromkeys((".", "start.json", "UNFINISHED", "calls.sqlite-lock", "calls.sqlite", "calls.sqlite-wal"), -1),
    "participants.parquet": 4,  # no table has more than its mark before the run is over
    "truth/oracle_scores.parquet": 4,
    "manifest.json": 0,
}


class Logged(ScriptedEngine):
    """A little slow; writes the key of every request into a file before it answers."""

    def __init__(self, log: Path) -> None:
        super().__init__(capricious, batch_limit=4)
        self._log, self._keys = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY), KeyMaker(self.identity)

    def reply(self, request: Request) -> Reply:
        os.write(self._log, self._keys.key(request).hex().encode() + b"\n")
        time.sleep(SECONDS_A_BATCH / 4)
        return super().reply(request)


@dataclass
class Tally:
    """What the loop did and found."""

    kills: int = 0
    moments: Counter[str] = field(default_factory=Counter)
    begun_again: int = 0  # killed before there was anything to resume
    finished: int = 0
    asked: int = 0
    asked_again: int = 0  # of them, whose first reply had not been stored
    longest: int = 0  # kills that one run survived


def scenario() -> Scenario:
    return scenario_with(participants={"mind": PLAYED})


def begin(folder: Path, log: Path) -> None:
    """Start the run, or go on with it."""
    engines = {"m": Logged(log)}
    if (folder / "start.json").exists():
        simcons.resume(folder, engines=engines)
    else:
        simcons.run(scenario(), out=folder, engines=engines, force=True)


def forked(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        end_with_parent()
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def ended(child: int, *, block: bool = False) -> bool:
    """Whether the child has ended by itself; an error in it ends the loop."""
    found, status = os.waitpid(child, 0 if block else os.WNOHANG)
    if found and status:
        raise SystemExit(f"a run failed with status {status}")
    return bool(found)


def killed(child: int, folder: Path, tally: Tally, seconds: float) -> bool:
    """Kill the child at a moment drawn for it; False if it was done before."""
    rng = stream(1, "kills", tally.kills, tally.finished)
    moment = str(rng.choice(list(MOMENTS))) if rng.random() < 0.4 else None
    until, delay = time.perf_counter() + float(rng.uniform(0, 0.5 * seconds)), float(rng.uniform(0, 0.004))
    while time.perf_counter() < until if moment is None else not has_come(folder, moment):
        if ended(child):
            return False
        time.sleep(0.0002)
    time.sleep(0 if moment is None else delay)
    if ended(child):
        return False
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    tally.kills += 1
    tally.moments[moment or "any"] += 1
    return True


def has_come(folder: Path, moment: str) -> bool:
    with suppress(FileNotFoundError):
        return (folder / moment).stat().st_size > MOMENTS[moment]
    return False


def stored_keys(folder: Path, copy: Path) -> set[str]:
    """Keys of the calls that a run has kept, from a copy, so that the store is left as the kill left it."""
    copy.mkdir(exist_ok=True)
    for file in folder.glob("calls.sqlite*"):
        shutil.copy(file, copy)
    keys: set[str] = set()
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(copy / "calls.sqlite")) as connection:
        keys = {key.hex() for (key,) in connection.execute("SELECT key FROM calls")}
    shutil.rmtree(copy)
    return keys


def check_folder(folder: Path, expected: dict[str, bytes]) -> bool:
    """Whether the run has finished; a run that says so has all its tables, any other is refused as unfinished."""
    try:
        load(folder)
    except RunFolderError:
        return False
    if tables(folder) != expected:
        raise SystemExit(f"{folder}: is finished with other tables than an uninterrupted run")
    return True


def check_log(log: Path, before: int, stored: set[str], tally: Tally) -> int:
    """Nothing that was stored is asked again; the length of the log now."""
    lines = log.read_text().split() if log.exists() else []
    new = lines[before:]
    if stored & set(new) or len(set(new)) < len(new):
        raise SystemExit(f"{log}: {len(stored & set(new))} calls were asked again though their replies were stored")
    tally.asked += len(new)
    tally.asked_again += len(set(lines[:before]) & set(new))
    return len(lines)


def one_run(folder: Path, log: Path, expected: dict[str, bytes], seconds: float, most: int, tally: Tally) -> None:
    """Start a run, kill and resume it until it finishes, at most until ``most`` kills have been done in all."""
    n_logged, kills_before = 0, tally.kills
    while True:
        stored = stored_keys(folder, folder.with_name("copy"))
        tally.begun_again += tally.kills > kills_before and not (folder / "start.json").exists()
        child = forked(lambda: begin(folder, log))
        interrupted = killed(child, folder, tally, seconds) if tally.kills < most else not ended(child, block=True)
        n_logged = check_log(log, n_logged, stored, tally)
        finished = check_folder(folder, expected)
        if not interrupted:
            break
    if not finished or (folder / "UNFINISHED").exists() > interrupted:
        raise SystemExit(f"{folder}: ended by itself, but is not finished")
    tally.finished += 1
    tally.longest = max(tally.longest, tally.kills - kills_before)


def main(n_kills: int, parent: Path) -> Tally:
    tally, start = Tally(), time.perf_counter()
    ended(forked(lambda: begin(parent / "whole", parent / "whole.log")), block=True)
    seconds, expected = time.perf_counter() - start, tables(parent / "whole")
    while tally.kills < n_kills:
        name = f"run{tally.finished}"
        one_run(parent / name, parent / f"{name}.log", expected, seconds, n_kills, tally)
        shutil.rmtree(parent / name)
    return tally


if __name__ == "__main__":
    found = main(int(sys.argv[1]), Path(sys.argv[2]))
    print(json.dumps({name: getattr(found, name) for name in Tally.__dataclass_fields__}))
