"""``simcons evaluate``: checkpoints beside the arms of a scenario. It is registered in `app`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from simcons.cli.console import console as make_console
from simcons.cli.messages import ConsoleMessages
from simcons.cli.settings import folder_to_write

EVALUATE_MORE = (
    "A mediator is an arm that shows its first statement, and one that shows the best of several by each reward model given. A"
    " checkpoint is called as its folder, or NAME=FOLDER. Guide: docs/training.md."
)

_LEARNT = (
    "Training may have learnt from some of these questions; test questions alone:"
    " --set 'questions.split=[iid_test, ood_test]'"
)
_EVALUATIONS = Path("evaluations")


def evaluate(
    checkpoints: Annotated[list[str], typer.Argument(metavar="CHECKPOINT", help="Mediators and reward models.")],
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="A file, or a shipped one.")],
    against: Annotated[
        list[str] | None, typer.Option(metavar="ARM", help="Compare with it (the first); repeatable.")
    ] = None,
    prompt: Annotated[
        str | None, typer.Option(metavar="PROMPT", help="Of mediators (that they learnt).", show_default=False)
    ] = None,
    samples: Annotated[
        int, typer.Option(metavar="N", min=1, help="Candidates to choose from (16).", show_default=False)
    ] = 16,
    rounds: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="At least so many (its own).", show_default=False)
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A value of the scenario; repeatable.")
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, help="Seed of people and draws (0).", show_default=False)
    ] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="A new folder (next of evaluations/).", callback=folder_to_write, show_default=False
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the folder's name alone.")] = False,
) -> None:
    """Compare checkpoints with the arms of a scenario."""
    # Loads what other commands do not need.
    from simcons.cli.display.evaluations import show_end
    from simcons.cli.display.loop import begun_in, carry_out
    from simcons.loop.checkpoints import EvaluationSettings, evaluation_recipe, read_checkpoints

    settings = EvaluationSettings(scenario, overrides or (), against or (), prompt, samples, rounds, seed)
    recipe = evaluation_recipe(read_checkpoints(checkpoints), settings)
    console = make_console(quiet=quiet, stderr=True)
    loop = begun_in(recipe, out, console, parent=_EVALUATIONS)
    if any(_asks_to_learn(study.questions.split) for study in loop.scenarios.values()):
        ConsoleMessages(console).show(_LEARNT, style="yellow")
    show_end(carry_out(loop, console), quiet=quiet)


def _asks_to_learn(split: str | Sequence[str] | None) -> bool:
    """True if questions of the training split may be asked."""
    return split is None or "train" in ([split] if isinstance(split, str) else split)
