"""What `simcons stress` shows and writes of a study of power."""

from __future__ import annotations

from io import StringIO

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from simcons.cli.display.power import show_power, write_power
from simcons.errors import StorageError
from simcons.experiments.power.run import rows, run_power
from simcons.scenario.power import PowerSettings


@pytest.fixture(scope="module")
def result():
    return run_power(
        PowerSettings(
            kind="power",
            name="tried",
            description="[a trial]",
            compare=[(float("inf"), 0.0), (0.0, 1e-12)],
            outcomes=["lowest"],
            groups=[50, 100],
            cap=500,
            simulated_groups=1000,
            replications=1000,
        )
    )


def test_tables_fit_80_columns_and_the_reading_follows(result):
    console = Console(width=80, record=True, file=StringIO())
    show_power(result, console)
    text = console.export_text()
    lines = text.splitlines()
    assert "tried: [a trial]" in text
    assert max(map(len, lines)) <= 80
    assert sum(line.strip() == "Rawlsian v. utilitarian" for line in lines) == 4
    assert "never chose different statements" in " ".join(text.split())
    assert "…" not in text


def test_every_number_is_written_in_both_formats(result, tmp_path):
    write_power(tmp_path, [result, result])
    table = pq.read_table(tmp_path / "power.parquet")
    assert table.num_rows == 2 * len(rows(result))
    assert table.column("study").to_pylist() == ["tried"] * table.num_rows
    assert len((tmp_path / "power.csv").read_text().splitlines()) == 1 + table.num_rows


def test_a_folder_that_cannot_be_written_to_is_one_line(result, tmp_path):
    with pytest.raises(StorageError, match="power: cannot be written"):
        write_power(tmp_path / "missing", [result])
