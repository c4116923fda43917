"""Questions without a bank: claims from generic value frames (cost, fairness, freedom, safety, tradition, environment, ...).

The claims that come up, who leans which way and how popular the position is follow from the question's own text, by words
that occur in it and by a hash of it; they are plausible, not measured. The same question gets the same claims in
every study.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from simcons.languages.language import Language
from simcons.languages.text import TextRules, normalise
from simcons.languages.topics import TopicCues
from simcons.questions.bank import Claim, Question, Side
from simcons.questions.bare import BareQuestion
from simcons.scenario.files import parse, read_yaml
from simcons.scenario.parameters import StrictModel, ValueDimension
from simcons.scenario.shipped import data_folder
from simcons.seeds import stream

_QUESTION_SD = 1.4  # of pulls over questions, in points [S]
_CLAIM_PULL_SD = 0.4
_CLAIMS_A_SIDE = 4
_KEYWORD_BONUS = 1.5  # on the log-odds that a frame comes up

# The end of a dimension that a proposal about it usually appeals to [J]. Words that curb turn it round, and with a chance of one
# in seven the question's hash does as well, since words often mislead.
_USUAL_SIGN: dict[ValueDimension, int] = {
    "economic": -1, "authority": 1, "environment": 1, "openness": 1, "tradition": 1, "technology": 1
}  # fmt: skip
_CURBABLE = frozenset({"economic", "openness", "tradition", "technology"})


class Frame(Claim):
    """A claim of the frame file, with the words that call it up."""

    keywords: list[str]


class Frames(StrictModel):
    schema_version: Literal[1]
    frames: list[Frame] = Field(min_length=1)


def load_frames(language: Language) -> list[Frame]:
    path = data_folder("personas") / "frames" / f"{language.topics.frames}.yaml"
    return parse(Frames, read_yaml(path), source=str(path)).frames


def with_claims(
    bare: BareQuestion, name: str, frames: Sequence[Frame], language: Language, *, position: str
) -> Question:
    """The question with what people say of it, by its text: the same in every list and every study."""
    denied = bare.negating_statement or language.proposals.deny(position)
    rng = stream(0, "generic_question", bare.question)
    return Question.model_construct(
        id=name,
        text=bare.question,
        position=position,
        negation=_unstressed(denied, language.text),
        noun=language.topics.noun,
        pull=float(np.clip(rng.normal(0, _QUESTION_SD), -3, 3)),
        loadings=_loadings(bare.question, language.topics, rng),
        claims=_draw_claims(bare.question, frames, rng),
        topic=str(bare.topic),
        split=bare.split,
    )


def _unstressed(statement: str, rules: TextRules) -> str:
    """``We should NOT act.`` as ``We should not act.``"""
    words = statement.split(" ")
    return " ".join(word.lower() if word.isupper() and normalise(word) in rules.negations else word for word in words)


def _loadings(question: str, topics: TopicCues, rng: np.random.Generator) -> dict[ValueDimension, float]:
    text = question.lower()
    themes = [dimension for dimension, words in topics.themes.items() if any(word in text for word in words)]
    dimensions = themes[:2] or [list(topics.themes)[int(rng.integers(len(topics.themes)))]]
    curbs = topics.curbing.search(text) is not None
    return {dimension: _sign(dimension, rng, curbs=curbs) * float(rng.uniform(0.4, 0.8)) for dimension in dimensions}


def _sign(dimension: ValueDimension, rng: np.random.Generator, *, curbs: bool) -> int:
    turned = curbs and dimension in _CURBABLE
    return _USUAL_SIGN[dimension] * (-1 if turned else 1) * (-1 if rng.random() < 1 / 7 else 1)


def _draw_claims(question: str, frames: Sequence[Frame], rng: np.random.Generator) -> list[Claim]:
    """Four claims a side, likelier where the question has their keywords (Gumbel top-k: sampling without replacement)."""
    words = set(re.findall(r"[^\W\d_]+", question.lower()))
    appeal = rng.gumbel(size=len(frames)) + [_KEYWORD_BONUS * bool(words & set(frame.keywords)) for frame in frames]
    shifts = rng.normal(0, _CLAIM_PULL_SD, size=len(frames))
    claims: list[Claim] = []
    sides: tuple[Side, ...] = ("for", "against", "common")
    for side in sides:
        of_side = sorted((k for k, frame in enumerate(frames) if frame.side == side), key=lambda k: -appeal[k])
        claims += [_claim(frames[k], shift=float(shifts[k])) for k in of_side[:_CLAIMS_A_SIDE]]
    return claims


def _claim(frame: Frame, *, shift: float) -> Claim:
    fields = {name: getattr(frame, name) for name in Claim.model_fields}
    return Claim.model_construct(**{**fields, "pull": frame.pull + shift})
