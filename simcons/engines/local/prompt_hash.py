"""A hash of a prompt as a local model reads it: of the token ids, so that a date in a chat template is in it too."""

from __future__ import annotations

import hashlib
from array import array
from pathlib import Path

from transformers import AutoTokenizer

from simcons.engines.base import Request
from simcons.engines.local.chat import prompt_tokens
from simcons.engines.local.models import in_one_line, quiet_transformers
from simcons.errors import ModelNotFound


class PromptHash:
    """Hashes of prompts under the tokenizer of a model folder, which needs no weights.

    Raises ModelNotFound for a tokenizer that cannot be read, and EngineError for a prompt that it refuses.
    """

    def __init__(self, folder: Path) -> None:
        with in_one_line(ModelNotFound, f"model folder {str(folder)!r} cannot be read"), quiet_transformers():
            self._tokenizer = AutoTokenizer.from_pretrained(folder)

    def __call__(self, request: Request) -> str:
        ids = array("q", prompt_tokens(self._tokenizer, request.messages))
        return hashlib.blake2b(ids.tobytes(), digest_size=16).hexdigest()
