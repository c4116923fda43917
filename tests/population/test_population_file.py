"""The shipped population files against their sources, and one clear line for each mistake."""

import copy
import csv
import re
from collections import Counter
from itertools import product
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import yaml

from simcons.errors import ScenarioError, ScenarioProblems
from simcons.scenario.parameters import PARAMETER_KEYS, Work
from simcons.scenario.population_file import (
    CATEGORIES,
    PopulationFile,
    load_population_file,
)

ROOT = Path(__file__).parents[2]
CENSUS = ROOT.parent / "shared" / "data" / "ons_ew_age_sex_ethnicity_2021.csv"
NAMES = ("uk", "uk_crowd")


@pytest.fixture(scope="module")
def content():
    return yaml.safe_load((ROOT / "personas" / "uk.yaml").read_text(encoding="utf-8"))


def percent(file, axis):
    return dict(zip(CATEGORIES[axis], (100 * file.margins.shares(axis)).round(2).tolist(), strict=True))


def test_uk_has_the_published_shares():
    uk = load_population_file(ROOT / "personas" / "uk.yaml")
    assert percent(uk, "sex") == {"female": 51.64, "male": 48.36}
    assert list(percent(uk, "age").values()) == [10.50, 17.05, 16.39, 16.76, 15.86, 12.55, 10.89]
    assert percent(uk, "ethnicity") == {"White": 83.89, "Asian": 8.57, "Black": 3.66, "Mixed": 1.89, "Other": 1.98}
    young = uk.margins.joint_shares()[:, :2].sum(axis=(0, 1)) / uk.margins.shares("ethnicity")
    assert (100 * young).round(1)[[0, 1, 3]].tolist() == [25.5, 36.8, 52.8]
    assert percent(uk, "education")["level 4+"] == 33.8
    assert percent(uk, "region")["London"] == 13.12


@pytest.mark.parametrize("name", NAMES)
def test_people_are_the_census(name):
    if not CENSUS.exists():
        pytest.skip(f"no census table at {CENSUS}")
    file = load_population_file(ROOT / "personas" / f"{name}.yaml")
    counts = census_counts()
    expected = [counts[cell] for cell in product(*(CATEGORIES[axis] for axis in ("sex", "age", "ethnicity")))]
    np.testing.assert_array_equal(file.margins.sex_age_ethnicity.table().ravel(), expected)


def census_counts():
    counts = Counter()
    with CENSUS.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            age = int(re.match(r"\d+", row["Age"])[0])
            for column, people in row.items():
                match = re.match(r"(\w+).*, (Female|Male) 2021 \(number\)", column)
                if match and age >= 18:
                    counts[match[2].lower(), band_of(age), match[1]] += int(people)
    return counts


def band_of(age):
    return next(b for b in reversed(CATEGORIES["age"]) if age >= int(re.match(r"\d+", b)[0]))


def test_the_crowd_is_younger_more_educated_and_less_spread():
    uk, crowd = (load_population_file(ROOT / "personas" / f"{name}.yaml") for name in NAMES)
    assert crowd.margins.shares("age")[:3].sum() > uk.margins.shares("age")[:3].sum() + 0.2
    assert percent(crowd, "education")["level 4+"] > 50
    assert (uk.values.ideology_sd.value, crowd.values.ideology_sd.value) == (1.0, 0.8)
    assert [crowd.values.shifts[name].value for name in ("economic", "authority")] == [-0.3, -0.5]
    assert crowd.parameters() == uk.parameters()


def test_the_schema_lists_every_parameter():
    properties = PopulationFile.model_json_schema()["properties"]
    for section, keys in PARAMETER_KEYS.items():
        assert tuple(properties[section]["propertyNames"]["enum"]) == keys


def put(path, value):
    def change(content):
        *parents, last = path
        for key in parents:
            content = content[key]
        content[last] = value

    return change


def drop(*path):
    def change(content):
        *parents, last = path
        for key in parents:
            content = content[key]
        del content[last]

    return change


def empty(content):
    for bands in content["margins"]["sex_age_ethnicity"]["people"].values():
        for cells in bands.values():
            cells.update(dict.fromkeys(cells, 0))


def leave_nobody(content):
    for bands in content["margins"]["sex_age_ethnicity"]["people"].values():
        for band in CATEGORIES["age"][1:]:
            bands[band] = dict.fromkeys(bands[band], 0)
    factors = dict.fromkeys(CATEGORIES["age"], 1.0) | {"18-24": 0.0}
    content["margins"]["age_tilt"] = {"basis": "J", "source": "test", "factors": factors}


def state_a_pair_twice(content):
    first = content["values"]["correlations"][0]
    content["values"]["correlations"].append({**first, "between": first["between"][::-1]})


REGION = ("margins", "region", "percent")
LONDON_EMPTY = {ethnicity: {"London": 0} for ethnicity in CATEGORIES["ethnicity"]}
MISTAKES = [
    (empty, "margins.sex_age_ethnicity: people sum to 0: expected"),
    (put((*REGION, "Wales"), -3.5), "margins.region.percent.Wales: value -3.5: expected a number of at least 0"),
    (put((*REGION, "London"), 1.312), "margins.region.percent: sums to 88.182: expected percentages that sum to 100"),
    (put((*REGION, "Cornwall"), 1), "region.percent: unknown key 'Cornwall': expected one of South East,"),
    (drop(*REGION, "Wales"), "margins.region.percent: missing Wales: expected a value for each of the 12 keys"),
    (put(("margins", "associations", 1, "factors"), LONDON_EMPTY), "margins: region 'London' has a target of 13.12%"),
    (put(("margins", "associations", 0, "axes"), ["age", "region"]), "margins.associations.0: factors name 'level 4+'"),
    (put(("margins", "associations", 0, "axes"), ["age", "age"]), "associations.0: axes ['age', 'age']: expected two"),
    (leave_nobody, "margins: age_tilt leaves 0 people: expected a factor above 0"),
    (state_a_pair_twice, "values: correlations between ['authority', 'economic']: expected two dimensions, each pair"),
    (drop("tempo", "reading_wpm"), "tempo: missing reading_wpm: expected a value for each of the 15 keys"),
    (put(("tempo", "reading"), 1), "tempo: unknown key 'reading': did you mean reading_wpm?"),
    (put(("tempo", "reading_wpm", "value"), -1), "tempo.reading_wpm: value -1.0: expected a number above 0"),
    (put(("behaviour", "no_show", "value"), 1.5), "behaviour.no_show: value 1.5: expected a share between 0 and 1"),
    (put(("tempo", "reading_log_sd", "value"), -1), "reading_log_sd: value -1.0: expected a number of at least 0"),
    (put(("response_style", "halo", "value"), float("nan")), "style.halo.value: value nan: expected a number"),
    (put(("response_style", "careless_uniform", "value"), 0.7), "careless_stuck: value 1.1: expected"),
    (put(("values", "ideology_sd", "value"), 0), "values.ideology_sd: value 0.0: expected a number above 0"),
    (
        put(("tempo", "reading_wpm", "basis"), "X"),
        "tempo.reading_wpm.basis: value 'X': expected one of L, E, S, J or F",
    ),
    (put(("colour",), "red"), "colour: unknown key with value 'red': expected one of schema_version,"),
    (drop("writing"), "writing: missing: expected a mapping of keys to values"),
    (put(("values", "correlations", 0, "between"), ["economic", "economic"]), "correlations between ['economic']"),
    (put(("schema_version",), 2), "schema_version: value 2: expected 1"),
]


@pytest.mark.parametrize(("change", "message"), MISTAKES)
def test_a_mistake_gives_one_clear_line(content, tmp_path, change, message):
    broken = copy.deepcopy(content)
    change(broken)
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(broken, sort_keys=False), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_population_file(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_correlations_that_cannot_be(content, tmp_path):
    # r(1,2) = r(1,3) = .9 forces r(2,3) >= .62.
    broken = copy.deepcopy(content)
    pairs = {("economic", "authority"): 0.9, ("economic", "environment"): 0.9, ("authority", "environment"): -0.9}
    broken["values"]["correlations"] = [
        {"between": list(pair), "value": value, "basis": "J", "source": "test"} for pair, value in pairs.items()
    ]
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(broken, sort_keys=False), encoding="utf-8")
    with pytest.raises(
        ScenarioError, match=r"values: correlations have smallest eigenvalue -.*: expected them positive"
    ):
        load_population_file(path)


def test_all_mistakes_are_listed(content, tmp_path):
    broken = copy.deepcopy(content)
    del broken["name"], broken["description"]
    broken["colour"] = "red"
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(broken, sort_keys=False), encoding="utf-8")
    with pytest.raises(ScenarioProblems) as caught:
        load_population_file(path)
    assert caught.value.summary == f"{path}: 3 problems"
    unknown, *missing = caught.value.problems
    assert ": colour: unknown key" in unknown, "first, as it may be what makes others missing"
    assert [line.split(": ", 1)[1] for line in missing] == [
        f"{key}: missing: expected a text" for key in ("name", "description")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: [1", "line 2: did not find expected ',' or ']'"),
        ("- 1", "line 1: value [1]: expected a map"),
        ("a: b: c", "line 1: map"),
    ],
)
def test_not_a_population(tmp_path, text, message):
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=re.escape(f"{path}: {message}")):
        load_population_file(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ScenarioError, match=r"nowhere.yaml: No such file or directory: expected a readable"):
        load_population_file(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("name", NAMES)
def test_circumstances_follow_age_and_sex(name):
    circumstances = load_population_file(ROOT / "personas" / f"{name}.yaml").circumstances
    work, children = circumstances.work.table(), circumstances.children.table()
    assert work.shape == (2, 7, 6)
    np.testing.assert_allclose(work.sum(axis=-1), 1)
    retired = work[..., get_args(Work).index("retired")]
    assert (np.diff(retired, axis=1) >= 0).all()
    assert (retired[:, 0] == 0).all()
    assert (children[0] > children[1]).all()  # men become parents later, and fewer do
    assert (children[:, 0] < 0.1).all()
