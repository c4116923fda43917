"""What a reward model makes of answers that were held out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from toys import comparison_of, position_of, rating_of

from simcons.training.data.examples import Side
from simcons.training.held_out import HeldOut, Triple


def test_each_triple_is_read_once_and_pairs_with_one_that_cannot_be_read_are_left_out() -> None:
    """One person rates 6, 4 and 2 as the scores have it, another two of them 2 and 6; of the middle one there is no score."""
    texts = {"Parks, parks and parks.": 6, "Maybe parks.": 4, "No.": 2}
    mine = [comparison_of(0, [*two], [texts[text] for text in two]) for two in combinations(texts, 2)]
    ratings = [rating_of(0, text, rating) for text, rating in texts.items()]
    other = [*texts][::2]
    side = Side(
        (),
        (*mine, comparison_of(4, other, [2, 6])),
        (*ratings, *(rating_of(4, text, rating) for text, rating in zip(other, (2, 6), strict=True))),
        (position_of(0, "We want parks.", 6, "parks"),),
    )
    asked: list[Triple] = []

    def by_length(triples: Sequence[Triple]) -> np.ndarray:
        asked.extend(triples)
        return np.array([np.nan if statement == "Maybe parks." else len(statement) for *_, statement in triples])

    metrics = HeldOut(side, by_length).pair_metrics()
    assert len(asked) == len(set(asked)) == 3 + 1 + 2
    assert (metrics["held_out_pairs"], metrics["held_out_pair_accuracy"]) == (2, 0.5)
