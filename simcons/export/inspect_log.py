"""A run as logs of Inspect (inspect-ai): one for each arm. A sample is a statement, its scores are people's ratings."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from simcons.analysis.resampling import mean
from simcons.errors import InputError, MissingPackage
from simcons.export.compared import arms_of, instruction, opinion_texts, person_ratings, statements
from simcons.storage.disk import storage_errors
from simcons.storage.load import Run
from simcons.storage.results import make_result_folder

if TYPE_CHECKING:
    import pandas as pd
    from inspect_ai.log import EvalLog, EvalSample, EvalScore

# By scale, of each round and statement, the rating by person.
Rated: TypeAlias = Mapping[str, Mapping[tuple[str, str], Mapping[str, float]]]

_ABOUT = "All participants, opinions and ratings are simulated: nobody was asked."


def _check_inspect() -> None:
    """Raises MissingPackage. The package is loaded where it is needed, as that takes seconds."""
    if importlib.util.find_spec("inspect_ai") is None:
        raise MissingPackage("inspect-ai", "pip install 'simcons[export]'")


def write_inspect_logs(run: Run, folder: Path) -> list[Path]:
    """ARM.eval for each arm in a new folder; `inspect view --log-dir FOLDER` shows them.

    Inspect takes every such file for a log, and files of JSON only where their names begin with a time.

    Raises InputError for a run that showed nothing, MissingPackage and StorageError.
    """
    _check_inspect()
    from inspect_ai.log import write_eval_log

    rows, rated = statements(run), {scale: _by_statement(person_ratings(run, scale)) for scale in run.scales}
    if not len(rows):
        raise InputError(f"{run.folder}: showed no statements; expected a run with some")
    make_result_folder(folder)
    opinions, written = opinion_texts(run), []
    for arm in arms_of(run):
        path = folder / f"{arm}.eval"
        log = _log(run, arm, rows[rows["arm"] == arm], rated, opinions)
        with storage_errors(path):
            write_eval_log(log, str(path.absolute()), format="eval")
        written.append(path)
    return written


def _by_statement(ratings: pd.Series[float]) -> dict[tuple[str, str], dict[str, float]]:
    given: dict[tuple[str, str], dict[str, float]] = {}
    for (round_id, candidate_id, person), rating in ratings.items():
        given.setdefault((round_id, candidate_id), {})[person] = float(rating)
    return given


def _log(run: Run, arm: str, rows: pd.DataFrame, rated: Rated, opinions: Mapping[str, str]) -> EvalLog:
    from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalResults, EvalSpec

    name = str(run.manifest.get("name", run.folder.name))
    samples = list(_samples(arm, rows, rated, opinions))
    dates = (run.manifest.get(name) for name in ("began_at", "created_at"))
    created = next(filter(None, dates), None) or datetime.now(UTC).isoformat(timespec="seconds")
    rounds = list(dict.fromkeys(rows["round_id"]))
    return EvalLog(
        status="success",
        eval=EvalSpec(
            created=str(created),
            task=name,
            task_id=f"{name}-{arm}",
            run_id=f"{name}-{run.manifest.get('seed')}",
            model=f"simcons/{arm}",
            dataset=EvalDataset(name=name, samples=len(rounds), sample_ids=rounds),
            config=EvalConfig(epochs=max(sample.epoch for sample in samples)),
            packages={str(key): str(value) for key, value in (run.manifest.get("versions") or {}).items()},
            metadata={
                **_origin(run),
                "seed": run.manifest.get("seed"),
                "unfinished": run.partial,
            },
        ),
        results=EvalResults(
            total_samples=len(samples),
            completed_samples=len(samples),
            scores=[score for scale, given in rated.items() for score in _results(scale, rows, given)],
        ),
        samples=samples,
    )


def _samples(arm: str, rows: pd.DataFrame, rated: Rated, opinions: Mapping[str, str]) -> Iterator[EvalSample]:
    """One for each statement. Those of a round are its epochs, in the order of picks."""
    from inspect_ai.log import EvalSample
    from inspect_ai.model import ChatMessageAssistant, ChatMessageUser, ModelOutput

    epochs = rows.groupby("round_id").cumcount() + 1
    for epoch, row in zip(epochs, rows.to_dict(orient="records"), strict=True):
        asked = instruction(row["question"], [opinions[name] for name in row["opinion_ids"] if name in opinions])
        yield EvalSample(
            id=row["round_id"],
            epoch=int(epoch),
            input=asked,
            target=row["position_statement"],
            messages=[
                ChatMessageUser(content=asked),
                ChatMessageAssistant(content=row["text"], model=f"simcons/{arm}"),
            ],
            output=ModelOutput.from_content(f"simcons/{arm}", row["text"]),
            scores=_scores(row, rated),
            metadata={
                key: row[key] for key in ("question_id", "topic", "split", "session_id", "candidate_id", "omitted")
            },
        )


def _scores(row: Mapping[str, Any], rated: Rated) -> dict[str, Any]:
    """By scale, the mean over people, with each one's rating. None of a scale that nobody answered."""
    from inspect_ai.scorer import Score

    given = {scale: statements.get((row["round_id"], row["candidate_id"])) for scale, statements in rated.items()}
    return {
        scale: Score(value=sum(ratings.values()) / len(ratings), metadata={"ratings": ratings})
        for scale, ratings in given.items()
        if ratings
    }


def _results(
    scale: str, rows: pd.DataFrame, rated: Mapping[tuple[str, str], Mapping[str, float]]
) -> Iterator[EvalScore]:
    """The mean over ratings with its standard error over groups."""
    from inspect_ai.log import EvalMetric, EvalScore

    shown = zip(rows["session_id"], rows["round_id"], rows["candidate_id"], strict=True)
    given = [(session, rated[where].values()) for session, *ids in shown if (where := (ids[0], ids[1])) in rated]
    if not given:
        return
    sessions = {session: number for number, session in enumerate(dict.fromkeys(session for session, _ in given))}
    groups = [sessions[session] for session, ratings in given for _ in ratings]
    estimate = mean([rating for _, ratings in given for rating in ratings], groups)
    metrics = {"mean": EvalMetric(name="mean", value=estimate.value)}
    if estimate.error is not None:
        metrics["stderr"] = EvalMetric(name="stderr", value=estimate.error, params={"cluster": "session_id"})
    yield EvalScore(name=scale, scorer=scale, metrics=metrics, scored_samples=len(given), params={"scale": "1 to 7"})


def _origin(run: Run) -> dict[str, Any]:
    return {"imported": run.imported} if run.imported else {"synthetic": _ABOUT}
