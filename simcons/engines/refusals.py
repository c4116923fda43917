"""Refusals: texts that decline the task rather than doing it."""

from __future__ import annotations

import re

_DECORATION = re.compile(r"[*_`\"“”#]+")
_BULLET = re.compile(r"^[-•>]\s+")

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


def refuses(text: str) -> bool:
    """True if ``text`` declines the task rather than doing it: it speaks as a machine, or says that it cannot help.

    "I cannot agree with this" and "I'm sorry, but this is daft" are opinions.
    """
    return _REFUSAL.search(plain(text)) is not None


def plain(text: str) -> str:
    """Lower case, straight and without apostrophes, decoration or bullets; lines are kept apart."""
    text = _DECORATION.sub("", text.casefold().replace("’", "'").replace("'", "")).replace("—", " - ").replace("–", "-")
    lines = (_BULLET.sub("", line.strip()) for line in text.splitlines())
    return "\n".join(" ".join(line.split()) for line in lines if line)
