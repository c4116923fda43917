"""Text from models, files and users as it may be shown: what would steer a terminal or reorder a line is spelled out instead.

Escape sequences, other control characters, bidirectional controls, line separators, lone surrogates and invisible tags become
escapes such as ``\\x1b``. Records keep what was really said; only what is shown is changed.
"""

from __future__ import annotations

import json
import re
from typing import Any

_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f"  # of England, Scotland, Wales, ...
_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # all but tab and line feed
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"
_OTHER = "\u2028\u2029\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e00ff"
_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")  # controls that end no line, but tabs
_UNSAFE = re.compile(f"({_FLAG})|[{_CONTROLS}{_BIDI}{_OTHER}]")

_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def visible(text: str) -> str:
    """``text`` with every character that is not safe to show written as an escape; line ends of Windows become plain ones."""
    return _UNSAFE.sub(_escape, text.replace("\r\n", "\n"))


def visible_line(text: str) -> str:
    """``text`` as it may be shown, on one line."""
    return visible(" ".join(text.split()))


def visible_markdown(text: str) -> str:
    """``text``, a Markdown document, as it may be shown, without any HTML: what would begin a tag is written as ``&lt;``."""
    return _TAG.sub("&lt;", visible(text))


def visible_json(document: Any) -> str:
    """``document`` as indented JSON that reads back the same and holds no character that is not safe to show."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    return _UNSAFE.sub(lambda match: match[1] or json.dumps(match[0])[1:-1], text)


def unwritable(text: str) -> str | None:
    """The first character of ``text`` that no file can hold (half of one, NUL, another control character), or None.

    Line ends and tabs can be written.
    """
    match = _UNWRITABLE.search(text)
    return None if match is None else f"the character U+{ord(match[0]):04X}"


def writable(text: str) -> str:
    """``text``. Raises ValueError where a character of it cannot be written."""
    if (character := unwritable(text)) is not None:
        shown = ascii(text if len(text) <= 60 else text[:57] + "...")
        raise ValueError(f"value {shown} holds {character}, which cannot be written; expected text without it")
    return text


def _escape(match: re.Match[str]) -> str:
    if match[1]:
        return match[1]
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
