"""Every command, Python example and input file on the pages does what the page says."""

import difflib
from pathlib import Path

import pytest
from pages import PAGES, REPOSITORY, Block, Command
from running import run_page


def differ(block: Block, command: Command, printed: list[str]) -> None:
    shown = "\n".join(difflib.unified_diff(command.output, printed, "the page", "printed", lineterm=""))
    pytest.fail(f"{block.place}: {command.text}\n{shown}", pytrace=False)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_examples_do_what_the_page_says(path: Path, tmp_path):
    run_page(path, tmp_path, differ)
