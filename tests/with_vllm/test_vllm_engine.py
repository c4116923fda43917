"""The offline engine on SmolLM2 in float32: against the transformers engine, against theory, and against itself."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from smollm import BARE, CHAT, CONTEXT, NATS, PROMPTS, REASON, SCALE, WITHOUT_VLLM, scores, settings, writes

from simcons.engines.base import Message, Reply, Request, StreamEngine
from simcons.engines.local.transformers_engine import TransformersEngine
from simcons.engines.local.vllm_engine import VllmEngine, takes_seeds
from simcons.errors import ContextTooLong, EngineError, ModelNotFound
from simcons.scenario.engines import SamplingSettings, TransformersEngineSettings

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.skipif(WITHOUT_VLLM, reason=REASON),
]

WORDS = ("agree", "disagree", "strongly agree", "1", "10", "neither agree nor disagree")


def mixed() -> list[Request]:
    """Texts, greedy and seeded, log-probabilities and choices; together longer than vLLM reads in one step."""
    seeded = [writes(messages, seed, max_tokens=6 + 2 * seed) for messages in PROMPTS for seed in range(4)]
    greedy = [writes(messages, temperature=0.0, max_tokens=12) for messages in PROMPTS]
    long = [writes((Message("user", f"{n} " + "buses and trains " * 100),), n, max_tokens=6) for n in range(8)]
    chosen = [dataclasses.replace(scores(CHAT), answer="choice", seed=seed) for seed in range(4)]
    return [*seeded, *greedy, *long, *chosen, *map(scores, PROMPTS)]


@pytest.fixture(scope="module")
def reference() -> TransformersEngine:
    return TransformersEngine("m", TransformersEngineSettings(kind="transformers", dtype="float32", device="cpu"))


# --- against the transformers engine -----------------------------------------------------------------------------


@pytest.mark.parametrize("choices", [SCALE, WORDS])
def test_log_probabilities_of_choices_agree(
    offline: VllmEngine, reference: TransformersEngine, choices: tuple[str, ...]
) -> None:
    requests = [scores(messages, choices) for messages in PROMPTS]
    expected, found = reference.complete(requests), offline.complete(requests)
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.logprobs == pytest.approx(theirs.logprobs, abs=NATS)
        assert mine.tokens_in == theirs.tokens_in
        assert (mine.finish, mine.text, mine.tokens_out) == ("choices", "", 0)


def test_greedy_texts_agree(offline: VllmEngine, reference: TransformersEngine) -> None:
    requests = [writes(messages, temperature=0.0) for messages in PROMPTS]
    assert offline.complete(requests) == reference.complete(requests)


def test_choices_are_drawn_alike(offline: VllmEngine, reference: TransformersEngine) -> None:
    """The uniforms are the same; a draw would differ if one fell within 1e-3 of a border: 1 in 10 runs of new seeds."""
    flat = SamplingSettings(temperature=3.0, min_p=0.0)
    requests = [Request("m", CHAT, flat, seed, answer="choice", choices=SCALE) for seed in range(20)]
    expected = reference.complete(requests)
    assert offline.complete(requests) == expected
    assert len({reply.text for reply in expected}) > 2


def test_an_adapter_changes_replies_as_in_peft(offline: VllmEngine, adapted: VllmEngine, adapter: Path) -> None:
    requests = [scores(messages) for messages in PROMPTS]
    given = TransformersEngineSettings(kind="transformers", dtype="float32", device="cpu", adapter=str(adapter))
    expected = TransformersEngine("m", given).complete(requests)
    for mine, theirs, without in zip(adapted.complete(requests), expected, offline.complete(requests), strict=True):
        assert mine.logprobs == pytest.approx(theirs.logprobs, abs=NATS)
        assert max(abs(np.subtract(mine.logprobs, without.logprobs))) > 100 * NATS
    assert adapted.identity["adapter"] == TransformersEngine("m", given).identity["adapter"]
    assert offline.identity == adapted.identity | {"adapter": None}


# --- against theory ----------------------------------------------------------------------------------------------


def test_first_tokens_of_seeded_requests_follow_the_model(offline: VllmEngine) -> None:
    """800 seeds. Chi-square at p < 1e-5: false alarm 1 in 100,000."""
    prompt = (Message("text", "At the market she bought a basket of"),)
    requests = [writes(prompt, seed, temperature=1.0, min_p=0.0, max_tokens=1) for seed in range(800)]
    found = Counter(reply.text for reply in offline.complete(requests))
    common = [text for text, count in found.most_common(12) if count >= 12 and text.strip().isalpha()]
    # scores add what begins without a space, which hardly occurs after a word
    (reply,) = offline.complete([scores(prompt, tuple(text.strip() for text in common))])
    shares = np.exp(reply.logprobs)
    counts = [found[text] for text in common]
    assert len(common) >= 3
    assert stats.chisquare([*counts, 800 - sum(counts)], [*800 * shares, 800 * (1 - shares.sum())]).pvalue > 1e-5


# --- against itself ----------------------------------------------------------------------------------------------


def streamed(engine: StreamEngine, requests: list[Request], order: list[int], at_once: int) -> list[Reply]:
    """Replies of an engine that is given ``at_once`` requests before each of its steps."""
    replies: dict[int, Reply] = {}
    waiting = list(order)
    while len(replies) < len(requests):
        for key in waiting[:at_once]:
            engine.add(key, requests[key])
        del waiting[:at_once]
        replies |= dict(engine.step())
    assert engine.step() == []
    return [replies[key] for key in range(len(requests))]


@pytest.mark.parametrize("at_once", [3, 100])
def test_order_and_company_do_not_matter(offline: VllmEngine, at_once: int) -> None:
    """Up to the last bits of arithmetic: those may decide a text where two tokens are as likely, at most one of 32."""
    requests = mixed()
    expected = offline.complete(requests)
    order = np.random.default_rng(at_once).permutation(len(requests)).tolist()
    replies = streamed(offline, requests, order, at_once)
    assert sum(mine.text != theirs.text for mine, theirs in zip(replies, expected, strict=True)) <= 1
    for mine, theirs in zip(replies, expected, strict=True):
        assert mine.logprobs == pytest.approx(theirs.logprobs, abs=NATS)
    assert len({reply.text for reply in expected}) > 20  # the comparison is not of a constant


def test_the_same_seed_gives_the_same_reply_and_another_seed_another(offline: VllmEngine) -> None:
    replies = offline.complete([writes(CHAT, seed // 2, temperature=1.0, max_tokens=12) for seed in range(24)])
    assert [reply.text for reply in replies[::2]] == [reply.text for reply in replies[1::2]]
    assert len({reply.text for reply in replies}) > 6
    assert offline.notes == []


def test_a_batch_that_fails_leaves_nothing_under_way(offline: VllmEngine) -> None:
    def on_reply(place: int, reply: Reply) -> None:
        raise EngineError("enough")

    offline.add(7, writes(CHAT, 7, max_tokens=8))
    with pytest.raises(EngineError, match="enough"):
        offline.complete([writes(CHAT, seed, max_tokens=2 + 4 * seed) for seed in range(5)], on_reply)
    assert [key for key, _ in offline.step()] == [7]
    assert not offline._vllm.has_unfinished_requests()


def test_replies_are_handed_out_as_they_come(offline: VllmEngine) -> None:
    places: list[int] = []
    lengths = [16, 2, 8]
    requests = [writes(BARE, seed, max_tokens=length) for seed, length in enumerate(lengths)]
    replies = offline.complete(requests, lambda place, _: places.append(place))
    assert places[0] == 1
    assert sorted(places) == [0, 1, 2]
    for reply, length in zip(replies, lengths, strict=True):
        assert (reply.finish == "length") == (reply.tokens_out == length)
        assert reply.seconds > 0


# --- what cannot be asked ----------------------------------------------------------------------------------------


def test_a_prompt_too_long_has_no_answer_and_the_others_have_theirs(offline: VllmEngine) -> None:
    long = writes((Message("text", "bus " * CONTEXT),), max_tokens=30)
    written, unanswered = offline.complete([writes(CHAT), long])
    assert written.answered
    assert (unanswered.finish, unanswered.text, unanswered.tokens_in) == ("too_long", "", 0)
    assert f"max_tokens 30 do not fit the model's context of {CONTEXT} tokens" in unanswered.seen
    with pytest.raises(ContextTooLong):
        offline.complete([writes(CHAT, max_tokens=CONTEXT)])
    assert not offline._vllm.has_unfinished_requests()


def test_a_prompt_that_just_fits(offline: VllmEngine) -> None:
    (probe,) = offline.complete([scores((Message("text", "bus " * 500),))])
    n_most = CONTEXT - probe.tokens_in
    (reply,) = offline.complete([writes((Message("text", "bus " * 500),), max_tokens=min(n_most, 5))])
    assert reply.tokens_in == probe.tokens_in
    offline.add(0, writes((Message("text", "bus " * 500),), max_tokens=n_most + 1))
    assert [(key, reply.finish) for key, reply in offline.step()] == [(0, "too_long")]


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ((), "no messages"),
        ((Message("text", "a"), Message("user", "b")), "stands alone"),
        ((Message("text", ""),), "no tokens"),
    ],
)
def test_prompts_that_say_nothing(offline: VllmEngine, messages: tuple[Message, ...], message: str) -> None:
    with pytest.raises(EngineError, match=message):
        offline.complete([writes(messages)])


def test_adapters_and_models_that_cannot_be_used_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"adapter .* expected a folder with adapter_config"):
        VllmEngine("m", settings(adapter=str(tmp_path)))
    with pytest.raises(ModelNotFound, match="no model"):
        VllmEngine("m", settings(model=str(tmp_path / "none")))


def test_seeds_are_a_matter_of_the_platform() -> None:
    def platform(*, cuda: bool, cpu: bool) -> SimpleNamespace:
        return SimpleNamespace(is_cuda_alike=lambda: cuda, is_cpu=lambda: cpu)

    assert takes_seeds(platform(cuda=True, cpu=False))
    assert takes_seeds(platform(cuda=False, cpu=True))
    assert not takes_seeds(platform(cuda=False, cpu=False))
