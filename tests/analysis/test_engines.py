"""How busy a run's engines were, from rows whose sums are known."""

from __future__ import annotations

import pytest

import simcons
from simcons.analysis.engines import EngineUse, engine_uses
from simcons.errors import RunFolderError
from simcons.records import EngineRecord
from simcons.storage.writer import RunWriter

ZERO = {"tokens_in": 0, "tokens_out": 0, "n_replies": 0, "under_way": 0}


def row(engine: str, began: float, ended: float, busy: float, **counts: int) -> EngineRecord:
    given = {**ZERO, "largest_batch": 1, "waiting": 0, **counts}
    return EngineRecord(engine=engine, began_wall=began, ended_wall=ended, busy_seconds=busy, **given)


@pytest.fixture
def uses(tmp_path):
    def uses(rows: list[EngineRecord], **manifest: object) -> list[EngineUse]:
        with RunWriter(tmp_path / "run", row_group_rows=100) as writer:
            writer.write(rows)
            writer.finish(manifest)
        return engine_uses(simcons.load(tmp_path / "run"))

    return uses


def test_shares_and_rates(uses):
    """m: 3 of 10 s; 600 and 90 tokens in 3 s; waiting 8 for 1 s and 2 for 3 s, which is 14 / 4."""
    found = uses(
        [
            row("n", 0.0, 5.0, 5.0, tokens_in=50, tokens_out=5, largest_batch=1),
            row("m", 0.0, 1.0, 1.0, tokens_in=200, tokens_out=60, largest_batch=4, waiting=8),
            row("m", 2.0, 5.0, 2.0, tokens_in=400, tokens_out=30, largest_batch=3, waiting=2),
        ],
        wall_seconds=10.0,
    )
    assert found == [
        EngineUse("m", 10.0, 0.3, 200.0, 30.0, 4, 3.5),
        EngineUse("n", 10.0, 0.5, 10.0, 1.0, 1, 0.0),
    ]


def test_a_run_that_asked_nothing(uses):
    assert uses([], wall_seconds=3.0) == []


def test_no_time_is_no_rate(uses):
    [found] = uses([row("m", 1.0, 1.0, 0.0, tokens_out=5)])
    assert (found.busy_share, found.tokens_out_per_second, found.mean_waiting) == (0.0, 0.0, 0.0)


def test_a_run_without_telemetry(uses, tmp_path):
    uses([])
    (tmp_path / "run" / "telemetry" / "engines.parquet").unlink()
    with pytest.raises(RunFolderError, match="missing from the run folder"):
        engine_uses(simcons.load(tmp_path / "run"))
