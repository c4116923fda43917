"""Settings of training data."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from simcons.scenario.parameters import StrictModel
from simcons.training.data.examples import HoldOut
from simcons.training.data.keep_rules import parse_keep_rule


def _rule(text: str) -> str:
    """The rule in its usual spelling. Raises ValueError."""
    try:
        return str(parse_keep_rule(text))
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None


RuleText: TypeAlias = Annotated[str, AfterValidator(_rule)]


class DataSettings(StrictModel):
    """The choices by which training data is made of the records of studies."""

    sft_rule: RuleText = Field(
        "quality >= 6",
        description="statements worth learning: `SCALE >= RATING`, `top PERCENT% by SCALE within the study`, or `top PERCENT%"
        " by SCALE above the mean of its round`, which leaves out what some groups agree to more than others",
    )
    ties: Literal["drop", "keep"] = Field(
        "drop", description="two statements that a person rates alike: dropped, or kept apart from the comparisons"
    )
    arms: tuple[str, ...] | None = Field(
        None,
        min_length=1,
        description="whose statements are learnt from and compared; by default those of all. Positions are of all rounds",
    )
    raters: Literal["reliable", "all"] = Field(
        "reliable",
        description="whose comparisons and ratings: not of people whose second ratings contradict their first",
    )
    prompt: str = Field(
        "zero_shot",
        description="of the examples, which is what the trained mediator must be asked with: a name or a file",
    )
    validation: Annotated[float, Field(gt=0, le=0.5)] = Field(
        0.1, description="share of the questions, or of the groups, held out"
    )
    hold_out: HoldOut = Field(
        "questions",
        description="what is held out: questions, with all who discussed them; or groups, with all their people, of questions"
        " that are learnt from: for few questions",
    )
    least: Annotated[int, Field(ge=1)] = Field(
        10, description="examples of each kind to learn from, for data to be made"
    )
    seed: Annotated[int, Field(ge=0)] = Field(0, description="of the order of opinions and the questions held out")
