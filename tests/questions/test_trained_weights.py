"""The file of a trained reader: written, read again, and refused in one line before a study begins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from reading import random_weights
from safetensors.numpy import save_file
from typer.testing import CliRunner

import simcons
from simcons.cli.app import app
from simcons.engines.acts import run_act
from simcons.engines.base import HeardText
from simcons.errors import MissingPackage, ModelNotFound, RunFolderError
from simcons.languages.en_gb import EN_GB
from simcons.questions.reading_networks import ReadingNetworks
from simcons.questions.trained_weights import VERSION, load_weights
from simcons.scenario.inputs import check_inputs, input_hashes
from simcons.scenario.load import load_scenario

FORMAT = {"format": "simcons trained reader"}
ARRAYS = {"a": np.zeros(2, dtype=np.float32)}


@pytest.fixture
def scenario(tmp_path):
    """The file of a scenario whose participants hear by a trained reader, which reads its weights from beside it."""
    random_weights().save(tmp_path / "mine.safetensors")
    path = tmp_path / "taught.yaml"
    path.write_text(
        "name: taught\ndesign: {groups: 1, rounds: 1, group_sizes: [3]}\nmediators: [{arm: a, scorer: reader}]\n"
        "readers: {reader: {kind: trained, weights: mine.safetensors}}\n",
        encoding="utf-8",
    )
    return path


def test_weights_are_read_as_they_were_written(tmp_path):
    known = ["a1", "b2"]
    weights = replace(random_weights(), claims=known, positions=known[:1])
    weights.save(tmp_path / "w")
    again = load_weights(tmp_path / "w")
    assert (again.claims, again.positions) == (weights.claims, weights.positions) == (known, known[:1])
    for before, after in ((weights.network, again.network), (weights.heads, again.heads)):
        assert before.keys() == after.keys()
        assert all(np.array_equal(before[name], after[name]) for name in before)


def spoilt(path, fault):
    """Make the file a faulty one."""
    match fault:
        case "missing":
            path.unlink()
        case "text":
            path.write_text("nothing like it", encoding="utf-8")
        case "foreign":
            save_file(ARRAYS, path)
        case "version":
            save_file(ARRAYS, path, metadata={**FORMAT, "version": "0"})
        case "array":
            weights = random_weights()
            heads = {name: array for name, array in weights.heads.items() if name != "verdict.out"}
            replace(weights, heads=heads).save(path)
        case "shape":
            weights = random_weights()
            replace(weights, heads={**weights.heads, "claims.mean": np.zeros(3)}).save(path)
        case "keys":
            save_file(ARRAYS, path, metadata={**FORMAT, "version": VERSION, "claims": "none", "positions": "[]"})


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("missing", "no such file"),
        ("text", "is no safetensors file ("),
        ("foreign", "is a safetensors file, but not of a trained reader"),
        ("version", "is of version 0; expected 2"),
        ("array", "has no array 'verdict.out'"),
        ("shape", "array 'claims.mean' is 3; expected 5"),
        ("keys", "does not say which claims it was trained on"),
    ],
)
def test_a_faulty_file_is_refused_in_one_line(tmp_path, fault, told):
    path = tmp_path / "w"
    random_weights().save(path)
    spoilt(path, fault)
    with pytest.raises(ModelNotFound) as caught:
        ReadingNetworks().trained_reader("r", EN_GB, path)
    line = str(caught.value)
    assert line.startswith(f"trained reader {str(path)!r}: {told}")
    assert line.endswith("; train one with: make reader")
    assert "\n" not in line


def test_weights_of_another_network_are_refused_when_it_is_first_asked(tmp_path, bank, monkeypatch):
    def refuse(weights, claims, positions):
        raise ValueError("weights 'x' are not of this network")

    random_weights().save(tmp_path / "w")
    monkeypatch.setattr("simcons.questions.reading_networks.load_hearing", refuse)
    reader = ReadingNetworks(lambda texts: np.ones((len(texts), 4), dtype=np.float32)).trained_reader(
        "r", EN_GB, tmp_path / "w"
    )
    with pytest.raises(ModelNotFound, match="not of this network"):
        run_act(reader.read(bank[0], ["My hamster enjoys sunshine."]), {})


def test_check_and_run_refuse_a_faulty_file_before_a_study_begins(scenario, tmp_path):
    spoilt(tmp_path / "mine.safetensors", "version")
    with pytest.raises(ModelNotFound, match="is of version 0"):
        CliRunner().invoke(app, ["check", str(scenario)], catch_exceptions=False, standalone_mode=False)
    with pytest.raises(ModelNotFound, match="is of version 0"):
        simcons.run(scenario, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_missing_encoder_is_told_by_check(scenario, monkeypatch):
    def missing():
        raise MissingPackage("encoder", "pip install encoder")

    monkeypatch.setattr("simcons.questions.reading_networks.check_encoder", missing)
    with pytest.raises(MissingPackage, match="this needs the package 'encoder', which is not installed: pip install"):
        CliRunner().invoke(app, ["check", str(scenario)], catch_exceptions=False, standalone_mode=False)


def test_a_run_is_not_resumed_with_other_weights(scenario, tmp_path):
    given = load_scenario(scenario)
    path = tmp_path / "mine.safetensors"
    begun = input_hashes(given)
    assert f"trained reader {path}" in begun
    check_inputs(begun, given, folder=tmp_path)
    random_weights(seed=1).save(path)
    with pytest.raises(RunFolderError, match=r"trained reader .* has changed since this run began"):
        check_inputs(begun, given, folder=tmp_path)


def nothing_of(likeness):
    return HeardText(np.zeros((len(likeness), 3)), np.zeros(4), [0] * len(likeness))


def test_readers_of_one_file_share_a_network(tmp_path, bank, monkeypatch):
    loaded = []

    def load(weights, claims, positions):
        loaded.append(weights)
        return lambda texts, topic, likeness: [nothing_of(features) for features in likeness]

    random_weights().save(tmp_path / "w")
    (tmp_path / "same").symlink_to(tmp_path / "w")
    random_weights(seed=1).save(tmp_path / "other")
    monkeypatch.setattr("simcons.questions.reading_networks.load_hearing", load)
    networks = ReadingNetworks(lambda texts: np.ones((len(texts), 4), dtype=np.float32))
    readers = [networks.trained_reader(name, EN_GB, tmp_path / name) for name in ("w", "same", "other")]
    assert not loaded
    for reader in readers:
        run_act(reader.read(bank[0], ["My hamster enjoys sunshine."]), {})
    assert len(loaded) == 2


@pytest.mark.model
def test_a_text_is_read_alike_whatever_is_read_with_it(tmp_path, bank):
    """To the last bit, as what lies near a threshold would else be read this way or that."""
    random_weights().save(tmp_path / "w")
    reader = ReadingNetworks().trained_reader("r", EN_GB, tmp_path / "w")
    question = bank[0]
    texts = [
        "My hamster enjoys sunshine.",
        "honestly they ought to bring it in tomorrow, my lad could get himself to college for nowt",
        "We would rather the council spent this money on mending roads, because nobody here rides anywhere. " * 4,
        "Not a bad plan.",
    ]
    together = run_act(reader.read(question, texts), {})
    assert run_act(reader.read(question, texts[::-1]), {}) == together[::-1]
    own = reader._readers[question.id]
    for text, reading, first in zip(texts, together, own.heard(texts), strict=True):
        assert run_act(reader.read(question, [text]), {}) == [reading]
        [again] = own.heard([text])
        assert np.array_equal(first.claims, again.claims)
        assert np.array_equal(first.verdict, again.verdict)
