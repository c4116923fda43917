"""The dtype a model runs in is found by trying, and stays what it was found to be."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import torch

from simcons.engines.load import load_engines
from simcons.engines.local.dtypes import fastest_dtype, product_seconds
from simcons.scenario.engines import TransformersEngineSettings

CPU = torch.device("cpu")
CLEAR = 1.5  # times as fast: no neighbour on the machine turns that round in the fastest of five


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is looked at of a model."""
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 576, "intermediate_size": 1536}))
    return tmp_path


def test_the_faster_of_the_two_is_chosen(folder: Path) -> None:
    seconds = product_seconds(folder, CPU)
    chosen = fastest_dtype(folder, CPU)
    assert chosen in seconds
    if max(seconds.values()) > CLEAR * min(seconds.values()):
        assert seconds[chosen] == min(seconds.values())


def test_trying_leaves_the_number_of_threads_as_it_was(folder: Path) -> None:
    n_threads = torch.get_num_threads()
    fastest_dtype(folder, CPU)
    assert torch.get_num_threads() == n_threads


def test_a_model_too_large_for_float32_runs_in_bfloat16(folder: Path) -> None:
    with (folder / "model.safetensors").open("wb") as weights:
        weights.truncate(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))  # a hole: takes no space
    assert fastest_dtype(folder, CPU) == "bfloat16"


@pytest.mark.parametrize("text_config", [False, True])
def test_odd_configurations_are_tried_too(tmp_path: Path, text_config: bool) -> None:
    shapes = {"n_embd": 64} if not text_config else {"text_config": {"hidden_size": 64, "intermediate_size": 10**6}}
    (tmp_path / "config.json").write_text(json.dumps(shapes))
    assert fastest_dtype(tmp_path, CPU) in ("float32", "bfloat16")


@pytest.mark.model
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_what_was_settled_when_a_run_began_stays(dtype: str) -> None:
    auto = TransformersEngineSettings(kind="transformers", device="cpu")
    known = {"m": {"kind": "transformers", "dtype": dtype}}
    assert load_engines({"m": auto}, {"m"}, known=known)["m"].identity["dtype"] == dtype


@pytest.mark.model
def test_auto_is_no_part_of_an_identity() -> None:
    settled = load_engines({"m": TransformersEngineSettings(kind="transformers", device="cpu")}, {"m"})["m"].identity[
        "dtype"
    ]
    assert settled in ("float32", "bfloat16")
