"""The probabilities with which a language model begins its reply with each of some choices.

The reply begins with the tokens of the choice, or with a space and the choice; the two probabilities are added. Chat
templates end in a line break or a mark, after which a reply begins at once; bare prompts mostly end in a word or colon
(``Answer:``), after which it begins with a space. A choice of several tokens has the product of their probabilities, each
given those before. Any continuation counts: ``1`` is also the beginning of ``10`` where that is two tokens.

A prompt, and what several choices begin with, is read once; where prefixes are shared so is what several prompts begin
with (see `decoding`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias

import torch

from simcons.engines.base import Reply, Request
from simcons.engines.local.decoding import GenerationJob, Ways, finite, sample_tokens
from simcons.engines.local.language_model import LanguageModel
from simcons.engines.local.prefill import Tokens, packs_pay, read_packs, read_padded
from simcons.errors import EngineError
from simcons.seeds import stream

Steps: TypeAlias = dict[tuple[Tokens, int], float]

KEPT_LOGITS = 16  # of a row at most: each is as long as the vocabulary


def ways(tokenizer: Any, choice: str) -> Ways:
    """The tokens of a choice as the beginning of a reply, without and with a space before it; EngineError if it has none."""
    spellings = frozenset(_continuation(tokenizer, text) for text in (choice, f" {choice}"))
    if not choice or () in spellings:
        raise EngineError(f"choice {choice!r} has no tokens, expected at least 1")
    return spellings


def longest(choices: Sequence[Ways]) -> int:
    """Tokens of the longest choice; EngineError where there are no choices."""
    if not choices:
        raise EngineError("a request for one of its choices has none, expected at least 1")
    return max(len(way) for choice in choices for way in choice)


def score_batch(model: LanguageModel, batch: Sequence[GenerationJob]) -> list[list[float]]:
    """Natural log-probability of each choice of each job, over all ids that a token has; no sampling setting matters."""
    continuations: dict[Tokens, set[int]] = {}
    for job in batch:
        for beginning, tokens in readings(job.choices).items():
            continuations.setdefault(job.prompt + beginning, set()).update(tokens)
    steps = _steps(model, continuations)
    return [[log_probability(steps, choice, after=job.prompt) for choice in job.choices] for job in batch]


def readings(choices: Sequence[Ways]) -> dict[Tokens, set[int]]:
    """The tokens that some choice goes on with, by what of it has been read before them."""
    continuations: dict[Tokens, set[int]] = {}
    for way in frozenset[Tokens]().union(*choices):
        for n_read, token in enumerate(way):
            continuations.setdefault(way[:n_read], set()).add(token)
    return continuations


def log_probability(steps: Steps, choice: Ways, *, after: Tokens = ()) -> float:
    """log of the sum, over the ways to begin with the choice, of the product of the probabilities of its tokens.

    ``steps`` are log-probabilities by the tokens read before, which begin with ``after``, and the token.
    """
    logs = [math.fsum(steps[after + way[:n_read], token] for n_read, token in enumerate(way)) for way in choice]
    peak = max(logs)
    return peak + math.log(math.fsum(math.exp(log - peak) for log in logs)) if math.isfinite(peak) else peak


def choice_reply(
    request: Request, logprobs: Sequence[float], *, n_prompt: int, choices: Sequence[Ways], seconds: float = 0.0
) -> Reply:
    """The reply to a request for log-probabilities, or for a choice, which is drawn from them."""
    if request.answer == "logprobs":
        return Reply("", n_prompt, 0, "choices", logprobs=tuple(logprobs), seconds=seconds)
    place = draw_choice(request, logprobs)
    return Reply(request.choices[place], n_prompt, min(map(len, choices[place])), "stop", seconds=seconds)


def draw_choice(request: Request, logprobs: Sequence[float]) -> int:
    """The place of a choice drawn with the request's own uniform, temperature and min-p; the likeliest at temperature 0."""
    uniform = torch.tensor([stream(request.seed, "choice").random()], dtype=torch.float64)
    sampling = request.sampling
    weights = torch.tensor([list(logprobs)])
    return int(sample_tokens(weights, uniform, temperature=sampling.temperature, min_p=sampling.min_p))


def _continuation(tokenizer: Any, text: str) -> Tokens:
    # After a line break, as after most chat templates: some tokenizers put a space before a text that stands alone.
    start, whole = _ids(tokenizer, "\n"), _ids(tokenizer, "\n" + text)
    return whole[len(start) :] if whole[: len(start)] == start else _ids(tokenizer, text)


def _ids(tokenizer: Any, text: str) -> Tokens:
    return tuple(tokenizer(text, add_special_tokens=False)["input_ids"])


@torch.inference_mode()
def _steps(model: LanguageModel, continuations: dict[Tokens, set[int]]) -> Steps:
    """Log-probabilities of the wanted tokens after the texts that they are keyed by."""
    steps: Steps = {}
    for texts, logits in _next_logits(model, sorted(continuations)):
        pairs = [(row, text, token) for row, text in enumerate(texts) for token in sorted(continuations[text])]
        rows = torch.tensor([row for row, _, _ in pairs], device=model.device)
        tokens = torch.tensor([token for _, _, token in pairs], device=model.device)
        log_probabilities = finite(logits[:, : model.n_vocabulary]).log_softmax(-1)[rows, tokens].tolist()
        steps |= {(text, token): step for (_, text, token), step in zip(pairs, log_probabilities, strict=True)}
    return steps


def _next_logits(model: LanguageModel, texts: list[Tokens]) -> Iterator[tuple[list[Tokens], torch.Tensor]]:
    """Logits [text, id] after each of these sorted texts, some texts at a time."""
    chains = _chains(texts)
    if model.shares_prefixes and packs_pay(model.beginnings, [chain[-1] for chain in chains]):
        for pack, logits, _ in read_packs(model.network, texts, model.beginnings):
            yield pack.prompts, logits
    else:
        yield from _read_chains(model.network, sorted(chains, key=lambda chain: len(chain[-1])))


def _chains(texts: list[Tokens]) -> list[list[Tokens]]:
    """The texts, those together of which each begins the next."""
    chains: list[list[Tokens]] = []
    for text in texts:
        if chains and text[: len(chains[-1][-1])] == chains[-1][-1] and len(text) < len(chains[-1][0]) + KEPT_LOGITS:
            chains[-1].append(text)
        else:
            chains.append([text])
    return chains


def _read_chains(network: Any, chains: list[list[Tokens]]) -> Iterator[tuple[list[Tokens], torch.Tensor]]:
    """The logits after every text, of each chain only the last one being read."""
    keep = max(len(chain[-1]) - len(chain[0]) for chain in chains) + 1
    rest = iter(chains)
    for logits, _ in read_padded(network, [chain[-1] for chain in chains], keep):
        some = list(enumerate(islice(rest, len(logits))))
        rows = [row for row, chain in some for _ in chain]
        places = [len(text) - len(chain[-1]) - 1 for _, chain in some for text in chain]
        yield [text for _, chain in some for text in chain], logits[rows, places]
