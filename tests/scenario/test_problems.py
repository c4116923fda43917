"""Everything that is wrong with an input file, a line each, in plain words."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import TypeAdapter
from pydantic_core.core_schema import ErrorType

from simcons.errors import ScenarioError, ScenarioProblems
from simcons.questions.bank import Topic
from simcons.scenario.files import parse
from simcons.scenario.load import load_scenario
from simcons.scenario.population_file import PopulationFile
from simcons.scenario.power import PowerSettings
from simcons.scenario.problems import WORDED
from simcons.scenario.study import Scenario
from simcons.scenario.worlds import StressSettings

LEAST: dict[str, Any] = {"name": "s", "mediators": [{"arm": "a"}]}

# What core schemas can raise; strict numbers raise no errors of parsing.
RAISED_BY = {
    "int": {"int_type", "int_from_float"},
    "float": {"float_type", "not_a_number"},
    "bool": {"bool_type"},
    "str": {"string_type", "string_unicode"},
    "list": {"list_type"},
    "tuple": {"tuple_type", "too_long", "missing"},
    "dict": {"dict_type"},
    "model": {"model_type"},
    "model-fields": {"model_attributes_type", "extra_forbidden", "missing"},
    "literal": {"literal_error"},
    "tagged-union": {"union_tag_not_found", "union_tag_invalid"},
    "function-after": {"value_error"},
    "function-before": {"value_error"},
}
CONSTRAINTS = {
    **{"ge": "greater_than_equal", "gt": "greater_than", "le": "less_than_equal", "lt": "less_than"},
    **{"pattern": "string_pattern_mismatch", "allow_inf_nan": "finite_number"},
}
HOLDS_NO_DATA = {"any", "nullable", "default", "union", "definitions", "definition-ref", "model-field", "function-wrap"}


def nodes(schema: Any) -> Any:
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema
        for key, part in schema.items():
            if key not in ("metadata", "serialization", "default", "function"):
                yield from nodes(part)
    elif isinstance(schema, (list, tuple)):
        for part in schema:
            yield from nodes(part)


@pytest.mark.parametrize("model", [Scenario, StressSettings, PowerSettings, PopulationFile, Topic])
def test_every_error_that_a_model_can_raise_has_plain_words(model):
    known = {*get_args(ErrorType), "not_a_number"}
    for node in nodes(TypeAdapter(model).core_schema):
        kind = node["type"]
        assert kind in RAISED_BY or kind in HOLDS_NO_DATA, f"{kind}: what can it raise?"
        raised = set(RAISED_BY.get(kind, ())) | {error for key, error in CONSTRAINTS.items() if key in node}
        if "min_length" in node:
            raised.add("string_too_short" if kind == "str" else "too_short")
        assert raised <= known
        assert raised <= WORDED, raised - WORDED


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"design": {"groups": "many"}}, "design.groups: value 'many': expected a whole number"),
        ({"design": {"groups": True}}, "design.groups: value true: expected a whole number"),
        ({"design": {"groups": "12"}}, "design.groups: value '12': expected a whole number"),
        ({"design": {"groups": 0}}, "design.groups: value 0: expected a whole number above 0"),
        ({"design": {"groups": 1.5}}, "design.groups: value 1.5: expected a whole number"),
        ({"design": {"groups": None}}, "design.groups: value null: expected a whole number"),
        ({"design": {"passes": True}}, "design.passes: value true: expected one of 1 or 2"),
        ({"design": {"group_sizes": [1]}}, "design.group_sizes.0: value 1: expected a whole number of at least 2"),
        ({"design": {"group_sizes": [True, 5]}}, "design.group_sizes.0: value true: expected a whole number"),
        ({"design": {"group_sizes": 5}}, "design.group_sizes: value 5: expected a list of whole numbers"),
        ({"pay": {"gbp_per_hour": "12:30"}}, "pay.gbp_per_hour: value '12:30': expected a number"),
        ({"pay": {"gbp_per_hour": float("nan")}}, "pay.gbp_per_hour: value nan: expected a number"),
        ({"pay": {"vat_on_fee": "yes"}}, "pay.vat_on_fee: value 'yes': expected true or false"),
        ({"design": {"gruops": 3}}, "design.gruops: unknown key with value 3: did you mean groups?"),
        ({"participants": {"tempo": {"opinion_word": 3}}}, "unknown key 'opinion_word': did you mean opinion_words?"),
        (
            {"participants": {"behaviour": {"no_show": True}}},
            "participants.behaviour.no_show: value true: expected a number",
        ),
        (
            {"questions": {"kind": "bank", "bnak": "core"}},
            "questions.bnak: unknown key with value 'core': did you mean bank?",
        ),
        (
            {"questions": {"kind": "bank", "bank": 3}},
            "questions.bank: value 3: expected a text (in quotes, if it looks like a number or true) or a list of texts",
        ),
        ({"questions": {"kind": "bank", "bank": ["core", 3]}}, "questions.bank.1: value 3: expected a text"),
        (
            {"questions": {"kind": "bank", "bank": ["core", "core"]}},
            "questions.bank: ['core', 'core']: expected each once",
        ),
        ({"questions": {"kind": "web"}}, "questions: value {'kind': 'web'}: expected kind bank or file"),
        ({"questions": {"path": "q.txt"}}, "questions: value {'path': 'q.txt'}: expected a kind: bank or file"),
        ({"questions": {"cuont": 3}}, "questions.cuont: unknown key with value 3: did you mean count?"),
        ({"questions": {"bank": 3}}, "questions.bank: value 3: expected a text (in quotes, if"),
        ({"questions": {"kind": "file"}}, "questions.path: missing: expected a text"),
        (
            {"mediators": [{"arm": "a", "mediator": {"kind": "python", "call": "mine.py"}}]},
            "call: value 'mine.py': expected file.py:name or package.module:name",
        ),
        (
            {"mediators": [{"arm": "a", "mediator": {"kind": "http", "url": "localhost:9"}}]},
            "url: value 'localhost:9': expected an address that begins with http:// or https://",
        ),
        ({"mediators": []}, "mediators: value []: expected a list of at least 1 entry"),
        (
            {"mediators": [{"arm": "a", "generator": {"engine": "m"}}]},
            "mediators.0.generator: value {'engine': 'm'}: expected a kind: scripted, language_model",
        ),
        ({"mediators": [{"arm": "a", "welfare": {"alpha": "x"}}]}, "alpha: value 'x': expected a number or a mapping"),
        (
            {"mediators": [{"arm": "a", "welfare": {"alpha": {"kind": "lognormal", "mu": "x"}}}]},
            "mediators.0.welfare.alpha.mu: value 'x': expected a number",
        ),
    ],
)
def test_a_mistake_is_told_by_key_value_and_what_was_expected(changes, said):
    with pytest.raises(ScenarioError) as caught:
        parse(Scenario, {**LEAST, **changes}, source="s.yaml")
    assert not isinstance(caught.value, ScenarioProblems), caught.value
    assert str(caught.value).startswith("s.yaml: ")
    assert said in str(caught.value)


def test_all_problems_are_listed_with_their_lines_and_unknown_keys_come_first(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("name: s\ndesign:\n  groups: many\n  passes: 3\nmediator:\n  - arm: a\n")
    with pytest.raises(ScenarioProblems) as caught:
        load_scenario(path, ["seed=-1"])
    assert caught.value.summary == f"{path}: 5 problems"
    assert [problem.split(": expected")[0] for problem in caught.value.problems] == [
        "line 5: mediator: unknown key with value [{'arm': 'a'}]: did you mean mediators?",
        "--set: seed: value -1",
        "line 3: design.groups: value 'many'",
        "line 4: design.passes: value 3",
        "line 1: mediators: missing",
    ]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("design={groups: 1, groups: 2}", "key 'groups' is given twice"),
        ("design.groups=true", "value true: expected a whole number"),
        ("pay.gbp_per_hour=12:30", "value '12:30': expected a number"),
        ("design.groups=1_000", "value '1_000': expected a whole number"),
        ('description="a\\0"', r"U\+0000"),
        ("description=\ud800", r"U\+D800"),
        ("design.groups=" + "[" * 100_000, "nested too deeply"),
    ],
)
def test_overrides_are_read_as_files_are(override, said):
    with pytest.raises(ScenarioError, match=said):
        load_scenario("paper_baselines", [override])


def test_a_long_override_is_cut_where_it_is_named():
    for override in ("design.groups=" + "[" * 100_000, "x" * 100_000):
        with pytest.raises(ScenarioError) as caught:
            load_scenario("paper_baselines", [override])
        assert len(str(caught.value)) < 250


def test_numbers_with_leading_zeros_and_exponents_are_what_they_look_like():
    scenario = load_scenario("paper_baselines", ["seed=0123", "design.groups=1e1"])
    assert (scenario.seed, scenario.design.groups, type(scenario.design.groups)) == (123, 10, int)
