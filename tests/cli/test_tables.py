"""Tables at any width: no word is broken, no number is lost."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from rich.cells import cell_len

from simcons.cli.console import console
from simcons.cli.display.tables import Grid, fold, print_grid

ARMS = [
    "scripted-rawlsian",
    "oracle-utilitarian *",
    "an arm with a long name that has spaces and some-hyphens-too",
    "präferenz-größte-übereinstimmung",
    "税金-合意-ラールズ",
    "averyverylongnamewithoutanyplacetobreakit",
]
NUMBERS = ("12", "1,466", "5.85 [5.72, 5.98]", "-0.28 [-0.63, 0.08]")


def printed(grid: Grid, width: int) -> list[str]:
    sink = StringIO()
    print_grid(grid, console(file=sink, width=width))
    return [line.rstrip() for line in sink.getvalue().splitlines()]


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("arms", [ARMS, *([arm] for arm in ARMS)])
def test_no_word_is_broken_and_nothing_is_too_wide(arms, width):
    columns = ("arm", "statements", "ratings", "agreement", "quality")
    lines = printed(Grid("Title", columns, [(arm, *NUMBERS) for arm in arms], "A note."), width)
    assert max(map(cell_len, lines)) <= width
    for arm in arms:
        for piece in re.findall(r"[^\s-]+-?", arm):
            assert any(piece in line for line in lines), piece
    for number in NUMBERS:
        assert sum(line.count(number) for line in lines) >= len(arms)
    assert lines[-1] == "A note."


def test_numbers_stand_under_each_other():
    lines = printed(Grid("", ("arm", "n"), [("税金", "1"), ("b", "1,000")]), 40)
    assert {cell_len(line) for line in lines} == {cell_len("税金  1,000")}


def test_where_a_row_does_not_fit_it_is_stacked():
    lines = printed(Grid("", ("arm", "agreement", "quality"), [("scripted-rawlsian", *NUMBERS[2:])]), 40)
    assert lines == ["scripted-rawlsian", f"  agreement {NUMBERS[2]}", f"  quality {NUMBERS[3]}"]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("scripted-rawlsian", 12, ["scripted-", "rawlsian"]),
        ("one two  three", 8, ["one two", "three"]),
        ("unbreakable", 4, ["unbreakable"]),
        ("a-b-c", 4, ["a-b-", "c"]),
        ("-x", 4, ["-x"]),
        ("", 4, [""]),
    ],
)
def test_labels_fold_at_spaces_and_hyphens(text, width, lines):
    assert fold(text, width) == lines
