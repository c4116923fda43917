"""What a summary or a round says, as a document for other programs."""

from __future__ import annotations

from dataclasses import asdict
from math import isnan
from typing import Any

from simcons.analysis import hostile, minds, samples
from simcons.analysis.agreement import by_arm, divisiveness
from simcons.analysis.omission import by_omission
from simcons.analysis.people import cost, duration, flow
from simcons.analysis.reliability import rating_counts, retest
from simcons.analysis.sample import sample_round
from simcons.analysis.sample_truth import held
from simcons.report.answer_notes import answer_notes
from simcons.report.question_notes import question_notes
from simcons.storage.layout import TRUTH
from simcons.storage.load import Run


def figures(run: Run) -> dict[str, Any]:
    """The figures of the summary, unrounded; what is undefined is null. Truth only where the folder has it, under ``truth``."""
    spent, took = cost(run), duration(run)
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
        "retest": {
            measure: asdict(pairs) if (pairs := retest(run, measure)) else None for measure in ("agreement", "quality")
        },
        "simulated_seconds": asdict(took) if took else None,
        "cost_gbp": {**asdict(spent), "total": spent.total},
        "arms": [asdict(result) for result in by_arm(run)],
        "engine_notes": run.manifest.get("engine_notes", {}),
        "by_opinions_left_out": [asdict(result) for result in by_omission(run)],
    }
    if (run.tables_in / TRUTH).is_dir():
        document["truth"] = _truth(run)
    cleaned: dict[str, Any] = _without_nan(document)
    return cleaned


def _questions(run: Run) -> dict[str, Any]:
    """How many were asked, how many of them have no bank, and what was left out, with what that means."""
    counts: dict[str, int] = run.manifest.get("questions", {})
    return {**counts, "notes": question_notes(counts)}


def _candidates(run: Run) -> dict[str, Any]:
    """Samples without a text, texts that come twice, arms with nothing to show, and the notes of the summary on all this."""
    counts = {"sampled": samples.sampled(run), "distinct": samples.distinct(run), "slates": samples.slates(run)}
    return {
        **{name: asdict(one) if one else None for name, one in counts.items()},
        "notes": [note for _, note in answer_notes(run)],
    }


def round_figures(run: Run, round_id: str, *, truth: bool) -> dict[str, Any]:
    """One round in full. truth: also what its members really held. Raises RunFolderError for a round that is none."""
    shown = sample_round(run, round_id)
    document = {**_head(run), "round": asdict(shown)}
    if truth:
        really = held(run, round_id, shown.candidate_id)
        document["truth"] = {who: asdict(one) for who, one in really.items()}
    cleaned: dict[str, Any] = _without_nan(document)
    return cleaned


def _head(run: Run) -> dict[str, Any]:
    return {
        "name": run.manifest.get("name", run.folder.name),
        "seed": run.manifest.get("seed"),
        "folder": str(run.folder),
        "synthetic": True,
        "partial": run.partial,
    }


def _truth(run: Run) -> dict[str, Any]:
    fidelity = minds.fidelity(run)
    return {
        "model_as_people": {
            "asked": [asdict(one) for one in minds.asked(run)],
            "answers": [asdict(one) for one in minds.answers(run)],
            "fidelity": asdict(fidelity) if fidelity else None,
        },
        "attacks": [asdict(one) for one in hostile.shifts(run)],
    }


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and isnan(value) else value
