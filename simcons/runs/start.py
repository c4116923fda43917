"""`run`, `resume` and `replay`: from a scenario, or the folder of an earlier run, to a finished run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import NoneType
from typing import Any, TypeAlias

import numpy as np

from simcons.counted import counted
from simcons.engines.base import Engine, Identity
from simcons.engines.calls.replay import ReplayEngine
from simcons.engines.calls.store import open_read_only
from simcons.engines.load import load_encoder, load_engines
from simcons.engines.pipelines.load import load_pipelines
from simcons.errors import ArgumentError, RunFolderError
from simcons.languages.language import Language
from simcons.mediator.own import asks_engines, pipelines_of
from simcons.messages import OnMessage, unheard
from simcons.runs.edits import remark_on_edits, source_of
from simcons.runs.folder import folder_name, make_folder, new_folder
from simcons.runs.job import Job, carry_out
from simcons.runs.messages import Messages
from simcons.runs.progress import RunProgress
from simcons.runs.provenance import begin, known_engines, scenario_of
from simcons.runs.questions import remarks
from simcons.runs.shared import Shared
from simcons.runs.workers import check_workers
from simcons.scenario.inputs import check_inputs
from simcons.scenario.load import change_scenario, load_scenario, scenario_from
from simcons.scenario.study import Scenario
from simcons.storage.layout import CALLS
from simcons.storage.load import Run, load
from simcons.storage.provenance import git_commit, versions
from simcons.storage.start import RunStart, Source, claimed, is_finished, read_start, refuse_at_work
from simcons.study.plan import Plan, make_plan
from simcons.study.run import check_only

OnBegin: TypeAlias = Callable[[Path], None]
OnProgress: TypeAlias = Callable[[RunProgress], None]
Overrides: TypeAlias = Mapping[str, Any] | Sequence[str]


def _ignore(event: object) -> None:
    """The default callback."""


def run(
    scenario: str | Path | Mapping[str, Any] | Scenario,
    *,
    out: str | Path | None = None,
    overrides: Overrides = (),
    seed: int | None = None,
    only: Sequence[str] = (),
    engines: Mapping[str, Engine] | None = None,
    languages: Sequence[Language] = (),
    force: bool = False,
    workers: int = 1,
    shared: Shared | None = None,
    on_begin: OnBegin = _ignore,
    on_progress: OnProgress = _ignore,
    on_message: OnMessage = unheard,
) -> Run:
    """Run a study and return its finished run. Nothing is printed; the folder is as ``simcons run`` would write it.

    >>> run = simcons.run("paper_baselines", overrides={"design.groups": 2}, out="first")
    >>> run.ratings.groupby("pass_index")["agreement"].mean().round(1).to_dict()  # what a study of people could have recorded
    {1: 5.4, 2: 5.5}
    >>> run.truth("appraisals")["agreement"].agg(["min", "max"]).round().to_dict()  # what only the simulator knows
    {'min': 2.0, 'max': 7.0}

    scenario: a shipped name, a file, or a scenario or its document (then relative paths in it start from the working folder).
    out: the run folder, by default the next of ``runs/NAME-001``, ...; force: replace a former run there, its replies too.
    overrides: values by dotted key, ``{"design.groups": 4}``; or as the command line has them, ``["design.groups=4"]``.
    only: sessions to run, such as ``["s00003"]``, with the records they have in the whole study; all where none is named.
    engines: engines of one's own, by the scenario's names for those that they replace; recorded by identity, and left open.
    languages: those of one's own that scenarios may name, beside the shipped ones.
    workers: processes that simulate sessions beside each other, for studies that ask no language model; the tables are the same
    to the byte. They import the program's main module: call it under ``if __name__ == "__main__":``.
    shared: one object for runs on the same people: what was read, loaded and asked for one is not again for the next.
    on_begin: called with the run folder once it is claimed. on_message: with each line that a user should see. on_progress: at
    the beginning and after each session, with one object whose numbers keep growing.

    Raises InputError before anything is written; EngineError, BudgetReached, StorageError or whatever else stops the run,
    KeyboardInterrupt too, with the folder left so that `resume` goes on with it.
    """
    messages, common, only = Messages(on_message), shared or Shared(), _session_names(only)
    loaded, source = given_scenario(scenario, overrides, seed)
    check_workers(workers, loaded, languages)
    messages.log(_first_line(f"begins {_summary(loaded)}", *only))
    _refuse_at_work(out)
    plan = _plan(loaded, languages, messages, only, beside=common.plan, to_share=shared is not None)
    _say_remarks(plan, messages)
    ready = _engines(loaded, common.engines_for(loaded) | dict(engines or {}), messages)
    job = _job(plan, ready, replace(begin(loaded), source=source, only=only), common, out=out, force=force)
    job = replace(job, workers=workers)
    return _carried_out(job, messages, on_begin, on_progress)


def resume(
    folder: str | Path,
    *,
    overrides: Overrides = (),
    engines: Mapping[str, Engine] | None = None,
    languages: Sequence[Language] = (),
    workers: int = 1,
    on_begin: OnBegin = _ignore,
    on_progress: OnProgress = _ignore,
    on_message: OnMessage = unheard,
) -> Run:
    """Go on with an interrupted run and return it finished; one that has finished is returned as it is.

    Where no model is asked, sessions that are over are kept. Else it is simulated again from the beginning with the replies there
    are: they make the same study as far as it had come, and only what is missing is asked.

    >>> simcons.resume("first").folder
    PosixPath('first')

    overrides: of its budget and of engine settings that no reply depends on, nothing else. workers: any number, as for `run`.
    The rest as for `run`. Raises as `run` does, and RunFolderError where the run cannot go on as it began.
    """
    folder, changes = Path(folder), _as_options(overrides)
    start, messages = read_start(folder), Messages(on_message)
    if start.replay_of is not None:
        raise RunFolderError(f"{folder}: is a replay of {start.replay_of}; expected to replay {start.replay_of} anew")
    if is_finished(folder):
        if changes:
            raise RunFolderError(
                f"--set {changes[0]!r}: {folder} is finished; expected a run that can go on, or no --set"
            )
        messages.say(f"{folder} is finished; there is nothing to resume.")
        return load(folder)
    with claimed(folder):
        scenario = change_scenario(scenario_of(start, folder), changes, source=f"{folder} with --set")
        check_workers(workers, scenario, languages)
        check_inputs(start.inputs, scenario, folder=folder)
        messages.log(_first_line(f"goes on with {_summary(scenario)}", *(f"--set {value}" for value in changes)))
        _say_changed_version(start, messages)
        if edits := remark_on_edits(start):
            messages.say(edits)
        plan = _plan(scenario, languages, messages, start.only)
        ready = _engines(scenario, engines or {}, messages, known=known_engines(folder))
        goes_on = not (ready or languages or scenario.couples_sessions) and _is_same_version(start)
        job = Job(plan, ready, folder, start, resumed=True, workers=workers, goes_on=goes_on)
        carry_out(job, messages, on_begin, on_progress)
    return load(folder)


def replay(
    source: str | Path,
    *,
    out: str | Path | None = None,
    only: Sequence[str] = (),
    languages: Sequence[Language] = (),
    force: bool = False,
    workers: int = 1,
    on_begin: OnBegin = _ignore,
    on_progress: OnProgress = _ignore,
    on_message: OnMessage = unheard,
) -> Run:
    """Simulate a finished run again from the replies it kept, into a new folder; no model is loaded or asked.

    >>> simcons.replay("first", out="again").ratings.equals(simcons.load("first").ratings)
    True

    out: by default the next of ``runs/NAME-replay-001``, ... only: some of the sessions that ``source`` has. The rest as for
    `run`. Raises as `run` does, and EngineError for a call that ``source`` has no reply to.
    """
    source = Path(source)
    start, messages = read_start(source), Messages(on_message)
    if not is_finished(source):
        raise RunFolderError(f"{source}: has not finished, so that replies are missing; expected a finished run")
    only = _sessions(start, _session_names(only), source)
    scenario = scenario_of(start, source)
    check_workers(workers, scenario, languages)
    asks = asks_engines(scenario)
    if asks and not (source / CALLS).exists():
        raise RunFolderError(f"{source}: has no {CALLS}; expected a run that kept its replies")
    check_inputs(start.inputs, scenario, folder=source)
    messages.log(_first_line(f"replays {source}: {_summary(scenario)}"))
    _say_changed_version(start, messages)
    if out is not None and Path(out).resolve() == source.resolve():  # force would remove the replies to be replayed
        raise ArgumentError("out", str(out), "is the run to be replayed; expected another folder")
    engines = _replaying(source) if asks else {}
    plan = _plan(scenario, languages, messages, only)
    start = replace(begin(scenario), replay_of=str(source), only=only)
    folder = _folder(out, f"{folder_name(scenario.name, only)}-replay", start, scenario, force=force)
    job = Job(plan, engines, folder, start, replay_of=source, workers=workers)
    return _carried_out(job, messages, on_begin, on_progress)


# --- what is given ---


def given_scenario(
    given: str | Path | Mapping[str, Any] | Scenario, overrides: Overrides, seed: int | None
) -> tuple[Scenario, Source | None]:
    """The scenario to run, and the file it comes from, so that a resumption can say what has changed in it."""
    changes = [*_as_options(overrides), *([] if seed is None else [f"seed={seed}"])]
    if isinstance(given, (str, Path)):
        return load_scenario(given, changes), source_of(given, changes)
    if isinstance(given, Scenario):
        return scenario_from(given.model_dump(mode="json"), changes), None
    if isinstance(given, Mapping):
        return scenario_from(given, changes), None
    raise ArgumentError(
        "scenario", repr(given), "expected a shipped name, a file, a document as a mapping, or a Scenario"
    )


def _as_options(overrides: Overrides) -> list[str]:
    """Overrides as they stand on the command line: ``key.path=value``, where the value is YAML."""
    if isinstance(overrides, Mapping):
        return [f"{key}={json.dumps(value, ensure_ascii=False, default=_plain)}" for key, value in overrides.items()]
    return _texts("overrides", overrides, 'values by key, or a list such as ["design.groups=4"]')


def _plain(value: Any) -> Any:
    """A value that JSON does not know, such as a number of NumPy's or a path, as one that it does."""
    return value.item() if isinstance(value, np.generic) else str(value)


def _texts(name: str, given: Iterable[str], expected: str) -> list[str]:
    """An argument that is a list of texts. Raises ArgumentError for a single one, which Python takes for its letters."""
    texts = [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
    if texts == [given] or not all(isinstance(text, str) for text in texts):
        raise ArgumentError(name, repr(given), f"expected {expected}")
    return texts


def _session_names(only: Sequence[str]) -> tuple[str, ...]:
    """The sessions named, each once."""
    return tuple(dict.fromkeys(_texts("only", only, 'a list of sessions, such as ["s00003"]')))


def _sessions(start: RunStart, only: tuple[str, ...], source: Path) -> tuple[str, ...]:
    """The sessions that a replay is to have: those named, of those that its run has."""
    absent = next((name for name in only if start.only and name not in start.only), None)
    if absent is not None:
        raise ArgumentError(
            "only", absent, f"{source} is a run of {', '.join(start.only)} alone; expected one of these"
        )
    return only or start.only


# --- what is made ready ---


def _plan(
    scenario: Scenario,
    languages: Sequence[Language],
    messages: Messages,
    only: Sequence[str],
    *,
    beside: Plan | None = None,
    to_share: bool = False,
) -> Plan:
    messages.say("Reading the scenario", kind="step")
    unfit = next((language for language in languages if not isinstance(language, Language)), None)
    if unfit is not None:
        raise ArgumentError("languages", repr(unfit), "expected languages as objects (simcons.languages)")
    encode = load_encoder() if scenario.reads_with_embeddings else None
    plan = make_plan(scenario, encode=encode, languages=languages, beside=beside, to_share=to_share)
    check_only(plan, only)
    return plan


def _engines(
    scenario: Scenario,
    given: Mapping[str, Engine],
    messages: Messages,
    *,
    known: Mapping[str, Identity] | None = None,
) -> dict[str, Engine]:
    """The engines that the scenario uses: those given, and the others loaded."""
    unknown = next((name for name in given if name not in scenario.engines), None)
    if unknown is not None:
        names = ", ".join(scenario.engines) or "none"
        raise ArgumentError(
            "engines", repr(unknown), f"the scenario has no such engine; expected one of its own: {names}"
        )
    used = scenario.engines_used
    own = load_pipelines(pipelines_of(scenario))
    engines = {name: _checked(name, engine) for name, engine in given.items() if name in used}
    if missing := used - engines.keys():
        messages.say("Loading language models", kind="step")
        engines |= load_engines(scenario.engines, missing, known=known)
    for name, engine in engines.items():
        shown = [f"{key} {value}" for key, value in engine.identity.items() if key in ("kind", "dtype", "device")]
        messages.log(f"engine {name}: {', '.join(shown)}")
    return {**{name: engines[name] for name in scenario.engines if name in engines}, **own}


def _checked(name: str, engine: Engine) -> Engine:
    """An engine of the caller's own. Raises ArgumentError for what cannot be one."""
    identity = getattr(engine, "identity", None)
    if isinstance(engine, type) or not callable(getattr(engine, "complete", None)) or not isinstance(identity, Mapping):
        raise ArgumentError(
            "engines", f"{name!r}", f"is {engine!r}; expected an object with an identity and complete()"
        )
    unfit = next((key for key, value in identity.items() if not isinstance(value, (str, int, float, NoneType))), None)
    if unfit is not None:
        raise ArgumentError(
            "engines", f"{name!r}", f"has the identity {unfit}: {identity[unfit]!r}; expected a text or a number"
        )
    return engine


def _replaying(source: Path) -> dict[str, Engine]:
    """Engines that know the replies of the run in ``source`` alone."""
    with open_read_only(source / CALLS) as store:
        return {name: ReplayEngine(name, identity) for name, identity in store.identities().items()}


def _refuse_at_work(out: str | Path | None) -> None:
    if out is not None:
        refuse_at_work(Path(out))


def _job(
    plan: Plan, engines: dict[str, Engine], start: RunStart, common: Shared, *, out: str | Path | None, force: bool
) -> Job:
    """The job of a new run, which may take up replies of those before, as the next may take up its own."""
    folder = _folder(out, folder_name(plan.scenario.name, start.only), start, plan.scenario, force=force)
    job = Job(plan, engines, folder, start, earlier=tuple(common.stores) if engines else ())
    common.add(plan, engines, folder)
    return job


def _folder(out: str | Path | None, name: str, start: RunStart, scenario: Scenario, *, force: bool) -> Path:
    """The folder of a new run, made last: a former run is replaced only once the input is known to be good."""
    folder = Path(out) if out is not None else new_folder(Path(scenario.output.folder), name)
    make_folder(folder, start, force=force)
    return folder


def _carried_out(job: Job, messages: Messages, on_begin: OnBegin, on_progress: OnProgress) -> Run:
    with claimed(job.folder):
        carry_out(job, messages, on_begin, on_progress)
    return load(job.folder)


# --- what is said ---


def _first_line(*words: str) -> str:
    return " ".join((f"simcons {versions()['simcons']}", *words))


def _summary(scenario: Scenario) -> str:
    """A study in a few words."""
    design = scenario.design
    return f"{scenario.name}, seed {scenario.seed}, {counted(design.groups, 'session')} of {counted(design.rounds, 'round')}"


def _say_remarks(plan: Plan, messages: Messages) -> None:
    for remark in remarks(plan):
        messages.say(remark)


def _is_same_version(start: RunStart) -> bool:
    return (start.versions.get("simcons"), start.git_commit) == (versions()["simcons"], git_commit())


def _say_changed_version(start: RunStart, messages: Messages) -> None:
    if not _is_same_version(start):
        messages.say(
            "simcons has changed since this run began: calls that come out differently will not be found in its store."
        )
