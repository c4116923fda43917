"""The figures of a loop, chapter by chapter; none where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from simcons.analysis.resampling import Estimate
from simcons.report.loops.drawing import Mark, Titles, against_diagonal, curves, dots
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
    for measure in _DRAWN:
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
    """Shares of rounds won over each arm that others are held against: by measure, and by kind of round."""
    for against in dict.fromkeys(row.against for row in evaluation.contests):
        rows = [row for row in evaluation.contests if row.against == against]
        by_measure = [
            _share(measure_name(row.measure), row.arm, row.estimate)
            for measure in _DRAWN
            for row in rows
            if (row.part, row.measure) == (ALL, measure)
        ]
        titles = Titles(f"Rounds won over {against}", f"{_SHARE}; a tie counts half")
        yield from _some(_shares(f"wins-{evaluation.stage}-{against}", by_measure, titles))
        if len(evaluation.parts) > 1:
            by_part = [
                _share(part_name(part), row.arm, row.estimate)
                for part in evaluation.parts
                for row in rows
                if (row.part, row.measure) == (part, RATED)
            ]
            titles = Titles(f"Rounds won over {against}, by kind of round", f"rated agreement, {_SHARE}")
            yield from _some(_shares(f"wins-{evaluation.stage}-{against}-parts", by_part, titles))


def levels(evaluation: Evaluated) -> Iterator[Figure]:
    """Means of the arms over all rounds, a figure a measure; agreement also by kind of round."""
    for measure in evaluation.measures:
        name = measure_name(measure)
        titles = Titles(f"{name[:1].upper()}{name[1:]}{'' if measure == UNANIMOUS else ', mean'}", _unit(measure))
        yield from _some(_means(f"levels-{evaluation.stage}-{measure}", evaluation, measure, [ALL], titles))
    if len(evaluation.parts) > 1:
        for measure in (RATED, TRUE):
            titles = Titles(f"Mean {measure_name(measure)}, by kind of round", _POINTS)
            key = f"levels-{evaluation.stage}-{measure}-parts"
            yield from _some(_means(key, evaluation, measure, evaluation.parts, titles))


def _means(key: str, evaluation: Evaluated, measure: str, parts: Sequence[str], titles: Titles) -> Figure | None:
    rows = [
        (part, arm, level.estimate)
        for part in parts
        for arm in evaluation.arms
        if (level := evaluation.level(arm.name, measure, part)) is not None
    ]
    if measure == UNANIMOUS:
        return _shares(key, [_share(part_name(part), _starred(arm), of) for part, arm, of in rows], titles, rule=None)
    return _dots(key, [Mark(part_name(part), _starred(arm), of.value, of.interval) for part, arm, of in rows], titles)


def _unit(measure: str) -> str:
    return _SHARE if measure == UNANIMOUS else _POINTS


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
    marks = [
        _share("by truth" if row.true else "by ratings", f"{row.by}, {row.statements}", row.estimate) for _, row in rows
    ]
    return _shares("accuracies", marks, Titles("Pairs in a person’s own order", "%, with 95% intervals"))


# --- words -------------------------------------------------------------------------------------------------------


def _some(figure: Figure | None) -> Iterator[Figure]:
    if figure is not None:
        yield figure


def _dots(key: str, marks: Marks, titles: Titles) -> Figure | None:
    return Figure(key, dots(marks, titles), _alt(titles, _in_words(marks))) if marks else None


def _shares(key: str, marks: Marks, titles: Titles, *, rule: float | None = 50) -> Figure | None:
    """Per cent, by default beside one half."""
    return Figure(key, dots(marks, titles, rule=rule, ends=(0, 100)), _alt(titles, _in_words(marks))) if marks else None


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
