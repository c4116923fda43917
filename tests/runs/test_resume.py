"""Runs that stop and go on, and runs that are replayed, as a user meets them."""

from __future__ import annotations

import contextlib
import json
import re
import resource
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
import yaml
from commands import Done, typed
from rich.console import Console

import simcons
from simcons.cli.calls import show_calls
from simcons.engines.calls.store import open_store
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import BudgetReached, EngineError, RunFolderError, ScenarioError
from simcons.records import TABLES, TRUTH_TABLES
from simcons.runs import Message

REPOSITORY = Path(__file__).parents[2]
NAMES = [*TABLES, *(f"truth/{name}" for name in TRUTH_TABLES)]
LIMIT = 40  # calls that the interrupted run may make, of about 100
SCENARIO = {
    "name": "talk",
    "seed": 5,
    "population": {"name": "people.yaml"},
    "questions": {"kind": "bank", "bank": "questions"},
    "design": {"groups": 2, "group_sizes": [3], "rounds": 2, "passes": 1},
    "participants": {"mind": {"kind": "llm", "engine": "m", "opinion_prompt": "opinion.md.j2", "retries": 1}},
    "mediators": [
        {"arm": "fair", "welfare": {"alpha": float("inf")}, "scorer": "reader", "select": 1},
        {
            "arm": "model",
            "generator": {"kind": "language_model", "engine": "m", "prompt": "zero_shot", "samples": 2},
            "select": 1,
        },
    ],
    "engines": {"m": {"kind": "scripted", "batch_size": 8, "price_per_million": {"input": 10, "output": 30}}},
    "readers": {"reader": {"matching": "words"}},
}


def cli(*arguments: object, cwd: Path, code: int = 0) -> Done:
    done = typed(*arguments, cwd=cwd)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def errors(said: str) -> list[str]:
    """Lines that say what went wrong, among those that a slow machine gets to read on the way."""
    return [line for line in said.splitlines() if line.startswith("simcons: ")]


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / f"{name}.parquet").read_bytes() for name in NAMES}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with a scenario and all it reads, a run of it (whole) and one that its budget stopped (stopped)."""
    place = tmp_path_factory.mktemp("place")
    shutil.copy(REPOSITORY / "personas" / "uk_crowd.yaml", place / "people.yaml")
    shutil.copy(REPOSITORY / "personas" / "prompts" / "persona_opinion.md.j2", place / "opinion.md.j2")
    shutil.copytree(REPOSITORY / "scenarios" / "questions" / "core", place / "questions")
    (place / "talk.yaml").write_text(yaml.safe_dump(SCENARIO))
    with contextlib.chdir(place):
        simcons.run("talk.yaml", out="whole")
    stopped = cli("run", "talk.yaml", "--out", "stopped", "--set", f"budget.max_calls={LIMIT}", cwd=place, code=3)
    (place / "said.txt").write_text(stopped.stderr)
    return place


@pytest.fixture
def stopped(place, tmp_path, monkeypatch) -> Path:
    """A run that was stopped, as if it had begun in a folder of its own, with the files it reads; the working folder is there."""
    shutil.copytree(place, tmp_path, dirs_exist_ok=True)
    for start in tmp_path.glob("*/start.json"):
        start.write_text(start.read_text().replace(str(place), str(tmp_path)))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "stopped"


def resumed(folder: Path, **overrides: object) -> str:
    """What is said while the run goes on with a larger budget. Overrides have ``__`` for dots."""
    told: list[Message] = []
    changes = {"budget.max_calls": 10**6, **{key.replace("__", "."): value for key, value in overrides.items()}}
    simcons.resume(folder, overrides=changes, on_message=told.append)
    return "\n".join(map(str, told))


# --- the budget --------------------------------------------------------------------------------------------------


def test_a_budget_that_is_reached_stops_the_run_and_more_of_it_ends_it(place, stopped):
    [line] = errors((place / "said.txt").read_text())
    assert line.startswith(f"simcons: budget.max_calls {LIMIT} is reached: {LIMIT} calls, ")
    assert "simcons run --resume stopped --set budget." in line
    with pytest.raises(RunFolderError, match="has not finished"):
        simcons.load(stopped)
    with pytest.raises(BudgetReached, match=f"reached: {LIMIT} calls"):  # it is still what it was
        simcons.resume("stopped")
    done = cli("run", "--resume", "stopped", "--set", "budget.max_calls=100000", cwd=stopped.parent)
    assert "Run folder: stopped" in done.stdout
    assert tables(stopped) == tables(place / "whole")
    manifests = [simcons.load(folder).manifest for folder in (stopped, place / "whole")]
    [calls, whole] = [{(a["act"], a["engine"]): a["n_calls"] for a in m["calls"]} for m in manifests]
    assert calls == whole
    assert sum(account["n_hits"] for account in manifests[0]["calls"]) >= LIMIT
    assert not (stopped / "UNFINISHED").exists()


def test_an_engine_that_gives_up_leaves_a_run_that_goes_on(place, tmp_path, monkeypatch):
    """A server that is not there when the first call is made."""
    monkeypatch.chdir(place)

    class Gone(ScriptedEngine):
        def reply(self, request):
            raise EngineError("engine 'm': nobody answers")

    with pytest.raises(EngineError, match="nobody answers") as error:
        simcons.run("talk.yaml", out=tmp_path / "gone", engines={"m": Gone()})
    gone = tmp_path / "gone"
    left = "is unfinished and holds what had been recorded; go on with: simcons.resume"
    assert error.value.__notes__ == [f"{gone} {left}('{gone}')"]
    assert (gone / "run.log").read_text().endswith("s: engine 'm': nobody answers\n")
    simcons.resume(gone)
    assert tables(gone) == tables(place / "whole")


# --- what cannot be resumed --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark_left", [False, True])
def test_a_finished_run_has_nothing_to_resume(place, stopped, mark_left):
    """Also where it was killed between writing the manifest and taking the mark away."""
    if mark_left:
        Path("whole/UNFINISHED").write_text("This run has not finished.\n")
    told: list[Message] = []
    run = simcons.resume("whole", on_message=told.append)
    assert list(map(str, told)) == ["whole is finished; there is nothing to resume."]
    assert tables(Path("whole")) == tables(place / "whole")
    assert len(run.ratings) > 0


def test_a_folder_that_is_no_run(tmp_path):
    for folder, said in ((tmp_path, "has no start.json"), (tmp_path / "nowhere", "no such run folder")):
        with pytest.raises(RunFolderError, match=said):
            resumed(folder)
    done = cli("run", "--resume", tmp_path, cwd=tmp_path, code=2)
    assert done.stderr.startswith(f"simcons: {tmp_path}: has no start.json")
    assert len(done.faults) == 1


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("opinion.md.j2", "prompt .*/opinion.md.j2"),
        ("people.yaml", "population .*/people.yaml"),
        ("questions/*.yaml", "question bank .*/questions"),
    ],
)
def test_files_that_have_changed(stopped, file, what):
    path = next(stopped.parent.glob(file))
    path.write_text(path.read_text() + "\n")
    with pytest.raises(RunFolderError, match=f"{what} has changed since this run began"):
        resumed(stopped)


def test_a_model_that_has_changed(stopped):
    store, _ = open_store(stopped / "calls.sqlite")
    with store:
        store.register({"m": {"kind": "scripted", "model": "0ld"}}, {})
    with pytest.raises(RunFolderError, match=r"'m' has another model than when this run began: None; expected '0ld'"):
        resumed(stopped)


@pytest.mark.parametrize("key", ["design.groups", "engines.m.kind", "seed", "budgets"])
def test_a_run_that_goes_on_keeps_its_scenario(stopped, key):
    with pytest.raises(ScenarioError, match="keeps its scenario"):
        simcons.resume(stopped, overrides={key: 3})


def test_the_engine_may_go_faster(place, stopped):
    resumed(stopped, engines__m__batch_size=1, engines__m__price_per_million__output=0)
    assert tables(stopped) == tables(place / "whole")


def edit(stopped: Path, **changes: object) -> None:
    """Change the scenario file beside the run that was stopped, which is the one it began with."""
    start = json.loads((stopped / "start.json").read_text())
    start["source"]["path"] = str(stopped.parent / "talk.yaml")
    (stopped / "start.json").write_text(json.dumps(start))
    (stopped.parent / "talk.yaml").write_text(yaml.safe_dump({**SCENARIO, **changes}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": 6, "description": "x"}, 'description was "", is "x"; seed was 5, is 6; this run goes on with the'),
        ({"readers": {}}, "readers.reader.matching was "),
        ({"mediators": SCENARIO["mediators"][:1]}, 'mediators.1.arm was "model", is not there; '),
        ({"seeed": 6}, "has been edited since this run began, and is wrong now ("),
    ],
)
def test_an_edited_scenario_file_is_named_with_what_changed_and_the_run_keeps_its_own(place, stopped, changes, said):
    edit(stopped, **changes)
    assert said in resumed(stopped)
    assert tables(stopped) == tables(place / "whole")
    assert said in (stopped / "run.log").read_text()


def test_a_scenario_file_that_says_the_same_or_has_gone_is_no_matter(stopped):
    edit(stopped, seed=5)
    (stopped.parent / "talk.yaml").write_text("# a remark\n" + (stopped.parent / "talk.yaml").read_text())
    assert "edited" not in resumed(stopped)
    Path("whole/manifest.json").unlink()
    (stopped.parent / "talk.yaml").unlink()
    assert "edited" not in resumed(Path("whole"))


def test_settings_for_a_finished_run_are_refused(place):
    done = cli("run", "--resume", "whole", "--set", "budget.max_calls=9", cwd=place, code=2)
    assert (
        done.stderr
        == "simcons: --set 'budget.max_calls=9': whole is finished; expected a run that can go on, or no --set\n"
    )


@pytest.mark.parametrize("option", ["--resume", "--replay"])
@pytest.mark.parametrize("name", ["talk.yaml", "quickstart"])
def test_a_scenario_where_a_run_is_expected(place, option, name):
    done = cli("run", option, name, cwd=place, code=2)
    assert done.stderr == f"simcons: {option} {name}: is a scenario; expected a run folder, or: simcons run {name}\n"


# --- replay ------------------------------------------------------------------------------------------------------


def test_a_replay_needs_no_engine(place, stopped):
    """The engine that the run used cannot be loaded any more."""
    start = json.loads(Path("whole/start.json").read_text())
    start["scenario"]["engines"]["m"] = {"kind": "transformers", "model": "/nowhere"}
    Path("whole/start.json").write_text(json.dumps(start))
    before = Path("whole/calls.sqlite").read_bytes()
    simcons.replay("whole", out="replay")
    assert tables(Path("replay")) == tables(place / "whole")
    assert Path("whole/calls.sqlite").read_bytes() == before
    manifest = simcons.load("replay").manifest
    assert manifest["replay_of"] == "whole"
    assert manifest["engines"]["m"]["replies"] == 0
    with pytest.raises(RunFolderError, match="replay: is a replay of whole; expected to replay whole anew"):
        resumed(Path("replay"))


def test_a_run_that_has_not_finished_cannot_be_replayed(stopped):
    """No folder is made for it that could never be finished."""
    with pytest.raises(RunFolderError, match=r"stopped: has not finished.* expected a finished run"):
        simcons.replay("stopped", out="replay")
    assert not Path("replay").exists()


def test_a_replay_of_a_run_that_lacks_replies(stopped):
    """It does not say that its budget is reached: a replay spends nothing."""
    shutil.copy("whole/manifest.json", "stopped/manifest.json")
    with pytest.raises(EngineError, match=r"the replayed run has no reply to .* expected a finished run"):
        simcons.replay("stopped", out="replay")


# --- damage ------------------------------------------------------------------------------------------------------


def test_a_damaged_store_is_set_aside_and_the_run_ends_the_same(place, stopped):
    path = stopped / "calls.sqlite"
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 5000] = bytes(5000)
    path.write_bytes(data)
    said = resumed(stopped)
    assert re.search(r"calls\.sqlite.*set aside", said)
    assert len(list(stopped.glob("calls*.sqlite"))) == 2
    assert tables(stopped) == tables(place / "whole")


def test_a_disk_that_is_full_is_one_line_and_the_run_goes_on_later(place, tmp_path):
    """No file may grow beyond 80 KiB: the store is the first to."""

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (80 * 1024, resource.RLIM_INFINITY))

    command = [sys.executable, "-m", "simcons", "run", "talk.yaml", "--out", tmp_path / "full"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, preexec_fn=small_files)
    assert done.returncode == 2
    [line] = errors(done.stderr)
    assert "calls.sqlite" in line
    with contextlib.chdir(place):
        resumed(tmp_path / "full")
    assert tables(tmp_path / "full") == tables(place / "whole")


# --- simcons calls -----------------------------------------------------------------------------------------------


def calls(folder: Path) -> str:
    page = StringIO()
    show_calls(folder, Console(file=page, width=1000))
    return page.getvalue()


def test_calls_of_a_finished_run(place):
    lines = calls(place / "whole").splitlines()
    accounts = simcons.load(place / "whole").manifest["calls"]
    for account in accounts:
        [row] = [line.split() for line in lines if line.strip().startswith(f"{account['act']} ")]
        numbers = (account[name] for name in ("n_calls", "n_hits", "tokens_in", "tokens_out", "n_length"))
        assert row[1:7] == ["(m)", *(f"{number:,}" for number in numbers)]
    assert {account["act"] for account in accounts} == {"position", "opinion", "agreement", "quality", "candidate"}
    [total] = [line for line in lines if line.strip().startswith("all ")]
    assert total.split()[-1] == f"{sum(account['price'] for account in accounts):,.4f}"
    assert any(line.startswith("m: at work") for line in lines)


def test_calls_of_an_unfinished_run(place):
    output = calls(place / "stopped")
    assert "This run has not finished." in output
    [total] = [line.split() for line in output.splitlines() if line.strip().startswith("all ")]
    assert total[1] == str(LIMIT)


def test_calls_of_a_run_without_language_models(tmp_path):
    simcons.run("paper_baselines", overrides={"design.groups": 1, "design.rounds": 1}, out=tmp_path / "run")
    assert calls(tmp_path / "run") == f"{tmp_path / 'run'}: this run has asked no language model.\n"
