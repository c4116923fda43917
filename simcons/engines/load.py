"""Engines by the kind a scenario gives them; each library is imported only where its engine is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, cast

from simcons.arrays import AnyFloats
from simcons.engines.base import Encode, Engine, Hear, Identity, RemarkingEngine
from simcons.scenario import engines as settings

_Load: TypeAlias = Callable[[str, settings.EngineSettings], Engine]


def load_engines(
    configured: Mapping[str, settings.EngineSettings], used: set[str], *, known: Mapping[str, Identity] | None = None
) -> dict[str, Engine]:
    """The engines in ``used``, ready to answer. Raises MissingPackage, ModelNotFound, EngineError.

    known: identities that they had when a run began. What was settled by measuring then stays as it was.
    """
    before = known or {}
    return {
        name: load_engine(name, as_settled(chosen, before.get(name, {})))
        for name, chosen in configured.items()
        if name in used
    }


def load_engine(name: str, chosen: settings.EngineSettings) -> Engine:
    """One engine, as `load_engines`."""
    return _LOADERS[chosen.kind](name, chosen)


def as_settled(given: settings.EngineSettings, known: Identity) -> settings.EngineSettings:
    """Settings with what was settled by measuring as it is in a known identity."""
    if given.kind in ("transformers", "reward") and given.dtype == "auto" and known.get("kind") == given.kind:
        return given.model_copy(update={"dtype": known["dtype"]})
    return given


def _transformers(name: str, given: settings.EngineSettings) -> Engine:
    from simcons.engines.local.transformers_engine import TransformersEngine

    return TransformersEngine(name, cast(settings.TransformersEngineSettings, given))


def _vllm(name: str, given: settings.EngineSettings) -> Engine:
    from simcons.engines.local.vllm_engine import VllmEngine

    return VllmEngine(name, cast(settings.VllmEngineSettings, given))


def _openai(name: str, given: settings.EngineSettings) -> Engine:
    from simcons.engines.openai.engine import OpenAIEngine

    engine = OpenAIEngine(name, cast(settings.OpenAIEngineSettings, given))
    engine.check()  # that it is there, takes the key and has the model, before anything is written
    return engine


def _reward(name: str, given: settings.EngineSettings) -> Engine:
    from simcons.engines.local.reward_engine import RewardEngine

    return RewardEngine(name, cast(settings.RewardEngineSettings, given))


def _scripted(name: str, given: settings.EngineSettings) -> Engine:
    from simcons.engines.scripted import ScriptedEngine

    return ScriptedEngine(batch_limit=cast(settings.ScriptedEngineSettings, given).batch_size)


_LOADERS: dict[str, _Load] = {
    "transformers": _transformers,
    "vllm": _vllm,
    "openai": _openai,
    "reward": _reward,
    "scripted": _scripted,
}


def load_encoder() -> Encode:
    """The sentence encoder. Raises MissingPackage, ModelNotFound."""
    from simcons.engines.local.encoder import SentenceEncoder

    return SentenceEncoder().encode


def check_encoder() -> None:
    """Look for what `load_encoder` and `load_hearing` load. Raises MissingPackage, ModelNotFound."""
    from simcons.engines.local.models import PACKAGED_ENCODER, complete_folder, packaged_path

    complete_folder(packaged_path(PACKAGED_ENCODER))


def load_hearing(weights: Mapping[str, AnyFloats], known_claims: Sequence[str], known_questions: Sequence[str]) -> Hear:
    """The network of these weights that hears texts; known: keys of what it was trained on.

    Raises MissingPackage, ModelNotFound, and ValueError for weights of another network.
    """
    from simcons.engines.local.hearing import Hearing

    return Hearing(weights, known_claims, known_questions).hear


def engine_notes(engines: Mapping[str, Engine]) -> dict[str, list[str]]:
    """Notes, by engine, on what it could not do as asked, each once; engines that did all are left out."""
    remarking = {name: engine for name, engine in engines.items() if isinstance(engine, RemarkingEngine)}
    return {name: list(engine.notes) for name, engine in remarking.items() if engine.notes}
