"""Training of a language model that plays people: from the mind's own prompts to what people answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from peft import LoraConfig
from trl import SFTConfig

from simcons.counted import counted
from simcons.engines.local.learnt import Learnt
from simcons.engines.local.models import local_folder, model_hash, resolve_model
from simcons.engines.local.prefill import takes_packs
from simcons.errors import TrainingDataError
from simcons.messages import OnMessage, unheard
from simcons.seeds import stream
from simcons.training.base_model import load_base, lora_config, token_limit
from simcons.training.checkpoint import Start, TrainingFolder
from simcons.training.data.persona import PersonaData, PersonaExample
from simcons.training.keep import keep
from simcons.training.machine import Machine, settled_machine, settled_products
from simcons.training.manifest import SftManifest
from simcons.training.persona_mixture import held_out_mixture, mixture
from simcons.training.persona_tokens import RATING, EncodedPersona, encode_personas, kind_of, option_tokens
from simcons.training.persona_trainer import PersonaCollator, PersonaTrainer, as_dataset
from simcons.training.progress import OnProgress, unseen
from simcons.training.recipes import PersonaSettings
from simcons.training.record import Examples, recorded, say_left_out
from simcons.training.trainer import train, trainer_arguments


def train_persona(
    data: PersonaData,
    settings: PersonaSettings,
    out: Path,
    *,
    name: str,
    resume: bool = False,
    on_progress: OnProgress = unseen,
    on_message: OnMessage = unheard,
) -> SftManifest:
    """Train by a recipe, into the folder ``out``: a LoRA adapter, or a whole model, with a manifest.

    name: of the data, for the manifest. resume: as for `train_sft`. Raises TrainingDataError where there is nothing to learn
    from, CheckpointError for a folder that holds something else, ModelNotFound, EngineError, TrainingStopped, StorageError.
    """
    base = local_folder(resolve_model(settings.model))
    start = Start("persona", model_hash(base), name, data.content_hash(), settings.model_dump(mode="json"))
    folder = TrainingFolder(out)
    folder.check(start, resume=resume)
    products = settled_products(settings.machine, base)
    network, tokenizer = load_base(base, dtype="float32" if settings.lora is None else products.dtype)
    examples = _examples(data, settings, tokenizer, token_limit(network, settings), on_message)
    machine = settled_machine(settings, network, products, longest=examples.longest)
    adapter = lora_config(network, settings.lora, task="CAUSAL_LM")
    with folder.begun(start, resume=resume):
        n_of_people = float(sum(example.source == "people" for example in examples.learnt))
        end_token = tokenizer.convert_ids_to_tokens(_end(examples.learnt, tokenizer))
        trainer = _trainer(network, tokenizer, data, examples, adapter, settings, machine, folder, on_progress)
        train(trainer, folder, settings.stopping)
        manifest = SftManifest(
            role="persona",
            base=settings.model,
            base_hash=start.base_hash,
            adapter=settings.lora is not None,
            end_token=end_token,
            pad_token=tokenizer.pad_token,
            learnt=Learnt.of((example.question, example.opinion or "") for example in data.learn),
            training=recorded(trainer, start, machine, examples, {"examples_of_people": n_of_people}).document(),
        )
        keep(trainer, folder, manifest)
    return manifest


def _end(examples: Sequence[EncodedPersona], tokenizer: Any) -> int:
    """The token that opinions end with; the tokenizer's own where there is none."""
    ends = (answer.row[-1] for example in examples for answer in example.answers if not answer.shares)
    return int(next(ends, tokenizer.eos_token_id))


def _examples(
    data: PersonaData, settings: PersonaSettings, tokenizer: Any, limit: int, on_message: OnMessage
) -> Examples[EncodedPersona]:
    """Raises TrainingDataError where there are none to learn from."""
    read = [
        [with_statements(example, settings.statements, settings.seed) for example in side]
        for side in (data.learn, data.validation)
    ]
    (learnt, long_learnt), (held_out, long_held_out) = (
        encode_personas(tokenizer, side, limit=limit, seed=settings.seed) for side in read
    )
    n_answers = sum(len(example.answers) for side in read for example in side)
    too_long = [*long_learnt, *long_held_out]
    say_left_out(on_message, too_long, n_answers, limit, "answer")
    mixed = mixture(learnt, settings)
    if not mixed:
        raise TrainingDataError(
            f"nothing to learn from: {counted(len(data.learn), 'person')} in rounds, {counted(len(long_learnt), 'answer')} longer"
            f" than {limit:,} tokens; expected at least 1"
        )
    return Examples(mixed, held_out_mixture(held_out, settings), too_long)


def with_statements(example: PersonaExample, most: int | None, seed: int) -> PersonaExample:
    """The person with ratings of at most so many statements, drawn by the seed; their other answers stay."""
    rated = list(dict.fromkeys(answer.statement for answer in example.answers if kind_of(answer.act) == RATING))
    if most is None or len(rated) <= most:
        return example
    order = stream(seed, "persona statements", example.id).permutation(len(rated))
    taken = {rated[int(place)] for place in order[:most]}
    answers = tuple(answer for answer in example.answers if kind_of(answer.act) != RATING or answer.statement in taken)
    return replace(example, answers=answers)


def _trainer(
    network: Any,
    tokenizer: Any,
    data: PersonaData,
    examples: Examples[EncodedPersona],
    adapter: LoraConfig | None,
    settings: PersonaSettings,
    machine: Machine,
    folder: TrainingFolder,
    on_progress: OnProgress,
) -> PersonaTrainer:
    learnt, held_out = examples.learnt, examples.held_out
    arguments = trainer_arguments(settings, machine, folder, n_examples=len(learnt), held_out=bool(held_out))
    choices = next((answer.options for example in data.learn for answer in example.answers if answer.options), ())
    weights = settings.weights.model_dump()
    return PersonaTrainer(
        settings=settings,
        options=option_tokens(tokenizer, choices),
        folder=folder,
        on_progress=on_progress,
        model=network,
        args=SFTConfig(**arguments, remove_unused_columns=False, dataset_kwargs={"skip_prepare_dataset": True}),
        data_collator=PersonaCollator(tokenizer.pad_token_id, takes_packs(network), weights),
        train_dataset=as_dataset(learnt),
        eval_dataset=as_dataset(held_out) if held_out else None,
        processing_class=tokenizer,
        peft_config=adapter,
    )
