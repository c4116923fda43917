"""Ctrl-C during a step."""

from __future__ import annotations

import os
import signal
import threading

import pytest
import torch
from torch import nn

from simcons.training.trainer import heed_signals


class Network(nn.Module):
    """Layers that take some ten milliseconds each, backwards too."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(1000, 1000) for _ in range(16))

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            states = layer(states)
        return states


@pytest.fixture
def heard():
    """Ctrl-C raises, also in a process that was started not to hear it, as a shell starts those in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_a_signal_ends_a_step_between_two_layers_backwards():
    """It comes from another thread at a moment at which no Python code runs; the first layers are then not worked out."""
    network = Network()
    heed_signals(network)
    result = network(torch.ones(1000, 1000))
    began = threading.Event()
    result.register_hook(lambda gradient: began.set())

    def interrupt() -> None:
        began.wait()
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        result.sum().backward()
    thread.join()
    assert network.layers[-1].weight.grad is not None
    assert network.layers[0].weight.grad is None
