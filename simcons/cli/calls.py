"""``simcons calls``: what a run asked of language models and of pipelines of the user's own."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from rich.console import Console

from simcons.analysis.engines import engine_uses
from simcons.cli.display.tables import Grid, print_grid
from simcons.engines.base import Identity
from simcons.engines.calls.store import open_read_only
from simcons.engines.usage import NOTHING, Account, Usage
from simcons.report.engines import answered_by, engine_sentence, engine_title, is_pipeline
from simcons.storage.folder import find_run
from simcons.storage.layout import CALLS
from simcons.storage.load import load
from simcons.storage.start import is_finished
from simcons.visible import visible_json


@dataclass(frozen=True, slots=True)
class _Asked:
    """The calls of a run: engines by name, with what their answers depend on, and accounts by act and engine."""

    engines: Mapping[str, Identity]
    accounts: Sequence[Account]

    @property
    def pipelines(self) -> set[str]:
        return {name for name, identity in self.engines.items() if is_pipeline(identity)}


def show_calls(folder: Path, console: Console) -> None:
    """Print the accounts of the run's store, and how busy its engines were. Raises RunFolderError, StorageError."""
    asked = _asked(folder)
    uses = engine_uses(load(folder)) if asked.accounts and is_finished(folder) else []
    if not asked.accounts:
        console.print(f"{folder}: this run has asked no language model.", soft_wrap=True)
    else:
        for name, identity in sorted(asked.engines.items()):
            console.print(f"{engine_title(name, identity)}: {answered_by(identity)}", soft_wrap=True)
        print_grid(_grid(asked), console)
    if not is_finished(folder):
        console.print("This run has not finished.", style="yellow")
    for use in uses:
        if use.engine not in asked.pipelines:  # which work in threads of their own
            console.print(engine_sentence(use), soft_wrap=True)


def calls_as_json(folder: Path) -> str:
    """Models by engine (of a pipeline, its code or address) and accounts. Raises as `show_calls` does."""
    asked = _asked(folder)
    models = {name: str(_answering(identity)) for name, identity in asked.engines.items()}
    accounts = [account.row() for account in asked.accounts]
    return visible_json({"finished": is_finished(folder), "models": models, "accounts": accounts})


def calls_as_csv(folder: Path) -> str:
    """A line an account, under a head. Raises as `show_calls` does."""
    text = StringIO()
    writer = csv.DictWriter(text, list(Account("", "", NOTHING).row()), lineterminator="\n")
    writer.writeheader()
    writer.writerows(account.row() for account in _asked(folder).accounts)
    return text.getvalue().removesuffix("\n")


def _answering(identity: Identity) -> object:
    return identity.get("model") or identity.get("call") or identity.get("url") or identity.get("kind")


def _asked(folder: Path) -> _Asked:
    find_run(folder, partial=True)
    if not (folder / CALLS).exists():
        return _Asked({}, [])
    with open_read_only(folder / CALLS) as store:
        return _Asked(store.identities(), store.accounts())


def _grid(asked: _Asked) -> Grid:
    accounts, own = asked.accounts, asked.pipelines
    total = sum((account.usage for account in accounts), NOTHING)
    some = total.n_unanswered > 0
    rows = [(f"{account.act} ({account.engine})", *_numbers(account.usage, unanswered=some)) for account in accounts]
    if len(accounts) > 1:
        rows.append(("all", *_numbers(total, unanswered=some)))
    none = ["none"] if some else []
    meaning = " none: calls that have no answer, filtered, too long or refused." if some else ""
    of_own = (
        " mediation, scoring: calls of your own pipelines, in seconds of their own work; pipeline: what these ask of engines."
        if own
        else ""
    )
    return Grid(
        "Calls to language models, and to pipelines of your own" if own else "Calls to language models",
        ("act (engine)", "calls", "stored", "in", "out", "cut", *none, "seconds", "price"),
        rows,
        "calls: answered anew. stored: answered from the store instead. in, out: tokens. cut: replies that ran out of"
        f" tokens.{meaning} seconds: of the engine's time.{of_own}",
    )


def _numbers(usage: Usage, *, unanswered: bool) -> tuple[str, ...]:
    counts = [usage.n_calls, usage.n_hits, usage.tokens_in, usage.tokens_out, usage.n_length]
    counts += [usage.n_unanswered] if unanswered else []
    price = f"{usage.price:,.4f}" if usage.price else "-"
    return (*(f"{count:,}" for count in counts), f"{usage.seconds:,.1f}", price)
