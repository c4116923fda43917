"""Put what commands print now in place of what pages show:  python tests/docs/rewrite.py docs/tutorial.md ...

Of a notebook in `examples`, what its cells show.

Where a page leaves lines out (``...``), the lines that it shows are looked for in what is printed now, by likeness, as many as
there were. Read the changes before you keep them.
"""

from __future__ import annotations

import difflib
import sys
import tempfile
from pathlib import Path

from notebooks import rewrite_notebook
from pages import REPOSITORY, Block, Command
from running import ANY_LINES, run_page


def rewrite(path: Path) -> int:
    """The number of outputs that were changed."""
    if path.suffix == ".ipynb":
        with tempfile.TemporaryDirectory() as folder:
            return rewrite_notebook(path, Path(folder))
    changes: list[tuple[int, int, list[str]]] = []

    def note(block: Block, command: Command, printed: list[str]) -> None:
        if "numbers vary" in block.marks:
            print(
                f"{block.place}: other words are printed now; what is shown is of another run, so that is left to you"
            )
            return
        first = block.line + command.output_at
        lines = [line.rstrip() for line in printed]
        changes.append((first, first + len(command.output), shown_again(command.output, lines)))

    with tempfile.TemporaryDirectory() as folder:
        run_page(path, Path(folder), note, slow=True)
    lines = path.read_text(encoding="utf-8").splitlines()
    for start, end, output in reversed(changes):
        lines[start:end] = output
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(changes)


def shown_again(shown: list[str], printed: list[str]) -> list[str]:
    """What a page should show of ``printed``: all, or the like of what it showed between its ``...``."""
    output: list[str] = []
    at = 0
    for passage in _passages(shown):
        if passage == [ANY_LINES]:
            output.append(ANY_LINES)
            continue
        starts = range(at, len(printed) - len(passage) + 1) if output else [0]
        at = max(starts, key=lambda start: _likeness(passage, printed[start : start + len(passage)]), default=at)
        whole = ANY_LINES not in shown
        output += printed if whole else printed[at : at + len(passage)]
        at += len(passage)
    return output


def _passages(lines: list[str]) -> list[list[str]]:
    """Lines in passages, with each ``...`` as a passage of its own."""
    passages: list[list[str]] = []
    for line in lines:
        if line == ANY_LINES or not passages or passages[-1] == [ANY_LINES]:
            passages.append([])
        passages[-1].append(line)
    return passages


def _likeness(passage: list[str], lines: list[str]) -> float:
    return difflib.SequenceMatcher(None, "\n".join(passage), "\n".join(lines), autojunk=False).ratio()


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        page = Path(argument).resolve()
        print(f"{page.relative_to(REPOSITORY)}: {rewrite(page)} outputs changed")
