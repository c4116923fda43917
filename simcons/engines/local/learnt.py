"""Whom a trained model knows: the questions and the opinions that it learnt from. Needs no torch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from simcons.engines.local.adapters import MANIFEST
from simcons.errors import ModelNotFound
from simcons.json_files import read_object
from simcons.scenario.files import parse
from simcons.scenario.parameters import StrictModel


class Learnt(StrictModel):
    """Kept in a checkpoint's manifest, so that people and questions which it does not know are told from those it does."""

    questions: tuple[str, ...]
    opinions: tuple[str, ...] = Field(description="each as the beginning of a hash")

    @classmethod
    def of(cls, answers: Iterable[tuple[str, str]]) -> Learnt:
        """answers: to a question, of the author of an opinion."""
        given = set(answers)
        questions = sorted({question for question, _ in given})
        return cls(questions=tuple(questions), opinions=tuple(sorted({_digest(opinion) for _, opinion in given})))

    def knows(self, opinions: Iterable[str]) -> list[bool]:
        """Whether it learnt from each, or by a chance of one in millions from another with the same digits."""
        known = frozenset(self.opinions)
        return [_digest(opinion) in known for opinion in opinions]


def read_learnt(folder: Path) -> Learnt | None:
    """What the manifest of a checkpoint says of it; None where nobody said. Raises ModelNotFound, ScenarioError."""
    path = folder / MANIFEST
    return learnt_in(read_object(path, ModelNotFound, "the manifest of a checkpoint"), path) if path.is_file() else None


def learnt_in(manifest: Mapping[str, Any], path: Path) -> Learnt | None:
    """The same of a manifest that has been read from ``path``."""
    learnt = manifest.get("learnt")
    return None if learnt is None else parse(Learnt, learnt, source=f"{path}: learnt")


def _digest(opinion: str) -> str:
    return hashlib.sha256(" ".join(opinion.split()).encode()).hexdigest()[:10]
