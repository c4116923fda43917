"""Faults of a question bank: texts that will read badly, claims that say the same, claims that nobody holds.

An error spoils studies on the bank; a warning is for the author to judge. The thresholds on likeness were read off the
shipped bank: `docs/question_banks.md` has the figures.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias, get_args

import numpy as np

from simcons.arrays import Floats, unit_rows
from simcons.engines.base import Encode
from simcons.languages.language import Language
from simcons.languages.text import TextRules, normalise
from simcons.population.minds.conviction import (
    POSITION_WEIGHT,
    VALUE_WEIGHT,
    CompiledQuestion,
)
from simcons.population.synthesis import synthesise
from simcons.questions.bank import Claim, Question, Side, Split
from simcons.questions.forms import first_form
from simcons.scale import MIDPOINT
from simcons.scenario.minds import LatentMindSettings
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_population

Level: TypeAlias = Literal["error", "warning"]

CLAIMS_A_SIDE = 4
WORDS_A_CLAUSE = (4, 30)
SAME_TEXT = 0.6  # shared words of two texts over all their words
SAME_POINT_WORDS = 0.30  # closeness of two claims by their words ...
SAME_POINT_MEANING = 0.48  # ... and by their embeddings
N_PERSONAS = 2000
CLAIM_SHARES = (0.02, 0.98)  # of people who hold a claim
COMMON_CEILING = 0.99  # common ground is meant to be held by most
POSITION_SHARES = (0.01, 0.99)
PULL_SDS = (1.0, 1.8)
HARDEST_CLAIM, HARDEST_BANK = 14.0, 11.0  # Flesch-Kincaid grades
LARGE_BANK = 10  # questions for a spread of pulls, topics for splits

_END_MARK = re.compile(r"[.!?,;:…]$")
_PLACEHOLDER = re.compile(r"[{}<>\[\]]|__")
_UNWRITTEN = re.compile(r"\b(?:TODO|TBD|XXX)\b|\blorem ipsum\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BankFinding:
    """One fault. ``question`` is None where it is the whole bank's, ``claim`` where it is the question's.

    unusable: nobody would learn anything from a study on the bank, which does not run on it.
    """

    level: Level
    question: str | None
    claim: str | None
    rule: str
    message: str
    unusable: bool = False

    def __str__(self) -> str:
        where = "/".join(filter(None, (self.question, self.claim))) or "the bank"
        return f"{self.level}: {where}: {self.rule}: {self.message}"


def lint(questions: Sequence[Question], language: Language, *, encode: Encode | None = None) -> list[BankFinding]:
    """Everything found wrong with a bank, errors first, then in the bank's order.

    With ``encode``, claims are also compared by their embeddings.
    """
    people = synthesise(load_population_file(find_population("uk")), N_PERSONAS, seed=0).values
    words = _Words.of(questions, language)
    findings = [*_bank(questions, language)]
    for question in questions:
        unwritten = [*_unwritten(question)]
        findings += [*_sides(question), *unwritten]
        if unwritten:  # what else is wrong with it would be said of texts that are to be replaced
            continue
        findings += [*_sentences(question, language.text), *_clauses(question, words), *_any_text(question, language)]
        findings += [*_repeats(question), *_same_points(question, language.text, encode)]
        findings += [*_values(question), *_endorsement(question, people), *_hard_claims(question, language)]
    return sorted(findings, key=lambda finding: finding.level != "error")


# --- the bank as a whole -----------------------------------------------------------------------------------------


def _bank(questions: Sequence[Question], language: Language) -> Iterator[BankFinding]:
    yield from _alike_questions(questions, language.text)
    spread = float(np.std([question.pull for question in questions])) if questions else 0.0
    if len(questions) >= LARGE_BANK and not PULL_SDS[0] <= spread <= PULL_SDS[1]:
        expected = f"expected {PULL_SDS[0]} to {PULL_SDS[1]}"
        yield BankFinding("warning", None, None, "pulls", f"SD of the questions' pulls is {spread:.2f}; {expected}")
    grades = list(_grades([claim.point for question in questions for claim in question.claims], language))
    if grades and float(np.mean(grades)) > HARDEST_BANK:
        message = f"plain wordings have mean grade {np.mean(grades):.1f}; expected at most {HARDEST_BANK:g}"
        yield BankFinding("error", None, None, "reading level", message)
    missing = [split for split in get_args(Split) if split not in {question.split for question in questions}]
    if missing and len({question.topic for question in questions}) >= LARGE_BANK:
        message = f"no question is in {' or '.join(missing)}; expected all three splits"
        yield BankFinding("warning", None, None, "splits", message)
    yield from _topics_held_out_in_part(questions)
    yield from _known_as_another(questions)


def _topics_held_out_in_part(questions: Sequence[Question]) -> Iterator[BankFinding]:
    """Out of distribution is a topic of which nothing is learnt; test questions within it belong to topics that are."""
    held_out = {question.topic for question in questions if question.split == "ood_test"}
    for question in questions:
        if question.topic in held_out and question.split != "ood_test":
            message = (
                f"split {question.split} in topic {question.topic!r}, which has questions of ood_test; expected the whole topic"
                " to be held out, or iid_test for questions held out within a topic"
            )
            yield BankFinding("error", question.id, None, "splits", message)


def _known_as_another(questions: Sequence[Question]) -> Iterator[BankFinding]:
    """What people were asked is to lead to one question alone."""
    for question in questions:
        asked = set(map(normalise, question.asked_as))
        for other in questions:
            if other is not question and (shared := asked & set(map(normalise, (other.text, *other.asked_as)))):
                message = f"asked_as {min(shared)!r} is {other.id!r} too; expected it of one question"
                yield BankFinding("error", question.id, None, "repeat", message)


def _alike_questions(questions: Sequence[Question], rules: TextRules) -> Iterator[BankFinding]:
    """Compared by content words: "an extra tax on meat" and "an extra tax on sugar" are two questions."""
    texts = [normalise(question.text) for question in questions]
    stems = [frozenset(rules.content_stems(text)) for text in texts]
    for i, j in combinations(range(len(questions)), 2):
        if texts[i] == texts[j] or overlap(stems[i], stems[j]) > SAME_TEXT:
            message = f"nearly the same text as {questions[i].id!r}: {questions[j].text!r}, {questions[i].text!r}"
            yield BankFinding("error", questions[j].id, None, "repeat", message)


# --- form --------------------------------------------------------------------------------------------------------


def _sides(question: Question) -> Iterator[BankFinding]:
    counts = Counter(claim.side for claim in question.claims)
    sides: tuple[Side, ...] = get_args(Side)
    for side in sides:
        if counts[side] < CLAIMS_A_SIDE:
            message = f"{counts[side]} claims with side {side!r}; expected at least {CLAIMS_A_SIDE}"
            yield BankFinding("error", question.id, None, "sides", message, side != "common" and not counts[side])


def _unwritten(question: Question) -> Iterator[BankFinding]:
    """Parts of a bank begun with `simcons new --bank` that still hold what the author is asked for."""
    texts_of: list[tuple[str | None, list[tuple[str, str]]]] = [
        (None, [(field, getattr(question, field)) for field in ("text", "position", "negation", "noun")])
    ]
    texts_of += [(claim.id, [("id", claim.id), *_phrases(claim)]) for claim in question.claims]
    for claim, texts in texts_of:
        if missing := [field for field, text in texts if _UNWRITTEN.search(text)]:
            message = f"still to be written: {', '.join(missing)}"
            yield BankFinding("error", question.id, claim, "unwritten", message, unusable=True)


def _values(question: Question) -> Iterator[BankFinding]:
    if not any(question.loadings.values()) and not any(any(claim.loadings.values()) for claim in question.claims):
        message = "neither it nor any of its claims has loadings: people's values would not decide who holds what"
        yield BankFinding("warning", question.id, None, "values", message)


def _sentences(question: Question, rules: TextRules) -> Iterator[BankFinding]:
    """The question, its position and its negation: whole sentences, the last two opposed."""
    if not question.text.endswith("?"):
        yield _form(question, None, "text", question.text, "does not end with a question mark")
    for field, text in (("position", question.position), ("negation", question.negation)):
        if not text.endswith(".") or text[0].islower():
            yield _form(question, None, field, text, "is no full sentence, with a capital and a full stop")
    if normalise(question.position) == normalise(question.negation):
        yield _form(question, None, "negation", question.negation, "is the position itself", unusable=True)
    elif not any(rules.negations & set(normalise(text).split()) for text in (question.position, question.negation)):
        message = "has no negating word: check that it denies the position"
        yield _form(question, None, "negation", question.negation, message, level="warning")


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of a bank's claims: those seen in lower case, and those seen with a capital inside a clause (names)."""

    lower: frozenset[str]
    names: frozenset[str]
    opening: re.Pattern[str]  # beginnings that a claim should do without

    @classmethod
    def of(cls, questions: Sequence[Question], language: Language) -> _Words:
        clauses = [_tokens(text) for question in questions for claim in question.claims for _, text in _phrases(claim)]
        lower = {word for words in clauses for word in words if word[0].islower()}
        names = {word for words in clauses for word in words[1:] if word[0].isupper()}
        return cls(language.text.function_words | lower, language.banks.proper_nouns | names, language.banks.opening)

    def is_plain(self, word: str) -> bool:
        """True of a capitalised word that is an ordinary one, not a name or an acronym."""
        if word in self.names or (len(word) > 1 and word[:2].isupper()):
            return False
        return word.lower() in self.lower


def _clauses(question: Question, words: _Words) -> Iterator[BankFinding]:
    """Wordings and denials: clauses that read well inside a longer sentence."""
    least, most = WORDS_A_CLAUSE
    for claim in question.claims:
        for field, text in _phrases(claim):
            n_words = len(text.split())
            if not least <= n_words <= most:
                yield _form(question, claim, field, text, f"has {n_words} words; expected {least} to {most}")
            if text[0].isupper() and words.is_plain(_tokens(text)[0]):
                yield _form(question, claim, field, text, "begins with a capital; expected one only for names")
            if _END_MARK.search(text):
                yield _form(question, claim, field, text, "ends in a punctuation mark; expected a clause without one")
            if opening := words.opening.match(text):
                yield _form(question, claim, field, text, f"begins with {opening[0]!r}; expected the claim alone")


def _any_text(question: Question, language: Language) -> Iterator[BankFinding]:
    fields = ("text", "position", "negation", "noun")
    texts: list[tuple[Claim | None, str, str]] = [(None, field, getattr(question, field)) for field in fields]
    texts += [(claim, *phrase) for claim in question.claims for phrase in _phrases(claim)]
    for claim, field, text in texts:
        if placeholder := _PLACEHOLDER.search(text):
            yield _form(question, claim, field, text, f"holds a placeholder: {placeholder[0]!r}", unusable=True)
        if foreign := language.banks.foreign_spelling.search(text):
            message = f"{field} has {foreign[0]!r}; expected {language.banks.spelling}: {text!r}"
            yield BankFinding("warning", question.id, claim.id if claim else None, "spelling", message)


def _form(
    question: Question,
    claim: Claim | None,
    field: str,
    text: str,
    problem: str,
    *,
    level: Level = "error",
    unusable: bool = False,
) -> BankFinding:
    return BankFinding(
        level, question.id, claim.id if claim else None, "form", f"{field} {problem}: {text!r}", unusable
    )


def _phrases(claim: Claim) -> list[tuple[str, str]]:
    """A claim's wordings and denials, in their first form, each with the name of its field."""
    registers = claim.wordings.model_dump().items()
    fields = [(f"{register} {i}", text) for register, texts in registers for i, text in enumerate(texts, 1)]
    fields += [(f"story {i}", story.text) for i, story in enumerate(claim.stories, 1)]
    fields += [(f"denial {i}", text) for i, text in enumerate(claim.denials, 1)]
    return [(field, first_form(text)) for field, text in fields]


def _tokens(text: str) -> list[str]:
    """Runs of letters, as written; never empty."""
    return re.findall(r"[^\W\d_]+", text) or [text]


# --- claims that say the same ------------------------------------------------------------------------------------


def _repeats(question: Question) -> Iterator[BankFinding]:
    """The same words twice in a question: exactly (wordings and denials) or nearly (wordings)."""
    phrases = [(claim.id, field, normalise(text)) for claim in question.claims for field, text in _phrases(claim)]
    sets = [frozenset(text.split()) for *_, text in phrases]
    for i, j in combinations(range(len(phrases)), 2):
        (other, other_field, first), (claim, field, second) = phrases[i], phrases[j]
        if first == second:
            message = f"{field} is the {other_field} of {other!r} again: {second!r}"
            yield BankFinding("error", question.id, claim, "repeat", message)
        elif "denial" not in field + other_field and overlap(sets[i], sets[j]) > SAME_TEXT:
            message = f"{field} is nearly the {other_field} of {other!r}: {second!r}, {first!r}"
            yield BankFinding("warning", question.id, claim, "repeat", message)


def overlap(first: frozenset[str], second: frozenset[str]) -> float:
    """Shared words over all words (Jaccard); 0 for two empty sets."""
    return len(first & second) / max(len(first | second), 1)


def _same_points(question: Question, rules: TextRules, encode: Encode | None) -> Iterator[BankFinding]:
    wordings = [first_form(text) for claim in question.claims for text in claim.assertions]
    measures = [("words", _word_vectors(wordings, rules), SAME_POINT_WORDS)]
    if encode is not None:
        embeddings = np.asarray(encode(wordings), dtype=np.float64)
        # the subject that all of them share is taken off
        measures.append(("meaning", unit_rows(embeddings - embeddings.mean(axis=0)), SAME_POINT_MEANING))
    ends = np.cumsum([len(claim.assertions) for claim in question.claims])[:-1]
    for measure, vectors, threshold in measures:
        claims = list(zip(question.claims, np.split(vectors, ends), strict=True))
        for (other, there), (claim, here) in combinations(claims, 2):
            if (close := closeness(there, here)) > threshold:
                message = f"close to {other.id!r} in {measure} ({close:.2f}); expected at most {threshold:g}"
                yield BankFinding("warning", question.id, claim.id, "same point", message)


def closeness(first: Floats, second: Floats) -> float:
    """Mean over the wordings of two claims of the cosine with the nearest wording of the other; rows are unit vectors."""
    cosines = first @ second.T
    return float(cosines.max(axis=0).mean() + cosines.max(axis=1).mean()) / 2


def _word_vectors(texts: Sequence[str], rules: TextRules) -> Floats:
    """Unit vectors [text, stem] of log((n + 1) / n_with_stem): what all texts say counts little."""
    stems = [frozenset(rules.content_stems(normalise(text))) for text in texts]
    counts = Counter(stem for text in stems for stem in text)
    rarity = {stem: math.log((len(texts) + 1) / count) for stem, count in sorted(counts.items())}
    rows = [[weight if stem in text else 0.0 for stem, weight in rarity.items()] for text in stems]
    return unit_rows(np.array(rows).reshape(len(texts), -1))


# --- claims that nobody holds ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Shares of people."""

    position: float  # in favour
    claims: Floats  # who hold each claim


def shares_held(question: Question, values: Floats, mind: LatentMindSettings) -> Shares:
    """Expected shares of people with ``values`` [person, dimension] who hold the position and each claim.

    `conviction.consider` gives each person a normal position and normal endorsements around what their values imply;
    a share is the mean over people of Phi(mean / SD) of these, with no draws. LatentMind.value_share must be below 1.
    """
    from scipy.special import ndtr  # here, as it takes longer to load than most commands take to run

    compiled = CompiledQuestion(question)
    valued = mind.value_share if compiled.has_values else 0.0
    average = (mind.position_mean + question.pull - MIDPOINT) / mind.person_sd
    favour = average + valued**0.5 * (values @ compiled.direction)
    means = (
        compiled.claim_pulls
        + POSITION_WEIGHT * favour[:, None] * compiled.sides
        + VALUE_WEIGHT * (values @ compiled.claim_directions.T)
    )
    sds = np.sqrt((POSITION_WEIGHT * compiled.sides) ** 2 * (1 - valued) + compiled.own_weights**2)
    return Shares(float(ndtr(favour / (1 - valued) ** 0.5).mean()), ndtr(means / sds).mean(axis=0))


def _endorsement(question: Question, people: Floats) -> Iterator[BankFinding]:
    shares = shares_held(question, people, LatentMindSettings())
    least, most = POSITION_SHARES
    if not least <= shares.position <= most:
        message = f"{shares.position:.1%} would agree with the position; expected {least:.0%} to {most:.0%}"
        yield BankFinding("error", question.id, None, "endorsement", message)
    least, most = CLAIM_SHARES
    for claim, share in zip(question.claims, shares.claims.tolist(), strict=True):
        common = claim.side == "common"
        ceiling = COMMON_CEILING if common else most
        if not least <= share <= ceiling:
            level: Level = "warning" if common and share > ceiling else "error"
            message = f"{share:.1%} would hold it; expected {least:.0%} to {ceiling:.0%}: change its pull or loadings"
            yield BankFinding(level, question.id, claim.id, "endorsement", message)


# --- reading level -----------------------------------------------------------------------------------------------


def _hard_claims(question: Question, language: Language) -> Iterator[BankFinding]:
    grades = _grades([claim.point for claim in question.claims], language)
    for claim, grade in zip(question.claims, grades, strict=False):  # no grades where the language has no formula
        if grade > HARDEST_CLAIM:
            message = f"plain wording has grade {grade:.1f}; expected at most {HARDEST_CLAIM:g}: {claim.point!r}"
            yield BankFinding("warning", question.id, claim.id, "reading level", message)


def _grades(sentences: Sequence[str], language: Language) -> Iterator[float]:
    if (grade := language.banks.reading_grade) is not None:
        yield from (grade(normalise(sentence)) for sentence in sentences)
