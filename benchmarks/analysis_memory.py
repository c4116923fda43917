"""Memory and time of analyses of up to ten million ratings, against the plain pandas way in the same run.

The study is that of `benchmarks/analysed.py` with 12 groups, its tables written again and again with new ids, group after group,
until there are as many ratings.
Every number is of a process of its own: the most memory that it held at a time, Python and its libraries included, and its
seconds of processor time. The plain way: `Run.ratings_by_arm`, mean agreement by statement, round and arm, and the share of each
answer by arm and group, in pandas.

Run:  python benchmarks/analysis_memory.py [--ratings 100000 1000000] [--each] [--keep FOLDER]
Writes benchmarks/results/analysis_memory.md, unless --each, which prints the numbers of every analysis by itself.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from analysed import study as analysed
from machine import machine

import simcons
from simcons.analysis.analyse import ANALYSES, analyse
from simcons.storage.layout import MANIFEST, RECORD_TYPES, table_path
from simcons.storage.load import Run

RESULTS = Path(__file__).parent / "results" / "analysis_memory.md"
RATINGS = (100_000, 1_000_000, 10_000_000)
EVERYTHING, REPORT, PLAIN = "simcons analyse", "simcons report", "plain pandas: means, shares of answers"
AT_A_TIME = 200  # copies in a row group


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ratings", type=int, nargs="+", default=list(RATINGS), help="numbers of ratings, about")
    parser.add_argument("--each", action="store_true", help="every analysis by itself; nothing written")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where run folders are made, and taken from")
    parser.add_argument("--child", nargs=2, metavar=("RUN", "CASE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(measured(*arguments.child)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        cases = [*ANALYSES] if arguments.each else [EVERYTHING, PLAIN, REPORT]
        rows = [row for n in arguments.ratings for row in study(n, folder, cases)]
    text = report(rows)
    print(text)
    if not arguments.each:
        RESULTS.write_text(text, encoding="utf-8")


def study(n_ratings: int, folder: Path, cases: Sequence[str]) -> list[str]:
    """A row of the table for each case."""
    small, large = folder / "small", folder / str(n_ratings)
    if not small.exists():
        analysed(12, small)
    if not large.exists():
        grow(simcons.load(small), large, n_ratings)
    rows = []
    for case in cases:
        done = subprocess.run(
            [sys.executable, __file__, "--child", str(large), case], capture_output=True, text=True, check=False
        )
        numbers = json.loads(done.stdout) if done.returncode == 0 else None
        told = f"{numbers[0]:,.0f} | {numbers[1]:,.1f}" if numbers else f"{done.stderr.splitlines()[-1:]} |"
        rows.append(f"| {n_ratings:,} | {case} | {told} |")
        print(rows[-1], file=sys.stderr, flush=True)
    return rows


def report(rows: Sequence[str]) -> str:
    return "\n".join(
        [
            "# Memory of an analysis",
            "",
            "<!-- made by: python benchmarks/analysis_memory.py -->",
            "",
            f"{machine('pandas', 'duckdb', 'pyarrow')}; other programs ran at the same time.",
            "",
            "| ratings | | most memory, MiB | processor seconds |",
            "| ---: | --- | ---: | ---: |",
            *rows,
            "",
        ]
    )


# --- one case, in a process of its own --------------------------------------------------------------------------------


def measured(folder: str, case: str) -> tuple[float, float]:
    """MiB and seconds."""
    run = simcons.load(folder)
    if case == PLAIN:
        plain(run)
    elif case == REPORT:
        from simcons.report.study.write import write_study_report

        with tempfile.TemporaryDirectory() as scratch:
            write_study_report([run], Path(scratch) / "report.html")
    else:
        analyse(run, only=[] if case == EVERYTHING else [case])
    return most_memory(), time.process_time()


def most_memory() -> float:
    """MiB, of this program alone: what `getrusage` tells begins with what the process that started it had."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def plain(run: Run) -> None:
    rows = run.ratings_by_arm.dropna(subset=["agreement"])
    statements = rows.groupby(["session_id", "round_id", "arm", "candidate_id"])["agreement"].mean()
    statements.groupby(["session_id", "round_id", "arm"]).mean().unstack("arm")
    rows.groupby(["arm", "session_id"])["agreement"].value_counts()


# --- a large run from a small one -------------------------------------------------------------------------------------


def grow(run: Run, folder: Path, n_ratings: int) -> None:
    """The run's tables as often as it takes, each copy with ids of its own, as another run folder."""
    copies = -(-n_ratings // len(run.ratings))
    rows = dict(run.manifest["rows"])
    for name in RECORD_TYPES:
        source, path = table_path(run.folder, name), table_path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.startswith("telemetry"):
            shutil.copy(source, path)
            continue
        table = pq.read_table(source)
        with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
            for start in range(0, copies, AT_A_TIME):
                writer.write_table(repeated(table, range(start, min(start + AT_A_TIME, copies))))
        rows[name] = table.num_rows * copies
    manifest = {**run.manifest, "name": f"{n_ratings} ratings", "rows": rows}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def repeated(table: pa.Table, numbers: range) -> pa.Table:
    """The table once for each number, with which every id but those of questions then begins."""
    whole = pa.concat_tables([table] * len(numbers)).combine_chunks()
    begins = pa.array([f"{number:06d}-" for number in numbers]).take(
        pa.array(np.repeat(np.arange(len(numbers)), table.num_rows))
    )
    for place, field in enumerate(table.schema):
        of_text = not pa.types.is_integer(field.type)
        if field.name == "question_id" or not (of_text and field.name.endswith(("_id", "_ids"))):
            continue
        whole = whole.set_column(place, field, renamed(whole[place].combine_chunks(), begins))
    return whole


def renamed(cells: pa.Array, begins: pa.Array) -> pa.Array:
    if not pa.types.is_list(cells.type):
        return pc.binary_join_element_wise(begins, cells, "")
    of_each = begins.take(pc.list_parent_indices(cells))
    names = pc.binary_join_element_wise(of_each, pc.list_flatten(cells), "")
    return pa.ListArray.from_arrays(cells.offsets, names, type=cells.type, mask=cells.is_null())


if __name__ == "__main__":
    main()
