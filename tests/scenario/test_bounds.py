"""Numbers too large to be meant are refused before anything is made, with the reason."""

from __future__ import annotations

import time

import pytest

from simcons.errors import ScenarioError
from simcons.scenario.bounds import MOST_PEOPLE
from simcons.scenario.load import load_scenario, load_stress
from simcons.scenario.study import Scenario
from simcons.scenario.worlds import StressSettings

TEXT = """name: s
mediators: [{arm: a, generator: {kind: scripted}}]
engines: {v: {kind: vllm}, o: {kind: openai, model: m, base_url: http://h/v1}}
questions: {kind: bank}
latency: {kind: service}
"""


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("design.groups=1000000000000", r"value 1,000,000,000,000: expected at most 1,000,000, which would take days"),
        ("design.groups=1e300", "value of 301 digits: expected at most 1,000,000"),
        ("design.group_sizes=[1000000]", "expected a whole number of at most 25"),
        ("mediators.0.generator.samples=1000000000", "expected a whole number of at most 1,024"),
        ("mediators.0.select=1000000000", "needs at least as many samples"),
        ("design.rounds=10000000", "expected at most 1,000, as people answer them in one session"),
        ("design.passes=1000000000", "expected one of 1 or 2"),
        ("design.omissions=[1000000000]", "expected to leave an opinion"),
        ("design.launch_groups=1000000000000", "expected at most 1,000,000,000"),
        ("population.size=1000000000000", "expected at most 20,000,000, about 8 GB of memory"),
        ("questions.count=1000000000000", "expected at most 1,000,000,000"),
        ("latency.capacity=1000000000000", "expected at most 1,000,000,000"),
        ("output.row_group_rows=1000000000000", "expected at most 10,000,000, as rows wait in memory"),
        ("engines.v.batch_size=1000000000", "expected at most 65,536"),
        ("engines.v.tensor_parallel=1000000000", "expected at most 65,536"),
        ("engines.v.max_context=1000000000", "expected at most 100,000,000"),
        ("engines.o.concurrency=1000000000", "expected at most 65,536"),
        ("engines.o.requests_per_minute=100000000000000", "expected at most 1,000,000,000"),
        (
            "design={groups: 900000, group_sizes: [5, 25]}",
            "design.groups 900,000 of up to 25: a pool of 45,000,050 people would take about 18 GB of memory",
        ),
    ],
)
def test_a_study_too_large_is_refused_at_once(tmp_path, override, said):
    (tmp_path / "s.yaml").write_text(TEXT)
    began = time.perf_counter()
    with pytest.raises(ScenarioError, match=said) as caught:
        load_scenario(tmp_path / "s.yaml", [override])
    assert time.perf_counter() - began < 2
    assert len(str(caught.value).splitlines()) == 1
    assert override.partition("=")[0].split(".")[0] in str(caught.value)


@pytest.mark.parametrize(
    ("test", "override", "said"),
    [
        ("polarisation", "rounds=10000000000", "expected at most 1,000,000,000, which would take days"),
        ("polarisation", "world.people.group_size=1000000", "expected a whole number of at most 100"),
        ("polarisation", "world.people.rounds_per_group=1000000", "expected at most 1,000"),
        ("polarisation", "world.candidates.number=1000000000", "expected a whole number of at most 65,536"),
        (
            "polarisation",
            "world={people: {group_size: 50}, candidates: {number: 60000}}",
            "with candidates.number 60,000 .* each array would take about 24 GB of memory",
        ),
        ("power", "groups=[50, 1000000000]", "expected at most 1,000,000"),
        ("power", "cap=1000000000", "expected a whole number of at most 100,000"),
        ("power", "simulated_groups=1000000000", "expected at most 10,000,000"),
        ("power", "replications=1000000000", "expected at most 1,000,000"),
    ],
)
def test_a_stress_test_too_large_is_refused_at_once(test, override, said):
    with pytest.raises(ScenarioError, match=said) as caught:
        load_stress(test, [override])
    assert len(str(caught.value).splitlines()) == 1


def test_editors_know_the_bounds():
    schema = Scenario.model_json_schema()["$defs"]
    assert schema["DesignSettings"]["properties"]["groups"]["maximum"] == 1_000_000
    assert schema["PopulationSettings"]["properties"]["size"]["anyOf"][0]["maximum"] == MOST_PEOPLE
    assert StressSettings.model_json_schema()["properties"]["rounds"]["maximum"] == 1_000_000_000


def test_a_stress_test_of_no_values_says_what_it_wants():
    with pytest.raises(ScenarioError, match=r"vary\.values: value \[\]: expected a list of at least 1 entry$"):
        load_stress("polarisation", ["vary.values=[]"])
