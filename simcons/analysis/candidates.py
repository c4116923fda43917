"""Candidates of a run: the samples asked for and those without a usable text, repeated texts, and slates left short."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.analysis.arms import recorded_arms
from simcons.storage.load import Run

_POOL = ["round_id", "generator", "omitted"]


@dataclass(frozen=True, slots=True)
class SamplesAsked:
    """Samples asked of language models, and those that came to no candidate, by reason, the most frequent first."""

    n_asked: int
    missing: dict[str, int]
    attempts: float  # mean requests a sample took
    example: str  # a reply of the most frequent reason; "" where none is missing

    @property
    def n_missing(self) -> int:
        return sum(self.missing.values())


@dataclass(frozen=True, slots=True)
class DistinctCandidates:
    """Candidates of mediators, and how many repeat the text of another one from the same opinions and generator."""

    n: int
    n_repeats: int


@dataclass(frozen=True, slots=True)
class SlateCounts:
    """Rounds that came to a slate, and by arm in how many it showed nothing, or less than the scenario says."""

    n_rounds: int
    empty: dict[str, int]
    short: dict[str, int]


def samples_asked(run: Run) -> SamplesAsked | None:
    """None where no mediator asked a language model, or the run is older than the table."""
    if not (run.tables_in / "samples.parquet").exists() or not len(run.samples):
        return None
    reasons = run.samples["missing"].value_counts()
    missing = {str(reason): int(count) for reason, count in reasons.items()}
    replies = run.samples.loc[run.samples["missing"] == next(iter(missing), ""), "raw"].dropna()
    example = str(replies.iloc[0]) if len(replies) else ""
    return SamplesAsked(len(run.samples), missing, float(run.samples["attempts"].mean()), example)


@dataclass(frozen=True, slots=True)
class FailedRule:
    """A rule of the user's own that failed: how often, and the first time in which round and with what."""

    arm: str
    n: int
    round_id: str
    why: str


def failed_rules(run: Run) -> list[FailedRule]:
    """By arm; none where no rule failed."""
    return [
        FailedRule(str(arm), len(rows), str(rows["round_id"].iloc[0]), str(rows["why"].iloc[0]))
        for arm, rows in run.failed_selections.groupby("arm")
    ]


def distinct_candidates(run: Run) -> DistinctCandidates | None:
    """None where mediators made no candidate."""
    made = run.candidates[run.candidates["source"] == "mediator"]
    return DistinctCandidates(len(made), int(made.duplicated([*_POOL, "text"]).sum())) if len(made) else None


def slate_counts(run: Run) -> SlateCounts | None:
    """None where no round came to a slate, or the run does not say what arms it had."""
    arms = {arm.arm: arm.select for arm in recorded_arms(run)}
    rounds = run.rounds[run.rounds["slate_at"].notna() & (run.rounds["n_opinions"] > 0)]
    if not arms or not len(rounds):
        return None
    omissions = run.manifest["scenario"].get("design", {}).get("omissions", [0])
    picks = run.selections[run.selections["omitted"] == min(omissions)]
    counts = {
        arm: picks[picks["arm"] == arm].groupby("round_id").size().reindex(rounds["round_id"], fill_value=0)
        for arm in arms
    }
    empty = {arm: int((of == 0).sum()) for arm, of in counts.items()}
    short = {arm: int(((of > 0) & (of < arms[arm])).sum()) for arm, of in counts.items()}
    return SlateCounts(len(rounds), {a: n for a, n in empty.items() if n}, {a: n for a, n in short.items() if n})
