"""Answers of language models that cannot be used, in words: told while a study runs, and again beside its results."""

from __future__ import annotations

from collections.abc import Mapping

from simcons.scale import SCALES
from simcons.visible import visible_line

_SHOWN = 160  # characters of a reply in a sentence
_REASONS = {
    "refusal": "the model would not answer",
    "empty": "the model said nothing",
    "reasoning": "the model reasoned without coming to an answer",
    "echo": "the model repeated its prompt or spoke of its task",
    "loop": "the model said the same again and again",
    "list": "the model made a list",
    "off_question": "the model wrote of something else",
    "off_scale": "the answer was none of the options",
    "filtered": "a content filter stopped it",
    "too_long": "the prompt was too long for the model",
    "refused": "the server refused the request",
    "time_limit": "time ran out",
    "error": "the pipeline failed",
    "malformed": "what the pipeline returned is no text",
    "oversized": "what the pipeline returned is too long for a statement",
}
_ANSWERS = {
    "position": "answers on positions",
    "opinion": "opinions",
    "candidate": "candidates",
    "reading": "readings of texts",
    "score": "scores",
    **{scale: f"answers on {scale}" for scale in SCALES},
}


def unusable_sentence(act: str, n: int, missing: Mapping[str, int], reply: str, *, of: str = "the") -> str:
    """A warning that hardly any of an act's ``n`` answers can be used, why (by reason, the most frequent first), with one reply.

    of: which answers they are, before the number.
    """
    answers = _ANSWERS.get(act, act)
    n_missing, reason = sum(missing.values()), next(iter(missing))
    many = (
        f"none of {of} {n:,} {answers} can be used"
        if n_missing == n
        else f"{n_missing:,} of {of} {n:,} {answers} cannot be used"
    )
    text = visible_line(reply)
    example = f'; one reply: "{text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."}"' if text else ""
    return f"{many}, {'most often ' if len(missing) > 1 else ''}because {in_words(reason)}{example}"


def in_words(reason: str) -> str:
    """A reason of a missing answer as a clause."""
    return _REASONS.get(reason, reason.replace("_", " "))
