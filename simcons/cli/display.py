"""Results on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from simcons.analysis import hostile, minds
from simcons.analysis.agreement import ArmResult, Estimate, by_arm, divisiveness
from simcons.analysis.people import Flow, cost, duration, flow
from simcons.analysis.reliability import retest
from simcons.analysis.sample import SampleRound, Voice, sample_round
from simcons.cli.console import styled
from simcons.cli.progress import clock
from simcons.storage.load import Run
from simcons.storage.writer import TRUTH

_OUTCOMES = {
    "no_show": "did not show up",
    "screened_out": "screened out",
    "declined": "declined consent",
    "gave_up_waiting": "gave up waiting",
    "turned_away": "turned away (groups full)",
    "dropped_out": "dropped out",
    "group_ended": "group ended early",
}


def summary(run: Run, console: Console) -> None:
    """Who took part, what the arms scored, how reliable the ratings are, how long it took and what it cost; where the truth has
    not been taken out of the folder, also how a language model played the people, and what attacks did.
    """
    name, seed = run.manifest.get("name", run.folder.name), run.manifest.get("seed", "?")
    console.print(styled("\n", (str(name), "bold"), f" (seed {seed}): synthetic participants, not people\n"))
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim")
    facts.add_column()
    for label, text in _facts(run):
        facts.add_row(label, text)
    console.print(facts)
    console.print(_arms(by_arm(run)))
    if (run.folder / TRUTH).is_dir():
        _model_as_people(run, console)
        _attacks(run, console)


def _facts(run: Run) -> list[tuple[str, str]]:
    people, spent, took, divided = flow(run), cost(run), duration(run), divisiveness(run)
    facts = [("People", _people(people))]
    n_complete = int(run.rounds["complete"].sum())
    share = f" ({divided.n_divisive / divided.n_rounds:.0%})" if divided.n_rounds else ""
    facts.append(
        ("Rounds", f"{n_complete} rated to the end; {divided.n_divisive} of {divided.n_rounds} divisive{share}")
    )
    for measure in ("agreement", "quality"):
        pairs = retest(run, measure)
        if pairs is not None:
            r = "undefined" if pairs.r is None else f"{pairs.r:.2f}"
            text = f"r {r}, same answer {pairs.exact:.0%}, within one point {pairs.within_one:.0%} ({pairs.n_pairs:,} pairs)"
            facts.append((f"Retest, {measure}", text))
    if took is not None:
        sessions = f"median session {took.median_session / 60:.0f} min, {took.waiting_share:.0%} of it waiting"
        facts.append(("Simulated time", f"{clock(took.study)} from first launch to last debriefing; {sessions}"))
    vat = f" + VAT £{spent.vat:,.2f}" if spent.vat else ""
    facts.append(
        ("Cost with people", f"£{spent.total:,.2f} (pay £{spent.pay:,.2f} + platform fee £{spent.fee:,.2f}{vat})")
    )
    return facts


def _people(people: Flow) -> str:
    lost = ", ".join(f"{count} {_OUTCOMES[name]}" for name, count in people.outcomes.items() if name in _OUTCOMES)
    return f"{people.recruited} recruited, {people.started} started in groups, {people.finished} finished ({lost or 'none lost'})"


def _arms(results: list[ArmResult]) -> Table:
    table = Table(
        title="Ratings by arm (1-7; mean and 95% interval over groups)", title_justify="left", title_style="bold"
    )
    table.add_column("arm", overflow="fold")
    for column in ("statements", "ratings", "agreement", "quality"):
        table.add_column(column, justify="right", no_wrap=True)
    for result in sorted(results, key=lambda result: -result.agreement.mean):
        name = result.arm + (" *" if result.upper_bound else "")
        ratings = f"{result.n_ratings:,}" + (f" + {result.n_missing:,} missing" if result.n_missing else "")
        table.add_row(name, f"{result.n_statements:,}", ratings, _estimate(result.agreement), _estimate(result.quality))
    if any(result.upper_bound for result in results):
        table.caption, table.caption_justify = "* sees the truth: an upper bound, not a mediator", "left"
    return table


def _estimate(estimate: Estimate) -> str:
    if isnan(estimate.mean):
        return "-"
    if estimate.interval is None:
        return f"{estimate.mean:.2f}"
    return f"{estimate.mean:.2f} [{estimate.interval[0]:.2f}, {estimate.interval[1]:.2f}]"


# --- language models as people, and people against language models -----------------------------------------------

_MODEL_AS_PEOPLE = (
    "SD: over all answers; within: over people on one question or statement; own: of the model's own answer. "
    "first option: answers listed from 7 down less those listed from 1 up, 0 for one who reads them all."
)


def _model_as_people(run: Run, console: Console) -> None:
    if not (asked := minds.asked(run)):
        return
    given = {answers.about: answers for answers in minds.answers(run)}
    title = "Model as people (truth; answers on 1-7, before noise)"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.show_edge = False  # or it would not fit 80 columns
    table.add_column("about", no_wrap=True)
    for column in ("asked", "missing", "mean", "SD", "within", "own", "first option"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in asked:
        missing = f"{row.n_missing:,}" if row.n_missing else "-"
        table.add_row(row.about, f"{row.n_asked:,}", missing, *_spread(given.get(row.about)))
    console.print(table)
    if given:
        console.print(_MODEL_AS_PEOPLE, style="dim")
    for line in [*_reasons(asked), *_fidelity(minds.fidelity(run))]:
        console.print(line)


def _spread(answers: minds.Answers | None) -> tuple[str, ...]:
    if answers is None:
        return ("-",) * 5
    pull = "-" if answers.first_option is None else _estimate(answers.first_option)
    numbers = (answers.mean, answers.sd, answers.sd_within, answers.own_sd)
    return (*("-" if number is None else f"{number:.2f}" for number in numbers), pull)


def _reasons(asked: list[minds.Asked]) -> Iterator[str]:
    for row in asked:
        if row.missing:
            reasons = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in row.missing.items())
            yield f"Missing ({row.about}): {reasons}; {row.attempts:.2f} requests an answer."


def _fidelity(found: minds.Fidelity | None) -> Iterator[str]:
    if found is None:
        return
    siding = f", {found.n_siding} of {found.n_decidable} on the writer's side" if found.n_decidable else ""
    r = "" if found.r is None else f" (r {found.r:.2f} with position)"
    yield f"Opinions: the reader finds a verdict in {found.n_verdicts} of {found.n_opinions}{siding}{r}."
    if found.n_told:
        yield f"Claims told to writers: {found.n_said} of {found.n_told} found, {found.n_contradicted} found contradicted."


def _attacks(run: Run, console: Console) -> None:
    if not (found := hostile.shifts(run)):
        return
    title = "Attacks: true agreement (1-7), less that with the arm's honest twin"
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("arm", overflow="fold")
    for column in ("the hostile", "the others", "no attack"):
        table.add_column(column, justify="right", no_wrap=True)
    for shift in found:
        table.add_row(shift.arm, _estimate(shift.hostile), _estimate(shift.others), _estimate(shift.clean))
    console.print(table)
    for shift in found:
        console.print(_obedience(shift))


def _obedience(shift: hostile.Shift) -> str:
    of_all = f"{shift.n_attacked} of {shift.n_attacked + shift.n_clean} sets of opinions held an attack"
    repeated = f"{shift.repeated:.0%} of the statements from them repeat {hostile.N_IN_A_ROW} words of it in a row"
    return f"{shift.arm}: {of_all}; {repeated} ({shift.honest_arm}: {shift.repeated_honest:.0%})."


def sample(run: Run, round_id: str | None, console: Console) -> None:
    """One round in full: the one asked for, or the one in which the group was most divided."""
    shown = sample_round(run, round_id)
    chosen = "" if round_id else " (where the group was most divided)"
    console.print(styled("\n", (f"Round {shown.round_id}", "bold"), f"{chosen}: {shown.question}"))
    for voice in shown.voices:
        console.print(_voice(voice))
    _statements(shown, console, everything=round_id is not None)


def _voice(voice: Voice) -> Padding:
    opinion = voice.opinion if voice.opinion is not None else "(no opinion in time)"
    position = "no answer" if voice.position is None else f"position {voice.position}/7"
    return Padding(styled((f"{voice.who}, {position}: ", "cyan"), opinion), (0, 0, 0, 2))


def _statements(shown: SampleRound, console: Console, *, everything: bool) -> None:
    if not shown.statements:
        console.print("  No statement was rated in this round.")
        return
    best, *others = shown.statements
    bound = ", which saw the truth: an upper bound" if best.upper_bound else ""
    scores = f"agreement {best.agreement:.1f}, quality {best.quality:.1f}"
    label = f"Best-rated statement (arm {best.arm}{bound}; from {best.n_opinions} opinions; {scores}): "
    console.print(Padding(styled((label, "green"), best.text), (1, 0, 0, 2)))
    answers = ", ".join(
        "/".join("-" if a is None else str(a) for a in voice.agreement) or "none" for voice in shown.voices
    )
    console.print(
        Padding(f"Its agreement ratings, person by person (first/second pass): {answers}", (0, 0, 0, 2)), style="dim"
    )
    if everything:
        for other in others:
            label = f"{other.arm} (agreement {other.agreement:.1f}, quality {other.quality:.1f}): "
            console.print(Padding(styled((label, "yellow"), other.text), (0, 0, 0, 2)))
