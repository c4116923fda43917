"""Acts of many requests on one thread: what waits together is asked of the engines together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from simcons.engines.base import Act, Engine, Result
from simcons.engines.budget import Budget
from simcons.engines.dispatch import Dispatch
from simcons.engines.usage import Prices, Usage
from simcons.scenario.study import Scenario
from simcons.study.broker import Broker, Ticket


class Desk:
    """Carries out acts within the scenario's budget. `work` has to run as a task of the same loop."""

    def __init__(self, scenario: Scenario, engines: Mapping[str, Engine]) -> None:
        prices = Prices({name: settings.price_per_million for name, settings in scenario.engines.items()})
        self._broker = Broker(Dispatch(engines, budget=Budget(scenario.budget, prices)))
        self._waiting: asyncio.Queue[tuple[Act[Any], asyncio.Future[Any]]] = asyncio.Queue()

    async def carry_out(self, act: Act[Result]) -> tuple[Result, Usage]:
        """What ``act`` returns, and what its model calls took. Raises what it raises; EngineError, BudgetReached."""
        done: asyncio.Future[tuple[Result, Usage]] = asyncio.get_running_loop().create_future()
        await self._waiting.put((act, done))
        return await done

    async def work(self) -> None:
        """Carry out what is asked for, until cancelled."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(max_workers=1) as thread:
            while True:
                batch = [await self._waiting.get()]
                while not self._waiting.empty():
                    batch.append(self._waiting.get_nowait())
                outcomes = await loop.run_in_executor(thread, self._together, [act for act, _ in batch])
                for (_, done), outcome in zip(batch, outcomes, strict=True):
                    if not done.done():
                        _settle(done, outcome)

    def _together(self, acts: list[Act[Any]]) -> list[tuple[Any, Usage] | Exception]:
        begun = [self._begun(act) for act in acts]
        return [_outcome(ticket) if isinstance(ticket, Ticket) else ticket for ticket in begun]

    def _begun(self, act: Act[Any]) -> Ticket[Any] | Exception:
        try:
            return self._broker.submit(act, needed_at=0.0)
        except Exception as error:
            return error


def _outcome(ticket: Ticket[Any]) -> tuple[Any, Usage] | Exception:
    try:
        return ticket.result(), ticket.usage
    except Exception as error:
        return error


def _settle(done: asyncio.Future[Any], outcome: tuple[Any, Usage] | Exception) -> None:
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
