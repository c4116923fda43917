"""A crowd from a table of persons: what it says stays, what it lacks is drawn as in the population."""

from pathlib import Path

import numpy as np
import pytest

from simcons.errors import ScenarioError
from simcons.population.known import UNKNOWN
from simcons.population.synthesis import synthesise
from simcons.population.table import known_people
from simcons.scenario.population_file import CATEGORIES, load_population_file
from simcons.scenario.study import Scenario, TablePopulationSettings

PEOPLE = """who,gender,years,schooling,left_right,kids,w
p1,F,34,degree,-1.25,yes,1
p2,M,61,none,0.75,no,0
p3,,47,,,,3
"""
COLUMNS = {
    "sex": {"column": "gender", "words": {"F": "female", "M": "male", "woman": "lady", "Prefer not to say": None}},
    "age": "years",
    "education": {"column": "schooling", "words": {"degree": "level 4+"}},
    "economic": "left_right",
    "children": "kids",
}
UK = load_population_file(Path(__file__).parents[2] / "personas" / "uk.yaml")


def settings(folder, text=PEOPLE, **columns):
    (folder / "people.csv").write_text(text, encoding="utf-8")
    return TablePopulationSettings.model_validate(
        {"kind": "table", "path": str(folder / "people.csv"), "columns": COLUMNS | columns}
    )


def crowd(folder, size, **given):
    known = known_people(settings(folder, **given), size, seed=3)
    return known, synthesise(UK, size, seed=3, known=known)


def test_what_the_table_says_is_kept(tmp_path):
    known, people = crowd(tmp_path, 30)
    first = people.persona(int(np.flatnonzero(known.row == 1)[0]))
    assert (first.table_row, first.sex, first.age, first.education, first.children, first.values[0]) == (
        1,
        "female",
        34,
        "level 4+",
        True,
        -1.25,
    )
    assert np.bincount(known.row).tolist() == [0, 10, 10, 10]  # everybody comes once before anybody comes twice


def test_a_word_for_nothing_is_a_gap(tmp_path):
    known, _ = crowd(tmp_path, 3, text=PEOPLE.replace("p2,M", "p2,Prefer not to say"))
    assert known.codes["sex"][known.row == 2].tolist() == [UNKNOWN]


def test_what_it_lacks_is_drawn_given_the_rest(tmp_path):
    """Of 4,000 people aged 47 the share of women: off by .06 with probability below 4e-13 (Hoeffding)."""
    known, people = crowd(tmp_path, 12_000)
    third = known.row == 3
    women = people.columns["sex"][third] == CATEGORIES["sex"].index("female")
    table = UK.margins.joint_shares()[:, CATEGORIES["age"].index("45-54")].sum(axis=1)
    assert abs(women.mean() - table[0] / table.sum()) < 0.06
    assert set(people.columns["age"][third]) == {47}
    assert people.values[third, 0].std() > 0.5


def test_a_larger_crowd_begins_with_the_same_people(tmp_path):
    _, few = crowd(tmp_path, 20)
    _, many = crowd(tmp_path, 50)
    assert [few.persona(i) for i in range(20)] == [many.persona(i) for i in range(20)]


def test_people_come_by_their_weights(tmp_path):
    """Of 4,000 draws a quarter are of the first: off by .06 with probability below 7e-13 (Hoeffding)."""
    known, _ = crowd(tmp_path, 4000, weight="w")
    shares = np.bincount(known.row, minlength=4)[1:] / 4000
    assert shares[1] == 0
    assert abs(shares[0] - 0.25) < 0.06


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("p2,M", "p2,X", "row 2: gender 'X': expected one of female, male, or words that say which it is"),
        ("34", "12", "row 1: years '12': expected whole years from 18 to 120"),
        ("p2,M", "p2,woman", "row 2: gender 'woman', by words 'lady': expected one of female, male, or words"),
        ("0.75", "left", "row 2: left_right 'left': expected a number"),
        ("0.75", "7", "row 2: left_right '7': expected SDs of the population, from -5 to 5 (less the mean of a scale"),
        ("no,0", "no,", "row 2: w is empty: expected a weight of at least 0"),
        ("no,0", "no,-1", "row 2: w '-1': expected a weight of at least 0"),
        ("kids", "n_kids", "no column 'kids', which population.columns.children names: expected one of who, gender,"),
    ],
)
def test_a_cell_that_says_nothing_known_is_a_line(tmp_path, old, new, said):
    with pytest.raises(ScenarioError) as error:
        known_people(settings(tmp_path, PEOPLE.replace(old, new, 1), weight="w"), 10, seed=0)
    assert str(error.value).startswith(f"{tmp_path / 'people.csv'}: {said}")


def test_a_study_recruits_from_the_table(simulate, tmp_path):
    given = settings(tmp_path).model_dump()
    run = simulate(population=given, design={"groups": 2, "rounds": 1}).run
    ages = set(run.participants["age"])
    assert ages == {34, 61, 47}
    assert run.participants.groupby("table_row")["age"].unique().map(list).to_dict() == {1: [34], 2: [61], 3: [47]}
    assert run.manifest["scenario"]["population"]["kind"] == "table"
    assert any(name.startswith("table of persons") for name in run.manifest["inputs"])


def test_a_population_without_a_kind_is_of_margins():
    scenario = Scenario.model_validate({"name": "x", "mediators": [{"arm": "a"}], "population": {"name": "uk"}})
    assert scenario.population.kind == "margins"
