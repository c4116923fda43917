"""Acts carried out beside a study: by its engines, within its budget, with every reply kept."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from simcons.engines.base import Act, Engine, Result
from simcons.engines.budget import Budget
from simcons.engines.calls.store import open_store
from simcons.engines.dispatch import Dispatch
from simcons.engines.load import load_engines
from simcons.engines.pipelines.load import load_pipelines
from simcons.engines.usage import Prices
from simcons.mediator.own import pipelines_of
from simcons.scenario.study import Scenario
from simcons.storage.disk import storage_errors
from simcons.study.broker import Broker


def carry_out(act: Act[Result], scenario: Scenario, known: Mapping[str, Engine], *, store: Path) -> Result:
    """What ``act`` returns. known: engines that are loaded already; others of the scenario are loaded.

    Replies are kept in ``store``, a file, where anything is asked; what stands there is not asked again. Raises EngineError,
    BudgetReached, StorageError, and what loading an engine raises.
    """
    used = scenario.engines_used
    there = {name: engine for name, engine in known.items() if name in used}
    with ExitStack() as stack:
        own = load_pipelines(pipelines_of(scenario))
        for pipeline in own.values():
            stack.callback(pipeline.close)
        engines = {**there, **load_engines(scenario.engines, used - there.keys()), **own}
        dispatch = Dispatch({}) if not engines else _kept(engines, scenario, store, stack)
        return Broker(dispatch).submit(act, needed_at=0.0).result()


def _kept(engines: Mapping[str, Engine], scenario: Scenario, path: Path, stack: ExitStack) -> Dispatch:
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    store = stack.enter_context(open_store(path)[0])
    prices = {name: settings.price_per_million for name, settings in scenario.engines.items() if name in engines}
    store.register({name: engine.identity for name, engine in engines.items()}, prices)
    return Dispatch(engines, store=store, budget=Budget(scenario.budget, Prices(prices)))
