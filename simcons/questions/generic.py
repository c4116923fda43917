"""Questions without a bank: claims from generic frames that fit what the question is about and what it proposes.

What comes up, who leans which way and how popular the position is follow from the question's own text, by a lexicon of topics,
by words that tell a proposal (to curb, allow, spend, introduce, require, keep or change something) and by a hash of it; they
are plausible, not measured. The same question gets the same claims in every study, on every machine: no model is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from pydantic import Field

from simcons.errors import ScenarioError
from simcons.languages.language import Language
from simcons.languages.text import TextRules, normalise
from simcons.languages.topics import Act, Topic, TopicCues
from simcons.questions.bank import SIGN, Claim, Name, Question, Side, Story, Wording, Wordings
from simcons.questions.bare import BareQuestion
from simcons.scenario.files import parse, read_yaml
from simcons.scenario.parameters import StrictModel, ValueDimension
from simcons.scenario.shipped import data_folder
from simcons.seeds import stream

Favoured: TypeAlias = Literal["more", "less", "same", "change", "yes", "no", "both"]

ANY = "any"  # the topic of frames that fit all
_QUESTION_SD = 1.4  # of pulls over questions, in points [S]
_CLAIM_PULL_SD = 0.4
_CLAIMS_A_SIDE = 4
_MORE: dict[Act, int] = {"allow": 1, "spend": 1, "introduce": 1, "require": 1, "keep": 1, "curb": -1, "save": -1}
_KEPT: dict[Act, int] = {"keep": 1, "change": -1, "introduce": -1, "curb": -1}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposal of a question, and its object: a topic by its name, none where none is known that it fits."""

    act: Act
    name: str | None = None
    topic: Topic | None = None


class Frame(StrictModel):
    """A claim that can be made about some questions.

    favours: what it speaks for: more or less of its topic, the same as now or a change; or, whatever is proposed, yes, no or
    both. acts: the proposals that it fits; conduct: only those on something that people do, such as smoking.
    """

    id: Name
    favours: Favoured
    acts: list[Act] = Field(min_length=1)
    conduct: bool = False
    pull: float = Field(0.0, ge=-3, le=3)
    loadings: dict[ValueDimension, float] = {}
    wordings: Wordings
    denials: list[Wording] = Field(min_length=1)

    def side(self, proposal: Proposal) -> Side | None:
        """The side that it takes on a proposal; None where it does not fit one."""
        of_conduct = proposal.act == "require" or (proposal.topic is not None and proposal.topic.conduct)
        if proposal.act not in self.acts or (self.conduct and not of_conduct):
            return None
        if self.favours in _ANSWERS:
            return _SIDES[_ANSWERS[self.favours]]
        sign = _DIRECTIONS[self.favours].get(proposal.act)
        return None if sign is None else _SIDES[sign]


class FrameFile(StrictModel):
    schema_version: Literal[1]
    topic: Name
    frames: list[Frame] = Field(min_length=1)


Frames: TypeAlias = Mapping[str, Sequence[Frame]]

_SIDES: dict[int, Side] = {sign: side for side, sign in SIGN.items()}
_DIRECTIONS: dict[Favoured, dict[Act, int]] = {
    "more": _MORE,
    "less": {act: -sign for act, sign in _MORE.items()},
    "same": _KEPT,
    "change": {act: -sign for act, sign in _KEPT.items()},
}
_ANSWERS: dict[Favoured, int] = {"yes": 1, "no": -1, "both": 0}


def load_frames(language: Language) -> Frames:
    """The frames by topic. Raises ScenarioError for a topic that the language does not know."""
    frames: dict[str, list[Frame]] = {}
    for path in sorted((data_folder("personas") / "frames" / language.topics.frames).glob("*.yaml")):
        file = parse(FrameFile, read_yaml(path), source=str(path))
        if file.topic != ANY and file.topic not in language.topics.topics:
            raise ScenarioError(
                f"{path}: topic: unknown {file.topic!r}; expected {ANY!r} or one of the language's topics"
            )
        frames[file.topic] = file.frames
    return frames


def with_claims(bare: BareQuestion, name: str, frames: Frames, language: Language, *, position: str) -> Question:
    """The question with what people say of it, by its text: the same in every list and every study."""
    denied = bare.negating_statement or language.proposals.deny(position)
    proposal = proposal_of(position, language.topics)
    rng = stream(0, "generic_question", bare.question)
    return Question.model_construct(
        id=name,
        text=bare.question,
        position=position,
        negation=_unstressed(denied, language.text),
        noun=language.topics.name_of(bare.question) or language.topics.noun,
        pull=float(np.clip(rng.normal(0, _QUESTION_SD), -3, 3)),
        loadings=_loadings(proposal),
        claims=_claims(proposal, frames, rng),
        topic=str(bare.topic),
        split=bare.split,
    )


def _unstressed(statement: str, rules: TextRules) -> str:
    """``We should NOT act.`` as ``We should not act.``"""
    words = statement.split(" ")
    return " ".join(word.lower() if word.isupper() and normalise(word) in rules.negations else word for word in words)


# --- what a question is about --------------------------------------------------------------------------------------


def proposal_of(position: str, cues: TopicCues) -> Proposal:
    """The act of a position statement and the most specific topic of which that act can be said, by its words.

    A statement that proposes nothing asks for a judgement, on which claims that fit any such statement are made.
    """
    text = cues.aside.sub("", position.lower())
    act = _act(text, cues)
    charge, burden = cues.burdens
    is_burden = act not in ("save", "judge") and burden.search(text) is not None
    for name, topic in cues.topics.items():
        burdened: Act = "curb" if is_burden and name != charge else act
        if topic.words.search(text) and (burdened in topic.acts or (topic.kept and burdened in _KEPT)):
            return Proposal(burdened, name, topic)
    return Proposal(act)


def _act(text: str, cues: TopicCues) -> Act:
    if not cues.proposes.search(text):
        return "judge"
    return next((act for act, pattern in cues.acts if pattern.search(text)), "change")


def _loadings(proposal: Proposal) -> dict[ValueDimension, float]:
    """Who is for the proposal: the topic's leanings, by the act's direction. None where the direction is not known."""
    if proposal.topic is None:
        return {}
    direction = (_KEPT if proposal.topic.kept else _MORE).get(proposal.act, 0)
    return {dimension: direction * leaning for dimension, leaning in proposal.topic.leanings.items() if direction}


# --- claims --------------------------------------------------------------------------------------------------------


def _claims(proposal: Proposal, frames: Frames, rng: np.random.Generator) -> list[Claim]:
    """Up to four claims a side: those of the topic, then those that fit any proposal of its kind, in an order drawn.

    A side has two or three where no more fit.
    """
    fitting: dict[Side, list[Frame]] = {"for": [], "against": [], "common": []}
    for topic in (proposal.name, ANY):
        of_topic = frames.get(topic, ()) if topic else ()
        for place in rng.permutation(len(of_topic)):
            if side := of_topic[int(place)].side(proposal):
                fitting[side].append(of_topic[int(place)])
    return [
        _claim(frame, side, shift=float(rng.normal(0, _CLAIM_PULL_SD)))
        for side, fit in fitting.items()
        for frame in fit[:_CLAIMS_A_SIDE]
    ]


def _claim(frame: Frame, side: Side, *, shift: float) -> Claim:
    stories: list[Story] = []
    return Claim.model_construct(
        id=frame.id, side=side, pull=frame.pull + shift, loadings=frame.loadings, wordings=frame.wordings, stories=stories,
        denials=frame.denials,
    )  # fmt: skip
