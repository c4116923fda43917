"""Reading a file of our own that holds one JSON object: a manifest, a start, a configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from simcons.errors import SimconsError


def read_object(path: Path, refusal: type[SimconsError], expected: str) -> dict[str, Any]:
    """The JSON object in ``path``.

    Raises ``refusal`` in one line that names the file, says what is wrong with it, and what was ``expected`` there.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise refusal(f"{path}: cannot be read: {error.strerror or error}; expected {expected}") from None
    except (ValueError, RecursionError) as error:
        raise refusal(f"{path}: is not JSON: {' '.join(str(error).split())[:200]}; expected {expected}") from None
    if not isinstance(document, dict):
        raise refusal(f"{path}: is a JSON {type(document).__name__}, no object; expected {expected}")
    return document
