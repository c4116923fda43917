"""Notes for readers of results on answers that could not be used, and on statements that mediators did not come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simcons.analysis import candidates, minds
from simcons.counted import counted
from simcons.storage.layout import TRUTH
from simcons.storage.load import Run
from simcons.unusable import in_words, unusable_sentence
from simcons.visible import visible_line

NEARLY_ALL = 0.9  # share of an act's answers without use from which on the summary warns of it


def answer_notes(run: Run) -> list[tuple[str, str]]:
    """Notes, each with its heading, on answers and candidates that are missing or come twice; none where all is well."""
    asked = minds.acts_asked(run) if (run.tables_in / TRUTH).is_dir() else []
    answers = [(row.about, row.n_asked, row.missing, row.example) for row in asked]
    samples = candidates.samples_asked(run)
    if samples is not None:
        answers.append(("candidate", samples.n_asked, samples.missing, samples.example))
    warned = [
        unusable_sentence(act, n, missing, example)
        for act, n, missing, example in answers
        if sum(missing.values()) >= NEARLY_ALL * n
    ]
    notes = [
        *_samples(samples),
        *_repeats(candidates.distinct_candidates(run)),
        *_slates(candidates.slate_counts(run)),
    ]
    failed = [_failed_rule(rule) for rule in candidates.failed_rules(run)]
    return [*(("Attention", note) for note in [*warned, *failed]), *(("Candidates", note) for note in notes)]


def _samples(asked: candidates.SamplesAsked | None) -> Iterator[str]:
    if asked is None or not 0 < asked.n_missing < NEARLY_ALL * asked.n_asked:
        return  # or the warning says it
    yield (
        f"{asked.n_missing:,} of {counted(asked.n_asked, 'sample')} of the mediators' language models had no usable text after"
        f" {asked.attempts:.1f} requests a sample, and were left out: {listed_reasons(asked.missing)}"
    )


def _failed_rule(failed: candidates.FailedRule) -> str:
    return (
        f"the rule of arm {failed.arm} failed {counted(failed.n, 'time')} and chose nothing then; first in"
        f" {failed.round_id}: {visible_line(failed.why)}"
    )


def _repeats(texts: candidates.DistinctCandidates | None) -> Iterator[str]:
    if texts is not None and texts.n_repeats:
        repeat = "repeats" if texts.n_repeats == 1 else "repeat"
        yield (
            f"{texts.n_repeats:,} of {counted(texts.n, 'candidate')} {repeat} the text of another; no arm shows a text twice in"
            " a round"
        )


def _slates(counts: candidates.SlateCounts | None) -> Iterator[str]:
    if counts is None:
        return
    for arm, n_empty in counts.empty.items():
        yield f"Arm {arm} had no statement to show in {n_empty:,} of {counted(counts.n_rounds, 'round')}"
    rounds = counted(counts.n_rounds, "round")
    for arm, n_short in counts.short.items():
        yield f"Arm {arm} had fewer different statements than it should show in {n_short:,} of {rounds}"


def listed_reasons(missing: Mapping[str, int]) -> str:
    """Reasons with their counts, as they come."""
    return ", ".join(f"{count:,} as {in_words(reason)}" for reason, count in missing.items())
