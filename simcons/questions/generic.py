"""Questions without a bank: claims from generic value frames (cost, fairness, freedom, safety, tradition, environment, ...).

Which claims come up, who leans which way and how popular the position is follow from the question's own text, by words
that occur in it and by a hash of it; they are plausible, not measured. The same question gets the same claims in
every study.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from simcons.errors import ScenarioError
from simcons.questions.bank import Claim, Question, Side, Split
from simcons.questions.clauses import as_clause, as_sentence
from simcons.questions.sentences import word_set
from simcons.scenario.files import parse, read_yaml
from simcons.scenario.parameters import StrictModel, ValueDimension
from simcons.scenario.shipped import data_folder
from simcons.seeds import stream

_QUESTION_SD = 1.4  # of pulls over questions, in points [S]
_CLAIM_PULL_SD = 0.4
_CLAIMS_A_SIDE = 4
_KEYWORD_BONUS = 1.5  # on the log-odds that a frame comes up

# Words that tell which values a question is about [J].
_THEMES: dict[ValueDimension, tuple[str, ...]] = {
    "economic": (
        "tax",
        "money",
        "pay",
        "wage",
        "income",
        "nhs",
        "free",
        "business",
        "benefit",
        "rich",
        "poor",
        "price",
        "fund",
    ),
    "authority": (
        "police",
        "prison",
        "crime",
        "ban",
        "law",
        "illegal",
        "legal",
        "drug",
        "army",
        "punish",
        "compulsory",
    ),
    "environment": (
        "environment",
        "climate",
        "energy",
        "plastic",
        "car",
        "meat",
        "pollution",
        "animal",
        "green",
        "recycl",
    ),
    "openness": ("immigra", "refugee", "foreign", "europe", "aid", "global", "international", "brexit", "asylum"),
    "tradition": (
        "monarch",
        "royal",
        "church",
        "religio",
        "marriage",
        "school",
        "abortion",
        "gender",
        "lords",
        "tradition",
    ),
    "technology": (
        "artificial",
        "intelligence",
        "internet",
        "online",
        "social media",
        "robot",
        "digital",
        "nuclear",
        "genetic",
    ),
}

# Which end of a dimension a proposal about it usually appeals to, and words that turn that round [J]; with a chance of
# one in seven the question's hash turns it round as well, since words often mislead.
_USUAL_SIGN: dict[ValueDimension, int] = {
    "economic": -1, "authority": 1, "environment": 1, "openness": 1, "tradition": 1, "technology": 1
}  # fmt: skip
_CURBS = re.compile(r"\b(abolish|scrap|reduce|stop|less|fewer|end|limit|restrict|privatis\w*|cut)\b")
_CURBABLE = frozenset({"economic", "openness", "tradition", "technology"})

# For turning questions round. Words that are as often nouns ("tax", "fund", "use") are no sign of where a subject ends.
_MODAL = re.compile(r"\b(?:should|will|would|can|could|must|is)\b")
_RELATIVES = frozenset({"who", "whom", "whose", "which", "that", "where", "when", "if"})
_SUBJECTS = word_set("i we you he she it they there everyone everybody anyone anybody someone nobody") | {
    "the government", "the uk government", "the british government", "our government"
}  # fmt: skip
_PREPOSITIONS = word_set("of in under over from with at on")
_NO_VERB_NEXT = word_set("to and or help a an the their our")
_VERBS = word_set(
    """be have always ever never only still also not do make give take get go pay ban allow let keep stop start build
    provide require increase reduce raise lower introduce abolish scrap legalise legalize continue become remain teach
    offer spend invest encourage help protect remove replace restrict leave join receive carry wear
    learn consider adopt decide try ensure impose prohibit promote prevent create expand extend accept adapt apologise
    regulate nationalise privatise subsidise decriminalise add apply ask avoid bring buy choose come compensate
    consume cease decrease deport develop discourage eat enforce enter establish feel follow forgive
    grow hold implement include intervene keep know lead live maintain own perform prioritise publish put
    recognise refuse regain rejoin rely retain return revoke sell send serve speak stay strengthen
    subsidize take tell think treat tackle vote withdraw worry write"""
)


class Frame(Claim):
    """A claim of the frame file, with the words that call it up."""

    keywords: list[str]


class Frames(StrictModel):
    schema_version: Literal[1]
    frames: list[Frame] = Field(min_length=1)


class BareQuestion(StrictModel):
    """A question as lists of questions give it."""

    question: str = Field(min_length=1)
    id: str | int | None = None
    affirming_statement: str | None = Field(None, min_length=1)
    negating_statement: str | None = Field(None, min_length=1)
    topic: str | int = ""
    split: Split = "train"


def load_questions(path: Path) -> list[Question]:
    """Questions from a JSON or YAML list: of texts, or of objects with the keys of `BareQuestion`.

    Raises ScenarioError, in one line, for a missing, empty or malformed file and for an id given twice.
    """
    document = _read(path)
    if not isinstance(document, list) or not document:
        raise ScenarioError(f"{path}: expected a list of at least one question, got {_kind(document)}")
    entries = [{"question": entry} if isinstance(entry, str) else entry for entry in document]
    bare = parse(list[BareQuestion], entries, source=str(path))
    frames = load_frames()
    questions = [_with_claims(entry, place, frames) for place, entry in enumerate(bare)]
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise ScenarioError(f"{path}: question id {question.id!r} is used more than once; expected unique ids")
        seen.add(question.id)
    return questions


def load_frames() -> list[Frame]:
    path = data_folder("personas") / "frames" / "value_frames.yaml"
    return parse(Frames, read_yaml(path), source=str(path)).frames


def _read(path: Path) -> Any:
    if path.suffix != ".json":
        return read_yaml(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}: expected a readable file") from None
    except ValueError as error:
        raise ScenarioError(f"{path}: {error}: expected JSON") from None


def _kind(document: Any) -> str:
    return "an empty list" if document == [] else type(document).__name__


def _with_claims(bare: BareQuestion, place: int, frames: Sequence[Frame]) -> Question:
    rng = stream(0, "generic_question", bare.question)
    position = bare.affirming_statement or affirm(bare.question)
    negation = (bare.negating_statement or deny(position)).replace(" NOT ", " not ")
    name = re.sub(r"[^a-z0-9_]+", "_", str(bare.id).lower()) if bare.id is not None else f"q{place + 1:05d}"
    return Question.model_construct(
        id=name,
        text=bare.question,
        position=position,
        negation=negation,
        noun="this idea",
        pull=float(np.clip(rng.normal(0, _QUESTION_SD), -3, 3)),
        loadings=_loadings(bare.question, rng),
        claims=_draw_claims(bare.question, frames, rng),
        topic=str(bare.topic),
        split=bare.split,
    )


def affirm(question: str) -> str:
    """The question put declaratively: ``Should we act?`` as ``We should act.``; as agreement with it where that is not safe."""
    text = question.strip()
    body = text.rstrip("?").strip()
    match = re.match(r"(Should|Will|Would|Can|Could|Must)\s+(.+)$", body, re.IGNORECASE)
    if match is None:
        stated = not text.endswith("?") and _MODAL.search(body) is not None
        return f"{as_sentence(body.rstrip('.'))}." if stated else f'The answer to "{body}?" is yes.'
    words = match.group(2).split()
    n_subject = _subject_length(words)
    if n_subject is None:
        return f'The answer to "{body}?" is yes.'
    subject, rest = " ".join(words[:n_subject]), " ".join(words[n_subject:])
    return f"{as_sentence(subject)} {match.group(1).lower()} {rest}."


def _subject_length(words: Sequence[str]) -> int | None:
    """How many of the words after "Should" are its subject: up to the first that can only be a verb. None where unsure."""
    plain = [word.lower() for word in words]
    known = next((n for n in (3, 2, 1) if " ".join(plain[:n]) in _SUBJECTS), len(words))
    if known < len(words) and plain[known] not in _PREPOSITIONS:
        return known
    for place in range(1, len(words)):
        if plain[place - 1] in _NO_VERB_NEXT:
            continue
        modified = not _RELATIVES.isdisjoint(plain[:place])
        if plain[place] == "be" or (plain[place] in _VERBS and not modified):
            return place
    return None


def deny(position: str) -> str:
    """``We should act.`` as ``We should not act.``, and the other way round; in so many words where that is not safe."""
    if position.endswith('" is yes.'):
        return position.removesuffix("yes.") + "no."
    found = re.search(r"\bshould\b", position) or _MODAL.search(position)
    if found is None or not _RELATIVES.isdisjoint(position[: found.start()].lower().split()):
        return f"It is not the case that {as_clause(position)}."
    before, rest = position[: found.end()], position[found.end() :]
    return before + (rest.removeprefix(" not") if rest.startswith(" not ") else f" not{rest}")


def _loadings(question: str, rng: np.random.Generator) -> dict[ValueDimension, float]:
    text = question.lower()
    themes = [dimension for dimension, words in _THEMES.items() if any(word in text for word in words)]
    dimensions = themes[:2] or [list(_THEMES)[int(rng.integers(len(_THEMES)))]]
    return {dimension: _sign(dimension, text, rng) * float(rng.uniform(0.4, 0.8)) for dimension in dimensions}


def _sign(dimension: ValueDimension, text: str, rng: np.random.Generator) -> int:
    turned = dimension in _CURBABLE and _CURBS.search(text) is not None
    return _USUAL_SIGN[dimension] * (-1 if turned else 1) * (-1 if rng.random() < 1 / 7 else 1)


def _draw_claims(question: str, frames: Sequence[Frame], rng: np.random.Generator) -> list[Claim]:
    """Four claims a side, likelier where the question has their keywords (Gumbel top-k: sampling without replacement)."""
    words = set(re.findall(r"[a-z]+", question.lower()))
    appeal = rng.gumbel(size=len(frames)) + [_KEYWORD_BONUS * bool(words & set(frame.keywords)) for frame in frames]
    shifts = rng.normal(0, _CLAIM_PULL_SD, size=len(frames))
    claims: list[Claim] = []
    sides: tuple[Side, ...] = ("for", "against", "common")
    for side in sides:
        of_side = sorted((k for k, frame in enumerate(frames) if frame.side == side), key=lambda k: -appeal[k])
        claims += [
            Claim.model_construct(
                **{**frames[k].model_dump(exclude={"keywords"}), "pull": frames[k].pull + float(shifts[k])}
            )
            for k in of_side[:_CLAIMS_A_SIDE]
        ]
    return claims
