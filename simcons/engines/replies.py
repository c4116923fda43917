"""What a model wrote, as a person would have sent it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from simcons.engines.base import Message

_LABEL = re.compile(r"^(?:my |the )?(?:statement|opinion|view|answer|response)\s*:\s*", re.IGNORECASE)
_QUOTED = re.compile(r'["“]([^"“”]+)["”]')


def with_beginning(messages: Sequence[Message], text: str) -> str:
    """The reply with the beginning that its prompt gave it, if any: a word follows a space, "'d rather" and ", as a group"
    follow at once.
    """
    begun = messages[-1].content if messages[-1].role == "assistant" else ""
    return f"{begun} {text}" if begun and text[:1].isalnum() else begun + text


def clean(text: str) -> str:
    """A reply as it would be shown to people: one paragraph, without a label, quotation marks or emphasis around it.

    Nothing is mended: a text that breaks off is shown as it is.
    """
    text = _LABEL.sub("", " ".join(text.split()).strip("*"))
    quoted = _QUOTED.fullmatch(text)
    return (quoted.group(1) if quoted else text).strip()
