"""The recipe of the trained reader, run on next to nothing."""

from __future__ import annotations

import numpy as np
import pytest

from simcons.engines.acts import run_act
from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.questions.reading_networks import ReadingNetworks
from simcons.training.reader import Recipe, fitted, main, train
from simcons.training.reader_data import load_material

BANK = """
schema_version: 1
topic: buses
title: Buses
split: train
questions:
- id: buses
  text: Should buses be free?
  position: Buses should be free
  negation: Buses should not be free
  noun: free buses
  claims:
  - {id: roads, side: for, wordings: {plain: [people would leave cars at home]}, denials: [nobody would leave theirs]}
  - {id: cost, side: against, wordings: {plain: [the bill would be enormous]}, denials: [the bill would be small]}
"""
TEXTS = """
schema_version: 1
entries:
- {id: t1, question: buses, kind: opinion, text: Fewer cars if a ride costs nothing., claims: {roads: 1}, verdict: 1}
- {id: t2, question: buses, kind: opinion, text: "A fortune, no thanks.", claims: {cost: 1}, verdict: -1}
- {id: t3, question: buses, kind: opinion, text: I cannot make up my mind., claims: {}, verdict: 0}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "bank.yaml").write_text(BANK, encoding="utf-8")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "buses.yaml").write_text(TEXTS, encoding="utf-8")
    return tmp_path


@pytest.mark.model
def test_a_recipe_makes_a_file_that_reads(folder):
    """One epoch of two texts and two composed ones; what was learnt of a run is left behind only until it is done."""
    recipe = Recipe(
        bank="bank.yaml", texts="texts", out="w.safetensors", epochs=1, composed=2, frozen_layers=5, hidden=2
    )
    said: list[str] = []
    train(recipe, folder, say=said.append)
    assert said[0] == "2 texts to learn from, 1 held out"
    assert not list(folder.glob("*.partial.pt"))
    [question] = load_material(folder / "bank.yaml", folder / "texts").questions.values()
    reader = ReadingNetworks().trained_reader("r", EN_GB, folder / "w.safetensors")
    [reading] = run_act(reader.read(question, ["Fewer cars on every street."]), {})
    assert reading.n_sentences == 1


def test_a_small_network_learns_what_can_be_told_apart():
    """Labels by the sign of a feature; 200 points, none within .2 of the border."""
    rng = np.random.default_rng(0)
    given = rng.normal(size=(200, 3)) + np.array([5.0, 0.0, 0.0])
    given[:, 1] += 0.2 * np.sign(given[:, 1])
    labels = (given[:, 1] > 0).astype(np.int64)
    network = fitted(given, labels, n_answers=2, hidden=4, seed=0)
    assert (network(given).argmax(axis=1) == labels).mean() > 0.98


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        ("{bank: bank.yaml, texts: texts, out: w, epoch: 3}", "epoch: unknown key"),
        ("{bank: bank.yaml, texts: texts, out: w, epochs: 0}", "epochs: value 0: expected"),
        ("{bank: nowhere.yaml, texts: texts, out: w}", "nowhere.yaml"),
    ],
)
def test_a_wrong_recipe_is_told_in_a_line(folder, capsys, recipe, told):
    path = folder / "recipe.yaml"
    path.write_text(recipe, encoding="utf-8")
    assert main([str(path)]) == 2
    line = capsys.readouterr().err
    assert line.startswith("simcons: ")
    assert told in line
    assert line.count("\n") == 1


def test_a_text_on_no_question_of_the_bank_is_told(folder):
    path = folder / "texts" / "buses.yaml"
    path.write_text(TEXTS.replace("question: buses", "question: trams", 1), encoding="utf-8")
    with pytest.raises(ScenarioError, match="question 'trams' is not in the bank"):
        load_material(folder / "bank.yaml", folder / "texts")
