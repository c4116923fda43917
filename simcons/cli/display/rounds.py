"""One round on a terminal: the question, what people wrote, the statement they liked best, and who rated it how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from simcons.analysis.round_in_full import RoundInFull, Voice, round_in_full
from simcons.analysis.round_truth import MemberTruth, round_truth
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.report.rounds import best_heading, statement_heading
from simcons.storage.load import Run

_NOISE = (
    "Ratings carry noise, as people's do, and can differ from what is said; show --truth says what each person holds."
)


def print_round(run: Run, round_id: str | None, console: Console, *, truth: bool = False) -> None:
    """Print the round asked for, or the one where the group was most divided. truth: also what people really held."""
    if round_id is None and not run.rounds["complete"].any():
        console.print("\nNo round was rated to the end, so there is none to show.")
        return
    shown = round_in_full(run, round_id)
    truths = round_truth(run, shown.round_id, shown.candidate_id) if truth else {}
    chosen = "" if round_id is not None or not _divided(shown) else " (where the group was most divided)"
    unfinished = " of a run that has not finished" if run.partial else ""
    console.print(styled("\n", (f"Round {shown.round_id}", "bold"), f"{unfinished}{chosen}: {shown.question}"))
    if shown.voices and shown.position_statement is not None:
        console.print(_indented(styled(("Position statement, rated first: ", "green"), shown.position_statement)))
    for number, voice in enumerate(shown.voices, start=1):
        told = _voice(number, voice, truths.get(voice.participant_id), placed=shown.position_statement is not None)
        console.print(_indented(told))
    if not truth and not run.imported and _any_rating(shown):
        console.print(_NOISE, style="dim")
    _statements(shown, truths, console, everything=round_id is not None)


def _divided(shown: RoundInFull) -> bool:
    return len({voice.position for voice in shown.voices} - {None}) > 1


def _any_rating(shown: RoundInFull) -> bool:
    ratings = (answers for voice in shown.voices for answers in ((voice.position,), *voice.ratings.values()))
    return any(answer is not None for answers in ratings for answer in answers)


def _indented(text: Text | str) -> Padding:
    return Padding(text, (0, 0, 0, 2))


def _voice(number: int, voice: Voice, truth: MemberTruth | None, *, placed: bool) -> Text:
    """A person in a line. placed: whether they were asked for a position."""
    rated = "no rating" if voice.position is None else f"rated {voice.position} of 7"
    again = "" if voice.position_again is None else f", {voice.position_again} at the end"
    parts = [". ".join(filter(None, (str(number), voice.who))), *([f"{rated}{again}"] if placed else [])]
    if truth is not None:
        parts += [f"true position {truth.position:.1f}"] if truth.position is not None else []
        parts += [f"careless: {truth.careless}"] if truth.careless else []
    opinion = voice.opinion if voice.opinion is not None else "(no opinion in time)"
    return styled((f"{'; '.join(parts)}: ", "cyan"), opinion)


def _statements(shown: RoundInFull, truths: Mapping[str, MemberTruth], console: Console, *, everything: bool) -> None:
    if not shown.statements:
        console.print("  No statement was rated in this round.")
        return
    best, *others = shown.statements
    console.print(Padding(styled((f"{best_heading(best)}: ", "green"), best.text), (1, 0, 0, 2)))
    print_grid(_ratings(shown.voices, truths), console)
    if everything:
        for other in others:
            console.print(_indented(styled((f"{statement_heading(other)}: ", "yellow"), other.text)))


def _ratings(voices: Sequence[Voice], truths: Mapping[str, MemberTruth]) -> Grid:
    """Who rated it how, in the order of the opinions."""
    scales = list(voices[0].ratings) if voices else []
    n_passes = max((len(answers) for voice in voices for answers in voice.ratings.values()), default=0)
    columns = ["its ratings by person", *scales, *(f"true {scale}" for scale in scales if truths)]
    rows = [
        [f"{number}. {voice.who}", *map(_passes, voice.ratings.values()), *_true_ratings(truths, voice)]
        for number, voice in enumerate(voices, start=1)
    ]
    notes = ["First and second rating."] if n_passes > 1 else []
    notes += ["True values have no bounds and can lie outside 1-7."] if truths else []
    return Grid("", columns, rows, " ".join(notes))


def _passes(answers: Sequence[int | None]) -> str:
    return ", ".join("-" if answer is None else str(answer) for answer in answers) or "none"


def _true_ratings(truths: Mapping[str, MemberTruth], voice: Voice) -> Iterator[str]:
    if not truths:
        return
    member = truths.get(voice.participant_id)
    for value in member.appraisal.values() if member else [None] * len(voice.ratings):
        yield "-" if value is None else f"{value:.1f}"
