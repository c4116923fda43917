"""Code of a user's own, named as ``package.module:name`` or ``path/to/file.py:name``."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any

from simcons.code_beside import code_hash, is_installed, refuse_another_beside
from simcons.errors import InputError


def load_named(reference: str) -> Callable[..., Any]:
    """The function or class that ``reference`` names. Modules are looked for in the current folder first.

    Raises InputError for what cannot be imported, is not there or cannot be called, and where code of the process has imported
    another module of the name of one beside it.
    """
    place, _, attribute = reference.rpartition(":")
    module = _load_file(Path(place)) if place.endswith(".py") else _load_module(place)
    called = getattr(module, attribute, None)
    if not callable(called):
        fault = "cannot be called" if hasattr(module, attribute) else "is not there"
        raise InputError(f"function {attribute!r} {fault}; {place} has {_functions(module)}")
    return called  # type: ignore[no-any-return]  # whatever it is, it can be called


def shown(reference: str) -> str:
    """``reference`` as tables and messages name it: a file without its folder."""
    return reference.rpartition("/")[2]


def source_file(target: Callable[..., Any]) -> Path | None:
    """The file that a function or class is written in; None for one that is not Python."""
    try:
        file = inspect.getsourcefile(target)
    except TypeError:
        return None
    return None if file is None else Path(file)


def hash_of(reference: str, target: Callable[..., Any]) -> str | None:
    """The SHA-256 of the code of ``target``, which ``reference`` names; None where it is not Python.

    It is that of its file, of what this imports from beside it, and of the package that it lies in. What is installed has that
    of its file alone.
    """
    place = reference.rpartition(":")[0]
    if place.endswith(".py"):
        return code_hash(Path(place).resolve())
    file = source_file(target)
    if file is None:
        return None
    if is_installed(str(file)):
        return hashlib.sha256(file.read_bytes()).hexdigest()
    return code_hash(file.resolve(), package=_package(place, file.resolve()))


def _package(module: str, file: Path) -> Path | None:
    """The folder of the outermost package of a module that was loaded, where ``file`` lies in it."""
    outermost = sys.modules.get(module.partition(".")[0])
    folders = (Path(each).resolve() for each in getattr(outermost, "__path__", ()))
    return next((folder for folder in folders if file.is_relative_to(folder)), None)


def in_one_line(error: BaseException) -> str:
    """An exception as ``ValueError: what it says``."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def line_raising(error: BaseException) -> str:
    """The innermost line of a user's own code that raised it, as `` (mine.py, line 3)``; empty where there is none."""
    own = [frame for frame in extract_tb(error.__traceback__) if not is_installed(frame.filename)]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""


def _load_module(name: str) -> ModuleType:
    if (file := Path.cwd() / f"{name}.py").is_file():
        refuse_another_beside(file)
    sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and error.name and name.startswith(error.name):
            raise InputError(f"module {name!r}: not found in {Path.cwd()} nor among installed packages") from error
        raise InputError(f"module {name!r} cannot be imported: {in_one_line(error)}{line_raising(error)}") from error


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    spec = importlib.util.spec_from_file_location(str(path.resolve()), path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path}: expected a Python file")
    refuse_another_beside(path.resolve())
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # where dataclasses look for their module
    sys.path.insert(0, str(path.resolve().parent))  # for the files beside it
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise InputError(f"{path} cannot be imported: {in_one_line(error)}{line_raising(error)}") from error
    return module


def _functions(module: ModuleType) -> str:
    """The names of the functions and classes that are a module's own."""
    own = [
        name
        for name, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__ and not name.startswith("_")
    ]
    return ", ".join(sorted(own)) or "no function"
