"""A user's own welfare function, named as ``module:function`` or ``path/to/file.py:function``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from simcons.arrays import Floats
from simcons.errors import InputError
from simcons.welfare.axioms.violation import NoValue, Refused, RuleFunction, ask
from simcons.welfare.search import INCONSISTENT


def load_rule(reference: str) -> RuleFunction:
    """The function that ``reference`` names, guarded: what it raises, other than ValueError, comes out as InputError.

    Modules are looked for in the current folder first. Raises InputError for what cannot be imported, is not there or cannot be
    called, and for a function that does not return one number for each of two candidates.
    """
    place, _, attribute = reference.rpartition(":")
    module = _load_file(Path(place)) if place.endswith(".py") else _load_module(place)
    rule = getattr(module, attribute, None)
    if not callable(rule):
        fault = "cannot be called" if hasattr(module, attribute) else "is not there"
        raise InputError(f"function {attribute!r} {fault}; {place} has {_functions(module)}")
    guarded = _guarded(rule)
    _try_out(guarded)
    return guarded


def _load_module(name: str) -> ModuleType:
    sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and error.name and name.startswith(error.name):
            raise InputError(f"module {name!r}: not found in {Path.cwd()} nor among installed packages") from error
        raise InputError(f"module {name!r} cannot be imported: {_one_line(error)}") from error


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path}: expected a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))  # for the files beside it
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise InputError(f"{path} cannot be imported: {_one_line(error)}") from error
    return module


def _functions(module: ModuleType) -> str:
    """The names of the functions that are a module's own."""
    own = [
        name
        for name, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
    ]
    return ", ".join(sorted(own)) or "no function"


def _guarded(rule: Callable[[Floats], Any]) -> RuleFunction:
    def guarded(u: Floats) -> Any:
        asked = u.tolist()  # before the rule can write into u
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return rule(u)
        except ValueError:
            raise
        except (Exception, SystemExit) as error:
            raise InputError(
                f"the rule raised {_one_line(error)} for the utilities {asked};"
                " expected a value for each candidate, or ValueError to refuse them"
            ) from error

    return guarded


def _try_out(rule: RuleFunction) -> None:
    """Two calls that every rule should stand, before thousands: InputError for a wrong shape, or two answers to one question."""
    with suppress(Refused, NoValue):
        first, again = (ask(rule, {"u": [1.0, 2.0, 3.0], "v": [4.0, 5.0, 6.0]}) for _ in range(2))
        if first != again:
            raise InputError(INCONSISTENT)


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
