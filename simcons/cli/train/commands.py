"""The commands under ``simcons train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from simcons.cli.console import console as make_console
from simcons.cli.settings import folder_to_write
from simcons.errors import InputError

DATA_MORE = (
    "Rules: `SCALE >= RATING`, `top PERCENT% by SCALE within the study`, or the same `above the mean of its round`. Rounds on"
    " test questions are never learnt from; no group or person is on both sides. Guide: docs/training_data.md."
)

RECIPE_MORE = (
    "Shipped recipes: sft, reward, reward_encoder, reward_late_interaction; every key: docs/recipes.md. Losses over the steps:"
    " tensorboard --logdir FOLDER/logs. Guide: docs/training.md."
)

PERSONA_MORE = (
    "Prompts are those of `mind: {kind: llm}`; no table of the truth is read, and no question, group or person is on both sides."
    " Keys of the recipe: docs/recipes.md. Guide: docs/language_model_participants.md."
)

PERSONA_CHECK_MORE = (
    "The model answers as it comes and, with --adapter, as it was taught, side by side: what the people were asked who were held"
    " out of the data, or everybody in a run, on questions that the adapter has not learnt from. FOLDER gets manifest.json with"
    " all figures, opinions.csv to be read blind, and key.csv. Guide: docs/language_model_participants.md."
)

EXPORT_MORE = (
    "DTYPE: float32, bfloat16, float16. With bfloat16 a merged adapter loses part of what it learnt. What is exported is a"
    " checkpoint too. Guide: docs/training.md."
)

TrainingData = Annotated[Path, typer.Argument(metavar="DATA", help="A folder that `simcons train data` made.")]
Checkpoint = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="A new folder for the checkpoint.", callback=folder_to_write)
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set a value, such as epochs=1; repeatable.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what was begun in FOLDER.")]
AsText = Annotated[
    Literal["text", "json"],
    typer.Option("--format", metavar="FORM", help="text (default), or json for programs.", show_default=False),
]

train_app = typer.Typer(no_args_is_help=True, help="Train models on the records of studies.")


@train_app.callback()
def train() -> None:
    """Train models on the records of studies."""


@train_app.command(epilog=DATA_MORE)
def data(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN", help="Run folders.")],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="A new folder.", callback=folder_to_write)],
    sft_rule: Annotated[
        str, typer.Option("--sft-rule", metavar="RULE", help="Statements to learn (quality >= 6).", show_default=False)
    ] = "quality >= 6",
    ties: Annotated[
        Literal["drop", "keep"],
        typer.Option(metavar="WHAT", help="Equal ratings: drop (default) or keep.", show_default=False),
    ] = "drop",
    arms: Annotated[
        list[str] | None,
        typer.Option("--arm", metavar="ARM", help="Whose statements (all); may be given again.", show_default=False),
    ] = None,
    raters: Annotated[
        Literal["reliable", "all"],
        typer.Option(metavar="WHO", help="People: reliable (default) or all.", show_default=False),
    ] = "reliable",
    prompt: Annotated[
        str, typer.Option(metavar="PROMPT", help="A name or a file (zero_shot).", show_default=False)
    ] = "zero_shot",
    validation: Annotated[
        float, typer.Option(metavar="SHARE", help="Of questions or groups, held out (0.1).", show_default=False)
    ] = 0.1,
    hold_out: Annotated[
        Literal["questions", "groups"],
        typer.Option("--hold-out", metavar="WHAT", help="questions (default) or groups.", show_default=False),
    ] = "questions",
    least: Annotated[
        int, typer.Option(metavar="N", help="Fewest examples to learn from (10).", show_default=False)
    ] = 10,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the random draws (0).", show_default=False)] = 0,
) -> None:
    """Make training data of runs: examples, comparisons, ratings."""
    from simcons.cli.train.data import make_data, show_data  # loads what other commands do not need
    from simcons.cli.train.given import settings_given
    from simcons.training.data.settings import DataSettings

    settings = settings_given(
        DataSettings,
        sft_rule=sft_rule,
        ties=ties,
        arms=tuple(arms) if arms else None,
        raters=raters,
        prompt=prompt,
        validation=validation,
        hold_out=hold_out,
        least=least,
        seed=seed,
    )
    show_data(make_data(runs, settings, out=out), out, make_console())


@train_app.command(epilog=RECIPE_MORE)
def sft(
    training_data: TrainingData,
    out: Checkpoint,
    recipe: Annotated[
        str, typer.Option(metavar="RECIPE", help="A file, or a shipped one (sft).", show_default=False)
    ] = "sft",
    overrides: Settings = None,
    resume: Resume = False,
    form: AsText = "text",
) -> None:
    """Fine-tune a mediator on statements worth writing."""
    from simcons.cli.train.training import show_trained, train_by  # loads what other commands do not need
    from simcons.training.recipes import SftSettings, load_recipe

    settings = load_recipe(SftSettings, recipe, overrides or ())
    show_trained(train_by(settings, training_data, out=out, resume=resume), out, form)


@train_app.command(epilog=RECIPE_MORE)
def reward(
    training_data: TrainingData,
    out: Checkpoint,
    recipe: Annotated[
        str, typer.Option(metavar="RECIPE", help="A file, or a shipped one (reward).", show_default=False)
    ] = "reward",
    overrides: Settings = None,
    resume: Resume = False,
    form: AsText = "text",
) -> None:
    """Train a reward model on what people answered."""
    from simcons.cli.train.training import show_trained, train_by
    from simcons.training.recipes import RewardSettings, load_recipe

    settings = load_recipe(RewardSettings, recipe, overrides or ())
    show_trained(train_by(settings, training_data, out=out, resume=resume), out, form)


@train_app.command("persona-data", epilog=PERSONA_MORE)
def persona_data(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN", help="Run folders: of latent minds, or imported from people.")
    ],
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="A new folder.", callback=folder_to_write)],
    raters: Annotated[
        Literal["reliable", "all"],
        typer.Option(metavar="WHO", help="People: reliable (default) or all.", show_default=False),
    ] = "reliable",
    opinion_prompt: Annotated[
        str, typer.Option("--opinion-prompt", metavar="PROMPT", help="A name or a file.", show_default=False)
    ] = "persona_opinion",
    rating_prompt: Annotated[
        str, typer.Option("--rating-prompt", metavar="PROMPT", help="A name or a file.", show_default=False)
    ] = "persona_rating",
    sides: Annotated[
        bool, typer.Option("--sides", help="Ask for the position statement and its negation, too.", show_default=False)
    ] = False,
    untold: Annotated[
        float,
        typer.Option(metavar="SHARE", help="Of rounds whose ratings tell no position (0).", show_default=False),
    ] = 0.0,
    unread: Annotated[
        float,
        typer.Option(metavar="SHARE", help="Of rounds whose ratings show no opinion (0).", show_default=False),
    ] = 0.0,
    validation: Annotated[
        float, typer.Option(metavar="SHARE", help="Of the questions, held out (0.1).", show_default=False)
    ] = 0.1,
    least: Annotated[
        int, typer.Option(metavar="N", help="Fewest people in rounds to learn from (10).", show_default=False)
    ] = 10,
    seed: Annotated[int, typer.Option(metavar="N", help="Seed of the random draws (0).", show_default=False)] = 0,
) -> None:
    """Make data from which a language model learns to play people."""
    from simcons.actors.settings import PersonaDataSettings
    from simcons.cli.train.given import settings_given
    from simcons.cli.train.persona import make_persona_data, show_persona_data

    settings = settings_given(
        PersonaDataSettings,
        raters=raters,
        opinion_prompt=opinion_prompt,
        rating_prompt=rating_prompt,
        sides=sides,
        untold=untold,
        unread=unread,
        validation=validation,
        least=least,
        seed=seed,
    )
    show_persona_data(make_persona_data(runs, settings, out=out), out, make_console())


@train_app.command(epilog=PERSONA_MORE)
def persona(
    data_folder: Annotated[
        Path, typer.Argument(metavar="DATA", help="A folder that `simcons train persona-data` made.")
    ],
    out: Checkpoint,
    recipe: Annotated[
        str, typer.Option(metavar="RECIPE", help="A file, or a shipped one (persona).", show_default=False)
    ] = "persona",
    overrides: Settings = None,
    resume: Resume = False,
    form: AsText = "text",
) -> None:
    """Fine-tune a language model to play people."""
    from simcons.cli.train.training import show_trained, train_by
    from simcons.training.recipes import PersonaSettings, load_recipe

    settings = load_recipe(PersonaSettings, recipe, overrides or ())
    show_trained(train_by(settings, data_folder, out=out, resume=resume), out, form)


@train_app.command("persona-check", epilog=PERSONA_CHECK_MORE)
def persona_check(
    held_out: Annotated[
        Path | None,
        typer.Argument(metavar="PEOPLE", help="A folder that `simcons train persona-data` made, or a run."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="A new folder.", callback=folder_to_write)
    ] = None,
    adapter: Annotated[
        str | None,
        typer.Option("--adapter", metavar="CHECKPOINT", help="That `simcons train persona` made."),
    ] = None,
    model: Annotated[
        str, typer.Option("--model", metavar="MODEL", help="(smollm2-135m-instruct)", show_default=False)
    ] = "smollm2-135m-instruct",
    people: Annotated[
        int, typer.Option("--people", metavar="N", help="Held-out people in rounds (60).", show_default=False, min=1)
    ] = 60,
    opinions: Annotated[
        int, typer.Option("--opinions", metavar="N", help="To read, of each model (60).", show_default=False, min=1)
    ] = 60,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Of draws (0).", show_default=False, min=0)] = 0,
    opinion_start: Annotated[
        Literal["free", "verdict"],
        typer.Option(
            "--opinion-start", metavar="START", help="Of opinions: free (default) or verdict.", show_default=False
        ),
    ] = "free",
    read: Annotated[
        Path | None, typer.Option("--read", metavar="FOLDER", help="Count what was filled in in FOLDER.")
    ] = None,
) -> None:
    """Hold a language model that plays people against people."""
    from simcons.cli.messages import ConsoleMessages
    from simcons.cli.train.persona_check import CheckSettings, check_persona, show_check, show_reading

    if read is not None:
        show_reading(read, make_console())
        return
    if held_out is None or out is None:
        raise InputError("persona-check: expected PEOPLE and --out FOLDER, or --read FOLDER")
    settings = CheckSettings(model, adapter, people, opinions, seed, opinion_start)
    messages = ConsoleMessages(make_console(stderr=True))
    show_check(check_persona(held_out, settings, out, messages), out, make_console())


@train_app.command(epilog=EXPORT_MORE)
def export(
    checkpoint: Annotated[Path, typer.Argument(metavar="CHECKPOINT", help="A finished checkpoint.")],
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="A new folder.", callback=folder_to_write)],
    merged: Annotated[bool, typer.Option("--merged", help="One model, the adapter merged into it.")] = False,
    dtype: Annotated[
        Literal["float32", "bfloat16", "float16"] | None,
        typer.Option(metavar="DTYPE", help="Of the weights.", show_default=False, show_choices=False),
    ] = None,
    base_model: Annotated[
        str | None, typer.Option("--base-model", metavar="ID", help="The base on a hub, for the card.")
    ] = None,
    license_id: Annotated[str | None, typer.Option("--license", metavar="ID", help="For the card.")] = None,
) -> None:
    """Write a checkpoint for vLLM and others, with a card."""
    from simcons.cli.train.export import export as write  # loads what other commands do not need

    write(checkpoint, to, make_console(), merged=merged, dtype=dtype, base_model=base_model, license=license_id)


@train_app.command()
def push(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="That `simcons train export` made.")],
    repository: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="A repository; made if need be.")],
    public: Annotated[bool, typer.Option("--public", help="A new repository is open to all.")] = False,
) -> None:
    """Upload an exported checkpoint to the Hugging Face hub."""
    from simcons.training.hub import push as upload  # loads what other commands do not need

    url = upload(folder, repository, private=not public)
    make_console().print(f"Uploaded to {url}", soft_wrap=True)
