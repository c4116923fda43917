"""The page of the command line, from the commands themselves:  python docs/make/command_line.py > docs/cli.md"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer.main

from simcons.cli.app import app

MADE_BY = "<!-- made by: python docs/make/command_line.py > docs/cli.md -->"
INTRODUCTION = (
    "Every command with its arguments and options. `simcons --help` and `simcons COMMAND --help` print the same. What is"
    " wrong with what is given is said in one line (an input file has a line for each fault)."
)
EXIT_CODES = """
## Exit codes

| code | meaning |
| --- | --- |
| 0 | Done. |
| 1 | `gate` stops a change, `sweep` lacks a run, `stress` all of a rule of yours, `axioms --strict` or `exploits --gate` has a \
failure, or a fault of simcons. |
| 2 | Input that cannot be used, an engine that does not answer, a disk or memory that is full. |
| 3 | A budget is reached; `simcons run --resume` goes on. |
| 130, 143, 129 | Ctrl-C, SIGTERM, SIGHUP: a run keeps what it has, and `--resume` goes on. |
| 141 | What reads the output has gone. |
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n" + EXIT_CODES


def _lines() -> Iterator[str]:
    yield from ["# Command line", "", MADE_BY, "", INTRODUCTION]
    for name, command in _commands(typer.main.get_command(app)):
        yield from ["", f"## simcons {name}", "", command.help or ""]
        yield from _table("argument", [p for p in command.params if p.param_type_name == "argument"])
        yield from _table("option", [p for p in command.params if p.param_type_name == "option"])
        yield from ["", _epilog(command.epilog)] if command.epilog else []


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """All commands by their full names; of a group those in it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _table(title: str, parameters: list[Any]) -> Iterator[str]:
    if parameters:
        yield from ["", f"| {title} | meaning | default |", "| --- | --- | --- |"]
        yield from (f"| {_name(p)} | {_cell(p.help or '')} | {_default(p)} |" for p in parameters)


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{parameter.metavar}`" + (", ..." if parameter.nargs == -1 else "")
    names = ", ".join(f"`{name}`" for name in parameter.opts)
    return names if parameter.is_flag else f"{names} `{parameter.metavar}`"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    default = parameter.default() if callable(parameter.default) else parameter.default
    nothing = default is None or default is False or default in ("", ())
    return "" if nothing or not parameter.show_default else f"`{default}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _epilog(text: str) -> str:
    """Options and files in the type of code."""
    return re.sub(r"(?<![\w`])(--[a-z]+)", r"`\1`", text)


if __name__ == "__main__":
    print(markdown(), end="")
