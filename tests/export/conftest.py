"""Tools that read exports back. Their requirements do not go with ours, so they have an environment of their own
(`make test-exports`); elsewhere their tests are skipped. With SIMCONS_EXPORTS=required, as there, that is a failure.
"""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Callable
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def tool() -> Callable[[str], ModuleType]:
    """A module of such a tool, by its name."""

    def load(name: str) -> ModuleType:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of their own dependencies' deprecations
            if os.environ.get("SIMCONS_EXPORTS") == "required":
                return importlib.import_module(name)
            return pytest.importorskip(name, reason="not installed here: make test-exports")

    return load
