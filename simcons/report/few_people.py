"""A few people beside a comparison or a plan: what they say alone, what predictions add, and where these cannot."""

from __future__ import annotations

from collections.abc import Iterator

from simcons.analysis.prediction_powered import FEWEST_GROUPS, Powered
from simcons.analysis.resampling import SIGNIFICANT
from simcons.counted import counted
from simcons.experiments.compare.people import DifferencesAmongPeople, PeopleRow
from simcons.report.differences import interval, name_of
from simcons.report.intervals import NO_ESTIMATE
from simcons.report.tables import Table

PEOPLE_TITLE = "A few people, and predictions of them"


def people_findings(people: DifferencesAmongPeople) -> Iterator[str]:
    """Sentences on the first measure: people alone and with predictions, and whether these may be used."""
    row = people.rows[0]
    found, unit, name = row.people, row.measure.unit, name_of(row.measure)
    alone = f"{counted(found.alone.n, 'group')} of people ({people.name}) say {interval(found.alone, unit)} in {name}"
    simulated = f"the simulation says {interval(row.simulated, unit)}"
    if found.both is None:
        yield f"{alone}; {simulated}. Predictions do not narrow what people say: {why_alone(found)}."
        return
    yield (
        f"{alone}; {simulated}. With ratings predicted for them people say {interval(found.both, unit)}{worth_in_words(found)}."
        " That holds if the arms wrote what people saw as they write now, and the scorer learnt nothing from these people;"
        " whatever else it gets wrong cancels."
    )
    if (strange := written_otherwise(found)) is not None:
        yield strange


def why_alone(found: Powered) -> str:
    """Why predictions cannot be used, as the end of a sentence."""
    if found.alone.n < FEWEST_GROUPS:
        return f"no interval holds below {FEWEST_GROUPS} groups"
    return "the same is predicted whatever the arms write, or nothing can be"


def worth_in_words(found: Powered) -> str:
    """ ", as surely as about 14 groups alone"."""
    return "" if found.worth is None else f", as surely as about {found.worth:,.0f} groups alone"


def written_otherwise(found: Powered) -> str | None:
    """A sentence where what people saw is predicted to be better or worse, as a whole, than what the arms write."""
    p = None if found.ahead is None else found.ahead.p_value()
    if found.ahead is None or p is None or p > SIGNIFICANT:
        return None
    return (
        "What people saw does not look as if these arms had written it: in the difference between them it is predicted to be"
        f" {found.ahead.value:+.2f} points from what they write (p {p:.2g}). Trust people alone."
    )


def people_table(people: DifferencesAmongPeople) -> Table:
    """A row a measure: people alone, with predictions, and the groups of people that these are worth."""
    row = people.rows[0]
    lost = f" ({row.n_unpredicted:,} without a prediction)" if row.n_unpredicted else ""
    note = (
        f"People: {people.arms['change']} less {people.arms['base']}, {counted(row.n_rounds, 'round')}{lost}. With predictions:"
        f" less what scorer {people.scorer} predicts of what they saw beyond what either arm writes for the same opinions"
        f" ({people.times} times over). Worth: groups of people alone that would tell as much. 95% intervals, not corrected."
    )
    return Table(
        PEOPLE_TITLE, ("measure", "people", "with predictions", "worth"), tuple(map(_cells, people.rows)), note
    )


def _cells(row: PeopleRow) -> tuple[str, ...]:
    unit, found = row.measure.unit, row.people
    alone, both = (
        NO_ESTIMATE if each is None else interval(each, unit, with_unit=unit == "share")
        for each in (found.alone, found.both)
    )
    return name_of(row.measure), alone, both, NO_ESTIMATE if found.worth is None else f"{found.worth:,.0f}"
