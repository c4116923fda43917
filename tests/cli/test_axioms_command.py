"""``simcons axioms`` as a user meets it."""

import re
import subprocess
import sys

import numpy as np
import pytest
from commands import typed
from rich.console import Console

from simcons.cli.axioms import show_axioms
from simcons.cli.messages import ConsoleMessages
from simcons.errors import InputError

RULES = '''
import numpy as np

LEVEL = 3

def half_and_half(u):
    """Half the mean, half the worst-off."""
    return (u.mean(axis=-1) + u.min(axis=-1)) / 2

def total(u):
    return u.mean()

def broken(u):
    if (u == 4).any():
        return {}["four"]
    return u.mean(axis=-1)

def leaves(u):
    raise SystemExit(0)

def by_chance(u):
    return np.random.default_rng().random(len(u))

def positive_mean(u):
    if not (u > 0).all():
        raise ValueError("I take only what is above 0")
    return u.mean(axis=-1)
'''
VERDICTS = {"holds", "holds*", "fails", "rounds", "refused", "-"}


def write_rules(folder):
    (folder / "my_rules.py").write_text(RULES, encoding="utf-8")
    (folder / "sad.py").write_text("import no_such_thing\n", encoding="utf-8")


@pytest.fixture
def examine(tmp_path, monkeypatch):
    """Calls the command in a folder with rules, which are forgotten afterwards."""
    write_rules(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield lambda *arguments, cwd=tmp_path: typed("axioms", *arguments, cwd=cwd)
    for name in ("my_rules", "sad"):
        sys.modules.pop(name, None)


def cells(output, label):
    """The standings in the line of the table that begins with ``label``."""
    rows = [line.strip().removeprefix(label).split() for line in output.splitlines() if line.strip().startswith(label)]
    (row,) = (row for row in rows if row and set(row) <= VERDICTS)
    return row


def test_a_rule_of_ones_own_from_the_current_folder(examine, tmp_path):
    done = examine("my_rules:half_and_half", "--domain", "ratings", "--domain", "wide")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[3].split() == ["ratings", "wide"]
    assert cells(done.stdout, "A1 strict monotonicity") == ["holds", "holds"]
    assert cells(done.stdout, "A4 unconcerned people") == ["fails", "fails"]
    assert cells(done.stdout, "W(u,u) = W(u)") == ["holds", "holds"]
    witness = done.stdout.partition("A4 unconcerned people (ratings).")[2]
    u, v, _, u_then, v_then, says = witness.splitlines()[1:7]
    order, order_then = (float(b.split()[-1]) - float(a.split()[-1]) for a, b in ((u, v), (u_then, v_then)))
    assert np.sign(order) != np.sign(order_then), "the witness shows two orders"
    for line in (u, v, u_then, v_then):
        _, *people, _, value = line.split()
        people = [float(x) for x in people]
        assert float(value) == pytest.approx((sum(people) / len(people) + min(people)) / 2)
    assert "cannot tell u from v" in says
    assert {path.name for path in tmp_path.iterdir()} - {"__pycache__"} == {"my_rules.py", "sad.py"}, (
        "nothing is left behind"
    )


def test_a_file_from_elsewhere_and_what_it_refuses(examine, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = examine("../my_rules.py:positive_mean", "--domain", "zeros", "--domain", "signs", cwd=elsewhere)
    assert done.returncode == 0, done.stderr
    assert cells(done.stdout, "A2 symmetry") == ["holds*", "refused"]
    assert cells(done.stdout, "refuses the missing") == ["holds", "holds"]
    assert "Refused over signs: I take only what is above 0" in done.stdout


def test_rules_by_name_and_strictness(examine):
    done = examine("2", "leximin", "--domain", "huge", "--strict")
    assert done.returncode == 1, "leximin is not continuous"
    two, leximin = done.stdout.split("\nleximin\n")
    assert cells(two, "A1 strict monotonicity") == ["rounds"]
    assert cells(two, "W = W_2(u)") == ["holds"]
    assert "This is rounding" in two
    assert cells(leximin, "A3 continuity") == ["fails"]
    assert "W(u,u)" not in leximin, "its places are no amounts"
    kept = examine("leximin", "--domain", "ratings", "--axiom", "strict_pigou_dalton", "--strict")
    assert kept.returncode == 0
    assert "A3" not in kept.stdout


def test_good_rules_are_examined_and_bad_ones_named_at_the_end(examine):
    """Whatever their order; words for rules are taken as everywhere."""
    names = ("nsh", "nash", "my_rules:nothing", "my_rules:by_chance", "leximin", "maximin", "my_rules.py:half_and_half")
    done = examine(*names, "--domain", "ratings", "--examples", 20)
    assert done.returncode == 2
    for name in ("Nash", "leximin", "Rawlsian", "my_rules.py:half_and_half"):
        assert f"\n{name}\n" in done.stdout
    first, second, third = done.faults
    assert first.startswith("simcons: rule 'nsh': expected an alpha of at least 0, inf, or one of utilitarian, nash, ")
    assert second.startswith("simcons: my_rules:nothing: function 'nothing' is not there; my_rules has ")
    assert third.startswith("simcons: my_rules:by_chance: ")


def test_a_claim_is_examined(examine):
    done = examine("my_rules:half_and_half", "--claims", "inf", "--domain", "ratings", "--axiom", "agreement")
    assert cells(done.stdout, "W = W_inf(u)") == ["fails"]
    assert "At alpha inf the value should be 1." in done.stdout


def test_the_same_seed_finds_the_same_in_another_process(examine, tmp_path):
    arguments = ["my_rules:half_and_half", "--domain", "expected", "--seed", "3", "--examples", "50"]
    command = [sys.executable, "-m", "simcons", "axioms", *arguments]
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)
    assert examine(*arguments).stdout == again.stdout != ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["my_rules:LEVEL"],
            "my_rules:LEVEL: function 'LEVEL' cannot be called; my_rules has broken, by_chance, half_and_half",
        ),
        (
            ["my_rules:leaves"],
            "my_rules:leaves: the rule raised SystemExit: 0 (my_rules.py, line 19) for the utilities [[1.0, 2.0, 3.0],"
            " [4.0, 5.0, 6.0]]",
        ),
        (["no_rules:f"], "no_rules:f: module 'no_rules': not found in"),
        (["sad:f"], "sad:f: module 'sad' cannot be imported: ModuleNotFoundError: No module named 'no_such_thing'"),
        (
            ["my_rules.py:by_chance"],
            "my_rules.py:by_chance: the rule gives other values when it is asked the same again",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_and_exit_code_2(examine, arguments, says):
    done = examine(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"simcons: {says}")
    assert len(done.faults) == 1


@pytest.mark.parametrize(
    ("reference", "options", "says"),
    [
        ("my_rules.py:total", {}, "the rule returned shape () for utilities of shape (2, 3) [candidates, people]"),
        (
            "my_rules.py:broken",
            {},
            "the rule raised KeyError: 'four' (my_rules.py, line 15) for the utilities [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]",
        ),
        ("my_rules.py:nothing", {}, "function 'nothing' is not there; "),
        ("my_rules.py:", {}, "function '' is not there; "),
        ("no_rules.py:f", {}, "no such file"),
        ("sad.py:f", {}, "cannot be imported: ModuleNotFoundError: No module named 'no_such_thing' (sad.py, line 1)"),
        ("leximim", {}, "rule 'leximim': expected an alpha of at least 0"),
        ("2", {"domains": ["big"]}, "--domain 'big': expected one of ratings, expected, wide"),
        ("2", {"axioms": ["fairness"]}, "--axiom 'fairness': expected one of strict_monotonicity"),
        ("leximin", {"axioms": ["idempotence"]}, "--axiom 'idempotence': expected one of strict_monotonicity"),
        ("2", {"claim": "1"}, "--claims 1: what the named rules claim is known"),
        ("my_rules.py:total", {"claim": "borda"}, "--claims 'borda': expected an alpha"),
    ],
)
def test_what_else_cannot_be_used(tmp_path, reference, options, says):
    write_rules(tmp_path)
    reference = str(tmp_path / reference) if ".py" in reference else reference
    asked = {"claim": None, "domains": [], "axioms": [], "examples": 10, "seed": 0} | options
    quiet = Console(quiet=True)
    with pytest.raises(InputError, match=re.escape(says)) as raised:
        show_axioms([reference], quiet, messages=ConsoleMessages(quiet), **asked)
    assert "\n" not in str(raised.value)
