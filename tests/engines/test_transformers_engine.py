"""The decoding loop on a tiny Llama with random weights, against theory, against transformers, and against itself."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from peft import LoraConfig, PeftModel, get_peft_model
from scipy import stats
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, PreTrainedTokenizerFast

from simcons.engines.base import Message, Reply, Request
from simcons.engines.local.chat import prompt_tokens
from simcons.engines.local.decoding import sample_tokens
from simcons.engines.local.language_model import LanguageModel
from simcons.engines.local.models import model_hash
from simcons.engines.local.prefill import KEPT_BEGINNINGS
from simcons.engines.local.transformers_engine import TransformersEngine
from simcons.errors import ContextTooLong, EngineError, ModelNotFound
from simcons.scenario.engines import SamplingSettings, TransformersEngineSettings

CONTEXT = 128
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
WORDS = st.lists(st.sampled_from(["tax", "the rich", "fair", "work", "parks", "é"]), min_size=1, max_size=8).map(
    " ".join
)


def byte_tokenizer() -> PreTrainedTokenizerFast:
    """One token a byte, and the two marks of ChatML."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={sign: place for place, sign in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|im_end|>",
        chat_template=CHATML,
    )  # fmt: skip


def save_tiny(folder: Path, config_class: type = LlamaConfig, model_class: type = LlamaForCausalLM, **options) -> Path:
    """A random model with sharp enough preferences that replies differ, and 40 rows of embedding no token has."""
    torch.manual_seed(1)
    tokenizer = byte_tokenizer()
    config = config_class(
        vocab_size=len(tokenizer) + 40, intermediate_size=64, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=CONTEXT, initializer_range=0.3,
        eos_token_id=tokenizer.eos_token_id, bos_token_id=tokenizer.bos_token_id,
        **{"hidden_size": 32, "num_hidden_layers": 2} | options,
    )  # fmt: skip
    model_class(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"))


def engine(folder: Path, batch_size: int = 64, **options) -> TransformersEngine:
    options = {"model": str(folder), "dtype": "float32", "device": "cpu", "batch_size": batch_size} | options
    return TransformersEngine("tiny", TransformersEngineSettings(kind="transformers", **options))


def asks(text: str, seed: int = 0, **sampling) -> Request:
    sampling = {"temperature": 1.0, "min_p": 0.0, "max_tokens": 12} | sampling
    return Request("tiny", (Message("user", text),), SamplingSettings(**sampling), seed)


def bare(text: str, seed: int = 0, **sampling) -> Request:
    return dataclasses.replace(asks(text, seed, **sampling), messages=(Message("text", text),))


def mixed(n: int = 40) -> list[Request]:
    """Prompts of several lengths, some shared, under three samplings."""
    samplings = [{}, {"temperature": 0.7, "min_p": 0.1}, {"temperature": 0.0, "max_tokens": 20}]
    return [asks("a fair tax " * (place % 5), seed=place, **samplings[place % 3]) for place in range(n)]


# --- against itself ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [1, 3, 64])
def test_batch_order_and_batch_size_do_not_matter(tiny: Path, batch_size: int) -> None:
    requests = mixed()
    expected = engine(tiny, 7).complete(requests)
    shuffled = np.random.default_rng(0).permutation(len(requests))
    replies = engine(tiny, batch_size).complete([requests[place] for place in shuffled])
    assert replies == [expected[place] for place in shuffled]
    assert len({reply.text for reply in expected}) > 20  # the comparison is not of a constant


def test_a_reply_depends_on_its_own_request_only(tiny: Path) -> None:
    alone = [engine(tiny).complete([request])[0] for request in mixed(9)]
    assert engine(tiny).complete(mixed(9)) == alone


def test_samples_that_share_a_prompt_equal_samples_asked_for_alone(tiny: Path) -> None:
    requests = [asks("one prompt", seed) for seed in range(16)]
    shared = engine(tiny).complete(requests)
    assert shared == [engine(tiny).complete([request])[0] for request in requests]
    assert len({reply.text for reply in shared}) == 16


def test_prompts_that_begin_alike_are_answered_as_if_read_apart(tiny: Path) -> None:
    requests = [asks("the rich pay " * 6 + end * 3, seed) for seed, end in enumerate("abcdefgh" * 3)]
    shared, apart = engine(tiny), engine(tiny, share_prefixes=False)
    assert shared.complete(requests) == apart.complete(requests)
    assert (shared._model.shares_prefixes, shared._model.goes_on) == (True, True)
    assert (apart._model.shares_prefixes, apart._model.goes_on) == (False, False)


def test_rows_that_end_early_leave_the_others_as_they_were(tiny: Path) -> None:
    """Prompts of several lengths with up to 12 samples each, some of which stop early: texts and rows go on the way."""
    requests = [
        asks("parks " * (n_rows % 4), seed, temperature=2.0, max_tokens=60)
        for n_rows in range(1, 13)
        for seed in range(n_rows)
    ]
    expected = engine(tiny, share_prefixes=False).complete(requests)
    assert engine(tiny).complete(requests) == expected
    assert len({reply.tokens_out for reply in expected}) > 5


def tokens_read(model: LanguageModel) -> list[int]:
    """Tokens of each forward pass from now on; those of writing have one a row."""
    seen: list[int] = []
    model.network.register_forward_pre_hook(
        lambda module, args, options: seen.append(options["input_ids"].shape[1]), with_kwargs=True
    )
    return seen


@pytest.mark.parametrize("per_call", [1, 2])
def test_what_prompts_begin_with_is_read_once_a_run(tiny: Path, per_call: int) -> None:
    beginning = "the rich pay " * 6  # 78 tokens
    requests = [asks(beginning + end * 3, seed, max_tokens=1) for seed, end in enumerate("abcdefgh")]
    expected = engine(tiny, share_prefixes=False).complete(requests)
    kept = engine(tiny)
    seen = tokens_read(kept._model)
    replies = [reply for at in range(0, 8, per_call) for reply in kept.complete(requests[at : at + per_call])]
    assert replies == expected
    long = [n_tokens for n_tokens in seen if n_tokens > 78]
    assert len(long) == (
        2 if per_call == 1 else 1
    )  # one at a time, the second shows what it has in common with the first


def test_only_the_beginnings_last_used_are_kept(tiny: Path) -> None:
    many = engine(tiny)
    for letter in "abcdefgh":
        many.complete([asks(letter * 80 + end, max_tokens=1) for end in "xy"])
    kept = [begun.tokens[-1] for begun in many._model.beginnings.kept]
    assert len(kept) == len(set(kept)) == KEPT_BEGINNINGS


def test_the_same_seed_gives_the_same_reply_and_another_seed_another(tiny: Path) -> None:
    first, second, third = engine(tiny).complete([asks("x", 5), asks("x", 5), asks("x", 6)])
    assert first == second
    assert first != third


def test_more_tokens_continue_the_same_reply(tiny: Path) -> None:
    short, long = engine(tiny).complete([asks("x", max_tokens=10), asks("x", max_tokens=30)])
    assert long.text.startswith(short.text.rstrip("�"))  # a letter of several bytes may be cut
    assert len(short.text) > 5


def test_layers_with_a_sliding_window_give_the_same_replies_in_any_batch(tmp_path: Path) -> None:
    folder = save_tiny(tmp_path, MistralConfig, MistralForCausalLM, sliding_window=16)
    expected = engine(folder, 1).complete(mixed(12))
    windowed = engine(folder, 64)
    assert windowed.complete(mixed(12)) == expected
    assert not windowed._model.goes_on


# --- against transformers ----------------------------------------------------------------------------------------


def test_temperature_zero_equals_generate(tiny: Path) -> None:
    tokenizer, model = byte_tokenizer(), LlamaForCausalLM.from_pretrained(tiny)
    requests = [asks(text, temperature=0.0, max_tokens=25) for text in ("a", "the rich", "parks " * 8)]
    padding = list(range(len(tokenizer), model.config.vocab_size))
    for request, reply in zip(requests, engine(tiny).complete(requests), strict=True):
        chat = [{"role": "user", "content": request.messages[0].content}]
        prompt = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        written = model.generate(
            **prompt, do_sample=False, max_new_tokens=25, suppress_tokens=padding, pad_token_id=tokenizer.eos_token_id
        )
        assert reply.text == tokenizer.decode(written[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True)


# --- against theory ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("temperature", "min_p"), [(1.0, 0.0), (0.6, 0.0), (1.3, 0.2)])
def test_draws_follow_the_softmax(temperature: float, min_p: float) -> None:
    """Chi-square at p < 1e-5 in each of three cases: false alarm for 3 in 100,000 choices of the seed."""
    logits = torch.randn(12, generator=torch.Generator().manual_seed(2)) * 1.5
    uniforms = torch.from_numpy(np.random.default_rng(3).random(20_000))
    tokens = sample_tokens(logits.expand(20_000, -1), uniforms, temperature=temperature, min_p=min_p).numpy()
    shares = torch.softmax(logits.double() / temperature, -1).numpy()
    shares = np.where(shares >= min_p * shares.max(), shares, 0)
    shares /= shares.sum()
    counts = np.bincount(tokens, minlength=12)
    kept = shares > 0
    assert counts[~kept].sum() == 0
    assert stats.chisquare(counts[kept], shares[kept] * 20_000).pvalue > 1e-5


def test_first_tokens_of_many_requests_follow_the_model(tiny: Path) -> None:
    """Uniforms come from the requests' seeds. Chi-square at p < 1e-5: false alarm 1 in 100,000."""
    requests = [bare("A fair", seed, max_tokens=1) for seed in range(3000)]
    tokenizer, model = byte_tokenizer(), LlamaForCausalLM.from_pretrained(tiny)
    with torch.inference_mode():
        logits = model(**tokenizer("A fair", return_tensors="pt")).logits[0, -1, : len(tokenizer)]
    shares = torch.softmax(logits.double(), -1).numpy()
    expected = Counter[str]()
    for token, share in enumerate(shares):
        expected[tokenizer.decode([token], skip_special_tokens=True)] += 3000 * share
    found = Counter(reply.text for reply in engine(tiny, 1000).complete(requests))
    common = [text for text, count in expected.items() if count >= 10]
    counts = [found[text] for text in common]
    means = [expected[text] for text in common]
    pooled = stats.chisquare([*counts, 3000 - sum(counts)], [*means, 3000 - sum(means)])
    assert pooled.pvalue > 1e-5


@given(
    st.lists(st.floats(-30, 30), min_size=1, max_size=20),
    st.floats(0, 1, exclude_max=True),
    st.floats(0.01, 10),
    st.floats(0, 1, exclude_max=True),
)
def test_min_p_excludes_what_is_too_unlikely(
    logits: list[float], uniform: float, temperature: float, min_p: float
) -> None:
    row = torch.tensor([logits])
    token = sample_tokens(
        row, torch.tensor([uniform], dtype=torch.float64), temperature=temperature, min_p=min_p
    ).item()
    ratio = torch.exp((row[0, token] - row.max()) / temperature)
    assert 0 <= token < len(logits)
    assert ratio >= min_p
    assert ratio > 0


@pytest.mark.parametrize("uniform", [0.0, 0.5, 1 - 2**-53])
def test_a_token_of_no_weight_is_never_drawn(uniform: float) -> None:
    row = torch.tensor([[-torch.inf, 0.0, -torch.inf, 1.0, -torch.inf]])
    assert sample_tokens(row, torch.tensor([uniform], dtype=torch.float64), temperature=1.0, min_p=0.0).item() in (1, 3)


def test_a_tiny_temperature_is_the_argmax() -> None:
    row = torch.tensor([[1.0, 3.0, 2.0]])
    assert sample_tokens(row, torch.tensor([0.9], dtype=torch.float64), temperature=1e-30, min_p=0.0).item() == 1


def test_broken_logits_are_an_error() -> None:
    with pytest.raises(EngineError, match="not finite"):
        sample_tokens(torch.tensor([[0.0, torch.nan]]), torch.tensor([0.5]), temperature=1.0, min_p=0.0)


# --- ends --------------------------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(texts=st.lists(WORDS, min_size=1, max_size=6), max_tokens=st.integers(1, 24))
def test_max_tokens_and_finish(tiny_engine: TransformersEngine, texts: list[str], max_tokens: int) -> None:
    requests = [asks(text, seed, max_tokens=max_tokens) for seed, text in enumerate(texts)]
    for reply in tiny_engine.complete(requests):
        assert reply.tokens_out <= max_tokens
        assert (reply.finish == "length") == (reply.tokens_out == max_tokens)
        assert "<|im_" not in reply.text


@pytest.fixture(scope="module")
def tiny_engine(tiny: Path) -> TransformersEngine:
    return engine(tiny)


def test_some_replies_stop_and_some_run_out(tiny_engine: TransformersEngine) -> None:
    replies = tiny_engine.complete([asks("x", seed, temperature=1.5, max_tokens=60) for seed in range(60)])
    assert {reply.finish for reply in replies} == {"stop", "length"}


def test_rows_of_the_embedding_without_a_token_are_never_drawn(tiny_engine: TransformersEngine) -> None:
    model = tiny_engine._model
    assert model.n_vocabulary == len(byte_tokenizer())
    assert model.network.config.vocab_size == model.n_vocabulary + 40


# --- prompts -----------------------------------------------------------------------------------------------------


def prompt_text(engine: TransformersEngine, *messages: Message) -> str:
    return engine._model.tokenizer.decode(prompt_tokens(engine._model.tokenizer, messages))


def test_a_chat_ends_where_the_reply_begins(tiny_engine: TransformersEngine) -> None:
    text = prompt_text(tiny_engine, Message("system", "Be fair."), Message("user", "Why?"))
    assert text == "<|im_start|>system\nBe fair.<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"


def test_a_last_assistant_message_is_continued(tiny_engine: TransformersEngine) -> None:
    begun = prompt_text(tiny_engine, Message("user", "Why?"), Message("assistant", "Because"))
    assert begun == "<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nBecause"
    empty = prompt_text(tiny_engine, Message("user", "Why?"), Message("assistant", ""))
    assert empty == begun.removesuffix("Because")


def test_a_bare_prompt_has_no_template(tiny_engine: TransformersEngine) -> None:
    assert prompt_text(tiny_engine, Message("text", "Once upon")) == "Once upon"
    with pytest.raises(EngineError, match="stands alone, got 2 messages"):
        prompt_tokens(byte_tokenizer(), (Message("text", "a"), Message("user", "b")))


def test_a_chat_without_template_is_an_error(tmp_path: Path) -> None:
    save_tiny(tmp_path)
    (tmp_path / "chat_template.jinja").unlink()
    with pytest.raises(EngineError, match="no chat template: expected one message of role 'text'"):
        engine(tmp_path).complete([asks("x")])


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (bare("x", max_tokens=128), r"engine 'tiny': a prompt of 1 tokens and max_tokens 128 .* context of 128 tokens"),
        (bare(""), "has no tokens"),
    ],
)
def test_a_prompt_that_cannot_be_read_stops_the_call_before_any_reply(
    tiny: Path, request_: Request, message: str
) -> None:
    stopped = engine(tiny)
    given: list[int] = []
    with pytest.raises(EngineError, match=message) as caught:
        stopped.complete([bare("fine"), request_], lambda place, reply: given.append(place))
    assert isinstance(caught.value, ContextTooLong) == ("context" in message)
    assert not given


def test_a_prompt_too_long_has_no_answer_and_the_others_have_theirs(tiny: Path) -> None:
    asked, given_out = [bare("fine", max_tokens=3), bare("x" * 100, max_tokens=29), bare("too", max_tokens=3)], []
    replies = engine(tiny).complete(asked, lambda place, reply: given_out.append(place))
    assert [reply.finish == "too_long" for reply in replies] == [False, True, False]
    reason = "engine 'tiny': a prompt of 100 tokens and max_tokens 29 do not fit the model's context of 128 tokens"
    assert replies[1] == Reply("", 0, 0, "too_long", seen=reason)
    assert [replies[0], replies[2]] == engine(tiny).complete([asked[0], asked[2]])
    assert sorted(given_out) == [0, 1, 2]


def test_a_prompt_that_just_fits(tiny_engine: TransformersEngine) -> None:
    (reply,) = tiny_engine.complete([bare("x" * 100, max_tokens=28)])
    assert reply.tokens_in == 100


# --- bookkeeping -------------------------------------------------------------------------------------------------


def test_where_memory_runs_out_batches_are_halved_and_nothing_is_lost(tiny: Path) -> None:
    def crowded(n_rows: int) -> None:
        if n_rows > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")

    settings_ = TransformersEngineSettings(
        kind="transformers", model=str(tiny), dtype="float32", device="cpu", batch_size=16
    )
    halving = TransformersEngine("tiny", settings_, on_tokens=crowded)
    replies = halving.complete(mixed())
    assert replies == engine(tiny).complete(mixed())
    assert (
        len({reply.seconds for reply in replies}) == 3 * 5
    )  # batches share their seconds out equally: 14, 13 and 13 requests of a sampling: 14 at a time, 7, then 3 to the end


@pytest.mark.parametrize("share_prefixes", [True, False])
def test_on_a_cpu_a_batch_has_room_in_memory(tiny: Path, monkeypatch: pytest.MonkeyPatch, share_prefixes: bool) -> None:
    """Room for 200 tokens of 256 bytes: a prompt once and 12 tokens for each of its rows, or as many of both."""
    requests = [asks("one prompt", seed) for seed in range(40)]
    together: list[int] = []
    expected = engine(tiny).complete(requests)
    monkeypatch.setattr("simcons.engines.local.room.CACHE_BYTES", 200 * 256)
    settings_ = TransformersEngineSettings(
        kind="transformers", model=str(tiny), dtype="float32", device="cpu", share_prefixes=share_prefixes
    )
    assert TransformersEngine("tiny", settings_, on_tokens=together.append).complete(requests) == expected
    n_prompt = expected[0].tokens_in
    assert max(together) == ((200 - n_prompt) // 12 if share_prefixes else 200 // (n_prompt + 12))


def test_where_one_row_does_not_fit_it_is_one_line(tiny: Path) -> None:
    def full(n_rows: int) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    settings_ = TransformersEngineSettings(kind="transformers", model=str(tiny), dtype="float32", device="cpu")
    with pytest.raises(EngineError, match="engine 'tiny': out of memory at batch_size 1"):
        TransformersEngine("tiny", settings_, on_tokens=full).complete(mixed())


def test_progress_counts_the_tokens_written(tiny: Path) -> None:
    steps: list[int] = []
    settings_ = TransformersEngineSettings(
        kind="transformers", model=str(tiny), dtype="float32", device="cpu", batch_size=4
    )
    counting = TransformersEngine("tiny", settings_, on_tokens=steps.append)
    replies: list[Reply] = counting.complete([asks("x", seed) for seed in range(10)])
    stops = sum(reply.finish == "stop" for reply in replies)  # the token that ends a reply is a step, but no text
    assert sum(steps) == sum(reply.tokens_out for reply in replies) + stops


def test_no_requests_need_no_model(tiny: Path) -> None:
    idle = engine(tiny)
    assert idle.complete([]) == []
    assert "_model" not in vars(idle)


def test_an_unusable_device_is_one_line(tiny: Path) -> None:
    for device in ("warp", "cuda:99"):
        elsewhere = TransformersEngine(
            "tiny", TransformersEngineSettings(kind="transformers", model=str(tiny), device=device)
        )
        with pytest.raises(EngineError, match=f"device '{device}'") as caught:
            elsewhere.complete([asks("x")])
        assert "\n" not in str(caught.value)


def test_damaged_weights_are_one_line(tmp_path: Path) -> None:
    save_tiny(tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelNotFound, match="cannot be read") as caught:
        engine(tmp_path).complete([asks("x")])
    assert "\n" not in str(caught.value)


# --- adapters and identity ---------------------------------------------------------------------------------------


def save_adapter(base: Path, folder: Path, **options) -> Path:
    """A LoRA adapter whose weights are random from the start, so that it changes replies."""
    torch.manual_seed(2)
    options = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj", "down_proj"]} | options
    config = LoraConfig(task_type="CAUSAL_LM", init_lora_weights=False, **options)
    get_peft_model(LlamaForCausalLM.from_pretrained(base), config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def adapter(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_adapter(tiny, tmp_path_factory.mktemp("adapter"))


def first_logprobs(engine: TransformersEngine) -> np.ndarray:
    (reply,) = engine.complete([dataclasses.replace(bare("A fair"), answer="logprobs", choices=tuple("abcdef"))])
    return np.array(reply.logprobs)


def test_an_adapter_changes_replies_as_peft_does(tiny: Path, adapter: Path) -> None:
    tokenizer = byte_tokenizer()
    with_adapter = PeftModel.from_pretrained(LlamaForCausalLM.from_pretrained(tiny), adapter)
    ways = torch.tensor([tokenizer("A fair" + letter)["input_ids"] for letter in "abcdef"])
    spaced = torch.tensor([tokenizer("A fair " + letter)["input_ids"] for letter in "abcdef"])
    with torch.inference_mode():
        steps = [with_adapter(ids).logits[..., : len(tokenizer)].log_softmax(-1) for ids in (ways, spaced)]
    direct = steps[0][0, -2, ways[:, -1]]
    after_space = steps[1][0, -3, spaced[0, -2]] + steps[1][0, -2, spaced[:, -1]]
    expected = torch.logaddexp(direct, after_space).numpy()
    found = first_logprobs(engine(tiny, adapter=str(adapter)))
    np.testing.assert_allclose(found, expected, atol=2e-5)
    assert np.abs(found - first_logprobs(engine(tiny))).max() > 0.1


def test_in_bfloat16_an_adapter_stays_beside_the_weights(tiny: Path, adapter: Path) -> None:
    kept = engine(tiny, adapter=str(adapter), dtype="bfloat16")
    exact = first_logprobs(engine(tiny, adapter=str(adapter)))
    np.testing.assert_allclose(first_logprobs(kept), exact, atol=0.25)
    layer = kept._model.network.model.layers[0].self_attn.q_proj
    assert (layer.lora_A["default"].weight.dtype, layer.merged) == (torch.bfloat16, False)


def test_a_fingerprint_is_of_what_is_read_and_needs_no_weights(tiny: Path, tmp_path: Path) -> None:
    """A template that writes the time reads the same prompt otherwise a moment later; one that does not never does."""
    plain = engine(tiny)
    prints = [
        plain.fingerprint(request) for request in (asks("a"), asks("a", seed=1, max_tokens=3), asks("b"), bare("a"))
    ]
    assert (prints[0] == prints[1], len(set(prints)), "_model" in vars(plain)) == (True, 3, False)
    dated = shutil.copytree(tiny, tmp_path / "dated")
    config = json.loads((dated / "tokenizer_config.json").read_text())
    (dated / "chat_template.jinja").write_text("{{ strftime_now('%f') }}" + CHATML)
    (dated / "tokenizer_config.json").write_text(
        json.dumps({name: value for name, value in config.items() if name != "chat_template"})
    )
    told = engine(dated)
    assert len({told.fingerprint(asks("a")) for _ in range(20)}) > 1
    assert len({told.fingerprint(bare("a")) for _ in range(20)}) == 1


def test_identity_is_what_replies_depend_on(tiny: Path, adapter: Path, tmp_path: Path) -> None:
    plain, adapted = engine(tiny, batch_size=3).identity, engine(tiny, adapter=str(adapter)).identity
    assert plain == {"kind": "transformers", "model": model_hash(tiny), "dtype": "float32", "adapter": None}
    assert {**adapted, "adapter": None} == plain
    copied = shutil.copytree(adapter, tmp_path / "copied")
    assert engine(tiny, adapter=str(copied)).identity == adapted
    other = save_adapter(tiny, tmp_path / "other", lora_alpha=9)
    assert engine(tiny, adapter=str(other)).identity != adapted


@pytest.mark.parametrize("options", [{"hidden_size": 48}, {"num_hidden_layers": 1}, {"num_hidden_layers": 3}])
def test_an_adapter_for_another_model_is_one_line(tiny: Path, tmp_path: Path, options: dict[str, int]) -> None:
    foreign = save_adapter(save_tiny(tmp_path / "base", **options), tmp_path / "adapter")
    with pytest.raises(
        ModelNotFound, match=r"adapter .* made for .*base', (is for another|cannot be put on)"
    ) as caught:
        engine(tiny, adapter=str(foreign)).complete([asks("x")])
    assert "\n" not in str(caught.value)


def test_a_folder_that_holds_no_lora_adapter_is_one_line(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(
        ModelNotFound, match=r"expected a folder with adapter_config.json and adapter_model.safetensors"
    ):
        engine(tiny, adapter=str(tiny))
    for text, message in (
        ('{"peft_type": "IA3"}', "of kind 'IA3', expected 'LORA'"),
        ("{", "adapter_config.json: is not JSON"),
        ('{"peft_type": "LORA"}', "unreadable adapter_model.safetensors"),
    ):
        (tmp_path / "adapter_config.json").write_text(text)
        (tmp_path / "adapter_model.safetensors").write_bytes(b"")
        with pytest.raises(ModelNotFound, match=message):
            engine(tiny, adapter=str(tmp_path))


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ({"base_hash": "f" * 64}, "was trained on another model: .* expected ffffffffff"),
        ({"kind": "reward"}, "manifest.json: kind: value 'reward': expected 'sft'"),
        ({"format": 2}, "manifest.json: format: value 2: expected 1"),
        (["?"], "manifest.json: is a JSON list"),
        (None, "has no manifest.json: expected a training that has finished"),
    ],
)
def test_an_adapter_whose_manifest_is_of_something_else_is_refused_before_anything_is_asked(
    tiny: Path, adapter: Path, tmp_path: Path, manifest: object, said: str
) -> None:
    copied = shutil.copytree(adapter, tmp_path / "copied")
    if manifest is None:
        (copied / "start.json").touch()
    else:
        (copied / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelNotFound, match=said):
        engine(tiny, adapter=str(copied)).identity  # noqa: B018


# --- the packaged model ------------------------------------------------------------------------------------------


@pytest.mark.model
def test_smollm2_answers_in_words_and_shares_prefills() -> None:
    packaged = TransformersEngine("mediator", TransformersEngineSettings(kind="transformers"))
    message = Message("user", "Name the capital of France in one short sentence.")
    requests = [
        Request("mediator", (message,), SamplingSettings(temperature=0.0, max_tokens=16), seed) for seed in range(3)
    ]
    first, *others = packaged.complete(requests)
    assert "Paris" in first.text
    assert first.finish == "stop"
    assert others == [first, first]
    assert len(packaged.identity["model"]) == 64
