"""English: a question's proposal as a noun phrase, where that can be had safely."""

from __future__ import annotations

import re

from simcons.languages.text import word_set

_LONGEST = 14  # words; what is longer reads badly after "I am in favour of"
_WE = r"(?:we|(?:the )?(?:uk |british )?government|the uk|britain|the state|the united kingdom|people|everyone)"
_ACTING = re.compile(rf"^(?:should|must) ({_WE}) (?:also |only |always |all )?([a-z]+) (.+)$", re.IGNORECASE)
_TO = re.compile(
    r"^(?:would it be (?:a )?(?:good|right|fair|better|sensible)(?: idea| thing)?|do we need|does the uk need|"
    r"is it (?:a good idea|time|right|okay|ok|"
    r"acceptable|fair|wrong)|should we try)(?: for (?:us|the government|the uk))? to ([a-z]+) (.+)$",
    re.IGNORECASE,
)
_THERE = re.compile(r"^should there be (?!any\b|more of|less of)(.+)$", re.IGNORECASE)
_PASSIVE = re.compile(
    r"^should (?!we\b|i\b|you\b|there\b|it\b|he\b|she\b|they\b)([^,]+?) be (\w+)((?: (?:from|by|in|for|to|on|at|"
    r"with|if|under|as)\b.*)?)$",
    re.IGNORECASE,
)
_MAY = re.compile(
    r"^should (?!we\b|i\b|you\b|there\b|it\b)([^,]+?) be (?:allowed|able|permitted) to (\w+.*)$", re.IGNORECASE
)
_MADE = re.compile(
    r"^should (?!we\b|i\b|you\b|there\b|it\b)([^,]+?) be (?:required|forced|made|obliged) to (\w+.*)$", re.IGNORECASE
)
_UNLAWFUL = re.compile(
    r"^should it be (illegal|legal|compulsory|mandatory|a crime|an offence) (for .+|to .+)$", re.IGNORECASE
)
_VERBS = word_set(
    """ban allow spend keep legalise legalize introduce increase reduce raise lower cut abolish stop encourage subsidise subsidize
    invest build provide fund restrict limit support require force make give create scrap nationalise privatise tax end impose
    continue remove replace protect promote prohibit expand pay lift rejoin leave reform change have teach teach use
    decriminalise regulate discourage maintain retain develop adopt close reintroduce outlaw compel offer
    permit punish penalise"""
)
_DONE = {
    "banned": "banning", "abolished": "abolishing", "legalised": "legalising", "legalized": "legalising",
    "increased": "increasing",
    "reduced": "reducing", "raised": "raising", "lowered": "lowering", "cut": "cutting", "taxed": "taxing",
    "replaced": "replacing",
    "scrapped": "scrapping", "nationalised": "nationalising", "privatised": "privatising", "restricted": "restricting",
    "limited": "limiting", "removed": "removing", "decriminalised": "decriminalising", "subsidised": "subsidising",
    "funded": "funding", "encouraged": "encouraging", "regulated": "regulating",
    "prohibited": "prohibiting", "outlawed": "outlawing",
    "introduced": "introducing", "reintroduced": "reintroducing", "taught": "teaching", "closed": "closing",
    "punished": "punishing",
    "protected": "protecting", "capped": "capping", "expanded": "expanding", "discouraged": "discouraging",
}  # fmt: skip
_DOUBLED = word_set("ban cut stop put let cap get run scrap set")
_UNSAFE = re.compile(
    r"[?;:]|\b(?:or|than|whether|if|ever|any|anything|their|they|i|you|your|my|who|because|it|them)\b", re.IGNORECASE
)


def name_of(question: str) -> str | None:
    """``banning zoos`` for ``Should we ban zoos?``; None where no safe phrase can be had."""
    asked = " ".join(question.split()).rstrip("?. ")
    name = _named(asked)
    return name if name and len(name.split()) <= _LONGEST and not _UNSAFE.search(name) else None


def _named(asked: str) -> str | None:
    if match := _THERE.match(asked):
        return match[1]
    if match := _UNLAWFUL.match(asked):
        return f"making it {match[1].lower()} {match[2]}"
    if match := _MAY.match(asked):
        return f"letting {match[1]} {match[2]}"
    if match := _MADE.match(asked):
        return f"making {match[1]} {match[2]}"
    if (match := _PASSIVE.match(asked)) and match[2].lower() in _DONE:
        return f"{_DONE[match[2].lower()]} {match[1]}{match[3]}"
    if (match := _TO.match(asked)) and match[1].lower() in _VERBS:
        return f"{_gerund(match[1].lower())} {match[2]}"
    if (match := _ACTING.match(asked)) and match[2].lower() in _VERBS:
        return f"{_gerund(match[2].lower())} {match[3]}"
    return None


def _gerund(verb: str) -> str:
    if verb in _DOUBLED:
        return f"{verb}{verb[-1]}ing"
    return f"{verb[:-1]}ing" if verb.endswith("e") and not verb.endswith("ee") else f"{verb}ing"
