"""The ledger of model calls: what calls took, added up by act and engine, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from simcons.engines.base import Reply
from simcons.scenario.engines import PriceSettings

_FREE = PriceSettings()


@dataclass(frozen=True, slots=True)
class Usage:
    """The cost of some calls in tokens, time and money. ``n_hits`` counts replies that came out of the
    store; all else counts calls that were made.

    seconds: of the engine's time. price: in the currency of the scenario's prices. n_length: replies that ran out of tokens.
    n_unanswered: requests that have no answer (filtered, too long or refused).
    """

    n_calls: int = 0
    n_hits: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    price: float = 0.0
    n_length: int = 0
    n_unanswered: int = 0

    @property
    def tokens(self) -> int:
        """Tokens of prompts and replies together."""
        return self.tokens_in + self.tokens_out

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.n_calls + other.n_calls,
            self.n_hits + other.n_hits,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.seconds + other.seconds,
            self.price + other.price,
            self.n_length + other.n_length,
            self.n_unanswered + other.n_unanswered,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            self.n_calls - other.n_calls,
            self.n_hits - other.n_hits,
            self.tokens_in - other.tokens_in,
            self.tokens_out - other.tokens_out,
            self.seconds - other.seconds,
            self.price - other.price,
            self.n_length - other.n_length,
            self.n_unanswered - other.n_unanswered,
        )


NOTHING = Usage()


def usage_of(reply: Reply, *, price: float = 0.0) -> Usage:
    """The usage of the one call that ``reply`` answers."""
    return Usage(
        n_calls=1,
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        seconds=reply.seconds,
        price=price,
        n_length=int(reply.finish == "length"),
        n_unanswered=int(not reply.answered),
    )


@dataclass(frozen=True, slots=True)
class Account:
    """The usage of one engine by one act."""

    act: str
    engine: str
    usage: Usage

    def row(self) -> dict[str, Any]:
        """Act, engine and the counts side by side, as tables and manifests have them."""
        return {"act": self.act, "engine": self.engine, **asdict(self.usage)}


class Prices:
    """The prices of calls, by engine; those without a price are free."""

    def __init__(self, prices: Mapping[str, PriceSettings] | None = None) -> None:
        self._prices = dict(prices or {})

    def update(self, prices: Mapping[str, PriceSettings]) -> None:
        """Take these prices from now on."""
        self._prices.update(prices)

    def of(self, engine: str, tokens_in: int, tokens_out: int) -> float:
        """The price of so many tokens read and written."""
        return self._prices.get(engine, _FREE).of(tokens_in, tokens_out)

    def usage(self, engine: str, reply: Reply) -> Usage:
        """The usage of a call of ``engine`` that ``reply`` answers, with its price."""
        return usage_of(reply, price=self.of(engine, reply.tokens_in, reply.tokens_out))
