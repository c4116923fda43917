"""Progress of a study, counted while it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Progress:
    """Counts that only grow. Rounds that a session never came to are begun and over once it is."""

    groups: int = 0  # formed so far
    sessions: int = 0  # over
    rounds: int = 0  # rated to the end, of sessions that are over
    rounds_begun: int = 0
    rounds_over: int = 0
    simulated_seconds: float = 0.0  # the latest end of a session

    def add(self, other: Progress) -> None:
        """Count in the progress of other sessions of the study."""
        self.groups += other.groups
        self.sessions += other.sessions
        self.rounds += other.rounds
        self.rounds_begun += other.rounds_begun
        self.rounds_over += other.rounds_over
        self.simulated_seconds = max(self.simulated_seconds, other.simulated_seconds)
