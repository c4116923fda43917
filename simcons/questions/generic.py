"""Questions without a bank: claims from generic value frames (cost, fairness, freedom, safety, tradition, environment, ...).

Which claims come up, who leans which way and how popular the position is follow from the question's own text, by words
that occur in it and by a hash of it; they are plausible, not measured. The same question gets the same claims in
every study.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

from simcons.questions.bank import Claim, Question, Side
from simcons.questions.bare import BareQuestion
from simcons.questions.positions import deny
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


class Frame(Claim):
    """A claim of the frame file, with the words that call it up."""

    keywords: list[str]


class Frames(StrictModel):
    schema_version: Literal[1]
    frames: list[Frame] = Field(min_length=1)


def load_frames() -> list[Frame]:
    path = data_folder("personas") / "frames" / "value_frames.yaml"
    return parse(Frames, read_yaml(path), source=str(path)).frames


def with_claims(bare: BareQuestion, name: str, frames: Sequence[Frame], *, position: str) -> Question:
    """The question with what people say of it, by its text: the same in every list and every study."""
    rng = stream(0, "generic_question", bare.question)
    negation = (bare.negating_statement or deny(position)).replace(" NOT ", " not ")
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
