"""The content of one call of a pipeline, as text in a request and as JSON to a server alike."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from simcons.engines.base import Message, Request
from simcons.engines.scores import NOTHING_SAMPLED


@dataclass(frozen=True, slots=True)
class Task:
    """One round's work for a pipeline: to write statements, or to score those that there are.

    seed: for all that the pipeline draws. samples: statements that are of use, at most; None where there are some to score.
    statements: to score; None where some are to be written.
    """

    question: str
    opinions: Sequence[str]
    seed: int
    samples: int | None = None
    statements: Sequence[str] | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The task as JSON has it."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def task_request(engine: str, task: Task) -> Request:
    """The request that has a pipeline do ``task``: its document is the one turn of the prompt."""
    return Request(
        engine,
        (Message("user", json.dumps(task.document, ensure_ascii=False)),),
        NOTHING_SAMPLED,
        seed=task.seed,
        act="scoring" if task.statements is not None else "mediation",
        answer="pipeline",
    )


def task_of(request: Request) -> Task:
    """The task in a request of `task_request`."""
    return Task(**json.loads(request.messages[0].content))
