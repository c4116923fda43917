"""Small networks that weigh what others say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simcons.arrays import AnyFloats, Floats


@dataclass(frozen=True, slots=True)
class SmallNetwork:
    """Features, standardised, through one hidden layer to log-probabilities."""

    mean: AnyFloats  # [features]
    scale: AnyFloats  # [features]
    hidden: AnyFloats  # [units, features + 1]: weights and bias
    out: AnyFloats  # [answers, units + 1]

    @classmethod
    def of(cls, arrays: Mapping[str, AnyFloats], name: str, *, n_features: int, n_answers: int) -> SmallNetwork:
        """The network whose arrays are called ``name`` and a part. Raises ValueError where one is missing or of another shape."""
        shapes = {
            "mean": (n_features,),
            "scale": (n_features,),
            "hidden": (None, n_features + 1),
            "out": (n_answers, None),
        }
        network = cls(*(shaped(arrays, f"{name}.{part}", shape) for part, shape in shapes.items()))
        shaped(arrays, f"{name}.out", (n_answers, len(network.hidden) + 1))
        return network

    def arrays(self, name: str) -> dict[str, AnyFloats]:
        parts = {"mean": self.mean, "scale": self.scale, "hidden": self.hidden, "out": self.out}
        return {f"{name}.{part}": np.asarray(values, dtype=np.float32) for part, values in parts.items()}

    def __call__(self, features: Floats) -> Floats:
        """Log-probabilities [..., answers]."""
        standard = (features - self.mean) / self.scale
        inner = np.tanh(standard @ self.hidden[:, :-1].T + self.hidden[:, -1])
        logits = inner @ self.out[:, :-1].T + self.out[:, -1]
        top = logits.max(axis=-1, keepdims=True)
        return np.asarray(logits - top - np.log(np.exp(logits - top).sum(axis=-1, keepdims=True)))


def shaped(arrays: Mapping[str, AnyFloats], name: str, shape: tuple[int | None, ...]) -> AnyFloats:
    """An array by its name. Raises ValueError where it is missing or of another shape; None stands for any size."""
    if name not in arrays:
        raise ValueError(f"has no array {name!r}")
    sizes = arrays[name].shape
    if len(sizes) != len(shape) or any(want not in (None, size) for size, want in zip(sizes, shape, strict=True)):
        expected = " by ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"array {name!r} is {' by '.join(map(str, sizes))}; expected {expected}")
    return arrays[name]
