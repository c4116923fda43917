"""The opinions of a group taken together, as their authors mean them: what a statement for the group is held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from simcons.languages.phrases import Stance
from simcons.population.minds.writer import WrittenOpinion

STANCE_VERDICTS: dict[Stance, float] = {
    "strong_for": 1.0,
    "for": 1.0,
    "lean_for": 0.5,
    "torn": 0.0,
    "lean_against": -0.5,
    "against": -1.0,
    "strong_against": -1.0,
}
_MAJORITY = 0.6  # mean verdict from which a group has come down on one side: four of five
_HELD_IN_MIND = 9  # points: a statement that makes the nine that came up most has said what the group thinks [J]


@dataclass(frozen=True, slots=True)
class Voices:
    """claims: how many members made each; verdict: where the group comes down, from -1 (against) to 1; None where nobody says."""

    claims: Mapping[int, int]
    verdict: float | None

    def covered(self, claims: Collection[int]) -> float:
        """Share of what the group says most that ``claims`` say: each counts by how many members made it."""
        most = sum(sorted(self.claims.values(), reverse=True)[:_HELD_IN_MIND])
        return min(1.0, sum(self.claims.get(claim, 0) for claim in claims) / most) if most else 0.0


def voices_of(opinions: Iterable[WrittenOpinion]) -> Voices:
    """The voices of ``opinions``; none, where there are none."""
    given = list(opinions)
    verdicts = [STANCE_VERDICTS[opinion.stance] for opinion in given if opinion.stance is not None]
    mean = sum(verdicts) / len(verdicts) if verdicts else None
    return Voices(
        claims=Counter(claim for opinion in given for claim in opinion.claims),
        verdict=None if mean is None else min(1.0, max(-1.0, mean / _MAJORITY)),
    )
