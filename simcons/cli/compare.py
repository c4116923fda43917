"""``simcons compare``: two pipelines on the same people. It is registered in `app`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from simcons.cli.console import console as make_console
from simcons.cli.console import styled
from simcons.cli.few_people import Arms, People, Scorer, Times, people_settings
from simcons.cli.settings import Overrides, folder_to_write
from simcons.errors import InputError
from simcons.visible import visible_json

COMPARE_MORE = (
    "Of one scenario, --set makes the change; of two, it is of both. Measures: agreement, lowest, agreeing, unanimous, won,"
    " quality, represented; true_agreement, true_lowest, true_won, ... are of what people hold before any noise. The fewer are"
    " read, the less each is corrected. The same command with --out FOLDER goes on with a comparison that was stopped. With"
    " --people both are held against a few people, whose arms --arm base=NAME and change=NAME names. Guide:"
    " docs/compare.md."
)


Measures = Annotated[
    list[str] | None, typer.Option("--measure", metavar="NAME", help="Read this one (all); repeatable.")
]
Margins = Annotated[
    list[str] | None,
    typer.Option("--margin", metavar="NAME=SIZE", help="What does not matter: 'agreement=0.1 points'."),
]
Groups = Annotated[
    int | None, typer.Option(metavar="N", min=2, help="Groups, of both (the scenarios').", show_default=False)
]
Form = Annotated[
    Literal["text", "json", "markdown"], typer.Option("--format", metavar="FORM", help="text, json or markdown.")
]


def compare(
    base: Annotated[str, typer.Argument(metavar="BASE", help="A scenario file, or a shipped one.")],
    change: Annotated[
        str | None, typer.Argument(metavar="CHANGE", help="The scenario to hold against it.", show_default=False)
    ] = None,
    overrides: Overrides = None,
    measures: Measures = None,
    margins: Margins = None,
    groups: Groups = None,
    seed: Annotated[int | None, typer.Option(metavar="N", min=0, help="The seed, of both.")] = None,
    stop_early: Annotated[bool, typer.Option("--stop-early", help="Stop once every measure read is decided.")] = False,
    worlds: Annotated[
        str | None,
        typer.Option(metavar="WORLDS", help="In other worlds too: people, ears, a file.", show_default=False),
    ] = None,
    people: People = None,
    arms: Arms = None,
    scorer: Scorer = None,
    anew: Times = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="A new folder (next of runs/).", callback=folder_to_write)
    ] = None,
    form: Form = "text",
) -> None:
    """Compare two pipelines on the same people."""
    from simcons.cli.display.compare import show_comparison  # with pandas, which most commands do without
    from simcons.cli.watching import watched
    from simcons.experiments.compare.run import as_document, run_compare
    from simcons.report.compare import markdown, write_markdown
    from simcons.report.compare_page import comparison_page
    from simcons.report.page import write_page

    with watched(make_console(stderr=True)) as watching:
        result = run_compare(
            base,
            change,
            overrides=overrides or (),
            groups=groups,
            seed=seed,
            measures=measures or (),
            margins=dict(map(_margin, margins or ())),
            stop_early=stop_early,
            worlds=worlds,
            people=people_settings(people, arms, scorer, anew),
            out=out,
            watching=watching,
        )
    write_markdown(result)
    page = write_page(result.folder, comparison_page(result))
    if form == "json":
        print(visible_json(as_document(result)))
    elif form == "markdown":
        print(markdown(result), end="")
    else:
        console = make_console()
        show_comparison(result, console)
        where = styled("\nBoth runs, every table, and this as compare.md: ", (str(result.folder), "bold"))
        console.print(where, soft_wrap=True)
        console.print(
            styled("Report, with figures and every round that changed: ", (str(page), "bold")), soft_wrap=True
        )


def _margin(given: str) -> tuple[str, str]:
    name, separator, size = given.partition("=")
    if not separator:
        raise InputError(f"--margin {given!r}: expected a measure and its margin, such as 'agreement=0.1 points'")
    return name.strip(), size.strip()
