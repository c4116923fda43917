"""Studies with a language model that answers, refuses and mumbles by the request's seed; on any clocks, for tests of these."""

from __future__ import annotations

from pathlib import Path

from simcons.engines.base import Engine, Request
from simcons.engines.calls.store import CallStore
from simcons.engines.dispatch import Dispatch
from simcons.engines.scripted import some_of_the_prompt
from simcons.records import TABLES, TRUTH_TABLES
from simcons.scenario.study import Scenario
from simcons.seeds import stream
from simcons.storage.writer import RunWriter
from simcons.study.broker import Broker
from simcons.study.clock import Clock
from simcons.study.plan import Plan
from simcons.study.run import Outcome, Study, run_study

NAMES = [*TABLES, *(f"truth/{name}" for name in TRUTH_TABLES)]
ANSWERS = ("agree", "Somewhat disagree", "6", "I'd say neutral", "strongly disagree", "dunno", "", "between 2 and 3")
UNUSABLE = ("", "I cannot write that.", "...")

SCRIPTED_ARM = {"arm": "scripted", "generator": {"kind": "scripted", "samples": 3}, "select": 1}
MODEL_ARM = {
    "arm": "model",
    "generator": {"kind": "language_model", "engine": "m", "prompt": "zero_shot", "samples": 3},
    "scorer": "reader",
    "select": 1,
}
EVERY_STAGE = ["position", "opinion", "rating", "ranking", "position_again"]
PLAYED = {"kind": "llm", "engine": "m", "retries": 1, "elicitation": {"by": "text"}}


def capricious(request: Request) -> str:
    """What can be used most of the time, else what has to be asked for again; longer where the prompt has longer words."""
    rng = stream(request.seed, "mood")
    if request.choices:
        return some_of_the_prompt(request)
    if request.act in ("position", "agreement", "quality"):
        return ANSWERS[int(rng.integers(len(ANSWERS)))]
    if request.act == "opinion" and rng.random() < 0.3:
        return UNUSABLE[int(rng.integers(len(UNUSABLE)))]
    return some_of_the_prompt(request)


def scenario_with(**parts: object) -> Scenario:
    """Two groups of three in two rounds, who leave no opinion blank; one scripted arm and one of a language model."""
    design = {"groups": 2, "group_sizes": [3], "rounds": 2, "passes": 1, **parts.pop("design", {})}
    people = parts.pop("participants", {})
    people = {**people, "behaviour": {"no_opinion": 0.0, **people.get("behaviour", {})}}
    given = {
        "name": "test",
        "seed": 5,
        "design": design,
        "participants": people,
        "mediators": [SCRIPTED_ARM, MODEL_ARM],
    }
    return Scenario(
        **{**given, "engines": {"m": {"kind": "scripted"}}, "readers": {"reader": {"matching": "words"}}, **parts}
    )


def play(
    plan: Plan,
    engine: Engine,
    folder: Path,
    *,
    broker: type[Broker] = Broker,
    clock: type[Clock] | None = None,
    live: int = 256,
    store: CallStore | None = None,
) -> Outcome:
    """Run the study into ``folder``; its tables are finished, its manifest is empty.

    clock: the kind of clock that all sessions share; if none is given each has its own.
    """
    over_engines = broker(Dispatch({"m": engine}, store=store))
    with RunWriter(folder, row_group_rows=50_000) as writer:
        if clock is None:
            outcome = run_study(plan, over_engines, writer, live=live)
        else:
            study = Study(plan, over_engines, writer)
            outcome = study.simulate([study.shared_clock(clock)], live=1)
        writer.finish({})
    return outcome


def tables(folder: Path) -> dict[str, bytes]:
    """Every table, truth included, as the bytes on disk."""
    return {name: (folder / f"{name}.parquet").read_bytes() for name in NAMES}
