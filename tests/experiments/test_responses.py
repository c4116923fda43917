"""Responses of a sweep: planted effects and interactions are recovered, on groups that are the same in every setting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simcons.experiments.sweep.responses import Responses
from simcons.experiments.sweep.tasks import tasks_of
from simcons.scenario.sweep import StudySweepSettings

SAMPLES, SHARE = "mediators.0.generator.samples", "participants.mind.value_share"
GRID = {"kind": "grid", "values": {SAMPLES: [2, 4, 16], SHARE: [0.4, 0.8]}}
RANDOM = {"kind": "random", "number": 40, "values": {SHARE: {"low": 0.1, "high": 0.9}}}
N_GROUPS = 30


def planted(vary, mean, *, noise=0.05, between=0.8, skipped=()):
    """Responses where a group's sum over two rounds is twice ``mean`` of the setting's values, and what the group has in all."""
    sweep = StudySweepSettings.model_validate({"kind": "sweep", "name": "t", "scenario": "polarised", "vary": vary})
    tasks = [task for task in tasks_of(sweep) if task.number not in skipped]
    random = np.random.default_rng(1)
    of_group = random.normal(0, between, N_GROUPS)
    rows = [
        (task.number, "ours", "agreement", f"s{group}", 2 * (mean(task.values) + of_group[group] + noise * z), 2)
        for task in tasks
        for group, z in enumerate(random.normal(size=N_GROUPS))
    ]
    columns = ["task", "arm", "measure", "session_id", "total", "rounds"]
    return Responses(sweep, tasks, pd.DataFrame(rows, columns=columns))


def additive(values):
    return 4 + 0.02 * values[SAMPLES] - values[SHARE]


def test_effects_are_paired_by_group():
    """Groups differ by 0.8, and settings on the same groups by 0.05: the difference of means would not be told from zero."""
    responses = planted(GRID, additive)
    samples, _ = responses.factors
    assert [level.label for level in samples.levels] == ["2", "4", "16"]
    effect = responses.effect("agreement", "ours", samples)
    assert effect.value == pytest.approx(0.28, abs=0.05)
    assert effect.interval[1] - effect.interval[0] < 0.08
    level = responses.level("agreement", "ours", samples.first.settings)
    assert level.interval[1] - level.interval[0] > 0.4
    assert [each.p_holm < 0.001 for each in responses.effects] == [True, True]


def test_an_interaction_is_a_difference_of_effects():
    crossed = planted(GRID, lambda values: additive(values) + 0.05 * values[SAMPLES] * (values[SHARE] > 0.5))
    (found,) = crossed.interactions
    assert (found.factor.name, found.by.name) == ("samples", "value share")
    assert found.change.value == pytest.approx(0.05 * 14, abs=0.1)
    assert found.p_holm < 0.001
    (none,) = planted(GRID, additive).interactions
    low, high = none.change.interval
    assert low < 0 < high  # one false alarm in twenty seeds


def test_a_setting_that_failed_takes_its_fellow_out_of_the_difference():
    responses = planted(GRID, lambda values: 5 * values[SHARE], skipped=(2,))  # samples 2, value_share 0.8
    assert responses.effect("agreement", "ours", responses.factors[0]).value == pytest.approx(0, abs=0.05)


def test_drawn_numbers_are_sorted_and_their_settings_are_a_sample():
    responses = planted(RANDOM, lambda values: 4 + values[SHARE])
    (factor,) = responses.factors
    assert [len(level.settings) for level in factor.levels] == [8] * 5
    assert list(factor.levels) == sorted(factor.levels, key=lambda level: level.position)
    effect = responses.effect("agreement", "ours", factor)
    assert effect.interval[0] > 0.3
    assert effect.n == 8


def test_listed_settings_that_differ_in_several_keys_are_one_axis():
    listed = {"kind": "listed", "values": [{SAMPLES: 2, SHARE: 0.4}, {SAMPLES: 4, SHARE: 0.8}]}
    (factor,) = planted(listed, additive).factors
    assert [level.label for level in factor.levels] == ["samples 2, value_share 0.4", "samples 4, value_share 0.8"]
