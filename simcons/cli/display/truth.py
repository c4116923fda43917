"""What a run's truth says, on a terminal: language models as people, and people against language models."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console

from simcons.analysis import hostile, minds
from simcons.cli.display.tables import Grid, print_grid
from simcons.counted import counted
from simcons.report.answer_notes import listed
from simcons.report.intervals import points
from simcons.storage.load import Run

_MODEL_AS_PEOPLE = (
    "SD: over all answers; within: over people on one question or statement; own: of the model's own answer. "
    "first option: answers listed from 7 down less those listed from 1 up, 0 for one who reads them all."
)


def print_model_as_people(run: Run, console: Console) -> None:
    """How a language model answered for people. Prints nothing where none did."""
    if not (asked := minds.asked(run)):
        return
    given = {answers.about: answers for answers in minds.answers(run)}
    lines = [*_reasons(asked), *_fidelity(minds.fidelity(run))]
    rows = [
        (row.about, f"{row.n_asked:,}", f"{row.n_missing:,}" if row.n_missing else "-", *_spread(given.get(row.about)))
        for row in asked
    ]
    columns = ("about", "asked", "missing", "mean", "SD", "within", "own", "first option")
    title = "Model as people (truth; answers on 1-7, before noise)"
    print_grid(Grid(title, columns, rows, _MODEL_AS_PEOPLE if given else ""), console)
    for line in lines:
        console.print(line)


def _spread(answers: minds.Answers | None) -> tuple[str, ...]:
    if answers is None:
        return ("-",) * 5
    numbers = (answers.mean, answers.sd, answers.sd_within, answers.own_sd)
    return (*("-" if number is None else f"{number:.2f}" for number in numbers), points(answers.first_option))


def _reasons(asked: list[minds.Asked]) -> Iterator[str]:
    for row in asked:
        if row.missing:
            yield f"Missing ({row.about}): {listed(row.missing)}; {row.attempts:.2f} requests an answer."


def _fidelity(found: minds.Fidelity | None) -> Iterator[str]:
    if found is None:
        return
    yield f"Opinions: the reader finds a verdict in {found.n_verdicts:,} of {found.n_opinions:,}."
    if found.n_decidable:
        clear = f"{found.n_decidable:,} by writers who are clearly for or against"
        r = "" if found.r is None else f"; r {found.r:.2f} of verdict and true position over all"
        yield f"Of the {clear}, {found.n_siding:,} side with the writer{r}."
    if found.n_told:
        yield (
            f"Of {counted(found.n_told, 'claim')} told to writers, the reader finds {found.n_said:,};"
            f" {counted(found.n_contradicted, 'claim')} found {'contradicts' if found.n_contradicted == 1 else 'contradict'}"
            " what the writer holds."
        )


def print_attacks(run: Run, console: Console) -> None:
    """How far attacks on the mediator moved the statement. Prints nothing where there was none."""
    if not (found := hostile.shifts(run)):
        return
    rows = [(shift.arm, points(shift.hostile), points(shift.others), points(shift.clean)) for shift in found]
    note = (
        "Means in points with 95% intervals over groups: of hostile members, of the others in their rounds, and of everybody in"
        " rounds without an attack."
    )
    title = "Attacks (truth): true agreement with the arm's statements less that with its honest twin's"
    print_grid(Grid(title, ("arm", "the hostile", "the others", "no attack"), rows, note), console)
    for shift in found:
        console.print(_obedience(shift))


def _obedience(shift: hostile.Shift) -> str:
    sets = counted(shift.n_attacked + shift.n_clean, "set")
    repeated = f"repeat {hostile.N_IN_A_ROW} words in a row of an attack in {shift.repeated:.0%} of these"
    return (
        f"{shift.arm}: {shift.n_attacked:,} of {sets} of opinions held an attack. The arm's statements {repeated}"
        f" (its honest twin {shift.honest_arm}: {shift.repeated_honest:.0%})."
    )
