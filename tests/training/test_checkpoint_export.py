"""Checkpoints as other programs read them, their cards, and a hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from peft import PeftModel
from rewarding import save_base, save_checkpoint
from toys import data_of, sft_example
from transformers import AutoModelForCausalLM, AutoTokenizer
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.engines.local.reward_model import load_reward_model
from simcons.errors import CheckpointError, ModelNotFound, StorageError
from simcons.report.model_card import model_card, origin
from simcons.training.hub import push
from simcons.training.manifest import read_checkpoint
from simcons.training.recipes import LoraSettings, MachineSettings, SftSettings
from simcons.training.sft import train_sft
from simcons.training.toy import toy_model

READ = torch.tensor([[5, 9, 30, 2, 77]])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def mediator(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter that has learnt for three steps."""
    folder = tmp_path_factory.mktemp("mediator") / "sft"
    settings = SftSettings(
        model=str(base), lora=LoraSettings(rank=4), steps=3, batch_size=2, learning_rate=0.05, stopping=None,
        machine=MachineSettings(device="cpu", dtype="float32", rows=1),
    )  # fmt: skip
    examples = [sft_example(k, "We like it.") for k in range(6)]
    train_sft(data_of(examples, examples[:1]), settings, folder, name="/home/somebody/toy")
    return folder


@pytest.fixture(scope="module")
def reward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reward")
    return save_checkpoint(folder / "rm", save_base(folder / "base", "causal"), "causal", adapter=True)


def export(folder: Path, to: Path, *options: str) -> Path:
    result = CliRunner().invoke(app, ["train", "export", str(folder), "--to", str(to), *options])
    if result.exception is not None:
        raise result.exception
    return to


def logits(network: Any) -> torch.Tensor:
    with torch.no_grad():
        return network.eval()(READ).logits


def test_a_merged_mediator_reads_as_its_base_with_the_adapter(base: Path, mediator: Path, tmp_path: Path) -> None:
    out = export(mediator, tmp_path / "out", "--merged")
    begun = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    before = logits(begun)
    merged = AutoModelForCausalLM.from_pretrained(out)
    assert merged.dtype == torch.float32
    adapted = logits(PeftModel.from_pretrained(begun, mediator))
    torch.testing.assert_close(logits(merged), adapted, rtol=1e-4, atol=1e-4)
    assert (adapted - before).abs().max() > 0.01
    tokenizer, manifest = AutoTokenizer.from_pretrained(out), read_checkpoint(out)
    assert (tokenizer.eos_token, tokenizer.pad_token) == (manifest.end_token, manifest.pad_token)
    assert merged.generation_config.eos_token_id == tokenizer.convert_tokens_to_ids(manifest.end_token)
    assert not manifest.adapter


def test_a_merged_mediator_may_have_fewer_bits(mediator: Path, tmp_path: Path) -> None:
    out = export(mediator, tmp_path / "out", "--merged", "--dtype", "bfloat16")
    assert AutoModelForCausalLM.from_pretrained(out, dtype="auto").dtype == torch.bfloat16


def test_an_adapter_names_its_base_and_has_its_tokenizer(base: Path, mediator: Path, tmp_path: Path) -> None:
    out = export(mediator, tmp_path / "out", "--base-model", "somebody/toy")
    assert json.loads((out / "adapter_config.json").read_text())["base_model_name_or_path"] == "somebody/toy"
    begun = [AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32) for _ in range(2)]
    adapted = [logits(PeftModel.from_pretrained(*pair)) for pair in zip(begun, (mediator, out), strict=True)]
    assert torch.equal(*adapted)
    assert AutoTokenizer.from_pretrained(out).get_vocab() == AutoTokenizer.from_pretrained(base).get_vocab()
    assert read_checkpoint(out).training["data"] == "toy"


def test_an_adapter_of_fewer_bits_is_half_as_large_and_much_the_same(
    base: Path, mediator: Path, tmp_path: Path
) -> None:
    out = export(mediator, tmp_path / "out", "--dtype", "bfloat16")
    sizes = [(folder / "adapter_model.safetensors").stat().st_size for folder in (mediator, out)]
    assert sizes[1] < 0.7 * sizes[0]
    assert len({file.stat().st_mode for file in out.iterdir()}) == 1  # whoever may read the card may read the weights
    begun = [AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32) for _ in range(3)]
    before = logits(begun[0])
    whole, short = (logits(PeftModel.from_pretrained(*pair)) for pair in zip(begun[1:], (mediator, out), strict=True))
    assert 0 < (short - whole).abs().max() < 0.05 * (whole - before).abs().max()


def test_a_merged_reward_model_gives_the_same_scores(reward: Path, tmp_path: Path) -> None:
    first, merged = (load_reward_model(folder) for folder in (reward, export(reward, tmp_path / "out", "--merged")))
    ids = torch.tensor([first.tokens("Which?", "Parks.", "We want parks.")])
    assert tuple(ids[0].tolist()) == merged.tokens("Which?", "Parks.", "We want parks.")
    with torch.no_grad():
        scores = [model.network(ids, torch.ones_like(ids)).logits for model in (first, merged)]
    torch.testing.assert_close(scores[0], scores[1], rtol=1e-4, atol=1e-4)
    assert merged.manifest.calibration == first.manifest.calibration


def test_what_cannot_be_exported_is_said_in_a_line(mediator: Path, base: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is no checkpoint"):
        export(base, tmp_path / "a")
    with pytest.raises(ModelNotFound, match="was trained on another model"):
        export(changed(mediator, tmp_path / "other", base_hash="0" * 64), tmp_path / "a")
    cut = changed(mediator, tmp_path / "cut")
    (cut / "adapter_model.safetensors").write_bytes((mediator / "adapter_model.safetensors").read_bytes()[:-100])
    with pytest.raises(ModelNotFound, match=r"unreadable adapter_model.safetensors"):
        export(cut, tmp_path / "a", "--merged")
    with pytest.raises(ModelNotFound, match=r"cut' has an unreadable adapter_model.safetensors: .*ncomplete"):
        export(cut, tmp_path / "a")
    assert not (tmp_path / "a").exists()


def changed(checkpoint: Path, folder: Path, **manifest: str) -> Path:
    """A copy of a checkpoint with another manifest."""
    folder.mkdir()
    for file in checkpoint.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    document = {**json.loads((folder / "manifest.json").read_text()), **manifest}
    (folder / "manifest.json").write_text(json.dumps(document))
    return folder


# --- cards -------------------------------------------------------------------------------------------------------


def test_a_card_says_who_it_learnt_from_and_names_no_folder(mediator: Path, tmp_path: Path) -> None:
    page = (export(mediator, tmp_path / "med", "--license", "mit") / "README.md").read_text()
    head, body = page.removeprefix("---\n").split("---\n", 1)
    matter = yaml.safe_load(head)
    assert (matter["license"], matter["library_name"], matter["datasets"]) == ("mit", "peft", ["toy"])
    assert "base_model" not in matter
    assert "It has learnt from simulated people" in body
    assert "learning_rate: 0.05" in body
    assert not [word for word in ("/home/somebody", str(tmp_path.parent)) if word in page]


def test_a_card_names_the_model_that_a_packaged_one_was_made_from(reward: Path) -> None:
    manifest = read_checkpoint(reward).model_copy(update={"base": "smollm2-135m-instruct"})
    card = model_card(manifest, "rm", origin(manifest))
    matter = yaml.safe_load(card.split("---\n")[1])
    assert (matter["base_model"], matter["license"]) == ("HuggingFaceTB/SmolLM2-135M-Instruct", "apache-2.0")
    assert "How it was trained is not recorded." in card


# --- a hub -------------------------------------------------------------------------------------------------------


class FakeHub:
    """Keeps what it is told; refuses a repository of somebody else."""

    def __init__(self) -> None:
        self.repositories: dict[str, dict[str, Any]] = {}

    def create_repo(self, repo_id: str, *, private: bool, exist_ok: bool) -> str:
        if not repo_id.startswith("me/"):
            raise ValueError(f"403 Forbidden: {repo_id}\nis not yours")
        self.repositories[repo_id] = {"private": private}
        return f"https://hub/{repo_id}"

    def upload_folder(self, *, repo_id: str, folder_path: str, commit_message: str) -> None:
        self.repositories[repo_id]["files"] = sorted(file.name for file in Path(folder_path).iterdir())


def test_an_export_is_pushed_and_is_private_unless_said_otherwise(mediator: Path, tmp_path: Path) -> None:
    hub, out = FakeHub(), export(mediator, tmp_path / "out")
    assert push(out, "me/sft", hub=hub) == "https://hub/me/sft"
    assert hub.repositories["me/sft"]["private"]
    assert {"README.md", "manifest.json", "adapter_model.safetensors"} < set(hub.repositories["me/sft"]["files"])
    with pytest.raises(StorageError, match=r"^you/sft: cannot be pushed to: 403 Forbidden: you/sft$"):
        push(out, "you/sft", hub=hub)
    with pytest.raises(CheckpointError, match="has no model card; expected a folder that simcons train export made"):
        push(mediator, "me/sft", hub=hub)
