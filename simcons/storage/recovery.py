"""Tables of an unfinished run, written from its journal."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

from simcons.storage.folder import Found, scales_in
from simcons.storage.journal import read_journal
from simcons.storage.layout import JOURNAL
from simcons.storage.writer import RunWriter


def recovered(opened: Found) -> Path | None:
    """A new folder to which the journal of an unfinished run was written as tables; None where there is no journal."""
    journal = opened.folder / JOURNAL
    if not opened.partial or not journal.is_file():
        return None
    scratch = Path(tempfile.mkdtemp(prefix="simcons-"))
    try:
        with RunWriter(scratch, row_group_rows=50_000, scales=scales_in(opened.manifest)) as writer:
            for rows in read_journal(journal, writer.widths):
                writer.write_rows(rows)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return scratch


def keep_for(run: object, scratch: Path | None) -> None:
    """Have recovered tables go when ``run`` does."""
    if scratch is not None:
        weakref.finalize(run, shutil.rmtree, scratch, ignore_errors=True)
