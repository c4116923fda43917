"""The words of scales: how each question about a statement is put, and what its seven points are called."""

from __future__ import annotations

from dataclasses import dataclass

from simcons.languages.answers import Labels


@dataclass(frozen=True, slots=True)
class ScaleWords:
    """How a scale is put to people and to the models that play them. Labels run from the least to the most."""

    question: str
    labels: Labels
