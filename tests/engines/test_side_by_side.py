"""A BERT that reads texts side by side, drawn at random."""

from __future__ import annotations

import pytest
import torch
from transformers import BertConfig, BertModel

from simcons.engines.local.side_by_side import TILE, TokenisedText, states_of

LENGTHS = [7, 40, 3, 3, TILE, 1, TILE + 9, 40, 90]


@pytest.fixture(scope="module")
def body() -> BertModel:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=50, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128
    )
    return BertModel(config).eval()


@pytest.fixture(scope="module")
def texts() -> list[TokenisedText]:
    rng = torch.Generator().manual_seed(1)
    drawn = [torch.randint(50, (length,), generator=rng).tolist() for length in LENGTHS]
    return [TokenisedText(ids, [int(place > len(ids) // 2) for place in range(len(ids))]) for ids in drawn]


def test_each_text_is_read_to_the_last_bit_as_if_alone(body, texts):
    """Whatever is read with it, in whatever order, and wherever in a tile its tokens come to stand."""
    alone = [states_of(body, [text])[0] for text in texts]
    for order in (range(len(texts)), range(len(texts) - 1, -1, -1), [1, 1, 4], [6, 0]):
        together = states_of(body, [texts[place] for place in order])
        assert all(torch.equal(read, alone[place]) for read, place in zip(together, order, strict=True))


def test_states_are_those_of_transformers(body, texts):
    for text, read in zip(texts, states_of(body, texts), strict=True):
        with torch.inference_mode():
            theirs = body(torch.tensor([text.ids]), token_type_ids=torch.tensor([text.kinds])).last_hidden_state[0]
        torch.testing.assert_close(read, theirs, atol=1e-5, rtol=0)
