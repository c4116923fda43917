"""The manifest of a reward model's checkpoint: what its network reads and how its scores become ratings. Needs no torch.

A checkpoint is a folder with ``manifest.json``, written last, and the weights that `reward_model` saves beside it.
"""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

import numpy as np
from pydantic import Field, PositiveInt, model_validator

from simcons.arrays import Floats
from simcons.engines.local.adapters import ADAPTER_CONFIG, MANIFEST
from simcons.engines.local.learnt import Learnt
from simcons.engines.local.models import model_hash
from simcons.errors import ModelNotFound
from simcons.json_files import read_object
from simcons.scale import HIGHEST, LOWEST
from simcons.scenario.files import parse
from simcons.scenario.parameters import StrictModel

KIND: Literal["reward"] = "reward"
FORMAT: Literal[1] = 1

Architecture: TypeAlias = Literal["causal", "encoder", "late_interaction"]


_DESCRIPTIONS: dict[Architecture, str] = {
    "causal": "a causal model",
    "encoder": "a cross-encoder",
    "late_interaction": "late interaction",
}


class Calibration(StrictModel):
    """A map from raw scores to expected ratings, straight between its knots. Both lists rise.

    Beyond the knots it goes on with the slope they end in, ever flatter: it nears 7 and 1 without reaching them, so that no order
    is lost.
    """

    raw: tuple[float, ...] = Field(min_length=2)
    rating: tuple[float, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if len(self.raw) != len(self.rating):
            raise ValueError(f"raw has {len(self.raw)} entries and rating {len(self.rating)}; expected as many")
        if not (_rise(self.raw) and _rise(self.rating)):
            raise ValueError("expected raw and rating to rise from each entry to the next")
        if not LOWEST < self.rating[0] < self.rating[-1] < HIGHEST:
            raise ValueError(
                f"rating from {self.rating[0]} to {self.rating[-1]}: expected between {LOWEST} and {HIGHEST}"
            )
        return self

    def ratings(self, scores: Floats) -> Floats:
        """Expected ratings of raw scores."""
        (left, *_, right), (low, *_, high) = self.raw, self.rating
        slopes = np.diff(self.rating) / np.diff(self.raw)
        below = LOWEST + _left(low - LOWEST, slopes[0] * np.maximum(left - scores, 0))
        above = HIGHEST - _left(HIGHEST - high, slopes[-1] * np.maximum(scores - right, 0))
        # Rounding must not undo the order either: every step from score to rating keeps it, and no piece goes beyond its knot.
        knots = np.take(self.rating, np.searchsorted(self.raw, scores), mode="clip")
        between = np.minimum(np.interp(scores, self.raw, self.rating), knots)
        inside = np.where(scores < left, np.minimum(below, low), between)
        return np.asarray(np.where(scores > right, np.maximum(above, high), inside))


class RewardManifest(StrictModel):
    """Everything about a checkpoint but its weights.

    architecture: ``causal`` is a causal language model whose last layer, at the end mark, a linear head makes one number of;
    ``encoder`` is an encoder over two segments, the mean of whose last layer a head of two layers makes one number of;
    ``late_interaction`` is an encoder that reads question, opinion and statement apart, and a linear head over how near they are.
    thresholds: the raw scores at which ratings of 2 to 7 become likelier than not, of a model that learnt ratings
    (P(rating > k) = logistic(score - thresholds[k - 1])). They make ratings of scores where there is no calibration.
    """

    kind: Literal["reward"] = KIND
    format: Literal[1] = FORMAT
    architecture: Architecture
    base: str = Field(description="what training began from: a packaged name, a folder or a hub id")
    base_hash: str = Field(description="of its weights, configuration and tokenizer")
    adapter: bool = Field(
        description="true: the weights are a LoRA adapter (PEFT) and a head for the base; false: all of them"
    )
    max_tokens: PositiveInt = Field(
        description="of question, opinion and statement together, or of each where read apart; what is longer has no score"
    )
    opinion: bool = Field(
        True, description="false: it reads no opinion, so that all people get the same score: a baseline"
    )
    end_token: str
    pad_token: str
    calibration: Calibration | None = None
    thresholds: Annotated[tuple[float, ...], Field(min_length=6, max_length=6)] | None = None
    learnt: Learnt | None = Field(None, description="whom it knows; null of a checkpoint that did not keep it")
    training: dict[str, Any] = Field({}, description="how it was made: data, settings, metrics, versions")

    @model_validator(mode="after")
    def _makes_ratings(self) -> Self:
        if self.calibration is None and self.thresholds is None:
            raise ValueError("expected a calibration or thresholds, which make ratings of its scores")
        if self.thresholds is not None and not _rise(self.thresholds):
            raise ValueError("thresholds: expected each above the one before")
        if self.adapter and self.architecture != "causal":
            raise ValueError("adapter: expected false for an encoder, of which all weights are kept")
        return self

    def ratings(self, scores: Floats) -> Floats:
        """Expected ratings, between 1 and 7, of raw scores."""
        if self.calibration is not None:
            return self.calibration.ratings(scores)
        above = scores[..., None] - np.array(self.thresholds)
        return np.asarray(LOWEST + (0.5 + 0.5 * np.tanh(above / 2)).sum(-1))  # the logistic function, without overflow

    @property
    def description(self) -> str:
        """The model in a few words."""
        adapted = " with a LoRA adapter" if self.adapter else ""
        blind = "" if self.opinion else " that reads no opinion"
        return f"{_DESCRIPTIONS[self.architecture]} on {self.base}{adapted}{blind}"


def write_manifest(folder: Path, manifest: RewardManifest) -> None:
    """Last of all, so that a folder with a manifest is a whole checkpoint."""
    text = json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(f"{text}\n", encoding="utf-8")


def is_reward_model(folder: Path) -> bool:
    """True if the folder is a reward model's checkpoint, rather than some other model. Raises ModelNotFound."""
    path = folder / MANIFEST
    return path.exists() and read_object(path, ModelNotFound, "the manifest of a checkpoint").get("kind") == KIND


def read_manifest(folder: Path) -> RewardManifest:
    """Raises ModelNotFound, in one line, where there is none, ScenarioError for what is wrong in one of this kind and format."""
    path = folder / MANIFEST
    given = read_object(path, ModelNotFound, "the manifest of a reward model")
    for key, expected in (("kind", KIND), ("format", FORMAT)):
        if given.get(key) != expected:
            raise ModelNotFound(
                f"reward model {str(folder)!r}: {MANIFEST}: {key}: value {given.get(key)!r}: expected {expected!r}"
            )
    return parse(RewardManifest, given, source=str(path))


def checkpoint_hash(folder: Path) -> str:
    """SHA-256 over manifest, weights, configuration and tokenizer; ModelNotFound if unreadable."""
    hashed = hashlib.sha256(model_hash(folder).encode())
    try:
        for name in (MANIFEST, ADAPTER_CONFIG):
            if (folder / name).exists():
                hashed.update(hashlib.sha256((folder / name).read_bytes()).digest())
    except OSError as error:
        raise ModelNotFound(f"reward model {str(folder)!r} cannot be read: {error.strerror}") from error
    return hashed.hexdigest()


def _left(room: float, points: Floats) -> Floats:
    """The part of ``room`` that is left after points on an endless line, bent so that some is: half of it at ``room``."""
    return room / (1 + points / room)


def _rise(values: tuple[float, ...]) -> bool:
    return all(before < after for before, after in pairwise(values))
