"""Tables in Markdown of the pages that benchmarks write, of which some rows may be measured again and the others kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The first column to the left, all others to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def rows_of(page: Path, title: str) -> dict[str, list[str]]:
    """Rows of the table under a heading, by their first cell; none where there is no such page or heading."""
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    _, _, below = text.partition(f"\n## {title}\n")
    table = [line for line in below.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table[2:]]
    return {row[0]: row for row in cells}
