"""TRL's trainer for personas: choices by the probabilities of their options, opinions word by word, a person in one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import Sampler, SequentialSampler
from transformers import get_scheduler
from trl import SFTTrainer

from simcons.training.packs import Slots, packed, side_by_side
from simcons.training.persona_tokens import KINDS, EncodedPersona
from simcons.training.recipes import PersonaSettings
from simcons.training.trainer import GuardedTrainer

_READ = ("input_ids", "attention_mask", "position_ids")
_POINTS = torch.arange(1.0, 8.0)


class PersonaTrainer(GuardedTrainer, SFTTrainer):  # type: ignore[misc]  # trl has no types
    """Takes examples as `as_dataset` makes them. Each counts alike, however many answers it has.

    An example's loss is the weighted sum of the mean losses of its positions, of its opinion's tokens and of its ratings. A
    choice's is its cross-entropy over all tokens, so that the options come to have all of the probability, and ``ordinal`` times
    the ranked probability score among the options (Epstein 1969), by which an answer that is near counts as nearly right. Both
    are of the answers as `blurred`.
    """

    lr_scheduler: Any

    def __init__(self, *, settings: PersonaSettings, options: list[list[int]], **others: Any) -> None:
        self._settings, self._options = settings, options
        super().__init__(**others)
        self.model_accepts_loss_kwargs = False  # losses are means over examples, whatever is accumulated

    def _get_train_sampler(self, *_: Any) -> Sampler[int]:
        """The examples in the order in which they are given, each time."""
        return SequentialSampler(self.train_dataset)

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """Lessons at their own rates, and the recipe's schedule over the steps that are left; rising at first as ever."""
        rates = lesson_rates(self._settings)
        if self.lr_scheduler is None and rates:
            optimizer = optimizer or self.optimizer
            n_left = max(1, num_training_steps - len(rates))
            falls = get_scheduler(self.args.lr_scheduler_type, optimizer, num_warmup_steps=0, num_training_steps=n_left)
            n_rising = self.args.get_warmup_steps(num_training_steps)
            after = falls.lr_lambdas[0]

            def of_base(step: int) -> float:
                share = rates[step] / self._settings.learning_rate if step < len(rates) else after(step - len(rates))
                return float(share * (step / n_rising if step < n_rising else 1))

            self.lr_scheduler = LambdaLR(optimizer, of_base)
            self._created_lr_scheduler = True
        return super().create_scheduler(num_training_steps, optimizer)

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        at, n_choices = inputs["at"], len(inputs["shares"])
        places, where = torch.unique(at[:, 1], return_inverse=True)
        read = {name: inputs[name] for name in _READ if name in inputs}
        logits = model(**read, use_cache=False, logits_to_keep=places).logits
        logs = logits[at[:, 0], where].float().log_softmax(-1)
        chosen = self._of_options(logs[:n_choices])
        words = -logs[n_choices:].gather(1, inputs["tokens"][:, None])[:, 0]
        choices = choice_losses(chosen, blurred(inputs["shares"], self._settings.blur), self._settings.ordinal)
        losses = torch.cat([choices, words])
        n_examples = len(inputs["people"])
        by_example = losses.new_zeros(n_examples).index_add(0, inputs["example"], losses * inputs["weight"])
        self._note(inputs, losses.detach(), by_example.detach(), chosen.detach())
        loss = by_example.mean()
        return (loss, {"logits": chosen}) if return_outputs else loss

    def prediction_step(self, model: Any, inputs: dict[str, Any], *_: Any, **__: Any) -> tuple[Tensor, None, None]:
        with torch.no_grad():
            return self.compute_loss(model, self._prepare_inputs(inputs)).detach(), None, None

    def _of_options(self, logs: Tensor) -> Tensor:
        """[choice, 7]: log-probabilities of the options, of all their spellings."""
        if not self._options:
            return logs.new_zeros(0, len(_POINTS))
        return torch.stack([logs[:, tokens].logsumexp(-1) for tokens in self._options], dim=-1)

    def _note(self, inputs: Mapping[str, Tensor], losses: Tensor, by_example: Tensor, chosen: Tensor) -> None:
        """Means by kind and by source, for the logs."""
        metrics = self._metrics["train" if self.model.training else "eval"]
        for number, kind in enumerate(KINDS):
            if bool((of_kind := inputs["kind"] == number).any()):
                metrics[f"{kind}_loss"].append(losses[of_kind].mean().item())
        for source, of_source in (("people", inputs["people"]), ("simulated", ~inputs["people"])):
            if bool(of_source.any()):
                metrics[f"{source}_loss"].append(by_example[of_source].mean().item())
        if len(chosen):
            points = _POINTS.to(chosen.device)
            error = ((chosen.softmax(-1) - inputs["shares"]) * points).sum(-1).abs().mean()
            metrics["rating_error"].append(error.item())


def lesson_rates(settings: PersonaSettings) -> list[float]:
    """[step]: the learning rates of the steps that lessons take. A step on the border of two counts to the first."""
    n_taught, rates = 0, list[float]()
    for lesson in settings.lessons:
        n_taught += lesson.examples
        n_steps = ceil(n_taught / settings.batch_size) - len(rates)
        rates += [lesson.learning_rate or settings.learning_rate] * n_steps
    return rates


def choice_losses(logs: Tensor, shares: Tensor, ordinal: float) -> Tensor:
    """[choice]: cross-entropy, and ``ordinal`` times the ranked probability score, of log-probabilities [choice, 7].

    The log-probabilities are over all tokens, so that their exponentials sum to at most 1. The score is sum_k (F_k - G_k)^2 / 6
    of the cumulative shares F of the options among themselves and G of the answers.
    """
    entropy = -(shares * logs).sum(-1)
    ahead = (logs.softmax(-1) - shares).cumsum(-1)[:, :-1]
    return entropy + ordinal * (ahead**2).mean(-1)


def blurred(shares: Tensor, sd: float) -> Tensor:
    """[choice, 7]: each answer shared with its neighbours by a normal curve of so many points, within 1 to 7."""
    if not sd:
        return shares
    points = _POINTS.to(shares.device)
    return shares @ (-(((points[:, None] - points) / sd) ** 2) / 2).softmax(-1)


# --- batches -----------------------------------------------------------------------------------------------------


def as_dataset(examples: Sequence[EncodedPersona]) -> Dataset:
    """Rows of ids, and of each row its kind, the tokens of its prompt and, of a choice, the shares."""
    return Dataset.from_list(
        [
            {
                "rows": [list(answer.row) for answer in example.answers],
                "kinds": [KINDS.index(answer.kind) for answer in example.answers],
                "n_prompt": [answer.n_prompt for answer in example.answers],
                "shares": [list(answer.shares) for answer in example.answers],
                "people": example.source == "people",
                "length": example.n_tokens,
            }
            for example in examples
        ]
    )


@dataclass(frozen=True, slots=True)
class _Target:
    """One token or choice that is learnt: where it is read, and how much it counts. token: None for a choice."""

    at: tuple[int, int]
    example: int
    kind: int
    weight: float
    token: int | None = None
    shares: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class PersonaCollator:
    """A batch of examples: what the network reads, and the targets, choices before the tokens of opinions.

    packs: an example's rows stand in one, what they share once; otherwise each is a row of its own. weights: by kind.
    """

    pad: int
    packs: bool
    weights: Mapping[str, float]

    def __call__(self, examples: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        rows = [[tuple(row) for row in example["rows"]] for example in examples]
        read, slots = (packed if self.packs else side_by_side)(rows, self.pad)
        targets = [
            target for place, example in enumerate(examples) for target in self._targets(place, example, slots[place])
        ]
        choices = [target for target in targets if target.token is None]
        words = [target for target in targets if target.token is not None]
        ordered = [*choices, *words]
        return {
            **read,
            "at": torch.tensor([target.at for target in ordered]),
            "example": torch.tensor([target.example for target in ordered]),
            "kind": torch.tensor([target.kind for target in ordered]),
            "weight": torch.tensor([target.weight for target in ordered]),
            "shares": torch.tensor([target.shares for target in choices]).reshape(-1, len(_POINTS)),
            "tokens": torch.tensor([target.token for target in words], dtype=torch.long),
            "people": torch.tensor([example["people"] for example in examples]),
            "n_tokens": torch.tensor(sum(example["length"] for example in examples)),
        }

    def _targets(self, place: int, example: Mapping[str, Any], slots: Sequence[Slots]) -> list[_Target]:
        targets = []
        n_of_kind = [example["kinds"].count(kind) for kind in range(len(KINDS))]
        for row, kind, n_prompt, shares, at in zip(
            example["rows"], example["kinds"], example["n_prompt"], example["shares"], slots, strict=True
        ):
            weight = self.weights[KINDS[kind]] / n_of_kind[kind]
            if shares:
                targets.append(_Target(at[-1], place, kind, weight, shares=shares))
                continue
            n_words = len(row) - n_prompt
            targets += [
                _Target(at[n_prompt + word - 1], place, kind, weight / n_words, token=row[n_prompt + word])
                for word in range(n_words)
            ]
        return targets
