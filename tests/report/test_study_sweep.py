"""The page of a sweep: what it says of planted effects, failed runs, and settings that are no numbers."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from simcons.experiments.sweep.run import TaskEnd
from simcons.experiments.sweep.table import SweepTables
from simcons.experiments.sweep.tasks import tasks_of
from simcons.report.study_sweep import write_sweep_page
from simcons.scenario.sweep import StudySweepSettings

SAMPLES, SHARE = "mediators.0.generator.samples", "participants.mind.value_share"


def page(folder, values, mean, *, failed=(), shown=1.0):
    """The page of a grid in which 20 groups' sums over two rounds are twice ``mean`` of a setting's values, and noise."""
    vary = {"kind": "grid", "values": values}
    document = {"kind": "sweep", "name": "planted", "scenario": "polarised", "vary": vary}
    sweep = StudySweepSettings.model_validate(document)
    tasks = tasks_of(sweep)
    ends = [TaskEnd(task, "failed" if task.number in failed else "") for task in tasks]
    there = [end.task for end in ends if not end.error]
    random = np.random.default_rng(2)
    groups = pd.DataFrame(
        [
            (task.number, "ours", measure, f"s{group}", 2 * (mean(task.values) * scale + 0.02 * random.normal()), 2)
            for task in there
            for measure, scale in (("agreement", 1), ("unanimous", 0.1))
            for group in range(20)
        ],
        columns=["task", "arm", "measure", "session_id", "total", "rounds"],
    )
    measured = (("agreement", 5.0), ("shown", shown))
    runs = pd.DataFrame(
        [
            {"task": task.number, "arm": "ours", "measure": name, "value": value}
            for task in there
            for name, value in measured
        ]
    )
    written = write_sweep_page(folder, sweep, ends, SweepTables(runs, groups))
    return written.read_text(encoding="utf-8"), (folder / "reading.md").read_text(encoding="utf-8")


def test_effects_and_their_interaction_open_the_page(tmp_path):
    values = {SAMPLES: [2, 4, 16], SHARE: [0.4, 0.8]}
    html, reading = page(tmp_path, values, lambda v: 4 + 0.05 * v[SAMPLES] * (v[SHARE] > 0.5))
    sentences = [line for line in reading.splitlines() if line[:2] in ("1.", "2.", "3.")]
    assert [sentence.partition(" by ")[0] for sentence in sentences[:2]] == [
        "1. Agreement with ours rises",
        "2. Agreement with ours rises",
    ]
    assert "points at value share 0.8 than at 0.4" in sentences[2]
    assert html.count("<svg") >= 2 * 2 + 1  # curves of two measures over two settings, one pair
    assert "Samples by value share: ours" in html
    assert (tmp_path / "figures" / "interactions.svg").exists()


def test_what_is_not_told_is_said_so_and_failed_runs_are_a_caution(tmp_path):
    html, reading = page(tmp_path, {SAMPLES: [2, 4, 8]}, lambda v: 4, failed=(2,), shown=0.9)
    assert re.search(r"1\. Agreement with ours changes by .* points from samples 2 to 8, not told from zero\.", reading)
    assert "1 run of 3 failed" in html
    assert "In 2 runs an arm had nothing to show in some rounds" in html
    assert "2 of 3 finished" in html


@pytest.mark.parametrize("n_values", [1, 2])
def test_settings_that_are_no_numbers_have_points_by_row(tmp_path, n_values):
    values = {"design.group_sizes": [[4], [5]][:n_values]}
    html, reading = page(tmp_path, values, lambda v: 4.0)
    assert ("from group sizes [4] to [5]" in reading) == (n_values == 2)
    assert "All settings" in html
