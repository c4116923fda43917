"""A causal language model as transformers loads it, for inference: weights, tokenizer, a LoRA adapter through PEFT."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers import AutoModelForCausalLM, AutoTokenizer

from simcons.engines.base import Reply
from simcons.engines.local.adapters import ADAPTER_WEIGHTS, adapter_config
from simcons.engines.local.attention import takes_before, use_grouped_attention
from simcons.engines.local.chat import TEXT_ENDS
from simcons.engines.local.models import in_one_line, quiet_transformers
from simcons.engines.local.prefill import Beginnings, Tokens, takes_packs
from simcons.errors import EngineError, ModelNotFound


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """Weights and tokenizer, with what decoding must know about them. ``stops`` are the ids that end a reply."""

    network: Any
    tokenizer: Any
    stops: tuple[int, ...]
    n_vocabulary: int  # ids from here on are padding rows of the embedding
    context: int | None
    shares_prefixes: bool
    goes_on: bool  # rows can go on from prompts that are kept once for all of them
    beginnings: Beginnings = field(default_factory=Beginnings)

    @property
    def device(self) -> torch.device:
        return torch.device(self.network.device)

    def reply(self, prompt: Tokens, tokens: list[int]) -> Reply:
        """The reply to ``prompt`` of a row of sampled ids, which ends before its first stop."""
        end = next((place for place, token in enumerate(tokens) if token in self.stops), None)
        text = self.tokenizer.decode(tokens[:end], skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return Reply(
            text=text,
            tokens_in=len(prompt),
            tokens_out=len(tokens[:end]),
            finish="length" if end is None else "stop",
        )


def load_language_model(
    folder: Path,
    *,
    dtype: str = "float32",
    device: str = "auto",
    adapter: Path | None = None,
    share_prefixes: bool = True,
) -> LanguageModel:
    """Loads a model folder, and an adapter for it, for inference.

    Raises ModelNotFound where they cannot be read or do not fit, EngineError for an unusable device.
    """
    place = device_named(device)
    with in_one_line(ModelNotFound, f"model folder {str(folder)!r} cannot be read"), quiet_transformers():
        tokenizer = AutoTokenizer.from_pretrained(folder)
        network = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    if adapter is not None:
        network = adapted(network, adapter)
    if place.type == "cpu":
        use_grouped_attention(network)
    network = _moved(network, place)
    return LanguageModel(
        network=network,
        tokenizer=tokenizer,
        stops=_stops(network, tokenizer),
        n_vocabulary=min(max(tokenizer.get_vocab().values()) + 1, network.get_output_embeddings().weight.shape[0]),
        context=getattr(network.config.get_text_config(), "max_position_embeddings", None),
        shares_prefixes=share_prefixes and takes_packs(network),
        goes_on=share_prefixes and place.type == "cpu" and takes_before(network),
    )


def device_named(name: str) -> torch.device:
    """The device that settings name. Raises EngineError for a name that is none."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    with in_one_line(EngineError, f"device {name!r}: expected auto, cpu, cuda, cuda:1, ..."):
        return torch.device(name)


def _moved(network: Any, device: torch.device) -> Any:
    try:
        with in_one_line(EngineError, f"device {str(device)!r} cannot be used", but=torch.OutOfMemoryError):
            return network.to(device)
    except torch.OutOfMemoryError as error:
        raise EngineError(f"device {str(device)!r}: the model does not fit its memory") from error


def _stops(network: Any, tokenizer: Any) -> tuple[int, ...]:
    named = getattr(network.generation_config, "eos_token_id", None)
    ends = set(named if isinstance(named, list) else [named]) | {tokenizer.eos_token_id}
    vocabulary = tokenizer.get_vocab()
    ends |= {vocabulary[text] for text in TEXT_ENDS if text in vocabulary}
    return tuple(sorted(ends - {None}))


# --- adapters ----------------------------------------------------------------------------------------------------


def adapted(network: Any, folder: Path) -> Any:
    """``network`` with the adapter merged into float32 weights, or beside those of less precision.

    In bfloat16 a merged weight keeps 8 bits: updates of a thousandth of the weights' size were left with .55 of their effect
    on SmolLM2's logits, against .92 beside the weights (of a hundredth, .98 against 1.00). Raises ModelNotFound for an
    adapter that cannot be read or is for another model.
    """
    from peft import PeftModel, get_peft_model_state_dict

    adapter = f"adapter {str(folder)!r}, made for {adapter_config(folder).get('base_model_name_or_path')!r},"
    with in_one_line(ModelNotFound, f"{adapter} cannot be put on this model"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Found missing adapter keys", UserWarning)  # found below, the others too
        for said in ("Unable to fetch remote file", "Could not find a config file"):  # a packaged base is on no hub
            warnings.filterwarnings("ignore", said, UserWarning)
        wrapped = PeftModel.from_pretrained(network, folder, autocast_adapter_dtype=False)
        with safe_open(folder / ADAPTER_WEIGHTS, framework="pt") as weights:
            odd = set(weights.keys()) ^ set(get_peft_model_state_dict(wrapped))
    if odd:
        raise ModelNotFound(f"{adapter} is for another model: only one of them has {min(odd)!r}")
    return wrapped.merge_and_unload() if network.dtype == torch.float32 else wrapped.get_base_model()
