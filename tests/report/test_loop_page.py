"""The page of a loop: whatever there is, and nothing but text of what people and models wrote."""

from __future__ import annotations

import base64
import csv
import re

import pytest
from planted_loop import FEW_SHOT, TUNED, contest, estimate, evaluation, level, loop, shown
from test_report_page import Tree

from simcons.report.loops.page import render, render_rounds
from simcons.report.loops.results import AccuracyDifference, Arm, BestOf, PairAccuracy

HOSTILE = "<script>alert(1)</script> & \x1b[31m \u202eback # *not* [a](link)\n\n# heading"


@pytest.fixture(scope="module")
def full() -> str:
    """A page with everything that one can have."""
    second = Arm("tuned_2", "fine-tuned", 16, engine="writer_2", iteration=2, scorer="judge", learnt=True)
    arms = [
        FEW_SHOT,
        TUNED,
        second,
        Arm("echo", "exploit", 1),
        Arm("oracle", "prompted", 4, scorer="oracle", upper_bound=True),
    ]
    levels = [
        level(arm.name, 4 + place / 10, measure, part)
        for place, arm in enumerate(arms)
        for measure in ("agreement", "true_agreement")
        for part in ("all", "ood_test", "not divisive")
    ]
    best_of = [
        BestOf("tuned_2", n, measure, estimate(4 + n / 20), None, 0.5)
        for n in (1, 4, 16)
        for measure in ("proxy", "truth")
    ]
    tried = evaluation(
        arms=arms,
        levels=levels,
        contests=[contest(measure, 0.6, 0.55, 0.65, arm="tuned_2") for measure in ("agreement", "true_agreement")],
        best_of=best_of,
        accuracies=[PairAccuracy("reader", "statements of tuned", True, estimate(0.7, 0.6, 0.8))],
        differences=[AccuracyDifference("judge", "reader", "statements of tuned", True, estimate(-0.1, -0.2, 0.0))],
    )
    return render(loop(evaluations=[tried], rounds=[shown("Plain words.")]))


def test_everything_that_is_there_is_drawn_and_told_once(full: str) -> None:
    tree = Tree(full)
    assert tree.is_closed
    ids = [attributes["id"] for _, attributes in tree.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert len(re.findall("<figure>", full)) == 2  # beside the findings
    for key in ("wins-evaluation-few_shot", "wins-evaluation-few_shot-parts",
                "levels-evaluation-agreement", "levels-evaluation-agreement-parts", "best-of-evaluation-tuned_2",
                "ranks-evaluation", "by-iteration", "loss-writer", "loss-judge", "reliability-judge", "accuracies"):  # fmt: skip
        assert f"figure-{key}" in ids, key
    pointed_at = [a["href"][1:] for a in tree.all("a") if a["href"].startswith("#")]
    assert set(pointed_at) <= set(ids)
    assert all(len(svg["aria-label"]) > 40 for svg in tree.all("svg") if svg.get("role") == "img")


def test_the_page_asks_nothing_of_the_network(full: str) -> None:
    tree = Tree(full)
    assert not tree.all("script")
    assert all(a["href"].startswith(("#", "data:text/csv")) for a in tree.all("a"))
    assert "@import" not in full
    assert "http" not in re.sub(r'href="data:[^"]*"', "", full)


def test_tables_can_be_taken_along_as_numbers(full: str) -> None:
    files = {a["download"]: a["href"].partition("base64,")[2] for a in Tree(full).all("a") if "download" in a}
    rows = list(csv.DictReader(base64.b64decode(files["evaluation-arms-ood_test.csv"]).decode().splitlines()))
    assert [*rows[1].values()] == ["few_shot", "ood_test", "true_agreement", "60", "4.0", "3.8", "4.2"]
    assert [*rows[1]] == ["arm", "rounds", "measure", "n", "mean", "low", "high"]
    assert "<td>−10.0 [−20.0,\u00a0+0.0]</td>" in full
    losses = list(csv.DictReader(base64.b64decode(files["writer-losses.csv"]).decode().splitlines()))
    assert losses[-1] == {"step": "3", "examples": "held out", "loss": "2.4"}


def test_a_loop_that_has_just_begun_has_a_page() -> None:
    begun = loop(trainings=[], lessons=[], evaluations=[], finished=False)
    page = render(begun)
    assert Tree(page).is_closed
    assert "there is no finding yet" in page
    assert "simcons loop --resume planted" in page


def test_what_people_and_models_write_is_shown_and_never_run() -> None:
    results = loop(name="<b>loop</b>", rounds=[shown(HOSTILE, question=HOSTILE)])
    page = render(results)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>" not in page
    assert not re.search("[\x1b\u202e]", page + render_rounds(results))


def test_rounds_to_read_are_plain_markdown() -> None:
    text = render_rounds(loop(rounds=[shown(HOSTILE), shown("1. First", rated=None)]))
    assert "# planted: 2 rounds, before and after" in text
    assert "&lt;script>alert(1)" in text
    assert r"\# \*not\* \[a\](link) \# heading" in text
    assert "1. (position 3) " in text
    assert "> 1\\. First" in text
    assert "**tuned** (5, –; without an opinion 4: mean 4.50, true 4.20)" in text
    assert "**tuned** (5, –; without an opinion 4: no rating, true 4.20)" in text
    assert [line for line in text.splitlines() if line.startswith("#")][1:] == ["## 1. Should it?", "## 2. Should it?"]
