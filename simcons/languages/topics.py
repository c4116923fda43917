"""Words that tell what a question is about and what it proposes, for questions that come without claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from simcons.languages.text import NEVER
from simcons.scenario.parameters import ValueDimension

Act: TypeAlias = Literal["curb", "allow", "spend", "save", "introduce", "require", "keep", "change", "judge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Something that questions are about, and who wants more of it.

    words: in lower case. leanings: who is for more of it, or for keeping it where ``kept``; acts: those of which this can be
    said. conduct: it is something that people do, so that to curb it is to tell them how to live.
    """

    words: re.Pattern[str]
    leanings: Mapping[ValueDimension, float]
    acts: frozenset[Act]
    kept: bool = False
    conduct: bool = False


def unnamed(question: str) -> None:
    """No noun phrase, for any question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCues:
    """Topics by name, the specific ones first, and the cues of what a question proposes, the surest first.

    aside: what a question names only to set it aside ("rather than ..."). burdens: a charge on something, which curbs it, unless
    it is about nothing else. proposes: of a question that proposes something; any other asks for a judgement. name_of: a noun
    phrase for a question's proposal that fits "I am in favour of ...", or None; noun: one that fits any. frames: the folder of
    claims that can be made about questions, under `personas/frames`.
    """

    noun: str
    frames: str
    topics: Mapping[str, Topic] = field(default_factory=dict)
    acts: tuple[tuple[Act, re.Pattern[str]], ...] = ()
    aside: re.Pattern[str] = NEVER
    burdens: tuple[str, re.Pattern[str]] = ("", NEVER)
    proposes: re.Pattern[str] = NEVER
    name_of: Callable[[str], str | None] = unnamed
