"""The page of a loop as one HTML file that asks nothing of the network, and rounds of it as Markdown to be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from simcons.report.chapter import Chapter
from simcons.report.loops import data_tables, figures
from simcons.report.loops.findings import LoopFinding, cautions, findings, scope
from simcons.report.loops.results import Evaluated, LoopResults, RoundShown
from simcons.report.page import Figure, Opening, templates
from simcons.report.palette import page_colours
from simcons.visible import visible, visible_line, visible_markdown

ON_PAGE = 10  # rounds that the page shows; rounds.md has all that were chosen

_MARKS = re.compile(r"([\\`*_\[\]#|~])")
_LIST = re.compile(r"^(\d+)([.)])|^([-+=])")


def render(results: LoopResults) -> str:
    """The HTML document."""
    page = templates().get_template("loop.html.j2")
    text = page.render(
        results=results,
        title=f"Loop {results.name}",
        scope=scope(results),
        openings=[_opening(results, finding) for finding in findings(results)],
        cautions=cautions(results),
        chapters=[chapter for chapter in _chapters(results) if chapter.figures or chapter.tables],
        rounds=results.rounds[:ON_PAGE],
        stages=data_tables.stages(results),
        lessons=data_tables.lessons(results),
        colours=page_colours(),
        ratings=ratings_in_words,
    )
    return visible(text)


def render_rounds(results: LoopResults) -> str:
    """All rounds that were chosen, as Markdown."""
    text = (
        templates().get_template("rounds.md.j2").render(results=results, plain=plain_markdown, ratings=ratings_in_words)
    )
    return visible_markdown(text)


def _opening(results: LoopResults, finding: LoopFinding) -> Opening:
    draw = {
        "tuning": figures.tuning,
        "reranking": figures.reranking,
        "truth": figures.truth,
        "room": figures.room,
    }[finding.topic]
    return Opening(finding.sentence, figure=draw(results.last) if results.last is not None else None)


def _chapters(results: LoopResults) -> Iterator[Chapter]:
    for evaluation in reversed(results.evaluations):
        yield from _of_evaluation(evaluation, alone=len(results.evaluations) == 1)
    drawn = _there([figures.iterations(results)])
    yield Chapter("iterations", "Iteration after iteration", drawn, [])
    trainings = results.trainings
    yield Chapter(
        "training",
        "Training",
        _there(figures.losses(training) for training in trainings),
        [data_tables.losses(training) for training in trainings],
        [f"All losses, the learning rate and gradients over the steps: tensorboard --logdir {results.logs}"]
        if trainings
        else (),
    )
    drawn = _there([figures.accuracies(trainings, results.evaluations), *map(figures.reliability, trainings)])
    numbers = [*data_tables.accuracies(results), *data_tables.accuracy_differences(results.evaluations)]
    yield Chapter("reward", "Reward models", drawn, numbers)


def _of_evaluation(evaluation: Evaluated, *, alone: bool) -> Iterator[Chapter]:
    key, of = evaluation.stage, "" if alone else f" ({evaluation.stage.replace('_', ' ')})"
    size = f"{evaluation.n_rounds:,} rounds of {evaluation.n_groups:,} groups."
    yield Chapter(
        f"wins-{key}",
        f"Rounds won{of}",
        list(figures.wins(evaluation)),
        list(data_tables.contests(evaluation)),
        [size],
    )
    yield Chapter(f"levels-{key}", f"Means{of}", list(figures.levels(evaluation)), list(data_tables.levels(evaluation)))
    yield Chapter(
        f"best-of-{key}",
        f"Best of N{of}",
        list(figures.best_of(evaluation)),
        list(data_tables.best_of(evaluation)),
    )
    yield Chapter(f"exploits-{key}", f"Among the exploits{of}", _there([figures.exploits(evaluation)]), [])


def _there(drawn: Iterable[Figure | None]) -> list[Figure]:
    return [figure for figure in drawn if figure is not None]


# --- rounds ------------------------------------------------------------------------------------------------------


def plain_markdown(text: str) -> str:
    """Text of people and models on one line, with nothing in it that Markdown would take for a sign."""
    line = _MARKS.sub(r"\\\1", visible_line(text))
    return _LIST.sub(lambda match: f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[3]}", line)


def ratings_in_words(shown: RoundShown, place: int) -> str:
    """Ratings of a statement in the order of the opinions, their mean, and the truth: ``5, 4, –: mean 4.5, true 4.2``."""
    statement = shown.statements[place]
    each = ", ".join("–" if rating is None else f"{rating:g}" for rating in statement.ratings)
    if statement.others:
        each += f"; without an opinion {', '.join(f'{rating:g}' for rating in statement.others)}"
    mean = "no rating" if statement.rated is None else f"mean {statement.rated:.2f}"
    return f"{each or '–'}: {mean}{'' if statement.true is None else f', true {statement.true:.2f}'}"
