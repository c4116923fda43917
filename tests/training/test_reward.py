"""Reward models on planted preferences: toy models learn what people want, and not that they write less."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from toys import comparison_of, planted, position_of, rating_of, word_base

from simcons.engines.local.late_interaction import texts_of
from simcons.engines.local.reward_manifest import read_manifest
from simcons.engines.local.reward_model import TripleTokens, load_reward_model, new_network
from simcons.engines.local.reward_reading import RewardReading
from simcons.errors import ModelNotFound, TrainingDataError
from simcons.messages import Message
from simcons.training.data.examples import Side, TrainingData
from simcons.training.packs import packed, side_by_side
from simcons.training.progress import TrainingProgress
from simcons.training.recipes import LoraSettings, MachineSettings, RewardSettings, RewardWeights, StoppingSettings
from simcons.training.reward import train_reward
from simcons.training.reward_examples import MOST_TOGETHER, between, by_round, compared, encode_answers, rated
from simcons.training.reward_packs import reads_packs, take_packs
from simcons.training.reward_trainer import AnswersCollator, as_dataset

CPU = MachineSettings(device="cpu", dtype="float32", rows=16)
DATA = TrainingData(planted(128, noise=0.7), planted(60, first=1000, noise=0.7))


@pytest.fixture(scope="module")
def causal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return word_base(tmp_path_factory.mktemp("causal"), "causal")


def recipe(base: Path, **parts) -> RewardSettings:
    usual = {"lora": None, "epochs": 5, "batch_size": 16, "learning_rate": 0.01, "machine": CPU}
    return RewardSettings(model=str(base), **{**usual, "stopping": StoppingSettings(checks_per_epoch=1), **parts})


def scores(folder: Path, side: Side) -> tuple[np.ndarray, np.ndarray]:
    """Raw scores of the preferred statements and the others, by the checkpoint as the engine reads it."""
    model = load_reward_model(folder)
    reading = RewardReading(model)
    chosen, rejected = (
        reading.scores([model.tokens(pair.question, pair.opinion, getattr(pair, name)) for pair in side.comparisons])
        for name in ("chosen", "rejected")
    )
    return chosen, rejected


# --- what is learnt ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lora", [LoraSettings(rank=8), None])
def test_a_planted_preference_is_learnt_against_length(causal: Path, tmp_path: Path, lora: LoraSettings | None) -> None:
    manifest = train_reward(DATA, recipe(causal, lora=lora, epochs=8 if lora else 5), tmp_path / "out", name="toy")
    metrics = manifest.training["metrics"]
    assert metrics["held_out_length_accuracy"] < 0.4 < 0.95 < metrics["held_out_pair_accuracy"]
    assert metrics["held_out_loss"] < metrics["held_out_loss_before"]
    chosen, rejected = scores(tmp_path / "out", DATA.validation)
    assert (chosen > rejected).mean() == pytest.approx(metrics["held_out_pair_accuracy"])
    assert read_manifest(tmp_path / "out").model_dump(mode="json") == manifest.model_dump(mode="json")
    assert set(manifest.training) >= {"data_hash", "settings", "versions", "tokens_per_second", "reliability"}


def test_a_model_without_the_opinion_tells_apart_no_more_than_length_does(causal: Path, tmp_path: Path) -> None:
    """Half of the people want the one and half the other; the shorter statement fits in two cases of three."""
    manifest = train_reward(DATA, recipe(causal, opinion=False), tmp_path / "out", name="toy")
    assert not read_manifest(tmp_path / "out").opinion
    assert manifest.training["metrics"]["held_out_pair_accuracy"] < 0.8
    model = load_reward_model(tmp_path / "out")
    rows = [model.tokens("Which is best?", f"I want {wish}.", "We want parks.") for wish in ("parks", "roads")]
    assert len(set(RewardReading(model).scores(rows))) == 1
    assert RewardReading(model).scores([model.tokens("Which is best?", "", "We want roads.")]) != pytest.approx(
        RewardReading(model).scores(rows[:1])
    )


def test_ratings_are_learnt_with_their_thresholds(causal: Path, tmp_path: Path) -> None:
    data = TrainingData(planted(64, noise=0.7, alike=True), planted(40, first=1000, noise=0.7, alike=True))
    manifest = train_reward(data, recipe(causal, loss="ordinal"), tmp_path / "out", name="toy")
    assert manifest.training["metrics"]["held_out_pair_accuracy"] == 1
    chosen, rejected = scores(tmp_path / "out", data.validation)
    for ratings in (manifest.ratings, manifest.model_copy(update={"calibration": None}).ratings):
        assert ratings(chosen).mean() == pytest.approx(6, abs=0.4)
        assert ratings(rejected).mean() == pytest.approx(2, abs=0.4)


@pytest.mark.parametrize("architecture", ["encoder", "late_interaction"])
def test_an_encoder_learns(tmp_path: Path, architecture: str) -> None:
    base = word_base(tmp_path / "base", architecture)
    data = TrainingData(planted(64, alike=True), planted(20, first=1000, alike=True))
    settings = recipe(base, architecture=architecture, learning_rate=0.003, head_learning_rate=0.01)
    manifest = train_reward(data, settings, tmp_path / "out", name="toy")
    assert manifest.training["metrics"]["held_out_pair_accuracy"] == 1
    chosen, rejected = scores(tmp_path / "out", data.validation)
    assert (chosen > rejected).all()


@pytest.mark.parametrize("architecture", ["causal", "late_interaction"])
def test_positions_teach_whom_a_statement_suits(tmp_path: Path, architecture: str) -> None:
    """Of statements people prefer the longer one, whoever they are; on parks and on roads those agree who want the other, which
    is the reverse of what late interaction begins from.
    """
    base = word_base(tmp_path / "base", architecture)
    data = TrainingData(_positions(96), _positions(40, first=1000))
    accuracies = {}
    for weight in (0.0, 1.0):
        settings = recipe(
            base,
            architecture=architecture,
            weights={"people": weight},
            learning_rate=0.003,
            head_learning_rate=0.03,
            batch_size=8,
            epochs=12,
        )
        metrics = train_reward(data, settings, tmp_path / f"{weight}", name="toy").training["metrics"]
        assert metrics["held_out_pair_accuracy"] > 0.9
        accuracies[weight] = metrics["held_out_position_accuracy"]
    assert accuracies[0.0] < 0.7 < 0.9 < accuracies[1.0]


def _positions(n_people: int, first: int = 0) -> Side:
    rng = np.random.default_rng(first)
    texts = ["We want that.", "We want that. That is so."]
    wishes = [(k, str(rng.choice(["parks", "roads"]))) for k in range(first, first + n_people)]
    stated = [(k, wish, "parks" if k % 8 < 4 else "roads") for k, wish in wishes]  # four people a round
    return Side(
        (),
        tuple(comparison_of(k, texts, [2, 6], wish) for k, wish in wishes),
        tuple(
            rating_of(k, text, points, wish) for k, wish in wishes for text, points in zip(texts, (2, 6), strict=True)
        ),
        tuple(position_of(k, f"We want {said}.", 2 if wish == said else 6, wish) for k, wish, said in stated),
    )


def test_training_goes_on_from_a_checkpoint_that_reads_the_same(tmp_path: Path) -> None:
    """Its head is the checkpoint's, not a new one: without a step it scores as that does."""
    base = word_base(tmp_path / "base", "late_interaction")
    begun = recipe(base, architecture="late_interaction", learning_rate=0.003, weights={"statements": 0, "people": 1})
    data = TrainingData(_positions(32), _positions(16, first=1000))
    train_reward(data, begun, tmp_path / "begun", name="toy")
    further = begun.model_copy(update={"model": str(tmp_path / "begun"), "learning_rate": 1e-12, "steps": 1})
    train_reward(data, further, tmp_path / "further", name="toy")
    assert np.allclose(*(scores(tmp_path / name, data.validation) for name in ("begun", "further")), atol=1e-4)
    for key, other in (("opinion", False), ("architecture", "encoder")):
        odd = further.model_copy(update={key: other, "weights": RewardWeights()})
        with pytest.raises(ModelNotFound, match=f"{key} .*: expected {other!r}, to train it further"):
            train_reward(data, odd, tmp_path / f"odd {key}", name="toy")


def test_ties_that_count_half_pull_scores_together(causal: Path, tmp_path: Path) -> None:
    """Everybody finds both statements alike: whatever the order in which a tie is written, no score gets ahead."""
    texts = ["We want parks.", "We want roads."]
    ties = [comparison_of(k, texts, [4, 4]) for k in range(32)]
    ratings = tuple(rating_of(k, text, 4) for k in range(100, 108) for text in texts)
    data = TrainingData(Side((), tuple(ties), ()), Side((), tuple(ties[:4]), ratings))
    manifest = train_reward(data, recipe(causal, ties="half", centring=0), tmp_path / "out", name="toy")
    assert manifest.training["metrics"]["held_out_loss"] == pytest.approx(math.log(2), abs=0.01)
    with pytest.raises(TrainingDataError, match="nothing to learn from: 0 opinions with a comparison"):
        train_reward(data, recipe(causal), tmp_path / "none", name="toy")
    assert not (tmp_path / "none").exists()


def test_scores_are_calibrated_to_the_ratings_that_were_held_out(causal: Path, tmp_path: Path) -> None:
    manifest = train_reward(DATA, recipe(causal), tmp_path / "out", name="toy")
    grid = manifest.ratings(np.linspace(-20, 20, 200))
    assert (np.diff(grid) > 0).all()
    assert ((grid > 1) & (grid < 7)).all()
    for row in manifest.training["reliability"]:
        assert row["predicted"] == pytest.approx(row["rating"], abs=1.0)


# --- examples ----------------------------------------------------------------------------------------------------


def test_two_people_who_answer_differently_are_compared_by_their_opinions() -> None:
    """In one round three people, two of whom answer alike; in another everybody does."""
    answered = [(0, 2, "roads"), (1, 6, "parks"), (2, 2, "trees"), (4, 3, "roads"), (5, 3, "parks")]
    (example,) = between([position_of(k, "We want parks.", points, wish) for k, points, wish in answered])
    preferred = {(example.pairs[more][0], example.pairs[less][0]) for more, less, _ in example.comparisons}
    assert preferred == {("I want parks.", "I want roads."), ("I want parks.", "I want trees.")}


def test_two_people_are_compared_by_the_means_of_their_passes_and_on_each_statement_apart() -> None:
    """5.5 and 5 on parks; 4 and 4 on roads, where the second person's single answer is the first's mean."""
    given = [(0, "parks", 7), (0, "parks", 4), (1, "parks", 5), (0, "roads", 3), (0, "roads", 5), (1, "roads", 4)]
    (example,) = between([rating_of(k, f"We want {of}.", points, f"{k}") for k, of, points in given])
    assert example.pairs == (("I want 0.", "We want parks."), ("I want 1.", "We want parks."))
    assert example.comparisons == ((0, 1, 0),)


def test_each_statement_of_an_opinion_is_read_once(causal: Path) -> None:
    texts = [f"We want parks.{' That' * k}" for k in range(4)]
    pairs = [comparison_of(0, [texts[a], texts[b]], [a, b]) for a in range(4) for b in range(a)]
    (example,) = compared(pairs, seed=0)
    assert sorted(example.statements) == sorted(texts)
    written = {
        (example.statements[chosen], example.statements[rejected]) for chosen, rejected, _ in example.comparisons
    }
    assert written == {(pair.chosen, pair.rejected) for pair in pairs}


def test_many_statements_are_dealt_to_several_examples() -> None:
    texts = [f"We want {k}." for k in range(20)]
    examples = rated([rating_of(0, text, 4) for text in texts], seed=0)
    assert sorted(text for example in examples for text in example.statements) == sorted(texts)
    assert max(len(example.statements) for example in examples) <= MOST_TOGETHER
    assert all(len(example.ratings) == len(example.statements) for example in examples)


def test_two_ratings_of_one_statement_are_two_answers_to_one_text() -> None:
    (example,) = rated([rating_of(0, "We do.", 4), rating_of(0, "We do.", 5)], seed=0)
    assert example.statements == ("We do.",)
    assert example.ratings == ((0, 4), (0, 5))


def test_a_batch_gives_answers_by_its_rows_and_every_opinion_the_same_weight(causal: Path) -> None:
    tokens = TripleTokens(causal, "causal")
    pairs = [comparison_of(0, ["We want parks.", "That"], [6, 2]), comparison_of(1, ["We want roads.", "That"], [2, 2])]
    pairs.append(comparison_of(1, ["We want parks.", "That"], [5, 2]))
    examples, _ = encode_answers(tokens, compared(pairs, seed=0), limit=64)
    batch = AnswersCollator(pad=0, packs=False)(list(as_dataset(examples)))
    assert batch["input_ids"].shape[0] == 5
    assert batch["weights"].tolist() == [0.5, 0.25, 0.25]
    rows = [
        tuple(ids[mask > 0].tolist()) for ids, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True)
    ]
    read = [(rows[chosen], rows[rejected], bool(tie)) for chosen, rejected, tie in batch["answers"].tolist()]
    of = {
        pair: tuple(tokens(pair.question, pair.opinion, text) for text in (pair.chosen, pair.rejected))
        for pair in pairs
    }
    assert read == [(*of[pair], pair.tie) for pair in pairs]


def test_late_interaction_learns_from_a_round_at_a_time(tmp_path: Path) -> None:
    """Two rounds of two people: their answers stay those of their own rows, and each text is counted once."""
    tokens = TripleTokens(word_base(tmp_path / "base", "late_interaction"), "late_interaction")
    texts = ["We want parks.", "We want roads.", "That"]
    pairs = [comparison_of(k, [better, worse], [6, 2]) for k in range(4) for better, worse in pairwise(texts)]
    pairs = [replace(pair, round_id=f"r{k // 2 % 2}") for k, pair in enumerate(pairs)]
    people, _ = encode_answers(tokens, compared(pairs, seed=0), limit=64)
    rounds = by_round([people], tokens.end)
    assert [example.id.rsplit("/")[-1] for example in rounds] == ["r0", "r1"]
    assert sum(len(example.answers) for example in rounds) == len(pairs)

    def answered(examples):
        return sorted((e.rows[chosen], e.rows[other], tie) for e in examples for chosen, other, tie in e.answers)

    assert answered(rounds) == answered(people)
    read = {text for row in rounds[0].rows for text in texts_of(row, tokens.end)}
    assert rounds[0].n_tokens == sum(map(len, read)) < sum(map(len, rounds[0].rows))


def test_kinds_of_comparison_share_a_rounds_weight_as_they_are_told(tmp_path: Path) -> None:
    """Three people of whom two have a preference, and two statements on which they differ; rows in common are read once."""
    tokens = TripleTokens(word_base(tmp_path / "base", "late_interaction"), "late_interaction")
    texts = ["We want parks.", "We want roads."]
    given = [(0, "parks", (6, 2)), (1, "roads", (2, 6)), (2, "so", (6, 6))]
    pairs = [comparison_of(k, texts, points, wish) for k, wish, points in given]
    ratings = [rating_of(k, *said, wish) for k, wish, points in given for said in zip(texts, points, strict=True)]
    preferred = [pair for pair in pairs if not pair.tie]
    kinds = [
        encode_answers(tokens, examples, limit=64, weight=weight)[0]
        for examples, weight in ((compared(preferred, seed=0), 1.0), (between(ratings), 0.5))
    ]
    (example,) = by_round(kinds, tokens.end)
    assert len(example.rows) == 6
    of_people = [example.rows[a][-4:] == example.rows[b][-4:] for a, b, _ in example.answers]
    assert sum(of_people) == 4
    weights = {
        kind: [w for w, of in zip(example.weights, of_people, strict=True) if of is kind] for kind in (True, False)
    }
    assert weights == {False: [0.5, 0.5], True: [0.125] * 4}


def test_packs_are_scored_as_rows_are_and_give_the_same_gradient(causal: Path) -> None:
    """Opinions with several statements, one of them the beginning of another, and one with a single statement."""
    tokens = TripleTokens(causal, "causal")
    texts = ["We want parks.", "We want parks. That is so.", "We want", "We want roads. That is so and it is right."]
    examples = [[tokens("Which?", "I want parks.", text) for text in some] for some in (texts, texts[1:3], texts[3:])]
    scores, gradients, pad = [], [], tokens.tokenizer.pad_token_id
    (apart, _), (together, slots) = side_by_side(examples, pad), packed(examples, pad)
    ends = torch.tensor([row[-1] for of_opinion in slots for row in of_opinion])
    for batch in (apart, {**together, "ends": ends}):
        network = new_network("causal", causal, tokens, seed=0)
        assert reads_packs(network)
        take_packs(network)
        scores.append(network(**batch).logits[:, 0])
        (scores[-1] * torch.arange(1.0, 8.0)).sum().backward()
        gradients.append(torch.cat([parameter.grad.flatten() for parameter in network.parameters()]))
    assert torch.allclose(*scores, atol=1e-5)
    assert torch.allclose(*gradients, atol=1e-4)
    assert together["input_ids"].numel() < apart["input_ids"].numel()


def test_opinions_longer_than_the_limit_are_left_out_and_named(causal: Path, tmp_path: Path) -> None:
    long = comparison_of(500, ["We want parks." + " That" * 60, "We want roads."], [6, 2])
    data = TrainingData(Side((), (*DATA.learn.comparisons[:16], long), ()), DATA.validation)
    said: list[Message] = []
    settings = recipe(causal, steps=1)
    manifest = train_reward(data, settings, tmp_path / "out", name="toy", on_message=said.append)
    assert "1 opinion of 77 left out: longer than 64 tokens (run/r125/p500)" in str(said[0])
    assert manifest.training["left_out"] == {"too long": ["run/r125/p500"]}


def test_without_held_out_ratings_there_is_nothing_to_calibrate_by(causal: Path, tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="no rating was held out"):
        train_reward(TrainingData(DATA.learn, Side((), (), ())), recipe(causal), tmp_path / "out", name="toy")


def test_held_out_ratings_that_are_all_too_long_are_told_of_before_training(causal: Path, tmp_path: Path) -> None:
    long = rating_of(500, "We want parks." + " That" * 60, 6)
    with pytest.raises(TrainingDataError, match="none of 1 rating held out has at most 64 tokens"):
        train_reward(TrainingData(DATA.learn, Side((), (), (long,))), recipe(causal), tmp_path / "out", name="toy")
    assert not (tmp_path / "out").exists()


def test_an_encoder_takes_no_adapter() -> None:
    with pytest.raises(ValueError, match="lora: expected null for architecture encoder"):
        RewardSettings(architecture="encoder")


# --- interruptions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["pairwise", "ordinal"])
def test_training_goes_on_to_the_same_weights(causal: Path, tmp_path: Path, loss: str) -> None:
    settings = recipe(causal, loss=loss, epochs=2, lora=LoraSettings(rank=4))

    def interrupt(progress: TrainingProgress) -> None:
        if progress.step == 10:
            raise KeyboardInterrupt

    whole = train_reward(DATA, settings, tmp_path / "whole", name="toy")
    with pytest.raises(KeyboardInterrupt):
        train_reward(DATA, settings, tmp_path / "parts", name="toy", on_progress=interrupt)
    parts = train_reward(DATA, settings, tmp_path / "parts", name="toy", resume=True)
    first, second = (load_file(tmp_path / name / "adapter_model.safetensors") for name in ("whole", "parts"))
    assert all((first[name] == second[name]).all() for name in first)
    assert (parts.thresholds, parts.calibration) == (whole.thresholds, whole.calibration)
    assert "base_model.model.score.weight" in first
