"""``simcons new``: a commented scenario to begin from."""

from __future__ import annotations

import re
from pathlib import Path

from simcons.errors import ScenarioError, StorageError
from simcons.scenario.shipped import data_folder

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")


def write_scenario(name: str, folder: Path) -> Path:
    """Write NAME.yaml into ``folder``. Raises ScenarioError for a name that cannot be one, or where the file exists."""
    if not _NAME.match(name):
        raise ScenarioError(
            f"name {name!r}: expected letters, digits, '_', '-' and '.', beginning with a letter or digit"
        )
    path = folder / f"{name}.yaml"
    if path.exists():
        raise ScenarioError(f"{path}: exists already; nothing was written")
    template = (data_folder("scenarios") / "templates" / "study.yaml").read_text(encoding="utf-8")
    try:
        path.write_text(template.replace("NAME_OF_STUDY", name), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from None
    return path
