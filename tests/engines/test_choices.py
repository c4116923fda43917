"""Log-probabilities of choices on tiny models with random weights, against transformers, against theory, against itself."""

from __future__ import annotations

import dataclasses
import math
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from test_transformers_engine import CONTEXT, asks, bare, byte_tokenizer, save_tiny
from transformers import AutoModelForCausalLM, BloomConfig, BloomForCausalLM, MistralConfig, MistralForCausalLM

from simcons.engines.base import Message, Reply, Request
from simcons.engines.local.choices import ways
from simcons.engines.local.prefill import packs, shared
from simcons.engines.local.transformers_engine import TransformersEngine
from simcons.errors import EngineError
from simcons.scenario.engines import SamplingSettings, TransformersEngineSettings

SCALE = tuple("1234567")
WORDS = ("agree", "agree strongly", "disagree", "ag")
CLOSE = 2e-5  # float32, logits of some tens


def engine(folder: Path, **options) -> TransformersEngine:
    options = {"model": str(folder), "dtype": "float32", "device": "cpu"} | options
    return TransformersEngine("tiny", TransformersEngineSettings(kind="transformers", **options))


def scored(request: Request, *choices: str, answer: str = "logprobs") -> Request:
    return dataclasses.replace(request, answer=answer, choices=choices or SCALE)


def ratings() -> list[Request]:
    """Five beginnings of several lengths, eight endings each, and a prompt that another begins with."""
    begun = [f"{'the rich pay ' * n}person {n}: " for n in range(5)]
    prompts = [start + f"{end} statement {end * end}"[: 4 * end + 3] for start in begun for end in range(8)]
    requests = [scored(asks(prompt, seed), *(WORDS if seed % 3 else SCALE)) for seed, prompt in enumerate(prompts)]
    return [*requests, scored(bare("the rich")), scored(bare("the rich pay"))]


def table(replies: Sequence[Reply]) -> np.ndarray:
    return np.concatenate([reply.logprobs for reply in replies])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"))


# --- against transformers ----------------------------------------------------------------------------------------


def assert_teacher_forced(folder: Path, requests: Sequence[Request], replies: Sequence[Reply]) -> None:
    """Each choice, with and without a space, run through the model by itself behind the prompt, gives the same."""
    tokenizer, model = byte_tokenizer(), AutoModelForCausalLM.from_pretrained(folder)

    def log_probability(prompt: list[int], text: str) -> float:
        ids = tokenizer(text)["input_ids"]
        with torch.inference_mode():
            logits = model(torch.tensor([prompt + ids])).logits[0, -len(ids) - 1 : -1, : len(tokenizer)]
        return float(logits.log_softmax(-1)[range(len(ids)), ids].sum())

    for request, reply in zip(requests, replies, strict=True):
        chat = [{"role": message.role, "content": message.content} for message in request.messages]
        prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
        expected = [
            np.logaddexp(log_probability(prompt, choice), log_probability(prompt, f" {choice}"))
            for choice in request.choices
        ]
        np.testing.assert_allclose(reply.logprobs, expected, atol=CLOSE)


@pytest.mark.parametrize("share_prefixes", [True, False])
def test_log_probabilities_equal_those_of_each_choice_run_by_itself(tiny: Path, share_prefixes: bool) -> None:
    requests = ratings()[4:14]
    replies = engine(tiny, share_prefixes=share_prefixes).complete(requests)
    assert_teacher_forced(tiny, requests, replies)
    assert {(reply.text, reply.finish, reply.tokens_out) for reply in replies} == {("", "choices", 0)}


@pytest.mark.parametrize(
    ("config_class", "model_class", "options"),
    [(MistralConfig, MistralForCausalLM, {"sliding_window": 16}), (BloomConfig, BloomForCausalLM, {})],
)
def test_models_that_do_not_take_packs_are_read_another_way(
    tmp_path: Path, config_class: type, model_class: type, options: dict
) -> None:
    """A sliding window counts slots, not tokens; ALiBi makes its bias from a mask of another form."""
    odd = engine(save_tiny(tmp_path, config_class, model_class, **options))
    requests = ratings()[4:14]
    assert_teacher_forced(tmp_path, requests, odd.complete(requests))
    assert not odd._model.shares_prefixes


# --- against itself ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [1, 3, 64])
@pytest.mark.parametrize("share_prefixes", [True, False])
def test_batch_order_and_batch_size_do_not_matter(tiny: Path, batch_size: int, share_prefixes: bool) -> None:
    requests = ratings()
    expected = engine(tiny, batch_size=7).complete(requests)
    shuffled = np.random.default_rng(0).permutation(len(requests))
    other = engine(tiny, batch_size=batch_size, share_prefixes=share_prefixes)
    replies = other.complete([requests[place] for place in shuffled])
    np.testing.assert_allclose(table(replies), table([expected[place] for place in shuffled]), atol=CLOSE)
    assert table(expected).std() > 0.5  # the comparison is not of a constant


def test_no_sampling_setting_and_no_seed_touches_log_probabilities(tiny: Path) -> None:
    first, second = engine(tiny).complete([scored(asks("x", 1)), scored(asks("x", 2, temperature=0.0, min_p=0.5))])
    assert first == second


TEXTS = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=9).map(tuple), min_size=1, max_size=25)


@given(TEXTS, st.integers(1, 12))
def test_packs_hold_every_prompt_and_read_no_token_of_a_beginning_twice(
    texts: list[tuple[int, ...]], limit: int
) -> None:
    prompts, cache, found, n_read = sorted(set(texts)), [], [], 0
    for pack in packs(prompts, limit):
        cache = [cache[slot] for slot in pack.carried] + list(zip(pack.ids, pack.positions, strict=True))
        for path in pack.paths:
            assert [cache[slot][1] for slot in path] == list(range(len(path)))
            found.append(tuple(cache[slot][0] for slot in path))
        assert len(pack.ids) <= limit or len(pack.paths) == 1
        n_read += len(pack.ids)
    assert found == prompts
    beginnings = {prompt[:n] for prompt in prompts for n in range(1, len(prompt) + 1)}
    assert n_read == len(beginnings)
    assert math.isclose(shared(prompts), n_read / sum(map(len, prompts)))


# --- what is scored ----------------------------------------------------------------------------------------------


def test_a_choice_is_scored_with_and_without_a_space_before_it() -> None:
    tokenizer = byte_tokenizer()
    found = {tokenizer.decode(list(way)) for way in ways(tokenizer, "agree")}
    assert found == {"agree", " agree"}


@pytest.mark.parametrize(
    ("choices", "message"),
    [((), "has none, expected at least 1"), (("1", ""), "choice '' has no tokens")],
)
@pytest.mark.parametrize("answer", ["logprobs", "choice"])
def test_nothing_to_choose_is_an_error_before_anything_is_answered(
    tiny: Path, answer: str, choices: tuple[str, ...], message: str
) -> None:
    stopped = engine(tiny)
    given: list[int] = []
    with pytest.raises(EngineError, match=message):
        stopped.complete(
            [asks("x"), dataclasses.replace(asks("x"), answer=answer, choices=choices)],
            lambda place, reply: given.append(place),
        )
    assert not given


def test_a_choice_must_fit_the_context_but_max_tokens_need_not(tiny: Path) -> None:
    request = bare("x" * (CONTEXT - 2), max_tokens=100)  # room for a space and a digit
    (reply,) = engine(tiny).complete([scored(request)])
    assert reply.tokens_in == CONTEXT - 2
    fine, unanswered = engine(tiny).complete([scored(asks("fine")), scored(request, "1", "12")])
    assert (fine.finish, unanswered.finish) == ("choices", "too_long")
    assert f"prompt of {CONTEXT - 2} tokens and max_tokens 3 do not fit" in unanswered.seen


# --- choosing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("temperature", "min_p"), [(1.0, 0.0), (0.5, 0.0), (3.0, 0.2)])
def test_choices_are_drawn_by_their_probabilities(tiny: Path, temperature: float, min_p: float) -> None:
    """Chi-square at p < 1e-5 in each of three cases: false alarm for 3 in 100,000 choices of the seeds."""
    sampling = {"temperature": temperature, "min_p": min_p}
    requests = [scored(asks("x", seed, **sampling), answer="choice") for seed in range(2000)]
    (known,) = engine(tiny).complete([scored(asks("x"))])
    shares = special.softmax(np.array(known.logprobs) / temperature)
    shares = np.where(shares >= min_p * shares.max(), shares, 0)
    found = Counter(reply.text for reply in engine(tiny, batch_size=500).complete(requests))
    counts, expected = np.array([found[choice] for choice in SCALE]), 2000 * shares / shares.sum()
    pooled = expected >= 5  # the rest together
    assert counts.sum() == 2000
    pairs = [(*side[pooled], side[~pooled].sum()) for side in (counts, expected)]
    kept = [place for place, mean in enumerate(pairs[1]) if mean > 0]
    assert len(kept) > 2
    assert stats.chisquare(*([side[place] for place in kept] for side in pairs)).pvalue > 1e-5


def test_a_choice_depends_on_its_own_request_only(tiny: Path) -> None:
    requests = [dataclasses.replace(request, answer="choice") for request in ratings()]
    one = engine(tiny)
    alone = [one.complete([request])[0] for request in requests[::5]]
    assert one.complete(requests)[::5] == alone
    assert {(reply.finish, reply.logprobs) for reply in alone} == {("stop", ())}


def test_temperature_zero_is_the_likeliest_choice(tiny: Path) -> None:
    known, chosen = engine(tiny).complete(
        [scored(asks("x"), *WORDS), scored(asks("x", temperature=0.0), *WORDS, answer="choice")]
    )
    assert chosen.text == WORDS[int(np.argmax(known.logprobs))]
    assert chosen.tokens_out == len(chosen.text)  # a token a byte


def test_texts_and_choices_may_come_together(tiny: Path) -> None:
    text, choice, logprobs = asks("x", 3), scored(asks("x", 3), answer="choice"), scored(asks("x", 3))
    one = engine(tiny)
    mixed = one.complete([text, choice, logprobs, text])
    assert mixed == [one.complete([request])[0] for request in (text, choice, logprobs, text)]


def test_replies_are_given_out_batch_by_batch(tiny: Path) -> None:
    given: list[tuple[int, Reply]] = []
    counting = engine(tiny, batch_size=16)
    started = time.perf_counter()
    replies = counting.complete(ratings(), lambda place, reply: given.append((place, reply)))
    elapsed = time.perf_counter() - started
    assert sorted(place for place, _ in given) == list(range(42))
    assert all(replies[place] is reply for place, reply in given)
    steps = [after.seconds == before.seconds for (_, before), (_, after) in pairwise(given)]
    assert steps.count(False) == 2  # three batches: the seconds of a batch are shared out equally
    assert 0 < sum(reply.seconds for reply in replies) <= elapsed


# --- real models -------------------------------------------------------------------------------------------------


@pytest.mark.model
def test_smollm2_knows_the_capital_of_france() -> None:
    message = Message("user", "What is the capital of France? Answer with the name alone.")
    request = Request("m", (message,), SamplingSettings(), 0, answer="logprobs", choices=("London", "Paris", "Rome"))
    (reply,) = TransformersEngine("m", TransformersEngineSettings(kind="transformers", device="cpu")).complete(
        [request]
    )
    assert reply.logprobs[1] > max(reply.logprobs[0], reply.logprobs[2]) + 1


@pytest.mark.gpu
def test_bfloat16_on_the_gpu_equals_the_cpu() -> None:
    """Within what 8 bits leave of logits of some tens."""
    requests = [scored(asks(f"How old is person {n} of {n * n}? From 1 to 7.")) for n in range(40)]
    on = {
        device: table(
            TransformersEngine("m", TransformersEngineSettings(kind="transformers", device=device)).complete(requests)
        )
        for device in ("cpu", "cuda")
    }
    np.testing.assert_allclose(on["cuda"], on["cpu"], atol=0.4)
    assert np.abs(on["cuda"] - on["cpu"]).mean() < 0.1
