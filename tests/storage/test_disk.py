"""Files that are written whole or not at all."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from simcons.storage.disk import write_whole


def test_a_file_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_whole(tmp_path / "start.json", b"0" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not any(tmp_path.iterdir())
