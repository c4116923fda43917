"""Loops with a toy model: the whole path, and the same where it is interrupted on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.errors import RunFolderError, TrainingDataError
from simcons.experiments.exploits import best_constants
from simcons.loop.folder import LoopFolder
from simcons.loop.recipe import LoopRecipe
from simcons.loop.rounds import rounds_to_read
from simcons.loop.run import STUDY, Listener, begin_loop, go_on
from simcons.storage.load import load

LORA = {"rank": 2}
SETTINGS = {
    "lora": LORA, "epochs": 2, "steps": 4, "batch_size": 2, "stopping": {"checks_per_epoch": 99, "patience": 9},
    "machine": {"device": "cpu", "dtype": "float32", "rows": 1, "checkpointing": False},
}  # fmt: skip
RULE = {"sft_rule": "top 50% by quality within the study", "least": 2}
SMALL: dict[str, Any] = {
    "kind": "loop", "name": "small", "scenario": "paper_collection_1",
    "set": {"design.omissions": [0], "design.groups": 10, "readers.reader.matching": "words"},
    "stages": [
        {"kind": "toy", "name": "toy", "hidden": 8, "layers": 1},
        {"kind": "collect", "name": "first"},
        {"kind": "data", "name": "examples", "runs": ["first"], "settings": RULE},
        {"kind": "sft", "name": "writer", "data": "examples", "base": "toy", "settings": SETTINGS},
        {"kind": "evaluate", "name": "evaluation", "against": ["base", "bound"],
         "set": {"design.groups": 4, "questions.split": ["iid_test", "ood_test"]}, "mediators": [
            {"arm": "base", "generator": {"kind": "scripted", "samples": 1, "skill": 0.1}, "select": 1},
            {"arm": "bound", "generator": {"kind": "scripted", "samples": 8}, "scorer": "oracle", "select": 1}]},
    ],
}  # fmt: skip


class Interrupter:
    """Ends a loop as Ctrl-C does, the n-th time that it hears of what it waits for."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, event: object) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def begun(folder: Path, **changes: Any) -> LoopFolder:
    return begin_loop(LoopRecipe.model_validate({**SMALL, **changes}), folder)


def interrupted(folder: Path, listener: Callable[[Interrupter], Listener], n: int) -> dict[str, str]:
    """Go on with a loop until it is interrupted; the states of its stages then."""
    with pytest.raises(KeyboardInterrupt):
        go_on(LoopFolder.read(folder), listener(Interrupter(n)))
    return {stage.name: stage.state for stage in LoopFolder.read(folder).stages()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> LoopFolder:
    loop = begun(tmp_path_factory.mktemp("whole") / "loop")
    go_on(loop, Listener())
    return loop


def test_a_loop_that_is_interrupted_comes_to_the_same_as_one_that_is_not(whole: LoopFolder, tmp_path: Path) -> None:
    loop = begun(tmp_path / "loop")
    states = interrupted(loop.path, lambda stop: Listener(study=stop), 3)
    assert (states["toy"], states["first"], states["examples"]) == ("done", "begun", "to come")
    states = interrupted(loop.path, lambda stop: Listener(training=stop), 6)
    assert (states["examples"], states["writer"], states["evaluation"]) == ("done", "begun", "to come")
    assert any((loop.of("writer") / "steps").iterdir())
    states = interrupted(loop.path, lambda stop: Listener(study=stop), 2)
    assert (states["writer"], states["evaluation"]) == ("done", "begun")
    go_on(LoopFolder.read(loop.path), Listener())
    assert loop.finished
    for table in ("first/ratings", "evaluation/arms", "evaluation/wins"):
        stage, name = table.split("/")
        assert pq.read_table(loop.of(stage) / f"{name}.parquet").equals(
            pq.read_table(whole.of(stage) / f"{name}.parquet")
        )
    weights = [load_file(each.of("writer") / "adapter_model.safetensors") for each in (loop, whole)]
    assert {name: values.tolist() for name, values in weights[0].items()} == {
        name: values.tolist() for name, values in weights[1].items()
    }


def test_an_evaluation_says_how_arms_compare(whole: LoopFolder) -> None:
    arms = pq.read_table(whole.of("evaluation") / "arms.parquet").to_pylist()
    assert {row["split"] for row in arms} == {"all", "iid_test", "ood_test"}
    values = {(row["arm"], row["measure"]): row["value"] for row in arms if row["split"] == row["rounds"] == "all"}
    assert values["bound", "true_agreement"] > values["base", "true_agreement"]
    assert values["bound", "lowest"] < values["bound", "agreement"]
    assert {row["arm"] for row in arms if row["upper_bound"]} == {"bound"}
    wins = pq.read_table(whole.of("evaluation") / "wins.parquet").to_pylist()
    assert {(row["arm"], row["against"]) for row in wins} == {("bound", "base"), ("base", "bound")}
    assert next(row["share"] for row in wins if row["measure"] == "true_agreement" and row["arm"] == "bound") > 0.5
    best = pq.read_table(whole.of("evaluation") / "best_of_n.parquet").to_pylist()
    assert {(row["arm"], row["n"]) for row in best} == {("bound", 1), ("bound", 4)}
    accuracy = pq.read_table(whole.of("evaluation") / "pair_accuracy.parquet").to_pylist()
    # Of each pool one statement is shown, so that there is no pair that was rated.
    assert {(row["predictor"], row["versus"]) for row in accuracy} == {("longest", "truth")}
    assert pq.read_table(whole.of("evaluation") / "pair_accuracy_differences.parquet").num_rows == 0


def test_arms_are_placed_among_exploits_with_constants_that_others_like_best(tmp_path: Path) -> None:
    evaluation = {
        **SMALL["stages"][4],
        "exploits": True,
        "set": {"design.groups": 3, "design.rounds": 2, "questions.count": 2},
    }
    loop = begun(tmp_path / "loop", stages=[evaluation])
    interrupted(loop.path, lambda stop: Listener(study=stop), 2)
    folder = loop.of("evaluation")
    assert [path.name for path in folder.iterdir()] == ["others"]
    go_on(LoopFolder.read(loop.path), Listener())
    others, run = load(folder / "others"), load(folder / "run")
    constants = run.candidates[run.candidates["generator"] == "constant"].merge(run.rounds[["round_id", "question_id"]])
    assert dict(zip(constants["question_id"], constants["text"], strict=True)) == best_constants(others)
    assert set(others.rounds["question_id"]) == set(run.rounds["question_id"])
    assert others.manifest["seed"] != run.manifest["seed"]
    ranks = pq.read_table(folder / "among_exploits.parquet").to_pylist()
    assert {(row["arm"], row["n_exploits"]) for row in ranks} == {("base", 11), ("bound", 11)}
    places = {(row["arm"], row["measure"]): row["n_above"] for row in ranks}
    assert places["bound", "true_agreement"] < places["base", "true_agreement"]


def test_a_finished_loop_says_so_and_is_shown_again(whole: LoopFolder) -> None:
    result = CliRunner().invoke(app, ["loop", "--status", str(whole.path)])
    assert result.output.count("done") == len(SMALL["stages"])
    assert "--resume" not in result.output
    manifest = json.loads((whole.path / "manifest.json").read_text())
    assert [stage["folder"] for stage in manifest["stages"]][:2] == ["01_toy", "02_first"]
    seconds = {stage["name"]: stage["wall_seconds"] for stage in manifest["stages"]}
    assert manifest["time"]["wall_seconds"] == pytest.approx(sum(seconds.values()), abs=0.1)
    assert min(seconds.values()) >= 0 < seconds["first"]  # in tenths of a second: the toy may take none
    assert manifest["stages"][3]["model_seconds"] > 0
    assert 0 < manifest["time"]["share_outside_model"] < 1
    again = CliRunner().invoke(app, ["loop", "--resume", str(whole.path)])
    assert "share of rounds won against base" in again.output


def test_a_loop_has_a_page_while_it_goes_and_at_its_end(whole: LoopFolder, tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["loop", "--report", str(whole.path)])
    assert "report.html" in ended.output
    page = (whole.path / "report.html").read_text()
    for key in ("loss-writer", "wins-evaluation-base", "levels-evaluation-agreement"):
        assert f'id="figure-{key}"' in page
    loop = begun(tmp_path / "loop")
    interrupted(loop.path, lambda stop: Listener(training=stop), 6)
    status = CliRunner().invoke(app, ["loop", "--status", str(loop.path)])
    assert re.search(r"04 writer: step \d of 4 · loss \d\.\d{3} · held out \d\.\d{3} · ", status.output)
    assert "02 first: 10 groups, " in status.output
    CliRunner().invoke(app, ["loop", "--report", str(loop.path)])
    assert "there is no finding yet" in (loop.path / "report.html").read_text()


def test_rounds_to_read_are_the_same_each_time_and_have_all_arms(whole: LoopFolder) -> None:
    run = load(whole.of("evaluation") / STUDY)
    rounds = rounds_to_read(run, ["base", "bound"], seed=3)
    assert rounds == rounds_to_read(run, ["base", "bound"], seed=3)
    assert {each.round_id for each in rounds} == set(run.rounds[run.rounds["complete"]]["round_id"])
    for each in rounds:
        assert [statement.arm for statement in each.statements] == ["base", "bound"]
        for statement in each.statements:
            answers = [*(rating for rating in statement.ratings if rating is not None), *statement.others]
            assert statement.rated == pytest.approx(sum(answers) / len(answers))
    assert rounds_to_read(run, ["base", "absent"], seed=3) == []


def test_a_stage_without_enough_examples_says_which_it_is(tmp_path: Path) -> None:
    few = {**SMALL["stages"][2], "settings": {**RULE, "sft_rule": "quality >= 7"}}
    loop = begun(tmp_path / "loop", stages=[SMALL["stages"][1], few], set={**SMALL["set"], "design.groups": 3})
    with pytest.raises(TrainingDataError, match="stage examples: 0 SFT examples"):
        go_on(loop, Listener())


def test_folders_that_are_no_loop_are_refused(whole: LoopFolder, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none", whole.of("first")):
        with pytest.raises(RunFolderError, match="expected"):
            LoopFolder.read(folder)
    with pytest.raises(RunFolderError, match="is not empty"):
        begun(whole.path)


@pytest.mark.slow  # about a minute
def test_the_shipped_tiny_loop_runs_to_its_end(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["loop", "loop_tiny", "--out", str(tmp_path / "loop")])
    assert result.exit_code == 0, result.output
    assert "evaluation: share of rounds won against base" in result.output
    arms = pq.read_table(tmp_path / "loop" / "09_evaluation" / "arms.parquet").to_pylist()
    assert {row["arm"] for row in arms} == {"base", "rewarded", "tuned", "prompted", "bound"}
