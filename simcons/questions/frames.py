"""How a point is put: said outright, hedged, reported as somebody's view, or rejected.

All patterns read normalised text (lower case, no apostrophes, no marks).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

OUTRIGHT, HEDGED, REPORTED = 1.0, 0.7, 0.5


@dataclass(frozen=True, slots=True)
class Stance:
    """What a frame does to the point inside it."""

    polarity: int = 1
    strength: float = OUTRIGHT


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(patterns) + r")\b")


_MODIFIERS = (
    r"(?:really |actually |quite |personally |at all |entirely |fully |just |simply |honestly |necessarily |all that )*"
)
_NOT = r"(?:not|dont|do not|doesnt|does not|didnt|did not|isnt|is not|aint|wasnt|cant|cannot|can not|wont|wouldnt|arent|never)"
_REPORTERS = (
    r"(?:some|others?|many|several|certain|a few|few|most|lots|plenty|half|people|they|those|one of us|critics|"
    r"supporters|"
    r"opponents|members|participants|parents|campaigners|my (?:boss|dad|mum|wife|husband|mate|friend|neighbour|"
    r"sister|brother)"
    r"|the other side|everyone else|a minority|the majority|proponents|advocates|both)"
)
_SAYING = (
    r"(?:say|says|said|feel|feels|felt|think|thinks|thought|worry|worries|worried|argue|argues|argued|believe|"
    r"believes|believed|"
    r"claim|claims|claimed|fear|fears|feared|insist|insists|insisted|point out|points out|pointed out|told us|"
    r"tell us|reckon|"
    r"suggest|suggests|suggested|stress|stressed|note|noted|see|saw|hold|maintain|want|wanted|raised|moan|mentioned|"
    r"(?:are|were|was) (?:worried|concerned|afraid|convinced|sure))"
)
_DOUBLE_NEGATION = _any(
    r"(?:no|without|without a|beyond|not|dont|do not|cant|cannot|never|nobody|no one) (?:\w+ )?(?:doubts?|deny|"
    r"denies|denying|"
    r"disputes?|question|disagrees?|disagree)",
    r"(?:im|i am|am) not saying (?:that )?(?:it )?(?:\w+ )?(?:wont|wouldnt|isnt|doesnt)",
    r"not (?:un\w+|wrong to)",
    r"(?:isnt|not) (?:un\w+|nonsense|rubbish|a myth|false)",
)
_REJECTING = _any(
    _NOT
    + " "
    + _MODIFIERS
    + r"(?:buy|believe|accept|agree|think|see why|see how|see that|feel|reckon|true|right|correct|"
    r"the case|as if|as though|like|saying|say|imagine|share|convincing|follow)",
    r"untrue|false|nonsense|rubbish|(?:a|the) myth|disagree|reject|rejects|mistaken|naive|far from (?:it|true|"
    r"clear)|out of date",
    r"wrong to (?:say|think|claim|suggest|believe)",
    r"no (?:\w+ )?(?:evidence|reason to (?:think|believe)|proof|truth in|sign that|basis for)",
    r"(?:little|hardly any|scant) (?:\w+ )?(?:evidence|proof|sign|truth)",
    r"(?:nobody|no one) (?:really |seriously )?(?:believes|thinks)",
    r"without any evidence",
    r"refuse to (?:believe|accept)",
    r"(?:not|dont|wouldnt|neednt|no need to|shouldnt) (?:\w+ )?(?:worry|fussed|panic|fret|lose sleep)|(?:nothing|"
    r"no \w+) to (?:fear|worry about)|dont tell me",
    r"no (?:infringement|threat|danger|burden|hardship|great loss|big deal) (?:of|to|on|in|at)",
)
_DOUBTING = _any(
    r"doubt|doubts|doubtful|unconvinced|unpersuaded|sceptical|skeptical|unlikely",
    _NOT + " " + _MODIFIERS + r"(?:\w+ )?(?:convinced|persuaded|sure|certain)",
    r"question (?:whether|if|the)|is it (?:really |actually )?true",
)
_HEDGING = _any(
    r"perhaps|maybe|may|might|possibly|suspect|i guess|probably|could|suppose|supposedly|imagine|dunno|inclined|"
    r"apparently|arguably|"
    r"sort of|kind of|tend to|wonder|possible|potentially|presumably|likely|could be wrong|as far as i can tell|"
    r"to some extent|"
    r"risk|no expert|hard to know|get the feeling|cant be certain|not sure|if"
)
_REPORTING = _any(
    _REPORTERS + r"\b(?: \w+){0,6}? " + _SAYING,
    r"according to|it is (?:often |sometimes |also )?(?:said|argued|claimed|feared)|its (?:often |"
    r"sometimes )?(?:said|argued|claimed)",
    r"(?:one|another|a) (?:worry|concern|argument|fear|view|point)(?: \w+)? (?:raised|is|was|for|against)",
    r"(?:worry|concern|fear|argument|view|idea|notion|claim)s? (?:among|from|of) (?:some|others|many)|so (?:some|"
    r"they|people) say",
)
_TAIL_REJECTS = _any(
    r"(?:^|but|which|and|though|although) (?:i|we) (?:dont|do not|cant|cannot) (?:\w+ )?(?:buy|believe|agree|accept|"
    r"think|see)",
    r"(?:^|but|which|and|though) (?:thats|that is|is|this is|its|it is) (?:\w+ )?(?:wrong|nonsense|rubbish|not true|"
    r"untrue|a myth|"
    r"false|not so|not right|silly|not the case|simply not true|mistaken)",
    r"^(?:is|are) (?:just |simply |plainly |frankly |clearly )?(?:wrong|nonsense|rubbish|not true|untrue|a myth|"
    r"false|mistaken)",
    r"^(?:isnt|is not) (?:\w+ )?(?:true|right|convincing|so)",
    r"^(?:does not|doesnt) (?:\w+ )?(?:hold up|stand up|convince|wash|follow)",
    r"(?:which|but) (?:i|we) (?:doubt|disagree|reject)",
)
_DISCLAIMER = _any(r"(?:may|might|could) be (?:wrong|mistaken)|no expert|correct me if|dunno|not sure but")
_TAIL_HEDGES = re.compile(r"^(?:i guess|i suppose|i think|perhaps|maybe|probably|possibly)\b")
_TAIL_REPORTS = _any(
    r"^(?:or so )?(?:some|others|many|they|critics|supporters)(?: people)? (?:say|argue|think|feel|claim)"
)
_REJECTS_THE_LAST = re.compile(
    r"^(?:but |well |and |sorry |honestly )*(?:(?:i|we) (?:dont|do not|cant|cannot) (?:really )?(?:agree|buy|"
    r"believe|accept|think)"
    r"(?: (?:that|it|this|so|a word of it|with (?:that|this|them)))?|(?:i|we) disagree(?: with (?:that|this|them))?|"
    r"(?:thats|that is|this is|its|it is|what) (?:\w+ )?(?:wrong|nonsense|rubbish|not true|untrue|a myth|false|"
    r"not the case))$"
)
_BOUNDARY = re.compile(r"\b(?:because|but|and|while|whilst|though|although|since|whereas|however|yet|so)\b")
_CONTINUES = re.compile(r"^(?:and that|or|or that|nor|nor that|and also that)$")


def stance(lead: str, tail: str = "", *, before: Stance | None = None) -> Stance:
    """The stance of a point from the words that lead into it and those that follow in its sentence.

    ``before`` is the stance of the point just before, which "and that ..." and "or ..." carry on.
    """
    if before is not None and _CONTINUES.match(lead):
        return before
    own = _own_clause(lead)
    disclaimed = _DISCLAIMER.search(lead) or _TAIL_HEDGES.match(tail)
    polarity, force = _polarity(own), min(strength(own), HEDGED if disclaimed else OUTRIGHT)
    if _TAIL_REJECTS.search(tail):
        return Stance(-1, OUTRIGHT if polarity > 0 else force)
    return Stance(polarity, REPORTED if _TAIL_REPORTS.search(tail) else force)


def rejects_the_last(sentence: str) -> bool:
    """Whether a sentence does nothing but reject the point made just before it ("That's nonsense.")."""
    return _REJECTS_THE_LAST.match(sentence) is not None


def rejects(clause: str) -> bool:
    """Whether a clause rejects, in so many words, the point it makes ("i dont buy the idea that ...")."""
    return _polarity(clause) < 0


def is_taken_back(after: str) -> bool:
    """Whether the words after a point take it back ("but thats wrong")."""
    return _TAIL_REJECTS.search(after) is not None


def _own_clause(lead: str) -> str:
    pieces = _BOUNDARY.split(lead)
    return pieces[-1].strip() or (pieces[-2].strip() if len(pieces) > 1 and lead.endswith("though") else "")


def _polarity(frame: str) -> int:
    plain = _DOUBLE_NEGATION.sub(" ", frame)
    n_rejections = len(_REJECTING.findall(plain)) + len(_DOUBTING.findall(plain))
    return -1 if n_rejections % 2 else 1


def strength(frame: str) -> float:
    """1 for what is said outright, less for what is hedged or put in other people's mouths."""
    if _REPORTING.search(frame):
        return REPORTED
    plain = _DOUBLE_NEGATION.sub(" ", frame)
    return HEDGED if _HEDGING.search(plain) or _DOUBTING.search(plain) else OUTRIGHT
