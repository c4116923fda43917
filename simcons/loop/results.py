"""The results of a loop so far, gathered from the folders of its stages for its page and its status."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Any

from simcons.analysis.resampling import Estimate
from simcons.errors import RunFolderError
from simcons.json_files import read_object
from simcons.loop.evaluation import ACCURACY, ARMS, BEST_OF_N, DIFFERENCES, WINS
from simcons.loop.folder import LoopFolder, StageStatus
from simcons.loop.recipe import (
    DataStageSettings,
    EvaluateStageSettings,
    RewardStageSettings,
    SftStageSettings,
    StudyStageSettings,
    ToyStageSettings,
)
from simcons.loop.rounds import arms_to_read, rounds_to_read
from simcons.loop.run import STUDY
from simcons.loop.scenarios import model_of
from simcons.report.loops import extents
from simcons.report.loops.results import (
    ALL,
    AccuracyDifference,
    Arm,
    BestOf,
    Contest,
    Evaluated,
    Lessons,
    Level,
    LoopResults,
    PairAccuracy,
    ReliabilityBin,
    StageLine,
    Training,
    Writer,
)
from simcons.scenario.mediators import LanguageModelGeneratorSettings, MediatorSettings
from simcons.storage.layout import MANIFEST, START
from simcons.storage.load import Run, load
from simcons.training.losses import Losses, progress_of, read_losses

_WRITERS: Mapping[str, Writer] = {
    "scripted": "scripted",
    "exploit": "exploit",
    "fixed": "written beforehand",
    "python": "own pipeline",
    "http": "own pipeline",
}


def results(loop: LoopFolder) -> LoopResults:
    """All of a loop that its page shows; of stages that are under way what is there. Raises RunFolderError, MissingPackage."""
    evaluations = [_evaluated(loop, stage) for stage in _done(loop, EvaluateStageSettings)]
    last = evaluations[-1] if evaluations else None
    trained = [stage for stage in _trainings(loop) if (loop.of(stage.name) / START).exists()]
    return LoopResults(
        name=loop.recipe.name,
        description=loop.recipe.description,
        finished=loop.finished,
        command=f"simcons loop --resume {quote(str(loop.path))}",
        logs=quote(str(loop.path)),
        stages=stage_lines(loop),
        lessons=[_lessons(loop, stage) for stage in _done(loop, DataStageSettings)],
        trainings=[_training(loop, stage) for stage in trained],
        evaluations=evaluations,
        rounds=rounds_to_read(_study(loop, last.stage), arms_to_read(last), loop.recipe.seed) if last else [],
        models=_models(loop, trained),
        toy=any(isinstance(stage, ToyStageSettings) for stage in loop.recipe.stages),
        settings=[("recipe", loop.recipe.name), ("seed", f"{loop.recipe.seed}"), *_settings(loop)],
        provenance=list(_provenance(loop)),
    )


def _done(loop: LoopFolder, kind: type[Any]) -> list[Any]:
    """The stages of a kind that are done, in order."""
    stages = [stage for stage in loop.recipe.stages if isinstance(stage, kind)]
    return [stage for stage in stages if (loop.of(stage.name) / MANIFEST).exists()]


def _trainings(loop: LoopFolder) -> list[SftStageSettings | RewardStageSettings]:
    return [stage for stage in loop.recipe.stages if isinstance(stage, (SftStageSettings, RewardStageSettings))]


def _manifest(folder: Path, *needed: str) -> dict[str, Any]:
    """needed: keys that it has to have. Raises RunFolderError."""
    document = read_object(folder / MANIFEST, RunFolderError, "the manifest of a stage")
    for key in needed:
        if key not in document:
            raise RunFolderError(f"{folder / MANIFEST}: {key}: missing; expected the manifest of a stage")
    return document


# --- stages ------------------------------------------------------------------------------------------------------


def stage_lines(loop: LoopFolder) -> list[StageLine]:
    """All stages with their sizes and times, or how far they have come. Raises RunFolderError, MissingPackage."""
    times = loop.times()
    return [
        StageLine(
            stage.place,
            stage.name,
            stage.kind,
            stage.state,
            _extent(loop, stage),
            times[stage.name].wall_seconds or None,
        )
        for stage in loop.stages()
    ]


def _extent(loop: LoopFolder, stage: StageStatus) -> str:
    if stage.state == "to come":
        return ""
    match loop.recipe.stage(stage.name):
        case StudyStageSettings():
            return _study_extent(loop, stage)
        case DataStageSettings() if stage.state == "done":
            return extents.data(_manifest(stage.folder, "sides")["sides"]["learn"])
        case SftStageSettings() | RewardStageSettings():
            return _training_extent(stage)
    return ""


def _study_extent(loop: LoopFolder, stage: StageStatus) -> str:
    folder = _study_folder(loop, stage.name)
    if (folder / MANIFEST).exists():
        rows = _manifest(folder, "rows")["rows"]
        return extents.study(rows["sessions"], rows["rounds"])
    if not (folder / START).exists():
        return ""
    run = load(folder, partial=True)
    n_groups, n_rounds = (run.table(name).num_rows for name in ("sessions", "rounds"))
    return extents.study(n_groups, n_rounds, of_groups=loop.scenarios[stage.name].design.groups)


def _training_extent(stage: StageStatus) -> str:
    if stage.state == "done":
        return extents.training(_manifest(stage.folder, "training")["training"])
    losses = read_losses(stage.folder)
    return extents.training_so_far(progress_of(stage.folder, losses), losses.steps)


def _study_folder(loop: LoopFolder, name: str) -> Path:
    evaluates = isinstance(loop.recipe.stage(name), EvaluateStageSettings)
    return loop.of(name) / STUDY if evaluates else loop.of(name)


def _study(loop: LoopFolder, name: str) -> Run:
    return load(_study_folder(loop, name))


# --- evaluations -------------------------------------------------------------------------------------------------


def _evaluated(loop: LoopFolder, stage: EvaluateStageSettings) -> Evaluated:
    folder = loop.of(stage.name)
    rounds = _study(loop, stage.name).rounds
    return Evaluated(
        stage.name,
        [_arm(loop, stage.name, arm) for arm in loop.scenarios[stage.name].mediators],
        len(rounds),
        rounds["session_id"].nunique(),
        [_level(row) for row in _rows(folder, ARMS)],
        [_contest(row) for row in _rows(folder, WINS)],
        [_best_of(row) for row in _rows(folder, BEST_OF_N)],
        [_accuracy(row) for row in _rows(folder, ACCURACY)],
        [_difference(row) for row in _rows(folder, DIFFERENCES)],
    )


def _rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """A table as rows; none where it is not there, as in an evaluation without scores."""
    import pyarrow.parquet as pq

    try:
        return list(pq.read_table((folder / f"{name}.parquet").absolute()).to_pylist())
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:  # pyarrow's errors are of these
        raise RunFolderError(f"{folder / name}.parquet: cannot be read: {' '.join(str(error).split())[:200]}") from None


def _level(row: Mapping[str, Any]) -> Level:
    return Level(row["arm"], _part(row), row["measure"], row["n_rounds"], _estimate(row, row["value"]))


def _contest(row: Mapping[str, Any]) -> Contest:
    estimate = _estimate(row, row["share"])
    return Contest(row["arm"], row["against"], _part(row), row["measure"], row["n_rounds"], estimate)


def _part(row: Mapping[str, Any]) -> str:
    """The kind of rounds: of a split of the questions, divisive or not, or all of them."""
    split = row.get("split", ALL)
    return str(split if split != ALL else row.get("rounds", ALL))


def _best_of(row: Mapping[str, Any]) -> BestOf:
    wins = None if row["wins"] is None else _estimate(row, row["wins"], ends=("wins_low", "wins_high"))
    return BestOf(row["arm"], row["n"], row["measure"], _estimate(row, row["value"]), wins, row["nats_at_most"])


def _accuracy(row: Mapping[str, Any]) -> PairAccuracy:
    estimate = Estimate.of_numbers(row["accuracy"], row["low"], row["high"], row["n_pairs"])
    return PairAccuracy(row["predictor"], f"statements of {row['generator']}", row["versus"] == "truth", estimate)


def _difference(row: Mapping[str, Any]) -> AccuracyDifference:
    names = row["predictor"], row["against"], f"statements of {row['generator']}"
    estimate = Estimate.of_numbers(row["difference"], row["low"], row["high"], row["n_pairs"])
    return AccuracyDifference(*names, row["versus"] == "truth", estimate)


def _estimate(row: Mapping[str, Any], value: float, *, ends: tuple[str, str] = ("low", "high")) -> Estimate:
    low, high = (row[name] for name in ends)
    return Estimate.of_numbers(value, low, high, row["n_rounds"])


def _arm(loop: LoopFolder, stage: str, arm: MediatorSettings) -> Arm:
    scenario, generator = loop.scenarios[stage], arm.generator
    writers = [each.name for each in _trainings(loop) if isinstance(each, SftStageSettings)]
    judges = {each.name for each in _trainings(loop) if isinstance(each, RewardStageSettings)}
    engine = generator.engine if isinstance(generator, LanguageModelGeneratorSettings) else None
    tuned = engine in writers
    return Arm(
        arm.arm,
        "fine-tuned" if tuned else "prompted" if engine else _WRITERS[generator.kind],
        generator.samples,
        engine=engine,
        iteration=writers.index(engine) + 1 if engine and tuned else None,
        scorer=arm.scorer if arm.is_scored else None,
        learnt=arm.scorer in judges,
        upper_bound=scenario.is_upper_bound(arm),
    )


# --- data and training -------------------------------------------------------------------------------------------


def _lessons(loop: LoopFolder, stage: DataStageSettings) -> Lessons:
    document = _manifest(loop.of(stage.name), "sft_statements", "sides")
    by = document["sft_statements"]["by_generator"]
    scripts = {
        arm.arm for name in stage.runs for arm in loop.scenarios[name].mediators if arm.generator.kind == "scripted"
    }
    n_scripted = sum(n for arm, n in by.items() if arm in scripts)
    as_judged = document["sft_statements"].get("composed_as_judged", 0)
    return Lessons(stage.name, by, n_scripted, document["sides"], as_judged)


def _training(loop: LoopFolder, stage: SftStageSettings | RewardStageSettings) -> Training:
    folder = loop.of(stage.name)
    losses = read_losses(folder)
    done = (folder / MANIFEST).exists()
    record = _manifest(folder, "training")["training"] if done else None
    return Training(
        stage.name,
        stage.kind,
        stage.data,
        losses.training,
        losses.held_out,
        losses.steps,
        record["kept_step"] if record else None,
        begun_from=_base(loop, stage),
        reads_opinion=isinstance(stage, RewardStageSettings) and stage.settings.opinion,
        sizes=list(_sizes(loop, stage, record, losses)),
        accuracies=list(_accuracies(stage, record["metrics"])) if record else [],
        reliability=[_bin(row) for row in record.get("reliability", ())] if record else [],
    )


def _base(loop: LoopFolder, stage: SftStageSettings | RewardStageSettings) -> str:
    return stage.base if stage.base is not None else model_of(stage, loop.of)


def _models(loop: LoopFolder, trained: Sequence[SftStageSettings | RewardStageSettings]) -> list[str]:
    """What was trained, but for models that were themselves trained here before."""
    names = {stage.name for stage in trained}
    return [model for model in dict.fromkeys(_base(loop, stage) for stage in trained) if model not in names]


def _sizes(
    loop: LoopFolder, stage: SftStageSettings | RewardStageSettings, record: Mapping[str, Any] | None, losses: Losses
) -> Iterator[tuple[str, str]]:
    yield "begun from", _base(loop, stage)
    yield "data", stage.data
    if record is None:
        yield "steps so far", f"{losses.steps:,}"
        return
    yield "examples", f"{record['examples']:,}"
    yield "held out", f"{record['held_out']:,}"
    yield "left out, too long", f"{sum(map(len, record['left_out'].values())):,}"
    yield "steps", f"{record['steps']:,}"
    yield "step that is kept", f"{record['kept_step']:,}"
    yield "tokens per second", f"{record['tokens_per_second']:,.0f}"
    yield "seconds", f"{record['seconds']:,.0f}"
    yield "peak memory, GB", f"{record['peak_memory'] / 1e9:.1f}"
    yield "device", f"{record['machine']['device']}, {record['machine']['dtype']}"
    for name, value in record["metrics"].items():
        if not name.endswith(("_low", "_high")):
            yield name.replace("_", " "), f"{value:,.3f}"


def _accuracies(stage: SftStageSettings | RewardStageSettings, metrics: Mapping[str, float]) -> Iterator[PairAccuracy]:
    for name, by in (("pair_accuracy", stage.name), ("length_accuracy", "longest")):
        key = f"held_out_{name}"
        if key in metrics:
            ends = metrics.get(f"{key}_low"), metrics.get(f"{key}_high")
            interval = None if ends[0] is None or ends[1] is None else (ends[0], ends[1])
            n_pairs = int(metrics.get("held_out_pairs", 0))
            yield PairAccuracy(by, f"held out in {stage.data}", False, Estimate(metrics[key], interval, None, n_pairs))


def _bin(row: Mapping[str, Any]) -> ReliabilityBin:
    interval = tuple(row["interval"]) if row["interval"] else None
    return ReliabilityBin(row["predicted"], Estimate(row["rating"], interval, None, row["n"]))


# --- settings and provenance -------------------------------------------------------------------------------------


def _settings(loop: LoopFolder) -> Iterator[tuple[str, str]]:
    yield "scenario", loop.recipe.scenario
    for key, value in loop.recipe.set.items():
        yield key, _written(value)
    for stage in loop.recipe.stages:
        document = stage.model_dump(mode="json", exclude_unset=True, exclude={"kind", "name"})
        yield f"{stage.name} ({stage.kind})", _written(document)


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _provenance(loop: LoopFolder) -> Iterator[tuple[str, str]]:
    """Of the loop where it is finished, else of the last stage that is done."""
    done = [loop.of(stage.name) for stage in loop.stages() if stage.state == "done"]
    folders: Sequence[Path] = [loop.path] if loop.finished else done[-1:]
    yield "folder", str(loop.path)
    for folder in folders:
        document = _manifest(folder)
        for key in ("created_at", "began_at", "git_commit"):
            if document.get(key):
                yield key.replace("_", " "), str(document[key])
        yield from (document.get("machine") or {}).items()
        yield from (document.get("versions") or {}).items()
