"""Every random number in simcons comes from :func:`stream`, which is addressed by a key.

Adding a draw under one key moves no draw under another, so two arms or two scenarios that share a seed share their
participants, arrival times and noise, and differences between them are paired (common random numbers).
"""

from __future__ import annotations

import hashlib
import struct
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.random.bit_generator import ISeedSequence

KeyPart: TypeAlias = str | int


def stream(seed: int, *key: KeyPart) -> np.random.Generator:
    """A generator that depends on ``seed`` and ``key`` alone.

    Parts are tagged with type and length before hashing, so ``("ab", "c")`` and ``("a", "bc")``, or ``1`` and
    ``"1"``, address different streams. Philox takes the 128-bit digest as its key as it is: distinct keys of a
    counter-based generator give independent streams (Salmon et al. 2011), and no seeding routine is run.
    """
    key_of_philox = _Key(_digest(seed, key, size=16))
    return np.random.Generator(np.random.Philox(key_of_philox))  # type: ignore[arg-type]  # takes any ISeedSequence


class _Key(ISeedSequence):
    """A digest as Philox's key. Given as ``key`` it would cost twice as much: Philox draws a seed from the system even so."""

    def __init__(self, digest: bytes) -> None:
        self._words = np.frombuffer(digest, dtype="<u8")

    def generate_state(self, n_words: int, dtype: npt.DTypeLike = np.uint32) -> npt.NDArray[np.uint64]:
        return self._words


def request_seed(seed: int, *key: KeyPart) -> int:
    """A non-negative 63-bit seed for one request to an engine."""
    return int.from_bytes(_digest(seed, key, size=8), "little") >> 1


def _digest(seed: int, key: tuple[KeyPart, ...], *, size: int) -> bytes:
    hashed = hashlib.blake2b(digest_size=size)
    for item in (seed, *key):
        hashed.update(_encode(item))
    return hashed.digest()


def _encode(item: KeyPart) -> bytes:
    if isinstance(item, str):
        body = item.encode()
        return b"s" + struct.pack("<I", len(body)) + body
    if isinstance(item, int) and not isinstance(item, bool):
        body = str(item).encode()
        return b"i" + struct.pack("<I", len(body)) + body
    raise TypeError(f"a key part must be str or int, got {item!r}")
