"""``simcons plan`` as a user meets it."""

from __future__ import annotations

import csv
import io
import json

import pytest
from rated_by_people import imported
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.errors import InputError

FEW = ["--sessions", "20", "--studies", "40", "--set", "design.rounds=1", "--set", "design.groups=6"]
TINY = ["paper_baselines", *FEW]


def cli(*arguments):
    return CliRunner().invoke(app, ["plan", *map(str, arguments)], env={"COLUMNS": "80"})


def test_a_plan_is_told_in_sentences_tables_and_a_file(tmp_path):
    file = tmp_path / "new" / "plan.md"
    done = cli(*TINY, "--groups", "10,20", "--out", file)
    assert done.exit_code == 0, done.output
    lines = [line for line in done.stdout.splitlines() if str(tmp_path) not in line]
    assert max(map(len, lines)) <= 80
    said = " ".join(done.stdout.split())
    for text in (
        "Recruit ",
        "dropped out",
        "of 6 groups are complete",
        "It costs £",
        "over zero-shot",
        "What the study takes",
    ):
        assert text in said
    written = file.read_text(encoding="utf-8")
    assert written.startswith("# paper_baselines: what the study would take")
    assert "| people to recruit |" in written


def test_a_plan_is_a_page_too(tmp_path):
    assert cli(*TINY, "--out", tmp_path / "plan.html").exit_code == 0
    page = (tmp_path / "plan.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "sft-utilitarian over zero-shot" in page


def test_other_programs_get_every_number(tmp_path):
    document = json.loads(cli(*TINY, "--format", "json").stdout)
    table = list(csv.DictReader(io.StringIO(cli(*TINY, "--format", "csv").stdout)))
    assert document["rehearsed_sessions"] == 20
    assert [row["name"] for row in document["rows"]] == [row["name"] for row in table]
    assert {"recruited", "hours", "cost", "difference", "needed", "power", "detectable"} <= {
        row["name"] for row in table
    }


def test_a_few_people_say_how_many_groups_it_takes(tmp_path):
    people = ["--people", imported(tmp_path), "--arm", "sft-base=old", "--arm", "sft-utilitarian=new", "--anew", "2"]
    said = " ".join(cli(*TINY, *people).stdout.split())
    assert "sft-utilitarian over sft-base, by 8 groups of people (few)" in said
    assert "Groups of people for 0.8, by a few people's own ratings" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--groups", "40,x"], "--groups '40,x': 'x': expected numbers from 2 to 10,000"),
        (["--groups", "1"], "'1': expected numbers from 2"),
        (["--out", "."], "is a folder; expected a file"),
        (["--scorer", "reader"], "--scorer: expected --people IMPORT beside it"),
        (["--people", "nowhere"], "nowhere: no such run folder"),
        (["--pilot", "nowhere"], "nowhere: no such run folder"),
        (["--set", "design.group=3"], "design.group"),
    ],
)
def test_what_cannot_be_planned_is_told_in_a_line(arguments, message):
    done = cli("paper_baselines", *arguments)
    assert isinstance(done.exception, InputError)
    assert message in str(done.exception)


def test_a_pilot_has_the_same_arms(simulate):
    done = cli("paper_baselines", "--pilot", simulate().run.folder)
    assert isinstance(done.exception, InputError)
    assert "has the arms scripted; expected those planned: sft-utilitarian" in str(done.exception)
