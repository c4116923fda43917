"""``simcons run``: a scenario in, a run folder out, with a progress display on the way.

A run with language models keeps every reply in its folder. One that was interrupted is resumed by simulating it again from the
beginning, with the replies there are: they make the same study as far as it had come, and only what is missing is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from simcons.cli.edited import is_scenario, remark_on_edits
from simcons.cli.messages import Messages
from simcons.cli.progress import StudyProgress
from simcons.cli.question_checks import remarks
from simcons.cli.stopping import exit_code, how
from simcons.counted import counted
from simcons.engines.base import Engine, Identity
from simcons.engines.calls.replay import ReplayEngine
from simcons.engines.calls.store import CallStore, CorruptStore, open_read_only, open_store
from simcons.engines.dispatch import Dispatch
from simcons.engines.load import engine_notes, load_encoder, load_engines
from simcons.engines.meter import Meter
from simcons.errors import (
    BudgetReached,
    EngineError,
    Interrupted,
    NothingUsable,
    RunFolderError,
    SimconsError,
    StorageError,
)
from simcons.report.answer_notes import unusable_sentence
from simcons.runs import (
    Job,
    begin,
    budget_of,
    check_identities,
    folder_name,
    known_engines,
    make_folder,
    manifest,
    next_folder,
    scenario_of,
    sessions_to_replay,
)
from simcons.scenario.inputs import check_inputs
from simcons.scenario.load import change_scenario
from simcons.scenario.study import Scenario
from simcons.storage.begun import Begun, Source, claimed, is_finished, read_begun, refuse_at_work
from simcons.storage.layout import CALLS
from simcons.storage.provenance import git_commit, versions
from simcons.storage.writer import RunWriter
from simcons.study.broker import Broker
from simcons.study.plan import Plan, make_plan
from simcons.study.run import check_only, run_study
from simcons.study.usable import Unusable


def run_scenario(
    scenario: Scenario,
    *,
    out: Path | None,
    force: bool,
    console: Console,
    source: Source | None = None,
    only: Sequence[str] = (),
) -> Path:
    """Run the study and return its folder. Raises SimconsError; what was recorded by then stays, marked as unfinished.

    console: where progress and remarks go; results are the caller's to print.
    source: the file that the scenario was read from, so that a resumption can say what has changed in it.
    only: the sessions to run, if not all.
    """
    messages = _messages(console, f"begins {_what(scenario)}", *only)
    folder = out if out is not None else next_folder(Path(scenario.output.folder), folder_name(scenario.name, only))
    refuse_at_work(folder)
    plan = _plan(scenario, messages)
    check_only(plan, only)
    for remark in remarks(plan):
        messages.say(remark, style="yellow")
    engines = _engines(scenario, messages)
    begun = replace(begin(scenario), source=source, only=tuple(dict.fromkeys(only)))
    make_folder(folder, begun, force=force)  # last: a former run is replaced only once the input is known to be good
    with claimed(folder):
        return _run(Job(plan, engines, folder, begun), messages)


def resume_run(folder: Path, overrides: Sequence[str], *, console: Console) -> Path:
    """Go on with an interrupted run. Only budget and engine speed may be changed. Raises SimconsError."""
    begun = _begun(folder, "--resume")
    if begun.replay_of is not None:
        raise RunFolderError(f"{folder}: is a replay of {begun.replay_of}; expected --replay {begun.replay_of}")
    if is_finished(folder):
        if overrides:
            raise RunFolderError(
                f"--set {overrides[0]!r}: {folder} is finished; expected a run that can go on, or no --set"
            )
        console.print(f"{folder} is finished; there is nothing to resume.", soft_wrap=True)
        return folder
    with claimed(folder):
        scenario = change_scenario(scenario_of(begun, folder), overrides, source=f"{folder} with --set")
        check_inputs(begun.inputs, scenario, folder=folder)
        messages = _messages(console, f"goes on with {_what(scenario)}", *(f"--set {value}" for value in overrides))
        _say_changed_version(begun, messages)
        if edits := remark_on_edits(begun):
            messages.say(edits, style="yellow")
        plan = _plan(scenario, messages)
        engines = _engines(scenario, messages, known=known_engines(folder))
        return _run(Job(plan, engines, folder, begun, resumed=True), messages)


def replay_run(source: Path, *, out: Path | None, force: bool, console: Console, only: Sequence[str] = ()) -> Path:
    """Simulate a run again from the replies it kept, into a new folder; no model is loaded or asked. Raises SimconsError.

    only: the sessions to simulate, if not all that the run has.
    """
    begun = _begun(source, "--replay")
    only = sessions_to_replay(begun, only, source)
    scenario = scenario_of(begun, source)
    if scenario.engines_used and not (source / CALLS).exists():
        raise RunFolderError(f"{source}: has no {CALLS}; expected a run that kept its replies")
    check_inputs(begun.inputs, scenario, folder=source)
    messages = _messages(console, f"replays {source}: {_what(scenario)}")
    _say_changed_version(begun, messages)
    folder = (
        out
        if out is not None
        else next_folder(Path(scenario.output.folder), f"{folder_name(scenario.name, only)}-replay")
    )
    if folder.resolve() == source.resolve():  # --force would remove the replies that are to be replayed
        raise RunFolderError(f"--out {folder}: is the run to be replayed; expected another folder")
    engines: dict[str, Engine] = {}
    if scenario.engines_used:
        with open_read_only(source / CALLS) as store:
            engines = {name: ReplayEngine(name, identity) for name, identity in store.identities().items()}
    plan = _plan(scenario, messages)
    check_only(plan, only)
    begun = replace(begin(scenario), replay_of=str(source), only=tuple(dict.fromkeys(only)))
    make_folder(folder, begun, force=force)
    with claimed(folder):
        return _run(Job(plan, engines, folder, begun, replay_of=source), messages)


def _begun(folder: Path, option: str) -> Begun:
    """How the run that an option names began. Raises RunFolderError."""
    if is_scenario(folder):
        raise RunFolderError(f"{option} {folder}: is a scenario; expected a run folder, or: simcons run {folder}")
    return read_begun(folder)


def _messages(console: Console, *first: str) -> Messages:
    messages = Messages(console)
    messages.log(" ".join((f"simcons {versions()['simcons']}", *first)))
    return messages


def _what(scenario: Scenario) -> str:
    """A study in a few words."""
    design = scenario.design
    return f"{scenario.name}, seed {scenario.seed}, {counted(design.groups, 'session')} of {counted(design.rounds, 'round')}"


def _plan(scenario: Scenario, messages: Messages) -> Plan:
    with messages.step("Reading the scenario"):
        return make_plan(scenario, encode=load_encoder() if scenario.reads_with_embeddings else None)


def _engines(
    scenario: Scenario, messages: Messages, *, known: Mapping[str, Identity] | None = None
) -> dict[str, Engine]:
    if not scenario.engines_used:
        return {}
    with messages.step("Loading language models"):
        engines = load_engines(scenario.engines, scenario.engines_used, known=known)
    for name, engine in engines.items():
        shown = {key: value for key, value in engine.identity.items() if key in ("kind", "dtype", "device")}
        messages.log(f"engine {name}: {', '.join(f'{key} {value}' for key, value in shown.items())}")
    return engines


def _say_changed_version(begun: Begun, messages: Messages) -> None:
    was, now = (begun.versions.get("simcons"), begun.git_commit), (versions()["simcons"], git_commit())
    if was != now:
        messages.say(
            "simcons has changed since this run began: calls that come out differently will not be found in its store.",
            style="yellow",
        )


# --- running -----------------------------------------------------------------------------------------------------


def _run(job: Job, messages: Messages) -> Path:
    scenario = job.plan.scenario
    messages.open_log(job.folder)
    with (
        _log_the_end(messages),
        _say_how_to_go_on(job),
        _store(job, messages) as store,
        RunWriter(
            job.folder, row_group_rows=scenario.output.row_group_rows, scales=scenario.participants.scales
        ) as writer,
    ):
        meter = Meter(lambda row: writer.write([row]))
        dispatch = Dispatch(job.engines, store=store, budget=budget_of(job, store), meter=meter)
        broker = Broker(dispatch)
        only = job.begun.only
        with StudyProgress(scenario, messages, n_sessions=len(only) or None) as progress:
            progress.follow(dispatch)
            outcome = run_study(
                job.plan,
                broker,
                writer,
                on_progress=progress.update,
                on_unusable=_say_unusable(job, messages),
                only=only,
            )
            messages.log(progress.line())
        meter.finish()
        _log_notes(job.engines, messages)
        writer.finish(manifest(job, outcome, meter, store))
    return job.folder


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
            messages.say(mended, style="yellow")
        if job.replay_of is None:
            prices = {name: job.plan.scenario.engines[name].price_per_million for name in job.engines}
            check_identities(store, job)
            store.register({name: engine.identity for name, engine in job.engines.items()}, prices)
        yield store


def _log_notes(engines: Mapping[str, Engine], messages: Messages) -> None:
    for name, notes in engine_notes(engines).items():
        for note in notes:
            messages.log(f"engine {name}: {note}")


def _say_unusable(job: Job, messages: Messages) -> Callable[[Unusable], None]:
    """Tell of an act whose answers can hardly be used. Raises NothingUsable where none can, and they cost money, at first."""
    scenario = job.plan.scenario
    may_stop = job.replay_of is None and not job.resumed

    def say(found: Unusable) -> None:
        of = "the first" if found.hopeless else "the latest"
        sentence = unusable_sentence(found.act, found.n, found.missing, found.reply, of=of)
        if not found.hopeless:
            messages.say(f"Attention: {sentence}", style="bold yellow")
        elif may_stop and any(scenario.engines[name].costs_money for name in scenario.engines_of(found.act)):
            raise NothingUsable(sentence)

    return say


@contextmanager
def _log_the_end(messages: Messages) -> Iterator[None]:
    """Have the log say how the run ended."""
    began = time.perf_counter()
    try:
        yield
    except SimconsError as error:
        messages.log(f"stopped: {error}")
        raise
    except BaseException as error:
        messages.log(f"stopped: {type(error).__name__}: {error}")
        raise
    messages.log(f"finished after {time.perf_counter() - began:.0f} s")


@contextmanager
def _say_how_to_go_on(job: Job) -> Iterator[None]:
    """Let what stops a run say what it leaves behind."""
    began = time.perf_counter()
    go_on = f"simcons run --resume {job.folder}" if job.replay_of is None else f"simcons run --replay {job.replay_of}"
    try:
        yield
    except KeyboardInterrupt as stop:
        raise Interrupted(
            f"{how(stop)} after {time.perf_counter() - began:.0f} s; {job.folder} is unfinished and holds what had been recorded;"
            f" go on with: {go_on}",
            exit_code(stop),
        ) from None
    except CorruptStore as error:
        if job.replay_of is not None:
            raise
        raise CorruptStore(
            f"{error}; simcons run --resume {job.folder} sets it aside, keeps its sound calls and goes on"
        ) from None
    except BudgetReached as error:
        raise BudgetReached(
            f"{error}; {job.folder} can go on with: simcons run --resume {job.folder} --set budget.LIMIT=MORE"
        ) from None
    except NothingUsable as error:
        raise NothingUsable(
            f"{error}; the run has stopped because they cost money; to go on all the same: {go_on}"
        ) from None
    except StorageError as error:
        raise StorageError(f"{error}; once that is mended go on with: {go_on}") from None
    except EngineError as error:
        if job.replay_of is not None:
            raise
        raise EngineError(f"{error}; {job.folder} holds what had been recorded; go on with: {go_on}") from error
    except MemoryError as error:
        raise MemoryError(f"{error}; {job.folder} holds what had been recorded; go on with: {go_on}") from None
