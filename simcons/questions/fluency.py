"""The fluency of a text, its repetitions, who speaks in it, and whether it speaks to its rater. Sentences come in as words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from simcons.languages.cues import AddressCues, FluencyCues

_FAULTS_PROSE, _FAULTS_SALAD = 0.02, 0.10  # impossible neighbours per word
_FEWEST_WORDS = 4  # for a judgement on fluency


def is_directed(cues: AddressCues, normalised: str, words: Sequence[str]) -> bool:
    """True of a sentence that speaks to whoever rates it. The word test spares most sentences the pattern."""
    return not cues.rating_words.isdisjoint(words) and cues.directed.search(normalised) is not None


def is_first_person(cues: AddressCues, words: Sequence[str]) -> bool:
    return not cues.first_person.isdisjoint(words)


def n_small_words(cues: FluencyCues, words: Sequence[str]) -> int:
    small = cues.small_words
    return sum(word in small for word in words)


def n_faults(cues: FluencyCues, words: Sequence[str]) -> int:
    """Neighbours that no sentence has ("the of", "would the"), and a last word that ends none."""
    never_after = cues.never_after
    faults = sum(after in never_after[before] for before, after in pairwise(words) if before in never_after)
    return faults + (words[-1] in cues.never_last) if words else 0


def fluency(cues: FluencyCues, n_words: int, n_small: int, faults: int) -> float:
    """0 for a list of keywords or shuffled words, 1 for running prose."""
    if n_words < _FEWEST_WORDS:
        return 0.5 if n_words else 0.0
    share = n_small / n_words
    in_lists, in_prose = cues.small_word_shares
    prose = (share - in_lists) / (in_prose - in_lists)
    salad = (faults / n_words - _FAULTS_PROSE) / (_FAULTS_SALAD - _FAULTS_PROSE)
    return _clip(prose) * (1 - _clip(salad))


def repetition(sentences: Sequence[str]) -> float:
    """Share of the words that stand in a run of three words, or in a sentence, that the text has had before."""
    seen: set[tuple[str, ...]] = set()
    n_words = n_again = 0
    for sentence in sentences:
        words = sentence.split()
        n_words += len(words)
        n_again += _n_said_before(words, seen)
    return n_again / n_words if n_words else 0.0


def _n_said_before(words: list[str], seen: set[tuple[str, ...]]) -> int:
    runs = [tuple(words[start : start + 3]) for start in range(max(1, len(words) - 2))]
    covered = 0  # words up to here are counted
    n_again = 0
    for start, run in enumerate(runs):
        if run in seen:
            n_again += start + len(run) - max(start, covered)
            covered = start + len(run)
        else:
            seen.add(run)
    return n_again


def _clip(x: float) -> float:
    return min(1.0, max(0.0, x))
