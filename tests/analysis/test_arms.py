"""The arms of a run as recorded, by this version and by one that wrote scorers in another way."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from simcons.analysis.arms import recorded_arms
from simcons.errors import RunFolderError

ARMS = [
    {"arm": "a", "scorer": "reader", "select": 1},
    {"arm": "b", "generator": {"kind": "language_model", "engine": "m", "opinions": "honest"}, "scorer": "oracle"},
]


@pytest.fixture(scope="module")
def run(simulate):
    return simulate(mediators=[ARMS[0]], design={"groups": 1, "rounds": 1}).run


def test_arms_come_back_as_they_were_in_the_scenario(run, make_scenario):
    scenario = make_scenario(mediators=ARMS, engines={"m": {"kind": "scripted"}})
    recorded = replace(run, manifest={"scenario": json.loads(scenario.model_dump_json())})
    assert recorded_arms(recorded) == scenario.mediators


def test_a_run_that_does_not_say_its_arms_has_none_to_tell_of(run):
    assert recorded_arms(replace(run, manifest={})) == []


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        (
            {"scorer": {"kind": "reader"}},
            "scenario.mediators.1.scorer: `scorer: {kind: reader}` is now `scorer: reader`",
        ),
        ({"select": "many"}, "scenario.mediators.1.select: value 'many': expected a whole number"),
    ],
)
def test_arms_of_another_version_are_refused_in_a_line(run, arm, said):
    recorded = replace(run, manifest={"scenario": {"mediators": [ARMS[0], {"arm": "old", **arm}]}})
    with pytest.raises(RunFolderError) as caught:
        recorded_arms(recorded)
    version = "recorded by another version of simcons"
    assert str(caught.value) == f"{run.folder}: {version}: {said}; run its scenario again"
