"""The commands that examine welfare functions: reselect, axioms, stress. They are registered in `app`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import typer

from simcons.cli.console import console as make_console
from simcons.cli.console import print_bare, styled
from simcons.cli.display.reselection import show_reselection
from simcons.cli.messages import ConsoleMessages
from simcons.cli.reselect import read_settings, reselect_run
from simcons.cli.settings import Overrides, Seed, changes, folder_to_write

# What help says below the options.
RESELECT_MORE = (
    "No model is called. Options may be repeated. A rule may be a function of yours, as for simcons axioms. With neither --alpha"
    " nor --rule: alphas 0, 0.5, 1, 2 and inf, and leximin, schulze, borda and approval. --map makes utilities of scores (if none"
    " is given likert); if no --scorer is named all but the oracle count, and if no --judge is named 0, 1, 2 and inf."
)
AXIOMS_MORE = (
    "For each axiom that fails a witness is shown. A function of yours takes utilities, an array of candidates by people. It"
    " returns one value a candidate, the higher the better, and refuses what it does not take with ValueError. Domains: ratings,"
    " expected, wide, zeros, signs, huge, tiny. Axioms: docs/axioms.md. A function may be named as module:function too."
)
STRESS_MORE = (
    "Tests run in numeric worlds, in which opinions are numbers. The shipped test called power asks how large a study of people"
    " must be to tell two rules apart. Results do not depend on --jobs. A rule of yours that fails in a condition has no findings"
    " there; exit code 1 if it failed in every condition of a test."
)


_Alphas = Annotated[
    list[str] | None, typer.Option("--alpha", metavar="ALPHA", help="0 utilitarian, 1 Nash, inf Rawlsian; or 0,1,inf.")
]
_Rules = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="RULE", help="leximin, schulze, borda, approval, file.py:name."),
]
_Maps = Annotated[
    list[str] | None, typer.Option("--map", metavar="MAP", help="likert, exp:1, sigmoid:1,4, affine:1,0 or raw.")
]
_Scorers = Annotated[
    list[str] | None, typer.Option("--scorer", metavar="NAME", help="Whose scores; oracle for the truth.")
]
_Judges = Annotated[
    list[str] | None, typer.Option("--judge", metavar="ALPHA", help="What judges by the truth: 0, 1, 2, inf.")
]


def reselect(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A finished run.")],
    alphas: _Alphas = None,
    rules: _Rules = None,
    maps: _Maps = None,
    scorers: _Scorers = None,
    judges: _Judges = None,
    missing: Annotated[
        Literal["refuse", "leave_out"],
        typer.Option(metavar="WHAT", help="Missing scores: refuse (default) or leave_out.", show_default=False),
    ] = "refuse",
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Seed of the numbers that break ties.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="A new folder for tables, figures and a page.", callback=folder_to_write),
    ] = None,
) -> None:
    """Choose again from a run's candidates by other rules and maps."""
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


def axioms(
    rules: Annotated[
        list[str],
        typer.Argument(metavar="RULE", help="Name, alpha, or file.py:function."),
    ],
    domains: Annotated[
        list[str] | None,
        typer.Option("--domain", metavar="NAME", help="Such as ratings; repeatable."),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option("--axiom", metavar="NAME", help="Such as symmetry; repeatable."),
    ] = None,
    claim: Annotated[
        str | None, typer.Option("--claims", metavar="ALPHA", help="The alpha that your function computes.")
    ] = None,
    examples: Annotated[int, typer.Option(metavar="N", min=1, max=1_000_000, help="Random draws a domain.")] = 200,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the random draws.")] = 0,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 if an axiom fails.")] = False,
) -> None:
    """Examine which axioms welfare functions keep, your own too."""
    from simcons.cli.axioms import show_axioms  # loads Hypothesis, which no other command needs

    kept = show_axioms(
        rules,
        make_console(),
        messages=ConsoleMessages(make_console(stderr=True)),
        claim=claim,
        domains=domains or (),
        axioms=names or (),
        examples=examples,
        seed=seed,
    )
    if strict and not kept:
        raise typer.Exit(1)


def stress(
    tests: Annotated[
        list[str] | None,
        typer.Argument(metavar="TEST", help="Files or shipped names (default: all shipped).", show_default=False),
    ] = None,
    overrides: Overrides = None,
    seed: Seed = None,
    rounds: Annotated[
        int | None, typer.Option(metavar="N", min=2, help="Rounds of each condition (not for power).")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processes at work (default: one a core).")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="A new folder (default: the next runs/NAME-001).", callback=folder_to_write
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing but the name of the folder.")] = False,
) -> None:
    """Stress-test welfare functions; find what a study can show."""
    from simcons.cli import stress as command  # loads the charts, which few commands need

    console, messages = make_console(quiet=quiet), ConsoleMessages(make_console(quiet=quiet, stderr=True))
    suite = command.load_suite(tests or (), changes(overrides, seed), rounds=rounds)
    folder = command.result_folder(suite, out)
    results = command.run_suite(suite, jobs=jobs or os.cpu_count() or 1, messages=messages)
    with messages.step("Drawing the report"):
        page = command.write_results(folder, results)
    if quiet:
        print_bare(folder)
    else:
        command.show_results(results, console)
        console.print(styled("\nResult folder: ", (str(folder), "bold")), soft_wrap=True)
        console.print(styled("Open the report: ", (str(page), "bold")), soft_wrap=True)
    if results.lacks_a_rule:
        raise typer.Exit(1)
