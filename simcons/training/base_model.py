"""The causal language model that training begins from, and the adapter put beside its weights."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer

from simcons.engines.local.models import in_one_line, quiet_transformers
from simcons.errors import ModelNotFound, ScenarioError
from simcons.training.recipes import LoraSettings, TrainingSettings

_IN_A_LAYER = re.compile(r"\.\d+\.")


def load_base(folder: Path, *, dtype: str) -> tuple[Any, Any]:
    """Network and tokenizer of a causal language model, with weights in ``dtype``. Raises ModelNotFound."""
    with in_one_line(ModelNotFound, f"model folder {str(folder)!r} cannot be read"), quiet_transformers():
        tokenizer = AutoTokenizer.from_pretrained(folder)
        network = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype))
    return network, tokenizer


def token_limit(network: Any, settings: TrainingSettings) -> int:
    """The most tokens that an example may have: the recipe's, and never more than the model's context."""
    context = int(getattr(network.config.get_text_config(), "max_position_embeddings", None) or 10**9)
    return min(context, settings.max_tokens or context)


def lora_config(network: Any, settings: LoraSettings | None, *, task: str) -> LoraConfig | None:
    """An adapter for the linear maps of the uppermost layers; None where all weights learn. task: CAUSAL_LM, or SEQ_CLS, which
    keeps the head too.

    Raises ScenarioError for more layers than there are.
    """
    if settings is None:
        return None
    n_layers = int(network.config.get_text_config().num_hidden_layers)
    chosen = n_layers if settings.layers is None else settings.layers
    if chosen > n_layers:
        raise ScenarioError(f"lora.layers: value {chosen}: expected at most {n_layers}, as many as the model has")
    return LoraConfig(
        task_type=task,
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=_linear_maps(network),
        layers_to_transform=None if chosen == n_layers else list(range(n_layers - chosen, n_layers)),
    )


def _linear_maps(network: Any) -> list[str]:
    """The names, within a layer, of its linear maps."""
    inside = [
        name for name, module in network.named_modules() if isinstance(module, nn.Linear) and _IN_A_LAYER.search(name)
    ]
    return sorted({name.rsplit(".", 1)[-1] for name in inside})
