"""The figures of a loop, chapter by chapter; none where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from simcons.analysis.resampling import Estimate
from simcons.report.loops.drawing import Mark, Titles, against_diagonal, curves, dots
from simcons.report.loops.results import ALL, RATED, TRUE, Arm, Contest, Evaluated, LoopResults, PairAccuracy, Training
from simcons.report.page import Figure

Marks: TypeAlias = list[Mark]

_MOST_SAID = 12  # numbers of a series in words: of more, the ends
_SHARE = "% of rounds, with 95% intervals"
_POINTS = "points of the scale 1-7, with 95% intervals"
_SPLITS = {ALL: "all questions", "iid_test": "topics seen in training", "ood_test": "topics held out"}
_MEASURES = {
    RATED: "rated agreement",
    "lowest": "lowest agreement in the group",
    "quality": "rated quality",
    TRUE: "true agreement",
    "proxy": "its own score",
    "rating": "rated agreement",
    "truth": "true agreement",
}


def measure_name(measure: str) -> str:
    """A measure as figures and tables print it."""
    return _MEASURES.get(measure, measure.replace("_", " "))


def split_name(split: str) -> str:
    return _SPLITS.get(split, split.replace("_", " "))


# --- beside the findings -----------------------------------------------------------------------------------------


def tuning(evaluation: Evaluated) -> Figure | None:
    """What the fine-tuned mediator wins against each prompted arm, by every measure."""
    tuned, rival = evaluation.tuned, evaluation.rival
    if tuned is None or rival is None:
        return None
    rivals = evaluation.prompted or [rival]
    marks = [mark for other in rivals for mark in _won(evaluation, tuned, other, row=f"against {other.name}")]
    title = f"Rounds that {tuned.name} wins"
    return _shares("finding-tuning", marks, Titles(title, f"{_SHARE}; a tie counts half"))


def reranking(evaluation: Evaluated) -> Figure | None:
    """What arms that a reward model chooses for win against one sample of the same writer."""
    marks = [
        mark
        for arm, plain in evaluation.reranked
        for mark in _won(evaluation, arm, plain, row=f"{arm.name}, {plain.name}")
    ]
    titles = Titles("Rounds that the chosen statement wins against one sample", f"{_SHARE}; a tie counts half")
    return _shares("finding-reranking", marks, titles)


def truth(evaluation: Evaluated) -> Figure | None:
    """Mean ratings and the truth, arm by arm."""
    marks = [
        Mark(measure_name(measure), _starred(arm), level.estimate.value, level.estimate.interval)
        for arm in evaluation.arms
        for measure in (RATED, TRUE)
        if (level := evaluation.level(arm.name, measure)) is not None
    ]
    return _dots("finding-truth", marks, Titles("Mean agreement, rated and true", _POINTS))


def _won(evaluation: Evaluated, arm: Arm, other: Arm, *, row: str) -> Iterator[Mark]:
    for measure in evaluation.measures:
        contest = evaluation.contest(arm.name, other.name, measure)
        if contest is not None:
            yield _share(measure_name(measure), row, contest.estimate)


def _share(series: str, row: str, of: Estimate) -> Mark:
    ends = None if of.interval is None else (100 * of.interval[0], 100 * of.interval[1])
    return Mark(series, row, 100 * of.value, ends)


def _starred(arm: Arm) -> str:
    return f"{arm.name} *" if arm.upper_bound else arm.name


# --- evaluations -------------------------------------------------------------------------------------------------


def wins(evaluation: Evaluated) -> Iterator[Figure]:
    """Shares of rounds won, a figure a measure and the questions' splits in it."""
    against = list(dict.fromkeys(row.against for row in evaluation.contests))
    over = f"over {against[0]}" if len(against) == 1 else "by each arm"
    for measure in evaluation.measures:
        rows = [row for row in evaluation.contests if row.measure == measure]
        marks = [_share(split_name(row.split), _row(row, against), row.estimate) for row in _by_split(evaluation, rows)]
        titles = Titles(f"Rounds won {over}: {measure_name(measure)}", f"{_SHARE}; a tie counts half")
        yield from _some(_shares(f"wins-{evaluation.stage}-{measure}", marks, titles))


def _row(contest: Contest, against: Sequence[str]) -> str:
    return contest.arm if len(against) == 1 else f"{contest.arm} over {contest.against}"


def _by_split(evaluation: Evaluated, rows: Sequence[Contest]) -> list[Contest]:
    return sorted(rows, key=lambda row: evaluation.splits.index(row.split) if row.split in evaluation.splits else 0)


def levels(evaluation: Evaluated) -> Iterator[Figure]:
    """Means of the arms, a figure a measure and the questions' splits in it."""
    for measure in evaluation.measures:
        marks = [
            Mark(split_name(split), _starred(arm), level.estimate.value, level.estimate.interval)
            for split in evaluation.splits
            for arm in evaluation.arms
            if (level := evaluation.level(arm.name, measure, split)) is not None
        ]
        name = measure_name(measure)
        titles = Titles(f"{name[:1].upper()}{name[1:]}, mean", _POINTS)
        yield from _some(_dots(f"levels-{evaluation.stage}-{measure}", marks, titles))


def best_of(evaluation: Evaluated) -> Iterator[Figure]:
    """The best of n samples by an arm's own scores: those scores, ratings and truth over n."""
    for arm in dict.fromkeys(row.arm for row in evaluation.best_of):
        marks = [
            Mark(measure_name(row.measure), float(row.n), row.estimate.value, row.estimate.interval)
            for row in evaluation.best_of
            if row.arm == arm
        ]
        titles = Titles(f"Best of N by its own scores: {arm}", _POINTS, "samples to choose from")
        words = f"Lines over the number of samples: {_in_words(marks)}"
        yield Figure(f"best-of-{evaluation.stage}-{arm}", curves(marks, titles, log=True), _alt(titles, words))


def exploits(evaluation: Evaluated) -> Figure | None:
    """Arms and exploits in the order of their mean rating, with the truth beside it."""
    if not evaluation.exploits:
        return None
    rated = [(arm, level) for arm in evaluation.arms if (level := evaluation.level(arm.name, RATED)) is not None]
    marks = []
    for arm, level in sorted(rated, key=lambda pair: -pair[1].estimate.value):
        row = f"{_starred(arm)} ({arm.writer})"
        marks.append(Mark(measure_name(RATED), row, level.estimate.value, level.estimate.interval))
        if (true := evaluation.level(arm.name, TRUE)) is not None:
            marks.append(Mark(measure_name(TRUE), row, true.estimate.value, true.estimate.interval))
    return _dots(f"ranks-{evaluation.stage}", marks, Titles("Arms and exploits by mean rating", _POINTS))


def iterations(results: LoopResults) -> Figure | None:
    """Mean agreement of what each fine-tuned mediator writes, by iteration; None where there is one alone."""
    marks = [
        Mark(
            measure_name(measure),
            f"iteration {arm.iteration}: {arm.name}",
            level.estimate.value,
            level.estimate.interval,
        )
        for arm, evaluation in _tuned_by_iteration(results)
        for measure in (RATED, TRUE)
        if (level := evaluation.level(arm.name, measure)) is not None
    ]
    if len({arm.iteration for arm, _ in _tuned_by_iteration(results)}) < 2:
        return None
    return _dots("by-iteration", marks, Titles("Fine-tuned mediators by iteration, mean agreement", _POINTS))


def _tuned_by_iteration(results: LoopResults) -> list[tuple[Arm, Evaluated]]:
    tuned = [(arm, each) for each in results.evaluations for arm in each.arms if arm.iteration and not arm.upper_bound]
    return sorted(tuned, key=lambda pair: pair[0].iteration or 0)


# --- training ----------------------------------------------------------------------------------------------------


def losses(training: Training) -> Figure | None:
    """Training and held-out loss over the steps, with the step whose weights were kept."""
    by_series = {"training": training.losses, "held out": training.held_out_losses}
    marks = [Mark(name, float(step), loss) for name, points in by_series.items() for step, loss in points]
    if len({mark.at for mark in marks}) < 2:
        return None
    kept = f"dashed: step {training.kept:,}, which was kept" if training.kept is not None else "not at its end yet"
    alone = [f"{name} examples; " for name, points in by_series.items() if len(points) == len(marks)]
    titles = Titles(f"Loss of {training.stage} ({training.kind})", f"{''.join(alone)}{kept}", "step")
    return Figure(f"loss-{training.stage}", curves(marks, titles, kept=training.kept), _alt(titles, _in_words(marks)))


def reliability(training: Training) -> Figure | None:
    """What a reward model expected of held-out statements, and how people rated them."""
    if not training.reliability:
        return None
    marks = [Mark("ratings", row.predicted, row.rating.value, row.rating.interval) for row in training.reliability]
    titles = Titles(
        f"Calibration of {training.stage}", "held-out ratings, by what was expected", "expected rating", "mean rating"
    )
    return Figure(f"reliability-{training.stage}", against_diagonal(marks, titles), _alt(titles, _in_words(marks)))


def accuracies(trainings: Sequence[Training], evaluations: Sequence[Evaluated]) -> Figure | None:
    """Pairs of statements in a person's own order: of held-out questions, and of evaluations."""
    rows = [(training.stage, row) for training in trainings for row in training.accuracies]
    rows += [(evaluation.stage, row) for evaluation in evaluations for row in evaluation.accuracies]
    marks = [_accuracy(stage, row) for stage, row in rows]
    return _shares("accuracies", marks, Titles("Pairs in a person’s own order", "%, with 95% intervals"))


def _accuracy(stage: str, row: PairAccuracy) -> Mark:
    return _share("pairs", f"{stage}: {row.of}", row.estimate)


# --- words -------------------------------------------------------------------------------------------------------


def _some(figure: Figure | None) -> Iterator[Figure]:
    if figure is not None:
        yield figure


def _dots(key: str, marks: Marks, titles: Titles) -> Figure | None:
    return Figure(key, dots(marks, titles), _alt(titles, _in_words(marks))) if marks else None


def _shares(key: str, marks: Marks, titles: Titles) -> Figure | None:
    """Per cent, beside one half."""
    return Figure(key, dots(marks, titles, rule=50, ends=(0, 100)), _alt(titles, _in_words(marks))) if marks else None


def _alt(titles: Titles, words: str) -> str:
    """A figure in words, for those who cannot see it."""
    return f"Chart. {titles.title}, {titles.subtitle}. {words}"


def _in_words(marks: Marks) -> str:
    clauses = []
    for series in dict.fromkeys(mark.series for mark in marks):
        of_series = [mark for mark in marks if mark.series == series]
        told = of_series if len(of_series) <= _MOST_SAID else [of_series[0], of_series[-1]]
        clauses.append(f"{series}: {', '.join(map(_number_in_words, told))}")
    return f"{'; '.join(clauses)}."


def _number_in_words(mark: Mark) -> str:
    place = mark.at if isinstance(mark.at, str) else f"{mark.at:g}"
    return f"{place} {mark.value:.3g}"
