"""Runs and results as notebooks show them: a card, tables, and the rest folded up.

It takes its colours and its font from the notebook, light or dark, has no script and no style sheet, and reaches for nothing. All
text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import singledispatch

from simcons.analysis.agreement import by_arm, divisiveness
from simcons.analysis.belief.crowds import Belief
from simcons.analysis.reselect.reselection import Reselection
from simcons.analysis.results import Analysis, Result
from simcons.analysis.round_in_full import RoundInFull, Voice
from simcons.counted import counted
from simcons.errors import SimconsError
from simcons.experiments.calibrate.run import Calibration
from simcons.experiments.compare.run import Comparison
from simcons.experiments.exploits import ExploitResult
from simcons.experiments.forecast.run import Forecast
from simcons.experiments.gate.pools import SelfCheck
from simcons.experiments.gate.run import GateResult
from simcons.experiments.power.run import PowerResult
from simcons.experiments.sweep.table import SweepTables
from simcons.report import compare, gate
from simcons.report.analysis import first_rows, result_table
from simcons.report.belief import belief_sentences, belief_tables
from simcons.report.calibration import calibration_sentences, calibration_tables
from simcons.report.exploits import RANKING, RANKING_NOTE, finding_sentences, ranking, verdict_sentences
from simcons.report.failed_rules import failed_sentences
from simcons.report.forecast import forecast_sentences, forecast_tables
from simcons.report.imported import seed_of, whose
from simcons.report.page import templates
from simcons.report.people import people_fact, spent_facts
from simcons.report.power import tables as power_tables
from simcons.report.ratings import arms_table, divisive_sentence, rounds_sentence, unfinished_sentence
from simcons.report.reselection import reselection_sentences
from simcons.report.reselection_tables import reselection_tables
from simcons.report.rounds import best_heading, statement_heading
from simcons.report.scorers import recorded_picks, scorer_heading
from simcons.report.study_sweep import mean_tables
from simcons.report.tables import Table
from simcons.storage.layout import REPORT
from simcons.storage.load import Run
from simcons.visible import visible

MOST_ROWS = 60  # of a table, as of a pandas frame


@dataclass(frozen=True, slots=True)
class Fold:
    """The contents behind a line that opens them: tables, sentences, and facts by label."""

    title: str
    sentences: Sequence[str] = ()
    tables: Sequence[Table] = ()
    facts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A title with what it is of, sentences, tables, facts by label, and folds."""

    title: str
    subtitle: str = ""
    sentences: Sequence[str] = ()
    tables: Sequence[Table] = ()
    facts: Sequence[tuple[str, str]] = ()
    folds: Sequence[Fold] = ()


@singledispatch
def html_of(shown: object) -> str:
    """The HTML of a run or of a result, by its type; a layer above registers types of its own. Raises TypeError for others."""
    raise TypeError(f"{type(shown).__name__}: notebooks have no way to show it; expected a run or a result")


def render_card(card: Card) -> str:
    """A piece of HTML to stand in any page. Tables are cut after `MOST_ROWS` rows, and say so."""
    cut = replace(
        card,
        tables=[_cut(table) for table in card.tables],
        folds=[replace(fold, tables=[_cut(table) for table in fold.tables]) for fold in card.folds],
    )
    return visible(templates().get_template("notebook.html.j2").render(card=cut))


def _cut(table: Table) -> Table:
    left = len(table.rows) - MOST_ROWS
    if left <= 0:
        return table
    return replace(table, rows=table.rows[:MOST_ROWS], note=f"{table.note} {counted(left, 'more row')}.".strip())


# --- a run -----------------------------------------------------------------------------------------------------------


@html_of.register
def _run(run: Run) -> str:
    name = str(run.manifest.get("name", run.folder.name))
    head = Card(f"{name}{seed_of(run)}", "unfinished run" if run.partial else whose(bool(run.imported)))
    try:
        results = by_arm(run)
        tables = [arms_table(results, run.scales)] if results else []
        return render_card(replace(head, facts=list(_facts(run)), tables=tables))
    except SimconsError as error:  # a look at a run is no traceback
        return render_card(replace(head, facts=[("Folder", str(run.folder))], sentences=[str(error)]))


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    design = run.manifest.get("scenario", {}).get("design", {})
    if run.partial:
        yield "Unfinished", unfinished_sentence(len(run.sessions), design.get("groups"))
    yield "Groups", f"{len(run.sessions):,}"
    rated = "rating" in design.get("stages", ["rating"])
    yield "Rounds", rounds_sentence(int(run.rounds["complete"].sum()), len(run.rounds), rated=rated)
    yield "Divisive", divisive_sentence(divisiveness(run))
    yield people_fact(run)
    yield from spent_facts(run)
    page = run.folder / REPORT
    yield "Page", str(page) if page.is_file() else f"none yet: simcons report {run.folder}"
    yield "Folder", str(run.folder)


@html_of.register
def _round(shown: RoundInFull) -> str:
    headings = [best_heading, *[statement_heading] * len(shown.statements)]
    statements = [(heading(of), of.text) for heading, of in zip(headings, shown.statements, strict=False)]
    folds = [
        Fold("Opinions", facts=[(_voice(voice), voice.opinion or "(no opinion in time)") for voice in shown.voices]),
        Fold("Statements", facts=statements),
    ]
    asked = f"Before it was discussed, everybody rated: {shown.position_statement}"
    return render_card(Card(shown.question, f"round {shown.round_id}", sentences=[asked], folds=folds))


def _voice(voice: Voice) -> str:
    rated = "no rating" if voice.position is None else f"rated {voice.position} of 7"
    return f"{voice.who}; {rated}"


# --- results ---------------------------------------------------------------------------------------------------------


@html_of.register
def _result(result: Result) -> str:
    name = result.name.replace("_", " ")
    if not result.rows:
        return render_card(
            Card(name, sentences=[f"{result.about}.", f"None: {result.reason}." if result.reason else ""])
        )
    return render_card(Card(name, tables=[replace(result_table(result, single_run=_of_one_run(result)), title="")]))


def _of_one_run(result: Result) -> bool:
    return len({row.keys.get("run") for row in result.rows}) == 1


@html_of.register
def _analysis(analysis: Analysis) -> str:
    single = len(analysis.labels) == 1
    folds = []
    for name, result in analysis.results.items():
        first = first_rows(result)
        if first.rows:
            table, left = result_table(first, single_run=single), len(result.rows) - len(first.rows)
            more = f' {counted(left, "more row")}: analysis["{name}"]' if left else ""
            folds.append(Fold(table.title, tables=[replace(table, title="", note=f"{table.note}{more}")]))
    if analysis.notes:
        folds.append(Fold("left out, or weaker than it looks", sentences=analysis.notes))
    return render_card(
        Card(", ".join(analysis.labels), whose(len(analysis.imported), len(analysis.labels)), folds=folds)
    )


@html_of.register
def _reselection(result: Reselection) -> str:
    folds = []
    for account in result.accounts:
        tables = list(reselection_tables(result, account))
        folds.append(Fold(scorer_heading(result, account), reselection_sentences(result, account), tables))
    folds.append(Fold("Recorded picks", list(recorded_picks(result))))
    return render_card(Card(f"{result.name}, chosen again", "synthetic participants, not people", folds=folds))


@html_of.register
def _power(result: PowerResult) -> str:
    failed = failed_sentences(result.failed)
    return render_card(Card(result.settings.name, result.settings.description or "", failed, power_tables(result)))


@html_of.register
def _exploits(result: ExploitResult) -> str:
    ranked = Table("How people rank the texts", RANKING, ranking(result), RANKING_NOTE)
    size = f"{counted(result.n_rounds, 'round')}, seed {result.seed}"
    return render_card(
        Card(
            f"{result.name} against exploits ({size})",
            "synthetic participants, not people",
            sentences=finding_sentences(result),
            tables=[ranked],
            folds=[Fold("Verdicts", list(verdict_sentences(result)))],
        )
    )


@html_of.register
def _comparison(result: Comparison) -> str:
    overall, *others = compare.tables(result)
    folds = [*_folded(others), Fold("What differs", list(compare.changes(result)))]
    sentences = [*compare.findings(result), compare.NOTE]
    return render_card(Card(compare.heading(result), whose(0), sentences, [overall], folds=folds))


@html_of.register
def _gate(result: GateResult) -> str:
    told = (gate.verdict(result), gate.unnoticed(result), gate.in_other_worlds(result))
    tables = [gate.metric_table(result), *([gate.budget_table(result)] if result.budgets else [])]
    return render_card(Card(result.settings.name, whose(0), [*filter(None, told)], tables))


@html_of.register
def _self_check(result: SelfCheck) -> str:
    tables = [gate.self_check_table(result), *([gate.worse_table(result)] if result.worse else [])]
    return render_card(
        Card(f"{result.settings.name}: how often it errs", whose(0), list(gate.self_check_findings(result)), tables)
    )


@html_of.register
def _forecast(result: Forecast) -> str:
    first, *others = forecast_tables(result)
    title = f"{result.scenario.name}: what the study would take"
    return render_card(Card(title, "", forecast_sentences(result), [first], folds=_folded(others)))


@html_of.register
def _belief(result: Belief) -> str:
    first, *others = belief_tables(result)
    about = f"{counted(result.n_people, 'person', 'people')}, {counted(result.n_ratings, 'rating')} of {result.scale}"
    return render_card(
        Card("Whom to believe, by people", about, list(belief_sentences(result)), [first], folds=_folded(others))
    )


@html_of.register
def _calibration(result: Calibration) -> str:
    about = f"{counted(result.n_people, 'person', 'people')}, {counted(result.n_ratings, 'rating')} of {result.scale}"
    first, *others = calibration_tables(result)
    told = Fold("What stays as it was, and what else to set", list(calibration_sentences(result)))
    return render_card(
        Card(f"{result.population}, fitted to {result.name}", about, tables=[first], folds=[*_folded(others), told])
    )


@html_of.register
def _sweep(tables: SweepTables) -> str:
    first, *others = mean_tables(tables)
    title = f"A sweep of {', '.join(tables.keys)}"
    return render_card(Card(title, whose(0), tables=[first], folds=_folded(others)))


def _folded(tables: Iterable[Table]) -> list[Fold]:
    """A fold a table, under its title."""
    return [Fold(table.title, tables=[replace(table, title="")]) for table in tables]
