"""Words that tell a question's topic, for questions that come without claims."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simcons.languages.text import NEVER
from simcons.scenario.parameters import ValueDimension


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCues:
    """Beginnings of words by the values that a question with them is about, and verbs that turn a proposal round.

    noun: a name for any question's proposal, as banks give each of theirs. frames: the file of claims that can be made about
    any question, under `personas/frames`.
    """

    themes: Mapping[ValueDimension, frozenset[str]]
    noun: str
    frames: str
    curbing: re.Pattern[str] = NEVER
