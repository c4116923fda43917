"""The recipe of the trained reader: `python -m simcons.training.reader training/reader/recipe.yaml`.

A cross-encoder learns from pairs of a text and a proposition; then small networks are fitted to weigh its answers, on texts that
it has not learnt, and thresholds are chosen there. What is learnt is kept after every epoch: a run that was cut short goes on
from there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from pydantic import PositiveFloat, PositiveInt
from torch import nn

from simcons.arrays import AnyFloats, Floats, Ints
from simcons.engines.base import Encode
from simcons.engines.local.cross_encoder import CrossEncoder, CrossEncoderNetwork
from simcons.engines.local.dtypes import fastest_dtype
from simcons.engines.local.encoder import SentenceEncoder
from simcons.engines.local.models import PACKAGED_ENCODER, packaged_path
from simcons.errors import SimconsError
from simcons.languages.en_gb import EN_GB
from simcons.questions.accuracy import LabelledText
from simcons.questions.bank import Question
from simcons.questions.claim_finder import ClaimPhrases, SmallNetwork, units_of
from simcons.questions.reader import QuestionReader
from simcons.questions.reading import Reading
from simcons.questions.trained_reader import (
    AGAINST,
    FOR,
    NEITHER,
    Evidence,
    Heads,
    TrainedQuestionReader,
    claim_features,
    verdict_features,
)
from simcons.questions.trained_weights import ReaderWeights
from simcons.scenario.files import parse, read_yaml
from simcons.scenario.parameters import StrictModel
from simcons.seeds import stream
from simcons.training.reader_data import Material, Pair, PairSampler, claim_labels, load_material, verdict_label

_LEAST_LIKELY = 0.05  # to be touched: claims below are not worth the cross-encoder's time
_THRESHOLDS = np.arange(0.2, 0.96, 0.025)
_WHOLE = frozenset({"statement", "opinion"})  # kinds of texts that a study has
_N_FOLDS = 5


class Recipe(StrictModel):
    """Settings of the recipe. Paths are relative to the recipe's own folder."""

    bank: str
    texts: str
    out: str
    seed: int = 0
    epochs: PositiveInt = 5
    batch_size: PositiveInt = 16
    learning_rate: PositiveFloat = 1e-4
    frozen_layers: int = 2
    phrases: PositiveInt = 1500
    verdicts: PositiveInt = 1000
    hidden: PositiveInt = 24


def train(recipe: Recipe, folder: Path, *, say: Callable[[str], None] = print, n_threads: int | None = None) -> None:
    """Train, and write the reader's file."""
    if n_threads:
        torch.set_num_threads(n_threads)
    torch.manual_seed(recipe.seed)
    out = folder / recipe.out
    material = load_material(folder / recipe.bank, folder / recipe.texts)
    encode = _remembering(SentenceEncoder().encode)
    say(f"{len(material.learnt):,} texts to learn from, {len(material.held_out):,} held out")
    features = _finder_features(material, encode)
    say("likeness of all texts to all claims worked out")
    finder = _fitted_finder(material, features, recipe)
    partial = out.with_suffix(".partial.pt")
    body = _learnt_body(recipe, material, features, finder, partial, say)
    heads = _fitted_heads(recipe, finder, _heard(material, finder, body, encode))
    ReaderWeights(body, heads).save(out)
    partial.unlink(missing_ok=True)
    say(f"written: {out}")


# --- the claim finder --------------------------------------------------------------------------------------------


def _remembering(encode: Encode) -> Encode:
    """The encoder, each text embedded once."""
    known: dict[str, AnyFloats] = {}

    def look_up(texts: Sequence[str]) -> AnyFloats:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, encode(new), strict=True))
        return np.stack([known[text] for text in texts])

    return look_up


def _finder_features(material: Material, encode: Encode) -> dict[str, Floats]:
    """[claims, features] of each text, by its id."""
    phrases = {name: ClaimPhrases(question, encode) for name, question in material.questions.items()}
    features = {}
    for entry in (*material.learnt, *material.held_out):
        units = units_of(entry.text, EN_GB.text)
        features[entry.id], _ = phrases[entry.question].features(encode(units), [len(unit.split()) for unit in units])
    return features


def _fitted_finder(material: Material, features: Mapping[str, Floats], recipe: Recipe) -> SmallNetwork:
    given = np.concatenate([features[entry.id] for entry in material.learnt])
    labels = np.concatenate([claim_labels(entry, material.questions[entry.question]) for entry in material.learnt])
    return fitted(given, labels, n_answers=3, hidden=recipe.hidden, seed=recipe.seed)


def fitted(
    features: Floats, labels: Ints, *, n_answers: int, hidden: int, seed: int, decay: float = 0.01
) -> SmallNetwork:
    """A small network fitted by cross-entropy: full batches, Adam, 400 steps."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    given, answers = torch.tensor((features - mean) / scale, dtype=torch.float32), torch.tensor(labels)
    torch.manual_seed(seed)
    first, last = nn.Linear(features.shape[1], hidden), nn.Linear(hidden, n_answers)
    network = nn.Sequential(first, nn.Tanh(), last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.02, weight_decay=decay)
    for _ in range(400):
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(given), answers).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    inner, out = (
        np.concatenate([_array(layer.weight), _array(layer.bias)[:, None]], axis=1) for layer in (first, last)
    )
    return SmallNetwork(mean, scale, inner, out)


def _array(weights: torch.Tensor) -> AnyFloats:
    values: AnyFloats = weights.detach().numpy()
    return values


# --- the cross-encoder -------------------------------------------------------------------------------------------


def _learnt_body(
    recipe: Recipe,
    material: Material,
    features: Mapping[str, Floats],
    finder: SmallNetwork,
    partial: Path,
    say: Callable[[str], None],
) -> dict[str, AnyFloats]:
    network = CrossEncoderNetwork()
    for layer in network.body.encoder.layer[: recipe.frozen_layers]:
        layer.requires_grad_(False)
    near = {name: np.argsort(finder(given)[:, NEITHER])[:6].tolist() for name, given in features.items()}
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in network.body.parameters() if p.requires_grad], "lr": recipe.learning_rate},
            {"params": network.head.parameters(), "lr": 5 * recipe.learning_rate},
        ],
        weight_decay=0.01,
    )
    of = _digest(recipe, material)
    first = _resumed(partial, of, network, optimizer)
    for epoch in range(first, recipe.epochs):
        rng = stream(recipe.seed, "trained reader", epoch)
        pairs = PairSampler(
            material, near, EN_GB, n_phrases=recipe.phrases, n_verdicts=recipe.verdicts, rng=rng
        ).epoch()
        _learn_epoch(network, optimizer, _batches(pairs, recipe.batch_size, rng), epoch, recipe, say)
        states = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save({"of": of, "epoch": epoch, **states}, partial)
    return network.learnt()


def _digest(recipe: Recipe, material: Material) -> str:
    """What a run depends on: another recipe, bank or other texts begin anew."""
    content = [recipe.model_dump_json(), *(question.model_dump_json() for question in material.questions.values())]
    content += [entry.model_dump_json() for entry in (*material.learnt, *material.held_out)]
    return sha256("\n".join(content).encode()).hexdigest()


def _resumed(partial: Path, of: str, network: CrossEncoderNetwork, optimizer: torch.optim.Optimizer) -> int:
    """The epoch to go on with: after the last that ``partial`` holds, where it holds one of the same run."""
    if not partial.is_file():
        return 0
    kept = torch.load(partial, weights_only=True)
    if kept.get("of") != of:
        return 0
    network.load_state_dict(kept["network"])
    optimizer.load_state_dict(kept["optimizer"])
    return int(kept["epoch"]) + 1


def _batches(pairs: Sequence[Pair], size: int, rng: np.random.Generator) -> list[list[Pair]]:
    """Pairs of about the same length together, which spares padding; batches in any order."""
    ordered = sorted(pairs, key=lambda pair: (len(pair.text) + len(pair.proposition)) // 40)
    batches = [list(ordered[start : start + size]) for start in range(0, len(ordered), size)]
    return [batches[place] for place in rng.permutation(len(batches))]


def _learn_epoch(
    network: CrossEncoderNetwork,
    optimizer: torch.optim.Optimizer,
    batches: Sequence[Sequence[Pair]],
    epoch: int,
    recipe: Recipe,
    say: Callable[[str], None],
) -> None:
    network.train()
    started, losses, bfloat16 = time.monotonic(), [], _bfloat16_is_faster()
    peaks = [group.setdefault("peak", group["lr"]) for group in optimizer.param_groups]
    for step, batch in enumerate(batches):
        done = (epoch + step / len(batches)) / recipe.epochs
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * min(1.0, done * recipe.epochs * 4) * max(0.02, 1 - done)
        inputs = network.tokens([(pair.text, pair.proposition) for pair in batch], max_tokens=160)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            logits = network(inputs)
        answers = torch.tensor([pair.answer for pair in batch])
        loss = nn.functional.cross_entropy(logits.float(), answers, label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        if step % 100 == 99 or step == len(batches) - 1:
            so_far = f"epoch {epoch + 1} of {recipe.epochs}, batch {step + 1} of {len(batches)}"
            say(f"{so_far}: loss {np.mean(losses[-100:]):.3f}, {time.monotonic() - started:.0f} s")


def _bfloat16_is_faster() -> bool:
    return fastest_dtype(packaged_path(PACKAGED_ENCODER), torch.device("cpu")) == "bfloat16"


# --- what weighs the answers -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Heard:
    """A text held out, with what the networks and the rules make of it."""

    entry: LabelledText
    question: Question
    by_rules: Reading
    given: Evidence
    claims: Floats  # answers on its candidates
    position: Floats  # and on the position


def _fitted_heads(recipe: Recipe, finder: SmallNetwork, texts: Sequence[_Heard]) -> dict[str, AnyFloats]:
    """Fitted on the texts held out, as the cross-encoder is too sure of those that it has learnt; thresholds on fits that have
    not seen the texts they judge, and on whole texts, as a study has.
    """
    folds = stream(recipe.seed, "folds of the trained reader").permutation(len(texts)) % _N_FOLDS
    likely = _claims_apart(recipe, finder, texts, folds)
    features = _verdict_features(texts, likely)
    verdicts = np.array([verdict_label(text.entry) for text in texts])
    whole = [place for place, text in enumerate(texts) if text.entry.kind in _WHOLE] or list(range(len(texts)))
    found = _best_found([texts[place] for place in whole], [likely[place] for place in whole])
    sided = _best_sided(_verdicts_apart(recipe, features, verdicts, folds)[whole], verdicts[whole])
    claims, verdict = _claims_network(recipe, texts), _verdict_network(recipe, features, verdicts)
    arrays = finder.arrays("finder") | claims.arrays("claims") | verdict.arrays("verdict")
    return {**arrays, "thresholds": np.array([_LEAST_LIKELY, found, sided], dtype=np.float32)}


def _claims_network(recipe: Recipe, texts: Sequence[_Heard]) -> SmallNetwork:
    asked = np.concatenate([claim_features(text.given, text.claims) for text in texts])
    labels = np.concatenate([claim_labels(text.entry, text.question)[text.given.candidates] for text in texts])
    return fitted(asked, labels, n_answers=3, hidden=recipe.hidden // 2, seed=recipe.seed)


def _claims_apart(recipe: Recipe, finder: SmallNetwork, texts: Sequence[_Heard], folds: Ints) -> list[Floats]:
    """Probabilities [claims, 3] of each text by a network fitted without its fold."""
    likely: list[Floats] = [np.empty(0)] * len(texts)
    for fold in range(_N_FOLDS):
        others = [text for text, own in zip(texts, folds, strict=True) if own != fold]
        network = _claims_network(recipe, others or texts)
        heads = Heads(finder, network, finder, least_likely=_LEAST_LIKELY, found=0.5, sided=0.5)
        for place in np.flatnonzero(folds == fold).tolist():
            likely[place] = heads.claims_likely(texts[place].given, texts[place].claims)
    return likely


def _verdict_features(texts: Sequence[_Heard], likely: Sequence[Floats]) -> Floats:
    rows = [
        verdict_features(text.question, text.by_rules, of_claims, text.position)
        for text, of_claims in zip(texts, likely, strict=True)
    ]
    return np.array(rows)


def _verdict_network(recipe: Recipe, features: Floats, verdicts: Ints) -> SmallNetwork:
    """Smaller and more held back than the others: with 12 units it knew a tenth fewer of the verdicts of texts apart."""
    return fitted(features, verdicts, n_answers=4, hidden=max(1, recipe.hidden // 6), seed=recipe.seed, decay=0.3)


def _verdicts_apart(recipe: Recipe, features: Floats, verdicts: Ints, folds: Ints) -> Floats:
    """Log-probabilities [texts, 4] by networks fitted without the text's fold."""
    likely = np.empty((len(features), 4))
    for fold in range(_N_FOLDS):
        own = folds == fold
        others = ~own if (~own).any() else own
        likely[own] = _verdict_network(recipe, features[others], verdicts[others])(features[own])
    return likely


def _heard(material: Material, finder: SmallNetwork, body: Mapping[str, AnyFloats], encode: Encode) -> list[_Heard]:
    judge = CrossEncoder(body).judge
    unfitted = Heads(finder, finder, finder, least_likely=_LEAST_LIKELY, found=0.5, sided=0.5)
    heard = []
    for name, question in material.questions.items():
        entries = [entry for entry in material.held_out if entry.question == name]
        texts = [entry.text for entry in entries]
        if texts:
            reader = TrainedQuestionReader(question, EN_GB, unfitted, encode, judge)
            ruled = QuestionReader(question, EN_GB).read_many(texts)
            for entry, by_rules in zip(entries, ruled, strict=True):
                given = reader.evidence(entry.text)
                heard.append(_Heard(entry, question, by_rules, given, *reader.answers(entry.text, given)))
    return heard


def _best_found(texts: Sequence[_Heard], likely: Sequence[Floats]) -> float:
    """The threshold with the best F1 over all claims."""
    touched = np.concatenate([1 - of_claims[:, NEITHER] for of_claims in likely])
    labels = np.concatenate([claim_labels(text.entry, text.question) for text in texts]) != NEITHER
    scores = []
    for threshold in _THRESHOLDS:
        found = touched > threshold
        scores.append(2 * (found & labels).sum() / max(found.sum() + labels.sum(), 1))
    return float(_THRESHOLDS[int(np.argmax(scores))])


def _best_sided(log_likely: Floats, labels: Ints) -> float:
    """The threshold at which verdicts do best, a reversed one undoing three right ones and an invented one undoing one."""
    sides = log_likely[:, [FOR, AGAINST]].argmax(axis=1)
    likely = np.exp(log_likely[:, [FOR, AGAINST]].max(axis=1))
    scores = []
    for threshold in _THRESHOLDS:
        given = (likely >= threshold) & (sides == log_likely.argmax(axis=1))
        right, reverse = given & (labels == sides), given & (labels == 1 - sides)
        scores.append(right.sum() - 3 * reverse.sum() - (given & ~right & ~reverse).sum())
    return float(_THRESHOLDS[int(np.argmax(scores))])


def main(arguments: Sequence[str]) -> int:
    """Train by the recipe in the file named."""
    path = Path(arguments[0] if arguments else "training/reader/recipe.yaml")
    try:
        train(parse(Recipe, read_yaml(path), source=str(path)), path.parent)
    except SimconsError as error:
        print(f"simcons: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
