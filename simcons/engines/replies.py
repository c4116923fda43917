"""Texts of a model, as a person would have sent them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from simcons.engines.base import Message, Reply
from simcons.engines.reasoning import Apart, take_apart
from simcons.engines.refusals import refuses
from simcons.languages.replies import ReplyCues
from simcons.records import MissingReason
from simcons.scenario.engines import SamplingSettings

_FENCED = re.compile(r"```\w*\n?(.*?)\n?```", re.DOTALL)
_WRAPPED = re.compile(r"<(statement|opinion|answer|response|output|final|text)>(.*?)(?:</\1>|$)", re.DOTALL | re.I)
_APOSTROPHE = r"(?<=\w)['’](?=\w)"
_QUOTED = re.compile(
    rf"'((?:[^'‘’]|{_APOSTROPHE})+)'|‘((?:[^'‘’]|{_APOSTROPHE})+)’|"
    r"\"([^\"“”]+)\"|“([^\"“”]+)”|«([^«»]+)»|„([^„“”]+)[“”]|「([^「」]+)」"
)
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_SLANTED = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")

_UNANSWERED: dict[str, MissingReason] = {"filtered": "filtered", "too_long": "too_long", "refused": "refused"}

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"  # scripts that put no space between words
)
_NO_SPACE = re.compile(rf"[{_UNSPACED}]$")
_NEXT_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_GOES_ON = re.compile(r"\s*(?:…|\.\.\.)?\s*(?=[,;:]|['’][^\W\d_]{1,2}\b|(?P<word>[^\W\d_]))")


@dataclass(frozen=True, slots=True)
class Said:
    """A reply understood: ``text`` as people would be shown it, None with the reason why there is none to show."""

    text: str | None
    missing: MissingReason | None
    reasoning: str  # "" where the model did not reason


def said(reply: Reply, messages: Sequence[Message], cues: ReplyCues, *, continued: bool) -> Said:
    """The text that ``reply`` gives as an answer to ``messages``; `whole` gives the meaning of ``continued``.

    Nothing is said by a request without an answer, by a reply without a letter or digit of its own, by one that is reasoning
    alone, and by a refusal.
    """
    parted = parts_of(reply)
    beginning = beginning_of(messages)
    text = shown(parted.text, cues, beginning, continued=continued and not parted.reasoning)
    missing = _missing(reply, parted, text, cues, beginning)
    return Said(None if missing else text, missing, parted.reasoning)


def parts_of(reply: Reply) -> Apart:
    """The answer in a reply and its reasoning, whether the engine told them apart or the text holds both."""
    parted = take_apart(reply.text)
    reasoning = (take_apart(reply.reasoning).text.strip(), parted.reasoning)
    return Apart(parted.text, "\n".join(passage for passage in reasoning if passage))


def as_received(reply: Reply) -> str:
    """The reply as it was received, in full: the text, or else the reasoning, or the engine's remark on it."""
    return reply.text or reply.reasoning or reply.seen


def _missing(reply: Reply, parted: Apart, text: str, cues: ReplyCues, beginning: str) -> MissingReason | None:
    if unanswered := unanswered_because(reply):
        return unanswered
    if not _says_something(parted.text) or not _says_something(text) or text == clean(beginning, cues):
        return "reasoning" if parted.reasoning else "empty"
    return "refusal" if refuses(text, cues) or refuses(parted.text, cues) else None


def unanswered_because(reply: Reply) -> MissingReason | None:
    """Why a request has no answer, None where it has one."""
    return _UNANSWERED.get(reply.finish)


def may_pass(missing: MissingReason | None, sampling: SamplingSettings) -> bool:
    """True if an answer that is missing for this reason may come with another draw.

    What is not sampled comes out the same again, and a prompt that is too long stays so.
    """
    return missing not in (None, "too_long") and sampling.temperature > 0


def _says_something(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def beginning_of(messages: Sequence[Message]) -> str:
    """The beginning of the reply that ``messages`` give, "" where they give none."""
    return messages[-1].content if messages and messages[-1].role == "assistant" else ""


def joined(beginning: str, text: str) -> str:
    """The beginning and its continuation: a word follows a space, "'d rather" and ", as a group" follow at once."""
    unspaced = _NO_SPACE.search(beginning) and _NEXT_UNSPACED.match(text)
    return f"{beginning} {text}" if beginning and text[:1].isalnum() and not unspaced else beginning + text


def repeats(beginning: str, text: str, cues: ReplyCues) -> int | None:
    """Where ``text`` goes on after the beginning that it repeats, None where it does not repeat it.

    Repeated it is as whole words, whatever their case, with quotation marks or emphasis before and emphasis after them.
    """
    words = re.sub("['’]", "['’]", re.escape(beginning.strip()).replace(r"\ ", r"[\s*_]+"))
    end = "" if _NO_SPACE.search(beginning.strip()) else r"(?!\w)"
    opener = rf"(?:{cues.opener}[!.,:]?\s+)?"
    match = re.match(rf"\W*?{opener}[\s\"“'‘*_>]*{words}{end}[*_\"”]*", text, re.IGNORECASE) if words else None
    return match.end() if match else None


def after(beginning: str, text: str) -> str:
    """The text after the beginning, of an engine that continues it but may repeat it: only whole words, as they were given."""
    bare, given = text.lstrip(), beginning.strip()
    follows = bare.removeprefix(given)
    again = given and bare.startswith(given) and (not follows[:1].isalnum() or _NO_SPACE.search(given))
    return follows if again else text


def whole(beginning: str, text: str, cues: ReplyCues, *, continued: bool) -> str:
    """A reply as it reads with the beginning it was given.

    continued: the engine made the model go on from the beginning. Where it could only be asked to begin so, the reply is judged
    by its text: it repeats the beginning, goes on from it (in lower case, or with ``, as a group``, ``'d rather``), or has
    ignored it and stands as it is; so it does after a lead-in.
    """
    if not beginning or continued:
        return joined(beginning, text)
    bare = _without_chatter(text, cues)
    unmarked = _unmarked(bare)
    if (end := repeats(beginning, unmarked, cues)) is not None:
        return beginning.strip() + unmarked[end:]
    goes_on = _GOES_ON.match(bare)
    if bare == text.strip() and goes_on and (goes_on["word"] is None or goes_on["word"].islower()):
        return joined(beginning.rstrip(), bare[goes_on.end() :])
    return bare


def shown(text: str, cues: ReplyCues, beginning: str = "", *, continued: bool = True) -> str:
    """A reply (without reasoning and marks) as people would be shown it, with the beginning it was given."""
    return clean(whole(beginning, text, cues, continued=continued), cues)


def clean(text: str, cues: ReplyCues) -> str:
    """A text as it would be shown to people: one paragraph, without lead-in, label, quotation marks or emphasis.

    Nothing is mended: a text that breaks off is shown as it is.
    """
    bare = _unmarked(_without_chatter(text, cues))
    while (again := _unmarked(_without_chatter(bare, cues))) != bare:
        bare = again
    return bare


def _without_chatter(text: str, cues: ReplyCues) -> str:
    """``text`` without what frames it, introduces it, or offers more after it."""
    text = unwrapped(text.strip())
    for chatter in cues.chatter:
        text = chatter.sub("", text, count=1)
    return text.strip()


def _unmarked(text: str) -> str:
    """``text`` in one paragraph, without emphasis and without quotation marks around the whole."""
    text = _SLANTED.sub(r"\1", _STRONG.sub(r"\2", text))
    text = " ".join(text.split()).strip("*")
    quoted = _QUOTED.fullmatch(text)
    return (next(text_inside for text_inside in quoted.groups() if text_inside) if quoted else text).strip()


def unwrapped(text: str) -> str:
    """The content of a code block, of tags, or of a JSON object with one text, where that is the whole text."""
    for frame in (_FENCED, _WRAPPED):
        if match := frame.fullmatch(text):
            text = match.groups()[-1].strip()
    if not text.startswith("{"):
        return text
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        return text
    values = list(fields.values()) if isinstance(fields, dict) else []
    return values[0] if len(values) == 1 and isinstance(values[0], str) else text
