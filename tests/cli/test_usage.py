"""Options, commands and values that are none: one line, exit code 2."""

from __future__ import annotations

import subprocess
import sys

import pytest
from commands import typed

from simcons.cli.app import app
from simcons.cli.ending import end


def ended(capsys, *arguments) -> tuple[int, str]:
    with pytest.raises(Exception) as caught:  # noqa: PT011  whatever the option parser raises
        app(list(arguments), standalone_mode=False)
    code = end(caught.value)
    return code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ("stress", "--rounds", "1"),
            "--rounds: value '1': expected at least 2; simcons stress --help lists what there is",
        ),
        (("stress", "--jobs", "0"), "--jobs: value '0': expected at least 1; simcons stress --help"),
        (
            ("stress", "--rounds", "10000000000"),
            "--rounds 10,000,000,000: expected at most 1,000,000,000, which would take days",
        ),
        (("persona", "-n", "1000000000000"), "--count: value '1000000000000': expected at most 1000;"),
        (("persona", "-n", "x"), "--count: value 'x': expected a whole number;"),
        (("run", "--seed", "-1"), "--seed: value '-1': expected at least 0;"),
        (
            ("run", "--forec"),
            "there is no option --forec; did you mean --force, --format, --workers? (simcons run --help",
        ),
        (("-z",), "there is no option -z; simcons --help lists what there is"),
        (("shwo",), "there is no command 'shwo'; did you mean 'show'? (simcons --help lists what there is)"),
        (("show",), "RUN is missing; simcons show --help"),
        (("export", "x"), "--to is missing; simcons export --help"),
        (("show", "--format", "xml", "x"), "--format: value 'xml': expected one of 'text', 'json';"),
        (
            ("schema", "foo"),
            "KIND: value 'foo': expected one of 'scenario', 'population', 'bank', 'mapping', 'stress',",
        ),
        (("train", "data"), "RUN is missing; simcons train data --help"),
        (("train", "dta"), "there is no command 'dta'; did you mean 'data'? (simcons train --help"),
        (("bank", "draft", "q"), "--engine is missing; simcons bank draft --help"),
        (("run", "a", "b"), "too many arguments: b; simcons run --help"),
        (("run", "--out"), "--out: expected a value after it;"),
        (("show", "\x1b[31m", "\x1b]0;x\x07"), r"too many arguments: \x1b]0;x\x07; simcons show --help"),
    ],
)
def test_what_cannot_be_parsed_is_one_line(capsys, arguments, line):
    code, said = ended(capsys, *arguments)
    assert code == 2
    assert said.startswith(f"simcons: {line}")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "out", "err"),
    [
        (("--help",), 0, "Usage: ", ""),
        (("run", "--help"), 0, "--resume", ""),
        ((), 2, "Usage: ", ""),
        (("axioms", "rawlsian", "--axiom", "symmetry", "--examples", "1", "--strict"), 0, "", None),
        (("stress", "polarisation", "--set", "vary.values=[]"), 2, "", "simcons: "),
    ],
)
def test_a_command_ends_as_it_should(arguments, code, out, err):
    ends_as_it_should(typed(*arguments), code, out, err)


@pytest.mark.parametrize(
    ("arguments", "code", "out", "err"),
    [
        (("stress", "--rounds", "1"), 2, "", "simcons: --rounds: value '1': expected at least 2"),
        (("axioms", "rawlsian", "--examples", "20", "--strict"), 1, "", None),
    ],
)
def test_the_program_ends_as_its_command(arguments, code, out, err):
    command = [sys.executable, "-m", "simcons", *arguments]
    ends_as_it_should(subprocess.run(command, capture_output=True, text=True, check=False), code, out, err)


def ends_as_it_should(done, code, out, err):
    assert done.returncode == code
    assert out in done.stdout
    if err is not None:
        assert done.stderr.startswith(err) if err else not done.stderr
