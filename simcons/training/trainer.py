"""Training with transformers' Trainer, as both recipes do it: its arguments, and what it is kept from.

Left to itself it takes bfloat16 and checkpoints activations on any machine, hides a loss that is no number, prints, reports its
use over the network, and leaves half a saved step behind where the disk is full.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from transformers import EarlyStoppingCallback, PrinterCallback, Trainer, TrainerCallback
from transformers.integrations import TensorBoardCallback

from simcons.engines.local.models import first_line, quiet_transformers
from simcons.errors import StorageError, TrainingStopped
from simcons.storage.disk import storage_errors
from simcons.training.checkpoint import TrainingFolder, saving
from simcons.training.machine import Machine, forget_peak
from simcons.training.progress import OnProgress, TrainingProgress
from simcons.training.recipes import StoppingSettings, TrainingSettings

_LOGGED_PER_CHECK = 10
_SCHEDULES = {"cosine": "cosine", "linear": "linear", "constant": "constant_with_warmup"}


def trainer_arguments(
    settings: TrainingSettings, machine: Machine, folder: TrainingFolder, *, n_examples: int, held_out: bool
) -> dict[str, Any]:
    """Arguments that TRL's configurations have in common. With ``held_out`` examples the best step so far is kept."""
    per_epoch = math.ceil(n_examples / settings.batch_size)
    n_steps = math.ceil(settings.epochs * per_epoch)
    checks = settings.stopping.checks_per_epoch if settings.stopping else 1
    every = max(1, round(per_epoch / checks))
    logged = max(1, every // _LOGGED_PER_CHECK)
    every = math.ceil(every / logged) * logged
    best: dict[str, Any] = {"load_best_model_at_end": True, "metric_for_best_model": "loss", "greater_is_better": False}
    stops = held_out and settings.stopping is not None
    return {
        "output_dir": str(folder.steps),
        "max_steps": min(n_steps, settings.steps or n_steps),
        "per_device_train_batch_size": machine.rows,
        "per_device_eval_batch_size": machine.rows,
        "gradient_accumulation_steps": machine.accumulated,
        "train_sampling_strategy": "group_by_length" if machine.rows > 1 else "random",
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": _SCHEDULES[settings.schedule],
        "warmup_steps": settings.warmup,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.max_gradient,
        "seed": settings.seed,
        "data_seed": settings.seed,
        "use_cpu": machine.device == "cpu",
        "bf16": machine.low_precision,
        "gradient_checkpointing": machine.checkpointing,
        "ddp_find_unused_parameters": False,
        "dataloader_pin_memory": machine.device != "cpu",
        "logging_steps": logged,
        "logging_nan_inf_filter": False,
        "eval_strategy": "steps" if held_out else "no",
        "eval_steps": every,
        "save_strategy": "steps",
        "save_steps": every,
        "save_total_limit": 1,  # the best one stays besides
        "restore_callback_states_from_checkpoint": True,
        "report_to": [],
        "disable_tqdm": True,
        "log_level": "error",
        "max_length": None,
        **(best if stops else {}),
    }


class GuardedTrainer(Trainer):  # type: ignore[misc]  # transformers has no types
    """Goes before one of TRL's trainers among a class's bases.

    Raises TrainingStopped where a loss or a gradient is no number, before any weight is changed by it, and StorageError for a
    step that cannot be saved.
    """

    def __init__(self, *, folder: TrainingFolder, on_progress: OnProgress, args: Any, **options: Any) -> None:
        self._folder = folder
        args._n_gpu = min(1, args.n_gpu)  # several GPUs are for several processes
        super().__init__(args=args, **options)
        heed_signals(self.model)
        self.remove_callback(PrinterCallback)
        self.pace = Pace(on_progress)
        for callback in (self.pace, Board(folder)):
            self.add_callback(callback)

    def training_step(self, model: Any, inputs: dict[str, Any], *args: Any, **options: Any) -> torch.Tensor:
        self.pace.tokens += int(self.accelerator.reduce(_n_tokens(inputs)))
        loss: torch.Tensor = super().training_step(model, inputs, *args, **options)
        self._refuse_no_number("loss", float(loss))
        return loss

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> Any:
        norm = super()._get_grad_norm(model, grad_norm)
        if norm is not None:  # as under DeepSpeed before the first step
            self._refuse_no_number("gradient", float(norm))
        return norm

    def _refuse_no_number(self, name: str, value: float) -> None:
        if math.isfinite(value):
            return
        kept = self._folder.last_step()
        raise TrainingStopped(
            f"{self._folder.path}: the {name} is {value} at step {self.state.global_step + 1}: a lower learning_rate may help;"
            + (f" the last good step is kept in {kept}" if kept else " no step was saved before it")
        )

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        try:
            with saving(self._folder.steps):
                super()._save_checkpoint(model, trial)
        except StorageError:
            self._folder.remove_half_steps()
            raise

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        super().log({**logs, "tokens": self.pace.tokens, "seconds": self.pace.seconds}, start_time)

    def create_model_card(self, *args: Any, **options: Any) -> None:
        """None in every saved step."""

    def _send_telemetry(self) -> None:
        """None: what is trained here, and that it is, is nobody else's."""


def _n_tokens(inputs: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Tokens of a batch, without padding: as whoever put it together counted them, else by the mask."""
    return inputs["n_tokens"] if "n_tokens" in inputs else inputs["attention_mask"].sum()


def heed_signals(network: nn.Module) -> None:
    """Have Ctrl-C, or whatever else a signal raises, end a step between two layers backwards too.

    Python looks for signals when it runs code of its own. Forwards a step does so at every layer, but backwards it is one call,
    which takes half a minute for a long example on a busy CPU.
    """
    for layers in (module for module in network.modules() if isinstance(module, nn.ModuleList)):
        for layer in layers:
            layer.register_forward_hook(_look_up_backwards)


def _look_up_backwards(layer: nn.Module, given: Any, result: Any) -> None:
    states = result[0] if isinstance(result, tuple) else result
    if isinstance(states, torch.Tensor) and states.requires_grad:
        states.register_hook(_look_up)  # type: ignore[no-untyped-call]


def _look_up(gradient: torch.Tensor) -> None:
    """Nothing but Python code, before which Python handles a signal that has come."""


class Pace(TrainerCallback):  # type: ignore[misc]
    """Counts the tokens and seconds of all steps, those before a resumption too, and tells how training gets on."""

    def __init__(self, on_progress: OnProgress) -> None:
        self.tokens, self.seconds = 0, 0.0
        self._on_progress = on_progress
        self._step_began = self._began = 0.0
        self._first_step = self._first_tokens = 0
        self._first_seconds = 0.0
        self._loss = self._held_out_loss = math.nan

    @property
    def tokens_per_second(self) -> float:
        """Of the steps since training began, or was gone on with."""
        return (self.tokens - self._first_tokens) / max(self.seconds - self._first_seconds, 1e-9)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        before = next((entry for entry in reversed(state.log_history) if "seconds" in entry), None)
        if before is not None:
            self.tokens, self.seconds = int(before["tokens"]), float(before["seconds"])
        self._first_step, self._first_tokens, self._first_seconds = state.global_step, self.tokens, self.seconds
        self._began = time.perf_counter()

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._step_began = time.perf_counter()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.seconds += time.perf_counter() - self._step_began
        self._tell(state)

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, float], **_: Any) -> None:
        self._loss = logs.get("loss", self._loss)
        self._held_out_loss = logs.get("eval_loss", self._held_out_loss)
        self._tell(state)

    def _tell(self, state: Any) -> None:
        self._on_progress(
            TrainingProgress(
                step=state.global_step,
                n_steps=state.max_steps,
                steps_now=state.global_step - self._first_step,
                loss=self._loss,
                held_out_loss=self._held_out_loss,
                seconds=time.perf_counter() - self._began,
                tokens=self.tokens,
                tokens_per_second=self.tokens_per_second,
            )
        )


class Board(TensorBoardCallback):  # type: ignore[misc]
    """TensorBoard's logs, in a training's own folder. Raises StorageError."""

    def __init__(self, folder: TrainingFolder) -> None:
        super().__init__()
        self._logs = folder.logs
        self.logging_dir = str(folder.logs)

    def on_train_begin(self, *args: Any, **options: Any) -> None:
        with storage_errors(self._logs):
            super().on_train_begin(*args, **options)

    def on_log(self, *args: Any, **options: Any) -> None:
        with storage_errors(self._logs):
            super().on_log(*args, **options)

    def on_train_end(self, *args: Any, **options: Any) -> None:
        with storage_errors(self._logs):
            super().on_train_end(*args, **options)


@contextmanager
def _errors_of_logs_told_once() -> Iterator[None]:
    """TensorBoard writes in a thread, which prints what the disk says; it is raised too, where the next line is logged."""
    as_it_was = threading.excepthook

    def tell(given: threading.ExceptHookArgs) -> None:
        if not issubclass(given.exc_type, OSError):
            as_it_was(given)

    threading.excepthook = tell
    try:
        yield
    finally:
        threading.excepthook = as_it_was


def train(trainer: GuardedTrainer, folder: TrainingFolder, stopping: StoppingSettings | None) -> None:
    """Train to the end from the last saved step, if any, or until held-out examples gain no more.

    Raises TrainingStopped, StorageError.
    """
    if stopping is not None and trainer.args.load_best_model_at_end:
        trainer.add_callback(EarlyStoppingCallback(stopping.patience, stopping.least_gain))
    forget_peak(str(trainer.args.device))
    last = folder.last_step()
    trainer.args.eval_on_start = last is None and trainer.eval_dataset is not None
    try:
        with quiet_transformers(), _errors_of_logs_told_once():
            trainer.train(resume_from_checkpoint=str(last) if last else None)
    except torch.OutOfMemoryError as error:
        kept = folder.last_step()
        raise TrainingStopped(
            f"{folder.path}: out of memory ({first_line(error)}); expected fewer machine.rows, machine.checkpointing: true, or"
            f" less max_tokens{f'; the last good step is kept in {kept}' if kept else ''}"
        ) from None
