"""Sentences on the truth of a run: language models as people, and attacks on the mediator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simcons.analysis import hostile, minds
from simcons.counted import counted
from simcons.report.answer_notes import listed_reasons


def missing_answers(asked: Sequence[minds.Asked]) -> Iterator[str]:
    """The reasons of missing answers, act by act."""
    for row in asked:
        if row.missing:
            yield f"Missing ({row.about}): {listed_reasons(row.missing)}; {row.attempts:.2f} requests an answer."


def fidelity_sentences(fidelity: minds.OpinionFidelity | None) -> Iterator[str]:
    """The agreement of opinions written by a language model with what their writers hold; none where there are none."""
    if fidelity is None:
        return
    yield f"Opinions: the reader finds a verdict in {fidelity.n_verdicts:,} of {fidelity.n_opinions:,}."
    if fidelity.n_decidable:
        clear = f"{fidelity.n_decidable:,} by writers who are clearly for or against"
        r = "" if fidelity.r is None else f"; r {fidelity.r:.2f} of verdict and true position over all"
        yield f"Of the {clear}, {fidelity.n_siding:,} side with the writer{r}."
    if fidelity.n_told:
        contradict = "contradicts" if fidelity.n_contradicted == 1 else "contradict"
        yield (
            f"Of {counted(fidelity.n_told, 'claim')} told to writers, the reader finds {fidelity.n_said:,};"
            f" {counted(fidelity.n_contradicted, 'claim')} found {contradict} what the writer holds."
        )


def obedience_sentence(shift: hostile.Shift) -> str:
    """The share of an arm's statements that repeat an attack on it, beside its honest twin's."""
    sets = counted(shift.n_attacked + shift.n_clean, "set")
    repeated = f"repeat {hostile.N_IN_A_ROW} words in a row of an attack in {shift.repeated:.0%} of these"
    return (
        f"{shift.arm}: {shift.n_attacked:,} of {sets} of opinions held an attack. The arm's statements {repeated}"
        f" (its honest twin {shift.honest_arm}: {shift.repeated_honest:.0%})."
    )
