"""Sentence embeddings, with transformers alone (all-MiniLM-L6-v2)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer

from simcons.engines.local.models import (
    PACKAGED_ENCODER,
    complete_folder,
    in_one_line,
    packaged_path,
    quiet_transformers,
)
from simcons.engines.local.side_by_side import states_of, tokenised
from simcons.errors import ModelNotFound

Embeddings: TypeAlias = NDArray[np.float32]


class SentenceEncoder:
    """Maps texts to unit vectors: mean over tokens of a transformer's last layer (Reimers & Gurevych 2019).

    ``folder`` is a sentence-transformers model that is a BERT, with mean pooling; by default the packaged one. Raises
    MissingPackage, ModelNotFound.
    """

    def __init__(self, folder: Path | None = None, *, batch_size: int = 64, device: str = "cpu") -> None:
        folder = complete_folder(folder or packaged_path(PACKAGED_ENCODER))
        self.batch_size = batch_size
        self._tokenizer, self._network = _load(folder, device)
        self._max_tokens = _max_tokens(folder)

    @property
    def n_dims(self) -> int:
        return int(self._network.config.hidden_size)

    def encode(self, texts: Sequence[str]) -> Embeddings:
        """Unit vectors [text, 384]. Equal texts are read once; what exceeds 256 tokens is not read.

        The vector of a text is the same to the last bit whatever is read with it.
        """
        distinct = sorted(dict.fromkeys(texts), key=len)  # those of one length are attended to together
        place = {text: row for row, text in enumerate(distinct)}
        chunks = [distinct[start : start + self.batch_size] for start in range(0, len(distinct), self.batch_size)]
        vectors = np.concatenate([np.empty((0, self.n_dims), np.float32), *map(self._encode_batch, chunks)])
        return vectors[[place[text] for text in texts]] if texts else vectors

    @torch.inference_mode()
    def _encode_batch(self, texts: list[str]) -> Embeddings:
        read = self._tokenizer(texts, truncation=True, max_length=self._max_tokens)
        states = states_of(self._network, tokenised(read))
        vectors = [torch.nn.functional.normalize(own.mean(0), dim=-1) for own in states]
        return np.asarray(torch.stack(vectors).cpu().numpy())


def _load(folder: Path, device: str) -> tuple[Any, Any]:
    # bfloat16 reads 2.5 times as many texts where a core has it, but moves a vector by up to .003: a text near a reader's
    # threshold would be read one way on one machine and the other on the next.
    with in_one_line(ModelNotFound, f"sentence encoder {str(folder)!r} cannot be read"), quiet_transformers():
        tokenizer = AutoTokenizer.from_pretrained(folder)
        network = AutoModel.from_pretrained(folder, dtype=torch.float32).eval().to(device)
    return tokenizer, network


def _max_tokens(folder: Path) -> int:
    settings = folder / "sentence_bert_config.json"
    return int(json.loads(settings.read_text())["max_seq_length"]) if settings.is_file() else 512
