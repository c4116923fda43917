"""Training of reward models: how far the author of an opinion would agree with a statement, learnt from what people answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from trl import RewardConfig

from simcons.counted import counted
from simcons.engines.local.learnt import Learnt
from simcons.engines.local.models import model_hash
from simcons.engines.local.reward_manifest import RewardManifest
from simcons.engines.local.reward_model import TripleTokens, base_folder, new_network
from simcons.errors import TrainingDataError
from simcons.messages import OnMessage, unheard
from simcons.training.base_model import lora_config, token_limit
from simcons.training.checkpoint import Start, TrainingFolder
from simcons.training.data.examples import Rated, Side, TrainingData
from simcons.training.held_out import HeldOut
from simcons.training.keep import keep
from simcons.training.machine import Machine, settled_machine, settled_products
from simcons.training.progress import OnProgress, unseen
from simcons.training.recipes import RewardSettings
from simcons.training.record import Examples, TrainingRecord, recorded, say_left_out
from simcons.training.reward_examples import (
    MOST_APART,
    MOST_TOGETHER,
    Answers,
    EncodedAnswers,
    between,
    by_round,
    compared,
    encode_answers,
    rated,
)
from simcons.training.reward_losses import Thresholds, put_score_layer, remove_score_layers, trained_layer
from simcons.training.reward_packs import reads_packs, take_packs
from simcons.training.reward_trainer import AnswersCollator, AnswersTrainer, NetworkScores, as_dataset
from simcons.training.trainer import train, trainer_arguments


def train_reward(
    data: TrainingData,
    settings: RewardSettings,
    out: Path,
    *,
    name: str,
    resume: bool = False,
    on_progress: OnProgress = unseen,
    on_message: OnMessage = unheard,
) -> RewardManifest:
    """Train by a recipe, into the folder ``out``: a checkpoint that an engine of kind ``reward`` takes.

    Its scores are then made ratings by those ratings that were held out. name: of the data, for the manifest. resume: as for
    `train_sft`. Raises TrainingDataError where there is nothing to learn from or no rating was held out, CheckpointError for a
    folder that holds something else, ModelNotFound, EngineError, TrainingStopped, StorageError.
    """
    base = base_folder(settings.model)
    start = Start("reward", model_hash(base), name, data.content_hash(), settings.model_dump(mode="json"))
    folder = TrainingFolder(out)
    folder.check(start, resume=resume)
    tokens = TripleTokens(base, settings.architecture, opinion=settings.opinion)
    network = new_network(settings.architecture, base, tokens, seed=settings.seed)
    limit = token_limit(network, settings)
    examples = _examples(data, settings, tokens, limit, on_message)
    products = settled_products(settings.machine, base)
    machine = settled_machine(settings, network, products, longest=examples.longest)
    adapter = lora_config(network, settings.lora, task="SEQ_CLS")
    with folder.begun(start, resume=resume):
        trainer = _trainer(network, tokens, examples, adapter, settings, machine, folder, on_progress)
        train(trainer, folder, settings.stopping)
        held_out = HeldOut(data.validation, NetworkScores(trainer.model, tokens, limit=limit))
        record = recorded(trainer, start, machine, examples, held_out.pair_metrics())
        learnt = Learnt.of((answer.question, answer.opinion) for answer in data.learn.answers)
        manifest = _manifest(trainer, tokens, settings, start, record, held_out, limit, learnt)
        remove_score_layers(trainer.model)
        keep(trainer, folder, manifest)
    return manifest


def _manifest(
    trainer: AnswersTrainer,
    tokens: TripleTokens,
    settings: RewardSettings,
    start: Start,
    record: TrainingRecord,
    held_out: HeldOut,
    limit: int,
    learnt: Learnt,
) -> RewardManifest:
    thresholds = trained_layer(trainer.model).thresholds
    return RewardManifest(
        architecture=settings.architecture,
        base=settings.model,
        base_hash=start.base_hash,
        adapter=settings.lora is not None,
        max_tokens=limit,
        opinion=settings.opinion,
        end_token=tokens.end_token,
        pad_token=tokens.pad_token,
        calibration=held_out.calibration(),
        thresholds=None if thresholds is None else tuple(thresholds().tolist()),
        learnt=learnt,
        training={**record.document(), "reliability": held_out.reliability()},
    )


def _trainer(
    network: Any,
    tokens: TripleTokens,
    examples: Examples[EncodedAnswers],
    adapter: LoraConfig | None,
    settings: RewardSettings,
    machine: Machine,
    folder: TrainingFolder,
    on_progress: OnProgress,
) -> AnswersTrainer:
    if settings.lora is not None:
        network = network.to(getattr(torch, machine.dtype))
    packs = settings.architecture == "causal" and reads_packs(network)
    if packs:
        take_packs(network)
    put_score_layer(network, _thresholds(examples.learnt) if settings.loss == "ordinal" else None)
    arguments = trainer_arguments(
        settings, machine, folder, n_examples=len(examples.learnt), held_out=bool(examples.held_out)
    )
    return AnswersTrainer(
        settings=settings,
        folder=folder,
        on_progress=on_progress,
        model=network,
        args=RewardConfig(**arguments, disable_dropout=False, remove_unused_columns=False),
        data_collator=AnswersCollator(tokens.tokenizer.pad_token_id, packs),
        train_dataset=as_dataset(examples.learnt),
        eval_dataset=as_dataset(examples.held_out) if examples.held_out else None,
        processing_class=tokens.tokenizer,
        peft_config=adapter,
    )


def _thresholds(examples: Sequence[EncodedAnswers]) -> Thresholds:
    return Thresholds([answer[-1] for example in examples for answer in example.answers])


def _examples(
    data: TrainingData, settings: RewardSettings, tokens: TripleTokens, limit: int, on_message: OnMessage
) -> Examples[EncodedAnswers]:
    """Raises TrainingDataError where there is nothing to learn from, or nothing to make ratings of scores by."""
    learn, validation = (_encoded(side, settings, tokens, limit) for side in (data.learn, data.validation))
    too_long = [*learn.too_long, *validation.too_long]
    say_left_out(on_message, too_long, learn.n_all + validation.n_all, limit, "opinion")
    noun = "rating" if settings.loss == "ordinal" else "comparison"
    if not learn.examples:
        raise TrainingDataError(
            f"nothing to learn from: {counted(learn.n_all, 'opinion')} with a {noun}, of which {len(learn.too_long):,} longer"
            f" than {limit:,} tokens; expected at least 1"
        )
    if not any(tokens.n_read(tokens(*_triple(rating))) <= limit for rating in data.validation.ratings):
        n_held_out = len(data.validation.ratings)
        none = f"none of {counted(n_held_out, 'rating')} held out has at most {limit:,} tokens" if n_held_out else ""
        raise TrainingDataError(f"{none or 'no rating was held out'}; expected some, which make ratings of scores")
    return Examples(learn.examples, validation.examples, too_long)


def _triple(rating: Rated) -> tuple[str, str, str]:
    return rating.question, rating.opinion, rating.statement


@dataclass(frozen=True, slots=True)
class _Encoded:
    """What one side gives. n_all, too_long: opinions and compared statements, before they are put together by rounds."""

    examples: list[EncodedAnswers]
    n_all: int
    too_long: list[str]


def _encoded(side: Side, settings: RewardSettings, tokens: TripleTokens, limit: int) -> _Encoded:
    weights = settings.weights
    given = [(_answers(side, settings), weights.statements), (_of_people(side, settings), weights.people)]
    kinds, too_long = zip(
        *(encode_answers(tokens, examples, limit=limit, weight=weight) for examples, weight in given), strict=True
    )
    examples = by_round(kinds, tokens.end) if settings.by_round else [*chain(*kinds)]
    return _Encoded(examples, sum(len(examples) for examples, _ in given), [*chain(*too_long)])


def _answers(side: Side, settings: RewardSettings) -> list[Answers]:
    most = MOST_APART if settings.by_round else MOST_TOGETHER
    if settings.loss == "ordinal":
        return rated(side.ratings, seed=settings.seed, most=most)
    if settings.weights.statements == 0:
        return []
    comparisons = [answer for answer in side.comparisons if settings.ties == "half" or not answer.tie]
    return compared(comparisons, seed=settings.seed, most=most)


def _of_people(side: Side, settings: RewardSettings) -> list[Answers]:
    return between([*side.ratings, *side.positions]) if settings.compares_people else []
