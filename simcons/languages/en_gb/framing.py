"""English: ways to hedge, report or reject a point."""

from __future__ import annotations

import re

from simcons.languages.cues import FramingCues, PolarityCues
from simcons.languages.text import any_of

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
_DOUBLE_NEGATION = any_of(
    r"(?:no|without|without a|beyond|not|dont|do not|cant|cannot|never|nobody|no one) (?:\w+ )?(?:doubts?|deny|"
    r"denies|denying|"
    r"disputes?|question|disagrees?|disagree)",
    r"(?:im|i am|am) not saying (?:that )?(?:it )?(?:\w+ )?(?:wont|wouldnt|isnt|doesnt)",
    r"not (?:un\w+|wrong to)",
    r"(?:isnt|not) (?:un\w+|nonsense|rubbish|a myth|false)",
)
_REJECTING = any_of(
    _NOT
    + " "
    + _MODIFIERS
    + r"(?:buy|believe|accept|agree|think|see why|see how|see that|feel|reckon|true|right|correct|"
    r"the case|as if|as though|like|saying|say(?! whether| if| no)|imagine|share|convincing|follow)",
    r"untrue|false|nonsense|(?:is|are|its|thats|argument|utter|absolute|complete|what|of|"
    r"talking) (?:\w+ )?rubbish(?: that|$)|(?:a|the) myth|disagree|reject|rejects|mistaken|naive|far from (?:it|true|"
    r"clear)",
    r"wrong to (?:say|think|claim|suggest|believe)",
    r"no (?:\w+ )?(?:evidence|reason to (?:think|believe)|proof|truth in|sign that|basis for)",
    r"(?:little|hardly any|scant) (?:\w+ )?(?:evidence|proof|sign|truth)",
    r"(?:nobody|no one) (?:really |seriously )?(?:believes|thinks)",
    r"without any evidence",
    r"refuse to (?:believe|accept)",
    r"(?:not|dont|wouldnt|neednt|no need to|shouldnt) (?:\w+ )?(?:worry|panic|fret|lose sleep)|(?:nothing|"
    r"no \w+) to (?:fear|worry about)|dont tell me",
    r"no (?:infringement|threat|danger|burden|hardship|great loss|big deal) (?:of|to|on|in|at)",
)
_DOUBTING = any_of(
    r"doubt|doubts|doubtful|unconvinced|unpersuaded|sceptical|skeptical|unlikely",
    _NOT + " " + _MODIFIERS + r"(?:\w+ )?(?:convinced|persuaded|sure|certain)",
    r"question (?:whether|if|the)|is it (?:really |actually )?true",
)
_HEDGING = any_of(
    r"perhaps|maybe|may|might|possibly|suspect|i guess|probably|could|suppose|supposedly|imagine|dunno|inclined|"
    r"apparently|arguably|"
    r"sort of|kind of|tend to|wonder|possible|potentially|presumably|likely|could be wrong|as far as i can tell|"
    r"to some extent|"
    r"risk|no expert|hard to know|get the feeling|cant be certain|not sure|if"
)
_REPORTING = any_of(
    _REPORTERS + r"\b(?: \w+){0,6}? " + _SAYING,
    r"according to|it is (?:often |sometimes |also )?(?:said|argued|claimed|feared)|its (?:often |"
    r"sometimes )?(?:said|argued|claimed)",
    r"(?:one|another|a) (?:worry|concern|argument|fear|view|point)(?: \w+)? (?:raised|is|was|for|against)",
    r"(?:worry|concern|fear|argument|view|idea|notion|claim)s? (?:among|from|of) (?:some|others|many)|so (?:some|"
    r"they|people) say",
)
_TAIL_REJECTS = any_of(
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
_DISCLAIMER = any_of(r"(?:may|might|could) be (?:wrong|mistaken)|no expert|correct me if|dunno|not sure but")
_TAIL_HEDGES = re.compile(r"^(?:i guess|i suppose|i think|perhaps|maybe|probably|possibly)\b")
_TAIL_REPORTS = any_of(
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

FRAMING = FramingCues(
    double_negation=_DOUBLE_NEGATION,
    rejecting=_REJECTING,
    doubting=_DOUBTING,
    hedging=_HEDGING,
    reporting=_REPORTING,
    disclaiming=_DISCLAIMER,
    rejecting_after=_TAIL_REJECTS,
    hedging_after=_TAIL_HEDGES,
    reporting_after=_TAIL_REPORTS,
    rejecting_the_last=_REJECTS_THE_LAST,
    clause_boundary=_BOUNDARY,
    trailing_boundary=("though",),
    carries_on=_CONTINUES,
)

# --- points in a writer's own words ------------------------------------------------------------------------------

_NO_ASSERTION = re.compile(
    r"\b(?:no idea (?:if|whether)|cant call it|maybe not|i wonder (?:if|whether)|dont know (?:if|whether)|(?:if|"
    r"whether) .* or not|"
    r"hard to (?:say|know) (?:if|whether)|who knows (?:if|whether))\b"
)
_NEGATED_VERB = re.compile(
    r"\b(?:wouldnt|would not|wont|will not|isnt|is not|arent|are not|doesnt|does not|dont|do not|didnt|did not|"
    r"couldnt|could not|"
    r"hasnt|havent|hardly|scarcely|barely|neednt|not going to|never)\b(?! only| just)"
)
_DISMISSING = re.compile(
    r"\b(?:exaggerat\w+|overblown|overstated|overdone|overrated|scaremongering|hogwash|tosh|fairy ?tales?|far fetched|fanciful|"
    r"wishful thinking|fantasy|pie in the sky|red herring|scare stor(?:y|ies)|hot air|"
    r"(?:makes?|made|making) (?:no|little|hardly any|precious little|not much) (?:real )?(?:odds|difference)|"
    r"(?:i|we) (?:cant|cannot|dont|fail to|struggle to) (?:really )?see)\b"
)

# From here on a clause speaks of a condition or of somebody, not of the point itself.
_SUBORDINATE = re.compile(
    r"\b(?:if|even if|unless|when|whenever|until|who|whose|which|even though|although|as long as|whether|so that)\b.*"
)

POLARITY = PolarityCues(
    subordinate=_SUBORDINATE, wondering=_NO_ASSERTION, negated_verb=_NEGATED_VERB, dismissing=_DISMISSING
)
