"""Refusals: texts that decline the task rather than doing it."""

from __future__ import annotations

import re

from simcons.languages.replies import ReplyCues

_DECORATION = re.compile(r"[*_`\"“”#]+")
_BULLET = re.compile(r"^[-•>]\s+")


def refuses(text: str, cues: ReplyCues) -> bool:
    """True if ``text`` declines the task rather than doing it: it speaks as a machine, or says that it cannot help.

    "I cannot agree with this" and "I'm sorry, but this is daft" are opinions.
    """
    return cues.refusal.search(plain(text)) is not None


def plain(text: str) -> str:
    """Lower case, straight and without apostrophes, decoration or bullets; lines are kept apart."""
    text = _DECORATION.sub("", text.casefold().replace("’", "'").replace("'", "")).replace("—", " - ").replace("–", "-")
    lines = (_BULLET.sub("", line.strip()) for line in text.splitlines())
    return "\n".join(" ".join(line.split()) for line in lines if line)
