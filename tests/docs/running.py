"""Running the examples of a page in a folder of its own."""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pages import REPOSITORY, Block, Command, blocks_of, commands_of

from simcons.cli.app import app
from simcons.cli.ending import end
from simcons.questions.bank import Topic
from simcons.scenario.study import Scenario

COLUMNS = 80
ANY_LINES = "..."
ANY = ".*?"
_SHELL = re.compile(r"[|&>]|\$\(")
_DOCTEST = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

# The quickstart with a script in place of its language model.
QUICKSTART = (
    "simcons run quickstart --set 'engines.small={kind: scripted}' --set readers.reader.matching=words"
    " --set design.groups=3"
)
QUICKSTART_FOLDER = "runs/quickstart-001"

Mismatch = Callable[[Block, Command, list[str]], None]


@dataclass(frozen=True)
class Done:
    code: int
    output: str
    errors: str


@dataclass
class Page:
    """What the blocks of one page share: a folder and the names of its Python."""

    folder: Path
    on_mismatch: Mismatch
    names: dict[str, object] = field(default_factory=dict)

    def run(self, block: Block) -> None:
        """Run one block, or check it. Raises AssertionError where it does not do what the page says."""
        if "not run" in block.marks:
            return
        if "file" in block.marks:
            (self.folder / block.marks["file"]).write_text(block.text, encoding="utf-8")
            if block.language not in ("python", "yaml"):
                return
        if "output of" in block.marks:
            self._command(block, Command(block.marks["output of"], block.lines, 0))
        elif block.language == "console":
            for command in commands_of(block):
                self._command(block, command)
        elif block.language == "python":
            self._python(block)
        elif block.language == "yaml":
            _check_yaml(block)
        else:
            raise AssertionError(f"{block.place}: neither run nor marked as not run")

    def _command(self, block: Block, command: Command) -> None:
        done = run_command(f"{command.text} {block.marks.get('run with', '')}")
        shown = done.output + (done.errors if done.code > 1 else "")  # 1 is a verdict, such as that of a gate
        assert done.code == 0 or any(command.output), f"{block.place}: {command.text}\n{shown}"
        printed, numbers_vary = shown.splitlines(), "numbers vary" in block.marks
        if any(command.output) and not matches(command.output, printed, numbers_vary=numbers_vary):
            self.on_mismatch(block, command, printed)

    def _python(self, block: Block) -> None:
        if ">>>" not in block.text:
            exec(compile(block.text, block.place, "exec"), self.names)
            return
        example = doctest.DocTestParser().get_doctest(block.text, self.names, block.place, str(block.page), block.line)
        report = io.StringIO()
        runner = doctest.DocTestRunner(optionflags=_DOCTEST)
        runner.run(example, out=report.write, clear_globs=False)
        self.names.update(example.globs)
        assert not runner.failures, report.getvalue()


def run_page(path: Path, folder: Path, on_mismatch: Mismatch, *, slow: bool = False) -> None:
    """Run the blocks of a page in an empty folder, in which a page that speaks of a quickstart's run finds one.

    slow: those that are marked as slow, too.
    """
    blocks = [block for block in blocks_of(path) if not block.language.startswith("{") and (slow or not block.slow)]
    page = Page(folder, on_mismatch)
    with contextlib.chdir(folder), _as_in_a_terminal(folder):
        if any(QUICKSTART_FOLDER in block.text for block in blocks if "not run" not in block.marks):
            done = run_command(f"{QUICKSTART} --out {QUICKSTART_FOLDER}")
            assert done.code == 0, done.errors
        for block in blocks:
            page.run(block)


def run_command(text: str) -> Done:
    """A command, here in this process where it is simcons alone, else by the shell."""
    if text.startswith("simcons ") and not _SHELL.search(text):
        return _simcons(shlex.split(text)[1:])
    done = subprocess.run(["bash", "-ec", text], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return Done(done.returncode, done.stdout, done.stderr)


def _simcons(arguments: list[str]) -> Done:
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            code = app(arguments, standalone_mode=False) or 0
        except Exception as error:
            code = end(error)
    return Done(code, output.getvalue(), errors.getvalue())


@contextlib.contextmanager
def _as_in_a_terminal(folder: Path) -> Iterator[None]:
    """Eighty columns, and a shell that runs this simcons, whatever environment the tests run in."""
    program = folder / ".bin" / "simcons"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m simcons "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    with _environment(PATH=path, PYTHONPATH=str(REPOSITORY), COLUMNS=str(COLUMNS)):
        yield


@contextlib.contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def matches(expected: list[str], printed: list[str], *, numbers_vary: bool = False) -> bool:
    """Whether the lines are the same. ``...`` alone on a line stands for any lines; spaces at the ends of lines do not count.

    numbers_vary: nor do numbers, how many spaces there are and where line breaks are, which depends on them.
    """
    pattern = "".join(ANY if line == ANY_LINES else re.escape(f"{line.rstrip()}\n") for line in _trimmed(expected))
    text = "".join(f"{line.rstrip()}\n" for line in _trimmed(printed))
    if numbers_vary:
        words = [ANY if line == ANY_LINES else re.escape(_words(line)) for line in _trimmed(expected)]
        pattern, text = " *".join(words), _words(text)
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def _trimmed(lines: list[str]) -> list[str]:
    """Without empty lines at the beginning and the end."""
    return "\n".join(lines).strip("\n").splitlines()


def _words(text: str) -> str:
    """Text on one line, with every number as 0 and every rule as short as can be."""
    return re.sub(r"\s+", " ", re.sub(r"─+", "─", re.sub(r"-?\d[\d.,:]*", "0", text))).strip()


def _check_yaml(block: Block) -> None:
    """A whole input file is checked as the command line does; a part of a scenario must fit into one."""
    given = yaml.safe_load(block.text)
    if "topic" in given:
        Topic.model_validate(given)
    elif "schema_version" in given or "file" in block.marks:
        name = block.marks.get("file", f"{given['name']}.yaml")
        Path(name).write_text(block.text, encoding="utf-8")
        done = run_command(f"simcons check {name}")
        assert done.code == 0, f"{block.place}: {done.output}{done.errors}"
    else:
        Scenario.model_validate({"name": "example", "mediators": [{"arm": "an_arm"}], **given})
