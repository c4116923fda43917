"""Attention on the CPU: query heads that share keys, and rows of a batch that share what was read before them.

Where rows write on from the same text, its keys and values stand in memory once (`Before`) and are multiplied with the
queries of all of them together. Copied into every row they would be most of what a step of writing has to read: SmolLM2
has 46 KB of them a token in float32, so that 36 rows of 1,200 tokens read 2 GB for each token they write.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

GROUPED_ATTENTION = "simcons_grouped"
_LOWEST = -80.0  # of a score below the peak: where its `exp` nears the smallest numbers it is ten times slower
DROP_BELOW = 0.75  # share of texts still written on from at which copying them costs less than carrying the others


class Before:
    """Texts that the rows of a batch go on from, each kept once however many rows it has.

    keys, values: [text, head, token, dim] for each layer, in float32. hidden: [text, 1, 1, token], added to the scores; what
    pads the texts on the left is lowest there. texts: [row], the text of each row.
    """

    def __init__(
        self, keys: list[torch.Tensor], values: list[torch.Tensor], hidden: torch.Tensor, texts: torch.Tensor
    ) -> None:
        self.keys, self.values, self.hidden = keys, values, hidden
        self._arrange(texts)

    def keep(self, rows: torch.Tensor) -> None:
        """Drops all other rows, and the texts that have none left once they are many."""
        kept, texts = torch.unique(self.texts[rows], return_inverse=True)
        if len(kept) > DROP_BELOW * len(self.hidden):
            self._arrange(self.texts[rows])
            return
        self.keys = [keys[kept] for keys in self.keys]
        self.values = [values[kept] for values in self.values]
        self.hidden = self.hidden[kept]
        self._arrange(texts)

    def weigh(self, queries: torch.Tensor, layer: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """As `_weighed`, for queries [row, head, query, dim]: those of one text are multiplied with it in one product."""
        n_texts, (_, n_heads, n_queries, n_dims) = len(self.hidden), queries.shape
        grid = queries.new_zeros(n_texts * self._n_wide, n_heads, n_queries, n_dims)
        grid[self._cells] = queries
        asked = grid.view(n_texts, self._n_wide, n_heads, -1, n_dims).transpose(1, 2).flatten(2, 3)
        weighed = _weighed(asked, self.keys[layer], self.values[layer], self.hidden)
        shape = (n_texts, n_heads, self._n_wide, n_queries, -1)
        sums, totals, peaks = (tensor.view(shape).transpose(1, 2).flatten(0, 1)[self._cells] for tensor in weighed)
        return sums, totals, peaks

    def _arrange(self, texts: torch.Tensor) -> None:
        """Give each row a cell in a grid [text, place] as wide as the text with the most rows."""
        counts = texts.bincount(minlength=len(self.hidden))
        order = texts.argsort(stable=True)
        places = torch.empty_like(texts)
        places[order] = torch.arange(len(texts)) - (counts.cumsum(0) - counts)[texts[order]]
        self.texts = texts
        self._n_wide = int(counts.max())
        self._cells = texts * self._n_wide + places


def use_grouped_attention(network: Any) -> None:
    """Have a network on the CPU that attends by transformers' ``sdpa`` attend by `grouped_attention`."""
    # Under a padding mask transformers copies the keys and values once for every query head that shares them: on the
    # CPU 18 ms a layer instead of 1.2 (64 rows of 500 tokens), though torch's CPU kernel takes mask and groups together.
    if network.config._attn_implementation == "sdpa":
        AttentionInterface.register(GROUPED_ATTENTION, grouped_attention)
        AttentionMaskInterface.register(GROUPED_ATTENTION, sdpa_mask)
        network.set_attn_implementation(GROUPED_ATTENTION)


def grouped_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: Any,
    before: Sequence[Before] = (),
    **options: Any,
) -> tuple[torch.Tensor, None]:
    """transformers' ``sdpa`` attention with heads [batch, head, token, dim], grouped under a mask as well.

    With ``before``, queries are of one token a row, and see all of what stands before the row and all of its own keys.
    """
    if before:
        if options.get("softcap") is not None or options.get("s_aux") is not None:
            raise NotImplementedError("scores that are capped or have sinks")
        return _going_on(query, key, value, before, module.layer_idx, options["scaling"]), None
    if attention_mask is None or options.get("position_bias") is not None:
        attended, _ = sdpa_attention_forward(module, query, key, value, attention_mask, **options)
        return attended, None
    attended = torch.nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=attention_mask, scale=options.get("scaling"), enable_gqa=True
    )
    return attended.transpose(1, 2).contiguous(), None


def _going_on(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, before: Sequence[Before], layer: int, scaling: float
) -> torch.Tensor:
    """Attention [row, 1, query head, dim] over several texts: each weighed by itself, put together by their totals."""
    n_rows, n_query_heads, _, n_dims = query.shape
    queries = (query.float() * scaling).view(n_rows, key.shape[1], -1, n_dims)
    parts = [_weighed(queries, key.float(), value.float()), *(text.weigh(queries, layer) for text in before)]
    peak = torch.stack([peaks for _, _, peaks in parts]).amax(0)
    scales = [(peaks - peak).exp() for _, _, peaks in parts]
    sums = sum(summed * scale for (summed, _, _), scale in zip(parts, scales, strict=True))
    totals = sum(total * scale for (_, total, _), scale in zip(parts, scales, strict=True))
    attended = torch.as_tensor(sums / totals)
    return attended.reshape(n_rows, 1, n_query_heads, n_dims).to(query.dtype)


def _weighed(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, hidden: torch.Tensor | None = None
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Values [text, head, query, dim] summed by exp(score - peak), the total of these weights, and the peak [..., 1]."""
    scores = queries @ keys.transpose(-1, -2)
    if hidden is not None:
        scores += hidden
    peaks = scores.amax(-1, keepdim=True)
    weights = scores.sub_(peaks).clamp_(min=_LOWEST).exp_()
    return weights @ values, weights.sum(-1, keepdim=True), peaks


@torch.inference_mode()
def takes_before(network: Any) -> bool:
    """True if rows of the network can go on from a `Before`: it uses our attention over everything, and hands it through."""
    layers = DynamicCache(config=network.config).layers
    attends = network.config._attn_implementation == GROUPED_ATTENTION
    if not attends or any(type(layer) is not DynamicLayer for layer in layers):
        return False
    try:
        whole = network(input_ids=torch.tensor([[1, 2, 3, 4], [1, 2, 3, 5]])).logits[:, -1].float()
        went_on = _toy_step(network).float()
    except Exception:  # a network that does not take it fails as it likes
        return False
    return bool((went_on - whole).abs().max() < 0.05 * (whole.amax() - whole.amin()))


def _toy_step(network: Any) -> torch.Tensor:
    read = DynamicCache(config=network.config)
    network(input_ids=torch.tensor([[1, 2, 3]]), past_key_values=read, use_cache=True)
    keys, values = states_of(read)
    before = Before(keys, values, torch.zeros(1, 1, 1, 3), torch.tensor([0, 0]))
    logits: torch.Tensor = step(network, torch.tensor([4, 5]), torch.tensor([3, 3]), DynamicCache(), [before])
    return logits


def step(
    network: Any, tokens: torch.Tensor, positions: torch.Tensor, cache: Cache, before: Sequence[Before]
) -> torch.Tensor:
    """Logits [row, id] after one more token in every row; ``cache`` holds what the rows have read by themselves."""
    seen = network(
        input_ids=tokens[:, None],
        attention_mask=torch.zeros(1, 1, 1, 1),  # in the form that no mask is made from
        position_ids=positions[:, None],
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
        before=before,
    )
    logits: torch.Tensor = seen.logits[:, -1]
    return logits


def states_of(cache: Cache) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Keys and values of each layer in float32: scores need more than the 8 bits of bfloat16, and products of float32 are
    the fastest a CPU without AMX has.
    """
    return [layer.keys.float() for layer in cache.layers], [layer.values.float() for layer in cache.layers]
