"""The files of a language model on this machine, and of a LoRA adapter beside it. Needs neither PEFT nor torch."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from simcons.engines.base import Request
from simcons.engines.local.adapters import adapter_folder, adapter_hash, check_base
from simcons.engines.local.models import local_folder, model_hash, resolve_model

if TYPE_CHECKING:
    from simcons.engines.local.prompt_hash import PromptHash


class ModelFiles:
    """Found at once, and read when they are asked for. Raises ModelNotFound for what is not there or cannot be read."""

    def __init__(self, model: str, adapter: str | None = None) -> None:
        self._model = model
        self._source = resolve_model(model)
        self._adapter = None if adapter is None else adapter_folder(adapter)

    @cached_property
    def folder(self) -> Path:
        return local_folder(self._source)

    @cached_property
    def model_hash(self) -> str:
        """Hash of weights, configuration and tokenizer."""
        return model_hash(self.folder)

    @cached_property
    def adapter(self) -> Path | None:
        """Its folder. Raises ModelNotFound for an adapter of another model."""
        if self._adapter is not None:
            check_base(self._adapter, self.model_hash, self._model)
        return self._adapter

    @cached_property
    def adapter_hash(self) -> str | None:
        return None if self.adapter is None else adapter_hash(self.adapter)

    def fingerprint(self, request: Request) -> str:
        """Hash of the token ids that the prompt is read as now. Loads no weights. Raises EngineError for one that is refused."""
        return self._prompt_hash(request)

    @cached_property
    def _prompt_hash(self) -> PromptHash:
        from simcons.engines.local.prompt_hash import PromptHash  # loads transformers

        return PromptHash(self.folder)
