"""Agreement of an opinion, as a reader finds it, with what its writer holds."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.population.minds.beliefs import Beliefs
from simcons.questions.reading import Reading
from simcons.scale import MIDPOINT

_UNDECIDED = 0.5  # points from the midpoint within which an opinion may come out on either side


@dataclass(frozen=True, slots=True)
class Fidelity:
    """An opinion against what its writer holds. Counts are of claims the writer was told; 0 where none were."""

    verdict_read: float | None  # from -1 (against the position) to 1 (for); None: the opinion does not say
    sides_with_position: bool | None  # None: undecided writer, unknown position, or no verdict read
    n_told: int
    n_said: int  # of those told, read as asserted
    n_contradicted: int  # told as held and read as denied, or rejected and read as asserted


def fidelity(reading: Reading, *, position: float | None, beliefs: Beliefs | None) -> Fidelity:
    """``reading`` of an opinion against its writer's ``position`` on the 1-7 scale and, where they are known, beliefs."""
    held = frozenset(beliefs.claims if beliefs else ())
    rejected = frozenset(beliefs.rejected if beliefs else ())
    asserted = {mention.claim for mention in reading.mentions if mention.polarity > 0}
    denied = {mention.claim for mention in reading.mentions if mention.polarity < 0}
    return Fidelity(
        verdict_read=reading.verdict,
        sides_with_position=_sides(reading.verdict, position),
        n_told=len(held),
        n_said=len(held & asserted),
        n_contradicted=len(held & denied) + len(rejected & asserted),
    )


def _sides(verdict: float | None, position: float | None) -> bool | None:
    if verdict is None or position is None or abs(position - MIDPOINT) <= _UNDECIDED:
        return None
    return verdict * (position - MIDPOINT) > 0
