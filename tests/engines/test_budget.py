"""The budget holds whatever the replies' sizes, and stops nothing that fits."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schedules import ScriptedStream

from simcons.engines.base import Message, Reply, Request
from simcons.engines.budget import Budget
from simcons.engines.dispatch import Dispatch
from simcons.engines.scripted import ScriptedEngine
from simcons.engines.usage import Prices, Usage
from simcons.errors import BudgetReached
from simcons.scenario.engines import BudgetSettings, PriceSettings, SamplingSettings

PRICES = Prices({"m": PriceSettings(input=2.0, output=8.0)})


def request(text: str, *, max_tokens: int = 10, seed: int = 0, **asked) -> Request:
    return Request("m", (Message("user", text),), SamplingSettings(max_tokens=max_tokens), seed=seed, **asked)


class Asker:
    wanted = True
    answered = False

    def deliver(self, reply: Reply) -> None:
        self.answered = True


def sized(base: type[ScriptedEngine], share_in: float, share_out: float) -> ScriptedEngine:
    class Sized(base):
        def reply(self, request: Request) -> Reply:
            n_prompt = len(request.messages[0].content.encode()) + 64
            n_in, n_out = {
                "text": (n_prompt, request.sampling.max_tokens),
                "logprobs": (n_prompt, 1),
                "scores": (sum(n_prompt + len(choice.encode()) for choice in request.choices), 0),
            }[request.answer]
            return Reply("", int(share_in * n_in), int(share_out * n_out), "stop")

    return Sized()


SHARE = st.floats(0, 1)
ASKED = st.tuples(st.text(max_size=40), st.integers(1, 300), st.sampled_from(["text", "logprobs", "scores"]))


@given(
    base=st.sampled_from([ScriptedEngine, ScriptedStream]),
    shares=st.tuples(SHARE, SHARE),
    asked=st.lists(ASKED, min_size=1, max_size=20),
    limits=st.tuples(
        st.none() | st.integers(1, 15), st.none() | st.integers(1, 3000), st.none() | st.floats(1e-4, 0.02)
    ),
    spent=st.integers(0, 3),
)
def test_no_limit_is_ever_exceeded(base, shares, asked, limits, spent):
    """Nor does it stop while a call fits that is first of its kind, or with a stream first of all, once all others are paid.
    Prices are sums of floats: to 1e-12.
    """
    settings = BudgetSettings(max_calls=limits[0], max_tokens=limits[1], max_price=limits[2])
    budget = Budget(settings, PRICES, spent=Usage(min(spent, limits[0] or spent)))
    dispatch, seeds = Dispatch({"m": sized(base, *shares)}, budget=budget), count()
    wanted = [
        request(text, max_tokens=n, seed=next(seeds), answer=answer, choices=("a", "é b")) for text, n, answer in asked
    ]
    askers = [Asker() for _ in wanted]
    for one, asker in zip(wanted, askers, strict=True):
        dispatch.ask(one, asker)
    try:
        while sum(dispatch.load()):
            dispatch.wait()
    except BudgetReached:
        left = [one for one, asker in zip(wanted, askers, strict=True) if not asker.answered]
        kinds = {(one.answer, one.sampling): one for one in reversed(left)}
        for refused in left[:1] if base is ScriptedStream else kinds.values():
            assert not Budget(settings, PRICES, spent=budget.spent).reserve(refused)
    assert budget.spent.n_calls <= (limits[0] or 100)
    assert budget.spent.tokens <= (limits[1] or 10**9)
    assert budget.spent.price <= (limits[2] or 10**9) + 1e-12


def test_the_worst_case_is_bytes_of_the_prompt_and_the_token_limit():
    """'é' has two bytes: 2 + 64 + 10 tokens; price (66 x 2 + 10 x 8) / 1e6."""
    for limit, fits in ((76, True), (75, False)):
        assert Budget(BudgetSettings(max_tokens=limit)).reserve(request("é")) is fits
    for price, fits in ((212e-6, True), (211e-6, False)):
        assert Budget(BudgetSettings(max_price=price), PRICES).reserve(request("é")) is fits


def test_choices_that_are_scored_are_read_with_the_prompt_each():
    """'é' has two bytes: (2 + 64 + 1) + (2 + 64 + 3) tokens, and none are written."""
    scored = request("é", answer="scores", choices=("a", "abc"))
    for limit, fits in ((136, True), (135, False)):
        assert Budget(BudgetSettings(max_tokens=limit)).reserve(scored) is fits


def test_what_is_under_way_is_held_back_until_it_is_paid_or_let_go():
    budget = Budget(BudgetSettings(max_tokens=160))
    a, b, c = (request("a", seed=seed) for seed in range(3))
    assert budget.reserve(a)
    assert budget.reserve(b)
    assert not budget.reserve(c)
    budget.release(b)
    assert budget.reserve(c)
    budget.pay(c, Reply("", 1, 0, "stop"))
    assert budget.reserve(b)
    assert budget.spent == Usage(1, tokens_in=1)


def test_the_message_names_the_limit_and_what_was_spent():
    budget = Budget(BudgetSettings(max_price=0.001), PRICES, spent=Usage(7, tokens_in=1234, price=0.00095))
    assert budget.refusal(request("a")) == (
        "budget.max_price 0.001 is reached: 7 calls, 1,234 tokens, price 0.0009 spent,"
        " and the next call (other) may cost up to 75 tokens more"
    )


@pytest.mark.parametrize("settings", [BudgetSettings(), BudgetSettings(max_calls=10**9)])
def test_spending_is_counted_with_and_without_a_limit(settings):
    budget = Budget(settings, PRICES)
    assert budget.reserve(request("a"))
    budget.pay(request("a"), Reply("", 10, 5, "stop"))
    assert budget.spent == Usage(1, tokens_in=10, tokens_out=5, price=pytest.approx(60e-6))
