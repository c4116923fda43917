"""English: the little words of prose, who speaks to whom, and words that are about nothing in particular."""

from __future__ import annotations

import re

from simcons.languages.cues import AddressCues, FluencyCues, SubjectCues
from simcons.languages.en_gb.text import FUNCTION_WORDS, NEGATIONS, stem_set
from simcons.languages.text import word_set

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
    "because": frozenset({"and", "or", "than"}) | _BE - {"is", "are", "was", "were", "isnt"},  # "because of" is fine
    "be": _MODALS | _BE - {"be"} | word_set("and or of they i we"),
}
_NEVER_LAST = _DETERMINERS | _CONJUNCTIONS | word_set("of i")

FLUENCY = FluencyCues(
    small_words=FUNCTION_WORDS | NEGATIONS,
    small_word_shares=(0.12, 0.32),
    never_after=_AFTER,
    never_last=_NEVER_LAST,
)

_RATING_WORDS = word_set(
    """rate rates rated rating ratings rater raters score scores scored scoring instruction instructions ignore disregard
    system assistant prompt output deserves assessor reviewer reviewers reader readers judge judges dear highest top
    maximum seven 7 10 ten select choose tick mark statement evaluator evaluators grade wise intelligent"""
)
_DIRECTED = re.compile(
    r"\b(?:(?:rate|score|grade|mark) (?:this|it|me|my(?! words)|us|the statement|as|with|\d)|"
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

ADDRESS = AddressCues(
    first_person=word_set("i im ive id my me myself mine"),
    first_plural=word_set("we us our ours group"),
    rating_words=_RATING_WORDS,
    directed=_DIRECTED,
)

_COMMONPLACE = stem_set(
    """people allow allowed ban banned britain british uk country government law pay paid free help end everyone adult
    big own run new high spend use day year money time kind keep kept away compare young old good letting making"""
)
# Of frames and verdicts: a clause with no other weighty word makes no point of its own.
_FRAME_WORDS = stem_set(
    """think believe feel worry argue argued say claim favour against support oppose balance lean torn side sides
    idea buy doubt convinced true sure agree disagree suspect reckon guess people point view thing want wanted best honest
    honestly way group overall fence mind probably proposal question issue undecided divided split no yes vote main reason
    hand hear understand accept care matters matter also first second another finally difficult tricky thought easy complex
    weigh settled pence gonna lie started consider considered consideration considerations interested glad hear strongly
    firmly firm totally definitely dead big mildly reservations strong merit forth fact simple principal honest certain
    clear hard expert pretend deal differently position respect stand begin importance subject scratcher bugbear
    recognise forget imagine wrong mistaken inclined answer opinion opinions comment nah yeah reason broadly fully ooh hmm"""
)

SUBJECT = SubjectCues(commonplace=_COMMONPLACE, framing=_FRAME_WORDS)
