"""Points made in a text's own words: each sentence and its clauses held against the claims of the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from simcons.engines.base import Encode
from simcons.languages.language import Language
from simcons.languages.text import normalise
from simcons.questions.bank import Question
from simcons.questions.forms import first_form
from simcons.questions.framing import strength
from simcons.questions.matching import Closeness, Matcher, Matching
from simcons.questions.polarity import asserts_nothing, polarity
from simcons.questions.reading import Mention


@dataclass(slots=True)
class _Rows:
    """Sentences and their clauses as rows to compare: each sentence first, then its clauses where it has several."""

    clauses: list[str] = field(default_factory=list)
    wholes: list[int] = field(default_factory=list)
    blocks: list[range] = field(default_factory=list)  # the rows of each sentence

    def add(self, clauses: Sequence[str]) -> None:
        start = len(self.clauses)
        self.clauses += [" ".join(clauses), *(clauses if len(clauses) > 1 else ())]
        self.blocks.append(range(start, len(self.clauses)))
        self.wholes += [start] * len(self.blocks[-1])


def _rows(sentences: Mapping[str, Sequence[str]]) -> _Rows:
    rows = _Rows()
    for clauses in sentences.values():
        rows.add(clauses)
    return rows


class ParaphraseReader:
    """Finds claims by their likeness to clauses."""

    def __init__(self, question: Question, language: Language, encode: Encode | None, matching: Matching) -> None:
        self._cues = language.reading
        self._matcher = Matcher(question, language.text, encode, matching)
        self._threshold = matching.threshold
        self._wordings = [[normalise(first_form(wording)) for wording in claim.assertions] for claim in question.claims]

    def read(self, sentences: Mapping[str, Sequence[str]]) -> dict[str, list[Mention]]:
        """The points of sentences, given as {sentence: its clauses}; one encoder call for all."""
        if not sentences:
            return {}
        rows = _rows(sentences)
        closeness = self._matcher.closeness(rows.clauses, rows.wholes)
        return {
            sentence: self._mentions(rows, block, closeness)
            for sentence, block in zip(sentences, rows.blocks, strict=True)
        }

    def compared(self, sentences: Mapping[str, Sequence[str]]) -> list[str]:
        """What `read` has embedded of sentences."""
        return _rows(sentences).clauses

    def _mentions(self, rows: _Rows, block: range, closeness: Closeness) -> list[Mention]:
        """The claims that a sentence or one of its clauses comes near enough to, in the order of those clauses."""
        whole = normalise(rows.clauses[block.start])
        if asserts_nothing(self._cues, whole):
            return []
        scores = closeness.score[block.start : block.stop]
        best = scores.argmax(axis=0)
        near = [
            (int(best[claim]), claim)
            for claim in range(scores.shape[1])
            if scores[best[claim], claim] > self._threshold
        ]
        force, alone = strength(self._cues.framing, whole), len(near) == 1
        return [
            Mention(claim, self._polarity(rows, block, claim, closeness, alone=alone), 0, force)
            for _, claim in sorted(near)
        ]

    def _polarity(self, rows: _Rows, block: range, claim: int, closeness: Closeness, *, alone: bool) -> int:
        """Judged on the clause that comes nearest, not on a whole sentence with other points in it."""
        clauses = block[1:] or block
        row = max(clauses, key=lambda row: closeness.score[row, claim])
        wording = self._wordings[claim][int(closeness.nearest[row, claim])]
        return polarity(
            self._cues,
            normalise(rows.clauses[row]),
            wording,
            rest=normalise(" ".join(rows.clauses[row + 1 : block.stop])),
            denial_lean=float(closeness.denial_lean[row, claim]),
            alone=alone,
        )
