"""The Habermas Machine of the package `habermas-machine` as an arm: its prompts, parsers, ranking models and social choice.

Tessler et al. (2024), AI can help humans find common ground in democratic deliberation, Science 386. One round of opinions:
candidate statements by chain of thought, a predicted ranking of them for each author, and a social choice over the rankings.
Engines stand where the package has clients. It shuffles opinions and statements unseeded; here the call's seed decides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any, TypeVar

import numpy as np

from simcons.engines.pipelines.client import Client
from simcons.errors import MissingPackage
from simcons.seeds import stream

try:
    from habermas_machine.llm_client.base_client import LLMClient
    from habermas_machine.llm_client.utils import truncate
    from habermas_machine.models import RankAggregation, RewardModel, TieBreakingMethod
    from habermas_machine.reward_model.cot_ranking_model import COTRankingModel
    from habermas_machine.reward_model.utils import generate_cot_prompt
    from habermas_machine.social_choice.base_method import RANKING_MOCK, Ballots
    from habermas_machine.statement_model import cot_model
    from habermas_machine.types import RankingInput, StatementInput
except ModuleNotFoundError as error:
    raise MissingPackage("habermas-machine", "pip install 'simcons[habermas]'") from error

Item = TypeVar("Item")
Made = TypeVar("Made")

_MOST_CANDIDATES = 26  # which its rankings name by letters
_SHORTEST = 5  # characters that a statement has to exceed, as in the package


class HabermasMachine:
    """Candidates, best first.

    ranking: `chain_of_thought_ranking` (asked of an engine) or `length_based`.
    choice: `schulze`, `maximal_lottery` or `approval`, where people approve of the better half of the places that they give.
    ties: `tbrc` or `random`. attempts: at each candidate. max_tokens: of a reply. language: of the prompts.
    engine: one that `asks` names. Raises ValueError for others of these.
    """

    def __init__(
        self,
        *,
        ranking: str = "chain_of_thought_ranking",
        choice: str = "schulze",
        ties: str = "tbrc",
        attempts: int = 3,
        max_tokens: int = 1000,
        language: str = "en",
        engine: str | None = None,
    ) -> None:
        self._ranking = RewardModel(ranking)
        self._choice = RankAggregation(choice).get_method(TieBreakingMethod(ties))
        self._attempts = attempts
        self._how = {"max_tokens": max_tokens, "engine": engine}
        self._language = language

    def __call__(self, question: str, opinions: list[str], client: Client) -> list[tuple[str, int]]:
        numbers = range(min(client.samples, _MOST_CANDIDATES))
        drafts = _beside(lambda number: self._statement(question, opinions, client, number), numbers)
        statements = list(dict.fromkeys(draft for draft in drafts if draft))
        if len(statements) < 2:
            return [(statement, 0) for statement in statements]
        rankings = np.array(
            _beside(lambda number: self._ranked(question, opinions, statements, client, number), range(len(opinions)))
        )
        ballots = Ballots(rankings=rankings, approvals=_approvals(rankings))
        places = self._choice.aggregate(ballots, seed=client.seed).untied_social_ranking
        return [(statement, -int(place)) for statement, place in zip(statements, places, strict=True)]

    def _statement(self, question: str, opinions: list[str], client: Client, number: int) -> str:
        """One candidate; "" where no attempt gave any."""
        asked = _Engine(client, number, self._how)
        order = stream(client.seed, "opinions", number).permutation(len(opinions))
        shuffled = StatementInput(question=question, opinions=[opinions[place] for place in order])
        prompt = cot_model._generate_prompt("DEFAULT_STATEMENT", shuffled, language=self._language)
        for _ in range(self._attempts):
            statement, _explanation = cot_model._process_model_response(
                asked.sample_text(prompt, terminators=["</answer>"])
            )
            if len(statement) > _SHORTEST:
                return str(statement)
        return ""

    def _ranked(
        self, question: str, opinions: list[str], statements: list[str], client: Client, author: int
    ) -> list[int]:
        """The places that an author is predicted to give, 0 the best; that of a mock throughout where there is no prediction."""
        asked = _Engine(client, author, self._how)
        model = (
            _SeededRanking(asked, client.seed, author, self._language)
            if self._ranking is RewardModel.CHAIN_OF_THOUGHT_RANKING
            else self._ranking.get_model(llm_client=asked, language=self._language)
        )
        given = model.predict_ranking(RankingInput(question, opinions[author], statements))
        return [RANKING_MOCK] * len(statements) if given.ranking is None else [int(place) for place in given.ranking]


class _Engine(LLMClient):  # type: ignore[misc]  # the package has no types
    """An engine as one of the package's clients. number: of the work that it does in a call, whose requests it numbers."""

    def __init__(self, client: Client, number: int, how: dict[str, Any]) -> None:
        self._client = client
        self._draws = count(1000 * number)
        self._how = how

    def sample_text(
        self, prompt: str, *, terminators: Collection[str] = (), temperature: float = 0.8, **_others: object
    ) -> str:
        text = self._client.write(prompt, draw=next(self._draws), temperature=temperature, min_p=0.0, **self._how)
        return str(truncate(text, delimiters=tuple(terminators)))

    def batch_sample_text(self, prompts: dict[str, str], **how: Any) -> dict[str, str]:
        return {name: self.sample_text(prompt, **how) for name, prompt in prompts.items()}


class _SeededRanking(COTRankingModel):  # type: ignore[misc]
    """The package's ranking model with statements in an order that the call's seed decides."""

    def __init__(self, asked: _Engine, seed: int, author: int, language: str) -> None:
        super().__init__(llm_client=asked, language=language)
        self._rng = stream(seed, "statements", author)

    def _prepare_prompt(self, ranking_input: RankingInput, prompt_name: str) -> tuple[str, list[int]]:
        order = self._rng.permutation(len(ranking_input.statements)).tolist()
        shuffled = [ranking_input.statements[place] for place in order]
        prompt = generate_cot_prompt(
            prompt_name, ranking_input.question, ranking_input.opinion, shuffled, language=self._language
        )
        return prompt, order


def _approvals(rankings: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Who approves of what, [people, candidates]: of the better half of the places in their ranking; mocks stay mocks."""
    n_places = rankings.max(axis=1, keepdims=True) + 1
    return np.asarray(np.where(rankings == RANKING_MOCK, RANKING_MOCK, (2 * rankings < n_places).astype(int)))


def _beside(make: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
    """The results of ``make`` for each, all at once, in order."""
    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(make, items))
