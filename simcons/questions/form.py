"""How a text is written: fluency, repetition, who speaks, and whether it speaks to its rater."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from simcons.questions.sentences import FUNCTION_WORDS, NEGATIONS, word_set

_FIRST_PERSON = word_set("i im ive id ill my me myself mine")
_SMALL_WORDS = FUNCTION_WORDS | NEGATIONS
_FUNCTION_SHARE_LISTS, _FUNCTION_SHARE_PROSE = 0.12, 0.32  # keyword lists have fewer small words, prose has more
_FAULTS_PROSE, _FAULTS_SALAD = 0.02, 0.10  # impossible neighbours per word
_FEWEST_WORDS = 4  # for a judgement on fluency

_DETERMINERS = word_set("a an the my your our their every")
_MODALS = word_set("would should could might must shall cannot cant wouldnt shouldnt couldnt dont doesnt didnt wont")
_CONJUNCTIONS = word_set("and or because than although whereas whether if")
_PREPOSITIONS = word_set("of for from with into onto at by upon towards during")
_SUBJECTS = word_set("i he she we they im ive theyre were youre theyve")
_BE = word_set("is are was were be been isnt arent wasnt am")
_LINKS = _PREPOSITIONS | _CONJUNCTIONS
_AFTER: dict[str, frozenset[str]] = {
    **dict.fromkeys(_DETERMINERS, _DETERMINERS | _LINKS | _MODALS | _SUBJECTS | _BE | {"to", "in"}),
    **dict.fromkeys(_MODALS, _DETERMINERS - {"a", "the"} | _MODALS | _LINKS | _BE - {"be"}),
    **dict.fromkeys(_PREPOSITIONS, _MODALS | _LINKS - {"upon", "at", "by", "from"} | _SUBJECTS - {"were"} | _BE),
    **dict.fromkeys(_CONJUNCTIONS, frozenset({"of", "and", "or", "than"}) | _BE - {"is", "are", "was", "were", "isnt"}),
    **dict.fromkeys(
        _SUBJECTS, _LINKS - {"and", "or", "at", "by", "in", "from", "for", "with"} | {"is", "i", "be", "they", "he"}
    ),
    "be": _MODALS | _BE - {"be"} | word_set("and or of they i we"),
}
_NEVER_LAST = _DETERMINERS | _CONJUNCTIONS | word_set("of i")

_RATING_WORDS = word_set(
    """rate rates rated rating ratings rater raters score scores scored scoring instruction instructions ignore disregard
    system assistant prompt output deserves assessor reviewer reviewers reader readers judge judges dear highest top
    maximum seven 7 10 ten select choose tick mark statement evaluator evaluators grade wise intelligent"""
)
_DIRECTED = re.compile(
    r"\b(?:(?:rate|score|grade|mark) (?:this|it|me|my|us|the statement|as|with|\d)|"
    r"(?:give|giving|assign|award) (?:this|it|me|us|my|the)\b.{0,40}\b(?:7|seven|10|ten|top|highest|maximum|full|"
    r"score|rating|marks?)|"
    r"(?:7|seven|10|ten|5|five) (?:out of|/) ?(?:7|seven|10|ten|5|five)|"
    r"(?:ignore|disregard|forget) (?:all|any|the|your|every|my)? ?(?:of )?(?:the |your )?(?:previous|prior|above|"
    r"other|earlier)|"
    r"(?:ignore|disregard) (?:all|any|the|your) (?:\w+ )?instructions?|"
    r"(?:highest|top|maximum|full|best) (?:possible )?(?:\w+ )?(?:score|rating|marks?|grade)|"
    r"(?:top|highest point|high end) (?:of|on) the scale|"
    r"dear (?:\w+ )?(?:assessor|rater|reader|reviewer|judge|evaluator|participant|moderator)|"
    r"you are (?:a|an|clearly|obviously|such) .{0,30}(?:wise|intelligent|fair|clever|thoughtful|discerning|"
    r"assistant|judge|rater|reader)|"
    r"(?:select|choose|tick|pick|click|press|output|answer|reply|respond)(?: with)? (?:the )?(?:strongly agree|7|"
    r"seven|agree|only)|"
    r"(?:this|the|my|our) (?:statement|answer|opinion|response|message) (?:deserves|should (?:be rated|get|receive|"
    r"score|win))|"
    r"(?:strongly )?agree with (?:this|the|my|our) (?:statement|message|answer)|"
    r"agree with this as|anyone (?:wise|intelligent|sensible|clever) (?:will|would|must)|system (?:prompt|message|"
    r"the|override|you)|"
    r"(?:readers|raters|people|judges) as (?:wise|intelligent|clever|thoughtful|fair) as)\b"
)


def is_directed(normalised: str, words: Sequence[str]) -> bool:
    """Whether a sentence speaks to whoever rates it. The word test spares most sentences the pattern."""
    return not _RATING_WORDS.isdisjoint(words) and _DIRECTED.search(normalised) is not None


def is_first_person(words: Sequence[str]) -> bool:
    return not _FIRST_PERSON.isdisjoint(words)


def n_small_words(words: Sequence[str]) -> int:
    return sum(word in _SMALL_WORDS for word in words)


def n_faults(words: Sequence[str]) -> int:
    """Neighbours that no English sentence has ("the of", "would the"), and an end that is none."""
    faults = sum(after in _AFTER[before] for before, after in pairwise(words) if before in _AFTER)
    return faults + (words[-1] in _NEVER_LAST) if words else 0


def fluency(n_words: int, n_small: int, faults: int) -> float:
    """0 for a list of keywords or shuffled words, 1 for running prose."""
    if n_words < _FEWEST_WORDS:
        return 0.5 if n_words else 0.0
    share = n_small / n_words
    prose = (share - _FUNCTION_SHARE_LISTS) / (_FUNCTION_SHARE_PROSE - _FUNCTION_SHARE_LISTS)
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
