"""Readers and scorers as a scenario names them: what texts say, and how much their authors would agree with a statement.

A scenario has one reader and two scorers without saying so; a block `readers` or `scorers` adds to them or overrides them.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from simcons.scenario.acts import ActSettings
from simcons.scenario.names import Name

UNSCORED = "none"  # an arm's scorer where it has none


class ClaimReaderSettings(ActSettings):
    """Finds the claims of a question in a text: by their wordings, and where a text has words of its own by their likeness."""

    kind: Literal["claims"] = "claims"
    matching: Literal["auto", "words", "both"] = Field(
        "auto", description="words; both: words and sentence embeddings; auto: both where a language model writes"
    )

    def embeds(self, *, model_writes: bool) -> bool:
        """True if it compares sentence embeddings too. model_writes: a language model writes some of the texts."""
        return self.matching == "both" or (self.matching == "auto" and model_writes)


ReaderSettings: TypeAlias = ClaimReaderSettings


class ReaderScorerSettings(ActSettings):
    """Predicts agreement from the text of each opinion and candidate, by the claims that a reader finds in both."""

    kind: Literal["reader"] = "reader"
    reader: Name = Field("reader", description="one of `readers`")

    @property
    def readers(self) -> tuple[str, ...]:
        return (self.reader,)


class OracleScorerSettings(ActSettings):
    """True appraisals. No deployable mediator has them: an upper bound, marked as one everywhere."""

    kind: Literal["oracle"]

    @property
    def upper_bound(self) -> bool:
        return True


ScorerSettings: TypeAlias = Annotated[ReaderScorerSettings | OracleScorerSettings, Field(discriminator="kind")]

DEFAULT_READERS: dict[str, ReaderSettings] = {"reader": ClaimReaderSettings()}
DEFAULT_SCORERS: dict[str, ReaderScorerSettings | OracleScorerSettings] = {
    "reader": ReaderScorerSettings(),
    "oracle": OracleScorerSettings(kind="oracle"),
}
