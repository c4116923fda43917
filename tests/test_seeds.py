"""Streams are addressed by their key and by nothing else."""

from __future__ import annotations

import subprocess
import sys
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simcons.seeds import request_seed, stream

keys = st.lists(st.text(max_size=4) | st.integers(-9, 9), max_size=4).map(tuple)


@given(left=keys, right=keys)
@example(left=(1,), right=("1",))
@example(left=("ab", "c"), right=("a", "bc"))
@example(left=("a",), right=("a", "a"))
def test_different_keys_give_different_streams(left, right):
    """Also ("ab", "c") and ("a", "bc"), 1 and "1", and a key and its beginning. False alarm 1e-17."""
    same = [type(part) for part in left] == [type(part) for part in right] and left == right
    assert (stream(3, *left).random() == stream(3, *right).random()) is same
    assert (request_seed(3, *left) == request_seed(3, *right)) is same


def test_a_stream_is_the_same_in_every_process_and_differs_by_seed():
    """Python's own hash of a text would not be."""
    code = "from simcons.seeds import stream, request_seed as r; print(stream(7, 'dropout', 12).random(), r(7, 'a', 1))"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": salt}, capture_output=True, check=True
        ).stdout
        for salt in ("1", "2")
    }
    assert runs == {f"{stream(7, 'dropout', 12).random()} {request_seed(7, 'a', 1)}\n".encode()}
    assert stream(7, "dropout", 12).random() != stream(8, "dropout", 12).random()


def test_the_digest_of_the_key_is_the_key_of_philox():
    digest = blake2b(b"i\x01\x00\x00\x007s\x07\x00\x00\x00dropouti\x02\x00\x00\x0012", digest_size=16).digest()
    by_hand = np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))
    assert (stream(7, "dropout", 12).random(5) == by_hand.random(5)).all()


def test_neighbouring_streams_are_independent():
    """First draws of 4,000 neighbouring keys: uniform and uncorrelated; each bound is 4.9 SEs, false alarm 1e-6."""
    first = np.array([stream(0, "person", k).random(2) for k in range(4000)])
    assert abs(first.mean() - 0.5) < 4.9 / np.sqrt(12 * first.size)
    assert abs(np.corrcoef(first[:-1, 0], first[1:, 0])[0, 1]) < 4.9 / np.sqrt(len(first))
    assert abs(np.corrcoef(first.T)[0, 1]) < 4.9 / np.sqrt(len(first))


def test_request_seeds_fit_63_bits():
    seeds = [request_seed(0, "sample", k) for k in range(1000)]
    assert len(set(seeds)) == 1000
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert max(seeds) > 2**62  # false alarm 2^-1000


@pytest.mark.parametrize("part", [1.0, True, None, ("a",)])
def test_a_part_that_is_no_text_and_no_whole_number_is_refused(part):
    with pytest.raises(TypeError, match="a key part must be str or int"):
        stream(0, part)
