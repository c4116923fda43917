"""Reward models: how far the author of an opinion would agree with a statement, as one number of a network that reads both.

Three architectures, which training and scoring share: a causal language model with a linear head, which is transformers' own
class for one label, a cross-encoder, and late interaction. All are asked by token ids and an attention mask and answer
``logits`` [row, 1], as TRL's RewardTrainer wants it. `TripleTokens` is the one place where question, opinion and statement
become ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.utils import logging

from simcons.engines.local.adapters import MANIFEST, adapter_folder, check_base
from simcons.engines.local.chat import text_tokens
from simcons.engines.local.language_model import adapted
from simcons.engines.local.late_interaction import LateInteractionReward, encoder_body, texts_of
from simcons.engines.local.models import (
    PACKAGED_ENCODER,
    PACKAGED_ENCODER_NAME,
    complete_folder,
    in_one_line,
    local_folder,
    model_hash,
    packaged_path,
    quiet_transformers,
    resolve_model,
)
from simcons.engines.local.prefill import Tokens
from simcons.engines.local.reward_manifest import (
    Architecture,
    RewardManifest,
    is_reward_model,
    read_manifest,
    write_manifest,
)
from simcons.errors import ModelNotFound

HEAD_SD = 0.02  # of a new head's weights


# --- what is read ------------------------------------------------------------------------------------------------


class TripleTokens:
    """Token ids of a question, an opinion and a statement, as training and scoring give them to a network.

    The prompt (question and opinion) and the statement are cut into tokens apart, so that the prompts of several statements
    are the same ids. A causal model reads ``prompt statement <end>``, an encoder ``<cls> prompt <sep> statement <sep>``, late
    interaction ``<cls> question <sep> opinion <sep> statement <sep>``. Marks that people write, such as ``<|im_end|>`` or
    ``[SEP]``, are read as the letters they are.

    opinion: whether it is read at all; without it the prompt is the question alone.
    tokenizer: its ``pad_token`` is set to a mark other than the end, which models for one label look for from the right.
    Raises ModelNotFound for a tokenizer without the marks that the architecture reads.
    """

    def __init__(self, folder: Path, architecture: Architecture, *, opinion: bool = True) -> None:
        with in_one_line(ModelNotFound, f"tokenizer in {str(folder)!r} cannot be read"), quiet_transformers():
            self.tokenizer = AutoTokenizer.from_pretrained(folder)
        tokenizer, causal = self.tokenizer, architecture == "causal"
        self.end = tokenizer.eos_token_id if causal else tokenizer.sep_token_id
        start = tokenizer.bos_token_id if causal else tokenizer.cls_token_id
        if self.end is None or (start is None and not causal):
            marks = "no end mark" if causal else "no marks cls and sep"
            raise ModelNotFound(
                f"tokenizer in {str(folder)!r} has {marks}, which the architecture {architecture!r} reads"
            )
        begins = not causal or tokenizer("")["input_ids"][:1] == [start]
        self.reads_opinion = opinion
        self.apart = architecture == "late_interaction"
        self._start: Tokens = (start,) if begins else ()
        self._between: Tokens = () if causal else (self.end,)
        if tokenizer.pad_token_id in (None, self.end):
            tokenizer.pad_token = tokenizer.convert_ids_to_tokens(self._other_mark())

    @property
    def end_token(self) -> str:
        return str(self.tokenizer.convert_ids_to_tokens(self.end))

    @property
    def pad_token(self) -> str:
        return str(self.tokenizer.pad_token)

    def prompt(self, question: str, opinion: str) -> Tokens:
        """The ids that come before every statement."""
        if self.apart:
            texts = [question, opinion] if self.reads_opinion else [question]
            return (*self._start, *(token for text in texts for token in (*self._ids(_line(text)), self.end)))
        said = f"\nOpinion: {_line(opinion)}" if self.reads_opinion else ""
        text = f"Question: {_line(question)}{said}\nStatement:"
        return (*self._start, *self._ids(text), *self._between)

    def statement(self, statement: str) -> Tokens:
        """The ids that follow the prompt, the end mark among them."""
        return (*self._ids(f" {_line(statement)}"), self.end)

    def __call__(self, question: str, opinion: str, statement: str) -> Tokens:
        """All that the network reads of one triple."""
        return self.prompt(question, opinion) + self.statement(statement)

    def n_read(self, row: Tokens) -> int:
        """Tokens of a triple that the network reads at a time: all, or the longest text of those that it reads apart."""
        return max(map(len, texts_of(row, self.end))) if self.apart else len(row)

    def _ids(self, text: str) -> Tokens:
        return text_tokens(self.tokenizer, text)

    def _other_mark(self) -> int:
        """A mark that is not the end; any token will do where there is none, as what is read ends in the end mark."""
        marks = [place for place in sorted(self.tokenizer.all_special_ids) if place != self.end]
        return int(marks[0] if marks else self.end == 0)


def _line(text: str) -> str:
    return " ".join(text.split())


# --- networks ----------------------------------------------------------------------------------------------------


class EncoderReward(PreTrainedModel):  # type: ignore[misc]  # transformers has no types
    """An encoder over two segments, the mean of its last layer, and a head of two layers. Its configuration is the body's."""

    base_model_prefix = "body"
    _supports_sdpa = True
    _keys_to_ignore_on_load_unexpected = [r"pooler\.", r"position_ids$"]

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.body = encoder_body(config)
        size = int(config.hidden_size)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(size, size), nn.Tanh(), nn.Linear(size, 1))
        self.post_init()

    def forward(self, input_ids: Tensor, attention_mask: Tensor, **_: Any) -> SequenceClassifierOutput:
        """``logits`` [row, 1]. The second segment begins after the first separator."""
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
        if getattr(self.config, "type_vocab_size", 0) > 1:
            separators = (input_ids == self.config.sep_token_id).long()
            inputs["token_type_ids"] = ((separators.cumsum(-1) - separators) > 0).long()
        states = self.body(**inputs).last_hidden_state
        mask = attention_mask[..., None].to(states.dtype)
        means = (states * mask).sum(1) / mask.sum(1)
        return SequenceClassifierOutput(logits=self.head(means.to(self.head[1].weight.dtype)))


_NETWORKS: dict[Architecture, Any] = {
    "causal": AutoModelForSequenceClassification,
    "encoder": EncoderReward,
    "late_interaction": LateInteractionReward,
}


def new_network(architecture: Architecture, folder: Path, tokens: TripleTokens, *, seed: int) -> Any:
    """The network of the model in ``folder`` in float32, to be trained: with a new head, drawn by ``seed``, or with its own where
    the folder is a reward model's checkpoint.

    Raises ModelNotFound where the folder cannot be read as this architecture, or is a checkpoint that reads other texts.
    """
    if begun := _begun(folder, architecture, tokens):
        return begun
    network = _read_network(architecture, folder, tokens, "float32", new_head=True)
    drawn = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in head_of(network).modules():
            if isinstance(layer, nn.Linear):
                layer.weight.normal_(0, HEAD_SD, generator=drawn)
                if layer.bias is not None:
                    layer.bias.zero_()
    if isinstance(network, LateInteractionReward):
        network.begin_from_likeness()
    return network


def _begun(folder: Path, architecture: Architecture, tokens: TripleTokens) -> Any:
    """The network of a checkpoint, to be trained further; None for a folder that is none."""
    if not is_reward_model(folder):
        return None
    manifest = read_manifest(folder)
    asked = {"architecture": architecture, "opinion": tokens.reads_opinion, "adapter": False}
    for key, value in asked.items():
        if (own := getattr(manifest, key)) != value:
            raise ModelNotFound(f"reward model {str(folder)!r}: {key} {own!r}: expected {value!r}, to train it further")
    return _read_network(architecture, folder, tokens, "float32")


def head_of(network: Any) -> Any:
    """The layers that make a number of a state."""
    return network.head if isinstance(network, EncoderReward | LateInteractionReward) else network.score


def _read_network(
    architecture: Architecture, folder: Path, tokens: TripleTokens, dtype: str, *, new_head: bool = False
) -> Any:
    model = _NETWORKS[architecture]
    with (
        in_one_line(ModelNotFound, f"{folder} cannot be read as {architecture}"),
        quiet_transformers(),
        _no_load_report(),
    ):
        config = AutoConfig.from_pretrained(folder)
        config.num_labels = 1
        config.get_text_config().pad_token_id = tokens.tokenizer.pad_token_id
        if architecture != "causal":
            config.sep_token_id, config.reads_opinion = tokens.end, tokens.reads_opinion
        network, loading = model.from_pretrained(
            folder, config=config, dtype=getattr(torch, dtype), output_loading_info=True
        )
        missing = {name for name in loading["missing_keys"] if not (new_head and name.startswith(("head.", "score.")))}
    if missing:
        raise ModelNotFound(f"{folder} has no weights {min(missing)!r}; expected those of a reward model")
    return network.eval()


@contextmanager
def _no_load_report() -> Iterator[None]:
    """transformers' warnings off: what is missing of a checkpoint is an error here, and a new head is meant to be."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


# --- checkpoints -------------------------------------------------------------------------------------------------


def base_folder(reference: str) -> Path:
    """The folder of the model that training begins from: a packaged name, a folder or a hub id.

    Raises MissingPackage, ModelNotFound.
    """
    if reference == PACKAGED_ENCODER_NAME:
        return complete_folder(packaged_path(PACKAGED_ENCODER))
    return local_folder(resolve_model(reference))


def save_reward_model(folder: Path, network: Any, tokens: TripleTokens, manifest: RewardManifest) -> None:
    """Write a checkpoint: tokenizer, weights (of a PEFT model the adapter and the head), and last the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    with quiet_transformers():
        tokens.tokenizer.save_pretrained(folder)
        if manifest.adapter:  # a name that holds on other machines, where PEFT has the base's folder in the cache
            network.peft_config["default"].base_model_name_or_path = manifest.base
        network.save_pretrained(folder)
    write_manifest(folder, manifest)


@dataclass(frozen=True, slots=True)
class RewardModel:
    """A checkpoint ready to score: its network for inference, what it reads, and its manifest."""

    network: Any
    tokens: TripleTokens
    manifest: RewardManifest


def load_reward_model(folder: Path, *, dtype: str = "float32", device: torch.device | str = "cpu") -> RewardModel:
    """Read a checkpoint.

    Raises MissingPackage, and ModelNotFound, in one line, for what is missing or does not belong together; ScenarioError for a
    manifest that is wrong.
    """
    manifest = read_manifest(folder)
    tokens = TripleTokens(folder, manifest.architecture, opinion=manifest.opinion)
    for mark, own, recorded in (
        ("end", tokens.end_token, manifest.end_token),
        ("pad", tokens.pad_token, manifest.pad_token),
    ):
        if own != recorded:
            raise ModelNotFound(f"reward model {str(folder)!r}: {mark}_token {recorded!r}: its tokenizer has {own!r}")
    weights = weights_folder(folder, manifest)
    network = _read_network(manifest.architecture, weights, tokens, dtype, new_head=manifest.adapter)
    if manifest.adapter:
        network = adapted(network, folder).eval()
    return RewardModel(network.to(device), tokens, manifest)


def weights_folder(folder: Path, manifest: RewardManifest) -> Path:
    """Where the network is read from: the checkpoint itself, or the base of its adapter.

    Raises ModelNotFound for files that are missing, and for a base that is another model than the adapter was trained on.
    """
    if not manifest.adapter:
        return complete_folder(folder)
    adapter_folder(str(folder))
    base = base_folder(manifest.base)
    check_base(folder, model_hash(base), manifest.base, kind=manifest.kind)
    return base
