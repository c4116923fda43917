"""The sentence encoder, against sentence_transformers and against itself."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path

import numpy as np
import pytest

from simcons.engines.local.encoder import SentenceEncoder
from simcons.engines.local.models import PACKAGED_ENCODER, packaged_path
from simcons.errors import ModelNotFound

pytestmark = pytest.mark.model

TEXTS = [
    "The rich should pay higher taxes.",
    "Wealthy people ought to be taxed more.",
    "I like to swim in the sea.",
    "",
    "Public services need money. " * 80,  # longer than is read
    "Ça coûte trop cher 🙂",
]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


def test_vectors_are_of_unit_length_and_close_for_close_meanings(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (6, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > 0.7 > 0.3 > likeness[0, 2]


def test_order_duplicates_and_batch_size_do_not_matter(encoder: SentenceEncoder) -> None:
    """To the last bit."""
    expected = encoder.encode(TEXTS)
    order = [3, 1, 1, 5, 0, 4, 2, 1]
    for batch_size in (1, 2, 64):
        other = SentenceEncoder(batch_size=batch_size).encode([TEXTS[place] for place in order])
        assert np.array_equal(other, expected[order])


def test_equal_texts_get_equal_vectors(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode([*TEXTS, *TEXTS])
    assert np.array_equal(vectors[:6], vectors[6:])


def test_no_texts_give_no_vectors(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_a_folder_that_is_no_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"has no config\.json"):
        SentenceEncoder(tmp_path)


@pytest.mark.skipif(importlib.util.find_spec("sentence_transformers") is None, reason="needs sentence_transformers")
def test_vectors_equal_those_of_sentence_transformers(encoder: SentenceEncoder) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of that library: not ours to keep free of warnings
        from sentence_transformers import SentenceTransformer

        theirs = SentenceTransformer(str(packaged_path(PACKAGED_ENCODER)), device="cpu").encode(TEXTS)
    np.testing.assert_allclose(encoder.encode(TEXTS), theirs, atol=1e-5)
