"""Engines by the kind a scenario gives them; each library is imported only where its engine is wanted."""

from __future__ import annotations

from collections.abc import Mapping

from simcons.engines.base import Encode, Engine
from simcons.scenario.study import TransformersEngine as Settings


def load_engines(wanted: Mapping[str, Settings], used: set[str]) -> dict[str, Engine]:
    """The engines in ``used``, ready to answer. Raises MissingPackage, ModelNotFound."""
    return {name: _load(name, settings) for name, settings in wanted.items() if name in used}


def _load(name: str, settings: Settings) -> Engine:
    from simcons.engines.transformers_engine import TransformersEngine

    return TransformersEngine(name, settings)


def load_encoder() -> Encode:
    """The sentence encoder, Raises MissingPackage, ModelNotFound."""
    from simcons.engines.encoder import SentenceEncoder

    return SentenceEncoder().encode
