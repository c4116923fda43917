"""The commands. Each reads input, calls one function below this layer, and prints."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import BaseModel
from rich.console import Console
from typer.core import TyperGroup

from simcons.cli import display, display_round
from simcons.cli.calls import calls_as_csv, calls_as_json, show_calls
from simcons.cli.check import check_path
from simcons.cli.codebook import show_codebook
from simcons.cli.console import console as make_console
from simcons.cli.console import print_bare, styled
from simcons.cli.edited import source_of
from simcons.cli.ending import end
from simcons.cli.figures import figures, round_figures
from simcons.cli.messages import Messages
from simcons.cli.new import write_new
from simcons.cli.reselect import read_settings, reselect_run
from simcons.cli.reselect_tables import show as show_reselection
from simcons.cli.run import replay_run, resume_run, run_scenario
from simcons.counted import counted
from simcons.errors import ScenarioError
from simcons.population.card import card
from simcons.population.synthesis import synthesise
from simcons.questions.bank import Topic
from simcons.scenario.load import load_scenario
from simcons.scenario.population_file import PopulationFile, load_population_file
from simcons.scenario.power import PowerSettings
from simcons.scenario.shipped import find_population
from simcons.scenario.stress import Stress
from simcons.scenario.study import Scenario
from simcons.storage.export import export as export_tables
from simcons.storage.folder import check_tables
from simcons.storage.load import load
from simcons.storage.writer import CALLS
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
    help="Run a study of AI-assisted agreement on synthetic participants, before you run it on people.",
)

Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY.PATH=VALUE", help="Override one value of the scenario; may be repeated."),
]

AsText = Annotated[Literal["text", "json"], typer.Option("--format", help="For people, or for other programs.")]


@app.command()
def run(
    scenario: Annotated[
        str | None, typer.Argument(help="A scenario file, or the name of a shipped one.", show_default=False)
    ] = None,
    overrides: Overrides = None,
    out: Annotated[
        Path | None, typer.Option(help="The run folder; by default the next free one under output.folder.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a former run in that folder, its replies too.")
    ] = False,
    resume: Annotated[Path | None, typer.Option(metavar="RUN", help="Go on with an interrupted run.")] = None,
    replay: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Run again from the replies RUN kept, without any model.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="SESSION", help="Run this session alone, such as s00003; may be repeated."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress display; print the run folder only.")] = False,
    form: AsText = "text",
) -> None:
    """Run a synthetic study and print what came of it."""
    console, messages = make_console(quiet=quiet), make_console(quiet=quiet, stderr=True)
    folder = _run(
        scenario, overrides or (), out=out, force=force, resume=resume, replay=replay, only=only or (), console=messages
    )
    if form == "json":
        print(visible_json(figures(load(folder))))
        return
    if quiet:
        print_bare(folder)
        return
    result = load(folder)
    display.summary(result, console)
    display_round.sample(result, None, console)
    console.print(styled("\nRun folder: ", (str(folder), "bold")), soft_wrap=True)
    for round_id in result.rounds["round_id"][:1]:
        console.print(f"Look at any round with:  simcons show {folder} --round {round_id}", soft_wrap=True, style="dim")
    if (folder / CALLS).exists():
        console.print(f"What models were asked:  simcons calls {folder}", soft_wrap=True, style="dim")


def _run(
    scenario: str | None,
    overrides: Sequence[str],
    *,
    out: Path | None,
    force: bool,
    resume: Path | None,
    replay: Path | None,
    only: Sequence[str],
    console: Console,
) -> Path:
    """The one of SCENARIO, --resume and --replay that was given."""
    if sum(given is not None for given in (scenario, resume, replay)) != 1:
        raise ScenarioError("run: expected one of SCENARIO, --resume RUN and --replay RUN")
    if resume is not None:
        if out is not None or force or only:
            raise ScenarioError("--resume goes on with the run in its own folder; expected no --out, --force or --only")
        return resume_run(resume, overrides, console=console)
    if replay is not None:
        if overrides:
            raise ScenarioError(f"--set {overrides[0]!r}: a replay keeps its scenario; expected no --set")
        return replay_run(replay, out=out, force=force, console=console, only=only)
    loaded, source = load_scenario(str(scenario), overrides), source_of(str(scenario), overrides)
    return run_scenario(loaded, out=out, force=force, console=console, source=source, only=only)


@app.command()
def calls(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, finished or not.")],
    form: Annotated[
        Literal["text", "json", "csv"], typer.Option("--format", help="For people, or for other programs.")
    ] = "text",
) -> None:
    """Show what a run asked of language models: calls, tokens, time and price by act and model."""
    if form == "text":
        show_calls(run_folder, make_console())
    else:
        print(calls_as_json(run_folder) if form == "json" else calls_as_csv(run_folder))


@app.command()
def export(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    to: Annotated[Path, typer.Option(help="A new folder for the tables and their codebook.")],
    form: Annotated[Literal["csv", "parquet"], typer.Option("--format", help="The form of the tables.")] = "csv",
    truth: Annotated[bool, typer.Option("--truth", help="The tables that only a simulator knows, too.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="What there is of a run that has not finished.")] = False,
) -> None:
    """Write a run's tables as CSV or Parquet, with a codebook."""
    run = load(run_folder, partial=partial)
    tables = export_tables(run, to, form=form, truth=truth)
    console = make_console()
    unfinished = " of a run that has not finished" if run.partial else ""
    console.print(f"Wrote {counted(len(tables), 'table')}{unfinished} and their codebook to {to}", soft_wrap=True)


@app.command()
def check(
    path: Annotated[
        str, typer.Argument(help="A scenario, stress test, population or question bank: a path or a shipped name.")
    ],
    overrides: Overrides = None,
) -> None:
    """Check an input file without running anything; say what a scenario would do."""
    check_path(path, overrides or (), make_console())


@app.command()
def show(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.")],
    round_id: Annotated[str | None, typer.Option("--round", help="Show this round in full, such as s00001-r1.")] = None,
    truth: Annotated[
        bool, typer.Option("--truth", help="Show what people in the round really held, and who was careless.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Show what there is of a run that has not finished.")
    ] = False,
    form: AsText = "text",
) -> None:
    """Show a run's summary and a round, or one round in full."""
    console, result = make_console(), load(run_folder, partial=partial)
    check_tables(result)  # before anything is printed
    if form == "json":
        print(visible_json(round_figures(result, round_id, truth=truth) if round_id else figures(result)))
        return
    if round_id is None:
        display.summary(result, console)
    display_round.sample(result, round_id, console, truth=truth)


@app.command()
def reselect(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A finished run.")],
    alphas: Annotated[
        list[str] | None,
        typer.Option("--alpha", help="An isoelastic rule: 0 utilitarian, 1 Nash, inf Rawlsian, or 0,1,inf."),
    ] = None,
    rules: Annotated[
        list[str] | None, typer.Option("--rule", help="Another rule: leximin, schulze, borda, approval; or an alpha.")
    ] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            help="From scores to utilities: likert, exp:1, sigmoid:1,4, affine:1,0, raw; if none is given likert.",
        ),
    ] = None,
    scorers: Annotated[
        list[str] | None,
        typer.Option("--scorer", help="Whose scores, by name; oracle sees the truth; if none is given all others."),
    ] = None,
    judges: Annotated[
        list[str] | None, typer.Option("--judge", help="An alpha that judges by the truth; if none is given 0,1,2,inf.")
    ] = None,
    missing: Annotated[
        Literal["refuse", "leave_out"],
        typer.Option(help="What to do about people with scores of some of a set's candidates only."),
    ] = "refuse",
    seed: Annotated[int, typer.Option(min=0, help="Of the numbers that break ties.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="A new folder for tables of choices and findings, figures and a page.")
    ] = None,
) -> None:
    """Choose again from a run's recorded candidates under every rule and map, without calling any model.

    Options may be repeated. With neither --alpha nor --rule: alphas 0, 0.5, 1, 2, inf and leximin, schulze, borda, approval.
    """
    settings = read_settings(
        alphas=alphas or (),
        rules=rules or (),
        maps=maps or (),
        scorers=scorers or (),
        judges=judges or (),
        missing=missing,
        seed=seed,
    )
    console = make_console()
    show_reselection(reselect_run(run_folder, settings, out=out), console)
    if out is not None:
        console.print(styled("\nChoices, findings and a page to open: ", (str(out), "bold")), soft_wrap=True)


@app.command()
def axioms(
    rules: Annotated[
        list[str],
        typer.Argument(
            metavar="RULE...", help="module:function, path/to/file.py:function, an alpha, or the name of a rule."
        ),
    ],
    domains: Annotated[
        list[str] | None,
        typer.Option("--domain", help="ratings, expected, wide, zeros, signs, huge or tiny (default: all)."),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--axiom", help="Such as strict_monotonicity; see docs/axioms.md (default: all)."),
    ] = None,
    claim: Annotated[
        str | None, typer.Option("--claims", metavar="ALPHA", help="The alpha that your function claims to compute.")
    ] = None,
    examples: Annotated[int, typer.Option(min=1, max=1_000_000, help="Random draws for each domain.")] = 200,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 if an axiom fails.")] = False,
) -> None:
    """Examine welfare functions, your own too: which axioms hold, and a witness for each that fails.

    A function of yours takes utilities, an array of candidates by people. It returns one value a candidate, the higher the
    better, and refuses what it does not take with ValueError. --domain and --axiom may be repeated.
    """
    from simcons.cli.axioms import show_axioms  # loads Hypothesis, which no other command needs

    kept = show_axioms(
        rules,
        make_console(),
        messages=Messages(make_console(stderr=True)),
        claim=claim,
        domains=domains or (),
        axioms=names or (),
        examples=examples,
        seed=seed,
    )
    if strict and not kept:
        raise typer.Exit(1)


@app.command()
def stress(
    tests: Annotated[
        list[str] | None,
        typer.Argument(help="Stress-test files, or names of shipped ones (default: all of those).", show_default=False),
    ] = None,
    overrides: Overrides = None,
    rounds: Annotated[
        int | None, typer.Option(min=2, help="Rounds of each condition, whatever the files say (not for power).")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes to share the work (default: one a core); results are the same.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A new folder; by default the next free one under runs/.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress display; print the folder only.")] = False,
) -> None:
    """Stress-test welfare functions in numeric worlds, or ask what a study of people could find out about them."""
    from simcons.cli import stress as command  # loads the charts, which few commands need

    console, messages = make_console(quiet=quiet), Messages(make_console(quiet=quiet, stderr=True))
    suite = command.load_suite(tests or (), overrides or (), rounds=rounds)
    folder = command.result_folder(suite, out)
    results = command.run_suite(suite, jobs=jobs or os.cpu_count() or 1, messages=messages)
    with messages.step("Drawing the report"):
        page = command.write_results(folder, results)
    if quiet:
        print_bare(folder)
        return
    command.show_results(results, console)
    console.print(styled("\nResult folder: ", (str(folder), "bold")), soft_wrap=True)
    console.print(styled("Open the report: ", (str(page), "bold")), soft_wrap=True)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The name of the study, bank or population; the file is NAME.yaml.")],
    bank: Annotated[
        str | None, typer.Option(metavar="QUESTION", help="Write a question bank on this question, to fill in.")
    ] = None,
    population: Annotated[bool, typer.Option("--population", help="Write a population, complete, to change.")] = False,
    folder: Annotated[Path, typer.Option(help="Where to write it.")] = Path(),
) -> None:
    """Write a commented scenario, question bank or population to begin from."""
    path = write_new(name, folder, bank=bank, population=population)
    make_console().print(f"Wrote {path}. Check it with:  simcons check {path}", soft_wrap=True)


@app.command()
def schema(
    kind: Annotated[
        Literal["scenario", "population", "bank", "stress", "power"], typer.Argument(help="Which kind of file.")
    ] = "scenario",
) -> None:
    """Print the JSON Schema of an input file, for editors."""
    models: dict[str, type[BaseModel]] = {
        "scenario": Scenario,
        "population": PopulationFile,
        "bank": Topic,
        "stress": Stress,
        "power": PowerSettings,
    }
    print(json.dumps(models[kind].model_json_schema(), indent=2))


@app.command()
def codebook(
    table: Annotated[
        str | None, typer.Argument(help="A table, such as ratings or truth/personas; or measures.", show_default=False)
    ] = None,
) -> None:
    """Say what the tables, columns and measures of a run mean."""
    show_codebook(table, make_console())


@app.command()
def persona(
    population: Annotated[str, typer.Argument(help="A population: a path or a shipped name.")] = "uk",
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="How many people.")] = 3,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Print synthetic people as readable cards."""
    people = synthesise(load_population_file(find_population(population)), count, seed=seed)
    make_console().print("\n\n".join(card(people.persona(i)) for i in range(count)), soft_wrap=True)
