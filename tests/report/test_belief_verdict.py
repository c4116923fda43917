"""What a mind may be trusted for, in a sentence: by intervals that are given, each rule by itself."""

from __future__ import annotations

import pytest

from simcons.analysis.belief.correlations import Correlation
from simcons.analysis.belief.crowds import Belief, Conduct
from simcons.analysis.belief.effects import Effect
from simcons.analysis.belief.minds import Tried
from simcons.analysis.resampling import Estimate
from simcons.report.belief import baseline_sentences, conduct_sentences, mind_sentences
from simcons.report.belief_verdict import verdict_sentences

UNKNOWN = Conduct(None, None, None, None)


def estimate(low, high):
    return Estimate((low + high) / 2, (low, high), (high - low) / 4, 100)


def tried(r, over_words, held_out="raters", name="latent"):
    return Tried(Correlation(name, held_out, 100, estimate(*r)), estimate(*over_words), 0)


def belief(*minds, effects=(), baselines=(), people=UNKNOWN, crowd=UNKNOWN):
    return Belief(
        scale="agreement",
        points=(1, 2, 3, 4, 5),
        n_people=100,
        n_ratings=100,
        people=people,
        baselines=tuple(baselines),
        minds=minds,
        effects=tuple(effects),
        spreads={},
        conducts={"mine": crowd},
    )


@pytest.mark.parametrize(
    ("r", "over_words", "said"),
    [
        ((0.2, 0.4), (0.1, 0.2), "may be trusted for who agrees more among people not seen."),
        ((0.2, 0.4), (-0.1, 0.2), "Not told by so few answers: who agrees more among people not seen."),
        ((0.2, 0.4), (-0.2, -0.1), "Do not trust it for who agrees more among people not seen."),
        ((-0.1, 0.4), (-0.3, 0.1), "Do not trust it for who agrees more among people not seen."),
    ],
)
def test_who_agrees_more(r, over_words, said):
    (told,) = verdict_sentences(belief(tried(r, over_words)))
    assert told.startswith("latent: ")
    assert told.endswith(said)


def test_what_moves_ratings():
    """By people's intervals and the mind's: they overlap, they lie apart, and people's holds nought."""
    effects = [
        Effect("", cause, {"people": estimate(*people), "latent": estimate(*mind)})
        for cause, people, mind in (
            ("one's own side", (0.2, 1.0), (0.8, 1.6)),
            ("length", (-0.3, -0.1), (0.1, 0.2)),
            ("order", (-0.1, 0.1), (-0.2, 0.2)),
        )
    ]
    (told,) = verdict_sentences(belief(tried((-0.1, 0.1), (-0.3, -0.1), "questions"), effects=effects))
    assert told == (
        "latent: may be trusted for how much ratings move by one's own side. Do not trust it for who agrees more on questions not"
        " seen and how much ratings move by length. Not told by so few answers: how much ratings move by order."
    )


def test_minds_come_by_their_r_and_each_has_one_verdict():
    minds = [tried((0.0, 0.2), (-0.1, 0.1)), tried((0.3, 0.5), (0.1, 0.2), name="taught")]
    assert [told.split(":")[0] for told in verdict_sentences(belief(*minds))] == ["taught", "latent"]


def test_a_correlation_in_pairs_of_people():
    """r .5 puts two of three pairs of a bivariate normal in order: 1/2 + arcsin(1/2) / pi."""
    told = next(mind_sentences(belief(tried((0.4, 0.6), (0.1, 0.2)))))
    assert "about 67 of 100 pairs in people's order" in told


def test_a_baseline_whose_interval_holds_nought_is_not_said_to_be_followed():
    words = [Correlation("words", "questions", 100, estimate(-0.1, 0.3))]
    (told,) = baseline_sentences(belief(baselines=words))
    assert "is not shown to follow from anything; most from words" in told


def test_conduct_is_told_where_intervals_lie_apart():
    people = Conduct(estimate(0.15, 0.19), estimate(0.0, 0.1), None, estimate(0.7, 0.9))
    crowd = Conduct(estimate(0.01, 0.05), estimate(0.05, 0.2), None, None)
    (told,) = conduct_sentences(belief(people=people, crowd=crowd))
    assert told == (
        "mine: answers are given otherwise than people give them: 3% [1%, 5%] of people who gave one answer to all, with people"
        " 17% [15%, 19%]."
    )
