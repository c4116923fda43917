"""Rows of token ids put together to be read at once, padded on the right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor

from simcons.engines.local.prefill import Tokens


def padded_right(rows: Sequence[Tokens], pad: int) -> tuple[Tensor, Tensor]:
    """Ids and mask [row, token], padded on the right with ``pad``, which the mask hides."""
    width = max(map(len, rows))
    ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


ROWS_APART = 256  # whose tokens are compared at a time: a tenth of a gigabyte


def batches_apart(rows: Iterable[Tokens]) -> Iterator[list[Tokens]]:
    """Rows for late interaction, which reads each text of a batch once: those with texts in common together."""
    ordered = sorted(rows)
    for start in range(0, len(ordered), ROWS_APART):
        yield ordered[start : start + ROWS_APART]


def batches(rows: Sequence[Tokens], n_tokens: int) -> Iterator[list[Tokens]]:
    """Rows, which are sorted by length, in batches of at most ``n_tokens`` with padding, or of a single row."""
    batch: list[Tokens] = []
    for row in rows:
        if batch and (len(batch) + 1) * len(row) > n_tokens:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
