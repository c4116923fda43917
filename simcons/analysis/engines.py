"""How a run's engines were used, over wall time."""

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
    found = []
    for engine, part in rows.groupby("engine", sort=True):
        busy = float(part["busy_seconds"].sum())
        weights = part["ended_wall"] - part["began_wall"]
        found.append(
            EngineUse(
                engine=str(engine),
                seconds=seconds,
                busy_share=busy / seconds if seconds else 0.0,
                tokens_in_per_second=_rate(int(part["tokens_in"].sum()), busy),
                tokens_out_per_second=_rate(int(part["tokens_out"].sum()), busy),
                largest_batch=int(part["largest_batch"].max()),
                mean_waiting=_rate(float((part["waiting"] * weights).sum()), float(weights.sum())),
            )
        )
    return found


def _rate(total: float, seconds: float) -> float:
    return total / seconds if seconds else 0.0
