"""A run in the form of another tool, in a new folder."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from simcons.errors import InputError
from simcons.export.alpaca_eval import write_alpaca_eval
from simcons.export.inspect_log import write_inspect_logs
from simcons.export.joined import write_joined
from simcons.storage.check import check_tables
from simcons.storage.disk import storage_errors
from simcons.storage.export import export
from simcons.storage.load import Run
from simcons.training.data.build import build
from simcons.training.data.folder import save
from simcons.training.data.settings import DataSettings

Form: TypeAlias = Literal["csv", "parquet", "inspect", "hf", "alpacaeval"]
# One run has few statements, and fewer still on the questions held out: half of them are learnt from, however they are rated.
_OF_ONE_RUN = DataSettings(least=1, validation=0.2, sft_rule="top 50% by quality within the study")


def export_run(run: Run, folder: Path, *, form: Form, truth: bool = False, against: str | None = None) -> list[Path]:
    """Write ``run`` to ``folder``, which is new or empty. Returns the files written; of hf the folder alone.

    * csv, parquet: all ratings joined with what is known of each, every table, and the codebook; truth: its tables too.
    * inspect: logs of Inspect, one for each arm.
    * hf: data sets of Hugging Face in TRL's forms, from the questions that may be trained on (see `simcons.training.data`).
    * alpacaeval: AlpacaEval's annotations and leaderboard; against: the arm that others are held against.

    Raises InputError for an option of another form and for a run without what the form holds, MissingPackage, StorageError.
    """
    if truth and form not in ("csv", "parquet"):
        raise InputError(
            f"--truth: goes with --to csv or parquet, not {form}, which other tools read as a study of people"
        )
    if against is not None and form != "alpacaeval":
        raise InputError(f"--against {against!r}: goes with --to alpacaeval, not {form}")
    if form == "csv" or form == "parquet":
        return [*export(run, folder, form=form, truth=truth), write_joined(run, folder, form=form)]
    check_tables(run)
    if form == "hf":
        save(build([run.folder], _OF_ONE_RUN), folder)
        return [folder]
    with storage_errors(folder):
        return write_inspect_logs(run, folder) if form == "inspect" else write_alpaca_eval(run, folder, against=against)
