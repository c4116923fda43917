"""What `import simcons` gives: few names, each documented, and nothing heavy before it is used."""

from __future__ import annotations

import inspect
import subprocess
import sys
from types import ModuleType

import pytest

import simcons

NAMES = {"Run", "errors", "load", "replay", "resume", "run"}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_name_can_be_used_and_is_documented(name):
    assert len(inspect.getdoc(getattr(simcons, name))) > 100


def test_nothing_else_is_public():
    assert set(simcons.__all__) == NAMES
    assert {name for name in dir(simcons) if not name.startswith("_")} == NAMES
    public = {name for name, value in vars(simcons).items() if name[0] != "_" and not isinstance(value, ModuleType)}
    assert public <= NAMES | {"TYPE_CHECKING", "import_module"}


def test_a_name_that_there_is_not_is_told_with_those_there_are():
    with pytest.raises(AttributeError, match="has no attribute 'lode'; expected one of Run, errors, load"):
        simcons.lode  # noqa: B018


BARE = ("import simcons", {"numpy", "pandas", "pyarrow", "simpy", "torch"})
USED = ("from simcons import run, load", {"torch", "transformers", "rich", "typer"})


@pytest.mark.parametrize(("code", "absent"), [BARE, USED])
def test_what_is_not_used_is_not_loaded(code, absent):
    program = f"import sys; {code}; print([name for name in {sorted(absent)} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
