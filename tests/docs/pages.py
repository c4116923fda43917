"""The pages of the documentation and the code blocks on them.

A comment above a block says how the tests treat it:

    <!-- file: rules.py -->            it is kept as this file, for the blocks that follow
    <!-- run with: --rounds 300 -->    its commands get these options as well, so that they end soon
    <!-- output of: simcons ... -->    it is what this command prints
    <!-- numbers vary: REASON -->      what is printed is compared without its numbers
    <!-- slow: REASON -->              it is run by `make test-slow` alone
    <!-- not run: REASON -->           it is not run
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PAGES = [
    REPOSITORY / "README.md",
    REPOSITORY / "CONTRIBUTING.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
MARKS = ("file", "run with", "output of", "numbers vary", "slow", "not run")

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\S*)\s*$")
_MARK = re.compile(r"^ *<!-- (?P<name>[a-z ]+): (?P<value>.+) -->$")


@dataclass(frozen=True)
class Block:
    """A fenced block: the line of its fence, from 1, its language ("" where none is given), its lines and its marks."""

    page: Path
    line: int
    language: str
    lines: list[str]
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    @property
    def slow(self) -> bool:
        return "slow" in self.marks

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(REPOSITORY)}, line {self.line}"


@dataclass(frozen=True)
class Command:
    """A command of a console block, with the lines that are shown as its output."""

    text: str
    output: list[str]
    output_at: int  # index in the block's lines of the first line of output


def blocks_of(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, from its top."""
    lines = page.read_text(encoding="utf-8").splitlines()
    index = 0
    while index < len(lines):
        if opening := _FENCE.match(lines[index]):
            indent = len(opening["indent"])
            end = next(i for i in range(index + 1, len(lines)) if lines[i].strip() == "```")
            inner = [line[indent:] for line in lines[index + 1 : end]]
            yield Block(page, index + 1, opening["language"], inner, _marks_above(lines, index))
            index = end
        index += 1


def _marks_above(lines: list[str], index: int) -> dict[str, str]:
    marks = {}
    while index > 0 and (mark := _MARK.match(lines[index - 1])):
        assert mark["name"] in MARKS, f"unknown mark {mark['name']!r}: expected one of {', '.join(MARKS)}"
        marks[mark["name"]] = mark["value"]
        index -= 1
    return marks


def commands_of(block: Block) -> list[Command]:
    """The commands of a console block: lines after ``$``, joined where they end in a backslash, without their comments."""
    commands: list[Command] = []
    continued = False
    for index, line in enumerate(block.lines):
        if continued:
            last = commands.pop()
            commands.append(Command(f"{last.text} {_bare(line)}", [], index + 1))
        elif line.startswith("$ "):
            commands.append(Command(_bare(line[2:]), [], index + 1))
        else:
            assert commands, f"{block.place}: expected a console block to begin with a command, after `$ `"
            commands[-1].output.append(line)
        continued = (continued or line.startswith("$ ")) and line.endswith("\\")
    return commands


def _bare(line: str) -> str:
    return re.sub(r"\s+# .*$", "", line).removesuffix("\\").strip()
