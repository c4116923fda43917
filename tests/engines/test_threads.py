"""torch's threads, settled by what they do now."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch

from simcons.engines.local import threads
from simcons.engines.local.threads import settle_threads

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def two_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    monkeypatch.setattr(threads, "_SETTLED", {})
    monkeypatch.setattr(threads, "_all_threads", lambda: 2)
    yield
    torch.set_num_threads(before)


def taking(*, one: float, two: float) -> Callable[[torch.dtype], float]:
    return lambda dtype: {1: one, 2: two}[torch.get_num_threads()]


def test_threads_that_wait_for_each_other_are_left_until_they_help_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_seconds", taking(one=1.0, two=30.0))
    assert settle_threads(CPU, torch.float32) == torch.get_num_threads() == 1
    monkeypatch.setattr(threads, "_seconds", taking(one=1.0, two=0.6))
    assert settle_threads(CPU, torch.float32) == 1  # what was settled holds for a while
    monkeypatch.setattr(threads, "_HOLDS", 0.0)
    assert settle_threads(CPU, torch.float32) == torch.get_num_threads() == 2


def test_each_dtype_has_its_own_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        threads,
        "_seconds",
        lambda dtype: torch.get_num_threads() if dtype == torch.float32 else 1 / torch.get_num_threads(),
    )
    for dtype, n_threads in ((torch.float32, 1), (torch.bfloat16, 2), (torch.float32, 1)):
        settle_threads(CPU, dtype)
        assert torch.get_num_threads() == n_threads


def test_a_neighbour_that_wakes_up_for_a_moment_does_not_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    disturbed = iter([30.0, 30.0])

    def seconds(dtype: torch.dtype) -> float:
        return next(disturbed, 0.6) if torch.get_num_threads() == 2 else 1.0

    monkeypatch.setattr(threads, "_seconds", seconds)
    assert settle_threads(CPU, torch.float32) == 2
