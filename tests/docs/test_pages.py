"""The pages that are made from the code are those of the code as it is, and what others say of commands is so."""

import ast
import re
import runpy
import sys

import pytest
import typer.main
from pages import PAGES, REPOSITORY

from simcons.cli.app import app

_TOP = typer.main.get_command(app).commands
COMMANDS = _TOP | {
    f"{group} {name}": command
    for group, held in _TOP.items()
    for name, command in getattr(held, "commands", {}).items()
}
OUTPUT_OF = {
    "cli.md": ["command_line.py"],
    "scenario.md": ["input_files.py", "scenario"],
    "worlds.md": ["input_files.py", "worlds"],
    "recipes.md": ["input_files.py", "recipes"],
    "mapping.md": ["input_files.py", "mapping"],
}


@pytest.mark.parametrize("page", OUTPUT_OF)
def test_a_page_made_from_the_code_is_up_to_date(page, monkeypatch, capsys):
    program, *arguments = OUTPUT_OF[page]
    monkeypatch.setattr(sys, "argv", [program, *arguments])
    runpy.run_path(str(REPOSITORY / "docs" / "make" / program), run_name="__main__")
    assert (REPOSITORY / "docs" / page).read_text(encoding="utf-8") == capsys.readouterr().out, "run: make pages"


@pytest.mark.parametrize("page", ["scenario.md", "worlds.md"])
def test_every_key_of_an_input_file_has_a_meaning(page):
    rows = re.findall(r"^\| `.*$", (REPOSITORY / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) > 40
    assert [row for row in rows if row.endswith("|  |")] == []


def mentions():
    """Commands in running text: page, command, the rest."""
    for page in PAGES:
        for text in re.findall(r"`simcons ([^`]+)`", page.read_text(encoding="utf-8").replace("\n", " ")):
            command, _, rest = re.sub(r"\s+", " ", text).partition(" ")
            yield page.name, *_in_group(command, rest)


def _in_group(command, rest):
    """The command of a group, such as `train export`, and the rest."""
    name, _, further = rest.partition(" ")
    together = f"{command} {name}"
    return (together, further) if together in COMMANDS else (command, rest)


def test_commands_in_running_text_are_there_with_their_options():
    wrong = []
    for page, command, rest in mentions():
        if command.startswith("--") or command == "COMMAND":
            continue
        for name in re.split(r"\||, ", command):
            options = {option for p in COMMANDS[name].params for option in p.opts} if name in COMMANDS else set()
            given = re.findall(r"(?<!\S)(--?[a-z][a-z-]*)", rest)
            wrong += [f"{page}: simcons {name} {option}" for option in given if option not in {*options, "--help"}]
            wrong += [] if name in COMMANDS else [f"{page}: simcons {name}"]
    assert not wrong


def test_make_targets_on_pages_are_there():
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        mentioned = set(re.findall(r"(?:`|^\$ )make ([a-z-]+)", text, re.MULTILINE))
        assert mentioned <= targets, page.name


WORDS = REPOSITORY / "docs" / "words.md"
DEFINITION = re.compile(r"^\* \*\*([^*]+)\*\*(?: and \*\*([^*]+)\*\*)?(?: participant)?: ", re.MULTILINE)


def defined():
    return [word for words in DEFINITION.findall(WORDS.read_text(encoding="utf-8")) for word in words if word]


def test_every_word_is_defined_once_and_used():
    words = defined()
    assert len(words) == len(set(words)) > 40
    sources = [*(REPOSITORY / "simcons").rglob("*.py"), *(page for page in PAGES if page != WORDS)]
    text = "\n".join(path.read_text(encoding="utf-8").lower() for path in sources).replace("_", " ")
    assert [word for word in words if not re.search(rf"\b{word}(?:s|es)?\b", text)] == []


def public_names():
    """The words in the names of modules, classes and functions that are not private."""
    for path in (REPOSITORY / "simcons").rglob("*.py"):
        names = {*path.relative_to(REPOSITORY).with_suffix("").parts}
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        names |= {node.name for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)}
        for name in names:
            if not name.startswith("_"):
                yield from (word.lower() for word in re.split(r"_|(?<=[a-z])(?=[A-Z])", name))


def test_words_that_are_not_used_are_in_no_public_name():
    gone = {
        word
        for row in re.findall(r"^\| (`.*?) \| - \|", WORDS.read_text(encoding="utf-8"), re.MULTILINE)
        for word in re.findall(r"`(\w+)`", row)
    }
    used = set(public_names())
    assert {"purse", "loose"} <= gone
    assert {"budget", "paraphrase"} <= used
    assert gone & used == set()


def test_every_entry_of_the_page_of_words_is_a_definition():
    entries = [line for line in WORDS.read_text(encoding="utf-8").splitlines() if line.startswith("* ")]
    assert [entry for entry in entries if not DEFINITION.match(entry)] == []


def test_the_index_of_decisions_names_each():
    index = REPOSITORY / "docs" / "decisions" / "README.md"
    named = set(re.findall(r"\(([a-z_]+\.md)\)", index.read_text(encoding="utf-8")))
    assert named == {path.name for path in index.parent.glob("*.md")} - {index.name}
