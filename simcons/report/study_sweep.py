"""The page of a sweep: response curves, interactions of two settings, and every setting with its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import floor
from pathlib import Path

from simcons.analysis.first_picks import PickMeasure
from simcons.analysis.resampling import SIGNIFICANT, Estimate
from simcons.counted import counted
from simcons.experiments.stress import describe
from simcons.experiments.sweep.responses import SETTING, Effect, Factor, Interaction, Level, Responses
from simcons.experiments.sweep.run import TaskEnd
from simcons.experiments.sweep.table import MEASURES, SweepTables
from simcons.languages.text import as_sentence
from simcons.report import intervals
from simcons.report.charts import Frame, Mark, lines, numbers, points
from simcons.report.page import Figure, Opening, Section
from simcons.report.sweeps import Axis
from simcons.report.tables import DataTable, Table
from simcons.report.write import write_report
from simcons.scenario.sweep import StudySweepSettings

_TITLES: dict[PickMeasure, str] = {
    "agreement": "Agreement",
    "lowest": "Lowest rating in the group",
    "unanimous": "Rounds in which all agree",
    "true_agreement": "True agreement",
}
_SHARES: tuple[PickMeasure, ...] = ("unanimous",)
_MOST_LINES = 5  # levels of the second setting of an interaction that are drawn
_MOST_ROWS = 400  # of the tidy table on the page; sweep.csv has all
_FIRST = 3


def write_sweep_page(folder: Path, sweep: StudySweepSettings, ends: Sequence[TaskEnd], tables: SweepTables) -> Path:
    """``report.html``, ``reading.md`` and ``figures/`` of the tasks that have finished. Returns the page. Raises StorageError."""
    finished = [end.task for end in ends if not end.error]
    responses = Responses(sweep, finished, tables.groups)
    curves = [_curves(responses, factor) for factor in responses.factors]
    interactions = _interactions(responses)
    sections = [*curves, *([interactions] if interactions.figures else []), _numbers(responses, ends, tables)]
    sections[0] = _with_openings(sections[0], responses, curves, interactions, list(_cautions(ends, responses, tables)))
    return write_report(
        folder,
        [],
        title=f"Sweep: {sweep.name.replace('_', ' ')}",
        settings=list(_settings(sweep, ends)),
        extra=sections,
    )


def mean_tables(tables: SweepTables) -> Iterator[Table]:
    """For each measure that there is a row a setting, with each arm's mean over the runs that have finished."""
    for measure in MEASURES:
        there = tables.runs[tables.runs["measure"] == measure]
        arms = list(dict.fromkeys(there["arm"]))
        rows = []
        for values, of_setting in there.groupby(tables.keys, sort=False):
            means, n_runs = of_setting.groupby("arm")["value"].mean(), of_setting["task"].nunique()
            label = ", ".join(f"{key} {_cell(value)}" for key, value in zip(tables.keys, values, strict=True))
            scale = 100.0 if measure in _SHARES else 1.0
            rows.append([label, f"{n_runs:,}", *(f"{scale * means[arm]:.2f}" if arm in means else "-" for arm in arms)])
        if rows:
            note = "Means over the runs of a setting. Intervals, of every run: tables.runs."
            yield Table(f"{_TITLES[measure]} ({_unit(measure)})", ["setting", "runs", *arms], rows, note)


# --- response curves -------------------------------------------------------------------------------------------------


def _curves(responses: Responses, factor: Factor) -> Section:
    """A panel a measure, with a line an arm."""
    figures = [figure for measure in MEASURES for figure in _curve(responses, factor, measure)]
    said = [_effect_in_words(effect) for effect in responses.effects if effect.factor == factor]
    return Section(factor.name.capitalize(), said, [_curve_table(responses, factor)], figures)


def _curve(responses: Responses, factor: Factor, measure: PickMeasure) -> Iterator[Figure]:
    marks = [
        _mark(measure, arm, level, estimate)
        for arm in responses.arms
        for level in factor.levels
        if (estimate := responses.level(measure, arm, level.settings)) is not None
    ]
    if marks:
        title = f"{_TITLES[measure]} by {factor.name}"
        frame = Frame(title, f"{_unit(measure)}, 95% intervals", responses.arms, x_title=factor.name)
        yield _figure(f"{factor.key}-{measure}".replace(".", "-"), marks, frame, factor, _unit(measure))


def _figure(key: str, marks: Sequence[Mark], frame: Frame, factor: Factor, unit: str) -> Figure:
    """Lines over numbers, points by category."""
    told = "; ".join(f"{mark.row}, {mark.series}: {mark.value:.3g}" for mark in marks)
    alt = f"Chart. {frame.title}, {frame.subtitle}, by {factor.name}. {told}."
    if factor.is_number:
        axis = Axis(tuple(level.label for level in factor.levels), _positions(factor), is_number=True)
        return Figure(
            key, lines(marks, frame, log_x=axis.is_log, levels=True), alt, numbers(marks, unit, over=factor.name)
        )
    return Figure(key, points(marks, frame, named=True), alt, numbers(marks, unit))


def _positions(factor: Factor) -> tuple[float, ...]:
    return tuple(level.position for level in factor.levels)


def _mark(measure: PickMeasure, series: str, level: Level, estimate: Estimate) -> Mark:
    scale = 100.0 if measure in _SHARES else 1.0
    return Mark.of(series, estimate, row=level.label, x=level.position, scale=scale)


def _unit(measure: PickMeasure) -> str:
    return "% of rounds" if measure in _SHARES else "points"


def _curve_table(responses: Responses, factor: Factor) -> DataTable:
    """A row an arm and measure, a column a level, and the change from the first to the last."""
    rows, data = [], list[list[object]]()
    for arm in responses.arms:
        for measure in MEASURES:
            estimates = [responses.level(measure, arm, level.settings) for level in factor.levels]
            change = responses.effect(measure, arm, factor)
            write = intervals.share if measure in _SHARES else intervals.points
            rows.append([f"{arm}: {_TITLES[measure].lower()}", *map(write, estimates), write(change)])
            data += [_cells(arm, measure, level.label, e) for level, e in zip(factor.levels, estimates, strict=True)]
            data.append(_cells(arm, measure, "change", change))
    names = [level.label for level in factor.levels]
    note = (
        "In brackets 95% intervals over groups. Change: last value less first, over the same groups and other settings."
    )
    table = Table(f"Means by {factor.name}", ["", *names, "change"], rows, note)
    columns = ["arm", "measure", factor.key, "estimate", "low", "high"]
    return DataTable(table, f"by-{factor.name.replace(' ', '-')}", columns, data)


def _cells(arm: str, measure: str, at: str, estimate: Estimate | None) -> list[object]:
    if estimate is None:
        return [arm, measure, at, None, None, None]
    return [arm, measure, at, *estimate.numbers]


# --- interactions ----------------------------------------------------------------------------------------------------


def _interactions(responses: Responses) -> Section:
    """A panel a pair of settings and arm: agreement over one, with a line for each value of the other."""
    figures = [figure for factor, by in responses.pairs() for figure in _small_multiples(responses, factor, by)]
    found = responses.interactions
    rows = [
        [each.arm, each.factor.name, each.by.name, intervals.points(each.change), _p(each.p_holm)] for each in found
    ]
    data = [
        [
            each.arm,
            each.factor.key,
            each.by.key,
            *each.change.numbers,
            each.p_holm,
        ]
        for each in found
    ]
    note = (
        "Difference: the effect of the first setting on agreement (last value less first) at the last value of the second, less"
        " that at its first. p is adjusted for all rows (Holm)."
    )
    table = Table("Interactions in agreement", ["arm", "effect of", "by", "difference", "p"], rows, note)
    columns = ["arm", "effect_of", "by", "difference", "low", "high", "p_holm"]
    tables = [DataTable(table, "interactions", columns, data)] if rows else []
    return Section("Interactions", [_interaction_in_words(each) for each in found], tables, figures)


def _small_multiples(responses: Responses, factor: Factor, by: Factor) -> Iterator[Figure]:
    """A panel an arm, on one axis."""
    by_arm = {arm: list(_cells_of(responses, factor, by, arm)) for arm in responses.arms}
    ends = [end for marks in by_arm.values() for m in marks for end in (m.value, m.low, m.high) if end is not None]
    for arm, marks in by_arm.items():
        series = list(dict.fromkeys(mark.series for mark in marks))
        if len(series) > 1:
            title, domain = f"{factor.name.capitalize()} by {by.name}: {arm}", (_down(min(ends)), -_down(-max(ends)))
            frame = Frame(title, "agreement, points, 95% intervals", series, domain=domain, x_title=factor.name)
            yield _figure(_pair_key(factor, by, arm), marks, frame, factor, "points")


def _cells_of(responses: Responses, factor: Factor, by: Factor, arm: str) -> Iterator[Mark]:
    for other in _spread(by.levels):
        for level in factor.levels:
            estimate = responses.cell("agreement", arm, level, other)
            if estimate is not None:
                yield _mark("agreement", f"{by.name} {other.label}", level, estimate)


def _down(number: float) -> float:
    """To a fifth of a point."""
    return floor(5 * number) / 5


def _pair_key(factor: Factor, by: Factor, arm: str) -> str:
    return f"{factor.key}-{by.key}-{arm}".replace(".", "-")


def _spread(levels: Sequence[Level]) -> list[Level]:
    """At most so many of them, the ends among them."""
    if len(levels) <= _MOST_LINES:
        return list(levels)
    step = (len(levels) - 1) / (_MOST_LINES - 1)
    return [levels[round(step * k)] for k in range(_MOST_LINES)]


# --- findings --------------------------------------------------------------------------------------------------------


def _with_openings(
    section: Section, responses: Responses, curves: Sequence[Section], interactions: Section, cautions: Sequence[str]
) -> Section:
    """The section that opens the page, with what came out of all of them."""
    openings = [*_effect_openings(responses, curves), *_interaction_openings(responses, interactions)]
    return Section(
        section.title,
        section.paragraphs,
        section.tables,
        section.figures,
        openings=openings[:_FIRST],
        cautions=cautions,
    )


def _effect_openings(responses: Responses, curves: Sequence[Section]) -> Iterator[Opening]:
    """The largest effect of each setting on agreement, those that are told from zero first."""
    largest: dict[str, Effect] = {}
    for effect in responses.effects:
        known = largest.get(effect.factor.key)
        if known is None or _strength(effect) > _strength(known):
            largest[effect.factor.key] = effect
    family = len(responses.effects)
    figures = {factor.key: section.figures for factor, section in zip(responses.factors, curves, strict=True)}
    for effect in sorted(largest.values(), key=_strength, reverse=True):
        drawn = figures[effect.factor.key]
        yield Opening(
            _effect_in_words(effect), _basis(effect.change, responses, family), figure=drawn[0] if drawn else None
        )


def _interaction_openings(responses: Responses, section: Section) -> Iterator[Opening]:
    """The clearest interaction, if it is told from none."""
    found = sorted(responses.interactions, key=_strength, reverse=True)
    for each in found[:1]:
        if _is_told(each):
            key = _pair_key(each.factor, each.by, each.arm)
            drawn = next((figure for figure in section.figures if figure.key == key), None)
            yield Opening(_interaction_in_words(each), _basis(each.change, responses, len(found)), figure=drawn)


def _strength(found: Effect | Interaction) -> tuple[bool, float]:
    return _is_told(found), abs(found.change.value)


def _is_told(found: Effect | Interaction) -> bool:
    return found.p_holm is not None and found.p_holm <= SIGNIFICANT


def _not_told(change: Estimate) -> str:
    """Whether it is so by itself already, or only when all are looked at together."""
    if change.interval is not None and (change.interval[0] > 0 or change.interval[1] < 0):
        return "told from zero by itself, but not with all looked at together"
    return "not told from zero"


def _effect_in_words(effect: Effect) -> str:
    factor, change = effect.factor, effect.change
    way = f"from {factor.name} {factor.first.label} to {factor.last.label}"
    if factor.key == SETTING:
        way = f"from “{factor.first.label}” to “{factor.last.label}”"
    if not _is_told(effect):
        return f"Agreement with {effect.arm} changes by {intervals.points(change)} points {way}, {_not_told(change)}."
    verb = "rises" if change.value > 0 else "falls"
    return f"Agreement with {effect.arm} {verb} by {intervals.points(_positive(change))} points {way}."


def _interaction_in_words(found: Interaction) -> str:
    by, change = found.by, found.change
    effect = f"the effect of {found.factor.name} on agreement with {found.arm}"
    if not _is_told(found):
        less = f"at {by.name} {by.last.label}, less that at {by.first.label}"
        return f"{as_sentence(effect)} {less}: {intervals.points(change)} points, {_not_told(change)}."
    more = "larger" if change.value > 0 else "smaller"
    ends = f"{by.name} {by.last.label} than at {by.first.label}"
    return f"{as_sentence(effect)} is {more} by {intervals.points(_positive(change))} points at {ends}."


def _positive(change: Estimate) -> Estimate:
    return change.negated() if change.value < 0 else change


def _basis(change: Estimate, responses: Responses, family: int) -> str:
    unit = "setting" if responses.drawn else "group"
    over = f"Over {counted(change.n, unit)}" if responses.drawn else f"Paired over {counted(change.n, unit)}"
    return (
        f"{over}; told from zero only where it still is with all {family} looked at together (Holm)."
        if family > 1
        else f"{over}."
    )


def _p(p: float | None) -> str:
    return "-" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def _cautions(ends: Sequence[TaskEnd], responses: Responses, tables: SweepTables) -> Iterator[str]:
    failed = sum(bool(end.error) for end in ends)
    if failed:
        yield (
            f"{counted(failed, 'run')} of {len(ends):,} failed: curves are over what is left, and differences over settings that"
            " have their fellow."
        )
    if tables.n_runs_with_gaps:
        yield (
            f"In {counted(tables.n_runs_with_gaps, 'run')} an arm had nothing to show in some rounds, and these are left out of"
            " all that is drawn here: shown in sweep.csv is the share of rounds with a statement."
        )
    if len(responses.factors) > 1:
        yield (
            "A curve is the mean over all values of the other settings. Where the effect of one depends on another, it is that of"
            " no single study: see the interactions."
        )
    replications = len({end.task.replication for end in ends if not end.error})
    if replications == 1:
        yield "One replication: intervals are over the groups of one crowd, with one draw of its questions."
    yield "Everybody here is simulated: which settings are better for people is for people to say."


# --- every setting ---------------------------------------------------------------------------------------------------


def _numbers(responses: Responses, ends: Sequence[TaskEnd], tables: SweepTables) -> Section:
    settings: dict[int, list[TaskEnd]] = {}
    for end in ends:
        settings.setdefault(end.task.setting, []).append(end)
    rows = []
    for setting, of_setting in settings.items():
        finished = sum(not end.error for end in of_setting)
        means = [intervals.points(responses.level("agreement", arm, [setting])) for arm in responses.arms]
        rows.append([of_setting[0].task.label, f"{finished} of {len(of_setting)}", *means])
    note = "Mean agreement (1-7) with the statement that each arm put first, and its 95% interval over groups."
    table = Table("Settings", ["setting", "runs", *responses.arms], rows, note)
    every = DataTable(table, "settings", table.header, rows)
    return Section("All settings", (), [every, _tidy(tables)])


def _tidy(tables: SweepTables) -> DataTable:
    """The beginning of the tidy table; its file has all of it."""
    columns = [str(name) for name in tables.runs.columns]
    data = tables.runs.astype(object).where(tables.runs.notna(), None).to_numpy().tolist()
    rows = [[_cell(value) for value in row] for row in data[:_MOST_ROWS]]
    more = len(data) - len(rows)
    note = "A row a run, arm and measure, as in sweep.csv." + (f" {more:,} more rows are in the file." if more else "")
    return DataTable(Table("Every run", columns, rows, note), "sweep", columns, data)


def _cell(value: object) -> str:
    return "-" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _settings(sweep: StudySweepSettings, ends: Sequence[TaskEnd]) -> Iterator[tuple[str, str]]:
    yield "scenario", sweep.scenario
    if sweep.description:
        yield "description", sweep.description
    for key, value in sweep.base.items():
        yield key, describe(value)
    for key in dict.fromkeys(key for end in ends for key in end.task.values):
        values = dict.fromkeys(describe(end.task.values[key]) for end in ends if key in end.task.values)
        yield key, ", ".join(values) if len(values) <= 12 else f"{len(values):,} values"
    yield "replications", str(sweep.replications)
    yield "runs", f"{sum(not end.error for end in ends):,} of {len(ends):,} finished"
