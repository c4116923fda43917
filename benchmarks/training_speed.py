"""The speed of training by a recipe beside a bare loop of forward and backward passes, for SmolLM2-135M on the CPU.

The bare loop is what a script would do: the same network with the same adapter and the same examples, several of them padded to
the longest, the library's own loss, no optimiser. The recipe is what `simcons train` does: examples one at a time, the loss where
it is taken, optimiser, logs, and checks for numbers that are none. Both are in the dtype that is the faster here, and timed in
seconds of processor time on one thread, which neighbours on the machine change least. Tokens are those of the examples.

Two bare loops train the reward model: one reads each statement of an opinion once, one both statements of every comparison, as
TRL's trainer does. The recipe reads each statement once, and what it stands after once for all of an opinion's statements.

Run:  python benchmarks/training_speed.py [--quick]      Writes benchmarks/results/training_speed.md
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import torch
from machine import machine
from peft import get_peft_model
from torch.nn.functional import logsigmoid

import simcons
from simcons.engines.local.dtypes import fastest_dtype
from simcons.engines.local.models import local_folder, resolve_model
from simcons.engines.local.reward_model import TripleTokens, base_folder, new_network
from simcons.engines.local.rows import padded_right
from simcons.training.base_model import load_base, lora_config
from simcons.training.data.build import build
from simcons.training.data.examples import SftExample, Side, TrainingData
from simcons.training.data.settings import DataSettings
from simcons.training.progress import OnProgress, TrainingProgress
from simcons.training.recipes import RewardSettings, SftSettings, load_recipe
from simcons.training.reward import train_reward
from simcons.training.reward_examples import Answers, compared
from simcons.training.sft import train_sft
from simcons.training.sft_tokens import IGNORED, Encoded, encode

RESULTS = Path(__file__).parent / "results" / "training_speed.md"
STUDY = ["design.groups=12", "readers.reader.matching=words", "seed=5"]
MODEL = "smollm2-135m-instruct"
NOTHING = Side((), (), ())

Step: TypeAlias = Callable[[], int]  # forward and backward passes of one step; returns the number of tokens


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens and seconds of processor time of some steps."""

    tokens: int
    seconds: float

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one step of each, nothing written: to see that it works")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    n_steps = 1 if quick else 4
    folder = local_folder(resolve_model(MODEL))
    dtype = fastest_dtype(folder, torch.device("cpu"))
    with TemporaryDirectory() as parent:
        data = build(
            [simcons.run("paper_collection_1", overrides=STUDY, out=Path(parent) / "run").folder],
            DataSettings(validation=0.3, least=1),
        )
        rows = [
            *sft_rows(data.data, dtype, n_steps, Path(parent)),
            *reward_rows(data.data, dtype, max(1, n_steps // 2), Path(parent)),
        ]
    text = report(dtype, rows)
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")


# --- supervised fine-tuning --------------------------------------------------------------------------------------


def sft_rows(data: TrainingData, dtype: str, n_steps: int, parent: Path) -> Iterator[str]:
    settings = load_recipe(SftSettings, "sft", [f"steps={n_steps + 1}", "epochs=9", "stopping=null"])
    examples = data.learn.sft[: (n_steps + 1) * settings.batch_size]
    bare = measured("bare loop", bare_sft(settings, dtype, examples), n_steps)
    side = replace(NOTHING, sft=examples)
    recipe = by_recipe(
        lambda tell: train_sft(TrainingData(side, NOTHING), settings, parent / "sft", name="", on_progress=tell)
    )
    yield row("mediator (SFT)", "all logits, padded", bare, recipe)


def bare_sft(settings: SftSettings, dtype: str, examples: Sequence[SftExample]) -> Iterator[Step]:
    network, tokenizer = load_base(local_folder(resolve_model(MODEL)), dtype=dtype)
    network = get_peft_model(network, lora_config(network, settings.lora, task="CAUSAL_LM")).train()
    encoded = [encode(tokenizer, example) for example in examples]

    def step(batch: Sequence[Encoded]) -> int:
        ids, mask = padded_right([(*example.prompt, *example.statement) for example in batch], tokenizer.pad_token_id)
        labels = torch.where(mask > 0, ids, IGNORED)
        for k, example in enumerate(batch):
            labels[k, : len(example.prompt)] = IGNORED
        with autocast(dtype):
            network(input_ids=ids, attention_mask=mask, labels=labels, use_cache=False).loss.backward()
        network.zero_grad()
        return sum(map(len, batch))

    size = settings.batch_size
    for start in range(0, len(encoded), size):
        yield partial(step, encoded[start : start + size])


# --- reward models -----------------------------------------------------------------------------------------------


def reward_rows(data: TrainingData, dtype: str, n_steps: int, parent: Path) -> Iterator[str]:
    settings = load_recipe(
        RewardSettings, "reward", [f"steps={n_steps + 1}", "epochs=9", "stopping=null", "batch_size=4"]
    )
    people = compared(data.learn.comparisons, seed=0)[: (n_steps + 1) * settings.batch_size]
    once = measured("bare loop, statements", bare_reward(settings, dtype, people, twice=False), n_steps)
    pairs = measured("bare loop, pairs", bare_reward(settings, dtype, people, twice=True), n_steps)
    kept = {person.id for person in people}
    comparisons = tuple(
        pair for pair in data.learn.comparisons if f"{pair.run}/{pair.round_id}/{pair.participant_id}" in kept
    )
    given = TrainingData(
        replace(NOTHING, comparisons=comparisons), replace(NOTHING, ratings=data.validation.ratings[:10])
    )
    recipe = by_recipe(lambda tell: train_reward(given, settings, parent / "rm", name="", on_progress=tell))
    yield row("reward model", "each statement once, padded", once, recipe)
    yield row("reward model", "both statements of every comparison, padded", pairs, recipe)


def bare_reward(settings: RewardSettings, dtype: str, people: Sequence[Answers], *, twice: bool) -> Iterator[Step]:
    """Opinions are read one at a time, for memory's sake."""
    base = base_folder(MODEL)
    tokens = TripleTokens(base, "causal")
    network = new_network("causal", base, tokens, seed=0).to(getattr(torch, dtype))
    network = get_peft_model(network, lora_config(network, settings.lora, task="SEQ_CLS")).train()

    def step(batch: Sequence[Answers]) -> int:
        n_tokens = 0
        for person in batch:
            texts = [tokens(person.question, person.opinion, statement) for statement in person.statements]
            pairs = torch.tensor([[chosen, rejected] for chosen, rejected, _ in person.comparisons])
            read = [texts[place] for place in pairs.T.flatten().tolist()] if twice else texts
            ids, mask = padded_right(read, tokens.tokenizer.pad_token_id)
            with autocast(dtype):
                scores = network(input_ids=ids, attention_mask=mask).logits[:, 0].float()
            chosen, rejected = scores.chunk(2) if twice else scores[pairs].T
            (-logsigmoid(chosen - rejected).mean()).backward()
            n_tokens += sum(map(len, texts))
        network.zero_grad()
        return n_tokens

    for start in range(0, len(people), settings.batch_size):
        yield partial(step, people[start : start + settings.batch_size])


# --- timing ------------------------------------------------------------------------------------------------------


def autocast(dtype: str) -> Any:
    return torch.autocast("cpu", torch.bfloat16, enabled=dtype == "bfloat16")


def measured(name: str, steps: Iterator[Step], n_steps: int) -> Speed:
    """The speed of ``n_steps`` after one that warms up."""
    next(steps)()
    began, tokens = time.process_time(), 0
    for step in islice(steps, n_steps):
        tokens += step()
    return told(name, Speed(tokens, time.process_time() - began))


def by_recipe(train: Callable[[OnProgress], object]) -> Speed:
    """The speed of all steps of a training run but the first."""
    marks: dict[int, tuple[int, float]] = {}

    def tell(progress: TrainingProgress) -> None:
        marks.setdefault(progress.step, (progress.tokens, time.process_time()))

    train(tell)
    (first_tokens, began), (tokens, ended) = marks[1], marks[max(marks)]
    return told("by the recipe", Speed(tokens - first_tokens, ended - began))


def told(name: str, speed: Speed) -> Speed:
    print(f"{name}: {speed.tokens:,} tokens, {speed.seconds:.1f} s", file=sys.stderr, flush=True)
    return speed


# --- the report --------------------------------------------------------------------------------------------------


def report(dtype: str, rows: Sequence[str]) -> str:
    lines = [
        "# Training by a recipe beside a bare loop",
        "",
        machine("torch", "transformers", "trl", "peft"),
        "",
        f"`python benchmarks/training_speed.py`: {MODEL} in {dtype}, the shipped recipes (LoRA of rank 16 on the upper 18"
        " layers), examples of a scripted study. Tokens are those of the examples, each statement with its question and opinion,"
        " a second of processor time on one thread. Above 1 the recipe is faster than the bare loop.",
        "",
        "| | bare loop | tokens/s, bare | tokens/s, recipe | recipe / bare |",
        "|---|---|---:|---:|---:|",
        *rows,
        "",
    ]
    return "\n".join(lines)


def row(model: str, loop: str, bare: Speed, recipe: Speed) -> str:
    ratio = recipe.tokens_per_second / bare.tokens_per_second
    return f"| {model} | {loop} | {bare.tokens_per_second:.0f} | {recipe.tokens_per_second:.0f} | {ratio:.2f} |"


if __name__ == "__main__":
    main()
