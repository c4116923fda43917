"""Positions asked once more change no figure but those that are about them."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, is_dataclass
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import simcons
import simcons.analysis
from simcons.analysis.positions import position_change
from simcons.analysis.round_truth import round_truth
from simcons.cli.display.figures import round_figures
from simcons.storage.load import Run

STAGES = ["position", "opinion", "rating", "position_again"]
SCORED = {"generator": {"kind": "scripted", "samples": 4}, "scorer": "reader", "select": 1}
ARMS = [{"arm": "mean", **SCORED}, {"arm": "min", **SCORED, "welfare": {"alpha": float("inf")}}]


@pytest.fixture(scope="module")
def twice(simulate) -> Run:
    design = {"groups": 6, "rounds": 2, "stages": STAGES, "omissions": [0, 1], "limits": {"position": 9}}
    run: Run = simulate(seed=9, design=design, mediators=ARMS).run
    assert run.positions["moment"].value_counts()["after"] > 30
    assert run.positions["rating"].isna().any()
    return run


@pytest.fixture(scope="module")
def once(twice, tmp_path_factory) -> Run:
    """The same without the rows of afterwards."""
    folder = shutil.copytree(twice.folder, tmp_path_factory.mktemp("once") / twice.folder.name)
    table = pq.read_table(folder / "positions.parquet")
    before = table.filter(pc.equal(table["moment"], "before"))
    pq.write_table(before, folder / "positions.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["rows"]["positions"] = before.num_rows
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return simcons.load(folder)


def analyses() -> Iterator[Callable[[Run], Any]]:
    """Every public function of the analyses that takes a run and needs nothing else."""
    for module in pkgutil.walk_packages(simcons.analysis.__path__, "simcons.analysis."):
        for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if function.__module__ != module.name or name.startswith("_"):
                continue
            first, *others = inspect.signature(function).parameters.values()
            if (
                function is not position_change
                and first.annotation == "Run"
                and all(other.default is not other.empty for other in others)
            ):
                yield function


@pytest.mark.parametrize("analysis", [*analyses()], ids=lambda function: function.__name__)
def test_an_analysis_gives_the_same(analysis, once, twice):
    assert result(analysis, twice) == result(analysis, once)


def result(analysis: Callable[[Run], Any], run: Run) -> str:
    """Everything in it, apart from where the run lies and from what was answered afterwards."""
    made = analysis(run)
    whole = repr(asdict(made) if is_dataclass(made) else made)  # as results tell little of themselves
    return re.sub(r"(position_again=|'position_again': )\w+", "", whole.replace(str(run.folder), "RUN"))


def test_the_change_is_that_of_those_who_answered_twice(once, twice):
    assert position_change(once) is None
    both = twice.positions.pivot(index=["round_id", "participant_id"], columns="moment", values="rating").dropna()
    found = position_change(twice)
    assert (found.n_pairs, found.n_same) == (len(both), (both["before"] == both["after"]).sum())
    assert found.change.value == pytest.approx((both["after"] - both["before"]).mean())
    assert found.change.n == both.index.get_level_values("round_id").str.split("-").str[0].nunique() > 2


def test_a_round_shows_the_same(once, twice):
    for round_id in twice.rounds["round_id"]:
        shown = [round_figures(run, round_id, truth=True) for run in (once, twice)]
        for document in shown:
            for voice in document["round"]["voices"]:
                del voice["position_again"]
        assert shown[0]["round"] == shown[1]["round"]
        assert round_truth(once, round_id, None) == round_truth(twice, round_id, None)
