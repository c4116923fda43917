"""What was answered, a JSON object a line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from simcons.serve.wire import ChatRequest, Document
from simcons.storage.disk import storage_errors


class AnswerRecord:
    """Appends to a file, line by line as answers are given; without a file it only counts. Raises StorageError."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIO | None = None
        self.n_answered = self.n_refused = 0

    def __enter__(self) -> Self:
        if self._path is not None:
            with storage_errors(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("a", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def answered(self, request: ChatRequest, texts: tuple[str, ...], understood: Document) -> None:
        self.n_answered += 1
        self._write({**_head(request), **understood, "answers": list(texts)})

    def refused(self, request: ChatRequest | None, message: str) -> None:
        self.n_refused += 1
        head = {"at": _now()} if request is None else _head(request)
        self._write({**head, "refused": message})

    def _write(self, line: Document) -> None:
        if self._file is not None and self._path is not None:
            with storage_errors(self._path):
                self._file.write(f"{json.dumps(line, ensure_ascii=False)}\n")
                self._file.flush()


def _head(request: ChatRequest) -> Document:
    return {"at": _now(), "model": request.model, "seed": request.seed, "message": request.messages[-1].turn.text}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
