"""``simcons calls``: what a run asked of language models."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from rich.console import Console

from simcons.analysis.engines import engine_uses
from simcons.cli.display.tables import Grid, print_grid
from simcons.engines.calls.store import open_read_only
from simcons.engines.usage import NOTHING, Account, Usage
from simcons.report.engines import engine_sentence
from simcons.storage.folder import find_run
from simcons.storage.layout import CALLS
from simcons.storage.load import load
from simcons.storage.start import is_finished
from simcons.visible import visible_json


@dataclass(frozen=True, slots=True)
class _Asked:
    """The calls of a run: a model's name or hash by engine, and accounts by act and engine."""

    models: dict[str, str]
    accounts: Sequence[Account]


def show_calls(folder: Path, console: Console) -> None:
    """Print the accounts of the run's store, and how busy its engines were. Raises RunFolderError, StorageError."""
    asked = _asked(folder)
    uses = engine_uses(load(folder)) if asked.accounts and is_finished(folder) else []
    if not asked.accounts:
        console.print(f"{folder}: this run has asked no language model.", soft_wrap=True)
    else:
        for name, model in sorted(asked.models.items()):
            console.print(f"Engine {name}: model {_short(model)}", soft_wrap=True)
        print_grid(_grid(asked.accounts), console)
    if not is_finished(folder):
        console.print("This run has not finished.", style="yellow")
    for use in uses:
        console.print(engine_sentence(use), soft_wrap=True)


def calls_as_json(folder: Path) -> str:
    """Models and accounts. Raises as `show_calls` does."""
    asked = _asked(folder)
    accounts = [account.row() for account in asked.accounts]
    return visible_json({"finished": is_finished(folder), "models": asked.models, "accounts": accounts})


def calls_as_csv(folder: Path) -> str:
    """A line an account, under a head. Raises as `show_calls` does."""
    text = StringIO()
    writer = csv.DictWriter(text, list(Account("", "", NOTHING).row()), lineterminator="\n")
    writer.writeheader()
    writer.writerows(account.row() for account in _asked(folder).accounts)
    return text.getvalue().removesuffix("\n")


def _asked(folder: Path) -> _Asked:
    find_run(folder, partial=True)
    if not (folder / CALLS).exists():
        return _Asked({}, [])
    with open_read_only(folder / CALLS) as store:
        models = {name: str(identity.get("model", "none")) for name, identity in store.identities().items()}
        return _Asked(models, store.accounts())


def _grid(accounts: Sequence[Account]) -> Grid:
    total = sum((account.usage for account in accounts), NOTHING)
    some = total.n_unanswered > 0
    rows = [(f"{account.act} ({account.engine})", *_numbers(account.usage, unanswered=some)) for account in accounts]
    if len(accounts) > 1:
        rows.append(("all", *_numbers(total, unanswered=some)))
    none = ["none"] if some else []
    meaning = " none: calls that have no answer, filtered, too long or refused." if some else ""
    return Grid(
        "Calls to language models",
        ("act (engine)", "calls", "stored", "in", "out", "cut", *none, "seconds", "price"),
        rows,
        "calls: answered by a model. stored: answered from the store instead. in, out: tokens. cut: replies that ran out of"
        f" tokens.{meaning} seconds: of the engine's time.",
    )


def _numbers(usage: Usage, *, unanswered: bool) -> tuple[str, ...]:
    counts = [usage.n_calls, usage.n_hits, usage.tokens_in, usage.tokens_out, usage.n_length]
    counts += [usage.n_unanswered] if unanswered else []
    price = f"{usage.price:,.4f}" if usage.price else "-"
    return (*(f"{count:,}" for count in counts), f"{usage.seconds:,.1f}", price)


def _short(model: str) -> str:
    """A model's content hash by its first digits, as one does with commits; a name as it is."""
    is_hash = len(model) == 64 and set(model) <= set("0123456789abcdef")
    return model[:10] if is_hash else model
