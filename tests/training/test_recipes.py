"""Recipes, the machine that trains, and how training is shown."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate.commands.config.config_args import load_config_from_file
from safetensors.torch import load_file
from transformers import LlamaConfig

from simcons.errors import ScenarioError
from simcons.loop.recipe import load_loop
from simcons.scenario.shipped import RECIPES, data_folder
from simcons.training.machine import Machine, Products, activation_bytes, forget_peak, peak_memory, settled_machine
from simcons.training.progress import TrainingProgress
from simcons.training.recipes import MachineSettings, PersonaSettings, RewardSettings, SftSettings, load_recipe
from simcons.training.toy import toy_model


@pytest.mark.parametrize("name", [path.stem for path in RECIPES.folder.glob("*.yaml")])
def test_shipped_recipes_are_good(name: str) -> None:
    if name.startswith("loop"):
        assert load_loop(name, ["seed=3"]).seed == 3
        return
    kinds = {"sft": SftSettings, "persona": PersonaSettings}
    assert load_recipe(kinds.get(name, RewardSettings), name, ["epochs=1"]).epochs == 1


def test_what_is_wrong_with_a_recipe_is_told_by_line_and_key(tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("kind: sft\nlora:\n  ranks: 8\n")
    with pytest.raises(ScenarioError, match=r"mine.yaml: .*line 3.*ranks"):
        load_recipe(SftSettings, str(recipe))
    with pytest.raises(ScenarioError, match="is of kind sft; expected kind reward"):
        load_recipe(RewardSettings, "sft")
    with pytest.raises(ScenarioError, match=r"no_such.*shipped: loop_cluster, .*, reward_encoder, .*, sft"):
        load_recipe(SftSettings, "no_such")


@pytest.mark.parametrize("key", ["epochs", "learning_rate", "lora.alpha", "stopping.least_gain"])
def test_endless_numbers_are_refused(key: str) -> None:
    with pytest.raises(ScenarioError, match=rf"{key}: value inf: expected a finite number"):
        load_recipe(SftSettings, "sft", [f"{key}=.inf"])


def test_a_model_folder_lies_beside_its_recipe(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "mine.yaml").write_text("kind: sft\nmodel: base\n")
    assert load_recipe(SftSettings, str(tmp_path / "mine.yaml")).model == str(tmp_path / "base")


@pytest.mark.parametrize(
    "path", sorted((data_folder("training") / "accelerate").glob("*.yaml")), ids=lambda path: path.stem
)
def test_accelerate_reads_the_shown_configurations(path: Path) -> None:
    assert load_config_from_file(str(path)).num_processes == 8


# --- the machine -------------------------------------------------------------------------------------------------


class Network:
    config = LlamaConfig(hidden_size=576, intermediate_size=1536, num_hidden_layers=30)  # SmolLM2's sizes


def settled(machine: MachineSettings | None = None, *, batch_size: int = 8, longest: int = 400) -> Machine:
    settings = SftSettings(batch_size=batch_size, machine=machine or MachineSettings())
    return settled_machine(settings, Network, Products(torch.device("cpu"), "float32"), longest=longest)


def test_a_cpu_reads_one_example_at_a_time_and_works_nothing_out_twice() -> None:
    machine = settled()
    assert (machine.rows, machine.accumulated, machine.checkpointing) == (1, 8, False)


def test_rows_share_a_batch_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [settled(MachineSettings(rows=rows)).rows for rows in (1, 3, 4, 7, 100)] == [1, 2, 4, 4, 8]
    monkeypatch.setenv("WORLD_SIZE", "4")
    machine = settled(MachineSettings(rows=8))
    assert (machine.rows, machine.accumulated, machine.processes) == (2, 1, 4)
    with pytest.raises(ScenarioError, match="batch_size: value 6: expected a multiple of the 4 processes"):
        settled(batch_size=6)


def test_activations_are_worked_out_twice_where_one_example_would_not_fit() -> None:
    assert settled(longest=10**9).checkpointing
    assert not settled(MachineSettings(checkpointing=False), longest=10**9).checkpointing


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux forgets a peak")
def test_the_peak_of_memory_is_that_of_this_training() -> None:
    """Not of a stage before it in the same process, which held half a gigabyte."""
    ballast = np.ones(2**26)
    before = peak_memory("cpu")
    del ballast
    forget_peak("cpu")
    assert peak_memory("cpu") < before - 2**28


def test_the_memory_of_a_step_is_estimated_within_a_third() -> None:
    """Measured for SmolLM2 with an adapter on all maps, 1,920 tokens: 2.5 MB a token in float32, 1.6 in bfloat16."""
    assert activation_bytes(Network.config, "float32") == pytest.approx(2.5e6, rel=1 / 3)
    assert activation_bytes(Network.config, "bfloat16") == pytest.approx(1.6e6, rel=1 / 3)


@pytest.mark.slow
def test_two_processes_come_to_the_same_weights_as_one(tmp_path: Path) -> None:
    base = toy_model(tmp_path / "base")
    script = (
        "import sys; from pathlib import Path; from test_sft import DATA, recipe; from simcons.training.sft import train_sft\n"
        "train_sft(DATA, recipe(Path(sys.argv[1]), lora=None, learning_rate=0.003), Path(sys.argv[2]), name='toy')\n"
    )
    (tmp_path / "job.py").write_text(script)
    weights = []
    for processes in (1, 2):
        out = tmp_path / str(processes)
        launch = ["-m", "torch.distributed.run", f"--nproc_per_node={processes}", "job.py", str(base), str(out)]
        environment = {"PYTHONPATH": ":".join([str(Path(__file__).parent), *sys.path]), "OMP_NUM_THREADS": "1"}
        subprocess.run([sys.executable, *launch], cwd=tmp_path, env=environment, check=True, capture_output=True)
        weights.append(load_file(out / "model.safetensors"))
    first, second = weights
    assert all(torch.allclose(first[name], second[name], atol=1e-5) for name in first)


# --- progress ----------------------------------------------------------------------------------------------------


def progress(**parts) -> TrainingProgress:
    usual = {"step": 40, "n_steps": 200, "steps_now": 20, "loss": 1.9234, "held_out_loss": 2.0, "seconds": 40.0}
    return TrainingProgress(**{**usual, "tokens": 73_608, "tokens_per_second": 1840.2, **parts})


def test_progress_is_a_line() -> None:
    assert str(progress()) == "step 40 of 200 · loss 1.923 · held out 2.000 · 1,840 tokens/s · 5 min left"
    early = progress(step=0, steps_now=0, loss=math.nan, held_out_loss=math.nan, seconds=1.0, tokens_per_second=0.0)
    assert str(early) == "step 0 of 200"


def test_the_time_left_goes_by_the_steps_since_a_resumption() -> None:
    assert progress().seconds_left == pytest.approx(160 * 2)
    assert progress(seconds=3.0).seconds_left is None
