"""The packages that training needs besides those of simcons."""

from __future__ import annotations

import importlib.util

from simcons.errors import MissingPackage

NEEDED = ("trl", "accelerate", "datasets", "tensorboard")


def check_packages() -> None:
    """Raises MissingPackage for the first that is not installed."""
    for name in NEEDED:
        if importlib.util.find_spec(name) is None:
            raise MissingPackage(name, "pip install 'simcons[train]'")
