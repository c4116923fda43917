"""Running acts: by a plain driver, outside any simulation, and several as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simcons.engines.base import Act, Engine, Reply, Request, Result
from simcons.errors import EngineError


def run_act(act: Act[Result], engines: Mapping[str, Engine]) -> Result:
    """Drive ``act`` to its end, for tests and notebooks: each list of requests goes to the engines at once.

    Raises EngineError for a request to an engine that is not there.
    """
    replies: list[Reply] | None = None
    while True:
        try:
            requests = next(act) if replies is None else act.send(replies)
        except StopIteration as stop:
            result: Result = stop.value
            return result
        replies = _complete(requests, engines)


def at_once(result: Result) -> Act[Result]:
    """An act that asks for nothing."""
    yield from ()
    return result


def together(acts: Sequence[Act[Result]]) -> Act[list[Result]]:
    """One act of several: all their requests in one list, each sent its own replies; what they returned, in order."""
    results: dict[int, Result] = {}
    pending = [_advance(act, None, results, place) for place, act in enumerate(acts)]
    while requests := [request for own in pending for request in own]:
        replies = iter((yield requests))
        answers = [[next(replies) for _ in own] for own in pending]
        pending = [
            _advance(act, answers[place], results, place) if place not in results else []
            for place, act in enumerate(acts)
        ]
    return [results[place] for place in range(len(acts))]


def _complete(requests: Sequence[Request], engines: Mapping[str, Engine]) -> list[Reply]:
    replies: dict[int, Reply] = {}
    for name in dict.fromkeys(request.engine for request in requests):
        if name not in engines:
            raise EngineError(f"a request names the engine {name!r}; expected one of {', '.join(engines) or '(none)'}")
        places = [place for place, request in enumerate(requests) if request.engine == name]
        answered = engines[name].complete([requests[place] for place in places])
        replies.update(zip(places, answered, strict=True))
    return [replies[place] for place in range(len(requests))]


def _advance(act: Act[Result], replies: list[Reply] | None, results: dict[int, Result], place: int) -> list[Request]:
    """Take an act to its next requests, past steps that ask for nothing; its result is put in its place at its end."""
    try:
        requests = next(act) if replies is None else act.send(replies)
        while not requests:
            requests = act.send([])
    except StopIteration as stop:
        results[place] = stop.value
        return []
    return requests
