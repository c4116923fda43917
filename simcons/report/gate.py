"""A gate's decision as sentences, Markdown and JUnit; and how often the gate errs."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

from simcons.analysis.resampling import Estimate
from simcons.counted import counted, listed
from simcons.experiments.gate.decide import MetricCheck
from simcons.experiments.gate.pools import SelfCheck
from simcons.experiments.gate.run import BudgetCheck, GateInWorld, GateResult
from simcons.experiments.gate.self_check import Trials, WorseTrials
from simcons.report.compare import markdown, markdown_table
from simcons.report.differences import interval, size
from simcons.report.intervals import share
from simcons.report.tables import Table
from simcons.storage.disk import storage_errors, write_whole

_BUDGETS = {
    "requests": "model requests a round",
    "tokens_in": "tokens read a round",
    "tokens_out": "tokens written a round",
    "price": "price of model calls a round",
    "minutes": "minutes a round",
    "words": "words of a statement",
}


_PLANTED = {"none": "no change", "even": "in every group", "rare": "in one group of ten"}
_NOTICED = 0.8  # chance of stopping a loss of the margin, from which on that a change passes tells something


def verdict(result: GateResult) -> str:
    """The decision in a sentence."""
    name, groups = result.settings.name, counted(result.comparison.n_groups, "group")
    if result.passes:
        return f"{name}: the change passes ({groups})."
    stopped = [check.metric.label for check in result.metrics if not check.passes]
    over = [check.name for check in result.budgets if not check.passes]
    return f"{name}: the change is STOPPED by {'; '.join([*stopped, *over])} ({groups})."


def unnoticed(result: GateResult) -> str | None:
    """What it is worth that the change passes, by the metric whose harm would be noticed least; None where all would be."""
    if not result.passes or result.settings.rule == "shown_not_worse":
        return None
    powers = {check.metric.label: check.power for check in result.metrics if check.power is not None}
    alike = [check.metric.label for check in result.metrics if check.power is None]
    if alike:
        return (
            f"That it passes says little: in {listed(alike)} the groups do not vary, or there are too few, so that what a run"
            " like this one would stop is not known."
        )
    label, least = min(powers.items(), key=lambda pair: pair[1])
    if least >= _NOTICED:
        return None
    return (
        f"That it passes says little: of changes that lose the margin in {label} in every group, a run like this one stops"
        f" {least:.0%}. More groups stop more."
    )


def in_other_worlds(result: GateResult) -> str | None:
    """In how many other worlds the change passes by its metrics, and what stops it in which; None where it was not tried."""
    tried = [world for world in result.worlds if world.metrics]
    if not tried:
        return None
    stopped = [f"{world.name} ({listed(_stopping(world))})" for world in tried if not world.passes]
    n_passed = len(tried) - len(stopped)
    told = f"by its metrics it passes in {n_passed} of {counted(len(tried), 'other world')}"
    if stopped:
        told += f", and is stopped in {listed(stopped)}"
    flips = n_passed < len(tried) if all(check.passes for check in result.metrics) else n_passed > 0
    return f"{'The decision DEPENDS on what is assumed of people' if flips else 'The decision holds'}: {told}."


def _stopping(world: GateInWorld) -> list[str]:
    return [check.metric.label for check in world.metrics if not check.passes]


def metric_table(result: GateResult) -> Table:
    """A row a metric, then one a budget."""
    rows = [_metric_cells(result, check) for check in result.metrics]
    return Table("Metrics", ("metric", "difference", "margin", "notices", "verdict"), tuple(rows), _note(result))


def _note(result: GateResult) -> str:
    if result.settings.rule == "shown_not_worse":
        return (
            "Difference: the change less the base, with its 95% interval over groups. Notices: the chance that what makes no"
            " difference passes a run like this one."
        )
    return (
        "Difference: the change less the base, with its 95% interval over groups. Notices: the chance that a run like this one"
        " stops a loss of the margin in every group."
    )


def _metric_cells(result: GateResult, check: MetricCheck) -> tuple[str, ...]:
    measure = check.metric.measure
    difference = "-" if check.difference is None else interval(check.difference, measure.unit)
    power = "-" if check.power is None else f"{check.power:.0%}"
    return check.metric.label, difference, size(measure.margin, measure.unit), power, _reason(result, check)


def _reason(result: GateResult, check: MetricCheck) -> str:
    if check.difference is None:
        return "STOPS: not measured"
    if check.passes:
        return "passes"
    return "STOPS: not shown" if result.settings.rule == "shown_not_worse" else "STOPS: worse"


def budget_lines(result: GateResult) -> Iterator[str]:
    """The cost of the change, a line a budget."""
    for check in result.budgets:
        yield f"{_BUDGETS[check.name]}: {_taken(check)} of {_limit(check)}{'' if check.passes else ': STOPS'}"


def budget_table(result: GateResult) -> Table:
    """A row a budget."""
    rows = [
        (_BUDGETS[check.name], _taken(check), _limit(check), "passes" if check.passes else "STOPS")
        for check in result.budgets
    ]
    return Table("Budgets", ("", "the change", "at most", "verdict"), rows)


def _taken(check: BudgetCheck) -> str:
    return "not known" if check.value is None else _amount(check, check.value)


def _limit(check: BudgetCheck) -> str:
    """ "120", "97.8 (10% more than the base's 88.9)"."""
    if check.limit is None:
        return "not known"
    if check.more is None or check.base is None:
        return f"{check.limit:,.6g}"
    return f"{_amount(check, check.limit)} ({100 * check.more:g}% more than the base's {_amount(check, check.base)})"


def _amount(check: BudgetCheck, value: float) -> str:
    return f"{value:,.3g}" if check.name == "price" else f"{value:,.1f}"


# --- files ---------------------------------------------------------------------------------------------------------


def write_gate(result: GateResult) -> None:
    """``gate.md``, ``compare.md`` and ``junit.xml`` beside the comparison's tables. Raises StorageError."""
    texts = {"gate.md": gate_markdown(result), "compare.md": markdown(result.comparison), "junit.xml": junit(result)}
    with storage_errors(result.folder):
        for name, text in texts.items():
            write_whole(result.folder / name, text.encode())


def gate_markdown(result: GateResult) -> str:
    """A summary for a pull request."""
    table = metric_table(result)
    told = [each for each in (unnoticed(result), in_other_worlds(result)) if each is not None]
    parts = [
        f"**{verdict(result)}**",
        "",
        *(line for each in told for line in (each, "")),
        *markdown_table(table),
        "",
        table.note,
    ]
    if result.budgets:
        parts += ["", *(f"* {line}" for line in budget_lines(result))]
    parts += ["", "Changes:", "", *(f"* `{line}`" for line in result.comparison.pairing.changes), ""]
    return "\n".join(parts)


def junit(result: GateResult) -> str:
    """JUnit's XML: one suite, a case for each metric and budget, a failure where the gate stops."""
    cases = [(check.metric.label, check.passes, _told(result, check)) for check in result.metrics]
    cases += [(check.name, check.passes, f"{_taken(check)} of at most {_limit(check)}") for check in result.budgets]
    failures = sum(not passes for _, passes, _ in cases)
    suite = ElementTree.Element(
        "testsuite", name=result.settings.name, tests=str(len(cases)), failures=str(failures), errors="0", skipped="0"
    )
    for name, passes, told in cases:
        case = ElementTree.SubElement(suite, "testcase", classname=result.settings.name, name=name)
        ElementTree.SubElement(case, "system-out").text = told
        if not passes:
            ElementTree.SubElement(case, "failure", message=told).text = told
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _told(result: GateResult, check: MetricCheck) -> str:
    _, difference, margin, _, reason = _metric_cells(result, check)
    return f"{reason}: {difference} (margin {margin})"


# --- self-check ----------------------------------------------------------------------------------------------------


def self_check_findings(result: SelfCheck) -> Iterator[str]:
    """Sentences on the errors of the gate, in either direction."""
    none, *planted = result.trials
    runs = f"{none.n_runs:,} runs of {counted(result.n_groups, 'group')}"
    expected = result.settings.alpha
    strict = result.settings.rule == "shown_not_worse"
    if strict:
        yield f"Of {runs} without any change, {share(none.stopped)} are stopped: false alarms."
    else:
        verdict = (
            "as it should be" if _at_most(none.stopped, expected) else f"MORE than the {expected:.0%} that it may err"
        )
        yield f"Of {runs} without any change, {share(none.stopped)} are stopped: {verdict}."
    worst = min((each for each in planted if each.times == 1), key=lambda each: each.n_stopped)
    passed = _passed(worst)
    where = f"{worst.metric}, {_PLANTED[worst.planted]}"
    told = f"Harm of one margin passes in {share(passed)} of runs where it is noticed least ({where})"
    if strict:
        yield f"{told}: {'as it should be' if _at_most(passed, expected) else f'MORE than the {expected:.0%} that it may err'}."
    else:
        more = " More groups notice more of it." if passed.value > 0.2 else ""
        yield f"{told}.{more}"
    yield from worse_findings(result)


def worse_findings(result: SelfCheck) -> Iterator[str]:
    """On changes known to be worse, and on those of them that did not turn out so."""
    shown = sorted((each for each in result.worse if _is_worse(each)), key=lambda each: each.n_stopped)
    if shown:
        told = [f"{each.name} in {share(each.stopped)}" for each in shown]
        yield f"Of runs of changes known to be worse the gate stops {listed(told)}."
    others = [each.name for each in result.worse if each not in shown]
    if others:
        yield f"In {counted(result.n_pool, 'group')} no loss of true agreement is shown for {listed(others)}."


def _is_worse(each: WorseTrials) -> bool:
    """True if people truly agree less."""
    return each.truth is not None and each.truth.interval is not None and each.truth.interval[1] < 0


def _at_most(estimate: Estimate, level: float) -> bool:
    """True unless it is told to be more than ``level``."""
    return estimate.interval is None or estimate.interval[0] <= level


def _passed(each: Trials | WorseTrials) -> Estimate:
    stopped = each.stopped
    low_high = None if stopped.interval is None else (1 - stopped.interval[1], 1 - stopped.interval[0])
    return Estimate(1 - stopped.value, low_high, None, stopped.n)


def self_check_table(result: SelfCheck) -> Table:
    """A row a kind of harm."""
    rows = tuple(
        (
            f"{each.metric}, {_PLANTED[each.planted]}" if each.metric else _PLANTED[each.planted],
            "-" if not each.times else f"{each.times:g}",
            share(each.stopped),
            share(_passed(each)),
        )
        for each in result.trials
    )
    return Table("Runs whose truth is known", ("harm", "margins lost", "stopped", "passed"), rows)


def worse_table(result: SelfCheck) -> Table:
    """A row a change that is known to be worse."""
    rows = tuple(
        (
            each.name,
            "-" if each.truth is None else interval(each.truth, "points", with_unit=False),
            _most_lost(each),
            share(each.stopped),
            share(_passed(each)),
        )
        for each in result.worse
    )
    return Table(
        "Changes known to be worse",
        ("change", "true agreement", "margins lost", "stopped", "passed"),
        rows,
        f"True agreement: the difference in points over all {counted(result.n_pool, 'group')}, which runs are drawn from. Margins"
        " lost: there, by the metric that loses most of its own.",
    )


def _most_lost(each: WorseTrials) -> str:
    """ "2.1 (agreement)"."""
    if each.times is None:
        return "-"
    return f"{each.times:.1f} ({each.most_lost})" if each.times > 0 else "none"
