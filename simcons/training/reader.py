"""The recipe of the trained reader: `python -m simcons.training.reader training/reader/recipe.yaml`.

A network learns what labelled texts say; then small networks are fitted to weigh its answers with those of the rules, on texts
that it has not learnt, and thresholds are chosen there. What is learnt is kept after every epoch: a run that was cut short goes
on from there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn

from simcons.arrays import AnyFloats, Floats, Ints
from simcons.engines.base import Encode, HeardText
from simcons.engines.local.dtypes import fastest_dtype
from simcons.engines.local.encoder import SentenceEncoder
from simcons.engines.local.hearing import UNKNOWN, Hearing, HearingNetwork
from simcons.engines.local.models import PACKAGED_ENCODER, packaged_path
from simcons.errors import SimconsError
from simcons.languages.en_gb import EN_GB
from simcons.questions.accuracy import LabelledText
from simcons.questions.claim_phrases import N_LIKENESS, ClaimPhrases
from simcons.questions.reader import QuestionReader
from simcons.questions.reading import Reading
from simcons.questions.remembered import RememberingEncoder
from simcons.questions.small_network import SmallNetwork
from simcons.questions.trained_reader import (
    AGAINST,
    FOR,
    N_STANCES,
    NEITHER,
    claim_features,
    topic_of,
    verdict_features,
)
from simcons.questions.trained_weights import ReaderWeights, claim_key, position_key
from simcons.scenario.files import parse, read_yaml
from simcons.scenario.minds import Share
from simcons.scenario.parameters import StrictModel
from simcons.seeds import stream
from simcons.training.reader_data import Lesson, LessonSampler, Material, lesson_of, load_material

_THRESHOLDS = np.arange(0.2, 0.96, 0.025)
_WHOLE = frozenset({"statement", "opinion"})  # kinds of texts that a study has
_N_FOLDS = 5
_MAX_TOKENS = 192
_STANCE_WEIGHTS = (1.0, 1.5, 2.0)  # of saying nothing, which is most common, asserting and denying, which is least
_CLAIMS_WEIGHT = 3.0  # of the mean loss on claims, beside that on the verdict


class Recipe(StrictModel):
    """Settings of the recipe. Paths are relative to the recipe's own folder."""

    bank: str
    texts: str
    out: str
    seed: int = 0
    epochs: PositiveInt = 5
    batch_size: PositiveInt = 32
    learning_rate: PositiveFloat = 2e-4
    frozen_layers: int = 0
    composed: PositiveInt = 2000
    known: Share = 0.6
    hidden: PositiveInt = 24


def train(recipe: Recipe, folder: Path, *, say: Callable[[str], None] = print, n_threads: int | None = None) -> None:
    """Train, and write the reader's file."""
    if n_threads:
        torch.set_num_threads(n_threads)
    torch.manual_seed(recipe.seed)
    out = folder / recipe.out
    material = load_material(folder / recipe.bank, folder / recipe.texts)
    say(f"{len(material.learnt):,} texts to learn from, {len(material.held_out):,} held out")
    school = _School(material, RememberingEncoder(SentenceEncoder().encode))
    network = _taught(recipe, school, out.with_suffix(".partial.pt"), say)
    say("weighing what it hears in the texts held out")
    claims, positions = school.claim_keys, school.position_keys
    heads = _fitted_heads(recipe, _heard(school, Hearing(network, claims, positions)))
    ReaderWeights(network, heads, claims, positions).save(out)
    out.with_suffix(".partial.pt").unlink(missing_ok=True)
    say(f"written: {out}")


# --- lessons -----------------------------------------------------------------------------------------------------


class _School:
    """Lessons as the network takes them: the material's questions, made ready."""

    def __init__(self, material: Material, encode: Encode) -> None:
        self.material, self.encode = material, encode
        questions = material.questions.values()
        self.position_keys = [position_key(question) for question in questions]
        self.claim_keys = [claim_key(claim) for question in questions for claim in question.claims]
        self.phrases = {name: ClaimPhrases(asked, EN_GB.text, encode) for name, asked in material.questions.items()}
        self._questions = {name: row for row, name in enumerate(material.questions, start=1)}
        starts = np.cumsum([1, *(len(question.claims) for question in questions)])
        self._first_claims = dict(zip(material.questions, starts.tolist(), strict=False))
        self.n_claims = max(len(question.claims) for question in questions)
        self._likeness: dict[tuple[str, str], Floats] = {}

    def likeness(self, question: str, text: str) -> Floats:
        """[claims, N_LIKENESS], worked out once for each text."""
        if (question, text) not in self._likeness:
            self._likeness[question, text] = self.phrases[question].likeness(text)
        return self._likeness[question, text]

    @cached_property
    def likeness_size(self) -> tuple[Floats, Floats]:
        """Mean and spread of each feature of likeness, over some of the texts."""
        some = self.material.learnt[:: max(1, len(self.material.learnt) // 2000)]
        features = np.concatenate([self.likeness(entry.question, entry.text) for entry in some])
        return features.mean(axis=0), features.std(axis=0) + 1e-6

    def given(self, lessons: Sequence[Lesson], known: Sequence[bool]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Claims, likeness, and rows of what is learnt of each claim and question, as `HearingNetwork.forward` has them."""
        claims = np.zeros((len(lessons), self.n_claims, self._middles(lessons[0]).shape[1]), dtype=np.float32)
        likeness = np.zeros((len(lessons), self.n_claims, N_LIKENESS), dtype=np.float32)
        own = np.full((len(lessons), self.n_claims), UNKNOWN)
        for row, lesson in enumerate(lessons):
            size = len(lesson.claims)
            claims[row, :size] = self._middles(lesson)
            likeness[row, :size] = self.likeness(lesson.question.id, lesson.written)
            if known[row]:
                own[row, :size] = self._first_claims[lesson.question.id] + np.arange(size)
        of_question = [
            self._questions[lesson.question.id] if is_known else UNKNOWN
            for lesson, is_known in zip(lessons, known, strict=True)
        ]
        return torch.tensor(claims), torch.tensor(likeness), torch.tensor(own), torch.tensor(of_question)

    def stances(self, lessons: Sequence[Lesson]) -> Tensor:
        """[lesson, claim], -100 where a question has fewer claims than others."""
        labels = np.full((len(lessons), self.n_claims), -100)
        for row, lesson in enumerate(lessons):
            labels[row, : len(lesson.claims)] = lesson.claims
        return torch.tensor(labels)

    def _middles(self, lesson: Lesson) -> Floats:
        return self.phrases[lesson.question.id].middles


# --- the network -------------------------------------------------------------------------------------------------


def _taught(recipe: Recipe, school: _School, partial: Path, say: Callable[[str], None]) -> dict[str, AnyFloats]:
    network = HearingNetwork(
        n_likeness=N_LIKENESS, n_claims=len(school.claim_keys), n_questions=len(school.position_keys)
    )
    mean, scale = (torch.tensor(values, dtype=torch.float32) for values in school.likeness_size)
    network.likeness_mean.data, network.likeness_scale.data = mean, scale
    for layer in network.body.encoder.layer[: recipe.frozen_layers]:
        layer.requires_grad_(False)
    optimizer = _optimizer(network, recipe)
    of = _digest(recipe, school.material)
    for epoch in range(_resumed(partial, of, network, optimizer), recipe.epochs):
        rng = stream(recipe.seed, "trained reader", epoch)
        torch.manual_seed(recipe.seed + epoch)
        lessons = LessonSampler(school.material, EN_GB, n_composed=recipe.composed, rng=rng).epoch()
        _learn_epoch(network, optimizer, school, _batches(lessons, recipe.batch_size, rng), epoch, recipe, say, rng)
        states = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
        torch.save({"of": of, "epoch": epoch, **states}, partial)
    return network.learnt()


def _optimizer(network: HearingNetwork, recipe: Recipe) -> torch.optim.Optimizer:
    """The optimizer: new layers learn five times as fast as the transformer, which has learnt before."""
    body = [parameter for parameter in network.body.parameters() if parameter.requires_grad]
    in_body = set(map(id, body))
    new = [p for p in network.parameters() if p.requires_grad and id(p) not in in_body]
    groups = [{"params": body, "lr": recipe.learning_rate}, {"params": new, "lr": 5 * recipe.learning_rate}]
    return torch.optim.AdamW(groups, weight_decay=0.01)


def _digest(recipe: Recipe, material: Material) -> str:
    """A digest of all that a run depends on: another recipe, bank or other texts begin anew."""
    content = [recipe.model_dump_json(), *(question.model_dump_json() for question in material.questions.values())]
    content += [entry.model_dump_json() for entry in (*material.learnt, *material.held_out)]
    return sha256("\n".join(content).encode()).hexdigest()


def _resumed(partial: Path, of: str, network: HearingNetwork, optimizer: torch.optim.Optimizer) -> int:
    """The epoch to go on with: after the last that ``partial`` holds, where it holds one of the same run."""
    if not partial.is_file():
        return 0
    kept = torch.load(partial, weights_only=True)
    if kept.get("of") != of:
        return 0
    network.load_state_dict(kept["network"])
    optimizer.load_state_dict(kept["optimizer"])
    return int(kept["epoch"]) + 1


def _batches(lessons: Sequence[Lesson], size: int, rng: np.random.Generator) -> list[list[Lesson]]:
    """Texts of about the same length together, which spares padding; batches in any order."""
    ordered = sorted(lessons, key=lambda lesson: len(lesson.text) // 40)
    batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    return [batches[place] for place in rng.permutation(len(batches))]


def _learn_epoch(
    network: HearingNetwork,
    optimizer: torch.optim.Optimizer,
    school: _School,
    batches: Sequence[Sequence[Lesson]],
    epoch: int,
    recipe: Recipe,
    say: Callable[[str], None],
    rng: np.random.Generator,
) -> None:
    network.train()
    started, losses, bfloat16 = time.monotonic(), [], _bfloat16_is_faster()
    peaks = [group.setdefault("peak", group["lr"]) for group in optimizer.param_groups]
    for step, batch in enumerate(batches):
        done = (epoch + step / len(batches)) / recipe.epochs
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * min(1.0, done * recipe.epochs * 4) * max(0.02, 1 - done)
        known = (rng.random(len(batch)) < recipe.known).tolist()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            loss = _loss(network, school, batch, known)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        losses.append(float(loss.detach()))
        if step % 100 == 99 or step == len(batches) - 1:
            so_far = f"epoch {epoch + 1} of {recipe.epochs}, batch {step + 1} of {len(batches)}"
            say(f"{so_far}: loss {np.mean(losses[-100:]):.3f}, {time.monotonic() - started:.0f} s")


def _loss(network: HearingNetwork, school: _School, batch: Sequence[Lesson], known: Sequence[bool]) -> Tensor:
    positions, texts = [lesson.question.position for lesson in batch], [lesson.text for lesson in batch]
    inputs = network.tokens(positions, texts, max_tokens=_MAX_TOKENS)
    stances, verdicts, _ = network(inputs, *school.given(batch, known))
    weights = torch.tensor(_STANCE_WEIGHTS)
    on_claims = nn.functional.cross_entropy(stances.float().flatten(0, 1), school.stances(batch).flatten(), weights)
    labels = torch.tensor([lesson.verdict for lesson in batch])
    return _CLAIMS_WEIGHT * on_claims + nn.functional.cross_entropy(verdicts.float(), labels, label_smoothing=0.05)


def _bfloat16_is_faster() -> bool:
    return fastest_dtype(packaged_path(PACKAGED_ENCODER), torch.device("cpu")) == "bfloat16"


# --- what weighs the answers -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Heard:
    """A text held out, with what the network and the rules make of it."""

    entry: LabelledText
    lesson: Lesson
    by_rules: Reading
    heard: HeardText


def _heard(school: _School, hearing: Hearing) -> list[_Heard]:
    topics = {name: topic_of(question, school.phrases[name]) for name, question in school.material.questions.items()}
    rules = {name: QuestionReader(asked, EN_GB, school.encode) for name, asked in school.material.questions.items()}
    heard = []
    for entry in school.material.held_out:
        likeness = school.likeness(entry.question, entry.text)
        lesson = lesson_of(entry, school.material.questions[entry.question])
        [by_network] = hearing.hear([entry.text], topics[entry.question], [likeness])
        heard.append(_Heard(entry, lesson, rules[entry.question].read(entry.text), by_network))
    return heard


def _fitted_heads(recipe: Recipe, texts: Sequence[_Heard]) -> dict[str, AnyFloats]:
    """Fitted on the texts held out, as the network is too sure of those that it has learnt; thresholds on fits that have not
    seen the texts they judge, and on whole texts, as a study has.
    """
    folds = stream(recipe.seed, "folds of the trained reader").permutation(len(texts)) % _N_FOLDS
    likely = _claims_apart(recipe, texts, folds)
    features = np.array(
        [
            verdict_features(text.lesson.question, text.by_rules, of_claims, text.heard.verdict)
            for text, of_claims in zip(texts, likely, strict=True)
        ]
    )
    verdicts = np.array([text.lesson.verdict for text in texts])
    whole = [place for place, text in enumerate(texts) if text.entry.kind in _WHOLE] or list(range(len(texts)))
    found = _best_found([texts[place] for place in whole], [likely[place] for place in whole])
    sided = _best_sided(_verdicts_apart(recipe, features, verdicts, folds)[whole], verdicts[whole])
    claims, verdict = _claims_network(recipe, texts), _verdict_network(recipe, features, verdicts)
    arrays = claims.arrays("claims") | verdict.arrays("verdict")
    return {**arrays, "thresholds": np.array([found, sided], dtype=np.float32)}


def _claims_network(recipe: Recipe, texts: Sequence[_Heard]) -> SmallNetwork:
    features = np.concatenate([claim_features(text.heard, text.by_rules) for text in texts])
    labels = np.concatenate([text.lesson.claims for text in texts])
    return fitted(features, labels, n_answers=N_STANCES, hidden=recipe.hidden // 2, seed=recipe.seed)


def _claims_apart(recipe: Recipe, texts: Sequence[_Heard], folds: Ints) -> list[Floats]:
    """Probabilities [claims, 3] of each text by a network fitted without its fold."""
    likely: list[Floats] = [np.empty(0)] * len(texts)
    for fold in range(_N_FOLDS):
        others = [text for text, own in zip(texts, folds, strict=True) if own != fold]
        network = _claims_network(recipe, others or texts)
        for place in np.flatnonzero(folds == fold).tolist():
            likely[place] = np.exp(network(claim_features(texts[place].heard, texts[place].by_rules)))
    return likely


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


def _array(weights: Tensor) -> AnyFloats:
    values: AnyFloats = weights.detach().numpy()
    return values


def _best_found(texts: Sequence[_Heard], likely: Sequence[Floats]) -> float:
    """The threshold with the best F1 over all claims."""
    touched = np.concatenate([1 - of_claims[:, NEITHER] for of_claims in likely])
    labels = np.concatenate([text.lesson.claims for text in texts]) != NEITHER
    scores = []
    for threshold in _THRESHOLDS:
        guessed = touched > threshold
        scores.append(2 * (guessed & labels).sum() / max(guessed.sum() + labels.sum(), 1))
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
