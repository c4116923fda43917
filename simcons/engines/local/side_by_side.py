"""A BERT that reads texts side by side, and each of them to the last bit as if alone.

The last bits of a product depend on the shapes of what is multiplied, and what is made of a text may not depend on what else is
read. So the tokens of all texts stand in one row, without padding, and go through the layers in tiles of one size; attention
alone, in which tokens look at one another, goes text by text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.nn.functional import pad, scaled_dot_product_attention

from simcons.engines.local.threads import settle_threads

TILE = 128  # tokens: on a core with AVX-512 as fast as larger ones, and of the last tile of a pass half is empty on average

_OfTile: TypeAlias = Callable[..., Tensor]  # tensors [TILE, size] -> another


@dataclass(frozen=True, slots=True)
class TokenisedText:
    """ids: of its tokens, with the marks at both ends; kinds: 0, or 1 for those of the second of two texts read as one."""

    ids: Sequence[int]
    kinds: Sequence[int]


def tokenised(read: Any) -> list[TokenisedText]:
    """The texts in what a fast tokenizer returns, which has not padded them."""
    return [TokenisedText(encoding.ids, encoding.type_ids) for encoding in read.encodings]


@torch.inference_mode()
def states_of(body: Any, texts: Sequence[TokenisedText]) -> list[Tensor]:
    """The states of the last layer, [token, size] for each text. body: a `transformers.BertModel`, in evaluation."""
    settle_threads(body.device, body.dtype)
    order = sorted(range(len(texts)), key=lambda place: len(texts[place].ids))
    lengths = [len(texts[place].ids) for place in order]
    states = _embedded(body, [texts[place] for place in order])
    for layer in body.encoder.layer:
        states = _after(layer, states, lengths)
    by_place = dict(zip(order, torch.split(states[: sum(lengths)], lengths), strict=True))
    return [by_place[place] for place in range(len(texts))]


def _embedded(body: Any, texts: Sequence[TokenisedText]) -> Tensor:
    """Embeddings of the tokens of all texts, [token, size], with nought for what the last tile lacks."""
    tokens = [(*token, place) for text in texts for place, token in enumerate(zip(text.ids, text.kinds, strict=True))]
    ids, kinds, places = torch.tensor(tokens, device=body.device).T[:, None]
    embedded: Tensor = body.embeddings(input_ids=ids, token_type_ids=kinds, position_ids=places)[0]
    return pad(embedded, (0, 0, 0, -len(tokens) % TILE))


def _after(layer: Any, states: Tensor, lengths: Sequence[int]) -> Tensor:
    """States [token, size] after a layer, of texts of these lengths in turn, which are sorted."""
    own = layer.attention.self
    queries, keys, values = (_in_tiles(part, states) for part in (own.query, own.key, own.value))
    attended = _attended(queries, keys, values, lengths, own.attention_head_size)

    def rest(attended: Tensor, states: Tensor) -> Tensor:
        seen = layer.attention.output(attended, states)
        return layer.output(layer.intermediate(seen), seen)  # type: ignore[no-any-return]

    return _in_tiles(rest, attended, states)


def _in_tiles(function: _OfTile, *rows: Tensor) -> Tensor:
    return torch.cat([function(*tiles) for tiles in zip(*(torch.split(tensor, TILE) for tensor in rows), strict=True)])


def _attended(queries: Tensor, keys: Tensor, values: Tensor, lengths: Sequence[int], head_size: int) -> Tensor:
    """What the tokens of each text attend to in it; texts of one length in one call, which looks at each of them by itself."""
    attended, start = torch.zeros_like(queries), 0
    for length, group in groupby(lengths):
        n_texts = len(list(group))
        own = slice(start, start + n_texts * length)
        asked, known, said = (
            t[own].view(n_texts, length, -1, head_size).transpose(1, 2) for t in (queries, keys, values)
        )
        attended[own] = scaled_dot_product_attention(asked, known, said).transpose(1, 2).flatten(2).flatten(0, 1)
        start = own.stop
    return attended
