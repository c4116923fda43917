"""A forecast as one HTML file that asks nothing of the network: people, power by the number of groups, and all tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simcons.analysis.resampling import Estimate
from simcons.counted import counted
from simcons.experiments.forecast.power import POWER, ArmComparison
from simcons.experiments.forecast.run import Forecast
from simcons.report.chapter import Chapter, anchor, unshown
from simcons.report.charts import Frame, Mark, lines, numbers, points
from simcons.report.forecast import (
    LABELS,
    cost_sentences,
    model_sentences,
    models_table,
    of_people_table,
    people_sentences,
    power_sentences,
    power_tables,
    study_table,
)
from simcons.report.page import FIRST, Figure, Opening, templates
from simcons.report.palette import page_colours
from simcons.report.tables import Table, plain
from simcons.visible import visible

_ON_CURVE = 32  # sizes of study that a curve goes through, so many that it has no points
_PEOPLE_UNDER = "people, 95% prediction intervals"
_SYNTHETIC = (
    "How far arms are apart, who leaves and how long people take is what the simulator takes people to be like: a pilot with"
    " people tells more than any forecast."
)
_NOT_SEEN = "What none of the {} that were rehearsed showed is not foreseen."


def plan_page(forecast: Forecast) -> str:
    """The HTML document of a forecast."""
    figures = power_figures(forecast)
    openings = list(_openings(forecast, figures))
    n_sessions = len(forecast.rehearsal.sessions)
    title = f"{forecast.scenario.name}: what the study would take"
    page = templates().get_template("plan.html.j2")
    text = page.render(
        title=title,
        openings=openings[:FIRST],
        more=[opening.sentence for opening in openings[FIRST:]],
        cautions=[_SYNTHETIC, _NOT_SEEN.format(counted(n_sessions, "session"))],
        chapters=[unshown(chapter, openings[:FIRST]) for chapter in _chapters(forecast, figures)],
        settings=list(_settings(forecast)),
        colours=page_colours(),
    )
    return visible(text)


def _openings(forecast: Forecast, figures: Sequence[Figure]) -> Iterator[Opening]:
    """People and cost; what a few people say; the power of each comparison; time, and calls of models."""
    people, time, money = cost_sentences(forecast)
    yield Opening(people, money, figure=_people_figure(forecast))
    if forecast.people is not None:
        yield from map(Opening, people_sentences(forecast.people))
    of_power = list(power_sentences(forecast))
    for place, sentence in enumerate(of_power):
        yield Opening(sentence, figure=figures[place] if place < len(forecast.comparisons) else None)
    yield Opening(time)
    yield from map(Opening, model_sentences(forecast))


def _chapters(forecast: Forecast, figures: Sequence[Figure]) -> Iterator[Chapter]:
    yield Chapter("study", "What the study takes", tables=[plain(study_table(forecast), "study")])
    if forecast.comparisons:
        drawn = [*figures, *_detectable_figures(forecast)] if forecast.simulated else figures
        yield Chapter(
            "power", "What it could find", drawn, [plain(each, _file(each)) for each in power_tables(forecast)]
        )
    if forecast.people is not None:
        few = plain(of_people_table(forecast.people), "few-people")
        yield Chapter("few-people", "What a few people say", tables=[few])
    if any(amount.name == "calls" for amount in forecast.amounts):
        yield Chapter("models", "What models and pipelines are asked", tables=[plain(models_table(forecast), "models")])


def _file(table: Table) -> str:
    return "power" if table.title.startswith("Probability") else "differences-found"


def _settings(forecast: Forecast) -> Iterator[tuple[str, str]]:
    scenario = forecast.scenario
    yield "scenario", scenario.name
    yield "seed", str(scenario.seed)
    yield "groups", f"{scenario.design.groups:,}"
    yield "rehearsed sessions", f"{len(forecast.rehearsal.sessions):,}"
    yield "replications", f"{forecast.n_replications:,}"
    yield "pilot", "none" if forecast.pilot is None else str(forecast.pilot)


# --- figures -------------------------------------------------------------------------------------------------------


def _people_figure(forecast: Forecast) -> Figure:
    """What becomes of the people recruited."""
    there = [amount for amount in forecast.amounts if amount.topic == "people" and amount.high]
    marks = [Mark("people", each.value, each.low, each.high, row=LABELS[each.name]) for each in there]
    frame = Frame("What becomes of people", _PEOPLE_UNDER, ["people"], format=",d")
    return Figure("people", points(marks, frame), _in_words(frame, marks), numbers(marks, "people"))


def power_figures(forecast: Forecast) -> list[Figure]:
    """One a comparison: its power by groups or, where the difference is not known, the least that is found."""
    return list(_curves_of_power(forecast) if forecast.simulated else _detectable_figures(forecast))


def _curves_of_power(forecast: Forecast) -> Iterator[Figure]:
    for comparison in forecast.comparisons:
        answers = [comparison.at(n) for n in _curve(comparison, forecast)]
        curve = [(answer.n_groups, answer.power) for answer in answers if answer.power is not None]
        under = f"probability of finding it; dashed: {POWER:g}, {_own(forecast)}"
        title = f"Power: {_pair(comparison)}"
        frame = Frame(title, under, [_pair(comparison)], POWER, (0, 1), x_title="groups in the study")
        yield _over_groups(f"power-{comparison.against}", curve, frame, forecast, comparison)


def _detectable_figures(forecast: Forecast) -> Iterator[Figure]:
    for comparison in forecast.comparisons:
        curve = [(n, comparison.at(n).detectable) for n in _curve(comparison, forecast)]
        under = f"points, found with probability {POWER:g}; dashed: {_own(forecast)}"
        title = f"Least difference found: {_pair(comparison)}"
        frame = Frame(title, under, [_pair(comparison)], x_title="groups in the study")
        yield _over_groups(f"detectable-{comparison.against}", curve, frame, forecast, comparison)


def _over_groups(
    key: str, curve: Sequence[tuple[int, Estimate]], frame: Frame, forecast: Forecast, comparison: ArmComparison
) -> Figure:
    marks = [Mark.of(frame.series[0], at, x=float(n)) for n, at in curve]
    sizes = [float(answer.n_groups) for answer in comparison.sizes]
    svg = lines(marks, frame, log_x=True, upright=float(forecast.scenario.design.groups), ticks=sizes)
    told = [mark for mark in marks if mark.x in sizes]
    return Figure(anchor(key), svg, _in_words(frame, told), numbers(marks, frame.subtitle, over="groups"))


def _curve(comparison: ArmComparison, forecast: Forecast) -> list[int]:
    """Sizes of study evenly apart on a logarithmic axis, from below to above those asked for and the scenario's; and these."""
    sizes = [*(answer.n_groups for answer in comparison.sizes), forecast.scenario.design.groups]
    low, high = min(sizes), max(sizes)
    if low == high:
        low, high = max(2, low // 4), 4 * high
    between = (round(low * (high / low) ** (k / (_ON_CURVE - 1))) for k in range(_ON_CURVE))
    return sorted({*between, *sizes})


def _own(forecast: Forecast) -> str:
    return counted(forecast.scenario.design.groups, "group")


def _pair(comparison: ArmComparison) -> str:
    return f"{comparison.arm} over {comparison.against}"


def _in_words(frame: Frame, marks: Sequence[Mark]) -> str:
    told = "; ".join(f"{mark.row or f'{mark.x:,.0f} groups'}: {mark.value:,.3g}" for mark in marks)
    return f"Chart. {frame.title}, {frame.subtitle}. {told}."
