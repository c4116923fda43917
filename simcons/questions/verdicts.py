"""The verdict of a text: where it comes down on the question itself.

A sentence gives a verdict in one of these ways: it takes a side ("I'm against a meat tax"), states the position or its negation,
says what should be done ("leave it at eighteen"), says what it thinks of it ("a waste of money"), answers ("Yes, definitely"), or
says that it is torn. Side and thought turn round with their object: who is against keeping cages is for a ban on them. What some
people are said to want is no verdict; only where both sides are reported does the text come out between them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from simcons.languages.language import Language
from simcons.languages.text import normalise
from simcons.questions.actions import Actions
from simcons.questions.bank import Question

LEAN, STRONG = 0.5, 1.0
_SAME_POSITION = 0.6  # share of the position's weighty words that a "should" sentence must have
_SHORT_ORDER = 5  # words: an order so short has the question for its object
_SHORT_THOUGHT = 9  # words: so short a sentence has the question for its subject
_NEGATED_AT_ONCE = 2  # words after "in favour of" in which a "not" turns it round
_VERB = 6  # words in which the verb of a wish or an object must come
_REACH = 14  # words in which the object of a verdict must come


@dataclass(frozen=True, slots=True)
class Cue:
    """The word of one sentence on the question."""

    value: float  # -1 to 1; 0: torn
    reported: bool = False  # as some people's view
    final: bool = False  # "on balance", "overall"
    outright: bool = True  # takes a side or answers, rather than asking for something, praising or blaming


class VerdictReader:
    """Finds verdicts on one question in normalised sentences."""

    def __init__(self, question: Question, language: Language) -> None:
        self._cues, self._text = language.reading.verdicts, language.text
        self._actions = Actions(question, language)
        self._position = normalise(question.position)
        self._negation = normalise(question.negation)
        self._noun = normalise(question.noun)
        self._position_stems = self._weighty(self._position)
        self._negation_stems = self._weighty(self._negation)
        self._subject = self._position_stems | self._weighty(self._noun) | self._negation_stems
        self._things = self._weighty(self._actions.thing) - self._actions.verbs
        modal = self._cues.modal.search(self._position)
        self._predicate = self._weighty(self._position[modal.end() :] if modal else self._position)

    def cue(self, sentence: str, written: str = "") -> Cue | None:
        """The verdict a normalised sentence gives, or None. ``written``: the same with its marks, where known."""
        value, outright = self._value(sentence, written)
        if value is None:
            return None
        shared = self._cues.shared.search(sentence) is not None
        reported = not shared and self._cues.reported.search(sentence) is not None
        return Cue(value, reported, self._cues.summing_up.search(sentence) is not None, outright)

    def is_on_the_question(self, stretch: str) -> bool:
        """True of words beside a point that may speak of the question all the same: they name it, stand for it, or answer."""
        words = stretch.split()
        return (
            any(phrase in stretch for phrase in (self._noun, self._position, self._negation))
            or any(self._cues.anaphor.match(" ".join(words[i:])) for i in range(len(words) - 1))
            or self._answer(stretch) != 0
            or self._cues.torn.search(stretch) is not None
        )

    def _value(self, sentence: str, written: str) -> tuple[float | None, bool]:
        if self._cues.torn.search(sentence) and not self._cues.torn_but_sided.search(sentence):
            return 0.0, True
        force = LEAN if self._cues.leaning.search(self.stripped(sentence)) else STRONG
        for way, outright in (
            (self._position_quoted, True),
            (self._side, True),
            (self._should, False),
            (self._order, False),
            (self._answer, True),
        ):
            if side := way(sentence):
                return side * force, outright
        if side := self._marked_answer(written):
            return side * force, True
        if side := self._thought(sentence):
            return side * force, False
        return None, False

    def _side(self, sentence: str) -> int:
        """Taking a side by name: for or against the noun, the position, or "it"."""
        cues = self._cues
        more = cues.comparing.search(sentence)
        against = None if more else cues.opposing.search(sentence)
        taken = more or against or cues.favouring.search(sentence)
        if not taken or not (
            cues.concluding.search(sentence[: taken.end()])
            or self._is_about_it(sentence[taken.end() :].strip(), taken[0])
        ):
            return 0
        side = -1 if against or (more and more["against"]) else 1
        if cues.taking_back.search(sentence[: taken.end()]):
            side = -side
        return side if cues.whole_answers.match(taken[0]) else side * self._sense(sentence[taken.end() :])

    def _is_about_it(self, rest: str, cue: str) -> bool:
        if self._noun in rest or self._cues.whole_answers.match(cue):
            return True
        if not rest or self._cues.anaphor.match(rest) or any(map(self._actions.is_pronoun, rest.split()[1:3])):
            return True
        return self._touches(rest, _REACH)

    def _sense(self, rest: str) -> int:
        """-1 where the rest says the opposite of the position ("in favour of keeping ..." of what it would scrap)."""
        if self._noun in rest or self._position in rest:
            return 1
        if self._negation in rest:
            return -1
        words = rest.split()
        if not words or self._actions.is_pronoun(words[0]):
            return 1
        sense = self._actions.sense(rest, within=_VERB) or self._of_the_thing(rest)
        return sense if self._text.negations.isdisjoint(words[:_NEGATED_AT_ONCE]) else -sense

    def _of_the_thing(self, clause: str) -> int:
        """-1 for a clause about the thing itself that the position would take away, 1 for one about the position."""
        stems = set(map(self._text.stem, clause.split()[:_REACH]))
        named = self._actions.removes and stems & self._things and not stems & self._actions.verbs
        return -1 if named and not self._cues.proposal.search(clause) else 1

    def _position_quoted(self, sentence: str) -> int:
        """The position or its negation in the bank's words, however framed."""
        for phrase, side in ((self._negation, -1), (self._position, 1)):
            start = sentence.find(phrase)
            if start >= 0:
                return side * (-1 if len(self._cues.denying.findall(sentence[:start])) % 2 else 1)
        return 0

    def _should(self, sentence: str) -> int:
        """The position or its negation in other words: a "should" with most of its weighty words, or with a telling verb."""
        modal = self._cues.modal.search(sentence)
        if not modal:
            return 0
        stems = set(map(self._text.stem, sentence.split()))
        same = max(_overlap(stems, self._position_stems), _overlap(stems, self._negation_stems))
        before, after = sentence[: modal.start()].split(), sentence[modal.end() :]
        named = self._touches(" ".join(before[-_VERB:]), _VERB) or any(map(self._actions.is_pronoun, before[-2:]))
        sense = self._actions.sense(sentence[modal.start() :], within=4)
        same = max(same, _overlap(set(map(self._text.stem, after.split())), self._predicate) if named else 0)
        told = (
            sense
            and self._cues.obliging.match(sentence, modal.start())
            and (len(sentence.split()) <= _SHORT_THOUGHT or (named and len(before) <= _VERB))
        )
        if same < _SAME_POSITION and not told:
            return 0
        return (sense or 1) * (-1 if self._n_negations(sentence) % 2 else 1)

    def stripped(self, clause: str) -> str:
        """A normalised clause without the bank's own words for the question."""
        for phrase in (self._negation, self._position, self._noun):
            clause = clause.replace(phrase, " ")
        return clause

    def _order(self, sentence: str) -> int:
        """A wish or an order ("get rid of it", "we'd like to see cages outlawed", "no phones in school")."""
        wish = self._cues.wish.match(sentence)
        if not (wish and self._cues.modal.search(wish[0])):
            wish = self._cues.later_wish.search(sentence) or wish
        opening, rest = (wish[0], sentence[wish.end() :]) if wish else ("", sentence)
        words = rest.split()
        if not words or self._cues.conditional.search(rest) or self._cues.conditional.match(sentence):
            return 0
        wished = self._cues.modal.search(opening) is not None
        sense = self._actions.sense(rest, within=_VERB) if wished or self._actions.is_order(rest) else 0
        refused = self._n_negations(opening) % 2 == 1 or words[0] in self._text.negations
        if not sense and wished and self._text.stem(words[0]) in self._subject:
            sense = 1
        if not sense and refused and self._touches(rest, _NEGATED_AT_ONCE + 1):
            sense = self._of_the_thing(rest)
        short = len(words) <= (_SHORT_THOUGHT if self._actions.is_clear_order(rest) else _SHORT_ORDER)
        if not sense or not (short or self._touches(rest, _REACH) or any(map(self._actions.is_pronoun, words[1:4]))):
            return 0
        return -sense if refused else sense

    def _answer(self, sentence: str) -> int:
        """A bare answer ("Yes, definitely.")."""
        return -1 if self._cues.no.search(sentence) else 1 if self._cues.yes.search(sentence) else 0

    def _marked_answer(self, written: str) -> int:
        return -1 if self._cues.no_marked.search(written) else 1 if self._cues.yes_marked.search(written) else 0

    def _thought(self, sentence: str) -> int:
        """Praise or blame of what is proposed, or of what there is ("a waste of money", "it has had its day")."""
        words = sentence.split()
        short = len(words) <= _SHORT_THOUGHT
        if short and self._actions.brings_in(sentence):
            return 1
        if self._actions.keeps_all_as_it_is(sentence) and (short or self._touches(sentence, len(sentence))):
            return self._actions.keeping
        signs = (
            (self._cues.worn_out, 1, self._about_what_there_is),
            (self._cues.treasured, 1, self._of_treasure),
            (self._cues.blaming, -1, self._of_thought),
            (self._cues.praising, 1, self._of_thought),
        )
        for pattern, side, sense in signs:
            match = pattern.search(sentence)
            edge = match and len(words) <= _REACH and len(sentence[: match.start()].split()) <= 1
            if match and (short or edge or self._is_thought_of_it(sentence, match)):
                return side * sense(sentence, match) * (-1 if self._is_negated(sentence[: match.start()]) else 1)
        return 0

    def _is_negated(self, before: str) -> bool:
        return self._cues.not_so.search(before) is not None

    def _about_what_there_is(self, sentence: str, match: re.Match[str]) -> int:
        return -self._actions.keeping

    def _of_treasure(self, sentence: str, match: re.Match[str]) -> int:
        return -1 if self._actions.removes else 1

    def _of_thought(self, sentence: str, match: re.Match[str]) -> int:
        before, after = sentence[: match.start()], sentence[match.end() :]
        sense = self._actions.sense(before, within=_REACH)
        if not sense and self._cues.infinitive.match(after):
            sense = self._actions.sense(after, within=_VERB)
        return sense or self._of_the_thing(sentence[: match.end()])

    def _is_thought_of_it(self, sentence: str, match: re.Match[str]) -> bool:
        before, after = sentence[: match.start()].split(), sentence[match.end() :]
        return self._touches(" ".join(before[-_REACH:]), _REACH) or self._touches(after, _VERB)

    def _touches(self, clause: str, within: int) -> bool:
        """True where the question's own words are among the first ``within`` of a clause."""
        return not self._subject.isdisjoint(self._text.content_stems(" ".join(clause.split()[:within])))

    def _n_negations(self, clause: str) -> int:
        return len(self._cues.negating.findall(clause))

    def _weighty(self, text: str) -> frozenset[str]:
        return frozenset(self._text.content_stems(text))


def verdict_of(cues: Sequence[Cue]) -> float | None:
    """One verdict from the cues of a text, in order: the last that sums up, else the mean of its own, else what is reported."""
    own = [cue for cue in cues if not cue.reported]
    if any(cue.outright for cue in own):
        own = [cue for cue in own if cue.outright]
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
