"""Answers of pipelines: whatever comes back as statements or scores that can be used, each fault with its reason.

What is kept is the answer made plain, as JSON, so that a replay reads what the run had read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from numbers import Real
from typing import Any

from simcons.engines.usage import NOTHING, Usage
from simcons.records import MissingReason
from simcons.scale import HIGHEST, LOWEST

LONGEST = 20_000  # characters of a statement
_SHOWN = 300  # characters of what could not be used

_STATEMENTS = "expected a text, a list of texts or of (text, score) pairs, or a mapping with statement or candidates"


class Unfit(Exception):
    """An answer, or one statement of it, that cannot be used: the reason, and what is to be shown of it."""

    def __init__(self, reason: MissingReason, shown: str) -> None:
        super().__init__(reason, shown)
        self.reason, self.shown = reason, shown[:_SHOWN]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A statement as a pipeline returned it, or why there is none. score: the pipeline's own, the higher the better."""

    text: str | None
    score: float | None = None
    missing: MissingReason | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """All that came of one call of a pipeline.

    statements: best first. scores: [opinions][statements], None where there is no score. failure: of the call as a whole.
    n_requests, tokens_in, tokens_out: of what it asked of engines.
    """

    statements: Sequence[Proposed] = ()
    scores: Sequence[Sequence[float | None]] = ()
    failure: Proposed | None = None
    n_requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0

    def text(self) -> str:
        """The answer as the text of a reply."""
        return json.dumps(asdict(self), ensure_ascii=False, allow_nan=False)

    @classmethod
    def of(cls, text: str) -> Answer:
        given = json.loads(text)
        failure = given.pop("failure")
        statements = tuple(Proposed(**statement) for statement in given.pop("statements"))
        return cls(statements, failure=None if failure is None else Proposed(**failure), **given)


def failed(reason: MissingReason, shown: str) -> Answer:
    """The answer of a call that came to nothing."""
    unfit = Unfit(reason, shown)
    return Answer(failure=Proposed(None, missing=unfit.reason, raw=plain_text(unfit.shown)))


def usage_behind(text: str) -> Usage:
    """The usage of engines that the pipeline had for a reply of this text, each request counted as a call."""
    answer = json.loads(text)
    return NOTHING + Usage(answer["n_requests"], tokens_in=answer["tokens_in"], tokens_out=answer["tokens_out"])


def read_statements(given: object, samples: int) -> tuple[Proposed, ...]:
    """The first ``samples`` statements in what a pipeline returned, by its own scores where it gives any: the best first, those
    without one last, and otherwise in its order. Raises Unfit where it is nothing of the kind.
    """
    candidates = _candidates(given)
    proposed = [_proposed(candidate) for candidate in candidates]
    ordered = sorted(proposed, key=lambda each: (each.score is None, -(each.score or 0.0)))
    return tuple(ordered[:samples]) or (Proposed(None, missing="empty"),)


def _candidates(given: object) -> list[Any]:
    if isinstance(given, str):
        return [given]
    if isinstance(given, dict) and "statement" in given:
        return [given["statement"]]
    if isinstance(given, dict) and "candidates" in given:
        given = given["candidates"]
    given = given.tolist() if hasattr(given, "tolist") else given
    if isinstance(given, (list, tuple)):
        return list(given)
    raise Unfit("malformed", f"{_shown(given)}: {_STATEMENTS}")


def _proposed(given: object) -> Proposed:
    try:
        text, score = _text_and_score(given)
        return Proposed(_usable(text), _number(score))
    except Unfit as unfit:
        return Proposed(None, missing=unfit.reason, raw=plain_text(unfit.shown))


def _text_and_score(given: object) -> tuple[object, object]:
    if isinstance(given, dict):
        return given.get("text"), given.get("score")
    if isinstance(given, (list, tuple)) and len(given) == 2:
        return given[0], given[1]
    return given, None


def _usable(text: object) -> str:
    if not isinstance(text, str):
        raise Unfit("malformed", f"{_shown(text)}: {_STATEMENTS}")
    if len(text) > LONGEST:
        raise Unfit("oversized", f"{len(text):,} characters; expected at most {LONGEST:,}")
    if text != plain_text(text):
        raise Unfit("malformed", f"{_shown(text)}: expected text that can be written in UTF-8")
    if not any(letter.isalnum() for letter in text):
        raise Unfit("empty", text)
    return " ".join(text.split())


def read_scores(given: object, n_opinions: int, n_statements: int) -> list[list[float | None]]:
    """Scores [opinions][statements] in what a pipeline returned; none for those outside 1 to 7. Raises Unfit for other shapes."""
    given = given.get("scores") if isinstance(given, dict) else given
    given = given.tolist() if hasattr(given, "tolist") else given
    rows = list(given) if isinstance(given, (list, tuple)) else []
    if len(rows) != n_opinions or not all(isinstance(row, (list, tuple)) and len(row) == n_statements for row in rows):
        raise Unfit(
            "malformed", f"{_shown(given)}: expected a list for each of {n_opinions} opinions, of {n_statements} scores"
        )
    return [[_on_scale(score) for score in row] for row in rows]


def _on_scale(given: object) -> float | None:
    score = None if given is None else _number(given)
    return score if score is not None and LOWEST <= score <= HIGHEST else None


def _number(given: object) -> float | None:
    """A number; None where there is none, or none that is finite. Raises Unfit for anything else."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, Real):
        raise Unfit("malformed", f"score {_shown(given)}: expected a number")
    return float(given) if isfinite(given) else None


def plain_text(text: str) -> str:
    """``text`` with a mark for whatever cannot be written in UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _shown(given: object) -> str:
    """The beginning of a value; of a long text no more than that is looked at."""
    text = repr(given[:_SHOWN]) if isinstance(given, (str, bytes, list, tuple)) else repr(given)
    return text if len(text) <= 120 else f"{text[:117]}..."
