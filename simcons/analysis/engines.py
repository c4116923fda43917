"""The use of a run's engines over wall time."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.storage.load import Run, read_telemetry


@dataclass(frozen=True, slots=True)
class EngineUse:
    """One engine over the last start of a run. Rates are over the time it was at work; the queue is weighted by time."""

    engine: str
    seconds: float  # from the study's beginning to its end
    busy_share: float
    tokens_in_per_second: float
    tokens_out_per_second: float
    largest_batch: int
    mean_waiting: float  # requests that had been asked for and that the engine did not have yet

    @property
    def busy_seconds(self) -> float:
        return self.busy_share * self.seconds


def engine_uses(run: Run) -> list[EngineUse]:
    """The engines that were asked anything, by name. Raises RunFolderError for a run without telemetry."""
    rows = read_telemetry(run, "engines")
    seconds = float(run.manifest.get("wall_seconds") or 0.0)
    uses = []
    for engine, rows_of_engine in rows.groupby("engine", sort=True):
        busy = float(rows_of_engine["busy_seconds"].sum())
        weights = rows_of_engine["ended_wall"] - rows_of_engine["began_wall"]
        uses.append(
            EngineUse(
                engine=str(engine),
                seconds=seconds,
                busy_share=busy / seconds if seconds else 0.0,
                tokens_in_per_second=_rate(int(rows_of_engine["tokens_in"].sum()), busy),
                tokens_out_per_second=_rate(int(rows_of_engine["tokens_out"].sum()), busy),
                largest_batch=int(rows_of_engine["largest_batch"].max()),
                mean_waiting=_rate(float((rows_of_engine["waiting"] * weights).sum()), float(weights.sum())),
            )
        )
    return uses


def _rate(total: float, seconds: float) -> float:
    return total / seconds if seconds else 0.0
