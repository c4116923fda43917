"""The social welfare function as a scenario gives it."""

from __future__ import annotations

import json

import pytest

from simcons.errors import ScenarioError
from simcons.scenario.files import parse
from simcons.scenario.welfare import LogNormalAlphaSettings, WelfareSettings


def welfare(**settings):
    return parse(WelfareSettings, settings, source="s.yaml")


@pytest.mark.parametrize(
    ("settings", "spec", "threshold"),
    [
        ({}, 0.0, None),
        ({"alpha": 2}, 2.0, None),
        ({"rule": "isoelastic", "alpha": float("inf")}, float("inf"), None),
        ({"alpha": {"kind": "lognormal"}}, LogNormalAlphaSettings(kind="lognormal"), None),
        ({"rule": "leximin"}, "leximin", None),
        ({"rule": "Nash"}, 1.0, None),
        ({"rule": "rawlsian", "alpha": None, "utility_map": {"kind": "raw"}}, float("inf"), None),
        ({"rule": 2}, 2.0, None),
        ({"rule": "ours.py:half_and_half", "utility_map": {"kind": "raw"}}, "ours.py:half_and_half", None),
        ({"rule": "schulze", "utility_map": {"kind": "raw"}, "ties": "random_ballot"}, "schulze", None),
        ({"rule": "borda", "alpha": None}, "borda", None),
        ({"rule": "approval"}, "approval", None),
        ({"rule": "approval", "threshold": 7}, "approval", 7.0),
        ({"rule": "approval", "utility_map": {"kind": "raw"}, "threshold": -3}, "approval", -3.0),
        ({"rule": "approval", "utility_map": {"kind": "exp"}, "threshold": 20}, "approval", 20.0),
    ],
)
def test_a_rule_and_its_own_setting(settings, spec, threshold):
    chosen = welfare(**settings)
    assert (chosen.spec, chosen.threshold) == (spec, threshold)
    assert welfare(**json.loads(chosen.model_dump_json())) == chosen
    assert WelfareSettings.model_validate(chosen) == chosen


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"rule": "leximin", "alpha": 1},
            "alpha 1.0 with rule leximin: expected no alpha (null), which only isoelastic has",
        ),
        ({"rule": "schulze", "alpha": {"kind": "lognormal"}}, "alpha lognormal with rule schulze: expected no alpha"),
        ({"rule": "nash", "alpha": 2}, "alpha 2 with rule nash: expected no alpha, which this rule names"),
        ({"rule": "ours.py:best", "alpha": 2}, "alpha 2.0 with rule ours.py:best: expected no alpha (null)"),
        ({"rule": "ours.py:best", "threshold": 4}, "threshold 4.0 with rule ours.py:best: expected no threshold"),
        ({"alpha": None}, "alpha none with rule isoelastic: expected a number or a distribution"),
        ({"alpha": -1}, "alpha: value -1.0: expected at least 0"),
        ({"alpha": float("nan")}, "alpha: value nan: expected a number"),
        (
            {"rule": "borda", "threshold": 3},
            "threshold 3.0 with rule borda: expected no threshold, which only approval has",
        ),
        ({"rule": "approval", "threshold": 1}, "threshold 1.0 with utility_map likert: expected above 1 and at most 7"),
        (
            {"rule": "approval", "threshold": 7.1},
            "threshold 7.1 with utility_map likert: expected above 1 and at most 7",
        ),
        (
            {"rule": "approval", "utility_map": {"kind": "exp"}, "threshold": 0},
            "threshold 0.0 with utility_map exp: expected above 0",
        ),
        (
            {"rule": "approval", "utility_map": {"kind": "sigmoid"}, "threshold": 5},
            "threshold 5.0 with utility_map sigmoid: expected above 0 and at most 1",
        ),
        ({"rule": "approval", "threshold": float("nan")}, "threshold"),
        ({"utility_map": {"kind": "raw"}, "alpha": 2}, "utility_map raw with alpha 2.0: expected alpha 0 or .inf"),
        ({"utility_map": {"kind": "raw"}, "alpha": {"kind": "lognormal"}}, "utility_map raw with alpha lognormal"),
        ({"rule": "median"}, "rule 'median': expected an alpha of at least 0, inf, or one of utilitarian, nash,"),
        ({"rule": ["leximin"]}, "rule ['leximin']: expected an alpha"),
        ({"rule": "approval", "utility_map": "likert"}, "utility_map"),
        ({"ties": "coin"}, "ties: value 'coin'"),
    ],
)
def test_settings_that_do_not_go_together(settings, said):
    with pytest.raises(ScenarioError) as caught:
        welfare(**settings)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
