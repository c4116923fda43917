"""What notebooks show of runs and results: all of it, escaped, and no traceback."""

from __future__ import annotations

import json
import re
import shutil
import sys
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from compared import GATE, compared, gate, row

import simcons
from simcons.analysis.agreement import by_arm
from simcons.analysis.analyse import analyse
from simcons.analysis.belief.correlations import Correlation
from simcons.analysis.belief.crowds import Belief, Conduct
from simcons.analysis.resampling import Estimate, mean
from simcons.analysis.reselect.reselection import ReselectionSettings, reselect
from simcons.analysis.results import Result, Row
from simcons.analysis.round_in_full import round_in_full
from simcons.experiments.calibrate.found import Fitted, Kept
from simcons.experiments.calibrate.likelihood import HeldOut
from simcons.experiments.calibrate.run import Calibration
from simcons.experiments.forecast.run import Forecast
from simcons.experiments.gate.pools import SelfCheck
from simcons.experiments.gate.self_check import Trials, WorseTrials
from simcons.experiments.power.run import Comparison, PowerResult
from simcons.experiments.power.sizes import Needed
from simcons.experiments.sweep.table import SweepTables
from simcons.report.intervals import points
from simcons.report.notebook import MOST_ROWS, html_of
from simcons.rich_display import RichDisplay
from simcons.scenario.files import parse
from simcons.scenario.gate import GateSettings
from simcons.scenario.power import PowerSettings
from simcons.storage.layout import MANIFEST, REPORT

ARMS = [
    {"arm": "ours", "generator": {"kind": "scripted", "samples": 4}, "scorer": "reader", "select": 1},
    {"arm": "theirs", "generator": {"kind": "scripted", "samples": 1, "skill": 0.1}, "select": 1},
]


class Page(HTMLParser):
    """The text of a piece of HTML, its elements by name, and those that are open at its end."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.elements, self.open = "", [], []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.elements.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f" {data.strip()}"


def page_of(shown: object) -> Page:
    page = Page(shown._repr_html_())
    assert page.open == []
    assert {"script", "style", "link", "img", "iframe"}.isdisjoint(page.elements)
    return page


@pytest.fixture(scope="module")
def run(simulate):
    return simulate(mediators=ARMS, design={"groups": 3, "rounds": 2}, seed=3).run


def test_a_run_is_a_card_with_its_arms_people_and_cost(run):
    text = page_of(run).text
    for result in by_arm(run):
        assert (
            f"{result.arm} {result.n_statements} {result.n_ratings} {points(result.scales['agreement'].mean)}" in text
        )
    assert "test (seed 3)" in text
    assert re.search(r"Groups 3 +Rounds 6 of 6 rounds rated", text)
    assert re.search(r"People \d+ recruited", text)
    assert re.search(r"Cost with people £[\d.]+", text)
    assert f"none yet: simcons report {run.folder}" in text


def test_a_run_names_its_page_once_there_is_one(run, tmp_path):
    copy = shutil.copytree(run.folder, tmp_path / "copy")
    (copy / REPORT).write_text("a page", encoding="utf-8")
    assert f"Page {copy / REPORT}" in page_of(simcons.load(copy)).text


def test_text_is_shown_and_never_runs(run, tmp_path):
    copy = shutil.copytree(run.folder, tmp_path / "copy")
    manifest = json.loads((copy / MANIFEST).read_text())
    (copy / MANIFEST).write_text(json.dumps(manifest | {"name": "<script>alert(1)</script>\x1b[31m\u202e"}))
    assert "<script>alert(1)</script>\\x1b[31m\\u202e (seed 3)" in page_of(simcons.load(copy)).text


def test_a_damaged_run_is_told_and_no_traceback(run, tmp_path):
    copy = shutil.copytree(run.folder, tmp_path / "copy")
    (copy / "ratings.parquet").write_bytes(b"")
    text = page_of(simcons.load(copy)).text
    assert str(copy / "ratings.parquet") in text
    assert "Ratings by arm" not in text


def test_an_analysis_shows_what_is_read_first_of_each_result_and_what_is_left_out(run):
    analysis = analyse(run, only=["win_rates", "rating_distributions", "exclusion_effect"])
    page = page_of(analysis)
    rate = analysis["win_rates"].only(scale="agreement", subset="all", measure="mean", arm="ours", against="theirs")
    assert re.search(rf"agreement, ours over theirs(, mean)? {re.escape(points(rate.estimate))}", page.text)
    assert re.search(r'\d+ more rows: analysis\["rating_distributions"\]', page.text)
    assert analysis.notes[-1] in page.text
    assert page.elements.count("details") == 3
    assert f"None: {analysis['exclusion_effect'].reason}." in page_of(analysis["exclusion_effect"]).text
    assert repr(analysis).startswith(f"Analysis({run.folder.name}: 3 results, ")
    assert repr(analysis["win_rates"]) == f"Result('win_rates': {len(analysis['win_rates'].rows)} rows)"


def test_a_long_table_is_cut_and_says_so():
    rows = tuple(Row({"run": "r", "k": k}, "mean", Estimate(k, None, None, 2), 2) for k in range(MOST_ROWS + 7))
    page = page_of(Result("long", "numbers", "cases", rows))
    assert page.elements.count("tr") == 1 + MOST_ROWS
    assert "numbers. 7 more rows." in page.text


def test_a_reselection_shows_what_each_rule_chooses(run):
    result = reselect(run, ReselectionSettings(rules=(1.0, "leximin")))
    text = page_of(result).text
    for rule in ("utilitarian", "Nash", "leximin"):
        assert rule in text
    assert "What the rules choose, against utilitarian" in text
    assert (
        repr(result) == f"Reselection('test': 3 rules, {len(result.choices)} choices, {len(result.findings)} findings)"
    )


def test_a_study_of_power_shows_the_groups_needed():
    settings = parse(PowerSettings, {"kind": "power", "name": "small"}, source="power.yaml")
    needed = Needed(120, 90, 150, settings.cap)
    estimates = Estimate(0.2, (0.1, 0.3), 0.05, 1000), Estimate(0.1, (0.05, 0.15), 0.025, 1000)
    compared = Comparison("utilitarian", "Nash", "mean", 0.25, 1000, *estimates, sd=1.0, needed=needed)
    result = PowerResult(settings, (compared,))
    text = page_of(result).text
    assert "Groups needed to find the difference" in text
    assert "utilitarian v. Nash mean (points) 0.10 [0.05, 0.15] 120 [90 to 150]" in text
    assert repr(result) == "PowerResult('small': 1 comparison)"


def test_a_comparison_a_gate_and_its_self_check_are_told_as_on_a_terminal():
    result = compared({"agreement": "worse", "unanimous": "undecided"}, more=(row("agreement", "worse", "minority"),))
    text = page_of(result).text
    assert "A change of small: 9 groups, seed 4" in text
    assert "All rounds and people" in text
    assert "minority: agreement" in text
    assert "scorer" in text
    text = page_of(gate(result, passes=False, worlds={"noisy": True})).text
    assert "guard: the change is STOPPED by agreement (9 groups)." in text
    assert "The decision DEPENDS on what is assumed of people" in text
    assert "words of a statement" in text
    trials = (Trials("none", "", 0.0, 200, 8), Trials("even", "agreement", 1.0, 200, 50))
    worse = (WorseTrials("unscored", mean(np.linspace(-0.4, -0.2, 9)), "agreement", 2.9, 200, 190),)
    text = page_of(SelfCheck(GateSettings.model_validate(GATE), result.folder, 20, 80, trials, worse)).text
    assert text.count("Of runs of changes known to be worse the gate stops unscored in 95%") == 1
    assert "agreement, in every group" in text


def test_what_people_make_of_simulated_ones_is_told_with_its_tables():
    told, unknown = Estimate(0.3, (0.2, 0.4), 0.05, 90), Conduct(None, None, None, None)
    crowd = Conduct(Estimate(0.1, (0.05, 0.2), 0.03, 90), None, None, None)
    words = Correlation("words of the opinion", "raters", 90, told)
    result = Belief("agreement", (1, 2, 3, 4, 5), 90, 270, unknown, (words,), (), (), {}, {"mine": crowd})
    text = page_of(result).text
    assert "Whom to believe, by people : 90 people, 270 ratings of agreement" in text
    assert "Not tested here: whether a simulated person agrees" in text
    assert "words of the opinion 0.30 [0.20, 0.40]" in text
    assert "How answers were given" in text
    assert repr(result) == "Belief(90 people, 270 ratings of agreement: 0 minds, 1 simulated)"


def test_a_population_fitted_to_people_shows_what_it_was_and_what_stays():
    fitted = Fitted("mind", "person_sd", 1.5, Estimate(2.0, (1.8, 2.2), 0.1, 40), "positions")
    gain = HeldOut(Estimate(0.02, (-0.01, 0.05), 0.015, 20), 400)
    kept = (Kept(("acquiescence_mean",), "high ratings may come from <good> statements"),)
    result = Calibration("street", "a survey", "agreement", "uk_crowd", 80, 400, (fitted,), kept, {"positions": gain})
    text = page_of(result).text
    assert "uk_crowd, fitted to street : 80 people, 400 ratings of agreement" in text
    assert "person_sd 2.00 [1.80, 2.20] 1.5" in text
    assert "As it was: acquiescence_mean (high ratings may come from <good> statements)." in text
    assert "Not shown on groups set aside: that the fitted numbers describe the positions better." in text


def test_a_sweep_shows_a_row_a_setting_with_the_means_of_its_runs():
    rows = [(1, 4, "agreement", 5.0), (2, 4, "agreement", 5.5), (3, 8, "agreement", 6.0), (3, 8, "unanimous", 0.25)]
    runs = pd.DataFrame([(task, 0, n, "ours", measure, value) for task, n, measure, value in rows])
    runs.columns = ["task", "seed", "samples", "arm", "measure", "value"]
    tables = SweepTables(runs, pd.DataFrame())
    text = page_of(tables).text
    assert "Agreement (points) setting runs ours samples 4 2 5.25 samples 8 1 6.00" in re.sub(r" +", " ", text)
    assert "Rounds in which all agree (% of rounds) setting runs ours samples 8 1 25.00" in re.sub(r" +", " ", text)
    assert repr(tables) == "SweepTables(3 runs: samples)"


def test_everything_that_says_it_can_be_shown_has_a_way():
    named = {(each.__module__, each.__name__) for each in RichDisplay.__subclasses__()}
    shown = {
        getattr(sys.modules[module], name) for module, name in named
    }  # slots make a class anew and leave the first behind
    assert {Result, PowerResult, SelfCheck, Forecast, Belief, Calibration, SweepTables} < shown
    unknown = html_of.dispatch(object)
    assert [each.__name__ for each in shown if html_of.dispatch(each) is unknown] == []


def test_other_objects_are_refused():
    with pytest.raises(TypeError, match="int: notebooks have no way to show it"):
        html_of(3)


def test_a_round_shows_its_question_opinions_and_statements(run):
    shown = round_in_full(run)
    text = page_of(shown).text
    assert text.strip().startswith(shown.question)
    for voice in shown.voices:
        assert voice.opinion is None or voice.opinion in text
    for statement in shown.statements:
        assert statement.text in text
