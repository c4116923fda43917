"""The layout of a run folder: what each file and table in it is called, and where it lies.

manifest.json            written last: the mark of a finished run
*.parquet                tables of what a study of people could have recorded
truth/*.parquet          tables of what only the simulator knows
telemetry/*.parquet      tables about the run itself, which differ each time
calls.sqlite             replies of language models
start.json, run.log      how the run began, and what was said while it ran
report.html              the page of the run, if it was made
UNFINISHED, unfinished.jsonl.gz   while it runs, or once it was interrupted
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simcons.records import TABLES, TELEMETRY_TABLES, TRUTH_TABLES, Record

MANIFEST = "manifest.json"
START = "start.json"
CALLS = "calls.sqlite"
RUN_LOG = "run.log"
REPORT = "report.html"
UNFINISHED = "UNFINISHED"
JOURNAL = "unfinished.jsonl.gz"
TRUTH = "truth"
TELEMETRY = "telemetry"

RECORD_TYPES: dict[str, type[Record]] = {  # by the name of their table within the folder
    **TABLES,
    **{f"{TRUTH}/{name}": record_type for name, record_type in TRUTH_TABLES.items()},
    **{f"{TELEMETRY}/{name}": record_type for name, record_type in TELEMETRY_TABLES.items()},
}

RENAMED_TABLES = {"calls": "mediations"}  # earlier names, for errors that say what they are now


def table_path(folder: Path, name: str) -> Path:
    """The file of a table: ``ratings``, ``truth/positions``."""
    return folder / f"{name}.parquet"


def own_files(folder: Path) -> Iterator[Path]:
    """All files that a run may have left in ``folder``, the manifest first."""
    for name in (MANIFEST, f".{MANIFEST}", UNFINISHED, JOURNAL, START, f".{START}", RUN_LOG, REPORT):
        yield folder / name
    for name in RECORD_TYPES:
        yield table_path(folder, name)
    yield from folder.glob(f"{Path(CALLS).stem}*.sqlite*")  # with its journals, its lock, and what was set aside
