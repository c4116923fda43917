"""Run a study of AI-assisted agreement on synthetic participants, before you run it on people.

run = simcons.run("quickstart")   # or simcons.load("runs/quickstart-001")
run.ratings                       # a pandas frame; so are run.opinions, run.candidates, ...
run.ratings_by_arm                # ratings with the arms that showed the statement
run.truth("personas")             # what only the simulator knows
run.sql().execute("SELECT ...")   # DuckDB over the same tables
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simcons import errors
    from simcons.runs import replay, resume, run
    from simcons.storage.load import Run, load

__all__ = ["Run", "errors", "load", "replay", "resume", "run"]

_HOMES = {"Run": "storage.load", "load": "storage.load", "replay": "runs", "resume": "runs", "run": "runs"}


def __getattr__(name: str) -> object:
    """Names are imported when they are first used: ``import simcons`` loads neither pandas nor a simulator."""
    if name == "errors":
        return import_module("simcons.errors")
    if name not in _HOMES:
        raise AttributeError(f"module 'simcons' has no attribute {name!r}; expected one of {', '.join(__all__)}")
    return getattr(import_module(f"simcons.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
