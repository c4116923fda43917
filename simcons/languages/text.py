"""Cutting a text into sentences, clauses and comparable words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

NEVER = re.compile(r"(?!)")  # matches nothing

_APOSTROPHES = "'’‘`´ʼ"
_OTHER_MARKS = '.,;:!?"“”„()[]{}<>/\\|*_#~^=+-–—…•·@&'
_MARKS = str.maketrans({**dict.fromkeys(_APOSTROPHES), **dict.fromkeys(_OTHER_MARKS, " ")})
# The mark that ends a sentence or a line, and what stands before the next. It begins with the mark, to be searched for fast.
_SENTENCE_END = re.compile(r"([.!?…\n])(?:(?<=\n)\s*(?:[-*•]\s+|\d{1,2}[.)]\s+)?|(?<!\n)[\"'”’)\]]*\s+)")
_SHORTEST_CLAUSE = 4  # words; what is shorter belongs to its neighbour


def normalise(text: str) -> str:
    """Lower case, apostrophes dropped, other marks as spaces, single spaces: what survives untidy typing."""
    return " ".join(text.lower().translate(_MARKS).split())


def as_sentence(clause: str) -> str:
    """``we should act`` as ``We should act``: the first letter is raised, nothing is added."""
    return clause[:1].upper() + clause[1:]


def word_set(words: str) -> frozenset[str]:
    """The words of a string: lists of words read better so."""
    return frozenset(words.split())


def any_of(*patterns: str) -> re.Pattern[str]:
    """One of the patterns, from the beginning of a word to the end of one."""
    return re.compile(r"\b(?:" + "|".join(patterns) + r")\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRules:
    """The words of a language that carry no point of their own, and how its texts are cut.

    negations: no function words, as polarity looks for them. clause_end: where sentences are cut, of the text as written.
    abbreviation: a word whose full stop ends no sentence. keeps_capital: first words that keep their capital inside
    a sentence, besides those with a second one (NHS, MPs).
    """

    function_words: frozenset[str]
    negations: frozenset[str]
    stem: Callable[[str], str]
    clause_end: re.Pattern[str] = re.compile(r"[,;:()—–]|\s-\s")
    abbreviation: re.Pattern[str] = NEVER
    keeps_capital: re.Pattern[str] = NEVER

    def content_stems(self, normalised: str) -> list[str]:
        """Stems of the words that carry meaning, in order, repeats kept."""
        stem, function_words, negations = self.stem, self.function_words, self.negations
        return [stem(word) for word in normalised.split() if word not in function_words and word not in negations]

    def sentences(self, text: str) -> list[str]:
        """The sentences (or lines, or list items) of a text, without empty ones."""
        sentences: list[str] = []
        cut = [*_SENTENCE_END.split(text), ""]  # each piece with the mark that it ends with after it
        for piece in filter(None, map(str.strip, map(str.__add__, cut[::2], cut[1::2]))):
            if sentences and self.abbreviation.search(sentences[-1].rsplit(None, 1)[-1]):
                sentences[-1] += " " + piece
            else:
                sentences.append(piece)
        return [sentence for sentence in sentences if any(map(str.isalnum, sentence))]

    def clauses(self, sentence: str) -> list[str]:
        """The sentence cut at marks and conjunctions; clauses of under four words stay with the one before."""
        clauses: list[str] = []
        for piece in filter(None, map(str.strip, self.clause_end.split(sentence))):
            if clauses and min(len(piece.split()), len(clauses[-1].split())) < _SHORTEST_CLAUSE:
                clauses[-1] += " " + piece
            else:
                clauses.append(piece)
        return clauses

    def as_clause(self, sentence: str) -> str:
        """``We should act.`` as ``we should act``, to stand inside another sentence."""
        sentence = sentence.strip().rstrip(".!?")
        first = sentence.split(" ", 1)[0]
        if self.keeps_capital.match(first) or any(letter.isupper() for letter in first[1:]):
            return sentence
        return sentence[:1].lower() + sentence[1:]
