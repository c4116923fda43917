"""The page of minds and simulated crowds held against people, as an HTML file that asks nothing of the network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from simcons.analysis.belief.correlations import Correlation
from simcons.analysis.belief.crowds import Belief
from simcons.analysis.belief.effects import Effect
from simcons.report.belief import (
    NOT_TESTED,
    baseline_sentences,
    belief_tables,
    conduct_sentences,
    effect_sentences,
    mind_sentences,
    spread_sentences,
)
from simcons.report.belief_verdict import HELD_OUT, verdict_sentences
from simcons.report.charts import Frame, Mark, numbers, points
from simcons.report.page import FIRST, Figure, Opening, templates
from simcons.report.palette import page_colours
from simcons.report.tables import DataTable, plain
from simcons.storage.disk import storage_errors, write_whole
from simcons.visible import visible

_CAUTIONS = (
    "No mind can follow people's ratings better than people do their own: whoever rates a text twice gives two answers."
    " Where people rated once it is not known how high r could be.",
    "What was learnt of these people and their questions need not hold of others.",
    "Whoever tries many minds and takes the one that fits best has fitted it to these people: try it on others.",
)


def belief_page(belief: Belief, *, name: str, source: str) -> str:
    """The HTML document. name, source: of the imported study."""
    figures = {figure.key: figure for figure in _figures(belief)}
    openings = list(_openings(belief, figures))
    about = f"{belief.n_people:,} people, {belief.n_ratings:,} ratings of {belief.scale}. {source.rstrip('.')}."
    page = templates().get_template("belief.html.j2")
    return visible(
        page.render(
            title=f"{name}: whom to believe",
            about=about,
            openings=openings[:FIRST],
            cautions=_CAUTIONS if belief.minds else (NOT_TESTED, *_CAUTIONS),
            more=[opening.sentence for opening in openings[FIRST:]],
            figures=[each for each in figures.values() if each not in [opening.figure for opening in openings]],
            tables=list(_tables(belief)),
            colours=page_colours(),
        )
    )


def _openings(belief: Belief, figures: Mapping[str, Figure]) -> Iterator[Opening]:
    """The first sentence of each kind with its figure, then all others."""
    kinds = (
        (_of_minds(belief) if belief.minds else baseline_sentences(belief), figures.get("correlations")),
        (effect_sentences(belief), figures.get("effects")),
        (chain(spread_sentences(belief), conduct_sentences(belief)), None),
    )
    told = [([*sentences], figure) for sentences, figure in kinds]
    for sentences, figure in told:
        yield from (Opening(sentence, figure=figure) for sentence in sentences[:1])
    yield from (Opening(sentence) for sentences, _ in told for sentence in sentences[1:])


def _of_minds(belief: Belief) -> Iterator[str]:
    yield from verdict_sentences(belief)
    yield from mind_sentences(belief)


def write_belief_page(path: Path, html: str) -> None:
    """Raises StorageError."""
    with storage_errors(path):
        write_whole(path, html.encode())


def _tables(belief: Belief) -> Iterator[DataTable]:
    for place, table in enumerate(belief_tables(belief), start=1):
        yield plain(table, f"believe-{place}")


def _figures(belief: Belief) -> Iterator[Figure]:
    correlations = [*belief.baselines, *(one.correlation for one in belief.minds)]
    if any(one.r for one in correlations):
        yield _correlations(correlations, belief.scale)
    if any(estimate for effect in belief.effects for estimate in effect.by.values()):
        yield _effects(belief.effects, belief.scale)


def _correlations(given: Sequence[Correlation], scale: str) -> Figure:
    marks = [Mark.of(HELD_OUT[one.held_out], one.r, row=one.name) for one in given if one.r is not None]
    told = f"r with people’s {scale}, with 95% intervals"
    frame = Frame("What ratings follow from", told, list(HELD_OUT.values()), reference=0.0)
    return _figure("correlations", marks, frame, "")


def _effects(given: Sequence[Effect], scale: str) -> Figure:
    marks = [
        Mark.of(who, estimate, row=effect.what)
        for effect in given
        for who, estimate in effect.by.items()
        if estimate is not None
    ]
    series = list(dict.fromkeys(mark.series for mark in marks))
    frame = Frame("What is known of ratings", f"points of {scale}, with 95% intervals", series, reference=0.0)
    return _figure("effects", marks, frame, "points")


def _figure(key: str, marks: Sequence[Mark], frame: Frame, unit: str) -> Figure:
    told = "; ".join(f"{mark.row}, {mark.series}: {mark.value:.2f}" for mark in marks)
    return Figure(key, points(marks, frame), f"Chart. {frame.title}, {frame.subtitle}. {told}.", numbers(marks, unit))
