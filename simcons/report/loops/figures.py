"""The figures of a loop, chapter by chapter; none where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from simcons.analysis.resampling import Estimate
from simcons.languages.text import as_sentence
from simcons.report.charts import Frame, Mark, lines, numbers, points
from simcons.report.loops.results import ALL, HELD_OUT, RATED, TRUE, UNANIMOUS, Arm, Evaluated, LoopResults, Training
from simcons.report.page import Figure

Marks: TypeAlias = list[Mark]

_MOST_SAID = 12  # numbers of a series in words: of more, the ends
_SHARE = "% of rounds, with 95% intervals"
_POINTS = "points of the scale 1-7, with 95% intervals"
_PARTS = {
    ALL: "all rounds",
    "iid_test": "topics learnt from",
    HELD_OUT: "topics held out",
    "divisive": "divisive rounds",
    "not divisive": "rounds that are not divisive",
}
_DRAWN = (RATED, TRUE, "lowest", "quality")  # measures of contests in figures; tables have all
_MEASURES = {
    RATED: "rated agreement",
    "median": "median agreement in the group",
    "lowest": "lowest agreement in the group",
    UNANIMOUS: "rounds in which everybody agrees",
    "quality": "rated quality",
    TRUE: "true agreement",
    "proxy": "its own score",
    "rating": "rated agreement",
    "truth": "true agreement",
}


def measure_name(measure: str) -> str:
    """A measure as figures and tables print it."""
    return _MEASURES.get(measure, measure.replace("_", " "))


def part_name(part: str) -> str:
    """A kind of rounds as figures and tables print it."""
    return _PARTS.get(part, part.replace("_", " "))


# --- beside the findings -----------------------------------------------------------------------------------------


def tuning(evaluation: Evaluated) -> Figure | None:
    """The rounds that the fine-tuned mediator wins against each prompted arm, by every measure."""
    tuned, rival = evaluation.tuned, evaluation.rival
    if tuned is None or rival is None:
        return None
    rivals = evaluation.prompted or [rival]
    marks = [mark for other in rivals for mark in _won(evaluation, tuned, other, row=f"against {other.name}")]
    return _shares("finding-tuning", marks, f"Rounds that {tuned.name} wins", f"{_SHARE}; a tie counts half")


def reranking(evaluation: Evaluated) -> Figure | None:
    """The rounds that arms with a reward model win against one sample of the same writer."""
    plain_arms = dict.fromkeys(plain.name for _, plain in evaluation.reranked)
    alone = len(plain_arms) == 1
    marks = [
        mark
        for arm, plain in evaluation.reranked
        for mark in _won(evaluation, arm, plain, row=arm.name if alone else f"{arm.name} v. {plain.name}")
    ]
    title = f"Rounds won over one sample{f' ({next(iter(plain_arms))})' if alone else ''}"
    return _shares("finding-reranking", marks, title, f"{_SHARE}; a tie counts half")


def truth(evaluation: Evaluated) -> Figure | None:
    """Mean ratings and the truth, mediator by mediator."""
    marks = [
        Mark.of(measure_name(measure), level.estimate, row=_starred(arm))
        for arm in evaluation.mediators
        for measure in (RATED, TRUE)
        if (level := evaluation.level(arm.name, measure)) is not None
    ]
    return _dots("finding-truth", marks, "Mean agreement, rated and true", _POINTS)


def room(evaluation: Evaluated) -> Figure | None:
    """The rounds that the loop's own arm wins, and those that choosing by the truth does."""
    own, before = evaluation.trained, evaluation.before
    if own is None or before is None:
        return None
    marks = [
        _share(measure_name(measure), _starred(arm), contest.estimate)
        for arm in (own, *evaluation.bounds)
        for measure in (RATED, TRUE)
        if (contest := evaluation.contest(arm.name, before.name, measure)) is not None
    ]
    return _shares("finding-room", marks, f"Rounds won over {before.name}", f"{_SHARE}; * saw the truth")


def _won(evaluation: Evaluated, arm: Arm, other: Arm, *, row: str) -> Iterator[Mark]:
    for measure in _DRAWN:
        contest = evaluation.contest(arm.name, other.name, measure)
        if contest is not None:
            yield _share(measure_name(measure), row, contest.estimate)


def _share(series: str, row: str, of: Estimate) -> Mark:
    return Mark.of(series, of, row=row, scale=100)


def _starred(arm: Arm) -> str:
    return f"{arm.name} *" if arm.upper_bound else arm.name


# --- evaluations -------------------------------------------------------------------------------------------------


def wins(evaluation: Evaluated) -> Iterator[Figure]:
    """Shares of rounds that mediators win over each arm they are held against: by measure, and by kind of round."""
    rows_of = {arm.name: _starred(arm) for arm in evaluation.mediators}
    for against in dict.fromkeys(row.against for row in evaluation.contests):
        rows = [row for row in evaluation.contests if row.against == against and row.arm in rows_of]
        by_measure = [
            _share(measure_name(row.measure), rows_of[row.arm], row.estimate)
            for measure in _DRAWN
            for row in rows
            if (row.part, row.measure) == (ALL, measure)
        ]
        key, title = f"wins-{evaluation.stage}-{against}", f"Rounds won over {against}"
        yield from _some(_shares(key, by_measure, title, f"{_SHARE}; a tie counts half"))
        if len(evaluation.parts) > 1:
            by_part = [
                _share(part_name(part), rows_of[row.arm], row.estimate)
                for part in evaluation.parts
                for row in rows
                if (row.part, row.measure) == (part, RATED)
            ]
            yield from _some(
                _shares(f"{key}-parts", by_part, f"{title}, by kind of round", f"rated agreement, {_SHARE}")
            )


def levels(evaluation: Evaluated) -> Iterator[Figure]:
    """Means of the mediators over all rounds, a figure a measure; agreement also by kind of round."""
    for measure in evaluation.measures:
        name = measure_name(measure)
        title = f"{as_sentence(name)}{'' if measure == UNANIMOUS else ', mean'}"
        yield from _some(_means(f"levels-{evaluation.stage}-{measure}", evaluation, measure, [ALL], title))
    if len(evaluation.parts) > 1:
        for measure in (RATED, TRUE):
            title, key = f"Mean {measure_name(measure)}, by kind of round", f"levels-{evaluation.stage}-{measure}-parts"
            yield from _some(_means(key, evaluation, measure, evaluation.parts, title))


def _means(key: str, evaluation: Evaluated, measure: str, parts: Sequence[str], title: str) -> Figure | None:
    rows = [
        (part, arm, level.estimate)
        for part in parts
        for arm in evaluation.mediators
        if (level := evaluation.level(arm.name, measure, part)) is not None
    ]
    if measure == UNANIMOUS:
        marks = [_share(part_name(part), _starred(arm), of) for part, arm, of in rows]
        return _shares(key, marks, title, _SHARE, reference=None)
    return _dots(key, [Mark.of(part_name(part), of, row=_starred(arm)) for part, arm, of in rows], title, _POINTS)


def best_of(evaluation: Evaluated) -> Iterator[Figure]:
    """The best of n samples by an arm's own scores: those scores, ratings and truth over n."""
    for arm in dict.fromkeys(row.arm for row in evaluation.best_of):
        marks = [
            Mark.of(measure_name(row.measure), row.estimate, x=float(row.n))
            for row in evaluation.best_of
            if row.arm == arm
        ]
        frame = _frame(marks, f"Best of N by its own scores: {arm}", _POINTS, x_title="samples to choose from")
        alt = _alt(frame, f"Lines over the number of samples: {_in_words(marks)}")
        data = numbers(marks, "points", over="samples")
        yield Figure(f"best-of-{evaluation.stage}-{arm}", lines(marks, frame, log_x=True), alt, data)


def exploits(evaluation: Evaluated) -> Figure | None:
    """Arms and exploits in the order of their mean rating, with the truth beside it."""
    if not evaluation.exploits:
        return None
    rated = [(arm, level) for arm in evaluation.arms if (level := evaluation.level(arm.name, RATED)) is not None]
    marks = []
    for arm, level in sorted(rated, key=lambda pair: -pair[1].estimate.value):
        row = f"{_starred(arm)} ({arm.writer})"
        marks.append(Mark.of(measure_name(RATED), level.estimate, row=row))
        if (true := evaluation.level(arm.name, TRUE)) is not None:
            marks.append(Mark.of(measure_name(TRUE), true.estimate, row=row))
    return _dots(f"ranks-{evaluation.stage}", marks, "Arms and exploits by mean rating", _POINTS)


def iterations(results: LoopResults) -> Figure | None:
    """Mean agreement of what each fine-tuned mediator writes, by iteration; None where there is one alone."""
    marks = [
        Mark.of(measure_name(measure), level.estimate, row=f"iteration {arm.iteration}: {arm.name}")
        for arm, evaluation in _tuned_by_iteration(results)
        for measure in (RATED, TRUE)
        if (level := evaluation.level(arm.name, measure)) is not None
    ]
    if len({arm.iteration for arm, _ in _tuned_by_iteration(results)}) < 2:
        return None
    return _dots("by-iteration", marks, "Fine-tuned mediators by iteration, mean agreement", _POINTS)


def _tuned_by_iteration(results: LoopResults) -> list[tuple[Arm, Evaluated]]:
    tuned = [(arm, each) for each in results.evaluations for arm in each.arms if arm.iteration and not arm.upper_bound]
    return sorted(tuned, key=lambda pair: pair[0].iteration or 0)


# --- training ----------------------------------------------------------------------------------------------------


def losses(training: Training) -> Figure | None:
    """Training and held-out loss over the steps, with the step whose weights were kept."""
    by_series = {"training": training.losses, "held out": training.held_out_losses}
    marks = [Mark(name, loss, x=float(step)) for name, steps in by_series.items() for step, loss in steps]
    if len({mark.x for mark in marks}) < 2:
        return None
    kept = f"dashed: step {training.kept:,}, which was kept" if training.kept is not None else "not at its end yet"
    alone = [f"{name} examples; " for name, steps in by_series.items() if len(steps) == len(marks)]
    frame = _frame(marks, f"Loss of {training.stage} ({training.kind})", f"{''.join(alone)}{kept}", x_title="step")
    drawn, data = lines(marks, frame, upright=training.kept), numbers(marks, "loss", over="step")
    return Figure(f"loss-{training.stage}", drawn, _alt(frame, _in_words(marks)), data)


def reliability(training: Training) -> Figure | None:
    """The ratings that a reward model expected of held-out statements, and those that people gave."""
    if not training.reliability:
        return None
    marks = [Mark.of("ratings", row.rating, x=row.predicted) for row in training.reliability]
    unit = "mean of held-out ratings, with 95% intervals"
    frame = _frame(
        marks, f"Calibration of {training.stage}", unit, x_title="expected rating (dashed: right on average)"
    )
    drawn, data = lines(marks, frame, diagonal=True), numbers(marks, "points", over="expected")
    return Figure(f"reliability-{training.stage}", drawn, _alt(frame, _in_words(marks)), data)


def accuracies(trainings: Sequence[Training], evaluations: Sequence[Evaluated]) -> Figure | None:
    """Pairs of statements in a person's own order: of held-out questions, and of evaluations."""
    rows = [(training.stage, row) for training in trainings for row in training.accuracies]
    rows += [(evaluation.stage, row) for evaluation in evaluations for row in evaluation.accuracies]
    marks = [
        _share("by truth" if row.true else "by ratings", f"{row.by}, {row.statements}", row.estimate) for _, row in rows
    ]
    marks = list(dict.fromkeys(marks))  # two that learn from the same data have the longest there in common
    return _shares("accuracies", marks, "Pairs in a person’s own order", "%, with 95% intervals")


# --- words -------------------------------------------------------------------------------------------------------


def _some(figure: Figure | None) -> Iterator[Figure]:
    if figure is not None:
        yield figure


def _dots(key: str, marks: Marks, title: str, unit: str) -> Figure | None:
    return _drawn(key, marks, _frame(marks, title, unit)) if marks else None


def _shares(key: str, marks: Marks, title: str, unit: str, *, reference: float | None = 50) -> Figure | None:
    """Per cent, by default beside one half."""
    frame = replace(_frame(marks, title, unit), reference=reference, domain=(0, 100))
    return _drawn(key, marks, frame) if marks else None


def _drawn(key: str, marks: Marks, frame: Frame) -> Figure:
    return Figure(key, points(marks, frame), _alt(frame, _in_words(marks)), numbers(marks, frame.subtitle))


def _frame(marks: Marks, title: str, unit: str, *, x_title: str = "") -> Frame:
    return Frame(title, unit, list(dict.fromkeys(mark.series for mark in marks)), x_title=x_title)


def _alt(frame: Frame, words: str) -> str:
    """A figure in words, for those who cannot see it."""
    return f"Chart. {frame.title}, {frame.subtitle}. {words}"


def _in_words(marks: Marks) -> str:
    clauses = []
    for series in dict.fromkeys(mark.series for mark in marks):
        of_series = [mark for mark in marks if mark.series == series]
        told = of_series if len(of_series) <= _MOST_SAID else [of_series[0], of_series[-1]]
        clauses.append(f"{series}: {', '.join(map(_number_in_words, told))}")
    return f"{'; '.join(clauses)}."


def _number_in_words(mark: Mark) -> str:
    return f"{mark.row or f'{mark.x:g}'} {mark.value:.3g}"
