"""Toy models that learn to play people."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from simcons.engines.base import Message, Request
from simcons.engines.local.choices import ways
from simcons.engines.local.transformers_engine import TransformersEngine
from simcons.errors import CheckpointError, TrainingDataError
from simcons.scenario.engines import SamplingSettings, TransformersEngineSettings
from simcons.training.base_model import load_base
from simcons.training.data.persona import (
    PersonaAnswer,
    PersonaData,
    PersonaExample,
    load_persona_data,
    save_persona_data,
)
from simcons.training.persona import train_persona, with_statements
from simcons.training.persona_mixture import held_out_mixture, mixture, pairs
from simcons.training.persona_tokens import (
    KINDS,
    MOST_TOGETHER,
    EncodedAnswer,
    EncodedPersona,
    encode_personas,
    option_tokens,
)
from simcons.training.persona_trainer import (
    PersonaCollator,
    PersonaTrainer,
    as_dataset,
    blurred,
    choice_losses,
    lesson_rates,
)
from simcons.training.recipes import LoraSettings, MachineSettings, PersonaSettings
from simcons.training.toy import byte_tokenizer, toy_model

CHOICES = tuple("1234567")
WISHES = {"parks": 6, "roads": 2}  # and how far each agrees that there should be parks


def example(k: int, wish: str, *, source: str = "simulated", n_ratings: int = 1) -> PersonaExample:
    """A person who says what they want, and rates by it."""
    who = (Message("system", f"You want {wish}."),)
    asked = [Message("user", f"Parks {n}?") for n in range(n_ratings)]
    begins = Message("assistant", "(")
    ratings = [
        PersonaAnswer("agreement", (*who, turn, begins), turn.content, CHOICES, on(WISHES[wish])) for turn in asked
    ]
    opinion = PersonaAnswer("opinion", (*who, Message("user", "Say it.")), reply=wish)
    return PersonaExample(
        id=f"run/r{k}/p{k}", run="run", source=source, session_id=f"s{k}", round_id=f"r{k}", participant_id=f"p{k}",
        question=f"Q{k}?", position_statement="P.", traits=(("Sex", "female"),), position=4.0, told=True, read=True,
        opinion=wish, manner=None, answers=(*ratings, opinion),
    )  # fmt: skip


def on(point: int) -> tuple[float, ...]:
    return tuple(float(k == point) for k in range(1, 8))


def people(n: int, first: int = 0, **more) -> tuple[PersonaExample, ...]:
    return tuple(example(first + k, list(WISHES)[k % 2], **more) for k in range(n))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_model(tmp_path_factory.mktemp("base"))


def recipe(base: Path, **parts) -> PersonaSettings:
    usual = {"epochs": 8, "batch_size": 2, "learning_rate": 0.02, "lora": LoraSettings(rank=8, alpha=32)}
    machine = MachineSettings(device="cpu", dtype="float32")
    return PersonaSettings(model=str(base), **{**usual, "machine": machine, **parts})


# --- what is learnt ----------------------------------------------------------------------------------------------


def test_a_model_learns_to_answer_and_to_write_as_the_person_told(base: Path, tmp_path: Path) -> None:
    manifest = train_persona(PersonaData(people(12), people(4, 90)), recipe(base), tmp_path / "out", name="data")
    metrics = manifest.training["metrics"]
    for name in ("position_loss", "people_loss"):
        assert f"held_out_{name}" not in metrics
    for name in ("loss", "opinion_loss", "rating_loss", "simulated_loss", "rating_error"):
        assert metrics[f"held_out_{name}"] < metrics[f"held_out_{name}_before"]
    assert manifest.role == "persona"
    settings = TransformersEngineSettings(
        kind="transformers", model=str(base), adapter=str(tmp_path / "out"), device="cpu"
    )
    with_adapter = answers(TransformersEngine("actor", settings))
    assert with_adapter["parks"] > 4 > with_adapter["roads"]


def answers(engine: TransformersEngine) -> dict[str, float]:
    """By what a person wants, the mean of the engine's distribution over the choices."""
    asked = [example(0, wish).answers[0].messages for wish in WISHES]
    sampling = SamplingSettings(max_tokens=1)
    replies = engine.complete(
        [Request("actor", messages, sampling, seed=1, answer="logprobs", choices=CHOICES) for messages in asked]
    )
    shares = np.exp([reply.logprobs for reply in replies])
    assert shares.sum(axis=1) == pytest.approx(1, abs=0.2)  # nothing but the options
    means = (shares * np.arange(1, 8)).sum(axis=1) / shares.sum(axis=1)
    return dict(zip(WISHES, means.tolist(), strict=True))


def test_the_ordinal_part_counts_how_far_off_an_answer_is() -> None:
    logs = torch.tensor([on(5), on(1)]).clamp(min=1e-30).log()
    shares = torch.tensor([on(6), on(6)])
    # F and G of the first differ at one of the six thresholds, of the second at five
    ordinal = choice_losses(logs, shares, 1.0) - choice_losses(logs, shares, 0.0)
    assert ordinal.tolist() == pytest.approx([1 / 6, 5 / 6], rel=1e-4)
    torn = choice_losses(torch.full((1, 7), 1 / 14).log(), shares[:1], 0.0)
    assert torn.tolist() == pytest.approx([math.log(14)])  # half of the probability is on none of the options


def test_a_blurred_answer_is_one_of_its_neighbours_too() -> None:
    """Of SD 1 a normal curve falls to exp(-1/2) at the next point and to exp(-2) at the one after."""
    near, far = math.exp(-0.5), math.exp(-2)
    middle, end = blurred(torch.tensor([on(4), on(7)]), 1.0)
    assert middle.sum() == pytest.approx(1)
    assert middle[3] / middle[4] == pytest.approx(1 / near)
    assert middle.tolist() == pytest.approx(middle.flip(0).tolist())
    assert (end[6] / end[5], end[5] / end[4]) == (pytest.approx(1 / near), pytest.approx(near / far))
    assert blurred(torch.tensor([on(4)]), 0.0).tolist() == [list(on(4))]


def test_who_learns_blurred_answers_is_never_surer_than_they_are(base: Path, tmp_path: Path) -> None:
    """A blurred answer's own entropy is the least loss that can be had of it."""
    learn, held_out = people(12), people(4, 90)
    least = blurred(torch.tensor([on(6), on(2)]), 1.0)
    entropy = -(least * least.log()).sum(-1).mean().item()
    losses = [
        train_persona(PersonaData(learn, held_out), recipe(base, blur=blur), tmp_path / str(blur), name="data")
        .training["metrics"]["held_out_rating_loss"]
        for blur in (0.0, 1.0)
    ]  # fmt: skip
    assert losses[0] < entropy <= losses[1]


# --- batches -----------------------------------------------------------------------------------------------------


def test_packs_and_rows_side_by_side_give_the_same_probabilities(base: Path) -> None:
    network, tokenizer = load_base(base, dtype="float32")
    encoded, _ = encode_personas(tokenizer, people(3, n_ratings=3), limit=512, seed=0)
    logs = []
    for packs in (True, False):
        batch = PersonaCollator(
            tokenizer.pad_token_id, packs, {"position": 1, "opinion": 1, "side": 1, "negation": 1, "rating": 2}
        )(list(as_dataset(encoded)))
        read = {name: batch[name] for name in ("input_ids", "attention_mask", "position_ids") if name in batch}
        with torch.no_grad():
            logs.append(network(**read).logits[batch["at"][:, 0], batch["at"][:, 1]].log_softmax(-1))
    torch.testing.assert_close(logs[0], logs[1], rtol=1e-3, atol=1e-3)
    assert batch["weight"].sum() == pytest.approx(3 * (1 + 2))  # of each example's opinion and ratings together


def test_choices_are_read_where_the_engine_reads_them() -> None:
    tokenizer = byte_tokenizer()
    options = option_tokens(tokenizer, CHOICES)
    assert [tokenizer.decode(tokens) for tokens in options] == list(CHOICES)
    assert all((tokens[0],) in ways(tokenizer, choice) for tokens, choice in zip(options, CHOICES, strict=True))
    with pytest.raises(TrainingDataError, match="no token for the option '12'"):
        option_tokens(tokenizer, ["12"])


def test_answers_are_dealt_and_long_ones_are_named() -> None:
    tokenizer = byte_tokenizer()
    [many] = people(1, n_ratings=2 * MOST_TOGETHER)
    encoded, too_long = encode_personas(tokenizer, [many], limit=512, seed=0)
    assert [len(some.answers) for some in encoded] == [9, 8, 8]
    assert not too_long
    wordy = replace(many, answers=(replace(many.answers[-1], reply="x" * 600), many.answers[0]))
    encoded, too_long = encode_personas(tokenizer, [wordy], limit=512, seed=0)
    assert too_long == ["run/r0/p0/opinion"]
    assert [len(some.answers) for some in encoded] == [1]


# --- the mixture -------------------------------------------------------------------------------------------------


def encoded_round(
    number: int, positions: Sequence[float | None], *, told: bool = True, read: bool = True
) -> list[EncodedPersona]:
    """People of one round with these positions, who answer everything."""
    kinds = [EncodedAnswer(kind, (1, 2, number, place), 4, ()) for place, kind in enumerate(KINDS)]
    return [
        EncodedPersona(f"r{number}/p{k}", "simulated", f"r{number}", "Q?", position, told, read, tuple(kinds), 6)
        for k, position in enumerate(positions)
    ]


def test_people_of_a_round_who_are_furthest_apart_are_learnt_side_by_side() -> None:
    both = [*encoded_round(1, [6, 7, 5]), *encoded_round(2, [2, 7, 4, 1, 6])]
    made = [sorted(one.position for one in pair) for pair in pairs(both, seed=0)]
    assert sorted(made) == [[1, 7], [2, 6], [4], [5, 7], [6]]
    people = [replace(one, position=None, source="people") for one in both]
    assert [len(pair) for pair in pairs(people, seed=0)] == [2, 2, 2, 2]  # on one question, whatever the round
    assert [one.id for pair in pairs(both, seed=0) for one in pair] == [
        one.id for pair in pairs(both[::-1], seed=0) for one in pair
    ]


def test_lessons_come_first_and_teach_what_they_say() -> None:
    both = [one for k in range(8) for one in encoded_round(k, [2, 6], told=k % 2 == 0, read=k != 4)]
    lessons = [
        {"examples": 4, "answers": ["side"], "told": True},
        {"examples": 4, "answers": ["side", "negation"], "negated": 0.5, "told": False},
        {"examples": 2, "answers": ["side", "rating"], "read": False},
    ]
    order = mixture(both, PersonaSettings(lessons=lessons, epochs=1))
    learnt = [[answer.kind for answer in one.answers] for one in order]
    assert learnt[:4] == [["side"]] * 4
    assert sorted({*map(tuple, learnt[4:8])}) == [("negation",), ("side",)]
    assert learnt[8:] == [["side", "rating"]] * 2 + [list(KINDS)] * 6
    assert [one.told for one in order[:8]] == [True] * 4 + [False] * 4
    assert [one.round_id for one in order[8:10]] == ["r4"] * 2
    assert sorted(one.id for one in order) == sorted(one.id for one in both)
    assert order[0].n_tokens == 4  # of one row, and not of four
    capped = mixture(both, PersonaSettings(lessons=lessons, examples=13, epochs=1))
    assert [one.id for one in capped[:10]] == [one.id for one in order[:10]]
    assert len(capped) == 13
    with pytest.raises(ValidationError, match=r"examples: value 9; expected at least the 10 of the lessons"):
        PersonaSettings(lessons=lessons, examples=9, epochs=1)
    with pytest.raises(ValidationError, match=r"epochs: value 2; expected at most 1 with lessons"):
        PersonaSettings(lessons=lessons, epochs=2)
    lessons[0]["examples"] = 3  # one of a pair: the other is learnt with all answers
    assert sorted(one.id for one in mixture(both, PersonaSettings(lessons=lessons, epochs=1))) == sorted(
        one.id for one in both
    )
    lessons[0]["examples"] = 10
    with pytest.raises(TrainingDataError, match=r"lessons\.0\.examples: value 10: people in rounds left .* side: 8;"):
        mixture(both, PersonaSettings(lessons=lessons, epochs=1))


def test_a_lesson_may_negate_for_people_of_one_side_alone() -> None:
    both = [one for k in range(12) for one in encoded_round(k, [2, 6], told=True)]
    lesson = {"examples": 24, "answers": ["side", "negation"], "negated": 0.5, "negated_against": 0}
    asked = Counter(
        (one.position, answer.kind)
        for one in mixture(both, PersonaSettings(lessons=[lesson], epochs=1))
        for answer in one.answers
    )
    assert asked[2, "side"] == 12
    assert asked[6, "side"] + asked[6, "negation"] == 12
    assert min(asked[6, "side"], asked[6, "negation"]) > 0
    with pytest.raises(ValidationError, match="negated_against: expected negated"):
        PersonaSettings(lessons=[{"examples": 4, "answers": ["side"], "negated_against": 0.2}])


def test_each_lesson_has_its_rate_and_the_rest_the_schedule(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged = []
    log = PersonaTrainer.log
    monkeypatch.setattr(PersonaTrainer, "log", lambda self, logs, *args: (logged.append(logs), log(self, logs, *args)))
    lessons = [
        {"examples": 4, "answers": ["rating"], "learning_rate": 0.01},
        {"examples": 4, "answers": ["rating"]},
    ]
    settings = recipe(base, epochs=1, learning_rate=0.02, schedule="linear", warmup=0, lessons=lessons, stopping=None)
    sides = [2.0, 6.0]
    learnt = (replace(one, round_id=f"r{k // 2}", position=sides[k % 2]) for k, one in enumerate(people(16)))
    train_persona(PersonaData(tuple(learnt), ()), settings, tmp_path / "out", name="data")
    rates = [logs["learning_rate"] for logs in logged if "learning_rate" in logs]
    assert rates == pytest.approx([0.01, 0.01, 0.02, 0.02, 0.02, 0.015, 0.01, 0.005])
    for lesson in lessons:
        lesson["examples"] = 3
    assert lesson_rates(PersonaSettings(learning_rate=0.02, batch_size=2, epochs=1, lessons=lessons)) == [
        0.01,
        0.01,
        0.02,
    ]


def test_a_mixture_has_the_share_of_people_that_is_asked_for() -> None:
    both = [*people(30), *people(10, 50, source="people")]
    encoded, _ = encode_personas(byte_tokenizer(), both, limit=512, seed=0)

    def sources(**parts) -> tuple[int, int]:
        drawn = [some.source for some in mixture(encoded, PersonaSettings(**parts))]
        return drawn.count("people"), drawn.count("simulated")

    assert sources() == (10, 30)
    assert sources(people=0.5) == (10, 10)
    assert sources(people=0.25, examples=8) == (2, 6)
    assert sources(people=0.0) == (0, 30)
    assert sum(sources(examples=7)) == 7
    held_out = held_out_mixture(encoded, PersonaSettings(people=0.2, held_out=20))
    assert Counter(some.source for some in held_out) == {"people": 4, "simulated": 16}
    one_source = [some for some in encoded if some.source == "people"]
    assert len(held_out_mixture(one_source, PersonaSettings(people=0.2, held_out=7))) == 7
    with pytest.raises(TrainingDataError, match=r"people: value 0\.5: the data has no example of source people"):
        mixture(encode_personas(byte_tokenizer(), people(3), limit=512, seed=0)[0], PersonaSettings(people=0.5))


def test_of_each_person_some_statements_are_learnt_and_all_else() -> None:
    talkative = example(1, "parks", n_ratings=5)
    some = with_statements(talkative, 2, seed=0)
    assert [answer.act for answer in some.answers] == ["agreement", "agreement", "opinion"]
    assert set(some.answers) < set(talkative.answers)
    assert with_statements(talkative, 2, seed=0) == some
    drawn = {with_statements(replace(talkative, id=str(k)), 2, seed=0).answers for k in range(9)}
    assert len(drawn) > 1
    assert with_statements(talkative, 5, seed=0) == with_statements(talkative, None, seed=0) == talkative


# --- folders -----------------------------------------------------------------------------------------------------


def test_data_is_read_as_it_was_written(tmp_path: Path) -> None:
    data = PersonaData(people(3, n_ratings=2), people(2, 90, source="people"))
    save_persona_data(data, tmp_path / "data", {"content": data.content_hash()}, "# Card")
    assert load_persona_data(tmp_path / "data") == data
    shared = PersonaData(people(3), people(1))
    save_persona_data(shared, tmp_path / "shared", {"content": shared.content_hash()}, "# Card")
    with pytest.raises(TrainingDataError, match="is on both sides"):
        load_persona_data(tmp_path / "shared")
    save_persona_data(data, tmp_path / "other", {"content": "another"}, "# Card")
    with pytest.raises(TrainingDataError, match="other examples than it was made with"):
        load_persona_data(tmp_path / "other")


def test_a_training_of_another_kind_is_not_gone_on_with(base: Path, tmp_path: Path) -> None:
    data, settings = PersonaData(people(4), ()), recipe(base, steps=1)
    train_persona(data, settings, tmp_path / "out", name="data")
    with pytest.raises(CheckpointError, match="holds a finished checkpoint"):
        train_persona(data, settings, tmp_path / "out", name="data")
