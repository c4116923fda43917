"""A run's budget: a call is admitted only if even its worst case stays within what is left."""

from __future__ import annotations

from simcons.engines.base import Reply, Request, n_bytes
from simcons.engines.usage import NOTHING, Prices, Usage
from simcons.scenario.engines import BudgetSettings

_TEMPLATE_TOKENS = 64  # that a chat template may add: role marks, a default system message


class Budget:
    """Keeps a run within its limits. ``spent`` counts calls that were answered; calls under way hold back their worst case. Calls
    of pipelines are free: what they ask is counted as they ask it.

    No engine is asked beyond the budget: the worst case of a call is its reply's token limit and, as no token is shorter than
    a byte, the bytes of its prompt; where choices are scored, of the prompt with each of them.
    """

    def __init__(self, limits: BudgetSettings, prices: Prices | None = None, *, spent: Usage = NOTHING) -> None:
        self.limits = limits
        self.spent = spent
        self._prices = prices or Prices()
        self._held = NOTHING  # the worst case of calls under way
        self._limited = any(limit is not None for limit in limits.model_dump().values())

    def reserve(self, request: Request) -> bool:
        """Hold back what ``request`` may cost, if that is still there."""
        if not self._limited or request.answer == "pipeline":
            return True
        worst = self._worst(request)
        if self._exceeded(self.spent + self._held + worst):
            return False
        self._held += worst
        return True

    def pay(self, request: Request, reply: Reply) -> None:
        """Count a call that was answered."""
        if request.answer != "pipeline":
            self.spent += self._prices.usage(request.engine, reply)
        self.release(request)

    def release(self, request: Request) -> None:
        """Let go of what was held back for a call that is over, or will not be made."""
        if self._limited and request.answer != "pipeline":
            self._held -= self._worst(request)

    def refusal(self, request: Request) -> str:
        """The reason why ``request`` may not be asked, in words."""
        worst = self._worst(request)
        limit = self._exceeded(self.spent + worst) or "budget"
        return (
            f"{limit} is reached: {self.spent.n_calls:,} calls, {self.spent.tokens:,} tokens"
            + (f", price {self.spent.price:.4f}" if self.spent.price else "")
            + f" spent, and the next call ({request.act}) may cost up to {worst.tokens:,} tokens more"
        )

    def _exceeded(self, usage: Usage) -> str | None:
        """The first limit that ``usage`` goes beyond."""
        limits = (
            ("max_calls", self.limits.max_calls, usage.n_calls),
            ("max_tokens", self.limits.max_tokens, usage.tokens),
            ("max_price", self.limits.max_price, usage.price),
        )
        return next(
            (f"budget.{name} {limit}" for name, limit, value in limits if limit is not None and value > limit), None
        )

    def _worst(self, request: Request) -> Usage:
        n_in, n_out = request.n_bytes + _TEMPLATE_TOKENS, request.sampling.max_tokens
        if request.answer == "logprobs":
            n_out = 1
        elif request.answer == "scores":
            n_in, n_out = sum(n_in + n_bytes(choice) for choice in request.choices), 0
        price = self._prices.of(request.engine, n_in, n_out)
        return Usage(n_calls=1, tokens_in=n_in, tokens_out=n_out, price=price)
