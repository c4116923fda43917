"""``simcons bank``: question banks drafted by a language model. It is registered in `app`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simcons.cli.console import console as make_console
from simcons.cli.messages import ConsoleMessages
from simcons.cli.new.draft import draft_bank
from simcons.counted import counted

DRAFT_MORE = (
    "--engine names an engine of the scenario or, without one, a model for transformers, or gives an engine's settings."
    " It proposes position, noun, points, wordings and denials; you check every text, and give pulls and loadings. What no"
    " reply gave is marked TODO, and `simcons check` names it. A small model, such as the one that comes with simcons,"
    " gives next to nothing that can be used. Replies are kept beside the bank (BANK.calls.sqlite)."
)

bank_app = typer.Typer(no_args_is_help=True, help="Draft question banks with a language model.")


@bank_app.callback()
def bank() -> None:
    """Draft question banks with a language model."""


@bank_app.command(epilog=DRAFT_MORE)
def draft(
    questions: Annotated[Path, typer.Argument(metavar="QUESTIONS", help="A list of questions.")],
    engine: Annotated[str, typer.Option(metavar="NAME", help="Whom to ask; see below.")],
    out: Annotated[Path, typer.Option(metavar="BANK", help="The file to write, BANK.yaml.")],
    scenario: Annotated[
        str | None, typer.Option(metavar="SCENARIO", help="Whose engine it is.", show_default=False)
    ] = None,
) -> None:
    """Draft a question bank with a language model, for you to check."""
    messages = ConsoleMessages(make_console(stderr=True))
    drafts = draft_bank(questions, out, engine=engine, scenario=scenario, messages=messages)
    n_missing = sum(drafted.n_missing for drafted in drafts)
    left = f"{counted(n_missing, 'part')} left to be written (TODO)" if n_missing else "every part drafted"
    make_console().print(
        f"Wrote {out}: {counted(len(drafts), 'question')}, {left}. Read every text, then:  simcons check {out}",
        soft_wrap=True,
    )
