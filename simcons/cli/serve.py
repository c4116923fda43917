"""``simcons serve``: the people of a scenario, for other study software to ask. It is registered in `app`."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from simcons.cli.console import console as make_console
from simcons.cli.console import styled
from simcons.cli.messages import ConsoleMessages
from simcons.cli.settings import Overrides, Seed, changes, folder_to_write
from simcons.counted import counted
from simcons.scenario.load import load_scenario

if TYPE_CHECKING:
    from simcons.serve.record import AnswerRecord
    from simcons.serve.server import Address
    from simcons.serve.service import Service

SERVE_MORE = (
    "Models are people: persona-0001 and so on. A message with a question gets that person's opinion, one with a statement and a"
    " scale their rating. seed tells occasions apart. Guide: docs/serve.md."
)


def serve(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A scenario file, or a shipped name.")],
    overrides: Overrides = None,
    seed: Seed = None,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="0 is any that is free.")] = 8000,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what is answered, as JSON lines.", callback=folder_to_write),
    ] = None,
) -> None:
    """Let other study software ask a scenario's people."""
    # Loads what other commands do not need.
    from simcons.serve.record import AnswerRecord
    from simcons.serve.server import Address, check_address
    from simcons.serve.server import serve as answer_requests
    from simcons.serve.service import Service

    console = make_console(stderr=True)
    loaded = load_scenario(scenario, changes(overrides, seed))
    address = Address(host, port)
    asyncio.run(check_address(address))
    with AnswerRecord(record) as answers:
        with ConsoleMessages(console).step("Getting the people ready"):
            service = Service(loaded)
        try:
            begin = _Welcome(service, console)
            asyncio.run(answer_requests(service, address, answers, begin))
        except KeyboardInterrupt:
            _say_end(answers, console)


class _Welcome:
    """Says where the people are, once they are there."""

    def __init__(self, service: Service, console: Console) -> None:
        self._service = service
        self._console = console

    def __call__(self, address: Address) -> None:
        crowd, scenario = self._service.crowd, self._service.plan.scenario
        who = f"{counted(len(crowd), 'person', 'people')} of {scenario.name} (seed {scenario.seed})"
        self._console.print(styled(f"{who} at ", (address.url, "bold")), soft_wrap=True)
        self._console.print(f"Models: {crowd.name(0)} to {crowd.name(len(crowd) - 1)}. Ctrl-C ends it.", soft_wrap=True)
        if not _is_loopback(address.host):
            self._console.print(
                "Attention: whoever reaches this address can ask; keys are not checked.", style="yellow", soft_wrap=True
            )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _say_end(answers: AnswerRecord, console: Console) -> None:
    refused = f", {answers.n_refused} refused" if answers.n_refused else ""
    console.print(f"\nEnded: {counted(answers.n_answered, 'request')} answered{refused}.", soft_wrap=True)
