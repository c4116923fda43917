"""The commands. Each reads input, calls one function below this layer, and prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import BaseModel
from rich.console import Console
from typer.core import TyperGroup

from simcons.cli import rule_commands
from simcons.cli.analyse import ANALYSE_MORE, analyse_command
from simcons.cli.bank import bank_app
from simcons.cli.believe import BELIEVE_MORE, believe_command
from simcons.cli.calibrate import CALIBRATE_MORE, calibrate_command
from simcons.cli.calls import calls_as_csv, calls_as_json, show_calls
from simcons.cli.check import check_path
from simcons.cli.check_reader import accuracy_figures, check_readers, show_accuracy
from simcons.cli.codebook import show_codebook
from simcons.cli.compare import COMPARE_MORE, compare
from simcons.cli.console import console as make_console
from simcons.cli.console import print_bare, styled
from simcons.cli.display.figures import figures, round_figures
from simcons.cli.display.rounds import print_round
from simcons.cli.display.summary import print_summary
from simcons.cli.ending import end
from simcons.cli.evaluate import EVALUATE_MORE, evaluate
from simcons.cli.exploits import EXPLOITS_MORE, exploits
from simcons.cli.export import EXPORT_MORE, export
from simcons.cli.folders import kind_of, refuse_folder
from simcons.cli.gate import GATE_MORE, gate
from simcons.cli.import_study import IMPORT_MORE, import_command
from simcons.cli.loop import LOOP_MORE, loop
from simcons.cli.messages import ConsoleMessages
from simcons.cli.new.command import write_new
from simcons.cli.plan import PLAN_MORE, plan
from simcons.cli.report import make_report, report_of
from simcons.cli.run import replay_run, resume_run, run_scenario
from simcons.cli.serve import SERVE_MORE, serve
from simcons.cli.settings import AsText, Overrides, Seed, changes, folder_to_write
from simcons.cli.sweep import SWEEP_MORE, sweep
from simcons.cli.train.commands import train_app
from simcons.cli.version import print_version
from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.population.card import card
from simcons.population.synthesis import Population, synthesise
from simcons.questions.bank import Topic
from simcons.scenario.files import read_yaml
from simcons.scenario.gate import GateSettings
from simcons.scenario.load import load_scenario
from simcons.scenario.mapping import MappingFile
from simcons.scenario.other_worlds import OtherWorldsSettings
from simcons.scenario.population_file import PopulationFile, load_population_file
from simcons.scenario.power import PowerSettings
from simcons.scenario.shipped import find_population, find_scenario
from simcons.scenario.study import Scenario
from simcons.scenario.sweep import StudySweepSettings
from simcons.scenario.worlds import StressSettings
from simcons.storage.check import check_tables
from simcons.storage.layout import CALLS
from simcons.storage.load import Run, load
from simcons.study.plan import population_of
from simcons.visible import visible_json


class _Commands(TyperGroup):
    """Commands whose output is written when they return, and whose Ctrl-C and broken pipe end as all errors do."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        try:
            result: object = super().invoke(ctx)
            sys.stdout.flush()
        except (KeyboardInterrupt, BrokenPipeError) as error:
            raise typer.Exit(end(error)) from None
        return result


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# Parts of the list of commands.
_STUDIES, _RULES, _INPUT, _TRAINING = "Studies", "Welfare functions", "Input files", "Training"

READER_MORE = (
    "Kinds: rules, model. With neither SCENARIO nor --reader: rules, or with --engine model. Settings as in a scenario:"
    " --reader '{kind: model, by: structured}'. --engine is one of SCENARIO's engines; without SCENARIO a model for transformers,"
    " or settings: --engine '{kind: openai, base_url: URL, model: NAME}'. Texts have the form of benchmarks/reader/test.yaml."
)

SCHEMA_MORE = (
    "Kinds: scenario, population, bank, mapping; stress, power (for stress); gate; worlds; sweep; sft, reward, persona, loop"
    " (recipes)."
)


@app.callback()
def simcons(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=print_version, help="Print versions and end.")
    ] = False,
) -> None:
    """Run a study of AI-assisted agreement on synthetic people first."""


@app.command(rich_help_panel=_STUDIES)
def run(
    scenario: Annotated[
        str | None,
        typer.Argument(metavar="SCENARIO", help="A scenario file, or the name of a shipped one.", show_default=False),
    ] = None,
    overrides: Overrides = None,
    seed: Seed = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The folder (default: the next runs/NAME-001).", callback=folder_to_write),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the run in that folder, replies too.")] = False,
    resume: Annotated[Path | None, typer.Option(metavar="RUN", help="Go on with an interrupted run.")] = None,
    replay: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Run again from RUN's replies, without any model.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="SESSION", help="Run one session, such as s00003; repeatable."),
    ] = None,
    workers: Annotated[
        int, typer.Option(metavar="N", min=1, help="Processes, if no model is asked.", show_default=False)
    ] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but the name of the run folder.")] = False,
    form: AsText = "text",
) -> None:
    """Run a synthetic study and print the results."""
    done = _run(
        scenario,
        changes(overrides, seed),
        out=out,
        force=force,
        resume=resume,
        replay=replay,
        only=only or (),
        workers=workers,
        console=make_console(quiet=quiet, stderr=True),
    )
    if form == "json":
        print(visible_json(figures(done)))
    elif quiet:
        print_bare(done.folder)
    else:
        _print_results(done, make_console())


def _print_results(run: Run, console: Console) -> None:
    """Summary and first round of a run, and what to type to see more."""
    print_summary(run, console)
    print_round(run, None, console)
    console.print(styled("\nRun folder: ", (str(run.folder), "bold")), soft_wrap=True)
    if (page := report_of(run, console)) is not None:
        console.print(styled("Report, with figures and every round: ", (str(page), "bold")), soft_wrap=True)
    for round_id in run.rounds["round_id"][:1]:
        console.print(
            f"Look at any round with:  simcons show {run.folder} --round {round_id}", soft_wrap=True, style="dim"
        )
    if (run.folder / CALLS).exists():
        console.print(f"What models were asked:  simcons calls {run.folder}", soft_wrap=True, style="dim")


def _run(
    scenario: str | None,
    overrides: Sequence[str],
    *,
    out: Path | None,
    force: bool,
    resume: Path | None,
    replay: Path | None,
    only: Sequence[str],
    workers: int,
    console: Console,
) -> Run:
    """The one of SCENARIO, --resume and --replay that was given."""
    if sum(given is not None for given in (scenario, resume, replay)) != 1:
        raise ScenarioError("run: expected one of SCENARIO, --resume RUN and --replay RUN")
    if resume is not None:
        if out is not None or force or only:
            raise ScenarioError("--resume goes on with the run in its own folder; expected no --out, --force or --only")
        return resume_run(resume, overrides, workers=workers, console=console)
    if replay is not None:
        if overrides:
            raise ScenarioError(f"--set {overrides[0]!r}: a replay keeps its scenario; expected no --set")
        return replay_run(replay, out=out, force=force, only=only, workers=workers, console=console)
    if (path := find_scenario(str(scenario))).is_dir():
        refuse_folder(path, "run")
    return run_scenario(str(scenario), overrides, out=out, force=force, only=only, workers=workers, console=console)


@app.command(rich_help_panel=_INPUT)
def check(
    path: Annotated[str, typer.Argument(metavar="INPUT", help="A file, or the name of a shipped one.")],
    overrides: Overrides = None,
    seed: Seed = None,
) -> None:
    """Check an input file; say what a scenario would do."""
    check_path(path, changes(overrides, seed), make_console())


@app.command("check-reader", rich_help_panel=_INPUT, epilog=READER_MORE)
def check_reader(
    scenario: Annotated[
        str | None,
        typer.Argument(metavar="SCENARIO", help="Whose readers; else those named.", show_default=False),
    ] = None,
    readers: Annotated[
        list[str] | None, typer.Option("--reader", metavar="READER", help="A kind, settings, or a name; repeatable.")
    ] = None,
    texts: Annotated[str, typer.Option(metavar="FILE", help="dev, test, or a file.")] = "test",
    engine: Annotated[str | None, typer.Option(metavar="NAME", help="A model for kind model.")] = None,
    overrides: Overrides = None,
    form: AsText = "text",
) -> None:
    """Measure how well readers hear what labelled texts say."""
    checked = check_readers(
        scenario,
        readers or (),
        texts=texts,
        engine=engine,
        overrides=overrides or (),
        messages=ConsoleMessages(make_console(stderr=True)),
    )
    if form == "json":
        print(visible_json(accuracy_figures(checked)))
    else:
        show_accuracy(checked, make_console())


@app.command(rich_help_panel=_STUDIES)
def show(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    round_id: Annotated[
        str | None, typer.Option("--round", metavar="ROUND", help="Show this round in full, such as s00001-r1.")
    ] = None,
    truth: Annotated[bool, typer.Option("--truth", help="Show what people truly held, and who was careless.")] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Show what there is of a run that has not finished.")
    ] = False,
    form: AsText = "text",
) -> None:
    """Show a run's summary and a round, or one round in full."""
    console, result = make_console(), load(run_folder, partial=partial)
    check_tables(result, truth=truth)  # before anything is printed
    if form == "json":
        print(visible_json(round_figures(result, round_id, truth=truth) if round_id is not None else figures(result)))
        return
    if round_id is None:
        print_summary(result, console)
    print_round(result, round_id, console, truth=truth)


@app.command(rich_help_panel=_STUDIES)
def report(
    run_folders: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders, side by side.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="The page (default: report.html in RUN).", callback=folder_to_write
        ),
    ] = None,
    partial: Annotated[bool, typer.Option("--partial", help="What there is of an unfinished run.")] = False,
    figures: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="A new folder for its figures: SVG, PNG, CSV.",
            callback=folder_to_write,
        ),
    ] = None,
) -> None:
    """Write a page with findings, figures and every round."""
    console = make_console()
    console.print(f"Wrote {make_report(run_folders, out, partial=partial, figures=figures)}", soft_wrap=True)
    if figures is not None:
        console.print(f"Wrote its figures to {figures}", soft_wrap=True)


@app.command(rich_help_panel=_STUDIES)
def calls(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, finished or not.")],
    form: Annotated[
        Literal["text", "json", "csv"], typer.Option("--format", metavar="FORM", help="text, json or csv.")
    ] = "text",
) -> None:
    """Show what a run's model calls took: tokens, time, price."""
    if form == "text":
        show_calls(run_folder, make_console())
    else:
        print(calls_as_json(run_folder) if form == "json" else calls_as_csv(run_folder))


@app.command(rich_help_panel=_INPUT)
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called; the file is NAME.yaml.")],
    bank: Annotated[
        str | None, typer.Option(metavar="QUESTION", help="Write a question bank on this question.")
    ] = None,
    population: Annotated[bool, typer.Option("--population", help="Write a population, complete, to change.")] = False,
    folder: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where to write it.", callback=folder_to_write)
    ] = Path(),
) -> None:
    """Write a scenario, bank or population to begin from."""
    path = write_new(name, folder, bank=bank, population=population)
    make_console().print(f"Wrote {path}. Check it with:  simcons check {path}", soft_wrap=True)


@app.command(rich_help_panel=_INPUT, epilog=SCHEMA_MORE)
def schema(
    kind: Annotated[
        Literal[
            "scenario",
            "population",
            "bank",
            "mapping",
            "stress",
            "power",
            "gate",
            "worlds",
            "sweep",
            "sft",
            "reward",
            "persona",
            "loop",
        ],
        typer.Argument(
            metavar="KIND",
            show_choices=False,
            show_default=False,
            help="The kind of file (scenario).",
        ),
    ] = "scenario",
) -> None:
    """Print the JSON Schema of an input file, for editors."""
    from simcons.loop.recipe import LoopRecipe  # loads what other commands do not need
    from simcons.training.recipes import PersonaSettings, RewardSettings, SftSettings

    models: dict[str, type[BaseModel]] = {
        "scenario": Scenario,
        "population": PopulationFile,
        "bank": Topic,
        "mapping": MappingFile,
        "stress": StressSettings,
        "power": PowerSettings,
        "sweep": StudySweepSettings,
        "gate": GateSettings,
        "worlds": OtherWorldsSettings,
        "sft": SftSettings,
        "persona": PersonaSettings,
        "reward": RewardSettings,
        "loop": LoopRecipe,
    }
    print(json.dumps(models[kind].model_json_schema(), indent=2))


@app.command(rich_help_panel=_STUDIES)
def codebook(
    table: Annotated[
        str | None,
        typer.Argument(metavar="TABLE", help="Such as ratings, truth/personas; or measures.", show_default=False),
    ] = None,
) -> None:
    """Say what a run's tables, columns and measures mean."""
    show_codebook(table, make_console())


@app.command(rich_help_panel=_INPUT)
def persona(
    population: Annotated[
        str, typer.Argument(metavar="POPULATION", help="A file, also a scenario's, or a name.")
    ] = "uk",
    count: Annotated[int, typer.Option("--count", "-n", metavar="N", min=1, max=1000, help="How many people.")] = 3,
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Seed of the draws (0; a scenario's own).")
    ] = None,
) -> None:
    """Print synthetic people as readable cards."""
    people = _people(find_population(population), count, seed)
    make_console().print("\n\n".join(card(people.persona(i), EN_GB.people) for i in range(count)), soft_wrap=True)


def _people(path: Path, count: int, seed: int | None) -> Population:
    """The first people of a population, or of those whom a scenario can recruit."""
    document = read_yaml(path)
    if isinstance(document, dict) and kind_of(document) == "scenario":
        return population_of(load_scenario(path, [] if seed is None else [f"seed={seed}"]), count)
    return synthesise(load_population_file(path), count, seed=seed or 0)


app.command("analyse", rich_help_panel=_STUDIES, epilog=ANALYSE_MORE)(analyse_command)
app.command("believe", rich_help_panel=_STUDIES, epilog=BELIEVE_MORE)(believe_command)
app.command("calibrate", rich_help_panel=_STUDIES, epilog=CALIBRATE_MORE)(calibrate_command)
app.command(rich_help_panel=_STUDIES, epilog=COMPARE_MORE)(compare)
app.command(rich_help_panel=_STUDIES, epilog=GATE_MORE)(gate)
app.command(rich_help_panel=_STUDIES, epilog=EXPLOITS_MORE)(exploits)
app.command(rich_help_panel=_STUDIES, epilog=EXPORT_MORE)(export)
app.command("import", rich_help_panel=_STUDIES, epilog=IMPORT_MORE)(import_command)
app.command(rich_help_panel=_STUDIES, epilog=PLAN_MORE)(plan)
app.command(rich_help_panel=_STUDIES, epilog=SERVE_MORE)(serve)
app.command(rich_help_panel=_STUDIES, epilog=SWEEP_MORE)(sweep)
app.add_typer(bank_app, name="bank", rich_help_panel=_INPUT)
app.add_typer(train_app, name="train", rich_help_panel=_TRAINING)
for command, more in (
    (rule_commands.reselect, rule_commands.RESELECT_MORE),
    (rule_commands.axioms, rule_commands.AXIOMS_MORE),
    (rule_commands.stress, rule_commands.STRESS_MORE),
):
    app.command(rich_help_panel=_RULES, epilog=more)(command)
app.command(rich_help_panel=_TRAINING, epilog=LOOP_MORE)(loop)
app.command(rich_help_panel=_TRAINING, epilog=EVALUATE_MORE)(evaluate)
