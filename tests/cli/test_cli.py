"""The program as a user meets it."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from commands import typed
from processes import simcons_started

import simcons
from simcons.records import TABLES, TRUTH_TABLES

PATHS = sorted((Path(__file__).parents[2] / "scenarios" / "studies").glob("*.yaml"))
SHIPPED = [path.stem for path in PATHS]
ENGINES = {path.stem: [*yaml.safe_load(path.read_text(encoding="utf-8")).get("engines", {})] for path in PATHS}
SMALL = ("--set", "design.groups=2", "--set", "design.rounds=2")


def cli(*arguments, cwd=None, check=True):
    done = typed(*arguments, cwd=cwd)
    if check:
        assert done.returncode == 0, done.stderr
    return done


def program(*arguments, cwd):
    """In a process of its own."""
    command = [sys.executable, "-m", "simcons", *map(str, arguments)]
    subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "run"
    done = cli("run", "paper_baselines", *SMALL, "--out", folder, cwd=folder.parent)
    return folder, done.stdout


def test_a_run_prints_its_summary_a_round_and_its_folder(finished):
    folder, output = finished
    run = simcons.load(folder)
    assert "synthetic participants, not people" in output
    assert f"{len(run.participants)} recruited" in output
    assert f"{int(run.rounds['complete'].sum())} of {len(run.rounds)} rounds rated to the end" in output
    total = run.participants[["pay_gbp", "fee_gbp", "vat_gbp"]].to_numpy().sum()
    assert f"£{total:,.2f}" in output
    assert str(folder) in output.replace("\n", "")
    best = run.ratings.groupby("candidate_id")["agreement"].mean()
    shown = [
        i for i in run.candidates["candidate_id"] if run.candidates.set_index("candidate_id").text[i][:40] in output
    ]
    assert shown or best.empty


def test_a_run_ends_by_naming_its_report(finished):
    folder, output = finished
    *_, named, look = output.splitlines()
    assert named == f"Report, with figures and every round: {folder / 'report.html'}"
    assert look.startswith("Look at any round with:  simcons show")
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_show_prints_any_round_in_full(finished):
    folder, _ = finished
    run = simcons.load(folder)
    round_id = run.rounds["round_id"].iloc[-1]
    output = " ".join(cli("show", folder, "--round", round_id).stdout.split())
    for text in run.opinions.query("round_id == @round_id")["text"]:
        assert " ".join(text.split()) in output
    shown = run.candidates.query("round_id == @round_id and shown")
    assert set(shown["candidate_id"]) == set(run.selections.query("round_id == @round_id")["candidate_id"])
    assert len(shown) >= 6, "arms that share a generator may pick the same statement"
    for text in shown["text"]:
        assert " ".join(text.split()) in output


def test_the_same_scenario_and_seed_give_the_same_bytes_in_another_process(finished, tmp_path):
    folder, _ = finished
    program("run", "paper_baselines", *SMALL, "--out", "again", "--quiet", cwd=tmp_path)
    tables = sorted(path.relative_to(folder) for path in folder.rglob("*.parquet") if path.parent.name != "telemetry")
    assert len(tables) == len(TABLES) + len(TRUTH_TABLES)
    for table in tables:
        assert (folder / table).read_bytes() == (tmp_path / "again" / table).read_bytes(), table


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_runs_shrunk_from_any_folder(name, tmp_path):
    """Those with language models on scripted ones."""
    scripted = [f"engines.{engine}={{kind: scripted}}" for engine in ENGINES[name]]
    changes = [*scripted, "readers.reader.matching=words"] if scripted else []
    cli("run", name, *SMALL, *(part for change in changes for part in ("--set", change)), "--quiet", cwd=tmp_path)
    run = simcons.load(tmp_path / "runs" / f"{name}-001")
    assert len(run.sessions) == 2
    assert run.ratings["agreement"].between(1, 7).all()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_scenario_passes_its_check(name, tmp_path):
    assert f"{name}: good." in cli("check", name, cwd=tmp_path).stdout


def test_shipped_banks_and_populations_pass_their_checks():
    described = r"\d+ questions \(\d+ iid_test, \d+ ood_test, \d+ train\), \d+ topics"
    assert re.search(described, " ".join(cli("check", "core").stdout.split()))
    for name in ("uk", "uk_crowd"):
        assert "good: the margins can all be met" in cli("check", name).stdout


def test_new_writes_a_scenario_that_runs(tmp_path):
    cli("new", "my-study", cwd=tmp_path)
    cli("run", "my-study.yaml", *SMALL, "--quiet", cwd=tmp_path)
    assert simcons.load(tmp_path / "runs" / "my-study-001").manifest["name"] == "my-study"
    again = cli("new", "my-study", cwd=tmp_path, check=False)
    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_schema_describes_the_scenario():
    schema = json.loads(cli("schema").stdout)
    assert schema["additionalProperties"] is False
    assert {"population", "questions", "design", "mediators"} <= schema["properties"].keys()
    assert "noise_median" in json.dumps(schema)


def test_personas_print_as_cards():
    assert cli("persona", "uk", "-n", 2).stdout.count("SD)") >= 2


def test_people_of_a_scenario_print_as_cards(tmp_path):
    """The members of a panel, drawn by the seed that the study has."""
    (tmp_path / "panel.csv").write_text("sex,age,economic\nfemale,34,-3\nmale,61,2.5\n", encoding="utf-8")
    population = {"kind": "table", "path": "panel.csv", "columns": {"sex": "sex", "age": "age", "economic": "economic"}}
    (tmp_path / "panel.yaml").write_text(json.dumps({**GOOD, "population": population, "seed": 5}), encoding="utf-8")
    printed = cli("persona", "panel.yaml", "-n", 2, cwd=tmp_path).stdout
    assert sorted(re.findall(r": (\w+, \d+),", printed)) == ["female, 34", "male, 61"]
    assert {"(-3.0 SD)", "(+2.5 SD)"} <= set(re.findall(r"\(\S+ SD\)", printed))
    assert cli("persona", "panel.yaml", "-n", 2, "--seed", 5, cwd=tmp_path).stdout == printed
    assert cli("persona", "panel.yaml", "-n", 2, "--seed", 6, cwd=tmp_path).stdout != printed


GOOD = {"schema_version": 1, "name": "x", "mediators": [{"arm": "a"}]}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["run", "nowhere"], ["scenario 'nowhere'", "quickstart"]),
        (["run", "quickstart", "--set", "design.gruops=3"], ["design.gruops", "unknown key with value 3"]),
        (
            ["run", "quickstart", "--set", "design.groups=many"],
            ["design.groups", "value 'many'", "expected a whole number"],
        ),
        (["run", "quickstart", "--set", "design.groups"], ["--set", "expected key.path=value"]),
        (["run", "quickstart", "--set", "mediators.9.select=1"], ["--set", "list index from 0 to 2", "'9'"]),
        (["run", "paper_baselines", "--set", "mediators.0.welfare.alpha=-1"], ["alpha", "at least 0", "value -1"]),
        (["run", "paper_baselines", "--set", "population.size=3"], ["population.size 3", "smaller than a group of 5"]),
        (["run", "paper_baselines", "--set", "questions.ids=[nothing]"], ["questions.ids", "'nothing'"]),
        (
            ["run", "paper_baselines", "--set", "questions.bank=nobank"],
            ["questions.bank: value 'nobank': no such file", "a shipped question bank (american, core, wider)"],
        ),
        (["run", "paper_baselines", "--set", "design.rounds=99"], ["fewer than design.rounds 99"]),
        (["run", "paper_baselines", "--set", "mediators.0.select=17"], ["select 17", "got 16"]),
        (["run", "paper_baselines", "--set", "participants.tempo.speed=1"], ["participants.tempo", "'speed'"]),
        (
            ["run", "paper_baselines", "--set", "population.name=mars"],
            ["population.name: value 'mars': no such file", "uk_crowd"],
        ),
        (["run", "quickstart", "--set", "engines.small.model=/no/such/folder"], ["/no/such/folder"]),
        (["run", "quickstart", "--set", "mediators.0.generator.engine=large"], ["'large'", "small"]),
        (
            ["run", "quickstart", "--set", "mediators.0.generator.prompt=sonnet"],
            ["prompt: value 'sonnet': no such file", "few_shot"],
        ),
        (["show", "/no/such/run"], ["no such run folder"]),
        (["check", "/no/such/file.yaml"], ["/no/such/file.yaml"]),
    ],
)
def test_bad_input_gets_one_line_and_exit_code_2(arguments, expected, tmp_path):
    done = cli(*arguments, cwd=tmp_path, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(done.faults) == 1, done.stderr
    for part in expected:
        assert part in done.stderr
    assert not list(tmp_path.rglob("*.parquet")), "nothing is written for input that cannot be used"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("name: [", "expected YAML"),
        ("- a\n- b\n", "expected a mapping"),
        ("schema_version: 1\nname: x\nname: y\nmediators: [{arm: a}]\n", "key 'name' is given twice"),
        ("schema_version: 2\nname: x\nmediators: [{arm: a}]\n", "schema_version"),
        ("schema_version: 1\nname: x\nmediators: []\n", "mediators"),
        ("schema_version: 1\nname: x\nmediators: [{arm: a}, {arm: a}]\n", "line 3: mediators: arm 'a' is given twice"),
        ("schema_version: 1\nname: x\nmediators: [{arm: a, generator: {kind: poet}}]\n", "poet"),
        (
            "schema_version: 1\nname: x\nquestions: {kind: file, path: none.json}\nmediators: [{arm: a}]\n",
            "line 3: questions.path: value 'none.json': no such file (looked in ",
        ),
        (
            "schema_version: 1\nname: x\nquestions: {kind: file, path: empty.json}\nmediators: [{arm: a}]\n",
            "an empty list",
        ),
    ],
)
def test_a_bad_file_gets_one_line_that_names_it(content, expected, tmp_path):
    (tmp_path / "bad.yaml").write_text(content)
    (tmp_path / "empty.json").write_text("[]")
    done = cli("run", "bad.yaml", cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert len(done.faults) == 1
    assert expected in done.stderr


def test_a_former_run_is_kept_unless_forced(finished, tmp_path):
    before = (tmp_path / "kept").resolve()
    cli("run", "paper_baselines", *SMALL, "--out", before, "--quiet")
    bytes_before = (before / "ratings.parquet").read_bytes()
    refused = cli("run", "paper_baselines", *SMALL, "--set", "seed=9", "--out", before, check=False)
    assert refused.returncode == 2
    assert "not empty" in refused.stderr
    broken = cli("run", "quickstart", "--set", "engines.small.model=/no/model", "--out", before, "--force", check=False)
    assert broken.returncode == 2
    assert (before / "ratings.parquet").read_bytes() == bytes_before, (
        "a run is not removed for input that cannot be used"
    )
    cli("run", "paper_baselines", *SMALL, "--set", "seed=9", "--out", before, "--force", "--quiet")
    assert (before / "ratings.parquet").read_bytes() != bytes_before


def test_an_interrupted_run_says_so_and_keeps_what_it_has(tmp_path):
    """Ctrl-C in the middle of a study far too large to finish in the time."""
    arguments = [
        "run",
        "paper_collection_1",
        "--set",
        "design.groups=20000",
        "--set",
        "output.row_group_rows=100",
        "--out",
        "cut",
    ]
    with simcons_started(*arguments, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        table = tmp_path / "cut" / "sessions.parquet"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (table.exists() and table.stat().st_size > 4_000):
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    *progress, last = errors.splitlines()
    assert last.startswith("simcons: interrupted after ")
    assert last.endswith("go on with: simcons run --resume cut")
    assert all(" sessions, " in line or line.endswith(" ...") for line in progress)
    refused = cli("show", tmp_path / "cut", check=False)
    assert refused.returncode == 2
    assert "has not finished" in refused.stderr
    assert len(simcons.load(tmp_path / "cut", partial=True).sessions) > 0


@pytest.mark.model
def test_the_quickstart_runs_on_the_packaged_model(tmp_path):
    small = ("--set", "design.groups=1", "--set", "design.rounds=1")
    program("run", "quickstart", *small, "--out", "q", cwd=tmp_path)
    run = simcons.load(tmp_path / "q")
    written = run.candidates.query("generator == 'lm-first'")
    assert len(written) == 6, "two arms share them"
    assert written["tokens_out"].gt(0).all()
    assert written["text"].nunique() > 1
    assert run.manifest["usage"]["requests"] == 6
    assert len(run.manifest["models"]["small"]["model"]) == 64


def test_names_with_brackets_and_escapes_are_printed_as_they_are(tmp_path):
    """A run folder is a path, not markup; what models and users wrote is shown, not sent (control characters in lists of
    questions are refused before that).
    """
    folder = tmp_path / "d[/b]" / "o[draft]"
    questions = [{"id": "q", "topic": "t", "question": "Should [bold]taxes[/bold] be raised?"}]
    (tmp_path / "q.json").write_text(json.dumps(questions))
    scenario = {
        **GOOD,
        "questions": {"kind": "file", "path": str(tmp_path / "q.json")},
        "design": {"rounds": 1, "groups": 1},
    }
    (tmp_path / "s.yaml").write_text(yaml.safe_dump(scenario))
    outputs = [cli(command, tmp_path / "s.yaml").stdout for command in ("check",)]
    outputs.append(cli("run", tmp_path / "s.yaml", "--out", folder).stdout)
    outputs.append(cli("show", folder).stdout)
    outputs.append(cli("calls", folder).stdout)
    outputs.append(cli("show", folder, "--round", "\x1b[31mr1", check=False).stderr)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "".join(outputs))
    assert str(folder) in outputs[1]
    assert str(folder) in outputs[3]
    for output in outputs[1:3]:
        assert "[bold]taxes[/bold]" in " ".join(output.split())
    assert r"no round '\x1b[31mr1'" in outputs[4]
