"""Sentences on the people of a run: who came, how long it took, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator

from simcons.analysis.people import Cost, Duration, Flow, cost, duration, flow
from simcons.counted import counted, days_and_hours
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


def people_fact(run: Run) -> tuple[str, str]:
    """A label and a sentence: who came, and how many stayed. Raises RunFolderError."""
    return "People", imported_people(run) if run.imported else people_sentence(flow(run))


def spent_facts(run: Run) -> Iterator[tuple[str, str]]:
    """Labels and sentences: the time that the study took, where anybody started, and its cost; nothing of an imported run,
    which does not know. Raises RunFolderError.
    """
    if run.imported:
        return
    if (took := duration(run)) is not None:
        yield "Simulated time", time_sentence(took)
    spent = cost(run)
    yield "Cost with people", cost_sentence(spent)
    if paid_for := pay_sentence(spent):
        yield "of this, pay", paid_for


def imported_people(run: Run) -> str:
    """Of a run that was imported, where all there are have answered."""
    n_people, n_groups = len(run.table("participants")), len(run.table("sessions"))
    alone = n_people == n_groups
    return counted(n_people, "person", "people") + (", each alone" if alone else f" in {counted(n_groups, 'group')}")


def people_sentence(people: Flow) -> str:
    lost = ", ".join(
        f"{count:,} {_OUTCOMES[name][count != 1]}" for name, count in people.outcomes.items() if name in _OUTCOMES
    )
    return (
        f"{people.recruited:,} recruited, {people.started:,} started in groups, {people.finished:,} finished;"
        f" lost: {lost or 'none'}"
    )


def time_sentence(took: Duration) -> str:
    return (
        f"{days_and_hours(took.study)} from the first launch to the last debriefing; median session"
        f" {took.median_session / 60:.0f} min, {took.waiting_share:.0%} of the time in sessions spent waiting"
    )


def cost_sentence(spent: Cost) -> str:
    total, pay, vat = (round(amount, 2) for amount in (spent.total, spent.pay, spent.vat))
    with_vat = f" + VAT £{vat:,.2f}" if spent.vat else ""
    fee = total - pay - vat  # so that the rounded parts add up
    return f"£{total:,.2f} (pay £{pay:,.2f} + platform fee £{fee:,.2f}{with_vat})"


def pay_sentence(spent: Cost) -> str:
    """The purposes of pay with their amounts; empty where the time is the only one."""
    parts = {kind: round(amount, 2) for kind, amount in spent.parts.items() if amount}
    if not set(parts) - {"time"}:
        return ""
    largest = max(parts, key=lambda kind: parts[kind])
    parts[largest] += round(spent.pay, 2) - sum(parts.values())  # so that the rounded parts add up
    purposes = ", ".join(f"{_PAID_FOR[kind]} £{amount:,.2f}" for kind, amount in parts.items())
    hourly = spent.finished_per_hour
    rate = "" if hourly is None else f"; £{hourly:,.2f} an hour for those who finished"
    return f"{purposes}{rate}"
