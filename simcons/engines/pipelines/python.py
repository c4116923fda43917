"""Pipelines in Python: a function, a class, or an act, by its name."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Generator
from typing import Any

from simcons.engines.base import Identity
from simcons.engines.pipelines.client import Client
from simcons.engines.pipelines.engine import Function
from simcons.engines.pipelines.task import Task
from simcons.errors import InputError, ScenarioError
from simcons.named_code import hash_of, in_one_line, line_raising, load_named
from simcons.scenario.pipelines import PythonPipelineSettings


def check_python(place: str, settings: PythonPipelineSettings, *, scores: bool) -> Callable[..., Any]:
    """The function or class that is named. place: how messages call the pipeline.

    Raises ScenarioError where it cannot be imported, or cannot be called with what it will be given.
    """
    try:
        target = load_named(settings.call)
    except InputError as error:
        raise ScenarioError(f"{place}: call {settings.shown!r}: {error}") from None
    for called, given, named in _calls(target, settings.settings, scores=scores):
        if inspect.iscoroutinefunction(called) or inspect.isasyncgenfunction(called):
            raise ScenarioError(
                f"{place}: call {settings.shown!r}: is async; expected a plain function or one that yields requests"
            )
        try:
            inspect.signature(called).bind(*given, **named)
        except TypeError as error:
            raise ScenarioError(
                f"{place}: call {settings.shown!r}: {error}; it is called with ({', '.join([*given, *named])})"
            ) from None
        except ValueError:  # built-in functions may have no signature
            continue
    return target


def load_python(place: str, settings: PythonPipelineSettings, *, scores: bool) -> tuple[Function, Identity]:
    """The function, and what its answers depend on. Raises ScenarioError, also where an object of the class cannot be made."""
    target = check_python(place, settings, scores=scores)
    named = {} if inspect.isclass(target) else settings.settings
    try:
        called: Any = target(**settings.settings) if inspect.isclass(target) else target
    except (Exception, SystemExit) as error:
        failure = f"{in_one_line(error)}{line_raising(error)}"
        raise ScenarioError(f"{place}: call {settings.shown!r}: {failure}; expected an object") from error

    def function(task: Task, client: Client) -> object:
        statements = [] if task.statements is None else [list(task.statements)]
        answer: Any = called(task.question, list(task.opinions), *statements, client, **named)
        return _driven(answer, client) if inspect.isgenerator(answer) else answer

    return function, identity_of_code(target, settings)


def _calls(
    target: Callable[..., Any], settings: dict[str, Any], *, scores: bool
) -> list[tuple[Callable[..., Any], list[str], dict[str, Any]]]:
    """The callable of ``target``, with its arguments by place and by name."""
    given = ["question", "opinions", *(["statements"] if scores else []), "client"]
    if not inspect.isclass(target):
        return [(target, given, settings)]
    call = next((vars(base)["__call__"] for base in target.__mro__ if "__call__" in vars(base)), None)
    return [(target, [], settings), (_uncallable, given, {}) if call is None else (call, ["self", *given], {})]


def _uncallable() -> None:
    """In the place of the `__call__` that a class lacks: it takes nothing."""


def _driven(act: Generator[Any, Any, object], client: Client) -> object:
    """The value that an act returns, its requests asked for it."""
    try:
        requests = next(act)
        while True:
            requests = act.send(client.ask(requests))
    except StopIteration as stop:
        return stop.value


def identity_of_code(target: Callable[..., Any], settings: PythonPipelineSettings) -> Identity:
    """What the answers of code depend on: itself, as it now is in its file, and what it is given."""
    code = hash_of(settings.call, target)
    given = json.dumps(settings.settings, sort_keys=True, ensure_ascii=False, default=str)
    return {"kind": "python", "call": settings.call, "code": code, "settings": given, "asks": " ".join(settings.asks)}
