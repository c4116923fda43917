"""Scenario files with overrides, and what may be changed of one whose run goes on."""

from __future__ import annotations

import copy
import json
import re
from functools import reduce
from operator import getitem
from pathlib import Path

import pytest

from simcons.errors import ScenarioError
from simcons.scenario.files import parse, read_input
from simcons.scenario.load import change_scenario, load_scenario
from simcons.scenario.study import Scenario
from simcons.scenario.yaml_text import read_scalar

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios" / "studies").glob("*.yaml"))
BASE = {
    "name": "s",
    "mediators": [{"arm": "a", "welfare": {"alpha": float("inf")}}],
    "engines": {"m": {"kind": "scripted"}, "o": {"kind": "openai", "base_url": "http://h/v1", "model": "x"}},
    "budget": {"max_calls": 10},
}


def test_a_run_that_goes_on_may_spend_more_and_go_faster():
    overrides = (
        *("budget.max_calls=20", "budget.max_price=1.5", "engines.m.batch_size=4", "engines.o.concurrency=2"),
        "engines.o.price_per_million.input=3",
    )
    changed = change_scenario(Scenario(**BASE), overrides, source="run")
    assert (changed.budget.max_calls, changed.budget.max_price) == (20, 1.5)
    assert changed.engines["m"].batch_size == 4
    assert (changed.engines["o"].concurrency, changed.engines["o"].price_per_million.input) == (2, 3)
    assert changed.mediators == Scenario(**BASE).mediators


def test_a_limit_may_be_lifted():
    assert change_scenario(Scenario(**BASE), ["budget.max_calls=null"], source="run").budget.max_calls is None


@pytest.mark.parametrize(
    "override",
    [
        *(
            "seed=2",
            "design.groups=9",
            "readers.reader.matching=words",
            "participants.mind.kind=llm",
            "budgets.max_calls=1",
        ),
        *("engines.o.model=y", "engines.o.base_url=http://i/v1", "engines.o.max_context=9", "engines.m"),
        "engines.batch_size=3",
    ],
)
def test_all_else_is_kept(override):
    with pytest.raises(
        ScenarioError, match=r"keeps its scenario; expected budget\.\* or engines\.NAME\.SETTING"
    ) as caught:
        change_scenario(Scenario(**BASE), [override], source="run")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("budget.max_calls=many", r"run: budget\.max_calls: value 'many'"),
        ("budget.calls=1", r"run: budget\.calls: unknown key"),
        ("budget=1", r"run: budget: value 1: expected a mapping"),
        ("engines.none.batch_size=1", r"run: engines\.none"),
        ("engines.m.batch_size", r"expected key\.path=value"),
        ("budget.max_calls.more=1", "which has no keys"),
    ],
)
def test_changes_that_make_no_sense(override, said):
    with pytest.raises(ScenarioError, match=said):
        change_scenario(Scenario(**BASE), [override], source="run")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_scenario_comes_back_from_what_a_run_keeps_of_it(path):
    """As JSON, infinity and all; and unchanged where nothing is changed."""
    scenario = load_scenario(path)
    kept = json.loads(json.dumps(json.loads(scenario.model_dump_json()), allow_nan=False))
    assert parse(Scenario, kept, source="run") == scenario
    assert change_scenario(scenario, [], source="run") == scenario


def test_overrides_reach_lists_and_make_mappings(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("name: s\nmediators:\n  - arm: a\n")
    scenario = load_scenario(path, ["mediators.0.select=1", "design.group_sizes=[3, 4]", "engines.m.kind=scripted"])
    assert (scenario.mediators[0].select, scenario.design.group_sizes) == (1, [3, 4])
    assert scenario.engines["m"].kind == "scripted"
    for override, said in [
        ("mediators.1.select=1", "expected a list index from 0 to 0, got '1'"),
        ("name.x=1", "'name' holds the value 's', which has no keys"),
        ("seed=[1", "not valid YAML"),
        ("=3", "expected key.path=value"),
    ]:
        with pytest.raises(ScenarioError, match=said):
            load_scenario(path, [override])


TEMPLATE = SHIPPED[0].parents[1] / "templates" / "study.yaml"


def test_single_settings_of_what_is_not_in_the_file_are_those_of_its_default_kind(tmp_path):
    (tmp_path / "s.yaml").write_text("name: s\nmediators: [{arm: a}]\n", encoding="utf-8")
    scenario = load_scenario(
        tmp_path / "s.yaml", ["questions.count=4", "latency.log_sd=0", "mediators.0.generator.samples=3"]
    )
    assert (scenario.questions.kind, scenario.questions.count) == ("bank", 4)
    assert (scenario.latency.kind, scenario.latency.log_sd) == ("drawn", 0)
    assert (scenario.mediators[0].generator.kind, scenario.mediators[0].generator.samples) == ("scripted", 3)


def kind_or_value(value):
    return value.get("kind", value) if isinstance(value, dict) else value


def test_the_template_states_the_true_default_of_every_key_that_has_another_value():
    """Each key is taken out in turn: what the study has then is what stood there, or what its line says."""
    given, lines = read_input(TEMPLATE), TEMPLATE.read_text(encoding="utf-8").splitlines()
    stated, found = {}, {}
    for keys, place in given.places.items():
        if not keys or not isinstance(keys[-1], str) or keys in (("name",), ("description",)):
            continue
        document = copy.deepcopy(given.value)
        node = reduce(getitem, keys[:-1], document)
        value = node.pop(keys[-1])
        try:
            default = kind_or_value(reduce(getitem, keys, parse(Scenario, document, source="template").model_dump()))
        except ScenarioError:
            continue  # nothing works without it
        said = re.search(r"\(default: (.*?)\)", lines[int(place.removeprefix("line ")) - 1])
        inner = isinstance(value, dict) and "kind" not in value
        if not inner and default != kind_or_value(value):
            found[keys] = default
        if said and (keys in found or not inner):
            stated[keys] = {"all": None}.get(said[1], read_scalar(said[1]))
    assert {("seed",), ("design", "groups"), ("questions", "split"), ("mediators", 0, "select")} <= found.keys()
    assert stated == found
