"""Files beside a user's own that it imports: a part of its code, and known to Python by one name in a process."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from sysconfig import get_path

from simcons.errors import InputError

_SIMCONS = Path(__file__).parent


def is_installed(file: str) -> bool:
    """True of a file of simcons, of Python or of an installed package, and of what is no file."""
    path = Path(file)
    return (
        file.startswith("<")
        or "site-packages" in path.parts
        or any(path.is_relative_to(each) for each in (_SIMCONS, Path(get_path("stdlib"))))
    )


def files_beside(file: Path) -> dict[str, tuple[Path, ...]]:
    """The modules and packages in the folder of ``file`` that it imports, itself or through these, with their files.

    Imports are read, not run: one whose name is made while the code runs is not seen.
    """
    return _imported_from(file.parent, [file])


def _imported_from(folder: Path, files: Iterable[Path]) -> dict[str, tuple[Path, ...]]:
    found: dict[str, tuple[Path, ...]] = {}
    to_read = [*files]
    while to_read:
        for name in _imported(to_read.pop().read_bytes()):
            if name not in found and (named := _files_of(folder, name)):
                found[name] = named
                to_read.extend(named)
    return found


def code_hash(file: Path, *, package: Path | None = None) -> str:
    """The SHA-256 of a file of code; where it imports others beside it, of theirs with it.

    package: the folder of the package that it lies in: all files of this count, and what they import from beside the package.
    """
    own = hashlib.sha256(file.read_bytes()).hexdigest()
    folder = file.parent if package is None else package.parent
    fellows = [] if package is None else [each for each in package.rglob("*.py") if each != file]
    imported = _imported_from(folder, [file, *fellows]).values()
    others = sorted({*fellows, *(each for files in imported for each in files)})
    if not others:
        return own
    lines = [f"{each.relative_to(folder)} {hashlib.sha256(each.read_bytes()).hexdigest()}" for each in others]
    return hashlib.sha256("\n".join([own, *lines]).encode()).hexdigest()


def refuse_another_beside(file: Path) -> None:
    """Raises InputError where a module beside ``file`` is another beside code that the process has.

    Python has one module of a name in a process: one of the two would run with the other's.
    """
    beside = files_beside(file)
    loaded = [(earlier.parent, [*files_beside(earlier)]) for earlier in _files_loaded()]
    known = [(folder, [name]) for name in beside if (folder := _folder_known(name)) is not None]
    for folder, theirs in loaded + known:
        for name in [*beside, *theirs]:
            here, there = _contents(file.parent, name), _contents(folder, name)
            if here and there and here != there:
                raise InputError(
                    f"the module {name!r} is another beside {file} than in {folder}, and Python has one of a name in a process;"
                    " expected another name for it, or the two in one folder"
                )


def _files_loaded() -> list[Path]:
    """The files of users' own that were loaded by their path, as far as they are still there."""
    named = [Path(name) for name in sys.modules if name.endswith(".py")]
    return [file for file in named if file.is_absolute() and file.is_file()]


def _folder_known(name: str) -> Path | None:
    """The folder in which the process has found a module that is not installed."""
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None or is_installed(file):
        return None
    folder = Path(file).resolve().parent
    return folder.parent if Path(file).name == "__init__.py" else folder


@lru_cache(maxsize=4096)
def _imported(code: bytes) -> tuple[str, ...]:
    """The first names of all modules that code imports by their whole name."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):  # told where it is imported
        return ()
    nodes = list(ast.walk(tree))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return tuple(dict.fromkeys(name.partition(".")[0] for name in plain + named))


def _files_of(folder: Path, name: str) -> tuple[Path, ...]:
    """The files of a module or package in a folder; none where there is no such module, or it is simcons itself."""
    package, module = folder / name, folder / f"{name}.py"
    if package == _SIMCONS:
        return ()
    if module.is_file() and not (package / "__init__.py").is_file():
        return (module,)
    return tuple(sorted(package.rglob("*.py")))


def _contents(folder: Path, name: str) -> dict[Path, bytes]:
    return {each.relative_to(folder): each.read_bytes() for each in _files_of(folder, name)}
