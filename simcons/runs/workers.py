"""A study on several processes: they simulate its sessions, while this one recruits people and writes what comes, in order.

Only for studies that ask no language model. Calls are answered best by one process that sees them all: it keeps the store and
the budget, and fills the engines' batches.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from simcons.engines.usage import NOTHING
from simcons.errors import ArgumentError, ProcessesEnded
from simcons.languages.language import Language
from simcons.mediator.own import pipelines_of
from simcons.runs.processes import fresh_processes
from simcons.scenario.study import Scenario
from simcons.storage.writer import Kept, RunWriter
from simcons.study.plan import Plan, make_plan
from simcons.study.portions import PortionEnd, portions, run_portion
from simcons.study.progress import Progress
from simcons.study.recruitment import Launch
from simcons.study.run import Outcome, after, launches_of, progress_of

_LARGEST_PORTION = 16  # sessions; about a quarter of a second's work, so that handing over costs little
_AHEAD = 3  # portions for each process that are under way or wait to be written

_plans: list[Plan] = []  # of a process that simulates sessions: its one plan, made before its first task


def check_workers(workers: int, scenario: Scenario, languages: Sequence[Language]) -> None:
    """Raises ArgumentError for a number that is none, and for several where the study has to stay in one process."""
    if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
        raise ArgumentError("workers", repr(workers), "expected a whole number from 1 up")
    obstacle = _obstacle(scenario, languages) if workers > 1 else None
    if obstacle is not None:
        raise ArgumentError("workers", str(workers), f"{obstacle}; expected 1")


def workers_for(scenario: Scenario, most: int) -> int:
    """How many processes, up to ``most``, a study is worth: 1 for one that has to stay in one process, or is small."""
    return 1 if _obstacle(scenario, ()) else max(1, min(most, scenario.design.groups // _LARGEST_PORTION))


def _obstacle(scenario: Scenario, languages: Sequence[Language]) -> str | None:
    """A reason for which one process has to run the whole study."""
    if scenario.engines_used:
        return (
            f"this study asks the engine {min(scenario.engines_used)!r}, and one process has to see all calls for full batches"
            " and one budget"
        )
    if pipelines_of(scenario):
        return (
            f"this study has a pipeline of your own ({min(pipelines_of(scenario))}), whose calls one process has to see"
        )
    if scenario.reads_with_embeddings:
        return "a reader of this study has a sentence encoder, which would be loaded for each"
    if scenario.couples_sessions:
        return "sessions of this study wait for one another at the mediator's service (latency.kind service)"
    if languages:
        return "languages of your own are objects that cannot be sent to other processes"
    return None


def run_on_workers(
    plan: Plan,
    writer: RunWriter,
    *,
    workers: int,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    only: Collection[str] = (),
    kept: Kept | None = None,
) -> Outcome:
    """`simcons.study.run.run_study` with ``workers`` processes, and the same records, for what `check_workers` lets pass.

    ``on_progress`` is called at the beginning and after each portion. Raises ProcessesEnded where one was killed.
    """
    progress, n_events = progress_of(kept, plan), 0
    on_progress(progress)
    n_sessions = (len(only) or plan.scenario.design.groups) - progress.sessions
    size = max(1, min(_LARGEST_PORTION, -(-n_sessions // (_AHEAD * workers))))
    launches = after(launches_of(plan, frozenset(only)), kept)
    try:
        with fresh_processes(max(1, min(workers, n_sessions)), _make_ready, plan.scenario) as pool:
            for end in _in_order(pool, portions(launches, size), most=_AHEAD * workers):
                writer.write_packed(end.records)
                n_events += end.outcome.n_events
                progress.add(end.outcome.progress)
                on_progress(progress)
    except BrokenProcessPool:
        raise ProcessesEnded(
            "a process that simulates sessions was killed; expected enough memory: use fewer --workers"
        ) from None
    return Outcome(n_events, NOTHING, progress)


def _in_order(pool: ProcessPoolExecutor, work: Iterable[Sequence[Launch]], *, most: int) -> Iterator[PortionEnd]:
    """The ends of portions in their order, ``most`` of them in memory at a time."""
    under_way: deque[Future[PortionEnd]] = deque()
    for portion in work:
        if len(under_way) == most:
            yield under_way.popleft().result()
        under_way.append(pool.submit(_simulate, portion))
    while under_way:
        yield under_way.popleft().result()


# --- in the other processes ---


def _make_ready(scenario: Scenario) -> None:
    """Make this process's plan; the people of the study come with their portions. What there is by now is never garbage."""
    _plans.append(make_plan(scenario, pool=1))
    gc.freeze()


def _simulate(portion: Sequence[Launch]) -> PortionEnd:
    return run_portion(_plans[0], portion)
