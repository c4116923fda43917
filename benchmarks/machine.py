"""What a result was measured on, in a line; no host names or paths."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path


def machine(*libraries: str) -> str:
    names = ", ".join(f"{name} {version(name)}" for name in libraries)
    return f"{os.cpu_count()} x {_cpu()}, {_memory_gib():.0f} GiB, Python {platform.python_version()}, {names}"


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return found[1].strip() if found else platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
