"""The scales of all ratings: whole points from 1 to 7. Appraisals lie on them too, without their bounds."""

from __future__ import annotations

from dataclasses import dataclass

LOWEST, HIGHEST = 1, 7
MIDPOINT = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """A question about a statement that is answered on these points. There is one object of each, so that it is a quick key.

    meaning: to those who read the answers; how it is put to people is a matter of their language.
    """

    name: str
    meaning: str


AGREEMENT = Scale("agreement", "How far the person agrees, from 1 strongly disagree to 7 strongly agree")
QUALITY = Scale("quality", "How good the statement is, from 1 terrible to 7 excellent")
REPRESENTED = Scale(
    "represented", "How far the statement represents the person's view, from 1 strongly disagree to 7 strongly agree"
)
SCALES: dict[str, Scale] = {scale.name: scale for scale in (AGREEMENT, QUALITY, REPRESENTED)}
USUAL = (AGREEMENT, QUALITY)  # what a study asks where its scenario does not say
PAIRED = (
    AGREEMENT,
    QUALITY,
)  # whose random numbers are drawn together; every other scale's come from streams of its own
