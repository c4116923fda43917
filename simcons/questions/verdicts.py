"""The verdict of a text: where it comes down on the question itself.

A sentence gives a verdict in one of four ways: it takes a side ("I'm against a meat tax"), it states the position or its
negation ("big shops should not be allowed to ..."), it answers ("Yes, definitely"), or it says that it is torn. What some
people are said to want is no verdict; only where both sides are reported does the text come out between them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from simcons.questions.bank import Question
from simcons.questions.sentences import FUNCTION_WORDS, NEGATIONS, content_stems, normalise, stem, stem_set

LEAN, STRONG = 0.5, 1.0
_SAME_POSITION = 0.6  # share of the position's weighty words that a "should" sentence must have
_SHORT_ORDER = 4  # words: an order so short has the question for its object
_NEGATED_AT_ONCE = 4  # words after "in favour of" in which a "not" turns it round
_REACH = 14  # words in which the object of a verdict must come


@dataclass(frozen=True, slots=True)
class Cue:
    """What one sentence says on the question."""

    value: float  # -1 to 1; 0: torn
    reported: bool = False  # as some people's view
    final: bool = False  # "on balance", "overall"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(patterns) + r")\b")


_FOR = _any(
    r"(?:im|i am|am|were|we are|be|come down|came down|comes down|it|clearly|say) (?:\w+ ){0,2}?(?:in favour|"
    r"in favor|for|behind)(?: of)?",
    r"in favou?r(?: of)?|all for|count me in|(?:im|i am) for",
    r"(?:i|we|id|wed|us|members|others|some|panel|group|would|also|do|to|many|fully|strongly|broadly|firmly|really|"
    r"cautiously|"
    r"definitely|not|dont|wouldnt|cant|cannot|reservations|balance) (?:support|back|favour|favor|welcome|endorse)s?",
    r"(?:i|we|id|wed|would) (?:\w+ )?(?:vote for|go for|say yes)|say yes|yes (?:from me )?to|yes please|agree with|"
    r"i agree|go ahead",
    r"(?:good|great|excellent|sensible|brilliant|fair|right) (?:idea|thing|policy|step|move)",
    r"lean(?:ing)? (?:\w+ )?(?:towards|toward|to|in favour of)|(?:about|high) time|makes sense",
)
_AGAINST = _any(
    r"(?<!^)against|opposed to|oppose[sd]?|opposing|object to|objects to|say no|no (?:from me )?to|disagree with|"
    r"i disagree|reject|hands off|"
    r"leave .{3,30} alone|count me out|not having it|dead set against",
    r"(?:bad|terrible|daft|silly|stupid|awful|dreadful|wrong|mad) (?:idea|thing|policy|step|move)",
    r"a step too far",
)
_WHOLE_ANSWERS = ("count me", "hands off", "leave")
_MORE = re.compile(r"\bmore (for|against)\b(?=.*\bthan\b)")
_TAKES_BACK = _any(
    r"(?:not|dont|do not|cant|cannot|couldnt|wouldnt|would not|isnt|never|wont) (?:\w+ ){0,2}?(?:in favour|in favor|"
    r"for|support|back|favour|"
    r"agree|welcome|endorse|vote for|against|opposed|oppose|object|a good|a bad|say yes|behind|see the point|want|like)"
)
_TORN = _any(
    r"torn|both sides|two minds|on the fence|undecided|fifty fifty|50 50|make (?:up my mind|my mind up)|back and forth|"
    r"(?:view|opinion|feelings?|sure|mind) (?:\w+ )?either way|both ways|"
    r"(?:cant|cannot|couldnt|could not|havent|not) (?:\w+ )?(?:decide|agree on|decided|made up)|no settled view|"
    r"(?:evenly|deeply|closely|quite|still|equally|broadly|are|is|was|were|remain|remains) (?:divided|split)|"
    r"divided (?:on|over|about)|"
    r"split (?:on|over|about|down the middle)|could not agree|did not agree|no agreement|do not agree on|"
    r"dont know what to think|"
    r"opinions? (?:are |is )?(?:differ|divided|vary)|good points on (?:both|each)|see (?:it )?from both|"
    r"hard to (?:decide|choose)|"
    r"sit on the fence"
)
_BUT_SIDED = re.compile(r"\b(?:but|still|on balance)\b.*\b(?:favour|against|support|oppose|lean)")
_LEANING = _any(
    r"lean|leaning|probably|slightly|tend to|on balance|i suppose|mostly|broadly|perhaps|maybe|reluctantly|"
    r"just about|mildly|reservations|more for .* than|more against .* than|more or less|i guess|somewhat|only if|"
    r"as long as|provided|cautiously|inclined|i suspect|not sure"
)
_FINAL = _any(
    r"on balance|overall|all in all|in the end|all things considered|when all is said|that said|on the whole|"
    r"in short|come down|lean"
)
_REPORTED = re.compile(
    r"\b(?:some(?! reservations| doubts| concerns| extent)|others|many people|those who|"
    r"those in favour|those against|supporters|opponents|critics|people say|"
    r"a few|several|"
    r"one side|the other side|half of us|a minority)\b(?!.*\b(?:but i|but im|but we|however i|however im)\b)"
)
_OUR_VIEW = _any(
    r"most of us|nearly all of us|almost all of us|the majority|we all|all of us|everyone in the group|as a group"
)
_ANAPHOR = re.compile(
    r"^(?:(?:of|on|to|about|with|making|doing|having|introducing|bringing) )*"
    r"(?:it|one|them|such (?:a|an)|(?:this|that|the)(?: whole)?(?: idea| proposal| ban| change| policy| plan|"
    r" suggestion| move)|"
    r"(?:this|that)(?= (?:because|as|since|but|and|so|for|mainly|one|at|in|on)\b|$))\b"
)
_AFTER_ANSWER = (
    r"(?= (?:i|we|id|wed|im|to|please|definitely|absolutely|not|this|that|sorry|because|never|make|let)\b|$)"
)
_YES = re.compile(
    r"^(?:yes|yeah|yep|absolutely|definitely|of course|certainly|totally agree|agreed)(?! not\b)" + _AFTER_ANSWER
)
_NO = re.compile(
    r"^(?:no|nope|absolutely not|definitely not|certainly not|of course not|no way)"
    + _AFTER_ANSWER
    + "|^absolutely not"
)
_WISH = re.compile(
    r"^(?:(?:so|please|just|for those reasons|overall|on balance|i think|i say|i believe|and|but|then|personally) )*"
    r"(?:(?:id|wed|i would|we would|i want|we want|we should|they should|lets|let us|i say|i do not want|"
    r"we do not want|i dont want|"
    r"we dont want|i wouldnt|we wouldnt|i wouldnt want|we wouldnt want)(?: like)?(?: to)?(?: see| have)? )?"
)
_MODAL = _any(
    r"should|shouldnt|ought|oughtnt|must|mustnt|need to|let|wed like to see|id like to see|would like to see|want|wed|id"
)
_NOT = re.compile(
    r"\b(?:not|shouldnt|oughtnt|mustnt|dont|doesnt|no|never|wouldnt|isnt|cant|nobody|without|arent|neednt|stop|wont)\b"
)
_DENIED = re.compile(r"\b(?:dont|do not|not|doubt|wrong|disagree|isnt|cant|never|oppose|against)\b")
_CURB = stem_set(
    """ban banned banning scrap scrapped scrapping abolish abolished stop stopped forbid forbidden outlaw
    outlawed illegal prohibit prohibited remove cut replace replaced limit limited away rid cap restrict restricted against
    kept double extra"""
)
_LIBERTY = stem_set(
    """allow allowed allowing let letting permit permitted legal keep keeping carry stay remain continue free
    choose leave"""
)


class VerdictReader:
    """Finds verdicts on one question in normalised sentences."""

    def __init__(self, question: Question) -> None:
        self._position = normalise(question.position)
        self._negation = normalise(question.negation)
        self._noun = normalise(question.noun)
        self._position_stems = _weighty(self._position)
        self._negation_stems = _weighty(self._negation)
        self._subject = self._position_stems | _weighty(self._noun) | self._negation_stems
        self._curbs = any(stem(word) in _CURB for word in self._position.split())

    def cue(self, sentence: str) -> Cue | None:
        """The verdict a sentence gives, or None."""
        value = self._value(sentence)
        if value is None:
            return None
        shared = _OUR_VIEW.search(sentence) is not None
        reported = not shared and _REPORTED.search(sentence) is not None
        return Cue(value, reported, _FINAL.search(sentence) is not None)

    def _value(self, sentence: str) -> float | None:
        if _TORN.search(sentence) and not _BUT_SIDED.search(sentence):
            return 0.0
        ways = (self._position_said, self._side, self._position_meant, self._wish, _answer)
        side = next((side for way in ways if (side := way(sentence))), None)
        return side and side * (LEAN if _LEANING.search(self.stripped(sentence)) else STRONG)

    def _side(self, sentence: str) -> int:
        """Taking a side by name: for or against the noun, the position, or "it"."""
        more = _MORE.search(sentence)
        against = None if more else _AGAINST.search(sentence)
        found = more or against or _FOR.search(sentence)
        if not found or not self._is_about_it(sentence[found.end() :].strip(), found.group(0)):
            return 0
        side = -1 if against or (more and more.group(1) == "against") else 1
        if _TAKES_BACK.search(sentence[: found.end()]):
            side = -side
        return side if found.group(0).startswith(_WHOLE_ANSWERS) else side * self._sense(sentence[found.end() :])

    def _is_about_it(self, rest: str, cue: str) -> bool:
        if self._noun in rest or cue.startswith(_WHOLE_ANSWERS):
            return True
        if not rest or _ANAPHOR.match(rest):
            return True
        return not self._subject.isdisjoint(content_stems(" ".join(rest.split()[:_REACH])))

    def _sense(self, rest: str) -> int:
        """-1 where the rest says the opposite of the position ("in favour of keeping ..." of what it would scrap)."""
        if self._noun in rest or self._position in rest:
            return 1
        if self._negation in rest:
            return -1
        words = rest.split()[:_REACH]
        stems = {stem(word) for word in words}
        if self._subject.isdisjoint(stems):
            return 1
        negated = not NEGATIONS.isdisjoint(words[:_NEGATED_AT_ONCE])
        return -1 if self._opposes(stems) != negated else 1

    def _position_said(self, sentence: str) -> int:
        """The position or its negation in the bank's words, however framed."""
        for phrase, side in ((self._negation, -1), (self._position, 1)):
            start = sentence.find(phrase)
            if start >= 0:
                return side * (-1 if len(_DENIED.findall(sentence[:start])) % 2 else 1)
        return 0

    def _position_meant(self, sentence: str) -> int:
        """The position or its negation in other words: a "should" with most of its weighty words."""
        if not _MODAL.search(sentence):
            return 0
        stems = {stem(word) for word in sentence.split()}
        same = max(_overlap(stems, self._position_stems), _overlap(stems, self._negation_stems))
        if same < _SAME_POSITION:
            return 0
        return -1 if (len(_NOT.findall(sentence)) + self._opposes(stems)) % 2 else 1

    def stripped(self, clause: str) -> str:
        """A normalised clause without the bank's own words for the question."""
        for phrase in (self._negation, self._position, self._noun):
            clause = clause.replace(phrase, " ")
        return clause

    def _wish(self, sentence: str) -> int:
        """What one would have done, or orders ("get rid of it", "we'd like to see cages outlawed")."""
        opening = _wish_opening(sentence)
        words = sentence[len(opening) :].split()[:_REACH]
        stems = {stem(word) for word in words}
        verbs = stems & (_CURB | _LIBERTY)
        refused = bool(opening and _NOT.search(opening))
        ordered = bool(verbs) and (stem(words[0]) in verbs or words[:2] == ["get", "rid"])
        if not (ordered or refused or (opening and verbs)):
            return 0
        if not (stems & self._subject - _CURB - _LIBERTY or (ordered and len(words) <= _SHORT_ORDER)):
            return 0
        return -1 if (self._opposes(stems) + len(_NOT.findall(sentence))) % 2 else 1

    def _opposes(self, stems: set[str]) -> bool:
        """Whether words speak of the other thing: allowing what the position bans, or banning what it allows."""
        if self._curbs:
            return bool(stems & _LIBERTY) and not stems & _CURB
        return bool(stems & _CURB - self._position_stems) and not stems & _LIBERTY


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


def _wish_opening(sentence: str) -> str:
    found = _WISH.match(sentence)
    return found.group(0) if found else ""


def _answer(sentence: str) -> int:
    """A bare answer ("Yes, definitely.")."""
    return -1 if _NO.match(sentence) else 1 if _YES.match(sentence) else 0


def _weighty(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split() if word not in FUNCTION_WORDS and word not in NEGATIONS)


def _overlap(stems: set[str], wanted: frozenset[str]) -> float:
    return len(stems & wanted) / len(wanted) if wanted else 0.0
