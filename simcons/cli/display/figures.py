"""A summary or a round as a document for other programs."""

from __future__ import annotations

from dataclasses import asdict
from math import isnan
from typing import Any

from simcons.analysis import candidates, hostile, minds
from simcons.analysis.agreement import by_arm, divisiveness
from simcons.analysis.comparisons import arm_differences_of
from simcons.analysis.exclusion import exclusion_effect
from simcons.analysis.people import cost, duration, flow
from simcons.analysis.positions import position_change
from simcons.analysis.rankings import rankings
from simcons.analysis.rated import Rated
from simcons.analysis.reliability import rating_counts, retest
from simcons.analysis.round_in_full import round_in_full
from simcons.analysis.round_truth import round_truth
from simcons.questions.notes import question_notes
from simcons.report.answer_notes import answer_notes
from simcons.storage.layout import TRUTH
from simcons.storage.load import Run


def figures(run: Run) -> dict[str, Any]:
    """The figures of the summary, unrounded; what is undefined is null. Truth only where the folder has it, under ``truth``."""
    spent, took = cost(run), duration(run)
    ranked, changed = rankings(run), position_change(run)
    document = {
        **_head(run),
        "people": asdict(flow(run)),
        "rounds": {
            "begun": len(run.rounds),
            "rated_to_the_end": int(run.rounds["complete"].sum()),
            "divisive": asdict(divisiveness(run)),
        },
        "questions": _questions(run),
        "candidates": _candidates(run),
        "ratings": asdict(rating_counts(run)),
        "retest": {scale: asdict(pairs) if (pairs := retest(run, scale)) else None for scale in run.scales},
        "rankings": asdict(ranked) if ranked else None,
        "position_change": asdict(changed) if changed else None,
        "simulated_seconds": asdict(took) if took else None,
        "cost_gbp": {**asdict(spent), "total": spent.total},
        "arms": [asdict(result) for result in by_arm(run)],
        "differences": [row.flat() for row in arm_differences_of(run).rows],
        "engine_notes": run.manifest.get("engine_notes", {}),
        "by_opinions_left_out": [row.flat() for row in exclusion_effect(Rated.of_run(run)).rows],
    }
    if (run.tables_in / TRUTH).is_dir():
        document["truth"] = _truth(run)
    cleaned: dict[str, Any] = _without_nan(document)
    return cleaned


def _questions(run: Run) -> dict[str, Any]:
    """Counts of questions: asked, without a bank, left out; with notes on them."""
    counts: dict[str, int] = run.manifest.get("questions", {})
    return {**counts, "notes": question_notes(counts)}


def _candidates(run: Run) -> dict[str, Any]:
    """Samples without a text, texts that come twice, arms with nothing to show, and the notes of the summary on all this."""
    counts = {
        "sampled": candidates.samples_asked(run),
        "distinct": candidates.distinct_candidates(run),
        "slates": candidates.slate_counts(run),
    }
    return {
        **{name: asdict(record) if record else None for name, record in counts.items()},
        "notes": [note for _, note in answer_notes(run)],
    }


def round_figures(run: Run, round_id: str, *, truth: bool) -> dict[str, Any]:
    """One round in full. truth: also what its members really held. Raises RunFolderError for an unknown round."""
    shown = round_in_full(run, round_id)
    document = {**_head(run), "round": asdict(shown)}
    if truth:
        truths = round_truth(run, round_id, shown.candidate_id)
        document["truth"] = {who: asdict(member) for who, member in truths.items()}
    cleaned: dict[str, Any] = _without_nan(document)
    return cleaned


def _head(run: Run) -> dict[str, Any]:
    return {
        "name": run.manifest.get("name", run.folder.name),
        "seed": run.manifest.get("seed"),
        "folder": str(run.folder),
        "synthetic": not run.imported,
        "partial": run.partial,
    }


def _truth(run: Run) -> dict[str, Any]:
    fidelity = minds.opinion_fidelity(run)
    return {
        "model_as_people": {
            "asked": [asdict(asked) for asked in minds.acts_asked(run)],
            "answers": [asdict(answers) for answers in minds.answers(run)],
            "fidelity": asdict(fidelity) if fidelity else None,
        },
        "attacks": [asdict(shift) for shift in hostile.shifts(run)],
    }


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(inner) for inner in value]
    return None if isinstance(value, float) and isnan(value) else value
