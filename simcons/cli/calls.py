"""``simcons calls``: what a run asked of language models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from simcons.analysis.engines import EngineUse, engine_uses
from simcons.engines.store import Account, open_read_only
from simcons.errors import RunFolderError
from simcons.storage.begun import is_finished
from simcons.storage.load import load
from simcons.storage.writer import CALLS


def show_calls(folder: Path, console: Console) -> None:
    """Print the accounts of the run's store, and how busy its engines were. Raises RunFolderError, StorageError."""
    if not folder.is_dir():
        raise RunFolderError(f"{folder}: no such run folder")
    if not (folder / CALLS).exists():
        raise RunFolderError(f"{folder}: has no {CALLS}; expected a run that asked a language model")
    with open_read_only(folder / CALLS) as store:
        accounts = store.accounts()
        models = {name: str(identity.get("model", "none")) for name, identity in store.identities().items()}
    for name, model in sorted(models.items()):
        console.print(f"Engine {name}: model {_short(model)}", soft_wrap=True)
    console.print(_table(accounts))
    console.print(
        "calls: answered by a model. stored: answered from the store instead. in, out: tokens. cut: replies that ran out of"
        " tokens. seconds: of the engine's time.",
        style="dim",
    )
    if not is_finished(folder):
        console.print("This run has not finished.", style="yellow")
        return
    for use in engine_uses(load(folder)):
        console.print(_sentence(use), soft_wrap=True)


def _table(accounts: Sequence[Account]) -> Table:
    table = Table(
        title="Calls to language models", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for column in ("act", "engine"):
        table.add_column(column, min_width=9 if column == "act" else None)
    for column in ("calls", "stored", "in", "out", "cut", "seconds", "price"):
        table.add_column(column, justify="right", no_wrap=True)
    for account in accounts:
        table.add_row(account.act, account.engine, *_numbers(account))
    if len(accounts) > 1:
        table.add_section()
        table.add_row("all", "", *_numbers(reduce(Account.plus, accounts)))
    return table


def _numbers(account: Account) -> tuple[str, ...]:
    counts = (account.n_calls, account.n_hits, account.tokens_in, account.tokens_out, account.n_length)
    price = f"{account.price:,.4f}" if account.price else "-"
    return (*(f"{count:,}" for count in counts), f"{account.seconds:,.1f}", price)


def _short(model: str) -> str:
    """A model's content hash by its first digits, as one does with commits; a name as it is."""
    is_hash = len(model) == 64 and set(model) <= set("0123456789abcdef")
    return model[:10] if is_hash else model


def _sentence(use: EngineUse) -> str:
    return (
        f"{use.engine}: at work {use.busy_share:.0%} of {use.seconds:,.0f} s in the last start of this run, "
        f"{use.tokens_out_per_second:,.0f} tokens written and {use.tokens_in_per_second:,.0f} read a second while at work, "
        f"up to {use.largest_batch:,} requests at a time, {use.mean_waiting:,.0f} waiting on average"
    )
