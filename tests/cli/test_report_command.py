"""`simcons report`: where the page goes, and what is refused in one line."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from simcons.analysis.analyse import analyse
from simcons.cli.app import app
from simcons.cli.report import make_report
from simcons.errors import InputError, RunFolderError
from simcons.report.study.write import study_figures
from simcons.storage.load import load


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


def test_figures_come_as_files_with_their_numbers(runs, tmp_path):
    places = ["-o", str(tmp_path / "page.html"), "--figures", str(tmp_path / "figures")]
    done = CliRunner().invoke(app, ["report", str(runs[0]), *places])
    assert done.stdout == f"Wrote {tmp_path / 'page.html'}\nWrote its figures to {tmp_path / 'figures'}\n"
    figures = json.loads((tmp_path / "figures" / "manifest.json").read_text())["figures"]
    assert {"arms-ratings", "arms-means", "people-sex"} <= set(figures)
    files = {path.name for path in (tmp_path / "figures").iterdir()} - {"manifest.json"}
    assert files == {f"{name}.{kind}" for name in figures for kind in ("svg", "png", "csv")}
    page = (tmp_path / "page.html").read_text()
    assert all(escape(told) in page for told in figures.values())  # those of findings twice, there and in their chapter
    drawn = ElementTree.parse(tmp_path / "figures" / "arms-means.svg").getroot()
    assert drawn.get("aria-label") == figures["arms-means"]
    assert (tmp_path / "figures" / "arms-means.png").read_bytes().startswith(b"\x89PNG")


def test_the_numbers_of_a_figure_are_those_of_the_analysis(runs):
    run = load(runs[0])
    analysis = analyse(run, only=["rating_distributions"])
    figures = study_figures(run, analysis)
    assert set(figures) == {"arms-ratings", "arms-means"}
    (drawn,) = [row for row in figures["arms-means"].numbers if row["series"] == "agreement"]
    mean = analysis["rating_distributions"].only(scale="agreement", measure="mean", arm=drawn["row"]).estimate
    assert (drawn["value"], drawn["low"], drawn["high"]) == (mean.value, *(mean.interval or (None, None)))
    assert repr(figures["arms-means"]) == "Figure('means')"
    assert figures["arms-means"]._repr_svg_().startswith("<svg ")


def test_a_folder_for_figures_that_holds_something_is_refused_before_anything_is_written(runs, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RunFolderError, match="is not empty; expected a new folder"):
        make_report([runs[0]], tmp_path / "page.html", partial=False, figures=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


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


def test_a_run_that_is_not_there_is_told_before_where_its_page_would_go(tmp_path):
    done = CliRunner().invoke(app, ["report", str(tmp_path / "nowhere")])
    assert isinstance(done.exception, RunFolderError)
    assert "--out" not in str(done.exception)
