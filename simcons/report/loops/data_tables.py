"""The tables of a loop's page, each with its numbers as CSV to take along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simcons.counted import rough_time
from simcons.report.intervals import NO_ESTIMATE, percentage_points, points, share
from simcons.report.loops.figures import measure_name, part_name
from simcons.report.loops.results import (
    UNANIMOUS,
    AccuracyDifference,
    Contest,
    Evaluated,
    Level,
    LoopResults,
    PairAccuracy,
    StageLine,
    Training,
)
from simcons.report.tables import DataTable, Table

_SIDES = {"learn": "learnt from", "validation": "held out"}
_COUNTED = {"sft": "statements to learn"}


def levels(evaluation: Evaluated) -> Iterator[DataTable]:
    """Means by arm and measure, a table for each kind of round."""
    bounds = {arm.name for arm in evaluation.arms if arm.upper_bound}
    for part in evaluation.parts:
        rows = [row for row in evaluation.levels if row.part == part]
        cells = {(_starred(row.arm, bounds), measure_name(row.measure)): _mean(row) for row in rows}
        star = "; * saw the truth: an upper bound, not a mediator" if bounds else ""
        title = f"{evaluation.stage}: means, 1-7, and shares, with 95% intervals over groups; {part_name(part)}{star}"
        columns = ["arm", "rounds", "measure", "n", "mean", "low", "high"]
        yield DataTable(
            _crossed(title, cells),
            f"{evaluation.stage}-arms-{part.replace(' ', '-')}",
            columns,
            [_level(row) for row in rows],
        )


def contests(evaluation: Evaluated) -> Iterator[DataTable]:
    """Shares of rounds won by pair of arms and measure, a table for each kind of round."""
    for part in evaluation.parts:
        rows = [row for row in evaluation.contests if row.part == part]
        cells = {(f"{row.arm} over {row.against}", measure_name(row.measure)): share(row.estimate) for row in rows}
        title = (
            f"{evaluation.stage}: rounds won, a tie counting half, with 95% intervals over groups; {part_name(part)}"
        )
        columns = ["arm", "against", "rounds", "measure", "n", "share", "low", "high"]
        if rows:
            yield DataTable(
                _crossed(title, cells),
                f"{evaluation.stage}-wins-{part.replace(' ', '-')}",
                columns,
                [_contest(row) for row in rows],
            )


def best_of(evaluation: Evaluated) -> Iterator[DataTable]:
    """Scores, ratings and truth of the best of N, how often it is ahead of one more sample, and the bound on the divergence."""
    rows = evaluation.best_of
    cells: dict[tuple[str, str], str] = {}
    for row in rows:
        choice = f"{row.arm}, N = {row.n}"
        cells[choice, measure_name(row.measure)] = points(row.estimate)
        if row.measure == "truth" and row.wins is not None:
            cells[choice, "truly ahead of one more"] = share(row.wins)
        cells[choice, "nats at most"] = f"{row.nats:.2f}"
    title = f"{evaluation.stage}: the best of N samples by an arm’s own scores, with 95% intervals over groups"
    data = [
        [
            row.arm,
            row.n,
            row.measure,
            *row.estimate.numbers,
            *(row.wins.numbers if row.wins else ("", "", "")),
            row.nats,
        ]
        for row in rows
    ]
    columns = ["arm", "samples", "measure", "mean", "low", "high", "wins", "wins low", "wins high", "nats at most"]
    if rows:
        yield DataTable(_crossed(title, cells), f"{evaluation.stage}-best-of-n", columns, data)


def accuracies(results: LoopResults) -> Iterator[DataTable]:
    """Pairs in a person's own order, by what puts them in order."""
    rows = [(training.stage, row) for training in results.trainings for row in training.accuracies]
    rows += [(evaluation.stage, row) for evaluation in results.evaluations for row in evaluation.accuracies]
    columns = ["stage", "by", "statements", "order", "share", "low", "high"]
    data = [[stage, row.by, row.statements, _order(row), *row.estimate.numbers] for stage, row in rows]
    text = [[*line[:4], share(row.estimate)] for line, (_, row) in zip(data, rows, strict=True)]
    if rows:
        title = (
            "Pairs of statements in a person’s own order, by ratings or by the truth, with 95% intervals over groups"
        )
        yield DataTable(
            Table(title, columns[:5], [[str(cell) for cell in line] for line in text]), "pairs", columns, data
        )


def accuracy_differences(evaluations: Sequence[Evaluated]) -> Iterator[DataTable]:
    """How many more pairs one thing puts in a person's own order than another."""
    rows = [(evaluation.stage, row) for evaluation in evaluations for row in evaluation.differences]
    columns = ["stage", "by", "against", "statements", "order", "pairs", "difference", "low", "high"]
    data = [
        [stage, row.by, row.against, row.statements, _order(row), row.estimate.n, *row.estimate.numbers]
        for stage, row in rows
    ]
    text = [
        [stage, f"{row.by} over {row.against}", row.statements, _order(row), percentage_points(row.estimate)]
        for stage, row in rows
    ]
    if rows:
        title = (
            "How many more of the pairs that both tell apart one puts in a person’s own order than the other, in percentage"
            " points, with 95% intervals over groups"
        )
        table = Table(title, ["stage", "by", "statements", "order", "difference"], text)
        yield DataTable(table, "pair-differences", columns, data)


def _order(row: PairAccuracy | AccuracyDifference) -> str:
    return "truth" if row.true else "ratings"


def losses(training: Training) -> DataTable:
    """A training stage in numbers; its losses over the steps as a file."""
    rows = [(step, "training", loss) for step, loss in training.losses]
    rows += [(step, "held out", loss) for step, loss in training.held_out_losses]
    table = Table(f"{training.stage} ({training.kind})", ["", "value"], training.sizes)
    return DataTable(table, f"{training.stage}-losses", ["step", "examples", "loss"], rows)


def stages(results: LoopResults) -> DataTable:
    """All stages: how large each is, and the time that it took."""
    header = ["stage", "kind", "state", "size", "time"]
    text = [
        [
            f"{row.place:02d} {row.name}",
            row.kind,
            row.state,
            row.extent,
            time_taken(row),
        ]
        for row in results.stages
    ]
    data = [[row.place, row.name, row.kind, row.state, row.extent, row.seconds] for row in results.stages]
    columns = ["place", "stage", "kind", "state", "size", "seconds"]
    return DataTable(Table("Stages", header, text), "stages", columns, data)


def lessons(results: LoopResults) -> DataTable | None:
    """Numbers of examples, a row for each side of a data stage; None where no data is made."""
    sides = [(data.stage, side, counts) for data in results.lessons for side, counts in data.counts.items()]
    if not sides:
        return None
    names = list(dict.fromkeys(name for _, _, counts in sides for name in counts))
    header = ["", *(_COUNTED.get(name, name) for name in names)]
    text = [
        [f"{stage}, {_SIDES.get(side, side)}", *(f"{counts.get(name, 0):,}" for name in names)]
        for stage, side, counts in sides
    ]
    data = [[stage, side, *(counts.get(name, 0) for name in names)] for stage, side, counts in sides]
    table = Table("Training data", header, text, note=_written_by(results))
    return DataTable(table, "training-data", ["stage", "side", *names], data)


def _written_by(results: LoopResults) -> str:
    by = {data.stage: ", ".join(f"{n:,} by {arm}" for arm, n in data.by.items()) for data in results.lessons}
    told = "; ".join(f"{stage} {arms}" for stage, arms in by.items() if arms)
    return f"Statements to learn, by arm: {told}." if told else ""


def time_taken(stage: StageLine) -> str:
    """Seconds below a minute, else roughly; nothing where it is not known."""
    if stage.seconds is None:
        return ""
    return f"{stage.seconds:.0f} s" if stage.seconds < 60 else rough_time(stage.seconds)


def _file(name: str, evaluation: Evaluated, part: str) -> str:
    return f"{evaluation.stage}-{name}-{part.replace(' ', '-')}"


def _mean(row: Level) -> str:
    return share(row.estimate) if row.measure == UNANIMOUS else points(row.estimate)


def _starred(arm: str, bounds: set[str]) -> str:
    return f"{arm} *" if arm in bounds else arm


def _crossed(title: str, cells: Mapping[tuple[str, str], str]) -> Table:
    rows, columns = (list(dict.fromkeys(key[place] for key in cells)) for place in (0, 1))
    return Table(
        title, ["", *columns], [[row, *(cells.get((row, column), NO_ESTIMATE) for column in columns)] for row in rows]
    )


def _level(row: Level) -> list[object]:
    return [row.arm, row.part, row.measure, row.n_rounds, *row.estimate.numbers]


def _contest(row: Contest) -> list[object]:
    return [row.arm, row.against, row.part, row.measure, row.n_rounds, *row.estimate.numbers]
