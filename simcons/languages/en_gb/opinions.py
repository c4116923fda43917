"""English: sentences of people's opinions. Written for simcons."""

from __future__ import annotations

import re
from collections.abc import Mapping

from simcons.languages.phrases import ByRegister, OpinionPhrases, Stance

_VERDICTS: Mapping[Stance, ByRegister] = {
    "strong_for": {
        "plain": (
            "I'm strongly in favour of {noun}.",
            "I firmly believe that {position}.",
            "Yes, definitely. I'm all for {noun}.",
            "I feel strongly that {position}.",
        ),
        "chatty": (
            "Yes, 100%, I'm all for {noun}.",
            "I'm totally in favour of {noun}.",
            "It's a big yes from me to {noun}.",
            "Definitely yes to {noun}.",
        ),
        "formal": (
            "I am strongly in favour of {noun}.",
            "I strongly support {noun}.",
            "It is my firm view that {position}.",
        ),
    },
    "for": {
        "plain": (
            "I'm in favour of {noun}.",
            "I think {position}.",
            "I support {noun}.",
            "Yes, I agree with {noun}.",
            "I'd say yes to {noun}.",
        ),
        "chatty": (
            "Yeah, I'm for {noun}.",
            "I reckon {position}.",
            "I'd say yes to {noun}, pretty much.",
            "Yes from me to {noun}.",
        ),
        "formal": (
            "On the whole I support {noun}.",
            "In my view {position}.",
            "I am in favour of {noun}.",
        ),
    },
    "lean_for": {
        "plain": (
            "I lean towards {noun}.",
            "I'm probably in favour of {noun}, but only just.",
            "On balance I'd say yes to {noun}, though not strongly.",
        ),
        "chatty": (
            "I suppose I'm more for {noun} than against it.",
            "I'm probably for {noun}, just about.",
            "I guess I'd say yes to {noun}.",
        ),
        "formal": (
            "On balance I am mildly in favour of {noun}.",
            "I would, with some reservations, support {noun}.",
        ),
    },
    "torn": {
        "plain": (
            "I'm torn about {noun}.",
            "I can see both sides when it comes to {noun}.",
            "I don't have a strong view either way on {noun}.",
        ),
        "chatty": (
            "I'm on the fence about {noun}.",
            "I go back and forth on {noun}.",
            "I really can't make my mind up about {noun}.",
        ),
        "formal": (
            "I am undecided about {noun}.",
            "I see merit on both sides of the argument about {noun}.",
        ),
    },
    "lean_against": {
        "plain": (
            "I lean against {noun}.",
            "I'm probably against {noun}, but only just.",
            "On balance I'd say no to {noun}, though not strongly.",
        ),
        "chatty": (
            "I suppose I'm more against {noun} than for it.",
            "I'm probably against {noun}, just about.",
            "I guess I'd say no to {noun}.",
        ),
        "formal": (
            "On balance I am mildly opposed to {noun}.",
            "I have some reservations and would not, on balance, support {noun}.",
        ),
    },
    "against": {
        "plain": (
            "I'm against {noun}.",
            "I think {negation}.",
            "I don't agree with {noun}.",
            "I'd say no to {noun}.",
            "I don't support {noun}.",
        ),
        "chatty": (
            "Nah, I'm against {noun}.",
            "I'd say no to {noun}, to be honest.",
            "I'm not for {noun} at all.",
            "No from me to {noun}.",
        ),
        "formal": (
            "On the whole I oppose {noun}.",
            "In my view {negation}.",
            "I am not in favour of {noun}.",
        ),
    },
    "strong_against": {
        "plain": (
            "I'm strongly against {noun}.",
            "I firmly believe that {negation}.",
            "No, definitely not. I'm dead against {noun}.",
            "I feel strongly that {negation}.",
        ),
        "chatty": (
            "No way, I'm totally against {noun}.",
            "It's a big no from me to {noun}.",
            "Definitely no to {noun}.",
        ),
        "formal": (
            "I am strongly opposed to {noun}.",
            "I strongly oppose {noun}.",
            "It is my firm view that {negation}.",
        ),
    },
}

_UNSURE_OPENERS: ByRegister = {
    "plain": (
        "This is a difficult one.",
        "I haven't thought about this much before.",
        "I've gone back and forth on this.",
    ),
    "chatty": ("Hmm, tricky one.", "Not gonna lie, I've never really thought about it.", "Ooh, good question."),
    "formal": ("This is a complex question.", "There is much to weigh up here."),
}

_OPENERS: ByRegister = {
    "plain": ("I've thought about this a bit.", "This one is easy for me.", "I do have a view on this."),
    "chatty": ("Right then.", "Easy one for me this.", "Oh don't get me started."),
    "formal": ("I have considered this with some care.", "My view on this is settled."),
}

_FIRST_REASONS: ByRegister = {
    "plain": ("{Claim}.", "The main thing for me is that {claim}.", "I think {claim}.", "To my mind {claim}."),
    "chatty": (
        "{Claim}.",
        "I mean, {claim}.",
        "Thing is, {claim}.",
        "For me it's simple, {claim}.",
        "Let's be honest, {claim}.",
    ),
    "formal": (
        "{Claim}.",
        "My principal reason is that {claim}.",
        "It seems to me that {claim}.",
        "I would point out that {claim}.",
    ),
}

_MORE_REASONS: ByRegister = {
    "plain": (
        "Also, {claim}.",
        "{Claim}.",
        "I also think {claim}.",
        "On top of that, {claim}.",
        "Another thing is that {claim}.",
    ),
    "chatty": ("Plus {claim}.", "And {claim}.", "Oh and {claim}.", "{Claim}.", "Also {claim}."),
    "formal": ("Furthermore, {claim}.", "In addition, {claim}.", "{Claim}.", "It is also the case that {claim}."),
}

_HEDGED_REASONS: ByRegister = {
    "plain": ("I suspect {claim}.", "I may be wrong, but {claim}.", "I feel that {claim}.", "I'd imagine {claim}."),
    "chatty": (
        "I could be wrong but {claim}.",
        "I sort of feel like {claim}.",
        "I dunno, {claim}, I guess.",
        "I suppose {claim}.",
    ),
    "formal": ("I suspect that {claim}.", "I may be mistaken, but {claim}.", "I am inclined to think that {claim}."),
}

_CONCESSIONS: ByRegister = {
    "plain": (
        "Having said that, {claim}.",
        "I do accept that {claim}.",
        "On the other hand, {claim}.",
        "I know {claim}.",
    ),
    "chatty": ("To be fair, {claim}.", "Mind you, {claim}.", "Then again, {claim}.", "I get that {claim}."),
    "formal": ("I do recognise that {claim}.", "I accept, however, that {claim}.", "On the other hand, {claim}."),
}

_COMMON: ByRegister = {
    "plain": (
        "Either way, {claim}.",
        "Whatever happens, {claim}.",
        "I do think {claim}.",
        "I'd also say {claim}.",
        "{Claim}.",
    ),
    "chatty": (
        "Whatever happens, {claim}.",
        "Either way {claim}.",
        "One thing's for sure, {claim}.",
        "And look, {claim}.",
        "{Claim}.",
    ),
    "formal": ("In any event, {claim}.", "Whatever is decided, {claim}.", "I would add that {claim}.", "{Claim}."),
}

_CLOSERS: ByRegister = {
    "plain": (
        "That's how I see it, anyway.",
        "I'd be interested to hear what others think.",
        "That's about it really.",
    ),
    "chatty": ("Anyway, that's my two pence.", "That's just me though.", "Make of that what you will."),
    "formal": ("I would be glad to hear how others see it.", "Those are my main considerations."),
}

_CARELESS: tuple[str, ...] = (
    "no opinion",
    "dont know",
    "not sure",
    "its fine i guess",
    "ok",
    "no comment",
    "idk really",
    "whatever is best",
)

OPINIONS = OpinionPhrases(
    verdicts=_VERDICTS,
    unsure_openers=_UNSURE_OPENERS,
    openers=_OPENERS,
    first_reasons=_FIRST_REASONS,
    more_reasons=_MORE_REASONS,
    hedged_reasons=_HEDGED_REASONS,
    concessions=_CONCESSIONS,
    common=_COMMON,
    closers=_CLOSERS,
    careless=_CARELESS,
    answer=re.compile(r"(?:Yes|Yeah|No|Nah|Definitely)\b"),
    own_life=re.compile(r"(?:I|my|it's not as if)\b"),
    holds=re.compile(r"\b(?:I|me|my)\b"),
    lone_pronoun=re.compile(r"\bI\b"),
)
