"""AlpacaEval's files: what each arm answered, people's preferences over one arm as annotations, and the leaderboard of them.

An annotation is one person's preference in one round: 1 for the reference, 2 for the other arm, 1.5 where they agree with both
alike. The format is that of alpaca_eval 0.6 (`annotations.json`, `model_outputs.json`, `leaderboard.csv`).
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simcons.analysis.resampling import mean
from simcons.errors import InputError
from simcons.export.compared import arms_of, instruction, opinion_texts, person_ratings, statements
from simcons.storage.disk import storage_errors
from simcons.storage.load import Run
from simcons.storage.results import make_result_folder

if TYPE_CHECKING:
    import pandas as pd


def write_alpaca_eval(run: Run, folder: Path, *, against: str | None = None) -> list[Path]:
    """In a new folder ARM/model_outputs.json of every arm, ARM/annotations.json of all but the reference, and leaderboard.csv.

    against: the reference, by default the scenario's first arm. Raises InputError for an arm that showed nothing, and where
    there are not two.
    """
    arms = arms_of(run)
    if len(arms) < 2:
        shown = "one arm" if arms else "no arm"
        raise InputError(f"{run.folder}: showed statements of {shown}; expected two or more to compare")
    reference = arms[0] if against is None else against
    if reference not in arms:
        raise InputError(f"arm {reference!r}: showed nothing in {run.folder}; expected one of {', '.join(arms)}")
    answers, rated = _answers(run), person_ratings(run)
    if answers.groupby("round_id")["arm"].nunique().max() < 2:
        raise InputError(f"{run.folder}: no round has statements of two arms; expected some, to compare them")
    make_result_folder(folder)
    written, ranked = [], []
    for arm in arms:
        mine = answers[answers["generator"] == arm]
        written.append(_write(folder / arm / "model_outputs.json", _outputs(mine)))
        if arm != reference:
            annotations = _annotations(answers[answers["generator"] == reference], mine, rated)
            written.append(_write(folder / arm / "annotations.json", annotations.drop(columns="session_id")))
            ranked.append(_standing(arm, annotations, mine))
    written.append(_write_leaderboard(folder / "leaderboard.csv", ranked))
    return written


def _answers(run: Run) -> pd.DataFrame:
    """A row a round and arm, its first pick of all opinions: instruction, output, generator, dataset, and ids."""
    rows, opinions = statements(run), opinion_texts(run)
    omitted = rows["omitted"].fillna(0)  # an imported study may not say
    first = rows[(rows["pick"] == 1) & (omitted == omitted.min())]
    asked = [
        instruction(question, [opinions[name] for name in names if name in opinions])
        for question, names in zip(first["question"], first["opinion_ids"], strict=True)
    ]
    return first.assign(instruction=asked, output=first["text"], generator=first["arm"], dataset=first["question_id"])


def _outputs(answers: pd.DataFrame) -> pd.DataFrame:
    return answers[["dataset", "instruction", "output", "generator"]]


def _annotations(reference: pd.DataFrame, other: pd.DataFrame, rated: pd.Series[float]) -> pd.DataFrame:
    """A row a round and person who rated both."""
    import numpy as np

    where = ["round_id", "candidate_id"]
    given = rated.rename("rating").reset_index()
    first, second = (answers[[*where, "output", "generator"]].merge(given, on=where) for answers in (reference, other))
    both = first.merge(second, on=["round_id", "participant_id"], suffixes=("_1", "_2"))
    table = reference[["round_id", "session_id", "dataset", "instruction"]].merge(both, on="round_id")
    lead = np.sign((table["rating_2"] - table["rating_1"]).round(9))
    table = table.assign(annotator=table["participant_id"], preference=1.5 + lead / 2)
    outputs = ["output_1", "generator_1", "output_2", "generator_2"]
    return table[
        [
            "dataset",
            "instruction",
            *outputs,
            "annotator",
            "preference",
            "rating_1",
            "rating_2",
            "round_id",
            "session_id",
        ]
    ]


def _standing(arm: str, annotations: pd.DataFrame, answers: pd.DataFrame) -> dict[str, Any]:
    """A row of the leaderboard, in per cent. standard_error is AlpacaEval's, as if annotations were independent; those of a group
    are not, which standard_error_by_group allows for.
    """
    wins, lengths = annotations["preference"] - 1, answers["output"].str.len()
    win_rate = 100 * wins.mean() if len(wins) else None
    errors: dict[str, float | None] = {"standard_error": None, "standard_error_by_group": None}
    if len(wins) > 1:
        by_group = mean(wins, annotations["session_id"].factorize()[0]).error
        errors = {"standard_error": 100 * wins.sem(), "standard_error_by_group": by_group and 100 * by_group}
    n_wins, n_base = int((wins > 0.5).sum()), int((wins < 0.5).sum())
    counts = {"n_wins": n_wins, "n_wins_base": n_base, "n_draws": len(wins) - n_wins - n_base, "n_total": len(wins)}
    return {"": arm, "win_rate": win_rate, **errors, **counts, "avg_length": int(lengths.mean())}


def _write(path: Path, rows: pd.DataFrame) -> Path:
    with storage_errors(path):
        path.parent.mkdir(exist_ok=True)
        text = json.dumps(rows.to_dict(orient="records"), indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")
    return path


def _write_leaderboard(path: Path, ranked: list[dict[str, Any]]) -> Path:
    ranked = sorted(ranked, key=lambda row: (row["win_rate"] is None, -(row["win_rate"] or 0)))
    with storage_errors(path), path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(ranked[0]))
        writer.writeheader()
        writer.writerows(ranked)
    return path
