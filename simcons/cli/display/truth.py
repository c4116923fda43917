"""The truth of a run on a terminal: language models as people, and people against language models."""

from __future__ import annotations

from rich.console import Console

from simcons.analysis import hostile, minds
from simcons.cli.display.tables import Grid, print_grid
from simcons.report.intervals import points
from simcons.report.truth import fidelity_sentences, missing_answers, obedience_sentence
from simcons.storage.load import Run

_MODEL_AS_PEOPLE = (
    "SD: over all answers; within: over people on one question or statement; own: of the model's own answer. "
    "first option: answers listed from 7 down less those listed from 1 up, 0 for one who reads them all."
)


def print_model_as_people(run: Run, console: Console) -> None:
    """Print how a language model answered for people; nothing where none did."""
    if not (asked := minds.acts_asked(run)):
        return
    by_topic = {answers.about: answers for answers in minds.answers(run)}
    lines = [*missing_answers(asked), *fidelity_sentences(minds.opinion_fidelity(run))]
    rows = [
        (
            row.about,
            f"{row.n_asked:,}",
            f"{row.n_missing:,}" if row.n_missing else "-",
            *_spread(by_topic.get(row.about)),
        )
        for row in asked
    ]
    columns = ("about", "asked", "missing", "mean", "SD", "within", "own", "first option")
    title = "Model as people (truth; answers on 1-7, before noise)"
    print_grid(Grid(title, columns, rows, _MODEL_AS_PEOPLE if by_topic else ""), console)
    for line in lines:
        console.print(line)


def _spread(answers: minds.Answers | None) -> tuple[str, ...]:
    if answers is None:
        return ("-",) * 5
    numbers = (answers.mean, answers.sd, answers.sd_within, answers.own_sd)
    return (*("-" if number is None else f"{number:.2f}" for number in numbers), points(answers.first_option))


def print_attacks(run: Run, console: Console) -> None:
    """Print how far attacks on the mediator moved the statement; nothing where there was none."""
    if not (shifts := hostile.shifts(run)):
        return
    rows = [(shift.arm, points(shift.hostile), points(shift.others), points(shift.clean)) for shift in shifts]
    note = (
        "Means in points with 95% intervals over groups: of hostile members, of the others in their rounds, and of everybody in"
        " rounds without an attack."
    )
    title = "Attacks (truth): true agreement with the arm's statements less that with its honest twin's"
    print_grid(Grid(title, ("arm", "the hostile", "the others", "no attack"), rows, note), console)
    for shift in shifts:
        console.print(obedience_sentence(shift))
