"""A run's summary on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from simcons.analysis.agreement import ArmResult, Divisiveness, by_arm, divisiveness
from simcons.analysis.omission import OmissionResult, by_omission
from simcons.analysis.people import Cost, Duration, Flow, cost, duration, flow
from simcons.analysis.reliability import RatingCounts, Retest, rating_counts, retest
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.cli.display.truth import print_attacks, print_model_as_people
from simcons.cli.progress import clock
from simcons.counted import counted
from simcons.report.answer_notes import answer_notes
from simcons.report.intervals import points
from simcons.report.question_notes import question_notes
from simcons.storage.layout import TRUTH
from simcons.storage.load import Run

_OUTCOMES = {  # of one, of several
    "no_show": ("did not show up", "did not show up"),
    "screened_out": ("screened out", "screened out"),
    "declined": ("declined consent", "declined consent"),
    "gave_up_waiting": ("gave up waiting", "gave up waiting"),
    "turned_away": ("turned away as groups were full", "turned away as groups were full"),
    "dropped_out": ("dropped out", "dropped out"),
    "group_ended": ("in a group that ended early", "in groups that ended early"),
}
_PAID_FOR = {
    "time": "time",
    "session": "sessions",
    "screens": "answered screens",
    "bonus": "bonuses",
    "sent_away": "people screened out or turned away",
}
EXPLAINED = "What the measures and columns mean: simcons codebook"


def print_summary(run: Run, console: Console) -> None:
    """Who took part, what the arms scored, how reliable the ratings are, how long it took and what it cost; where the truth has
    not been taken out of the folder, also how a language model played the people, and what attacks did.
    """
    name, seed = run.manifest.get("name", run.folder.name), run.manifest.get("seed", "?")
    facts, grids = list(_facts(run)), list(_grids(run))  # all is read before anything is printed
    console.print(styled("\n", (str(name), "bold"), f" (seed {seed}): synthetic participants, not people\n"))
    print_unfinished(run, console)
    shown = Table.grid(padding=(0, 2))
    shown.add_column(style="dim", no_wrap=True)
    shown.add_column()
    for label, text in facts:
        shown.add_row(label, text)
    console.print(shown)
    for grid in grids:
        print_grid(grid, console)
    if (run.tables_in / TRUTH).is_dir():
        print_model_as_people(run, console)
        print_attacks(run, console)
    for engine, notes in run.manifest.get("engine_notes", {}).items():
        for note in notes:
            console.print(styled((f"Engine {engine}: {note}", "dim")))
    console.print(EXPLAINED, style="dim")


def print_unfinished(run: Run, console: Console) -> None:
    """Mark what is shown of an unfinished run as such. Prints nothing for a finished one."""
    if run.partial:
        n = len(run.sessions)
        of = run.manifest.get("scenario", {}).get("design", {}).get("groups")
        over = f"{counted(n, 'session')} {'was' if n == 1 else 'were'} over" + (f", of {of:,}" if of else "")
        console.print(f"This run has not finished: {over}. All that follows is of these.\n", style="yellow")


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    yield "People", people_sentence(flow(run))
    n_rounds, n_complete = len(run.rounds), int(run.rounds["complete"].sum())
    yield "Rounds", f"{n_complete:,} of {counted(n_rounds, 'round')} rated to the end"
    for note in question_notes(run.manifest.get("questions", {})):
        yield "Questions", note
    yield from answer_notes(run)
    yield "Divisive", divisive_sentence(divisiveness(run))
    for measure in ("agreement", "quality"):
        if (pairs := retest(run, measure)) is not None:
            yield f"Retest, {measure}", retest_sentence(pairs)
    if (took := duration(run)) is not None:
        yield "Simulated time", time_sentence(took)
    spent = cost(run)
    yield "Cost with people", cost_sentence(spent)
    if paid_for := pay_sentence(spent):
        yield "of this, pay", paid_for


def people_sentence(people: Flow) -> str:
    lost = ", ".join(
        f"{count:,} {_OUTCOMES[name][count != 1]}" for name, count in people.outcomes.items() if name in _OUTCOMES
    )
    return (
        f"{people.recruited:,} recruited, {people.started:,} started in groups, {people.finished:,} finished;"
        f" lost: {lost or 'none'}"
    )


def divisive_sentence(divided: Divisiveness) -> str:
    if not divided.n_rounds:
        return "no round had two ratings of its position statement"
    share = (
        f"{divided.n_divisive:,} of {counted(divided.n_rounds, 'round')} ({divided.n_divisive / divided.n_rounds:.0%})"
    )
    return f"{share} had members on both sides of the position statement"


def retest_sentence(pairs: Retest) -> str:
    r = "" if pairs.r is None else f"; r {pairs.r:.2f}"
    return (
        f"the same answer in {pairs.exact:.0%} of {counted(pairs.n_pairs, 'pair')}, at most one point apart in"
        f" {pairs.within_one:.0%}{r}"
    )


def time_sentence(took: Duration) -> str:
    return (
        f"{clock(took.study)} from the first launch to the last debriefing; median session"
        f" {took.median_session / 60:.0f} min, {took.waiting_share:.0%} of the time in sessions spent waiting"
    )


def cost_sentence(spent: Cost) -> str:
    total, pay, vat = (round(amount, 2) for amount in (spent.total, spent.pay, spent.vat))
    with_vat = f" + VAT £{vat:,.2f}" if spent.vat else ""
    fee = total - pay - vat  # so that the rounded parts add up
    return f"£{total:,.2f} (pay £{pay:,.2f} + platform fee £{fee:,.2f}{with_vat})"


def pay_sentence(spent: Cost) -> str:
    """What pay was for; empty where that is the time alone."""
    parts = {kind: round(amount, 2) for kind, amount in spent.parts.items() if amount}
    if not set(parts) - {"time"}:
        return ""
    largest = max(parts, key=lambda kind: parts[kind])
    parts[largest] += round(spent.pay, 2) - sum(parts.values())  # so that the rounded parts add up
    listed = ", ".join(f"{_PAID_FOR[kind]} £{amount:,.2f}" for kind, amount in parts.items())
    hourly = spent.finished_per_hour
    rate = "" if hourly is None else f"; £{hourly:,.2f} an hour for those who finished"
    return f"{listed}{rate}"


# --- tables ------------------------------------------------------------------------------------------------------


def _grids(run: Run) -> Iterator[Grid]:
    results = by_arm(run)
    if results:
        yield _arms(results, rating_counts(run))
    omissions = by_omission(run)
    for arm in dict.fromkeys(result.arm for result in omissions):
        yield _omissions(arm, omissions)


def _arms(results: Sequence[ArmResult], counts: RatingCounts) -> Grid:
    ordered = sorted(results, key=lambda result: -result.agreement.value if result.agreement else 0.0)
    rows = [
        (
            result.arm + (" *" if result.upper_bound else ""),
            f"{result.n_statements:,}",
            f"{result.n_ratings:,}" + (f" + {result.n_missing:,} missing" if result.n_missing else ""),
            points(result.agreement),
            points(result.quality),
        )
        for result in ordered
    ]
    bound = ["* sees the truth: an upper bound, not a mediator."] if any(r.upper_bound for r in results) else []
    return Grid(
        "Ratings by arm, 1-7 (mean and 95% interval over groups)",
        ("arm", "statements", "ratings", "agreement", "quality"),
        rows,
        "\n".join([*bound, counts_sentence(results, counts)]),
    )


def counts_sentence(results: Sequence[ArmResult], counts: RatingCounts) -> str:
    """Why the numbers of ratings by arm, of ratings given and of pairs differ."""
    if not counts.n_ratings:
        return f"No statement has a rating.{_half(counts)}"
    given = f"{counted(counts.n_ratings, 'rating')} of {counted(counts.n_statements, 'statement')} in all"
    single = f", and {counted(counts.n_single, 'rating')} without a second" if counts.n_single else ""
    pairs = f": {counted(counts.n_pairs, 'pair')} of a first and a second rating{single}" if counts.n_pairs else ""
    several = " A statement that several arms show counts for each." if _several(results, counts) else ""
    return f"{given}{pairs}.{several}{_half(counts)}"


def _several(results: Sequence[ArmResult], counts: RatingCounts) -> bool:
    return sum(result.n_ratings for result in results) > counts.n_ratings


def _half(counts: RatingCounts) -> str:
    if not counts.n_half:
        return ""
    has, counts_as = ("has", "counts") if counts.n_half == 1 else ("have", "count")
    return f" {counts.n_half:,} more {has} one answer of two, on agreement or on quality, and {counts_as} as missing."


def _omissions(arm: str, results: Sequence[OmissionResult]) -> Grid:
    rows = [
        (f"{r.omitted:,}" if r.omitted else "none", points(r.used), points(r.left_out), points(r.difference))
        for r in results
        if r.arm == arm
    ]
    return Grid(
        f"Agreement with statements of {arm} by number of opinions left out, 1-7",
        ("opinions left out", "of people used", "of people left out", "difference"),
        rows,
        "used: people whose opinion the statement was made from; left out: people whose opinion was left out; people who gave"
        " none are in neither. difference: left out minus used.",
    )
