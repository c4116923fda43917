"""Scales in words: questions about a statement, and the labels of seven points."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.languages.answers import Labels


@dataclass(frozen=True, slots=True)
class ScaleWords:
    """A scale as people and the models that play them are asked. Labels run from the least to the most."""

    question: str
    labels: Labels
