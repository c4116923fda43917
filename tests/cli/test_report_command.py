"""`simcons report`: where the page goes, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from simcons.cli.app import app
from simcons.cli.report import make_report
from simcons.errors import InputError, RunFolderError


@pytest.fixture(scope="module")
def runs(simulate):
    same = {"design": {"groups": 2, "rounds": 1}}
    other = {"participants": {"scales": ["agreement"]}}
    return [simulate(**parts).run.folder for parts in (same, {**same, "seed": 2}, {**same, **other})]


def test_the_page_of_a_run_goes_into_its_folder(runs):
    done = CliRunner().invoke(app, ["report", str(runs[0])])
    assert (runs[0] / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert done.stdout == f"Wrote {runs[0] / 'report.html'}\n"


def test_the_page_of_two_runs_names_both(runs, tmp_path):
    CliRunner().invoke(app, ["report", *map(str, runs[:2]), "-o", str(tmp_path / "both.html")])
    assert f"side by side: {runs[0].name} and {runs[1].name}" in (tmp_path / "both.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("places", "out", "said"),
    [
        ((0, 1), None, "report: 2 runs, and no file; expected --out FILE"),
        ((0,), ".", "is a folder; expected a file"),
        ((0,), "none/page.html", "its folder is not there; expected a file"),
        ((0, 2), "page.html", "rated on agreement, quality and agreement"),
        ((0, 0), "page.html", "given twice"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(runs, tmp_path, places, out, said):
    with pytest.raises(InputError) as refused:
        make_report([runs[place] for place in places], None if out is None else tmp_path / out, partial=False)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not list(Path(tmp_path).glob("*.html"))


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunFolderError):
        make_report([tmp_path], None, partial=True)
