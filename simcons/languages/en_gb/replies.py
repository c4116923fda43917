"""English: texts of language models around an answer, and instead of one."""

from __future__ import annotations

import re

from simcons.languages.replies import ReplyCues

_NOUN = r"(?:statement|opinion|view|answer|response|reply|output|text|consensus|version|draft|proposal|summary)"
_KIND = r"(?:(?:final|proposed|group|consensus|common|joint|shared|draft|short|suggested|revised|possible|agreed|written)\s+)"
_NAME = rf"(?:my\s+|the\s+|our\s+|a\s+)?{_KIND}{{0,2}}{_NOUN}"
_LABEL = re.compile(rf"^[#*_\s]*{_NAME}\s*[*_]*\s*[:：](?:[*_]+(?=\s|$))?\s*", re.IGNORECASE)
_HEADING = re.compile(rf"^(?:#+\s*|\*\*|__){_NAME}(?:\*\*|__)?\s*\n+", re.IGNORECASE)
_OPENER = (
    r"(?:sure|certainly|of course|absolutely|ok|okay|alright|great|got it|understood|yes|thanks?|happy to|i'd be happy|"
    r"i would be happy|as requested|based on|considering|given|after|taking|having)"
)
_LEAD_IN = re.compile(
    rf"^\W*(?:{_OPENER}\b[^:\n]{{0,120}}?[,.!:]\s+)?"
    rf"(?:here(?:'s|\s+is|\s+are)\s+[^:\n.!?]{{0,100}}?\b{_NOUN}\b[^:\n!?]{{0,120}}|here\s+it\s+is|here\s+you\s+(?:go|are)|"
    rf"(?:below|the\s+following|this)\s+is\s+[^:\n.!?]{{0,60}}?\b{_NOUN}\b[^:\n!?]{{0,120}}|"
    rf"the\s+following\s+{_NOUN}\b[^:\n!?]{{0,120}})[:：]\**\s*",
    re.IGNORECASE,
)
_OPENER_LINE = re.compile(rf"^\W*{_OPENER}\b[^:\n]{{0,40}}[!.]\s*\n+", re.IGNORECASE)
_OFFER = re.compile(
    r"\n\s*(?:(?:please\s+)?let me know|i hope (?:this|that)|(?:please\s+)?feel free|would you like me|"
    r"is there anything else)\b[^\n]*\s*$",
    re.IGNORECASE,
)

# --- refusals ----------------------------------------------------------------------------------------------------

# "As an AI, I ..." and "I am a language model"; but "selling it as an AI tool" and "as an AI engineer, I" are people's.
_NAMES_OF_MACHINES = r"(?:ai|artificial intelligence|(?:large |ai )?language model|chatbot|(?:ai|virtual) assistant)"
_MACHINE = (
    rf"\b(?:as|being) an? {_NAMES_OF_MACHINES}(?: (?:language|model|assistant|system|program|chatbot))*,? i\b|"
    rf"\bi(?: a)?m (?:just |only |merely )?an? {_NAMES_OF_MACHINES}(?: (?:language|model|assistant|system|program))*"
    r"(?= and\b| so\b| created\b| trained\b| developed\b| designed\b|[.,!]|$)"
)
_NO_VIEWS = (
    r"\bi (?:do not|dont) (?:have|hold|possess|form) (?:any )?(?:personal|political) "
    r"(?:opinions?|beliefs?|views?|feelings?)"
)
_UNABLE = (
    r"(?:i cannot|i cant|i can not|i(?: a)?m unable to|i(?: a)?m not able to|i wont|i will not|i must decline to|"
    r"i(?: a)?m not comfortable|i dont feel comfortable|i(?: woul)?d rather not|i would prefer not to|i decline to)"
)
_TASKS = (
    r"(?:help (?:with|you)|assist|provide|write|create|generate|answer|engage in|participate|take part|comply|"
    r"fulfil|role ?-?play|express|offer|respond|discuss|rate|produce|pretend to|adopt|impersonate|simulate|say|choose|"
    r"share|complete|providing|writing|answering|rating|expressing|sharing|discussing)\b"
)
_REFUSAL = re.compile(
    rf"{_MACHINE}|{_NO_VIEWS}|"
    rf"^(?:(?:i(?: a)?m |i |we )?(?:very |so )?(?:sorry|apologi[sz]e|afraid)[^.!?]{{0,25}}? )?{_UNABLE} {_TASKS}"
)

# --- talk of the task --------------------------------------------------------------------------------------------

_POINT = r"(?:(?:strongly|somewhat|definitely) (?:dis)?agree|neutral|undecided)"
_TASK = re.compile(
    r"^\W*the question(?: is|:)|"
    rf"\b(?:the|my|your|final) answer(?: is| was|:)\W+(?:that )?(?:{_POINT}|(?:dis)?agree\b|no\b|yes\b)|"
    r"\b(?:this|the|your|my) way of writing\b|\b(?:no|much|a little(?: bit of)?|some) hedging\b|"
    r"\b(?:tidy|care(?:less|free)) spelling\b|\b(?:the|this) (?:survey|table|prompt|text box)\b|"
    r"\b(?:of|in) this answer\b|\bthe opinions? (?:presented|given|stated|expressed) (?:here|above|below)\b|"
    r"^\W*the answer:|\bthe (?:answer|opinions?) i (?:gave|offered)\b|\bthe question you asked\b|\byour reasoning\b|"
    r"\ba text box\b|\banswer to the question:|\basked to answer a question\b|\bit is (?:strongly|somewhat) (?:dis)?agreed\b|"
    r"\bas this person\b|\b(?:this|the) persona\b|\bhere (?:is|are) (?:my|your|the|some) (?:opinion|answer|reason|way)s?\b|"
    r"\bwhat you (?:wrote|think is (?:right|wrong))\b|\bi'?m (?:glad|happy) to (?:help|share|see that your)\b"
)

REPLIES = ReplyCues(
    refusal=_REFUSAL, task=_TASK, chatter=(_OFFER, _OPENER_LINE, _HEADING, _LEAD_IN, _LABEL), opener=_OPENER
)
