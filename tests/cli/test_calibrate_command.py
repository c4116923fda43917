"""`simcons calibrate` as a user meets it: a population that a study can use, and one line for what cannot be fitted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from people_in_tables import mapping_file, write_csv, write_people
from typer.testing import CliRunner

import simcons
from simcons.cli.app import app
from simcons.errors import InputError
from simcons.experiments.calibrate.answers import rated, stated
from simcons.population.synthesis import synthesise
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_population
from simcons.storage.imported.write import import_study

MAPPING = {
    "people": None,
    "questions": None,
    "positions": None,
    "opinions": {"file": "opinions.csv", "rater": "who", "question": "on", "text": "words"},
    "statements": {"file": "statements.csv", "statement": "no", "text": "text"},
    "ratings": {
        "file": "ratings.csv",
        "rater": "who",
        "question": "on",
        "statement": "no",
        "scales": {"agreement": {"column": "agrees", "points": [1, 5], "as": "spread"}},
    },
}


def people(folder: Path, n: int) -> Path:
    """The run folder of n people who each wrote some thirty words, without a clock, and rated one statement."""
    rng = np.random.default_rng(1)
    folder.mkdir()
    names = [f"p{k}" for k in range(n)]
    n_words = np.rint(30 * np.exp(0.4 * rng.standard_normal(n))).astype(int)
    write_csv(
        folder / "opinions.csv",
        [{"who": who, "on": "Why?", "words": "so " * m} for who, m in zip(names, n_words, strict=True)],
    )
    write_csv(folder / "statements.csv", [{"no": "s", "text": "We should."}])
    agrees = rng.integers(1, 6, n)
    rows = [{"who": who, "on": "Why?", "no": "s", "agrees": point} for who, point in zip(names, agrees, strict=True)]
    write_csv(folder / "ratings.csv", rows)
    import_study(folder, mapping_file(folder, **MAPPING), folder / "run")
    return folder / "run"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """What the command printed of 120 people, and the population that it wrote."""
    folder = tmp_path_factory.mktemp("calibrate")
    run, out = people(folder / "people", 120), folder / "town.yaml"
    done = CliRunner().invoke(app, ["calibrate", str(run), "--out", str(out)])
    assert done.exit_code == 0, done.output
    return done.output, out


def test_the_population_has_what_was_fitted_and_keeps_the_rest(written):
    said, out = written
    town, crowd = (load_population_file(path) for path in (out, find_population("uk_crowd")))
    assert (town.name, town.margins, town.behaviour) == ("town", crowd.margins, crowd.behaviour)
    assert town.response_style == crowd.response_style
    words = town.tempo["opinion_words"]
    assert words.basis == "F"
    assert words.value == pytest.approx(30, rel=0.15)
    assert "(95%), from 120 opinions: street. It was 55." in words.source
    changed = {key for key in town.tempo if town.tempo[key] != crowd.tempo[key]}
    assert changed == {"opinion_words", "opinion_words_log_sd"}
    assert len(synthesise(town, 5, seed=1)) == 5
    assert "opinion_words  " in said


def test_what_is_not_told_is_said_with_its_reason(written):
    said, _ = written
    assert (
        "As it was: noise_median and noise_log_sd (statements rated twice: 0, expected 100 to tell noise from views)."
        in said
    )
    assert "people who rated on two questions: 0" in said
    assert "opinions with their seconds: 0, expected 100 by 30 people" in said
    assert "who came and who left was not recorded" in said
    assert "questions with rated position statements: 0, expected 8" in said


def test_a_scenario_takes_the_population(written, simulate):
    _, out = written
    population = {"kind": "margins", "name": str(out)}
    study = simulate(population=population, design={"groups": 1, "rounds": 1}, participants={"scales": ["agreement"]})
    assert len(study.run.ratings)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--out", "mapping.yaml"], "mapping.yaml: exists already; nothing was written"),
        (["--out", "a b.yaml"], "--out a b.yaml: "),
        (["--out", "x.yaml", "--scale", "quality"], "has no ratings of quality; expected one of agreement (--scale)"),
        (["--out", "x.yaml"], "ratings of agreement by 1 person; expected at least 10"),
        (["--out", "x.yaml", "--population", "nowhere"], "population 'nowhere': no such file"),
    ],
)
def test_bad_input(tmp_path, monkeypatch, arguments, line):
    run = people(tmp_path / "one", 1)
    monkeypatch.chdir(tmp_path / "one")
    error = CliRunner().invoke(app, ["calibrate", str(run), *arguments]).exception
    assert isinstance(error, InputError)
    assert line in str(error)
    assert not Path("x.yaml").exists()


def test_a_study_that_tells_nothing(tmp_path):
    run = people(tmp_path / "few", 12)
    error = CliRunner().invoke(app, ["calibrate", str(run), "--out", str(tmp_path / "x.yaml")]).exception
    assert str(error) == (
        f"{run}: tells nothing of a population: statements rated twice: 0, expected 100 to tell noise from views"
    )


def test_answers_are_counted_on_the_scale_of_the_source(tmp_path):
    folder = write_people(tmp_path / "street")
    import_study(folder, mapping_file(folder), folder / "run")
    run = simcons.load(folder / "run")
    answers = rated(run, "agreement")
    assert answers.options == 5
    # of a group's three people the first gives 1 and 3, the second 2 and 4, the third 3 and 5, each twice
    assert np.bincount(answers.rows["answer"], minlength=5).tolist() == [16, 16, 32, 16, 16]
    positions = stated(run)
    assert (positions.options, sorted(set(positions.rows["answer"]))) == (7, [1, 3, 5])
    scales = {"agreement": {"points": [2, 5], "as": "spread"}}
    off = replace(run, manifest={**run.manifest, "imported": {**run.imported, "scales": scales}})
    with pytest.raises(InputError, match=r"agreement 1 of g00p0 in round .*: expected a whole number from 2 to 5"):
        rated(off, "agreement")
