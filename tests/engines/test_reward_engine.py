"""Reward models: scores against one padded batch by hand and against themselves, checkpoints, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from rewarding import CALIBRATION, save_base, save_checkpoint
from safetensors.torch import load_file, save_file
from scipy.special import expit

from simcons.engines.base import Message, Request
from simcons.engines.load import load_engines
from simcons.engines.local.encoder import SentenceEncoder
from simcons.engines.local.reward_engine import RewardEngine
from simcons.engines.local.reward_manifest import Calibration, RewardManifest, read_manifest
from simcons.engines.local.reward_model import (
    PACKAGED_ENCODER_NAME,
    TripleTokens,
    base_folder,
    load_reward_model,
    new_network,
)
from simcons.engines.local.rows import padded_right
from simcons.engines.scores import score_request
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import EngineError, ModelNotFound, ScenarioError
from simcons.scenario.engines import RewardEngineSettings, SamplingSettings

QUESTION = "Should buses be free?"
OPINIONS = ["Yes, as they serve us all.", "No: somebody has to pay for it.", "Only for the young.", "é <|im_end|>"]
STATEMENTS = [
    f"{opening} buses {end}" for opening in ("We want", "We want more", "Nobody wants") for end in ("", "for all.")
]
KINDS = [("causal", False), ("causal", True), ("encoder", False), ("late_interaction", False)]
CLOSE = 2e-5


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bases")
    return {kind: save_base(folder / kind, kind) for kind in ("causal", "encoder", "late_interaction")}


@pytest.fixture(scope="module", params=KINDS, ids=["causal", "adapter", "encoder", "late_interaction"])
def checkpoint(
    request: pytest.FixtureRequest, bases: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    architecture, adapter = request.param
    return save_checkpoint(tmp_path_factory.mktemp("made") / "rm", bases[architecture], architecture, adapter=adapter)


def engine(folder: Path, **options) -> RewardEngine:
    options = {"checkpoint": str(folder), "dtype": "float32", "device": "cpu"} | options
    return RewardEngine("rm", RewardEngineSettings(kind="reward", **options))


def requests(opinions: list[str] = OPINIONS, statements: list[str] = STATEMENTS) -> list[Request]:
    return [score_request("rm", QUESTION, opinion, statements) for opinion in opinions]


def scores(asked: RewardEngine, opinions: list[str] = OPINIONS, statements: list[str] = STATEMENTS) -> np.ndarray:
    return np.array([reply.scores for reply in asked.complete(requests(opinions, statements))])


# --- against one batch by hand -----------------------------------------------------------------------------------


def test_scores_are_those_of_one_padded_batch(checkpoint: Path) -> None:
    """By the network as training asks it: ids and mask, padded on the right."""
    model = load_reward_model(checkpoint)
    rows = [model.tokens(QUESTION, opinion, statement) for opinion in OPINIONS for statement in STATEMENTS]
    ids, mask = padded_right(rows, model.tokens.tokenizer.pad_token_id)
    with torch.inference_mode():
        raw = model.network(input_ids=ids, attention_mask=mask).logits[:, 0].numpy().astype(np.float64)
    expected = CALIBRATION.ratings(raw).reshape(len(OPINIONS), len(STATEMENTS))
    np.testing.assert_allclose(scores(engine(checkpoint)), expected, atol=CLOSE)
    assert np.ptp(expected, axis=1).min() > 0.01  # statements are told apart ...
    assert np.ptp(expected, axis=0).min() > 0.01  # ... and so are opinions


@pytest.mark.parametrize("options", [{"batch_size": 1}, {"batch_size": 3}, {"share_prefixes": False}])
def test_batches_and_their_order_do_not_matter(checkpoint: Path, options: dict) -> None:
    expected = scores(engine(checkpoint))
    order = np.random.default_rng(0).permutation(len(OPINIONS))
    shuffled = scores(engine(checkpoint, **options), [OPINIONS[place] for place in order])
    np.testing.assert_allclose(shuffled, expected[order], atol=CLOSE)
    one_by_one = [
        [scores(engine(checkpoint), [opinion], [text])[0, 0] for text in STATEMENTS[:2]] for opinion in OPINIONS
    ]
    np.testing.assert_allclose(one_by_one, expected[:, :2], atol=CLOSE)


def test_a_long_line_of_candidates_is_read_in_several_packs(bases: dict[str, Path], tmp_path: Path) -> None:
    """1,400 tokens, where a pack on the CPU has 512, twice: the second time what is kept of the first is gone on from."""
    folder = save_checkpoint(tmp_path / "rm", bases["causal"], "causal")
    statements = [f"{text} {'and more ' * number}" for number, text in enumerate(STATEMENTS * 2)]
    shared, apart = engine(folder), engine(folder, share_prefixes=False)
    for _ in range(2):
        np.testing.assert_allclose(
            scores(shared, OPINIONS, statements), scores(apart, OPINIONS, statements), atol=CLOSE
        )
    assert (shared._reading.shares_prefixes, apart._reading.shares_prefixes) == (True, False)


def test_replies_come_out_batch_by_batch_and_count_what_was_read(checkpoint: Path) -> None:
    model, places = load_reward_model(checkpoint), []
    replies = engine(checkpoint, batch_size=2).complete(requests(), lambda place, reply: places.append((place, reply)))
    assert dict(places) == dict(enumerate(replies))
    first = [len(model.tokens(QUESTION, OPINIONS[0], statement)) for statement in STATEMENTS]
    assert (replies[0].tokens_in, replies[0].tokens_out, replies[0].finish) == (sum(first), 0, "choices")


@pytest.mark.gpu
def test_scores_on_a_gpu_are_those_on_the_cpu(checkpoint: Path) -> None:
    np.testing.assert_allclose(scores(engine(checkpoint, device="cuda")), scores(engine(checkpoint)), atol=1e-3)


def test_a_rehearsal_scores_the_same_text_alike() -> None:
    """By question, opinion and statement alone, whatever else is asked with them."""
    [[first, second], [again]] = [
        reply.scores
        for reply in ScriptedEngine().complete([*requests(OPINIONS[:1], ["a", "b"]), *requests(OPINIONS[:1], ["a"])])
    ]
    assert first == again != second
    assert 1 <= min(first, second) <= max(first, second) <= 7


# --- what is read ------------------------------------------------------------------------------------------------


def test_causal_models_read_to_the_end_mark_and_pad_with_another(bases: dict[str, Path]) -> None:
    """The tokenizer pads with its end mark, which a model for one label would then look for the token before of."""
    tokens = TripleTokens(bases["causal"], "causal")
    assert (tokens.end_token, tokens.pad_token) == ("<|im_end|>", "<|im_start|>")
    read = tokens.tokenizer.decode(tokens(QUESTION, "No\n way", "Buses  run."))
    assert read == f"Question: {QUESTION}\nOpinion: No way\nStatement: Buses run.<|im_end|>"


def test_encoders_read_two_segments(bases: dict[str, Path]) -> None:
    tokens = TripleTokens(bases["encoder"], "encoder")
    read = tokens.tokenizer.decode(tokens(QUESTION, "No", "Buses run."))
    assert read == f"[CLS]Question: {QUESTION}\nOpinion: No\nStatement:[SEP] Buses run.[SEP]"
    seen = []
    network = new_network("encoder", bases["encoder"], tokens, seed=0)
    network.body.register_forward_pre_hook(
        lambda _, __, inputs: seen.append(inputs["token_type_ids"]), with_kwargs=True
    )
    ids = torch.tensor([tokens("q", "o", "s")])
    network(input_ids=ids, attention_mask=torch.ones_like(ids))
    n_first, n_second = len(tokens.prompt("q", "o")), len(tokens.statement("s"))
    assert seen[0].tolist() == [[0] * n_first + [1] * n_second]


def test_late_interaction_reads_each_text_by_itself_and_once(bases: dict[str, Path]) -> None:
    base = bases["late_interaction"]
    tokens = TripleTokens(base, "late_interaction")
    assert (
        tokens.tokenizer.decode(tokens(QUESTION, "No", "Buses run.")) == f"[CLS]{QUESTION}[SEP]No[SEP] Buses run.[SEP]"
    )
    read = []
    network = new_network("late_interaction", base, tokens, seed=0)
    network.body.register_forward_pre_hook(lambda _, __, given: read.append(given["input_ids"]), with_kwargs=True)
    triples = [("q", opinion, text) for opinion in ("yes", "no") for text in ("s", "longer")]
    ids, mask = padded_right([tokens(*triple) for triple in triples], tokens.tokenizer.pad_token_id)
    logits = network(input_ids=ids, attention_mask=mask).logits
    assert len(set(logits.flatten().tolist())) == 4
    texts = [
        tokens.tokenizer.decode([token for token in row if token != tokens.tokenizer.pad_token_id]) for row in read[0]
    ]
    assert len(read) == 1
    assert sorted(texts) == sorted(f"[CLS]{text}[SEP]" for text in ("q", "yes", "no", " s", " longer"))


def test_without_opinions_late_interaction_compares_statements_with_the_question(bases: dict[str, Path]) -> None:
    tokens = TripleTokens(bases["late_interaction"], "late_interaction", opinion=False)
    assert tokens("q", "an opinion", "s") == tokens("q", "another", "s")
    assert tokens.tokenizer.decode(tokens("q", "an opinion", "s")) == "[CLS]q[SEP] s[SEP]"
    network = new_network("late_interaction", bases["late_interaction"], tokens, seed=0)
    ids = torch.tensor([tokens("q", "o", "s")])
    assert network(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.shape == (1, 1)


@pytest.mark.parametrize(
    ("architecture", "mark", "n_ends"),
    [("causal", "<|im_end|>", 1), ("encoder", "[SEP]", 2), ("late_interaction", "[SEP]", 3)],
)
def test_marks_that_people_write_are_letters(bases: dict[str, Path], architecture: str, mark: str, n_ends: int) -> None:
    tokens = TripleTokens(bases[architecture], architecture)
    assert tokens("q", f"a {mark} b", f"{mark} c").count(tokens.end) == n_ends


@pytest.mark.model
def test_the_packaged_bases_are_read_as_they_are() -> None:
    """The encoder's mean is the sentence encoder's vector; SmolLM2, which pads with its end mark, is padded with another."""
    base = base_folder(PACKAGED_ENCODER_NAME)
    tokens = TripleTokens(base, "encoder")
    network = new_network("encoder", base, tokens, seed=0)
    means = []
    network.head.register_forward_pre_hook(lambda _, given: means.append(given[0][0]))
    ids = torch.tensor([tokens.tokenizer("Buses should be free for all.")["input_ids"]])
    with torch.inference_mode():
        network(input_ids=ids, attention_mask=torch.ones_like(ids))
    [expected] = SentenceEncoder().encode(["Buses should be free for all."])
    np.testing.assert_allclose(torch.nn.functional.normalize(means[0], dim=0), expected, atol=1e-5)
    smollm = TripleTokens(base_folder("smollm2-135m-instruct"), "causal")
    assert (smollm.end_token, smollm.pad_token) == ("<|im_end|>", "<|endoftext|>")


def test_a_new_head_is_drawn_by_its_seed(bases: dict[str, Path]) -> None:
    tokens = TripleTokens(bases["causal"], "causal")
    heads = [new_network("causal", bases["causal"], tokens, seed=seed).score.weight for seed in (1, 1, 2)]
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])
    assert heads[0].abs().max() > 0


# --- what does not fit -------------------------------------------------------------------------------------------


def test_statements_too_long_have_no_score_and_an_opinion_too_long_no_answer(checkpoint: Path) -> None:
    given = engine(checkpoint)
    some, none = given.complete(
        [
            score_request("rm", QUESTION, OPINIONS[0], [STATEMENTS[0], "x" * 400, STATEMENTS[1]]),
            score_request("rm", QUESTION, "y" * 400, STATEMENTS),
        ]
    )
    assert some.scores[1] is None
    np.testing.assert_allclose(some.scores[::2], scores(given, OPINIONS[:1], STATEMENTS[:2])[0], atol=CLOSE)
    assert some.seen == "1 of 3 statements do not fit 400 tokens with question and opinion"
    assert (none.finish, none.scores, none.answered) == ("too_long", (), False)
    assert "6 of 6 statements do not fit 400 tokens" in none.seen


def test_other_requests_are_refused(checkpoint: Path) -> None:
    given = engine(checkpoint)
    text = Request("rm", (Message("user", "Hello"),), SamplingSettings(), 0)
    with pytest.raises(EngineError, match="is asked for 'text'; expected 'scores'"):
        given.complete([*requests(), text])
    with pytest.raises(EngineError, match="at least one choice"):
        given.complete([score_request("rm", QUESTION, "No.", [])])


# --- checkpoints -------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_known_by_its_content(checkpoint: Path, bases: dict[str, Path], tmp_path: Path) -> None:
    identity = engine(checkpoint).identity
    copy = shutil.copytree(checkpoint, tmp_path / "moved")
    assert engine(copy).identity == identity
    document = json.loads((copy / "manifest.json").read_text())
    document["calibration"]["rating"][0] = 2.5
    (copy / "manifest.json").write_text(json.dumps(document))
    manifest = read_manifest(checkpoint)
    other = save_checkpoint(
        tmp_path / "other", bases[manifest.architecture], manifest.architecture, adapter=manifest.adapter, seed=1
    )
    assert len({each.identity["model"] for each in map(engine, (checkpoint, copy, other))}) == 3


def test_the_dtype_settled_on_stays_when_a_run_goes_on(checkpoint: Path) -> None:
    settings = {"rm": RewardEngineSettings(kind="reward", checkpoint=str(checkpoint), device="cpu")}
    known = {"rm": {"kind": "reward", "dtype": "bfloat16"}}
    kept = load_engines(settings, {"rm"}, known=known)["rm"]
    assert kept.identity["dtype"] == "bfloat16"
    exact = scores(engine(checkpoint))
    np.testing.assert_allclose(scores(kept), exact, atol=0.5)
    assert load_engines(settings, {"rm"})["rm"].identity["dtype"] in ("float32", "bfloat16")


def test_an_adapter_names_its_base_and_a_full_checkpoint_needs_none(bases: dict[str, Path], tmp_path: Path) -> None:
    base = shutil.copytree(bases["causal"], tmp_path / "base")
    adapter = save_checkpoint(tmp_path / "adapter", base, "causal", adapter=True)
    whole = save_checkpoint(tmp_path / "whole", base, "causal")
    assert json.loads((adapter / "adapter_config.json").read_text())["base_model_name_or_path"] == str(base)
    save_base(base, "causal", n_positions=500)
    with pytest.raises(ModelNotFound, match=r"was trained on another model: .* has hash \w{10}, expected") as refused:
        engine(adapter)
    assert "\n" not in str(refused.value)
    assert load_reward_model(whole)
    shutil.rmtree(base)
    with pytest.raises(ModelNotFound, match="no model"):
        engine(adapter)
    (adapter / "adapter_model.safetensors").unlink()
    with pytest.raises(
        ModelNotFound, match=r"expected a folder with adapter_config\.json and adapter_model\.safetensors"
    ):
        engine(adapter)


def changed(folder: Path, **parts) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | parts))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (
            lambda folder: (folder / "manifest.json").unlink(),
            "manifest.json: cannot be read: No such file or directory; expected the manifest of a reward model",
        ),
        (lambda folder: (folder / "manifest.json").write_text("{"), "manifest.json: is not JSON"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "manifest.json: is a JSON list, no object"),
        (lambda folder: changed(folder, kind="sft"), "manifest.json: kind: value 'sft': expected 'reward'"),
        (lambda folder: changed(folder, format=2), "manifest.json: format: value 2: expected 1"),
        (
            lambda folder: changed(folder, architecture="cnn"),
            "architecture: value 'cnn': expected one of causal, encoder or late_interaction",
        ),
        (lambda folder: changed(folder, calibration=None), "expected a calibration or thresholds"),
        (
            lambda folder: changed(folder, thresholds=[1, 2, 3, 5, 4, 6]),
            "thresholds: expected each above the one before",
        ),
        (lambda folder: changed(folder, end_token="</s>"), "end_token '</s>': its tokenizer has '<|im_end|>'"),
        (lambda folder: changed(folder, pad_token="</s>"), "pad_token '</s>': its tokenizer has '<|im_start|>'"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"no"), "cannot be read as causal"),
        (lambda folder: (folder / "model.safetensors").unlink(), "has no weights: expected 'model.safetensors'"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "has no tokenizer"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_is_told_in_a_line(
    bases: dict[str, Path], tmp_path: Path, damage, said
) -> None:
    folder = save_checkpoint(tmp_path / "rm", bases["causal"], "causal")
    damage(folder)
    with pytest.raises((ModelNotFound, ScenarioError)) as refused:
        engine(folder).complete(requests())
    assert said in str(refused.value)
    assert str(folder) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_weights_that_give_no_number_are_refused(bases: dict[str, Path], tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "rm", bases["causal"], "causal")
    weights = load_file(folder / "model.safetensors")
    save_file(
        weights | {"score.weight": weights["score.weight"] * np.nan}, folder / "model.safetensors", {"format": "pt"}
    )
    with pytest.raises(EngineError, match="engine 'rm': gives a score that is no number"):
        engine(folder).complete(requests())


def test_weights_of_a_language_model_are_no_reward_model(bases: dict[str, Path], tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "rm", bases["causal"], "causal")
    shutil.copy(bases["causal"] / "model.safetensors", folder / "model.safetensors")
    with pytest.raises(ModelNotFound, match=r"has no weights 'score.weight'"):
        load_reward_model(folder)


def test_a_checkpoint_that_is_being_written_has_no_manifest(bases: dict[str, Path], tmp_path: Path) -> None:
    folder = save_checkpoint(tmp_path / "rm", bases["causal"], "causal")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").mkdir()  # where nothing can be written
    with pytest.raises(Exception, match="Is a directory"):
        save_checkpoint(folder, bases["causal"], "causal")
    with pytest.raises(ModelNotFound, match="expected the manifest of a reward model"):
        read_manifest(folder)


# --- from scores to ratings --------------------------------------------------------------------------------------


def test_hand_worked_ratings() -> None:
    """2.5 a point below 0 and 1.5 above; half a point beyond the ends 2 - 1.25/2.25 and 6 + .75/1.75."""
    ratings = CALIBRATION.ratings(np.array([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5]))
    np.testing.assert_allclose(ratings, [1.444444, 2.0, 3.25, 4.5, 5.25, 6.0, 6.428571], atol=1e-6)


KNOTS = st.integers(2, 6).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0.1, 3), min_size=n, max_size=n), st.lists(st.floats(0.05, 0.9), min_size=n, max_size=n)
    )
)


@given(KNOTS, st.lists(st.floats(-8, 25), min_size=2, unique=True))
@example(
    ([1 / 3, 0.5, 1.0, 1.0, 1.0, 1.0], [0.375, 0.0835201493473689, 0.5, 0.5, 0.5, 0.5]), [-8.0, -7.999999999999999]
)
def test_ratings_keep_the_order_and_stay_on_the_scale(steps, values) -> None:
    calibration = Calibration(raw=tuple(np.cumsum(steps[0])), rating=tuple(1 + np.cumsum(steps[1])))
    ratings = calibration.ratings(np.sort(values))
    assert (np.diff(ratings) >= 0).all()
    assert ((ratings >= 1) & (ratings <= 7)).all()
    inner = calibration.ratings(np.linspace(calibration.raw[0] - 1, calibration.raw[-1] + 1, 50))
    assert (np.diff(inner) > 0).all()


@pytest.mark.parametrize(
    ("raw", "rating", "said"),
    [
        ((0.0, 0.0), (2.0, 3.0), "to rise from each"),
        ((0.0, 1.0), (3.0, 3.0), "to rise from each"),
        ((0.0, 1.0, 2.0), (3.0, 4.0), "3 entries and rating 2"),
        ((0.0, 1.0), (1.0, 3.0), "expected between 1 and 7"),
    ],
)
def test_calibrations_that_lose_the_order_are_refused(raw, rating, said) -> None:
    with pytest.raises(ValueError, match=said):
        Calibration(raw=raw, rating=rating)


def test_thresholds_make_ratings_where_there_is_no_calibration() -> None:
    """At the middle of symmetric thresholds the expected rating is the scale's."""
    marks = {"base": "b", "base_hash": "h", "adapter": False, "max_tokens": 9, "end_token": "e", "pad_token": "p"}
    thresholds = (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0)
    manifest = RewardManifest(architecture="causal", thresholds=thresholds, **marks)
    expected = 1 + expit(0.7 - np.array(thresholds)).sum()
    np.testing.assert_allclose(manifest.ratings(np.array([0.0, 0.7])), [4.0, expected])
