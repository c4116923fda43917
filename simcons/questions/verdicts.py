"""The verdict of a text: where it comes down on the question itself.

A sentence gives a verdict in one of four ways: it takes a side ("I'm against a meat tax"), it states the position or its
negation ("big shops should not be allowed to ..."), it answers ("Yes, definitely"), or it says that it is torn. What some
people are said to want is no verdict; only where both sides are reported does the text come out between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simcons.languages.language import Language
from simcons.languages.text import normalise
from simcons.questions.bank import Question

LEAN, STRONG = 0.5, 1.0
_SAME_POSITION = 0.6  # share of the position's weighty words that a "should" sentence must have
_SHORT_ORDER = 4  # words: an order so short has the question for its object
_NEGATED_AT_ONCE = 4  # words after "in favour of" in which a "not" turns it round
_REACH = 14  # words in which the object of a verdict must come


@dataclass(frozen=True, slots=True)
class Cue:
    """The word of one sentence on the question."""

    value: float  # -1 to 1; 0: torn
    reported: bool = False  # as some people's view
    final: bool = False  # "on balance", "overall"


class VerdictReader:
    """Finds verdicts on one question in normalised sentences."""

    def __init__(self, question: Question, language: Language) -> None:
        self._cues, self._text = language.reading.verdicts, language.text
        self._position = normalise(question.position)
        self._negation = normalise(question.negation)
        self._noun = normalise(question.noun)
        self._position_stems = self._weighty(self._position)
        self._negation_stems = self._weighty(self._negation)
        self._subject = self._position_stems | self._weighty(self._noun) | self._negation_stems
        self._curbs = any(self._text.stem(word) in self._cues.curbing for word in self._position.split())

    def cue(self, sentence: str) -> Cue | None:
        """The verdict a sentence gives, or None."""
        value = self._value(sentence)
        if value is None:
            return None
        shared = self._cues.shared.search(sentence) is not None
        reported = not shared and self._cues.reported.search(sentence) is not None
        return Cue(value, reported, self._cues.summing_up.search(sentence) is not None)

    def _value(self, sentence: str) -> float | None:
        if self._cues.torn.search(sentence) and not self._cues.torn_but_sided.search(sentence):
            return 0.0
        ways = (self._position_quoted, self._side, self._position_paraphrased, self._wish, self._answer)
        side = next((side for way in ways if (side := way(sentence))), None)
        return side and side * (LEAN if self._cues.leaning.search(self.stripped(sentence)) else STRONG)

    def _side(self, sentence: str) -> int:
        """Taking a side by name: for or against the noun, the position, or "it"."""
        cues = self._cues
        more = cues.comparing.search(sentence)
        against = None if more else cues.opposing.search(sentence)
        taken = more or against or cues.favouring.search(sentence)
        if not taken or not self._is_about_it(sentence[taken.end() :].strip(), taken[0]):
            return 0
        side = -1 if against or (more and more["against"]) else 1
        if cues.taking_back.search(sentence[: taken.end()]):
            side = -side
        return side if taken[0].startswith(cues.whole_answers) else side * self._sense(sentence[taken.end() :])

    def _is_about_it(self, rest: str, cue: str) -> bool:
        if self._noun in rest or cue.startswith(self._cues.whole_answers):
            return True
        if not rest or self._cues.anaphor.match(rest):
            return True
        return not self._subject.isdisjoint(self._text.content_stems(" ".join(rest.split()[:_REACH])))

    def _sense(self, rest: str) -> int:
        """-1 where the rest says the opposite of the position ("in favour of keeping ..." of what it would scrap)."""
        if self._noun in rest or self._position in rest:
            return 1
        if self._negation in rest:
            return -1
        words = rest.split()[:_REACH]
        stems = set(map(self._text.stem, words))
        if self._subject.isdisjoint(stems):
            return 1
        negated = not self._text.negations.isdisjoint(words[:_NEGATED_AT_ONCE])
        return -1 if self._opposes(stems) != negated else 1

    def _position_quoted(self, sentence: str) -> int:
        """The position or its negation in the bank's words, however framed."""
        for phrase, side in ((self._negation, -1), (self._position, 1)):
            start = sentence.find(phrase)
            if start >= 0:
                return side * (-1 if len(self._cues.denying.findall(sentence[:start])) % 2 else 1)
        return 0

    def _position_paraphrased(self, sentence: str) -> int:
        """The position or its negation in other words: a "should" with most of its weighty words."""
        if not self._cues.modal.search(sentence):
            return 0
        stems = set(map(self._text.stem, sentence.split()))
        same = max(_overlap(stems, self._position_stems), _overlap(stems, self._negation_stems))
        if same < _SAME_POSITION:
            return 0
        return -1 if (len(self._cues.negating.findall(sentence)) + self._opposes(stems)) % 2 else 1

    def stripped(self, clause: str) -> str:
        """A normalised clause without the bank's own words for the question."""
        for phrase in (self._negation, self._position, self._noun):
            clause = clause.replace(phrase, " ")
        return clause

    def _wish(self, sentence: str) -> int:
        """A wish or an order ("get rid of it", "we'd like to see cages outlawed")."""
        cues = self._cues
        opening = wish[0] if (wish := cues.wish.match(sentence)) else ""
        rest = sentence[len(opening) :]
        words = rest.split()[:_REACH]
        stems = set(map(self._text.stem, words))
        verbs = stems & (cues.curbing | cues.freeing)
        refused = bool(opening and cues.negating.search(opening))
        ordered = bool(verbs) and (self._text.stem(words[0]) in verbs or cues.curbing_order.match(rest) is not None)
        if not (ordered or refused or (opening and verbs)):
            return 0
        if not (stems & self._subject - cues.curbing - cues.freeing or (ordered and len(words) <= _SHORT_ORDER)):
            return 0
        return -1 if (self._opposes(stems) + len(cues.negating.findall(sentence))) % 2 else 1

    def _answer(self, sentence: str) -> int:
        """A bare answer ("Yes, definitely.")."""
        return -1 if self._cues.no.match(sentence) else 1 if self._cues.yes.match(sentence) else 0

    def _opposes(self, stems: set[str]) -> bool:
        """True of words that speak of the other thing: allowing what the position bans, or banning what it allows."""
        curbing, freeing = self._cues.curbing, self._cues.freeing
        if self._curbs:
            return bool(stems & freeing) and not stems & curbing
        return bool(stems & curbing - self._position_stems) and not stems & freeing

    def _weighty(self, text: str) -> frozenset[str]:
        return frozenset(self._text.content_stems(text))


def verdict_of(cues: Sequence[Cue]) -> float | None:
    """One verdict from the cues of a text, in order: the last that sums up, else the mean of its own, else what is reported."""
    own = [cue for cue in cues if not cue.reported]
    sided = [cue.value for cue in own if cue.value]
    final = [cue.value for cue in own if cue.final and cue.value]
    if final:
        return final[-1]
    if sided:
        torn = any(cue.value == 0 for cue in own)
        mean = sum(sided) / len(sided)
        return mean * (LEAN if torn else 1)
    if own or len({cue.value > 0 for cue in cues}) == 2 or any(cue.value == 0 for cue in cues):
        return 0.0
    return None


def _overlap(stems: set[str], of: frozenset[str]) -> float:
    return len(stems & of) / len(of) if of else 0.0
