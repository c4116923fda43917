"""What a run may still spend: a call is admitted only if even its worst case stays within the budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simcons.engines.base import Reply, Request
from simcons.scenario.engines import BudgetSettings, PriceSettings

_TEMPLATE_TOKENS = 64  # that a chat template may add: role marks, a default system message


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls, tokens of prompts and replies together, and their price."""

    calls: int = 0
    tokens: int = 0
    price: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.calls + other.calls, self.tokens + other.tokens, self.price + other.price)

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.calls - other.calls, self.tokens - other.tokens, self.price - other.price)


class Purse:
    """Keeps a run within its budget. ``spent`` counts calls that were answered; calls under way hold back their worst case.

    No engine is asked beyond the budget: the worst case of a call is its reply's token limit and, as no token is shorter than
    a byte, the bytes of its prompt.
    """

    def __init__(self, budget: BudgetSettings, prices: Mapping[str, PriceSettings], *, spent: Cost = Cost()) -> None:
        self.budget = budget
        self.spent = spent
        self._prices = prices
        self._held = Cost()
        self._limited = any(limit is not None for limit in budget.model_dump().values())

    def reserve(self, request: Request) -> bool:
        """Hold back what ``request`` may cost, if that is still there."""
        if not self._limited:
            return True
        worst = self._worst(request)
        if self._beyond(self.spent + self._held + worst):
            return False
        self._held += worst
        return True

    def pay(self, request: Request, reply: Reply) -> None:
        """Count a call that was answered."""
        self.spent += self._cost(request.engine, reply.tokens_in, reply.tokens_out)
        self.release(request)

    def release(self, request: Request) -> None:
        """Let go of what was held back for a call that is over, or will not be made."""
        if self._limited:
            self._held -= self._worst(request)

    def reached(self, request: Request) -> str:
        """What keeps ``request`` from being asked, in words."""
        wanted = self._beyond(self.spent + self._worst(request)) or "budget"
        return (
            f"{wanted} is reached: {self.spent.calls:,} calls, {self.spent.tokens:,} tokens"
            + (f", price {self.spent.price:.4f}" if self.spent.price else "")
            + f" spent, and the next call ({request.act}) may cost up to {self._worst(request).tokens:,} tokens more"
        )

    def _beyond(self, cost: Cost) -> str | None:
        """The first limit that ``cost`` would go beyond."""
        limits = (
            ("max_calls", self.budget.max_calls, cost.calls),
            ("max_tokens", self.budget.max_tokens, cost.tokens),
            ("max_price", self.budget.max_price, cost.price),
        )
        return next(
            (f"budget.{name} {limit}" for name, limit, value in limits if limit is not None and value > limit), None
        )

    def _worst(self, request: Request) -> Cost:
        n_out = 1 if request.answer == "logprobs" else request.sampling.max_tokens
        return self._cost(request.engine, request.n_bytes + _TEMPLATE_TOKENS, n_out)

    def _cost(self, engine: str, tokens_in: int, tokens_out: int) -> Cost:
        price = self._prices.get(engine, PriceSettings())
        return Cost(1, tokens_in + tokens_out, price.of(tokens_in, tokens_out))
