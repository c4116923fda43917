"""A run that is killed goes on and ends with the tables it would have had; no call is paid twice once its reply is kept."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from subprocess import PIPE

import psutil
import pytest
from processes import started

LOOP = Path(__file__).with_name("kill_loop.py")


def kill(n_kills: int, folder: Path) -> dict:
    with started(sys.executable, LOOP, str(n_kills), folder, stdout=PIPE, stderr=PIPE) as loop:
        found, said = loop.communicate(timeout=600)
        assert loop.returncode == 0, said
    return json.loads(found)


def test_a_loop_that_is_killed_leaves_no_run_behind(tmp_path):
    """Nobody is there to clean up after it then."""
    with started(sys.executable, LOOP, "100", tmp_path) as loop:
        deadline = time.monotonic() + 60
        while not (children := psutil.Process(loop.pid).children()) and time.monotonic() < deadline:
            time.sleep(0.01)
        loop.kill()
        loop.wait()
        assert children
        _, alive = psutil.wait_procs(children, timeout=20)
        assert not alive


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
