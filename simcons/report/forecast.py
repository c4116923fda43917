"""A forecast in sentences and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from simcons.analysis.prediction_powered import Powered
from simcons.analysis.resampling import Estimate
from simcons.counted import counted, days_and_hours, listed
from simcons.experiments.forecast.people import PowerAmongPeople
from simcons.experiments.forecast.power import POWER, ArmComparison
from simcons.experiments.forecast.run import Amount, Forecast
from simcons.experiments.power.sizes import Needed
from simcons.report.few_people import why_alone, written_otherwise
from simcons.report.tables import Table

_NONE = "-"
LABELS: Mapping[str, str] = {
    "recruited": "people to recruit",
    "no_show": "no-shows",
    "screened_out": "screened out",
    "declined": "decline to take part",
    "gave_up_waiting": "give up waiting in the lobby",
    "turned_away": "turned away, as groups are full",
    "finished": "finish their session",
    "dropped_out": "drop out of their session",
    "group_ended": "lose their group, which becomes too small",
    "formed": "groups that meet",
    "complete": "complete groups",
    "rounds": "complete rounds",
    "launches": "launches",
    "hours": "from the first launch to the last session",
    "session_minutes": "minutes of a complete session",
    "pay": "pay",
    "fee": "platform's fee",
    "vat": "VAT on the fee",
    "cost": "cost with people",
}


def forecast_sentences(forecast: Forecast) -> list[str]:
    """Sentences on the cost and the power of the study, the most important first."""
    told = [*cost_sentences(forecast), *model_sentences(forecast), *power_sentences(forecast)]
    return told if forecast.people is None else [*told, *people_sentences(forecast.people)]


def cost_sentences(forecast: Forecast) -> list[str]:
    """On people, time and money, one each."""
    return [_people(forecast), _time(forecast), _money(forecast)]


def forecast_tables(forecast: Forecast) -> list[Table]:
    """Tables of the study's cost, of its calls to models, and of its power by the number of groups."""
    tables = [study_table(forecast)]
    if "calls" in {amount.name for amount in forecast.amounts}:
        tables.append(models_table(forecast))
    tables += power_tables(forecast)
    return tables if forecast.people is None else [*tables, of_people_table(forecast.people)]


def power_tables(forecast: Forecast) -> list[Table]:
    """By the number of groups, the power for each difference that is known, and the differences found."""
    tables = []
    if any(comparison.difference is not None for comparison in forecast.comparisons):
        tables.append(_power_table(forecast))
    if forecast.comparisons:
        tables.append(_detectable_table(forecast))
    return tables


def forecast_markdown(forecast: Forecast) -> str:
    """Sentences and tables as a document."""
    parts = [f"# {forecast.scenario.name}: what the study would take"]
    parts.append("\n".join(f"* {sentence}" for sentence in forecast_sentences(forecast)))
    for table in forecast_tables(forecast):
        head = [_markdown_row(table.header), _markdown_row(["---", *["---:"] * (len(table.header) - 1)])]
        parts += [f"## {table.title}", "\n".join([*head, *map(_markdown_row, table.rows)]), table.note]
    return "\n\n".join(part for part in parts if part) + "\n"


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


# --- sentences -----------------------------------------------------------------------------------------------------


def _people(forecast: Forecast) -> str:
    recruited, dropped_out = forecast.amount("recruited"), _or_none(forecast, "dropped_out")
    formed, complete = forecast.amount("formed"), forecast.amount("complete")
    leave = (
        "nobody dropped out in the rehearsal"
        if dropped_out is None
        else f"{_range(dropped_out)} drop out of their session"
    )
    short = ""
    if formed.value < forecast.scenario.design.groups:
        short = f" Only {_range(formed)} of the {forecast.scenario.design.groups:,} groups meet: people run out."
    return (
        f"Recruit {_range(recruited)} people; {leave}, and {_range(complete)} of {forecast.scenario.design.groups:,} groups are"
        f" complete.{short}"
    )


def _time(forecast: Forecast) -> str:
    launches, hours = (forecast.amount(name) for name in ("launches", "hours"))
    minutes = _or_none(forecast, "session_minutes")
    session = "" if minutes is None else f"; a complete session takes {_range(minutes)} minutes"
    return f"The study takes {_range(launches)} launches and {_range(hours)} from the first of them to the last session{session}."


def _money(forecast: Forecast) -> str:
    parts = [f"{LABELS[name]} {_pounds(forecast.amount(name).value)}" for name in ("pay", "fee", "vat")]
    return f"It costs {_range(forecast.amount('cost'))}: {listed(parts if forecast.amount('vat').high else parts[:2])}."


def model_sentences(forecast: Forecast) -> Iterator[str]:
    """On the calls of the study, if it asks models."""
    calls = _or_none(forecast, "calls")
    if calls is None:
        return
    read, written = forecast.amount("tokens_in"), forecast.amount("tokens_out")
    price, hours = forecast.amount("price"), _or_none(forecast, "engine_hours")
    paid = f", for {_range(price)} in the currency of its prices" if price.high else ""
    time = "" if hours is None else f"; {_range(hours)} hours of engine time"
    yield (
        f"Models get {_range(calls)} calls: {_range(read)} tokens of prompts and {_range(written)} of replies{paid}{time}."
    )
    if forecast.pilot is None:
        yield _guessed(forecast)


def _guessed(forecast: Forecast) -> str:
    """What is known of the length of replies without a pilot: how long they can be."""
    read, written, price = (_or_none(forecast, f"most_{name}") for name in ("tokens_in", "tokens_out", "price"))
    told = (
        "How long replies are, and how fast a model writes them, is not known before it runs: lengths here are guesses. A small"
        " run with the same arms (--pilot RUN) tells both."
    )
    if read is None or written is None or price is None:  # pipelines alone are asked
        return told
    paid = f", for up to {_shown(price, price.high)}" if price.high else ""
    return (
        f"{told} Were every reply as long as it may be, there would be up to {_shown(written, written.high)} tokens of replies"
        f" and {_shown(read, read.high)} of prompts, which hold them{paid}; answers that cannot be used, and are asked for again,"
        " come on top."
    )


def power_sentences(forecast: Forecast) -> Iterator[str]:
    """One a comparison of arms; and why there is none."""
    if len(forecast.scenario.mediators) < 2:
        yield "There is one arm, and so no comparison whose power could be told."
        return
    if not forecast.comparisons:
        yield "Groups do not differ enough in what they make of the arms to say what a comparison could find."
        return
    for comparison in forecast.comparisons:
        yield _comparison(comparison, forecast)
    if not forecast.simulated:
        yield (
            "How far arms will be apart is not known before their models have written anything; a small run with the same arms"
            " (--pilot RUN) tells."
        )


def _comparison(comparison: ArmComparison, forecast: Forecast) -> str:
    pair = f"{comparison.arm} over {comparison.against}"
    own = comparison.at(forecast.scenario.design.groups)
    if comparison.difference is None or own.power is None:
        least = f"{own.detectable.value:.2f} points"
        return f"{pair}: the least difference that {own.n_groups:,} groups find with probability {POWER:g} is {least}."
    source = "in the pilot" if forecast.pilot else "as rehearsed"
    return (
        f"{pair}: {_points(comparison.difference)} points {source}; {own.n_groups:,} groups find that with probability"
        f" {_share(own.power)}. {_needed(comparison.needed)}"
    )


def people_sentences(people: PowerAmongPeople) -> Iterator[str]:
    """What a few people say of each pair of arms; what predictions save is never told without what it rests on."""
    for each in people.comparisons:
        found = each.found
        takes = f"finding that with probability {POWER:g} takes {_groups(each.alone)} groups of people"
        said = f"{each.arm} over {each.against}, by {counted(found.alone.n, 'group')} of people ({people.name})"
        if each.predicted is None or found.both is None or found.r is None:
            yield f"{said}: {_points(found.alone)} points; {takes}. {_why_not_predicted(people, found)}"
            continue
        yield (
            f"{said}, with ratings predicted for them: {_points(found.both)} points; {takes} alone, or"
            f" {_groups(each.predicted)} with predictions. A group with them is then worth {_worth(found.r)} alone: if the arms"
            " write as they did for these people, and people agree as far with a scorer that learnt nothing from them."
        )
        if (strange := written_otherwise(found)) is not None:
            yield strange


def _why_not_predicted(people: PowerAmongPeople, found: Powered) -> str:
    if not people.asked:
        return "What predictions would save is told by simcons compare --people, as models have to be asked."
    return f"Predictions do not help: {why_alone(found)}."


def _worth(r: Estimate) -> str:
    """1 / (1 - r^2) groups: ``2.6 (1.4 to 4.1)``; those of a correlation below 0 are worth nothing more."""
    value, *ends = (1 / (1 - min(max(end, 0.0), 0.99) ** 2) for end in (r.value, *(r.interval or ())))
    return f"{value:.1f}{' ({:.1f} to {:.1f})'.format(*ends) if ends else ''}"


def _needed(needed: Needed | None) -> str:
    if needed is None or needed.estimate is None:
        cap = 0 if needed is None else needed.cap
        return f"Probability {POWER:g} takes more than {cap:,} groups."
    return f"Probability {POWER:g} takes {_groups(needed)} groups."


# --- tables --------------------------------------------------------------------------------------------------------


def study_table(forecast: Forecast) -> Table:
    """People, groups, time and money."""
    amounts = [amount for amount in forecast.amounts if amount.name in LABELS and (amount.high or amount.name == "pay")]
    studies = counted(forecast.n_replications, "replication")
    sessions = counted(len(forecast.rehearsal.sessions), "rehearsed session")
    return Table(
        "What the study takes",
        ("", "expected", "from", "to"),
        tuple((LABELS[a.name], *(_shown(a, number) for number in (a.value, a.low, a.high))) for a in amounts),
        f"Means and 95% prediction intervals of {studies}, with sessions drawn from {sessions}. Minutes: of single complete"
        " sessions.",
    )


def models_table(forecast: Forecast) -> Table:
    """Calls and tokens by act and engine."""
    names = ["calls", "tokens_in", "tokens_out", "price", "engine_hours"]
    abouts = dict.fromkeys(
        amount.about for amount in forecast.amounts if amount.topic == "models" and amount.name == "calls"
    )
    there = [name for name in names if any(a.name == name and a.high for a in forecast.amounts)]
    rows = [(about or "all", *(_cell(_or_none(forecast, name, about)) for name in there)) for about in abouts]
    limits = [
        f" The limits of engine {amount.about} alone take {_range(amount)} hours."
        for amount in forecast.amounts
        if amount.name == "least_hours"
    ]
    source = "as in the pilot" if forecast.pilot else "estimated from their characters"
    return Table(
        "What models and pipelines are asked",
        ("act (engine)", *(name.replace("_", " ") for name in there)),
        tuple(rows),
        f"Means of {counted(forecast.n_replications, 'replication')}. Tokens: {source}.{''.join(limits)}",
    )


def _power_table(forecast: Forecast) -> Table:
    return _by_size(
        forecast,
        "Probability of finding the difference, by number of groups",
        lambda estimate: f"{estimate.value:.2f}",
        power=True,
    )


def _detectable_table(forecast: Forecast) -> Table:
    return _by_size(
        forecast,
        f"Difference found with probability {POWER:g}, in points, by number of groups",
        lambda estimate: f"{estimate.value:.2f}",
        power=False,
    )


def _by_size(forecast: Forecast, title: str, shown: Callable[[Estimate], str], *, power: bool) -> Table:
    sizes = [answer.n_groups for answer in forecast.comparisons[0].sizes]
    heads = ["difference", f"groups for {POWER:g}"] if power else []
    note = _test(forecast.comparisons[0]) if power or not forecast.simulated else ""
    rows = []
    for comparison in forecast.comparisons:
        estimates = [answer.power if power else answer.detectable for answer in comparison.sizes]
        own = [_points(comparison.difference), _groups(comparison.needed)] if power else []
        cells = [_NONE if estimate is None else shown(estimate) for estimate in estimates]
        rows.append((f"{comparison.arm} over {comparison.against}", *own, *cells))
    return Table(title, ("arms", *heads, *(f"{n:,}" for n in sizes)), tuple(rows), note)


def of_people_table(people: PowerAmongPeople) -> Table:
    """Groups of people needed, alone and with predictions, a row a pair of arms."""
    rows = tuple(
        (
            f"{each.arm} over {each.against}",
            _points(each.found.alone),
            _groups(each.alone),
            _NONE if each.found.r is None else f"{each.found.r.value:.2f}",
            _groups(each.predicted),
        )
        for each in people.comparisons
    )
    return Table(
        f"Groups of people for {POWER:g}, by a few people's own ratings",
        ("arms", "difference", "alone", "r", "predicted"),
        rows,
        f"Mean agreement of {counted(people.comparisons[0].found.alone.n, 'group')} of people ({people.name}). Predicted: with"
        f" ratings that scorer {people.scorer} predicts, which correlate by r over groups.",
    )


def _test(comparison: ArmComparison) -> str:
    return (
        f"Mean agreement of the group, from {counted(comparison.sampled.difference.n, 'group')}. Two-sided t test over groups at"
        f" {comparison.alpha:.2g}: .05 over the number of comparisons."
    )


# --- numbers -------------------------------------------------------------------------------------------------------


def _or_none(forecast: Forecast, name: str, about: str = "") -> Amount | None:
    try:
        return forecast.amount(name, about)
    except KeyError:
        return None


def _range(amount: Amount) -> str:
    """``457 (441 to 480)``; the number alone where it is certain."""
    value, low, high = (_shown(amount, number) for number in (amount.value, amount.low, amount.high))
    return value if low == value == high else f"{value} ({low} to {high})"


def _cell(amount: Amount | None) -> str:
    return _NONE if amount is None else _shown(amount, amount.value)


def _shown(amount: Amount, number: float) -> str:
    if amount.unit == "GBP":
        return _pounds(number)
    if amount.unit == "hours" and amount.topic == "time":
        return days_and_hours(number * 3600)
    if amount.unit in ("hours", "price"):
        return f"{number:,.2f}"
    return f"{number:,.0f}"


def _pounds(number: float) -> str:
    return f"£{number:,.0f}" if number >= 100 else f"£{number:,.2f}"


def _points(estimate: Estimate | None) -> str:
    if estimate is None:
        return _NONE
    ends = "" if estimate.interval is None else " ({:.2f} to {:.2f})".format(*estimate.interval)
    return f"{estimate.value:.2f}{ends}"


def _share(estimate: Estimate) -> str:
    return _points(estimate)


def _groups(needed: Needed | None) -> str:
    """``45 (30 to 80)``, ``>2,000``."""
    if needed is None:
        return _NONE
    value, low, high = (
        f">{needed.cap:,}" if n is None else f"{n:,}" for n in (needed.estimate, needed.low, needed.high)
    )
    return value if low == value == high else f"{value} ({low} to {high})"
