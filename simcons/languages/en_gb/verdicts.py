"""English: ways to come down on a question."""

from __future__ import annotations

import re

from simcons.languages.cues import VerdictCues
from simcons.languages.en_gb.text import stem_set
from simcons.languages.text import any_of

_FOR = any_of(
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
_AGAINST = any_of(
    r"(?<!^)against|opposed to|oppose[sd]?|opposing|object to|objects to|say no|no (?:from me )?to|disagree with|"
    r"i disagree|reject|hands off|"
    r"leave .{3,30} alone|count me out|not having it|dead set against",
    r"(?:bad|terrible|daft|silly|stupid|awful|dreadful|wrong|mad) (?:idea|thing|policy|step|move)",
    r"a step too far",
)
_WHOLE_ANSWERS = ("count me", "hands off", "leave")
_MORE = re.compile(r"\bmore (?:for|(?P<against>against))\b(?=.*\bthan\b)")
_TAKES_BACK = any_of(
    r"(?:not|dont|do not|cant|cannot|couldnt|wouldnt|would not|isnt|never|wont) (?:\w+ ){0,2}?(?:in favour|in favor|"
    r"for|support|back|favour|"
    r"agree|welcome|endorse|vote for|against|opposed|oppose|object|a good|a bad|say yes|behind|see the point|want|like)"
)
_TORN = any_of(
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
_LEANING = any_of(
    r"lean|leaning|probably|slightly|tend to|on balance|i suppose|mostly|broadly|perhaps|maybe|reluctantly|"
    r"just about|mildly|reservations|more for .* than|more against .* than|more or less|i guess|somewhat|only if|"
    r"as long as|provided|cautiously|inclined|i suspect|not sure"
)
_FINAL = any_of(
    r"on balance|overall|all in all|in the end|all things considered|when all is said|that said|on the whole|"
    r"in short|come down|lean"
)
_REPORTED = re.compile(
    r"\b(?:some(?! reservations| doubts| concerns| extent)|others|many people|those who|"
    r"those in favour|those against|supporters|opponents|critics|people say|"
    r"a few|several|"
    r"one side|the other side|half of us|a minority)\b(?!.*\b(?:but i|but im|but we|however i|however im)\b)"
)
_OUR_VIEW = any_of(
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
_MODAL = any_of(
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

VERDICTS = VerdictCues(
    favouring=_FOR,
    opposing=_AGAINST,
    whole_answers=_WHOLE_ANSWERS,
    comparing=_MORE,
    taking_back=_TAKES_BACK,
    torn=_TORN,
    torn_but_sided=_BUT_SIDED,
    leaning=_LEANING,
    summing_up=_FINAL,
    reported=_REPORTED,
    shared=_OUR_VIEW,
    anaphor=_ANAPHOR,
    yes=_YES,
    no=_NO,
    wish=_WISH,
    modal=_MODAL,
    negating=_NOT,
    denying=_DENIED,
    curbing=_CURB,
    freeing=_LIBERTY,
    curbing_order=re.compile(r"get rid\b"),
)
