"""The pages of comparisons and gates as HTML files that ask nothing of the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from simcons.counted import listed
from simcons.experiments.compare.examples import ChangedRound
from simcons.experiments.compare.run import Comparison
from simcons.experiments.compare.scores import EVERYBODY
from simcons.experiments.gate.pools import WORSE, SelfCheck
from simcons.experiments.gate.run import GateResult
from simcons.report.chapter import Chapter, unshown
from simcons.report.charts import Frame, Mark, numbers, points
from simcons.report.compare import (
    NOTE,
    camps_in_words,
    changes,
    heading,
    judged,
    looks_in_words,
    pairing_in_words,
    tables,
    verdicts_in_words,
)
from simcons.report.compare_figures import metric_figure, overall_figures, subset_figure, world_figures
from simcons.report.few_people import PEOPLE_TITLE, people_findings
from simcons.report.gate import (
    budget_table,
    in_other_worlds,
    metric_table,
    self_check_findings,
    self_check_table,
    unnoticed,
    verdict,
    worse_table,
)
from simcons.report.other_worlds import world_lines, world_notes, world_verdicts
from simcons.report.page import FIRST, Figure, Opening, templates
from simcons.report.palette import page_colours
from simcons.report.tables import plain
from simcons.visible import visible

_NOT_TRIED = (
    "The verdict may rest on what is assumed of people: nothing else was tried. --worlds people tries it, or worlds: people in a"
    " gate's file."
)
_SYNTHETIC = (
    "These are synthetic people, and real ones need not prefer what they prefer. What holds here is worth asking people about;"
    " it is no proof of what they would say."
)


@dataclass(frozen=True, slots=True)
class Page:
    """All that a page shows, in its order."""

    title: str
    openings: Sequence[Opening]
    cautions: Sequence[str]
    more: Sequence[str]
    chapters: Sequence[Chapter]
    rounds: Sequence[ChangedRound] = ()
    settings: Sequence[tuple[str, str]] = ()
    changes: Sequence[str] = field(default=())
    with_people: bool = False
    asked: str = ""  # the change, where it is a short one


# --- comparisons ---------------------------------------------------------------------------------------------------


def comparison_page(result: Comparison) -> str:
    """The HTML document of a comparison."""
    return _rendered(_of_comparison(result, heading(result), ()))


def gate_page(result: GateResult) -> str:
    """The HTML document of a gate: its decision and metrics, then the comparison that it rests on."""
    estimates = [
        (check.metric.label, check.metric.measure, check.difference)
        for check in result.metrics
        if check.difference is not None
    ]
    figures = [figure for unit in ("points", "share") for figure in metric_figure(estimates, unit)]
    tables_ = [plain(metric_table(result), "metrics")]
    tables_ += [plain(budget_table(result), "budgets")] if result.budgets else []
    worlds = in_other_worlds(result)
    opening = Opening(verdict(result), worlds or "", figure=figures[0] if figures else None)
    page = _of_comparison(
        result.comparison, f"Gate {result.settings.name}", [opening], Chapter("metrics", "Metrics", figures, tables_)
    )
    cautions = [each for each in (unnoticed(result),) if each is not None]
    return _rendered(replace(page, cautions=[*cautions, *page.cautions]))


def _of_comparison(result: Comparison, title: str, first: Sequence[Opening], *chapters: Chapter) -> Page:
    openings = [*first, *_openings(result)]
    more = [opening.sentence for opening in openings[FIRST:]]
    more += [pairing_in_words(result), *([looks_in_words(result)] if result.looks else [])]
    return Page(
        title,
        openings[:FIRST],
        [*([] if result.worlds else [_NOT_TRIED]), _SYNTHETIC],
        more,
        [unshown(chapter, openings[:FIRST]) for chapter in (*chapters, *_chapters(result))],
        result.examples,
        list(_settings(result)),
        list(changes(result)),
        with_people=result.people is not None,
        asked=_asked(result.pairing.changes),
    )


def _asked(settings: Sequence[str]) -> str:
    return f"The change: {'; '.join(settings)}." if 0 < len(settings) <= FIRST else ""


def _openings(result: Comparison) -> Iterator[Opening]:
    """What a few people say; other worlds; then, by arm, the verdicts, and the camps."""
    if result.people is not None:
        first, *cautions = people_findings(result.people)
        yield Opening(first, " ".join(cautions))
    if result.worlds:
        told, notes = " ".join(world_verdicts(result)), " ".join(world_notes(result))
        yield Opening(told or notes, notes if told else "", figure=next(world_figures(result), None))
    arms = [arm.name for arm in result.pairing.arms]
    by_arm = {arm: [row for row in result.rows if row.arm == arm] for arm in arms}
    for arm, rows in by_arm.items():
        overall = [row for row in rows if row.subset == EVERYBODY]
        yield Opening(_of_arm(verdicts_in_words(overall), arm, arms), figure=next(overall_figures(overall, arm), None))
    for arm, rows in by_arm.items():
        if (camps := camps_in_words(rows)) is not None:
            yield Opening(_of_arm(camps, arm, arms), figure=next(subset_figure(rows, arm), None))


def _of_arm(sentence: str, arm: str, arms: Sequence[str]) -> str:
    return f"{arm}: {sentence}" if len(arms) > 1 else sentence


def _chapters(result: Comparison) -> Iterator[Chapter]:
    shown = {table.title: table for table in tables(result)}
    overall, *others = shown.values()
    worlds = [table for table in others if table.title.startswith("In other worlds")]
    rest = {table.title: table for table in others if table not in worlds}
    arms = [arm.name for arm in result.pairing.arms]
    figures = [figure for arm in arms for figure in overall_figures(result.overall, arm)]
    yield Chapter("differences", "All rounds and people", figures, [plain(overall, "differences")], [NOTE])
    if PEOPLE_TITLE in rest:
        yield Chapter("people", PEOPLE_TITLE, tables=[plain(rest[PEOPLE_TITLE], "people")])
    if worlds:
        named = [plain(table, f"world-{place}") for place, table in enumerate(worlds, start=1)]
        facts = list(world_lines(result.worlds))
        yield Chapter("worlds", "In other worlds", list(world_figures(result)), named, facts=facts)
    by_people = [figure for arm in arms for figure in subset_figure(result.rows, arm)]
    for key, figures_ in (("By people and rounds", by_people), ("What a round takes", [])):
        if key in rest:
            name = key.lower().replace(" ", "-")
            yield Chapter(name, key, figures_, [plain(rest[key], name)])


def _settings(result: Comparison) -> Iterator[tuple[str, str]]:
    pairing = result.pairing
    yield "base", pairing.base.name
    yield "change", pairing.change.name
    yield "seed", str(pairing.base.seed)
    yield "groups", f"{result.n_groups:,}"
    yield "arms compared", listed([arm.name for arm in pairing.arms])
    yield "measures", listed(list(dict.fromkeys(row.measure.name for row in result.overall)))
    yield "folder", str(result.folder)


# --- self-checks ---------------------------------------------------------------------------------------------------


def self_check_page(result: SelfCheck) -> str:
    """The HTML document of a gate's self-check: how often it stops no harm, and lets harm through."""
    told, figure = list(self_check_findings(result)), _stopped_figure(result)
    table = plain(self_check_table(result), "self-check")
    settings = [
        ("gate", result.settings.name),
        ("rule", result.settings.rule),
        ("alpha", f"{result.settings.alpha:g}"),
        ("groups of a run", f"{result.n_groups:,}"),
        ("groups drawn from", f"{result.n_pool:,}"),
        ("folder", str(result.folder)),
    ]
    openings = [Opening(told[0], " ".join(told[1:]), figure=figure)]
    note = "Runs are drawn from groups of these runs: what another population would do they do not show."
    chapters = [Chapter("trials", "Runs whose truth is known", tables=[table])]
    if result.worse:
        worse = worse_table(result)
        chapters.append(Chapter(WORSE, worse.title, tables=[plain(worse, WORSE)], notes=[worse.note]))
    title = f"Gate {result.settings.name}: how often it errs"
    return _rendered(Page(title, openings, [note], (), chapters, settings=settings))


def _stopped_figure(result: SelfCheck) -> Figure:
    """The shares of runs that are stopped, by where harm was planted, a series a size of harm."""
    marks = []
    for each in result.trials:
        low, high = (100 * end for end in each.stopped.interval or (each.stopped.value, each.stopped.value))
        where = {"even": "every group", "rare": "one group of ten"}.get(each.planted, "")
        row = f"{each.metric}: {where}" if each.metric else "no harm"
        sizes = f"{each.times:g} margin{'' if each.times == 1 else 's'} lost" if each.times else "none lost"
        marks.append(Mark(sizes, 100 * each.stopped.value, low, high, row=row))
    for worse in result.worse:
        low, high = (100 * end for end in worse.stopped.interval or (worse.stopped.value, worse.stopped.value))
        marks.append(Mark("a change known to be worse", 100 * worse.stopped.value, low, high, row=worse.name))
    series = list(dict.fromkeys(mark.series for mark in marks))
    level = 100 * result.settings.alpha
    under = f"% of {result.trials[0].n_runs:,} runs, 95% intervals; dashed: {level:g}%"
    frame = Frame("Runs that the gate stops", under, series, reference=level, domain=(0, 100))
    told = "; ".join(f"{mark.row}, {mark.series}: {mark.value:.0f}" for mark in marks)
    return Figure("stopped", points(marks, frame), f"Chart. {frame.title}, {under}. {told}.", numbers(marks, "%"))


def _rendered(page: Page) -> str:
    template = templates().get_template("compare.html.j2")
    return visible(template.render(page=page, title=page.title, colours=page_colours(), judged=judged))
