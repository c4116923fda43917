"""A sentence encoder that reads no text twice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simcons.engines.base import Encode
from simcons.remembered import keep_last


class RememberingEncoder:
    """Another encoder, with its vectors kept; of more than ``most`` texts those that were read last.

    Only for an encoder whose vectors depend on the text alone: else it would matter what was read before.
    """

    def __init__(self, encode: Encode, *, most: int | None = None) -> None:
        self._encode = encode
        self._most = most
        self._known: dict[str, npt.NDArray[np.float32]] = {}

    def __call__(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encode(new), strict=True))
        vectors = np.stack([self._known[text] for text in texts])
        if self._most is not None:
            keep_last(self._known, self._most)
        return vectors
