"""English: what a message of a chat asks."""

from __future__ import annotations

import re

from simcons.languages.chat import ChatCues

_HEAD = r"^[ \t]*(?:[-*•>#]+[ \t]*)?(?:\*\*|__)?"
_COLON = r"(?:[ \t]*\d+)?(?:\*\*|__)?[ \t]*:(?:\*\*|__)?[ \t]*"
_TEXT = r"statement|opinion|claim|proposal|proposition|text|view|idea|sentence|paragraph|question"


def _cue(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


CHAT = ChatCues(
    question=_cue(
        rf"{_HEAD}(?:(?:the|your|survey|discussion|debate|following) )?(?:question|topic|motion|issue){_COLON}"
    ),
    statement=_cue(
        rf"{_HEAD}(?:(?:the|this|group|consensus|proposed|candidate|draft|final|following|shared|joint) )*"
        rf"(?:statement|proposal|proposition|claim|candidate)(?: [a-z])?{_COLON}"
    ),
    asks_rating=_cue(
        r"\b(?:rate|rating|score|scale|(?:dis)?agree(?:ment|s)?|support (?:or|this|the (?:following|statement))|endorse|"
        r"how (?:far|much|strongly|well|good|poor)|to what (?:extent|degree)|options?|represents?)\b"
    ),
    asks_opinion=_cue(
        r"\?|\b(?:opinion|views?|think|thoughts?|feel|believe|say|why|explain|write|describe|tell|position|stance|respond|"
        r"response|answer|reply|argue|comment|share|discuss)\b"
    ),
    of_scale={
        "quality": _cue(r"\bquality\b|\bwell[- ](?:written|put|worded|argued)\b|\bhow (?:good|poor|bad|clear)\b"),
        "represented": _cue(r"\brepresent(?:s|ed|ative)?\b|\bspeaks? for you\b|\breflects? your\b"),
    },
    leads=_cue(
        r"\bagree(?: or disagree)? (?:with (?:the|this) (?:statement|view|idea|claim|proposal|proposition) )?that[ \t]+(?=\w)"
    ),
    speaks_of_text=_cue(
        rf"\b(?:this|that|these|the|following|above|below|each|your)(?: \w+){{0,2}} (?:{_TEXT}|answer|scale|option)s?\b"
        r"|^\W*(?:do you )?(?:dis)?agree(?: or (?:dis)?agree)?\W*$"
    ),
    instructs=_cue(
        r"^\W*(?:please|respond|answer|reply|rate|choose|select|pick|give|return|indicate|use|write|read|consider|note|only|"
        r"just|after|before|below|above|here|how|to what|on a scale|using|you|your|now|then|next|thank|thanks|hello|hi|scale|"
        r"options?|the (?:answer|last line|following|scale|options?)|where|with|there (?:is|are)|in (?:this|the)|as an?)\b"
    ),
    scale_near=_cue(
        r"\b(?:scale|rate|rating|score|number|points?|respond|answer|reply|choose|select|pick|agree\w*|disagree\w*|between|"
        r"from|out of)\b"
    ),
    unit=_cue(
        r"\s*(?:-\s*)?(?:short |full |complete )?(?:words?|sentences?|paragraphs?|lines?|characters?|tokens?|minutes?|hours?|"
        r"days?|weeks?|months?|years?|people|participants?|reasons?|arguments?|bullets?|per ?cent|%|£|k\b|[ap]m\b)"
    ),
    between=_cue(r"[-–—]|\bto\b|\band\b|\bthrough\b|\buntil\b"),
    stands_for=_cue(r"[=:(]|[-–—]|\b(?:is|means|being|represents|indicates|stands for)\b"),
    favours=_cue(
        r"\b(?:agree\w*|support\w*|favou?r\w*|for|approve\w*|endorse\w*|accept\w*|yes|true|good|great|excellent|high\w*|"
        r"best|completely|totally|entirely|extremely|perfectly|very much|strongly|well|always|like\w*|positive\w*)\b"
    ),
    opposes=_cue(
        r"\b(?:disagree\w*|oppos\w+|against|disapprov\w+|reject\w*|no|not|none|false|bad\w*|poor\w*|terrible|awful|low\w*|"
        r"worst|never|hardly|dislike\w*|negative\w*|unfavou?rabl[ey]|unacceptable)\b"
    ),
    no_point=_cue(
        r"\b(?:don['’]?t know|do not know|prefer not|no opinion|not sure|unsure|cannot say|can['’]t say|no answer|skip|n/?a)\b"
    ),
    wants_label=_cue(
        r"\b(?:(?:with|by|using|as) (?:only )?(?:the |a |one |exactly )*(?:of the )?(?:label|words?|string|text|wording|phrase)|"
        r"not (?:the|a) (?:number|code|letter))\b"
    ),
    reason=_cue(r"reason|explan|comment|justif|rationale|thought|why|note"),
)
