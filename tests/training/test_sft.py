"""Supervised fine-tuning of toy models."""

from __future__ import annotations

import json
import resource
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch.nn.utils.rnn import pad_sequence
from toys import data_of, sft_example
from transformers import AutoModelForCausalLM

from simcons.engines.base import Message, Request
from simcons.engines.local.chat import prompt_tokens
from simcons.engines.local.transformers_engine import TransformersEngine
from simcons.errors import (
    CheckpointError,
    EngineError,
    ModelNotFound,
    RunFolderError,
    ScenarioError,
    StorageError,
    TrainingDataError,
    TrainingStopped,
)
from simcons.messages import Message as Said
from simcons.scenario.engines import SamplingSettings, TransformersEngineSettings
from simcons.storage.start import claimed
from simcons.training.checkpoint import TrainingFolder, saving
from simcons.training.progress import TrainingProgress
from simcons.training.recipes import LoraSettings, MachineSettings, SftSettings, StoppingSettings
from simcons.training.sft import train_sft
from simcons.training.sft_tokens import IGNORED, encode, end_of_reply
from simcons.training.toy import byte_tokenizer, toy_model

STATEMENT = "We like it."
DATA = data_of([sft_example(k, STATEMENT) for k in range(12)], [sft_example(k, STATEMENT) for k in range(90, 93)])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_model(tmp_path_factory.mktemp("base"))


def recipe(base: Path, **parts) -> SftSettings:
    usual = {"epochs": 2, "batch_size": 4, "learning_rate": 0.02, "lora": LoraSettings(rank=8, alpha=32)}
    return SftSettings(model=str(base), **{**usual, "machine": MachineSettings(device="cpu", dtype="float32"), **parts})


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


# --- what is learnt ----------------------------------------------------------------------------------------------


def test_the_loss_is_on_the_statement_and_its_end_alone() -> None:
    tokenizer = byte_tokenizer()
    example = sft_example(1, "We agree.", beginning="We")
    row = encode(tokenizer, example).row
    learnt = [token for token in row["labels"] if token != IGNORED]
    assert tokenizer.decode(learnt) == " agree.<|im_end|>"
    n_prompt = len(row["labels"]) - len(learnt)
    assert row["labels"][:n_prompt] == [IGNORED] * n_prompt
    assert tuple(row["input_ids"][:n_prompt]) == prompt_tokens(tokenizer, example.messages)
    assert row["input_ids"][n_prompt:] == learnt


@pytest.mark.parametrize("beginning", ["", "We"])
def test_the_prompt_is_what_the_engine_reads(base: Path, beginning: str) -> None:
    example = sft_example(1, STATEMENT, beginning=beginning)
    engine = TransformersEngine("m", TransformersEngineSettings(kind="transformers", model=str(base), device="cpu"))
    request = Request("m", example.messages, SamplingSettings(max_tokens=2), 0)
    job = engine._jobs([request])[0]
    assert encode(engine._model.tokenizer, example).prompt == job.prompt


def test_a_statement_that_begins_otherwise_stands_as_a_reply_of_its_own() -> None:
    tokenizer = byte_tokenizer()
    example = sft_example(1, "Most of us agree.", beginning="We")
    encoded = encode(tokenizer, example)
    assert encoded.prompt == prompt_tokens(tokenizer, example.messages[:1])
    assert tokenizer.decode(encoded.statement) == "Most of us agree.<|im_end|>"


def test_a_mark_in_a_statement_is_read_as_letters() -> None:
    tokenizer = byte_tokenizer()
    statement = encode(tokenizer, sft_example(1, "Yes.<|im_end|>No.")).statement
    assert statement.count(tokenizer.eos_token_id) == 1
    assert statement[-1] == tokenizer.eos_token_id


def test_a_model_without_an_end_mark_is_refused() -> None:
    tokenizer = byte_tokenizer()
    tokenizer.eos_token = None
    with pytest.raises(EngineError, match=r"has no end mark \(eos_token\)"):
        end_of_reply(tokenizer, [Message("text", "We")])


def test_the_end_is_the_one_of_the_chat_template() -> None:
    tokenizer = byte_tokenizer()
    tokenizer.eos_token = "<|endoftext|>"
    mark = tokenizer.convert_tokens_to_ids("<|im_end|>")
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_end|>"]})
    assert end_of_reply(tokenizer, [Message("user", "Why?")]) == mark
    assert end_of_reply(tokenizer, [Message("text", "Why?")]) == tokenizer.eos_token_id


def test_the_loss_is_that_of_the_whole_sequence_with_the_prompt_masked(base: Path, tmp_path: Path) -> None:
    """Rows of several lengths, padded, whose scores are worked out from the first statement on: as transformers' own loss."""
    examples = [sft_example(k, "We like it" + " very" * k + ".", opinion="No. " * (4 - k)) for k in range(4)]
    settings = recipe(base, machine=MachineSettings(device="cpu", dtype="float32", rows=4), steps=1)
    manifest = train_sft(data_of(examples, examples), settings, tmp_path / "out", name="toy")
    tokenizer, network = byte_tokenizer(), AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    rows = [encode(tokenizer, example).row for example in examples]
    batch = {
        name: pad_sequence([torch.tensor(row[name]) for row in rows], batch_first=True, padding_value=value)
        for name, value in (("input_ids", tokenizer.pad_token_id), ("labels", IGNORED))
    }
    expected = network(**batch, attention_mask=(batch["input_ids"] != tokenizer.pad_token_id).long()).loss
    assert manifest.training["metrics"]["held_out_loss_before"] == pytest.approx(expected.item(), rel=1e-5)


def test_a_trained_adapter_writes_the_statement_and_ends(base: Path, tmp_path: Path) -> None:
    settings = recipe(base, epochs=30, learning_rate=0.01, lora=LoraSettings(rank=16, alpha=16), stopping=None)
    manifest = train_sft(DATA, settings, tmp_path / "out", name="toy")
    metrics = manifest.training["metrics"]
    assert metrics["held_out_loss"] < 0.3 < 3 < metrics["held_out_loss_before"]
    settings = TransformersEngineSettings(
        kind="transformers", model=str(base), adapter=str(tmp_path / "out"), device="cpu", dtype="float32"
    )
    engine = TransformersEngine("m", settings)
    asked = Request("m", DATA.validation.sft[0].messages, SamplingSettings(temperature=0, max_tokens=40), 0)
    (reply,) = engine.complete([asked])
    assert (reply.text, reply.finish) == (STATEMENT, "stop")
    assert json.loads((tmp_path / "out" / "adapter_config.json").read_text())["base_model_name_or_path"] == str(base)


def test_all_weights_may_learn(base: Path, tmp_path: Path) -> None:
    manifest = train_sft(DATA, recipe(base, lora=None, learning_rate=0.003), tmp_path / "out", name="toy")
    assert not manifest.adapter
    engine = TransformersEngine(
        "m", TransformersEngineSettings(kind="transformers", model=str(tmp_path / "out"), device="cpu", dtype="float32")
    )
    assert engine.identity["model"] != manifest.base_hash
    asked = Request("m", DATA.validation.sft[0].messages, SamplingSettings(temperature=0, max_tokens=4), 0)
    assert engine.complete([asked])[0].tokens_out > 0


def test_only_the_upper_layers_get_an_adapter(base: Path, tmp_path: Path) -> None:
    train_sft(DATA, recipe(base, lora=LoraSettings(rank=4, layers=1), steps=1), tmp_path / "out", name="toy")
    assert {name.split(".layers.")[1].split(".")[0] for name in weights(tmp_path / "out")} == {"1"}
    with pytest.raises(ScenarioError, match=r"lora.layers: value 3: expected at most 2"):
        train_sft(DATA, recipe(base, lora=LoraSettings(layers=3)), tmp_path / "more", name="toy")


def test_training_stops_where_held_out_examples_gain_no_more(base: Path, tmp_path: Path) -> None:
    """What is learnt of some examples is wrong for those held out: the best step was early, and that one is kept."""
    other = data_of(list(DATA.learn.sft), [sft_example(k, "QQQQQQQQ") for k in range(90, 93)])
    settings = recipe(base, epochs=30, stopping=StoppingSettings(checks_per_epoch=1, patience=2))
    manifest = train_sft(other, settings, tmp_path / "out", name="toy")
    assert manifest.training["steps"] < 90
    assert manifest.training["kept_step"] == manifest.training["steps"] - 2 * 3


# --- interruptions -----------------------------------------------------------------------------------------------


def interrupted_at(step: int):
    def tell(progress: TrainingProgress) -> None:
        if progress.step == step:
            raise KeyboardInterrupt

    return tell


@pytest.mark.parametrize("lora", [LoraSettings(rank=8, dropout=0.1), None])
def test_training_goes_on_to_the_same_weights(base: Path, tmp_path: Path, lora: LoraSettings | None) -> None:
    settings = recipe(base, epochs=4, lora=lora, stopping=StoppingSettings(checks_per_epoch=1, patience=9))
    whole = train_sft(DATA, settings, tmp_path / "whole", name="toy")
    with pytest.raises(KeyboardInterrupt):
        train_sft(DATA, settings, tmp_path / "parts", name="toy", on_progress=interrupted_at(8))
    assert TrainingFolder(tmp_path / "parts").last_step().name == "checkpoint-6"
    seen = []
    parts = train_sft(DATA, settings, tmp_path / "parts", name="toy", resume=True, on_progress=seen.append)
    assert min(progress.step for progress in seen) == 7
    file = "adapter_model.safetensors" if lora else "model.safetensors"
    first, second = (load_file(tmp_path / name / file) for name in ("whole", "parts"))
    assert all(torch.equal(first[name], second[name]) for name in first)
    for key in ("steps", "kept_step", "tokens", "metrics"):
        assert parts.training[key] == whole.training[key]


def test_a_half_saved_step_is_not_gone_on_from(base: Path, tmp_path: Path) -> None:
    """Killed before its last file was written, or while it was; beside a folder that is no step at all."""
    out, settings = tmp_path / "out", recipe(base, epochs=4, stopping=StoppingSettings(checks_per_epoch=1, patience=9))
    with pytest.raises(KeyboardInterrupt):
        train_sft(DATA, settings, out, name="toy", on_progress=interrupted_at(8))
    whole = TrainingFolder(out).last_step()
    for name, state in {"checkpoint-7": None, "checkpoint-8": '{"epoch": 1', "checkpoint-6 (copy)": "{}"}.items():
        (out / "steps" / name).mkdir()
        if state is not None:
            (out / "steps" / name / "trainer_state.json").write_text(state)
    assert TrainingFolder(out).last_step() == whole
    train_sft(DATA, settings, out, name="toy", resume=True)
    assert not (out / "steps").exists()


def test_a_loss_that_is_no_number_stops_training_and_keeps_the_last_good_step(base: Path, tmp_path: Path) -> None:
    settings = recipe(base, epochs=40, learning_rate=1e30, max_gradient=1e30, schedule="constant", warmup=0.9)
    with pytest.raises(
        TrainingStopped, match=r"the (loss|gradient) is (nan|inf) at step \d+: .* kept in \S+checkpoint-\d+$"
    ):
        train_sft(DATA, settings, tmp_path / "out", name="toy")
    kept = TrainingFolder(tmp_path / "out").last_step()
    assert all(torch.isfinite(values).all() for values in weights(kept).values())
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_disk_that_is_full_is_told_in_a_line(base: Path, tmp_path: Path) -> None:
    """Files may take 100 kB here: manifests and logs fit, the weights of an adapter of rank 64 do not."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(StorageError, match=r"steps: cannot be written: .*(File too large|os error 27)"):
            train_sft(DATA, recipe(base, lora=LoraSettings(rank=64)), tmp_path / "out", name="toy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list((tmp_path / "out" / "steps").iterdir()) == []


def test_logs_that_cannot_be_written_end_training_in_a_line(base: Path, tmp_path: Path, capfd: Any) -> None:
    """Files may take 3 kB: what is begun fits, TensorBoard's first text does not. Its thread prints nothing of it."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, limits[1]))
    try:
        with pytest.raises(StorageError, match=r"out/logs: cannot be written: File too large$"):
            train_sft(DATA, recipe(base), tmp_path / "out", name="toy")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Exception("No space left on device (os error 28)"), "No space left on device"),  # as of tokenizers
        (RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0"), "No space left on device"),
    ],
)
def test_what_libraries_say_of_a_full_disk_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    with pytest.raises(StorageError, match=rf"^{tmp_path}/new: cannot be written: {said}$"), saving(tmp_path / "new"):
        raise error
    with pytest.raises(ValueError, match="a fault"), saving(tmp_path):
        raise ValueError("a fault")


def test_memory_that_is_full_is_told_in_a_line(base: Path, tmp_path: Path) -> None:
    def full(progress: TrainingProgress) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 MiB.")

    with pytest.raises(
        TrainingStopped, match=r"out: out of memory \(CUDA .*\); expected fewer machine.rows, .* max_tokens$"
    ):
        train_sft(DATA, recipe(base), tmp_path / "out", name="toy", on_progress=full)


# --- what is refused ---------------------------------------------------------------------------------------------


def test_examples_longer_than_the_limit_are_left_out_and_named(base: Path, tmp_path: Path) -> None:
    long = sft_example(500, "We like it very much." * 10)
    said: list[Said] = []
    settings = recipe(base, max_tokens=100, steps=1)
    manifest = train_sft(
        data_of([*DATA.learn.sft, long]), settings, tmp_path / "out", name="toy", on_message=said.append
    )
    assert [str(line) for line in said] == ["1 example of 13 left out: longer than 100 tokens (e500)"]
    assert manifest.training["left_out"] == {"too long": ["e500"]}
    with pytest.raises(TrainingDataError, match="nothing to learn from: 1 example, of which 1 longer than 100 tokens"):
        train_sft(data_of([long]), settings, tmp_path / "none", name="toy")
    assert not (tmp_path / "none").exists()


def test_a_folder_holds_one_training(base: Path, tmp_path: Path) -> None:
    out, settings = tmp_path / "out", recipe(base, steps=1)
    with pytest.raises(CheckpointError, match="no training was begun here"):
        train_sft(DATA, settings, out, name="toy", resume=True)
    with pytest.raises(KeyboardInterrupt):
        train_sft(DATA, settings, out, name="toy", on_progress=interrupted_at(1))
    with pytest.raises(CheckpointError, match="holds an unfinished training; go on with it"):
        train_sft(DATA, settings, out, name="toy")
    with pytest.raises(
        CheckpointError, match=r"was begun with another setting learning_rate, 0\.02; expected the same"
    ):
        train_sft(DATA, recipe(base, steps=1, learning_rate=0.5), out, name="toy", resume=True)
    with pytest.raises(CheckpointError, match="was begun with other data, toy; expected the same"):
        train_sft(data_of([sft_example(1, "No.")]), settings, out, name="toy", resume=True)
    with claimed(out), pytest.raises(RunFolderError, match=r"out: is being run now by another process"):
        train_sft(DATA, settings, out, name="toy", resume=True)
    moved = shutil.copytree(base, tmp_path / "moved")
    train_sft(DATA, recipe(moved, steps=1), out, name="elsewhere", resume=True)
    with pytest.raises(CheckpointError, match="holds a finished checkpoint"):
        train_sft(DATA, settings, out, name="toy")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").touch()
    with pytest.raises(CheckpointError, match="is not empty"):
        train_sft(DATA, settings, tmp_path / "other", name="toy")


def test_an_adapter_for_more_layers_than_there_are_leaves_no_folder(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"lora\.layers: value 9: expected at most 2"):
        train_sft(DATA, recipe(base, lora=LoraSettings(layers=9)), tmp_path / "out", name="toy")
    assert not (tmp_path / "out").exists()


def test_a_damaged_start_is_named(base: Path, tmp_path: Path) -> None:
    (tmp_path / "start.json").write_text('{"kind": "sft"')
    with pytest.raises(CheckpointError, match=r"start.json: is damaged, or of another version"):
        train_sft(DATA, recipe(base), tmp_path, name="toy", resume=True)


def test_an_adapter_is_for_the_base_it_was_trained_on(base: Path, tmp_path: Path) -> None:
    train_sft(DATA, recipe(base, steps=1), tmp_path / "out", name="toy")
    other = toy_model(tmp_path / "other", seed=2)
    settings = TransformersEngineSettings(
        kind="transformers", model=str(other), adapter=str(tmp_path / "out"), device="cpu"
    )
    with pytest.raises(
        ModelNotFound, match=r"was trained on another model: .* has hash [0-9a-f]{10}, expected [0-9a-f]{10}"
    ):
        TransformersEngine("m", settings).complete([Request("m", DATA.learn.sft[0].messages, SamplingSettings(), 0)])
