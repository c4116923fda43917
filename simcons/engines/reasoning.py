"""Takes out of a reply what the model wrote for itself or for its template: reasoning, and the marks of a chat's turns."""

from __future__ import annotations

import re
from typing import NamedTuple

_THOUGHT = r"(?:seed:)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|analysis)"
_OPENS = re.compile(
    rf"<{_THOUGHT}>|\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|channel>(?:thought|analysis)\b|<\|START_THINKING\|>",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    rf"</{_THOUGHT}>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>|<channel\|>|<\|END_THINKING\|>", re.IGNORECASE
)
# Channels (gpt-oss): with their marks, or what is left of them where a server has dropped the marks.
_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)[^<]*(?:<\|message\|>|$)", re.IGNORECASE)
_BARE_CHANNELS = re.compile(r"^(?:analysis(?=[A-Z])|assistant ?analysis\b)(.*?)(?:assistant ?final|$)", re.DOTALL)
_HEADED = re.compile(r"^\s*here(?:'s| is) my thought process:(.*?)(?:here(?:'s| is) my response:|$)", re.S | re.I)

_ROLE = r"(?P<{}>system|user|assistant|model|tool|developer|human|observation|chatbot|gpt)"
_HEADER = re.compile(
    rf"<\|(?:im_start|start|start_header_id|start_of_role|header_start)\|>\s*{_ROLE.format('a')}?"
    r"(?:<\|(?:end_header_id|end_of_role|header_end|im_middle)\|>)?\s*|"
    rf"<start_of_turn>\s*{_ROLE.format('b')}?\s*|"
    rf"<\|{_ROLE.format('c')}\|>\s*",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"<\|[^|<>\s]{1,40}\|?>|<[^|<>\s]{1,40}\|>|<｜[^｜<>\n]{1,40}｜>|"
    r"</?(?:s|bos|eos|pad|unk|sep|cls|start_of_turn|end_of_turn|end_of_text|endoftext)>|"
    r"\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|IMG|BOS|EOS)\]|<</?SYS>>",
)


class Apart(NamedTuple):
    """A reply taken apart: what it says, what it reasoned ("" where it did not)."""

    text: str
    reasoning: str


def take_apart(text: str) -> Apart:
    """``text`` without reasoning and without the marks of a chat template.

    Reasoning that is never closed goes on to the end, and reasoning that is closed but never opened begins at the beginning
    (templates may open it in the prompt). What follows the mark that ends a turn belongs to another turn and is cut off.
    """
    rest, reasoning = _without_channels(text)
    thoughts = [reasoning]
    while opened := _OPENS.search(rest):
        closed = _CLOSES.search(rest, opened.end())
        before = _CLOSES.search(rest, 0, opened.start())
        if before:  # an end without a beginning comes first
            thoughts.append(rest[: before.start()])
            rest = rest[before.end() :]
            continue
        thoughts.append(rest[opened.end() : closed.start() if closed else len(rest)])
        rest = rest[: opened.start()] + (rest[closed.end() :] if closed else "")
    *before_ends, rest = _CLOSES.split(rest)
    thoughts += before_ends
    kept = (_MARK.sub("", thought).strip() for thought in thoughts)
    return Apart(_own_turn(rest), "\n".join(thought for thought in kept if thought))


def _without_channels(text: str) -> Apart:
    if headed := _HEADED.match(text) or _BARE_CHANNELS.match(text.lstrip()):
        return Apart(headed.string[headed.end() :], headed[1])
    before, *parts = _CHANNEL.split(text)
    if not parts:
        return Apart(text, "")
    channels = list(zip(parts[::2], parts[1::2], strict=True))
    final = "".join(_until_turn_ends(text_of_channel) for name, text_of_channel in channels if name.lower() == "final")
    others = [_until_turn_ends(text_of_channel) for name, text_of_channel in channels if name.lower() != "final"]
    return Apart(final, "\n".join([_until_turn_ends(before), *others]).strip())


def _until_turn_ends(text: str) -> str:
    return _MARK.split(text, maxsplit=1)[0]


def _own_turn(text: str) -> str:
    """The first part between marks that says something, unless it is another's turn."""
    start = 0
    for mark in [*_marks(text), None]:
        passage = text[start : mark.start() if mark else len(text)]
        if any(letter.isalnum() for letter in passage):
            return passage
        if mark is None or _role(mark) in ("user", "system", "human", "tool", "developer", "observation"):
            break
        start = mark.end()
    return ""


def _marks(text: str) -> list[re.Match[str]]:
    """Headers of turns, with the role they name, and other marks, as they come."""
    marks: list[re.Match[str]] = []
    place = 0
    while mark := _MARK.search(text, place):
        mark = _HEADER.match(text, mark.start()) or mark
        marks.append(mark)
        place = mark.end()
    return marks


def _role(mark: re.Match[str]) -> str:
    return next((role.lower() for role in mark.groups() if role), "") if mark.re is _HEADER else ""
