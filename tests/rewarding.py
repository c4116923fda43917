"""Reward models of hidden size 16 with random weights and one token a byte, made in a folder in a moment."""

from __future__ import annotations

from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import BertConfig, BertModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from simcons.engines.local.models import model_hash
from simcons.engines.local.reward_manifest import Architecture, Calibration, RewardManifest
from simcons.engines.local.reward_model import TripleTokens, head_of, new_network, save_reward_model

SIZES = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
MARKS: dict[Architecture, dict[str, str]] = {
    "causal": {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "pad_token": "<|im_end|>"},
    "encoder": {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]"},
    "late_interaction": {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]"},
}
_HEADS: dict[Architecture, float] = {
    "causal": 4,
    "encoder": 4,
    "late_interaction": 0.4,
}  # so that ratings differ visibly
CALIBRATION = Calibration(raw=(-1.0, 0.0, 1.0), rating=(2.0, 4.5, 6.0))


def byte_tokenizer(architecture: Architecture) -> PreTrainedTokenizerFast:
    """For causal models the end mark pads too, as in SmolLM2; for encoders there is a mark of each kind."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={sign: place for place, sign in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    marks = MARKS[architecture]
    tokenizer.add_special_tokens([AddedToken(mark, special=True) for mark in dict.fromkeys(marks.values())])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **marks)


def save_base(folder: Path, architecture: Architecture, *, n_positions: int = 512) -> Path:
    """What training would begin from: a language model or an encoder."""
    torch.manual_seed(3)
    tokenizer = byte_tokenizer(architecture)
    shared = {"vocab_size": len(tokenizer), "max_position_embeddings": n_positions, "initializer_range": 0.3}
    if architecture == "causal":
        marks = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
        LlamaForCausalLM(LlamaConfig(**SIZES, **shared, **marks)).save_pretrained(folder)
    else:
        BertModel(BertConfig(**SIZES, **shared, pad_token_id=tokenizer.pad_token_id)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_checkpoint(
    folder: Path, base: Path, architecture: Architecture, *, adapter: bool = False, seed: int = 0, **manifest
) -> Path:
    """A reward model on ``base`` as training would save it, its weights and head far from what they began as."""
    tokens = TripleTokens(base, architecture)
    network = new_network(architecture, base, tokens, seed=seed)
    if adapter:
        network = get_peft_model(network, LoraConfig(task_type="SEQ_CLS", r=4, target_modules=["q_proj", "v_proj"]))
    drawn = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in (p for p in network.parameters() if p.requires_grad):
            parameter.add_(torch.randn(parameter.shape, generator=drawn) * 0.1)
        for parameter in head_of(network.get_base_model() if adapter else network).parameters():
            parameter.mul_(_HEADS[architecture])
    given = {"base": str(base), "base_hash": model_hash(base), "max_tokens": 400, "calibration": CALIBRATION} | manifest
    marks = {"end_token": tokens.end_token, "pad_token": tokens.pad_token}
    save_reward_model(
        folder, network, tokens, RewardManifest(architecture=architecture, adapter=adapter, **marks, **given)
    )
    return folder
