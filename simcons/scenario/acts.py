"""Facts about acts, by their settings: the engines asked, the prompts filled in, the readers used, the truth seen."""

from __future__ import annotations

from simcons.scenario.parameters import StrictModel


class ActSettings(StrictModel):
    """Settings of something whose acts may ask a language model: a mind, a reader, a generator, a scorer."""

    @property
    def engines(self) -> tuple[str, ...]:
        """Names of the engines that it asks."""
        return ()

    @property
    def prompts(self) -> tuple[str, ...]:
        """Names or paths of the templates that it fills in."""
        return ()

    @property
    def readers(self) -> tuple[str, ...]:
        """Names of the readers that it has texts read by."""
        return ()

    @property
    def wants_scores(self) -> bool:
        """True if it asks its engines for scores, which is what reward models answer, and for nothing else."""
        return False

    @property
    def asks_as_it_likes(self) -> bool:
        """True if it may ask engines for texts and for scores alike."""
        return False

    @property
    def free_words(self) -> bool:
        """True if it writes texts that are not composed from the bank."""
        return bool(self.engines)

    @property
    def upper_bound(self) -> bool:
        """True if it sees the truth, so that its results bound what any mediator could reach."""
        return False
