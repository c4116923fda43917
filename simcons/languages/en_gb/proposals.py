"""English: a question or statement put as a sentence that people can agree with, or why there is no such sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from simcons.languages.en_gb.text import TEXT
from simcons.languages.proposals import ProposalRules, Unfit
from simcons.languages.text import as_sentence, word_set

_AUXILIARIES = r"should|shall|will|would|can|could|must|may|might|ought|is|are|was|were|has|have|had|does|do|did"
_NEGATED = r"shouldn['’]t|won['’]t|wouldn['’]t|can['’]t|cannot|couldn['’]t|mustn['’]t|isn['’]t|aren['’]t|wasn['’]t|weren['’]t|haven['’]t|hasn['’]t|don['’]t|doesn['’]t|didn['’]t"  # noqa: E501
_POSITIVE = {"won": "will", "ca": "can", "can": "can"}
_BEGINS = r"(?:^|(?<=[,;:–—] ))"
_YES_NO = re.compile(rf"{_BEGINS}(?:{_NEGATED}|{_AUXILIARIES})\b", re.IGNORECASE)
_OPEN = re.compile(
    rf"{_BEGINS}(?:(?:in|to|for|under|at|by|from|with|on|of|about|and|so|but) )*"
    r"(what|how|why|which|whom?|whose|when|where)\b(?!ever)",
    re.IGNORECASE,
)
_CHOICE = re.compile(
    r"(?<!can )(?<!could )(?<!will )(?<!must )\bor (?:should|would)\b|, or (?:will|is|are|do|does|can|on|to|for|in|with|from)\b|"
    r"\bor (?:will|is|are|do|does|can) (?:we|they|it|he|she|you|there|the|an?|this|people|everyone|our|their)\b|"
    r"^is it (?:better|worse|more \w+)\b(?!.*\bthan\b).* or\b|\b(\w{4,}) or (?:dis|un|de)\1\b|"
    r"\b(?:more or (?:less|fewer)|higher or lower|better or worse|good or bad|right or wrong|for or against|"
    r"positive or (?:a )?(?:net )?negative|(?:keep|retain) or (?:abolish|scrap|replace|drop|end)|"
    r"(?:abolish|scrap|replace|ban) or (?:keep|retain|allow)|(?:allow|legalise) or ban|"
    r"(?:bigger|larger) or smaller|encourage or discourage|"
    r"(?:raise|increase) or (?:lower|cut|reduce|decrease)|(?:lower|cut|reduce|decrease) or (?:raise|increase)|"
    r"(?:leave|remain|stay|rejoin) (?:in )?or (?:leave|remain|stay|rejoin))\b",
    re.IGNORECASE,
)

# Words around a proposal that are no part of it.
_APPEAL = re.compile(
    r"(?:(?:(?<=[.?!,;:–—])\s*|\s[-–—]\s+|\s+(?=(?:and |but )?if (?:so|not)\b|\())"
    r"(?:\b(?:and |but )?if (?:so|not),? (?:why|how|when|where|what|who|which|to what)\b[^.?!]*[.?!]*|"
    r"\b(?:and )?(?:why(?: or why not|/why not|(?: do| would)? you (?:think|say) (?:so|that|this))?|why\?? why not|"
    r"how so|yes or no|true or false|agree or disagree)\s*[.?!]+|"
    r"\b(?:and )?(?:please )?(?:discuss|explain|justify|elaborate|comment|give (?:your |a )?reasons?|say why)"
    r"(?: (?:why|your (?:answer|view|reasons?|opinion|response|choice)|briefly|further|this))*\s*[.?!]*|"
    r"\([^()]*(?:\byes\b|\bwhy\b|\bagree\b)[^()]*\)\s*[?.!]*))+\s*$",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"^(?:(?:Q(?:uestion)?|No)?[ .]?\d{1,4}\s*[.):]\s+|[-*•]\s+|(?:question|motion|statement|debate|topic|resolved)\s*:\s+)",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(
    r"^(?:(?:so|and|but|well),? )?"
    r"(?:in (?:your|my) (?:opinion|view),? |(?:personally|honestly),? |"
    r"(?:to what (?:extent|degree)|how (?:far|much|strongly)) do you (?:agree|disagree|support)(?: (?:or|and) (?:dis)?agree)?"
    r"(?: with (?:the (?:following )?)?(?:this )?(?:statement|view|idea|claim|proposition|proposal)s?)?"
    r"(?: that\b|\s*:| ?[-–—])\s*|"
    r"do you (?:personally )?(?:think|believe|feel|agree)(?: or (?:disagree|not))?"
    r"(?: with (?:the (?:following )?)?(?:this )?(?:statement|view|idea|claim|proposition|proposal))?(?: that\b|\s*:)?\s+|"
    r"would you (?:agree|say)(?: that\b)?\s+|i (?:do )?(?:think|believe|feel)(?: that\b)?\s+|"
    r"whether (?:or not )?|(?:resolved|this house believes)(?: that|,|:)\s+)",
    re.IGNORECASE,
)  # fmt: skip
_FORBIDS = re.compile(r"do(?: not|n['’]t) ", re.IGNORECASE)
_OR_NOT = re.compile(r",? or not(?=\s*\?*$)", re.IGNORECASE)

# For turning questions round. Words that are as often nouns ("tax", "fund", "use") are no sign of where a subject ends.
_MODAL = re.compile(r"\b(?:should|will|would|can|could|must|is)\b(?!['’])")
_FINITE = re.compile(
    r"\b(?:should|shall|will|would|can|cannot|could|must|may|might|ought|is|are|was|were|has|have|had|does|do|did|"
    r"needs?|deserves?|wants?|makes?|costs?|harms?|helps?|\w+n['’]t)\b",
    re.IGNORECASE,
)
_RELATIVES = frozenset({"who", "whom", "whose", "which", "that", "where", "when", "if"})
_SUBJECTS = word_set("i we you he she it they there everyone everybody anyone anybody someone nobody") | {
    "the government", "the uk government", "the british government", "our government"
}  # fmt: skip
_PRONOUNS = word_set("it there we they")
_NO_SUBJECTS = word_set("no none nobody neither never nothing hardly few")
_UNIVERSALS = word_set("all every everyone everybody both each")
_PREPOSITIONS = word_set("of in under over from with at on")
_NO_VERB_NEXT = word_set("to and or help a an the their our its his her my your this these those")
_CLAUSES = word_set(
    "we they he she it i you can could will would should must is are was were has how what though because"
)
_NOT_ADVERBS = word_set("family assembly monopoly supply elderly italy july early only")
_IN_QUESTIONS = re.compile(
    r"\bever\b|\b(?:there|there be|have|do|need|see|be) (?:any|anything)\b"
)  # no part of a statement
_VERBS = word_set(
    """be have always ever never only still also not do make give take get go pay ban allow let keep stop start build
    provide require increase reduce raise lower introduce abolish scrap legalise legalize continue become remain teach
    offer spend invest encourage help protect remove replace restrict leave join receive carry wear
    learn consider adopt decide try ensure impose prohibit promote prevent create expand extend accept adapt apologise
    regulate nationalise privatise subsidise decriminalise add apply ask avoid bring buy choose come compensate
    consume cease decrease deport develop discourage eat enforce enter establish feel follow forgive
    grow hold implement include intervene keep know lead live maintain own perform prioritise publish put
    recognise refuse regain rejoin rely retain return revoke sell send serve speak stay strengthen
    subsidize take tell think treat tackle vote withdraw worry write close open permit abandon merge repeal reverse renew
    rename rebuild demolish pedestrianise declare enable involve guarantee pass participate seek implement rejoin"""
)
_BEFORE_BE = _NO_VERB_NEXT | word_set("should shall can could will would must may might not also who which that")
_IMPERATIVES = _VERBS - word_set(
    """be have always ever never only still also not do go get pay help offer vote become remain come feel try worry know
    live own treat think return lower speak write ask"""
) | word_set("cut end tax fund reform reintroduce restore free")  # fmt: skip
_FEWEST_WORDS = 3  # of a statement
_LONGEST_CHOICE = 40  # characters
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}")  # U.K.: its marks end no sentence
_ACRONYMS = word_set("UK EU NHS BBC AI US USA UN NATO GP GPs MP MPs")


def plain_question(text: str) -> str:
    """A question without its number and without the appeal that follows it (``Why or why not?``)."""
    text = _NUMBERING.sub("", text)
    kept = _APPEAL.sub("", text).rstrip(" ,;:–—-")
    if not kept:
        return text
    return f"{kept}?" if "?" in text and kept[-1] not in ".?!" and _YES_NO.match(kept) else kept


def affirm(text: str) -> str | Unfit:
    """A question or statement as a position: ``Should we act?`` as ``We should act.``; as agreement with it where unsure.

    Unfit for what yes or no does not answer, and for what is neither a question nor a statement.
    """
    text = _DOTTED.sub(lambda letters: letters[0].replace(".", ""), plain_question(_capitals_lowered(text)))
    sentences = TEXT.sentences(text)
    questions = [sentence for sentence in sentences if sentence.endswith("?")]
    if len(questions) > 1:
        return Unfit(f"asks {len(questions)} questions; expected one")
    if not sentences:
        return Unfit("is empty")
    proposal = _OR_NOT.sub("", questions[0] if questions else text)
    body = _LEAD_IN.sub("", _LEAD_IN.sub("", proposal)).rstrip("?!. ").strip()
    asks, is_open = _YES_NO.search(body), _OPEN.search(body)
    if is_open and not (asks and asks.start() < is_open.start(1)) and not _is_condition(is_open, asks):
        return (
            Unfit(f"asks {is_open[1].lower()!r}, which yes or no does not answer") if questions else _state(body, text)
        )
    if asks and (questions or (asks.start() == 0 and not _FORBIDS.match(body))):
        return _answer(body, asks)
    if len(sentences) > 1 and not questions:
        return Unfit(f"holds {len(sentences)} sentences; expected one question or statement")
    return _state(body, text)


def _is_condition(is_open: re.Match[str], asks: re.Match[str] | None) -> bool:
    """True where "when" and "where" begin a condition: ``When people are dying, should doctors help them?``"""
    return asks is not None and is_open[1].lower() in ("when", "where") and asks.start() > is_open.end() + 1


def _answer(body: str, asks: re.Match[str]) -> str | Unfit:
    """The statement that yes makes of a question that yes or no answers."""
    if choice := _CHOICE.search(body):
        shown = choice[0].strip(" ,") if len(choice[0]) <= _LONGEST_CHOICE else "or"
        return Unfit(f"offers a choice ({shown!r}), which yes or no does not answer")
    before, question = body[: asks.start()], body[asks.start() :]
    turned = _turned(question)
    if turned is None:
        return f'The answer to "{as_sentence(body)}?" is yes.'
    if isinstance(turned, Unfit) or not before:
        return turned
    return f"{as_sentence(before)}{TEXT.as_clause(turned)}."


def _turned(question: str) -> str | Unfit | None:
    """The question put declaratively, Unfit where yes may mean either or asks about one person, None where unsure."""
    first, *words = question.split()
    verb, negated = _verb(first.lower())
    plain = [word.lower().strip(",") for word in words]
    if not words:
        return Unfit("is neither a question nor a full statement")
    if plain[0] in ("i", "my"):
        return Unfit(f"asks about one person ({words[0]!r}), on whom a group cannot agree")
    if plain[0] == "you" and verb not in ("should", "must", "can", "will"):
        return _about_the_reader(verb, plain)
    n_subject = _n_subject(verb, plain)
    if n_subject is not None and (
        words[n_subject - 1].endswith(",") or _is_participle(plain[n_subject : n_subject + 2])
    ):
        return None
    if n_subject is not None and "not" in plain[max(n_subject - 1, 0) : n_subject + 1]:
        return Unfit('asks in the negative ("not"), so that yes may mean either; expected the question without it')
    if n_subject is None:
        return Unfit(f"asks in the negative ({first!r}); expected the question without it") if negated else None
    subject, rest = " ".join(words[:n_subject]), " ".join(words[n_subject:])
    if _IN_QUESTIONS.search(" ".join(plain)):
        return None
    return f"{as_sentence(subject)} {rest}." if verb == "do" else f"{as_sentence(subject)} {verb} {rest}."


def _is_participle(words: Sequence[str]) -> bool:
    """``not paying``, as in "people not paying their share"."""
    return len(words) == 2 and words[0] == "not" and words[1].endswith("ing")


def _about_the_reader(verb: str, plain: Sequence[str]) -> Unfit | None:
    """ "Would you ..." and "Do you support ..." ask what the reader thinks; "Do you own ..." asks what the reader is."""
    views = word_set(
        "support favour favor oppose approve want prefer like trust agree disagree mind accept welcome see"
    )
    anyone = re.match(r"you have (?:an?|any) (?:\w+ )?(?:duty|obligation|right|responsibility)\b", " ".join(plain))
    if verb in ("would", "could", "might") or anyone or not views.isdisjoint(plain[1:3]):
        return None
    return Unfit(f'asks about the reader ("{verb} you"), on whom a group cannot agree')


def _verb(first: str) -> tuple[str, bool]:
    """The auxiliary without its negation, and whether it had one: ``won't`` as ``will``."""
    if re.fullmatch(_NEGATED, first) is None:
        return first, False
    stem = "can" if first == "cannot" else re.split(r"n['’]t", first)[0]
    return _POSITIVE.get(stem, stem), True


def _n_subject(verb: str, plain: Sequence[str]) -> int | None:
    """The number of words after the auxiliary that are its subject. None where unsure."""
    if verb in ("should", "shall", "will", "would", "can", "could", "must"):
        return _subject_length(plain)
    if verb != "does" and verb != "did" and plain[0] in _PRONOUNS and len(plain) > 1:
        return 1
    return None


def _subject_length(plain: Sequence[str]) -> int | None:
    """The number of words after "Should" that are its subject: up to the first that can only be a verb. None where unsure."""
    known = next((n for n in (3, 2, 1) if " ".join(plain[:n]) in _SUBJECTS), len(plain))
    if known < len(plain) and plain[known] not in _PREPOSITIONS | _RELATIVES and not _is_gerund(plain[known]):
        return known
    for place in range(1, len(plain)):
        if plain[place - 1] in _NO_VERB_NEXT:
            continue
        modified = not _RELATIVES.isdisjoint(plain[:place])
        if plain[place] == "be" or (plain[place] in _VERBS and not modified):
            return None if _is_doubtful(plain, place) else _before_adverbs(plain, place)
    return None


def _is_doubtful(plain: Sequence[str], place: int) -> bool:
    """True where the subject before ``place`` would hold a clause, or what follows has a verb that fits "Should" better."""
    later = any(word == "be" and before not in _BEFORE_BE for before, word in pairwise(plain[place:]))
    return later or not _CLAUSES.isdisjoint(plain[1:place])


def _before_adverbs(plain: Sequence[str], place: int) -> int:
    """The end of the subject, if the verb at ``place`` has an adverb before it: ``AI eventually become``."""
    if place > 2 and list(plain[place - 2 : place]) == ["one", "day"]:
        return place - 2
    return place - 1 if place > 1 and _is_adverb(plain[place - 1]) else place


def _is_gerund(word: str) -> bool:
    return word.endswith("ing") and word not in ("bring", "sing", "ring", "swing", "cling")


def _is_adverb(word: str) -> bool:
    return word.endswith("ly") and word not in _NOT_ADVERBS


def _state(body: str, text: str) -> str | Unfit:
    """A statement as a position; what tells people to do something as what we should do."""
    words = body.lower().replace("’", "'").split()
    if words and re.fullmatch(r"i|i'\w+|my|me|mine", words[0]):
        return Unfit(f"speaks of one person ({body.split()[0]!r}), on whom a group cannot agree")
    for opening, instead in (("let's", "We should"), ("don't", "We should not"), ("do not", "We should not")):
        if " ".join(words).startswith(f"{opening} "):
            return f"{instead} {' '.join(body.split()[len(opening.split()) :])}."
    if len(words) > 1 and words[0] in _IMPERATIVES and not _FINITE.match(" ".join(words[1:3])):
        return f"We should {TEXT.as_clause(body)}."
    ends = text.rstrip().endswith((".", "!")) and len(words) >= _FEWEST_WORDS
    if len(words) < _FEWEST_WORDS or not (ends or _FINITE.search(body)):
        return Unfit("is neither a question that yes or no answers nor a full statement")
    return f"{as_sentence(body)}."


def _capitals_lowered(text: str) -> str:
    """A text all in capitals put in small letters, but for its first letter and common acronyms."""
    if not text.isupper() or len(text.split()) < _FEWEST_WORDS:
        return text
    known = {word.upper(): word for word in _ACRONYMS}
    words = re.split(r"(\W+)", text)
    return as_sentence("".join(known.get(word, "I" if word == "I" else word.lower()) for word in words))


# --- denials -----------------------------------------------------------------------------------------------------


def deny(position: str) -> str:
    """``We should act.`` as ``We should not act.``, and the other way round; in so many words where that is not safe."""
    if not is_stated(position):
        return position.removesuffix("yes.") + "no."
    if contraction := re.search(rf"\b(?:{_NEGATED})\b", position, re.IGNORECASE):
        auxiliary, _ = _verb(contraction[0].lower())
        if auxiliary not in ("do", "does", "did") and _is_safe(position, contraction):
            return position[: contraction.start()] + auxiliary + position[contraction.end() :]
        return _denied_outright(position)
    verb = re.search(r"\bshould\b", position) or _MODAL.search(position)
    if verb is None or not _is_safe(position, verb):
        return _denied_outright(position)
    before, rest = position[: verb.end()], position[verb.end() :]
    return before + (rest.removeprefix(" not") if rest.startswith(" not ") else f" not{rest}")


def is_stated(position: str) -> bool:
    """True but for ``The answer to "Should we act?" is yes.``"""
    return not position.endswith('" is yes.')


def _denied_outright(position: str) -> str:
    return f"It is not the case that {TEXT.as_clause(position)}."


def _is_safe(position: str, verb: re.Match[str]) -> bool:
    """True where "not" after this verb denies the whole: not where it would deny less or more.

    It would in a relative clause, beside another negation, after "all" (not all, or none?) and with a second verb.
    """
    before, after = position[: verb.start()].lower().split(), position[verb.end() :].lower()
    if not (_RELATIVES | _NO_SUBJECTS).isdisjoint(before) or (before and before[0] in _UNIVERSALS):
        return False
    return (
        re.match(r" (?:never|no longer)\b", after) is None
        and re.search(rf"\b(?:and|but|or) (?:\w+ )?{verb[0]}\b", after) is None
    )


PROPOSALS = ProposalRules(plain_question=plain_question, affirm=affirm, deny=deny, is_stated=is_stated)
