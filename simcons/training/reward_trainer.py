"""TRL's trainer of reward models, with all answers of an opinion in one example, ties, and ratings as well as comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from datasets import Dataset
from torch import Tensor
from trl import RewardTrainer

from simcons.arrays import Floats
from simcons.engines.local.prefill import Tokens
from simcons.engines.local.reward_model import TripleTokens
from simcons.engines.local.rows import batches, batches_apart, padded_right
from simcons.training.packs import packed, side_by_side
from simcons.training.recipes import RewardSettings
from simcons.training.reward_examples import EncodedAnswers
from simcons.training.reward_losses import Thresholds, ordinal_loss, pairwise_loss, trained_layer
from simcons.training.trainer import GuardedTrainer

_NOT_READ = ("answers", "weights", "n_tokens")  # of a batch, by the network
_TOKENS_AT_A_TIME = 4096  # that scores are worked out for, padding included


class AnswersTrainer(GuardedTrainer, RewardTrainer):  # type: ignore[misc]  # trl has no types
    """Takes examples as `as_dataset` makes them. Each answer counts by its weight."""

    def __init__(self, *, settings: RewardSettings, **options: Any) -> None:
        self._settings = settings
        super().__init__(**options)
        self._layer = trained_layer(self.model)

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        read = {name: values for name, values in inputs.items() if name not in _NOT_READ}
        scores = model(**read).logits[:, 0].float()
        losses = self._ordinal if self._settings.loss == "ordinal" else self._pairwise
        loss = (inputs["weights"] * losses(scores, inputs["answers"])).sum()
        return (loss, {"logits": scores[:, None]}) if return_outputs else loss

    def create_optimizer(self, *args: Any) -> Any:
        optimizer = super().create_optimizer(*args)
        if (rate := self._settings.head_learning_rate) is not None:
            own = set(self._layer.parameters())
            for group in optimizer.param_groups:
                group["params"] = [parameter for parameter in group["params"] if parameter not in own]
            optimizer.add_param_group({"params": [*self._layer.parameters()], "lr": rate, "weight_decay": 0.0})
        return optimizer

    def _pairwise(self, scores: Tensor, answers: Tensor) -> Tensor:
        chosen, rejected, ties = scores[answers[:, 0]], scores[answers[:, 1]], answers[:, 2] > 0
        if bool((decided := ~ties).any()):
            right = (chosen > rejected)[decided].float().mean()
            self._metrics["train" if self.model.training else "eval"]["pair_accuracy"].append(right.item())
        return pairwise_loss(chosen, rejected, ties) + self._settings.centring * (chosen + rejected) ** 2

    def _ordinal(self, scores: Tensor, answers: Tensor) -> Tensor:
        thresholds = cast(Thresholds, self._layer.thresholds)
        return ordinal_loss(scores[answers[:, 0]], answers[:, 1], thresholds())

    def _prepare_dataset(self, dataset: Dataset, *_: Any) -> Dataset:
        return dataset


def as_dataset(examples: Sequence[EncodedAnswers]) -> Dataset:
    """Rows of ids, and answers that give them by their places."""
    return Dataset.from_list(
        [
            {
                "rows": [list(row) for row in example.rows],
                "answers": [list(answer) for answer in example.answers],
                "length": example.n_tokens,
                "weights": list(example.weights),
            }
            for example in examples
        ]
    )


@dataclass(frozen=True, slots=True)
class AnswersCollator:
    """A batch of examples: what the network reads, answers [answer, ...] by statements, and their weights [answer], which are
    their own over the number of examples.

    packs: an example's statements stand in one row, after the question and the opinion; otherwise each has a row of its own.
    """

    pad: int
    packs: bool

    def __call__(self, examples: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        rows = [[tuple(row) for row in example["rows"]] for example in examples]
        read, slots = (packed if self.packs else side_by_side)(rows, self.pad)
        ends = {"ends": torch.tensor([row[-1] for of_example in slots for row in of_example])} if self.packs else {}
        return {
            **read,
            **ends,
            "n_tokens": torch.tensor(sum(example["length"] for example in examples)),
            "answers": torch.tensor([*_placed(examples)]),
            "weights": torch.tensor([weight / len(examples) for example in examples for weight in example["weights"]]),
        }


def _placed(examples: Sequence[dict[str, Any]]) -> Iterator[list[int]]:
    """Answers with the places that their statements have in the batch; what follows the places stays."""
    first = 0
    for example in examples:
        for answer in example["answers"]:
            n_places = len(answer) - 1
            yield [*(place + first for place in answer[:n_places]), answer[-1]]
        first += len(example["rows"])


class NetworkScores:
    """Raw scores by a network as it is while it is trained; NaN for triples with more than ``limit`` tokens to read at a time."""

    def __init__(self, network: Any, tokens: TripleTokens, *, limit: int) -> None:
        self._network, self._tokens, self._limit = network, tokens, limit

    @torch.inference_mode()
    def __call__(self, triples: Sequence[tuple[str, str, str]]) -> Floats:
        """[triple]. Equal ones are read once."""
        rows = [self._tokens(*triple) for triple in triples]
        scores: dict[Tokens, float] = dict.fromkeys(rows, np.nan)
        self._network.eval()
        readable = {row for row in rows if self._tokens.n_read(row) <= self._limit}
        apart = self._tokens.apart
        for batch in batches_apart(readable) if apart else batches(sorted(readable, key=len), _TOKENS_AT_A_TIME):
            ids, mask = padded_right(batch, self._tokens.tokenizer.pad_token_id)
            device = self._network.device
            logits = self._network(input_ids=ids.to(device), attention_mask=mask.to(device)).logits
            scores |= zip(batch, logits[:, 0].float().tolist(), strict=True)
        return np.array([scores[row] for row in rows])
