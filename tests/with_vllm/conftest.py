"""One offline engine and one server for all tests here: each takes a quarter of a minute or more to start."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from smollm import SERVED, SERVER_CONTEXT, settings

from simcons.engines.local.models import resolve_model
from simcons.engines.local.vllm_engine import VllmEngine

START_SECONDS = 240


@pytest.fixture(scope="session")
def offline() -> VllmEngine:
    return VllmEngine("m", settings())


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of vLLM's server, which is ended by its process id."""
    port = _free_port()
    log = tmp_path_factory.mktemp("serve") / "log"
    options = ["--host", "127.0.0.1", "--port", str(port), "--served-model-name", SERVED, "--dtype", "float32"]
    options += ["--max-model-len", str(SERVER_CONTEXT), "--max-num-seqs", "64", "--enforce-eager"]
    # with prompts read in pieces a seeded request ends the server: "CPU Generator does not use offset"
    options += ["--no-enable-chunked-prefill"]
    # the command `vllm serve` asks for a version of a package "vllm", which the CPU build does not have
    command = [sys.executable, "-m", "vllm.entrypoints.launchers.api_server.entry"]
    command += ["--model", str(resolve_model("smollm2-135m-instruct"))]
    environment = {**os.environ, "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_NO_USAGE_STATS": "1"}
    environment.pop("VLLM_ENABLE_V1_MULTIPROCESSING", None)  # which the offline engine sets for this process
    with log.open("wb") as output:
        process = subprocess.Popen([*command, *options], stdout=output, stderr=output, env=environment)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(1)
    pytest.fail(f"vllm serve did not start:\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="session")
def adapted(adapter: Path, offline: VllmEngine) -> VllmEngine:
    """As ``offline``, with the adapter. Both live to the end: one that is given up takes the other's process group along."""
    return VllmEngine("m", settings(adapter=str(adapter)))


@pytest.fixture(scope="session")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA adapter for SmolLM2's attention, random but large enough to change what it says."""
    import torch
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("adapter")
    config = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"]}
    config |= {"task_type": "CAUSAL_LM", "bias": "none", "lora_dropout": 0.0}
    config["base_model_name_or_path"] = str(resolve_model("smollm2-135m-instruct"))  # else PEFT asks the hub for it
    (folder / "adapter_config.json").write_text(json.dumps(config))
    generator = torch.Generator().manual_seed(1)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator) * 0.06

    weights = {}
    for layer in range(30):
        for module, n_out in (("q_proj", 576), ("v_proj", 192)):
            name = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            weights |= {f"{name}.lora_A.weight": noise(4, 576), f"{name}.lora_B.weight": noise(n_out, 4)}
    save_file(weights, folder / "adapter_model.safetensors")
    return folder
