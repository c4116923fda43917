"""No text steers the terminal, and none is taken for markup."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.markdown import Markdown
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from simcons.cli.console import console, styled

EVIL = "\x1b]0;x\x07\x1b[31m[bold]b[/]d[/b]/o[draft]:smile:\u202e"
SHOWN = r"\x1b]0;x\x07\x1b[31m[bold]b[/]d[/b]/o[draft]:smile:\u202e"
CLI = Path(__file__).parents[2] / "simcons" / "cli"


def table(cell) -> Table:
    made = Table(title=EVIL, caption=EVIL)
    made.add_column(EVIL)
    made.add_row(cell)
    return made


@pytest.mark.parametrize(
    ("made", "times"),
    [
        (EVIL, 1),
        (styled("a ", (EVIL, "bold")), 1),
        (Padding(EVIL, 1), 1),
        (table(EVIL), 4),
        (table(styled(EVIL)), 4),
    ],
)
def test_text_is_printed_as_it_is_and_nothing_of_it_is_sent(made, times):
    sink = StringIO()
    console(file=sink, width=300).print(made)
    assert sink.getvalue().count(SHOWN) == times
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", sink.getvalue())


@pytest.mark.parametrize("made", [Text(EVIL), Markdown(f"{EVIL} `{EVIL}`")])
def test_text_made_by_others_cannot_steer_either(made):
    sink = StringIO()
    console(file=sink, width=300).print(made)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", sink.getvalue())


def test_a_table_with_control_characters_stays_in_line():
    sink = StringIO()
    console(file=sink, width=300).print(table("\x1b[31mred"))
    assert len({len(line) for line in sink.getvalue().splitlines() if line[:1] in "┏┡└│┃"}) == 1


def test_every_command_prints_through_this_console_and_none_writes_markup():
    for path in CLI.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        if path.name != "console.py":
            assert not re.search(r"(?<![\w_])Console\(|rich\.markup|\[/\]|\[bold\]", source), path
