"""Drafts of question banks: what a language model proposes, for a person to check; what it did not give stays to be written.

A question is asked for its points, then each point for its wordings and denials. Replies are read strictly: a reply that is not
the object asked for is asked for again, and then the part is left as TODO. Nothing is made up in its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simcons.engines.acts import together
from simcons.engines.base import Act, Message, Reply, Request
from simcons.engines.replies import parts_of, unanswered_because, unwrapped
from simcons.engines.templates import Template, load_template
from simcons.languages.text import TextRules
from simcons.questions.bank import Side
from simcons.questions.forms import balanced
from simcons.scenario.engines import SamplingSettings
from simcons.scenario.shipped import find_prompt
from simcons.seeds import request_seed
from simcons.visible import writable

ACT = "draft"
TODO = "TODO"
POINTS_A_SIDE = 4
SIDES: tuple[Side, ...] = ("for", "against", "common")
COUNTS = {"plain": 4, "chatty": 3, "formal": 2, "denials": 3}
_MEANINGS = {
    "plain": " in plain words",
    "chatty": " as people chat or type",
    "formal": " in formal words",
    "denials": " that say that the point is wrong, as a person would",
}
_ABOUT: dict[Side, str] = {"for": "for", "against": "against", "common": "for and against"}
_SENTENCES = ("position", "negation", "noun")
_OUTLINE: dict[str, int] = {"position": 0, "negation": 0, "noun": 0, **dict.fromkeys(SIDES, POINTS_A_SIDE)}
_WORDS = (3, 30)  # of a text of a claim
_SAMPLING = SamplingSettings(temperature=0.8, min_p=0.05, max_tokens=900)

Texts = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Asking:
    """An engine by its name, how often it may be asked again, and the language's rules for sentences and clauses."""

    engine: str
    text: TextRules
    seed: int = 0
    retries: int = 2


@dataclass(frozen=True, slots=True)
class DraftClaim:
    side: Side
    point: str | None  # None: still to be written, as are all texts that are missing
    texts: Texts


@dataclass(frozen=True, slots=True)
class DraftQuestion:
    """A question as far as it has been drafted; what is None, or a list too few, is still to be written."""

    text: str
    position: str | None
    negation: str | None
    noun: str | None
    claims: list[DraftClaim]

    @property
    def n_missing(self) -> int:
        """Parts that no reply gave."""
        lacking = [self.position, self.negation, self.noun, *(claim.point for claim in self.claims)].count(None)
        return lacking + sum(claim.point is not None and not claim.texts for claim in self.claims)


def draft(questions: Sequence[str], asking: Asking) -> Act[list[DraftQuestion]]:
    """All questions at once, then all their points at once: the drafts, in order."""
    prompts = _prompts()
    outlines = yield from together([_outline(question, prompts[0], asking) for question in questions])
    points = [
        (question, outline, side, point)
        for question, outline in zip(questions, outlines, strict=True)
        for side in SIDES
        for point in outline.get(side, [])
    ]
    worded = yield from together([_worded(*point, prompts[1], asking) for point in points])
    texts = {(question, side, point): own for (question, _, side, point), own in zip(points, worded, strict=True)}
    return [_drafted(question, outline, texts) for question, outline in zip(questions, outlines, strict=True)]


def _drafted(question: str, outline: Texts, texts: Mapping[tuple[str, Side, str], Texts]) -> DraftQuestion:
    position, negation, noun = (outline[key][0] if key in outline else None for key in _SENTENCES)
    points: dict[Side, Sequence[str | None]] = {side: outline.get(side, [None] * POINTS_A_SIDE) for side in SIDES}
    claims = [
        DraftClaim(side, point, texts.get((question, side, point or ""), {}))
        for side, own in points.items()
        for point in own
    ]
    return DraftQuestion(question, position, negation, noun, claims)


def _prompts() -> tuple[Template, Template]:
    outline = {"question": "QUESTION", "n_points": POINTS_A_SIDE}
    claim = {"question": "QUESTION", "position": "POSITION", "point": "POINT", "side": "for"}
    return (
        load_template(find_prompt("bank_question"), [outline], must_show={"the question": "QUESTION"}),
        load_template(
            find_prompt("bank_claim"), [{**claim, "counts": COUNTS, "meanings": _MEANINGS}], must_show={"the point": "POINT"}
        ),
    )  # fmt: skip


# --- asking --------------------------------------------------------------------------------------------------------


def _outline(question: str, template: Template, asking: Asking) -> Act[Texts]:
    """Position, negation, noun and points, each as a list of texts; nothing where no reply could be read."""
    messages = template({"question": question, "n_points": POINTS_A_SIDE})
    texts = yield from _asked(messages, _OUTLINE, asking, (question,))
    return texts


def _worded(question: str, outline: Texts, side: Side, point: str, template: Template, asking: Asking) -> Act[Texts]:
    values = {"question": question, "position": outline["position"][0], "side": _ABOUT[side], "point": point}
    messages = template({**values, "counts": COUNTS, "meanings": _MEANINGS})
    texts = yield from _asked(messages, COUNTS, asking, (question, side, point))
    return texts


def _asked(
    messages: tuple[Message, ...], counts: Mapping[str, int], asking: Asking, key: tuple[str, ...]
) -> Act[Texts]:
    for attempt in range(1 + asking.retries):
        request = Request(
            engine=asking.engine,
            messages=messages,
            sampling=_SAMPLING,
            seed=request_seed(asking.seed, ACT, *key, attempt),
            act=ACT,
            draw=attempt,
            schema=json.dumps(_schema(counts)),
        )
        [reply] = yield [request]
        if texts := _read(reply, counts, asking.text):
            return texts
    return {}


def _schema(counts: Mapping[str, int]) -> dict[str, Any]:
    text = {"type": "string"}
    lists = {
        key: {"type": "array", "items": text, "minItems": n, "maxItems": n} if n else text for key, n in counts.items()
    }
    return {"type": "object", "properties": lists, "required": list(counts), "additionalProperties": False}


# --- replies -------------------------------------------------------------------------------------------------------


def _read(reply: Reply, counts: Mapping[str, int], rules: TextRules) -> Texts | None:
    """The texts by key; None where the reply is anything but one object with each key once and so many different texts."""
    text = unwrapped(parts_of(reply).text.strip())
    try:
        pairs = (
            json.loads(text, object_pairs_hook=_once) if text.startswith("{") and not unanswered_because(reply) else {}
        )
        texts = (
            {key: _texts(pairs[key], n, rules) for key, n in counts.items()} if pairs.keys() == counts.keys() else None
        )
    except (ValueError, RecursionError):
        return None
    every = [text.casefold() for own in (texts or {}).values() for text in own]
    return texts if len(set(every)) == len(every) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key comes twice")
    return dict(pairs)


def _texts(value: object, n: int, rules: TextRules) -> list[str]:
    """``n`` clauses, or for 0 one sentence or noun. Raises ValueError for anything else."""
    given = value if isinstance(value, list) and n else [value]
    strings = [text for text in given if isinstance(text, str) and text.strip()]
    if not len(strings) == len(given) == (n or 1):
        raise ValueError("not the texts that were asked for")
    texts = [balanced(writable(" ".join(text.split()))) for text in strings]
    if any("[" in text or text.startswith(TODO) for text in texts):
        raise ValueError("not a text")
    if n and not all(_WORDS[0] <= len(text.split()) <= _WORDS[1] for text in texts):
        raise ValueError("too short or too long")
    return [rules.as_clause(text) for text in texts] if n else texts
