"""The fluency of a text, its repetitions, who speaks in it, and whether it speaks to its rater. Sentences come in as words."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, pairwise

from simcons.languages.cues import AddressCues, FluencyCues

_FAULTS_PROSE, _FAULTS_SALAD = 0.02, 0.10  # impossible neighbours per word
_FEWEST_WORDS = 4  # for a judgement on fluency


def is_directed(cues: AddressCues, normalised: str, words: Sequence[str]) -> bool:
    """True of a sentence that speaks to whoever rates it. The word test spares most sentences the pattern."""
    return not cues.rating_words.isdisjoint(words) and cues.directed.search(normalised) is not None


def is_first_person(cues: AddressCues, words: Sequence[str]) -> bool:
    return not cues.first_person.isdisjoint(words)


def n_small_words(cues: FluencyCues, words: Sequence[str]) -> int:
    return sum(map(cues.small_words.__contains__, words))


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
    texts = [sentence.split() for sentence in sentences]
    runs = list(map(_runs, texts))
    seen = set(chain.from_iterable(runs))
    if len(seen) == sum(map(len, runs)):  # most texts
        return 0.0
    seen.clear()
    n_words = sum(map(len, texts))
    return sum(_n_said_before(text_runs, seen) for text_runs in runs) / n_words if n_words else 0.0


def _runs(words: list[str]) -> list[tuple[str, ...]]:
    """Three words and three words, beginning at each that has two after it; all of them where there are fewer."""
    return list(zip(words, words[1:], words[2:], strict=False)) or [tuple(words)]


def _n_said_before(runs: list[tuple[str, ...]], seen: set[tuple[str, ...]]) -> int:
    """Words in runs that have been ``seen``, to which the others are added."""
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
