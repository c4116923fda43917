"""One run carried out: plan, engines, store and tables put together, and what its end leaves behind."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from simcons.engines.base import Engine
from simcons.engines.budget import Budget
from simcons.engines.calls.store import CallStore, open_read_only, open_store
from simcons.engines.dispatch import Dispatch
from simcons.engines.load import engine_notes
from simcons.engines.meter import Meter
from simcons.engines.pipelines.engine import PipelineEngine
from simcons.engines.usage import NOTHING, Prices
from simcons.errors import NothingUsable, SimconsError
from simcons.runs.messages import Messages, Ticker
from simcons.runs.progress import RunProgress
from simcons.runs.provenance import check_identities, manifest
from simcons.runs.shared import opened
from simcons.runs.workers import run_on_workers
from simcons.scenario.engines import BudgetSettings
from simcons.storage.layout import CALLS
from simcons.storage.start import RunStart
from simcons.storage.writer import RunWriter
from simcons.study.broker import Broker
from simcons.study.plan import Plan
from simcons.study.progress import Progress
from simcons.study.run import Outcome, progress_of, run_study
from simcons.study.usable import Unusable
from simcons.unusable import unusable_sentence


@dataclass(frozen=True, slots=True)
class Job:
    """A study to be run into a folder: from its beginning, on from where it stopped, or from another run's replies.

    earlier: stores of other runs, whose replies are not asked for again.
    workers: processes that simulate sessions; one is this process.
    goes_on: sessions that an earlier start finished are kept, rather than simulated again.
    """

    plan: Plan
    engines: Mapping[str, Engine]
    folder: Path
    start: RunStart
    replay_of: Path | None = None
    resumed: bool = False
    earlier: tuple[Path, ...] = ()
    workers: int = 1
    goes_on: bool = False

    @property
    def how_to_go_on(self) -> str:
        """The call that takes the run further once it has stopped."""
        if self.replay_of is not None:
            return f"simcons.replay({str(self.replay_of)!r})"
        return f"simcons.resume({str(self.folder)!r})"


def carry_out(
    job: Job, messages: Messages, on_begin: Callable[[Path], None], on_progress: Callable[[RunProgress], None]
) -> None:
    """Run the study to its end and finish its folder.

    Whatever stops it, the exception goes on to the caller as it is, with a note on how to go on, and the folder is left
    unfinished with all that had been recorded.
    """
    messages.open_log(job.folder)
    try:
        with _ending(job, messages):
            on_begin(job.folder)
            _study(job, messages, on_progress)
    finally:
        for engine in job.engines.values():
            if isinstance(engine, PipelineEngine):
                engine.close()


def _study(job: Job, messages: Messages, on_progress: Callable[[RunProgress], None]) -> None:
    """Run the study into its tables, and finish its folder."""
    plan, scenario = job.plan, job.plan.scenario
    with (
        _store(job, messages) as store,
        opened(job.earlier) as earlier,
        RunWriter(
            job.folder,
            row_group_rows=scenario.output.row_group_rows,
            scales=scenario.participants.scales,
            goes_on=job.goes_on,
        ) as writer,
    ):
        if job.goes_on:
            messages.say(f"Sessions that were over and are kept: {writer.kept.n_sessions:,}")
        meter = Meter(lambda row: writer.write([row]))
        dispatch = Dispatch(job.engines, store=store, budget=_budget(job, store), meter=meter, earlier=earlier)
        progress = RunProgress(scenario, dispatch, job.folder, n_sessions=len(job.start.only) or None)
        progress.updated(progress_of(writer.kept, plan))
        outcome = _simulate(job, dispatch, writer, messages, progress, on_progress)
        meter.finish()
        for name, notes in engine_notes(job.engines).items():
            for note in notes:
                messages.log(f"engine {name}: {note}")
        writer.finish(manifest(plan, job.start, job.engines, outcome, meter, store))


def _simulate(
    job: Job,
    dispatch: Dispatch,
    writer: RunWriter,
    messages: Messages,
    progress: RunProgress,
    on_progress: Callable[[RunProgress], None],
) -> Outcome:
    with _heap_left_alone(), progress.counting(), Ticker(lambda: messages.log(str(progress))):
        outcome = _run(job, dispatch, writer, messages, lambda numbers: on_progress(progress.updated(numbers)))
    messages.log(str(progress))
    return outcome


@contextmanager
def _heap_left_alone() -> Iterator[None]:
    """Have the search for garbage pass over all that is there already, such as banks and modules, which is none and takes it a
    tenth of a study to look through. Not where the program has done so itself.
    """
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _run(
    job: Job,
    dispatch: Dispatch,
    writer: RunWriter,
    messages: Messages,
    on_progress: Callable[[Progress], None],
) -> Outcome:
    if job.workers > 1:
        return run_on_workers(
            job.plan,
            writer,
            workers=job.workers,
            on_progress=on_progress,
            only=job.start.only,
            kept=writer.kept,
        )
    return run_study(
        job.plan,
        Broker(dispatch),
        writer,
        on_progress=on_progress,
        on_unusable=_tell_unusable(job, messages),
        only=job.start.only,
        kept=writer.kept,
    )


@contextmanager
def _store(job: Job, messages: Messages) -> Iterator[CallStore | None]:
    """The store of the run's calls, or of the run that is replayed; None where no language model is used."""
    if not job.engines:
        yield None
        return
    mended = None
    if job.replay_of is not None:
        store = open_read_only(job.replay_of / CALLS)
    else:
        store, mended = open_store(job.folder / CALLS)
    with store:
        if mended:
            messages.say(mended)
        if job.replay_of is None:
            configured = job.plan.scenario.engines
            prices = {name: configured[name].price_per_million for name in job.engines if name in configured}
            check_identities(store, job.engines, job.folder)
            store.register({name: engine.identity for name, engine in job.engines.items()}, prices)
        yield store


def _budget(job: Job, store: CallStore | None) -> Budget:
    """The budget that is left: a run that goes on has spent what its calls took."""
    scenario = job.plan.scenario
    prices = Prices({name: settings.price_per_million for name, settings in scenario.engines.items()})
    if store is None or job.replay_of is not None:  # a replay asks nobody, so there is nothing to spend
        return Budget(BudgetSettings(), prices)
    spent = (account.usage for account in store.accounts() if account.engine in scenario.engines)
    return Budget(scenario.budget, prices, spent=sum(spent, NOTHING))


def _tell_unusable(job: Job, messages: Messages) -> Callable[[Unusable], None]:
    """Tell of an act whose answers can hardly be used. Raises NothingUsable where none can, and they cost money, at first."""
    scenario = job.plan.scenario
    may_stop = job.replay_of is None and not job.resumed

    def tell(unusable: Unusable) -> None:
        of = "the first" if unusable.hopeless else "the latest"
        sentence = unusable_sentence(unusable.act, unusable.n, unusable.missing, unusable.reply, of=of)
        if not unusable.hopeless:
            messages.say(f"Attention: {sentence}", kind="warning")
        elif may_stop and any(scenario.engines[name].costs_money for name in scenario.engines_of(unusable.act)):
            raise NothingUsable(f"{sentence}; the run has stopped because they cost money")

    return tell


@contextmanager
def _ending(job: Job, messages: Messages) -> Iterator[None]:
    """Have the log say how the run ended, and what stops it say how the run goes on."""
    began = time.perf_counter()
    try:
        yield
    except BaseException as error:
        messages.log(f"stopped after {time.perf_counter() - began:.0f} s: {_reason(error)}")
        error.add_note(f"{job.folder} is unfinished and holds what had been recorded; go on with: {job.how_to_go_on}")
        raise
    messages.log(f"finished after {time.perf_counter() - began:.0f} s")


def _reason(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return str(error) or "interrupted"
    return str(error) if isinstance(error, SimconsError) else f"{type(error).__name__}: {error}"
