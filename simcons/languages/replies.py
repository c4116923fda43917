"""Texts of language models around an answer, and instead of one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simcons.languages.text import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyCues:
    """Signs of what is no part of an answer.

    refusal: of one that declines the task, in lower case without apostrophes or decoration. chatter: what frames an answer,
    cut off in this order. task: of one that speaks of its task or of its answer, in lower case.
    opener: the source of a pattern for a first word or two ("Sure") that may come before anything.
    """

    refusal: re.Pattern[str] = NEVER
    task: re.Pattern[str] = NEVER
    chatter: tuple[re.Pattern[str], ...] = ()
    opener: str = NEVER.pattern
