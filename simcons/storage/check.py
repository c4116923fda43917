"""The check that all tables of a run folder can be read."""

from __future__ import annotations

from simcons.storage.layout import RECORD_TYPES, TRUTH, table_path
from simcons.storage.load import Run
from simcons.storage.parquet import check_table


def check_tables(run: Run, *, truth: bool = False) -> None:
    """Read every table there is, so that damage is found before anything is made of them. Raises RunFolderError.

    Truth that was taken out of the folder is not missed, unless it is asked for (``truth``).
    """
    rows = run.manifest.get("rows")
    promised = rows if isinstance(rows, dict) else {}
    for name in RECORD_TYPES:
        path = table_path(run.tables_in, name)
        may_be_absent = "/" in name and not (truth and name.startswith(TRUTH))
        if may_be_absent and not path.parent.is_dir():
            continue
        if not run.is_older_than(name):
            check_table(path, run.schema(name), promised.get(name))
