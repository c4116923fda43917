"""`simcons stress` as a user meets it: names and files in, a folder out, one line for what is wrong."""

from __future__ import annotations

import csv
import json
import re
from html import unescape

import pandas as pd
import pytest
from typer.testing import CliRunner

from simcons.cli import stress as command
from simcons.cli.app import app
from simcons.errors import InputError, RunFolderError, ScenarioError

MINE = """
kind: stress
name: mine
rounds: 60
rules: [utilitarian, rawlsian, schulze]
judges: [0, .inf]
vary: {key: world.people.polarisation, values: [0, 2], label: distance}
"""


def invoke(*arguments):
    return CliRunner().invoke(app, ["stress", *map(str, arguments)], catch_exceptions=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    parent = tmp_path_factory.mktemp("stress")
    (parent / "mine.yaml").write_text(MINE)
    done = invoke(parent / "mine.yaml", "minority_accuracy", "--rounds", 50, "--jobs", 1, "--out", parent / "out")
    assert done.exit_code == 0, done.output
    assert "Open the report:" in done.output
    return parent / "out"


def test_a_result_folder(folder):
    names = {path.name for path in folder.iterdir()}
    assert names == {"findings.csv", "findings.parquet", "figures", "manifest.json", "reading.md", "report.html"}
    findings = pd.read_parquet(folder / "findings.parquet")
    assert set(findings["sweep"]) == {"mine", "minority_accuracy"}
    assert set(findings.query("measure == 'mean_utility'")["n"]) == {50}
    with (folder / "findings.csv").open() as lines:
        assert len(list(csv.reader(lines))) == len(findings) + 1


def test_the_manifest_says_how_to_do_it_again(folder, tmp_path):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["rows"] == {
        "findings": len(pd.read_parquet(folder / "findings.parquet")),
        "power": 0,
        "failed_rules": 0,
    }
    assert [test["name"] for test in manifest["tests"]] == ["mine", "minority_accuracy"]
    again = []
    for test in manifest["tests"]:
        again.append(tmp_path / f"{test['name']}.yaml")
        again[-1].write_text(json.dumps(test))
    assert invoke(*again, "--jobs", 1, "--out", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out" / "findings.csv").read_bytes() == (folder / "findings.csv").read_bytes()


def test_the_page_is_whole_and_asks_nothing_of_the_network(folder):
    page = (folder / "report.html").read_text()
    assert "minority accuracy" in page
    assert "world.taste" in page
    for request in ('src="http', 'href="http', "@import", "url(http"):
        assert request not in page


def test_quiet_prints_the_folder_alone(tmp_path):
    (tmp_path / "mine.yaml").write_text(MINE)
    done = invoke(tmp_path / "mine.yaml", "--quiet", "--jobs", 1, "--out", tmp_path / "out")
    assert done.output.split() == [str(tmp_path / "out")]


def test_power_comes_with_its_table(tmp_path):
    settings = ["simulated_groups=1000", "replications=1000", "groups=[50, 100]", "compare=[[nash, utilitarian]]"]
    done = invoke(
        "power", *(part for key in settings for part in ("--set", key)), "--jobs", 1, "--out", tmp_path / "out"
    )
    assert done.exit_code == 0, done.output
    assert {"power.csv", "power.parquet", "report.html"} <= {path.name for path in (tmp_path / "out").iterdir()}
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["rows"]["power"] > 0
    assert "Groups needed to find" in (tmp_path / "out" / "report.html").read_text()


def test_a_rule_of_ones_own_lies_beside_the_file(tmp_path):
    """It is tried as the rule that it copies is, in other processes too."""
    (tmp_path / "ours.py").write_text("def worst_off(u):\n    return u.min(axis=-1)\n", encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(MINE.replace("schulze", '"ours.py:worst_off"'))
    done = invoke(tmp_path / "mine.yaml", "--jobs", 2, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    gains = pd.read_parquet(tmp_path / "out" / "findings.parquet").query("measure == 'worst_off_gain'")
    by_rule = {rule: gains["value"][gains["rule"] == rule].tolist() for rule in ("ours.py:worst_off", "Rawlsian")}
    assert len(by_rule["Rawlsian"]) == 2
    assert by_rule["ours.py:worst_off"] == by_rule["Rawlsian"]
    (tmp_path / "mine.yaml").write_text(MINE.replace("schulze", '"ours.py:best_off"'))
    done = CliRunner().invoke(app, ["check", str(tmp_path / "mine.yaml")])
    assert str(done.exception).startswith("rule 'ours.py:best_off': function 'best_off' is not there; ")


FAILING = """
def whole(u):
    if u.shape[1] < 5:
        raise ValueError("no quorum")
    return u.min(axis=-1)

def named(u):
    return u.name
"""


def test_a_rule_of_ones_own_that_fails_is_named_and_nothing_else_is_lost(tmp_path):
    """One fails where people leave; one everywhere, which is exit code 1, in a study of power too."""
    (tmp_path / "ours.py").write_text(FAILING, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(
        "{kind: stress, name: mine, rounds: 60, rules: [0, inf, 'ours.py:whole', 'ours.py:named'],"
        " vary: {key: world.drop_outs, values: [0, 0.3, 0.5]}}"
    )
    (tmp_path / "study.yaml").write_text(
        "{kind: power, name: study, compare: [['ours.py:named', 0]], simulated_groups: 1000, replications: 1000}"
    )
    files, out = (tmp_path / "mine.yaml", tmp_path / "study.yaml"), tmp_path / "out"
    done = invoke(*files, "--jobs", 1, "--out", out)
    assert done.exit_code == 1
    sentences = [
        r"The rule ours\.py:whole failed in \d+ of 120 rounds of mine where drop outs is 0\.3 or 0\.5, and has no findings"
        r" there\. In the first of them: ours\.py:whole refuses the utilities .*: no quorum\.",
        r"The rule ours\.py:named failed in 180 of 180 rounds of mine where drop outs is 0, 0\.3 or 0\.5, and has .* the rule"
        r" raised AttributeError: 'numpy\.ndarray' object has no attribute 'name' \(ours\.py, line 8\) for the utilities",
        r"The rule ours\.py:named failed in 1,000 of 1,000 rounds of study, and is compared with no other there\.",
    ]
    said, page, reading = (
        " ".join(done.output.split()),
        (out / "report.html").read_text(),
        (out / "reading.md").read_text(),
    )
    for sentence in sentences:
        assert re.search(sentence, said), sentence
        assert re.search(sentence, unescape(page)), sentence
        assert re.search(sentence, reading), sentence
    findings = pd.read_parquet(out / "findings.parquet")
    values = findings.groupby("rule")["value"].unique().map(list).to_dict()
    assert values["Rawlsian"] == values["utilitarian"] == ["0", "0.3", "0.5"]
    assert values["ours.py:whole"] == ["0"]
    assert "ours.py:named" not in values
    failed = pd.read_csv(out / "failed_rules.csv", dtype=str, keep_default_na=False)
    assert failed[["test", "rule", "value"]].to_numpy().tolist() == [
        ["mine", "ours.py:named", "0"],
        ["mine", "ours.py:whole", "0.3"],
        ["mine", "ours.py:named", "0.3"],
        ["mine", "ours.py:whole", "0.5"],
        ["mine", "ours.py:named", "0.5"],
        ["study", "ours.py:named", ""],
    ]
    assert json.loads((out / "manifest.json").read_text())["rows"] == {
        "findings": len(findings),
        "power": 0,
        "failed_rules": 6,
    }


def test_a_rule_that_fails_in_some_conditions_is_no_error_and_a_suite_of_failures_alone_is(tmp_path):
    (tmp_path / "ours.py").write_text(FAILING, encoding="utf-8")
    mine = "{{kind: stress, name: mine, rounds: 60, rules: {}, vary: {{key: world.drop_outs, values: [0, 0.3]}}}}"
    (tmp_path / "mine.yaml").write_text(mine.format("[0, 'ours.py:whole']"))
    done = invoke(tmp_path / "mine.yaml", "--jobs", 1, "--out", tmp_path / "out", "--quiet")
    assert (done.exit_code, done.output.split()) == (0, [str(tmp_path / "out")])
    (tmp_path / "mine.yaml").write_text(mine.format("['ours.py:named']"))
    done = invoke(tmp_path / "mine.yaml", "--jobs", 1, "--out", tmp_path / "none")
    assert isinstance(done.exception, InputError)
    assert str(done.exception).startswith(
        "no rule chose in all rounds of any test, so that there is no result; ours.py:named"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: study\nname: x\n", r"kind: value 'study': expected stress or power"),
        (MINE.replace("rawlsian", "rawls"), r"rules\.1: rule 'rawls': expected an alpha of at least 0, inf, or one of"),
        (
            MINE.replace("polarisation", "polarization"),
            r"vary\.key: value 'world\.people\.polarization': expected the path of a setting under world, or utility_map;"
            r" did you mean world\.people\.polarisation\?",
        ),
        (MINE.replace("[0, 2]", "[0, far]"), r"vary\.values\.1: world\.people\.polarisation: value 'far': expected"),
        (MINE + "roundz: 3\n", r"roundz: unknown key with value 3"),
        (
            "kind: stress\nname: m\nvary: {key: world.people.polarisation, values: [1, 2, 1]}\n",
            r"vary: values: 1 is given twice; expected different values",
        ),
        (
            "schema_version: 1\nname: m\nmediators: []\n",
            r"is of kind scenario; expected kind stress or power \(simcons run takes it\)",
        ),
    ],
)
def test_wrong_files_are_one_line(text, message, tmp_path):
    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(ScenarioError, match=message):
        command.load_suite([str(tmp_path / "wrong.yaml")], (), rounds=None)


def test_what_else_is_refused(tmp_path, folder):
    with pytest.raises(ScenarioError, match="stress test 'nothing': no such file, and not a shipped one"):
        command.load_suite(["nothing"], (), rounds=None)
    with pytest.raises(ScenarioError, match="stress test 'polarisation' is given twice"):
        command.load_suite(["polarisation", "polarisation"], (), rounds=None)
    with pytest.raises(RunFolderError, match="is not empty; expected a new folder"):
        command.result_folder(command.load_suite(["power"], (), rounds=None), folder)
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderError, match="file: is a file; expected a new folder"):
        command.result_folder(command.load_suite(["power"], (), rounds=None), tmp_path / "file")


@pytest.mark.parametrize(
    ("names", "folder"),
    [(["power"], "power"), (["polarisation"], "polarisation"), (["power", "polarisation"], "stress")],
)
def test_a_folder_is_named_after_its_test(names, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    suite = command.load_suite(names, (), rounds=None)
    made = [command.result_folder(suite, None).as_posix() for _ in range(2)]
    assert made == [f"runs/{folder}-001", f"runs/{folder}-002"]


def test_without_names_the_shipped_suite_is_run():
    suite = command.load_suite((), (), rounds=7)
    assert {"polarisation", "utility_map", "strategic_people"} <= {test.name for test in suite.stresses}
    assert {test.rounds for test in suite.stresses} == {7}
    assert [study.name for study in suite.studies] == ["power"]
