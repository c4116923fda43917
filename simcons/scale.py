"""The scales of all ratings: whole points from 1 to 7. Appraisals lie on them too, between the points."""

from __future__ import annotations

from dataclasses import dataclass

LOWEST, HIGHEST = 1, 7
MIDPOINT = 4.0
_REACH = HIGHEST - MIDPOINT
_BEND = 4  # [J]: within two points of the midpoint nothing moves by more than a tenth of a point


def bounded(points: float) -> float:
    """``points`` on an endless scale, as what can be felt between 1 and 7: order is kept, and neither end is ever reached.

    4 + d / (1 + |d/3|^4)^(1/4), d the distance from the midpoint: next to nothing within 2 points of it, 6.91 for 9.
    """
    distance = points - MIDPOINT
    return MIDPOINT + distance / float((1 + abs(distance / _REACH) ** _BEND) ** (1 / _BEND))


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
USUAL_SCALES = tuple(scale.name for scale in USUAL)
PAIRED = (
    AGREEMENT,
    QUALITY,
)  # whose random numbers are drawn together; every other scale's come from streams of its own
