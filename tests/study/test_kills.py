"""A run that is killed goes on and ends with the tables it would have had; no call is paid twice once its reply is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

LOOP = Path(__file__).with_name("kill_loop.py")


def kill(n_kills: int, folder: Path) -> dict:
    done = subprocess.run([sys.executable, LOOP, str(n_kills), folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_run_survives_kills_at_random_moments(tmp_path):
    found = kill(10, tmp_path)
    assert found["kills"] == 10
    assert found["longest"] >= 2


@pytest.mark.slow
def test_a_run_survives_a_hundred_kills(tmp_path):
    """Also at its beginning, while the store opens, and at its end. At most a batch of 4 is asked again for each kill."""
    found = kill(100, tmp_path)
    assert found["kills"] == 100
    assert len(found["moments"]) >= 6
    assert found["asked_again"] <= 4 * found["kills"]
