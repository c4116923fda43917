"""The engine for servers, driving a real one: ``vllm serve`` with SmolLM2 in float32 on loopback."""

from __future__ import annotations

import math

import pytest
from smollm import BARE, CHAT, PREFILLED, REASON, SERVED, SERVER_CONTEXT, WITHOUT_VLLM, scores, writes

from simcons.engines.base import Message, Request
from simcons.engines.local.vllm_engine import VllmEngine
from simcons.engines.openai.engine import OpenAIEngine
from simcons.errors import EngineError
from simcons.scenario.engines import OpenAIEngineSettings, SamplingSettings

# of one token each, and none with a likely token as its beginning ("I" for "It"): a server's list cannot tell those apart
BEGINNINGS = ("The", "Yes", "No", "1", "5", "My", "You", "We", "Here", "Sure", "Based", "Buses")

pytestmark = [pytest.mark.vllm, pytest.mark.skipif(WITHOUT_VLLM, reason=REASON)]


def settings(server: str, **given) -> OpenAIEngineSettings:
    return OpenAIEngineSettings(**{"kind": "openai", "dialect": "vllm", "base_url": server, "model": SERVED} | given)


@pytest.fixture(scope="module")
def served(server: str) -> OpenAIEngine:
    engine = OpenAIEngine("m", settings(server))
    engine.check()
    return engine


def test_greedy_texts_are_those_of_the_offline_engine(served: OpenAIEngine, offline: VllmEngine) -> None:
    requests = [writes(messages, temperature=0.0) for messages in (CHAT, PREFILLED)]
    expected, found = offline.complete(requests), served.complete(requests)
    assert [reply.text for reply in found] == [reply.text for reply in expected]
    assert [reply.finish for reply in found] == [reply.finish for reply in expected]
    assert [reply.tokens_in for reply in found] == [reply.tokens_in for reply in expected]


def test_the_beginning_of_a_reply_is_continued_and_not_repeated(served: OpenAIEngine) -> None:
    messages = (Message("user", "Count from one to five."), Message("assistant", "One, two, three,"))
    (reply,) = served.complete([writes(messages, temperature=0.0)])
    assert reply.text.lstrip().lower().startswith("four")


def test_bare_prompts_go_to_a_server_of_completions(server: str, offline: VllmEngine) -> None:
    bare = OpenAIEngine("m", settings(server, api="completions"))
    requests = [writes(BARE, temperature=0.0)]
    assert [reply.text for reply in bare.complete(requests)] == [reply.text for reply in offline.complete(requests)]


def test_log_probabilities_are_those_of_the_offline_engine(served: OpenAIEngine, offline: VllmEngine) -> None:
    """The server shows its twenty likeliest tokens: what it shows agrees, what it hides is less likely than those."""
    request = scores(CHAT, BEGINNINGS)
    (mine,), (theirs,) = served.complete([request]), offline.complete([request])
    shown = [place for place, logprob in enumerate(mine.logprobs) if math.isfinite(logprob)]
    hidden = [place for place in range(len(BEGINNINGS)) if place not in shown]
    assert len(shown) >= 3
    assert [mine.logprobs[k] for k in shown] == pytest.approx([theirs.logprobs[k] for k in shown], abs=0.05)
    assert max(theirs.logprobs[k] for k in hidden) < min(mine.logprobs[k] for k in shown) + 0.05


def test_choices_are_among_those_given(served: OpenAIEngine) -> None:
    requests = [
        Request(
            "m",
            CHAT,
            SamplingSettings(temperature=1.5),
            seed,
            answer="choice",
            choices=("agree", "disagree", "neither"),
        )
        for seed in range(8)
    ]
    assert {reply.text for reply in served.complete(requests)} <= {"agree", "disagree", "neither"}


def test_seeds_repeat_and_replies_come_by_key(served: OpenAIEngine) -> None:
    requests = {key: writes(CHAT, seed=key % 4, temperature=1.0, max_tokens=4 + 2 * (key % 4)) for key in range(12)}
    for key, request in requests.items():
        served.add(key, request)
    replies = {}
    while len(replies) < len(requests):
        replies |= dict(served.step())
    assert all(replies[key].text == replies[key % 4].text for key in requests)
    assert len({reply.text for reply in replies.values()}) > 2


def test_an_unknown_model_is_named_beside_the_known(server: str) -> None:
    other = OpenAIEngine("m", settings(server, model="no-such-model"))
    with pytest.raises(EngineError, match=f"no-such-model.*{SERVED}"):
        other.complete([writes(CHAT)])


def test_a_prompt_too_long_has_no_answer(served: OpenAIEngine) -> None:
    [reply] = served.complete([writes((Message("user", "bus " * SERVER_CONTEXT),))])
    assert (reply.finish, reply.text) == ("too_long", "")
    assert f"context of {SERVER_CONTEXT} tokens" in reply.seen


def test_a_server_that_has_gone_is_named(server: str) -> None:
    gone = OpenAIEngine("m", settings(server, base_url="http://127.0.0.1:9/v1", retries=0))
    with pytest.raises(EngineError, match=r"127\.0\.0\.1:9"):
        gone.complete([writes(CHAT)])
