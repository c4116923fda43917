"""Supervised fine-tuning of a mediator: it learns to write the statements of a data set, and to end there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import LoraConfig
from torch.nn.functional import cross_entropy
from trl import SFTConfig, SFTTrainer

from simcons.counted import counted
from simcons.engines.local.models import local_folder, model_hash, resolve_model
from simcons.errors import TrainingDataError
from simcons.messages import Message, OnMessage, unheard
from simcons.training.base_model import load_base, lora_config, token_limit
from simcons.training.checkpoint import Start, TrainingFolder
from simcons.training.data.examples import TrainingData
from simcons.training.keep import keep
from simcons.training.machine import Machine, settled_machine, settled_products
from simcons.training.manifest import SftManifest
from simcons.training.progress import OnProgress, unseen
from simcons.training.recipes import SftSettings
from simcons.training.record import Examples, recorded, say_left_out
from simcons.training.sft_tokens import IGNORED, Encoded, encode_all
from simcons.training.trainer import GuardedTrainer, train, trainer_arguments


def train_sft(
    data: TrainingData,
    settings: SftSettings,
    out: Path,
    *,
    name: str,
    resume: bool = False,
    on_progress: OnProgress = unseen,
    on_message: OnMessage = unheard,
) -> SftManifest:
    """Train by a recipe, into the folder ``out``: a LoRA adapter, or a whole model, with a manifest.

    name: of the data, for the manifest. resume: go on from the last saved step of what was begun in ``out``; it comes to the same
    weights as without the interruption. Raises TrainingDataError where there is nothing to learn from, CheckpointError for a
    folder that holds something else, ModelNotFound, EngineError, TrainingStopped, StorageError.
    """
    base = local_folder(resolve_model(settings.model))
    start = Start("sft", model_hash(base), name, data.content_hash(), settings.model_dump(mode="json"))
    folder = TrainingFolder(out)
    folder.check(start, resume=resume)
    products = settled_products(settings.machine, base)
    network, tokenizer = load_base(base, dtype="float32" if settings.lora is None else products.dtype)
    examples = _examples(data, tokenizer, token_limit(network, settings), on_message)
    machine = settled_machine(settings, network, products, longest=examples.longest)
    adapter = lora_config(network, settings.lora, task="CAUSAL_LM")
    with folder.begun(start, resume=resume):
        trainer = _trainer(network, tokenizer, examples, adapter, settings, machine, folder, on_progress)
        train(trainer, folder, settings.stopping)
        manifest = SftManifest(
            base=settings.model,
            base_hash=start.base_hash,
            adapter=settings.lora is not None,
            end_token=tokenizer.convert_ids_to_tokens(examples.learnt[0].statement[-1]),
            pad_token=tokenizer.pad_token,
            prompt=data.prompt,
            training=recorded(trainer, start, machine, examples).document(),
        )
        keep(trainer, folder, manifest)
    return manifest


class StatementTrainer(GuardedTrainer, SFTTrainer):  # type: ignore[misc]  # trl has no types
    """TRL's trainer, which on a CPU works out the vocabulary's scores where a loss is taken on them alone.

    TRL does so on GPUs; elsewhere it works them out for prompts too, which are several times as long as statements: with the
    49,152 tokens of SmolLM2 that takes two thirds as long again as everything else.
    """

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        if self.args.device.type != "cpu" or self.aux_loss_enabled or return_outputs:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        labels = inputs["labels"]
        n_kept = labels.shape[1] - int((labels != IGNORED).any(0).nonzero()[0])
        given = {name: values for name, values in inputs.items() if name != "labels"}
        logits = model(**given, use_cache=False, logits_to_keep=n_kept + 1).logits[:, :-1].flatten(0, 1)
        targets = labels[:, -n_kept:].flatten()
        learnt = targets != IGNORED
        loss = cross_entropy(logits.float(), targets, ignore_index=IGNORED, reduction="sum")
        right = (logits.argmax(-1) == targets)[learnt].float().mean()
        self._metrics["train" if self.model.training else "eval"]["mean_token_accuracy"].append(float(right))
        if num_items_in_batch is None:
            return loss / learnt.sum()
        return (
            loss / num_items_in_batch * self.accelerator.num_processes
        )  # whose gradients are averaged, and items added up


def _examples(data: TrainingData, tokenizer: Any, limit: int, on_message: OnMessage) -> Examples[Encoded]:
    """Raises TrainingDataError where there are none to learn from."""
    learnt, held_out = (encode_all(tokenizer, side.sft, limit=limit) for side in (data.learn, data.validation))
    too_long = [*learnt.too_long, *held_out.too_long]
    say_left_out(on_message, too_long, len(data.learn.sft) + len(data.validation.sft), limit, "example")
    if not learnt.rows:
        raise TrainingDataError(
            f"nothing to learn from: {counted(len(data.learn.sft), 'example')}, of which {len(learnt.too_long):,} longer than"
            f" {limit:,} tokens; expected at least 1"
        )
    if n_otherwise := len(learnt.begin_otherwise):
        on_message(
            Message(
                f"{counted(n_otherwise, 'statement')} of {len(learnt.rows):,} begin otherwise than the prompt has replies begin:"
                " they are learnt as replies of their own",
                kind="note",
            )
        )
    return Examples(learnt.rows, held_out.rows, too_long)


def _trainer(
    network: Any,
    tokenizer: Any,
    examples: Examples[Encoded],
    adapter: LoraConfig | None,
    settings: SftSettings,
    machine: Machine,
    folder: TrainingFolder,
    on_progress: OnProgress,
) -> StatementTrainer:
    learnt, held_out = examples.learnt, examples.held_out
    arguments = trainer_arguments(settings, machine, folder, n_examples=len(learnt), held_out=bool(held_out))
    return StatementTrainer(
        folder=folder,
        on_progress=on_progress,
        model=network,
        args=SFTConfig(**arguments, dataset_kwargs={"skip_prepare_dataset": True}),
        train_dataset=_dataset(learnt),
        eval_dataset=_dataset(held_out) if held_out else None,
        processing_class=tokenizer,
        peft_config=adapter,
    )


def _dataset(examples: Sequence[Encoded]) -> Dataset:
    return Dataset.from_list([example.row for example in examples])
