"""A mediator of one's own, to copy: what the shipped scenario own_mediator calls (docs/own_mediator.md)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from simcons.engines.pipelines.client import Client

NOTES = "Question: {question}\n\nOpinions:\n{opinions}\n\nNote in a few words what they share and where they differ."
DRAFT = "Question: {question}\n\nNotes on what people said:\n{notes}\n\nWrite one short statement that all of them could sign."


def two_steps(question: str, opinions: Sequence[str], client: Client, *, drafts: int = 3) -> list[tuple[str, float]]:
    """Notes on the opinions, then statements from the notes alone; the more people's words a draft uses, the better."""
    listed = "\n".join(f"- {opinion}" for opinion in opinions)
    notes = client.write(NOTES.format(question=question, opinions=listed), temperature=0.3, max_tokens=80)
    asked = [client.request(DRAFT.format(question=question, notes=notes), max_tokens=60) for _ in range(drafts)]
    texts = [reply.text for reply in client.ask(asked)]
    return [(text, shared(text, opinions)) for text in texts]


def shared(text: str, opinions: Sequence[str]) -> float:
    """The mean share of the text's longer words that an opinion has."""
    words = set(long_words(text))
    said = Counter(word for opinion in opinions for word in set(long_words(opinion)) & words)
    return sum(said.values()) / (len(words) * len(opinions)) if words else 0.0


def long_words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]+", text.lower()) if len(word) > 4]
