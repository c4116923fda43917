"""Toy models and data, built on the spot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from simcons.engines.base import Message
from simcons.engines.local.reward_manifest import Architecture
from simcons.training.data.examples import Comparison, Position, Rated, SftExample, Side, TrainingData
from simcons.training.toy import MARKS


def sft_example(k: int, statement: str, *, beginning: str = "", opinion: str = "Yes.") -> SftExample:
    messages = [Message("user", f"Q{k}? {opinion}")]
    if beginning:
        messages.append(Message("assistant", beginning))
    return SftExample(
        id=f"e{k}", run="run", session_id="s1", round_id=f"r{k}", question_id=f"q{k}", candidate_id=f"c{k}", generator="arm",
        question=f"Q{k}?", opinions=(opinion,), messages=tuple(messages), statement=statement, rating=6.5,
    )  # fmt: skip


def data_of(learn: list[SftExample], validation: list[SftExample] = ()) -> TrainingData:  # type: ignore[assignment]
    return TrainingData(Side(tuple(learn), (), ()), Side(tuple(validation), (), ()))


# --- rewards -----------------------------------------------------------------------------------------------------

ENDINGS = ("", " That is so.", " That is so and it is right.")


def planted(n_people: int, *, first: int = 0, noise: float = 0.0, alike: bool = False) -> Side:
    """People, four to a group, who want parks or roads, and rate a statement by whether it names what they want.

    alike: all want parks.

    Of the two statements that each reads the one that fits is the shorter in two pairs of three.
    """
    rng = np.random.default_rng(first)
    comparisons: list[Comparison] = []
    ratings: list[Rated] = []
    for k in range(first, first + n_people):
        wish, other = ("parks", "roads") if alike else rng.permutation(["parks", "roads"])
        longer, shorter = ENDINGS[int(rng.integers(1, 3))], ENDINGS[0]
        endings = (shorter, longer) if rng.random() < 2 / 3 else (longer, shorter)
        texts = [f"We want {wanted}.{ending}" for wanted, ending in zip((wish, other), endings, strict=True)]
        points = [int(np.clip(round(mean + noise * rng.normal()), 1, 7)) for mean in (6, 2)]
        ratings += [rating_of(k, text, rating, wish) for text, rating in zip(texts, points, strict=True)]
        comparisons.append(comparison_of(k, texts, points, wish))
    return Side((), tuple(comparisons), tuple(ratings))


def person(k: int, wish: str) -> dict[str, str]:
    """Columns that all answers of person ``k`` share."""
    group = k // 4
    ids = {"run": "run", "session_id": f"s{group}", "round_id": f"r{group}", "participant_id": f"p{k}"}
    return {**ids, "question_id": f"q{group}", "question": f"Which is best? {group}", "opinion": f"I want {wish}."}


def rating_of(k: int, text: str, rating: int, wish: str = "parks") -> Rated:
    return Rated(id=f"{k}/{text}", candidate_id=text, pass_index=0, statement=text, rating=rating, **person(k, wish))


def comparison_of(k: int, texts: list[str], points: list[int], wish: str = "parks") -> Comparison:
    """The comparison of two statements by their ratings."""
    (chosen, high), (rejected, low) = sorted(zip(texts, points, strict=True), key=lambda rated: -rated[1])
    return Comparison(
        id=f"{k}/{chosen}/{rejected}", chosen_id=chosen, rejected_id=rejected, chosen=chosen, rejected=rejected,
        difference=float(high - low), **person(k, wish),
    )  # fmt: skip


def word_base(folder: Path, architecture: Architecture) -> Path:
    """A random model that reads the words of planted answers, one token each."""
    texts = [f"Question: Opinion: Statement: {answer.opinion} {answer.statement}" for answer in planted(40).ratings]
    vocabulary = dict.fromkeys([*MARKS.values(), "[CLS]", "[SEP]", "?", *" ".join(texts).split()])
    tokenizer = Tokenizer(models.WordLevel({word: k for k, word in enumerate(vocabulary)}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    marks = (
        MARKS
        if architecture == "causal"
        else {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "<|endoftext|>"}
    )
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="?", **marks).save_pretrained(folder)
    sizes = {"vocab_size": len(vocabulary), "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
             "num_attention_heads": 4, "max_position_embeddings": 64, "initializer_range": 0.1}  # fmt: skip
    torch.manual_seed(0)
    network = LlamaForCausalLM(LlamaConfig(**sizes)) if architecture == "causal" else BertModel(BertConfig(**sizes))
    network.save_pretrained(folder)
    return folder


def position_of(k: int, statement: str, rating: int, wish: str) -> Position:
    return Position(id=f"{k}/position", statement=statement, rating=rating, **person(k, wish))
