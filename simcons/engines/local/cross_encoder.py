"""A cross-encoder: what a text says of a proposition, the two read together (all-MiniLM-L6-v2, trained further)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

from simcons.arrays import AnyFloats, Floats
from simcons.engines.local.models import (
    PACKAGED_ENCODER,
    complete_folder,
    in_one_line,
    packaged_path,
    quiet_transformers,
)
from simcons.engines.local.threads import settle_threads
from simcons.errors import ModelNotFound

Weights: TypeAlias = Mapping[str, AnyFloats]

N_ANSWERS = 4  # asserts it, denies it, is torn, says nothing of it
MAX_TOKENS = 224  # of a text and a proposition together; the end of a longer text is not read


class CrossEncoderNetwork(nn.Module):
    """A transformer over text and proposition, the mean of its last layer, and a classifier. Word embeddings stay as they are."""

    def __init__(self) -> None:
        super().__init__()
        folder = complete_folder(packaged_path(PACKAGED_ENCODER))
        with in_one_line(ModelNotFound, f"sentence encoder {str(folder)!r} cannot be read"), quiet_transformers():
            self.tokenizer = AutoTokenizer.from_pretrained(folder)
            self.body = AutoModel.from_pretrained(folder, dtype=torch.float32)
        self.body.embeddings.requires_grad_(False)
        size = int(self.body.config.hidden_size)
        self.head = nn.Sequential(nn.Dropout(0.1), nn.Linear(size, size), nn.Tanh(), nn.Linear(size, N_ANSWERS))

    def forward(self, inputs: Mapping[str, Tensor]) -> Tensor:
        """Logits [pair, answer]."""
        states = self.body(**inputs).last_hidden_state
        mask = inputs["attention_mask"][..., None].to(states.dtype)
        logits: Tensor = self.head((states * mask).sum(1) / mask.sum(1))
        return logits

    def tokens(self, pairs: Sequence[tuple[str, str]], *, max_tokens: int = MAX_TOKENS) -> Any:
        texts, propositions = zip(*pairs, strict=True)
        return self.tokenizer(
            list(texts),
            list(propositions),
            padding=True,
            truncation="only_first",
            max_length=max_tokens,
            return_tensors="pt",
        )

    def learnt(self) -> dict[str, AnyFloats]:
        """What training has changed, in half precision, by name."""
        learning = {name for name, parameter in self.named_parameters() if parameter.requires_grad}
        return {
            name: weights.detach().to(torch.float16).numpy()
            for name, weights in self.state_dict().items()
            if name in learning
        }

    def learn(self, weights: Weights) -> None:
        """Take on weights as `learnt` gives them. Raises ValueError where names or shapes are not this network's."""
        own = self.state_dict()
        for name, values in weights.items():
            if name not in own or tuple(own[name].shape) != values.shape:
                raise ValueError(f"weights {name!r} of shape {values.shape} are not of this network")
        given = {name: torch.from_numpy(values.astype(np.float32)) for name, values in weights.items()}
        self.load_state_dict(given, strict=False)


class CrossEncoder:
    """Judges pairs of a text and a proposition.

    Raises MissingPackage, ModelNotFound, and ValueError for weights of another network.
    """

    def __init__(self, weights: Weights, *, batch_size: int = 32, device: str = "cpu") -> None:
        settle_threads()
        self.batch_size = batch_size
        self._network = CrossEncoderNetwork()
        self._network.learn(weights)
        self._network.eval().to(device)
        self._device = device

    def judge(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Probabilities [pair, answer]. Equal pairs are read once."""
        distinct = sorted(dict.fromkeys(pairs), key=lambda pair: len(pair[0]) + len(pair[1]))  # little padding
        place = {pair: row for row, pair in enumerate(distinct)}
        chunks = [distinct[start : start + self.batch_size] for start in range(0, len(distinct), self.batch_size)]
        judged = np.concatenate([np.empty((0, N_ANSWERS)), *map(self._judge_batch, chunks)])
        return judged[[place[pair] for pair in pairs]] if pairs else judged

    @torch.inference_mode()
    def _judge_batch(self, pairs: list[tuple[str, str]]) -> Floats:
        logits = self._network(self._network.tokens(pairs).to(self._device))
        return np.asarray(logits.softmax(-1).cpu().numpy(), dtype=np.float64)
