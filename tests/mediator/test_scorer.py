"""Scorers: the reader's predictions from text alone, near what people truly think; a reward model's as it gives them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from groups import RefusingReader
from scipy.stats import spearmanr

from simcons.engines.acts import run_act
from simcons.engines.base import Reply, unanswered
from simcons.engines.scores import question_and_opinion
from simcons.errors import EngineError
from simcons.languages.en_gb import EN_GB
from simcons.mediator.scorer import LengthScorer, ReaderScorer, RewardScorer, predict
from simcons.mediator.scripted import compose
from simcons.mediator.view import SeenOpinion
from simcons.questions.bank import SIGN
from simcons.scale import AGREEMENT
from simcons.seeds import stream

NOTHING = "The weather is nice."


def claim_of(question, side):
    return next(k for k, claim in enumerate(question.claims) if SIGN[claim.side] == side)


def scored(group, used, candidates):
    """[opinions, candidates] by the reader's scorer, which asks for nothing."""
    return run_act(ReaderScorer("reader", "reader").score(group.view, used, candidates), {})


def test_hand_worked_predictions(groups):
    """1.8 (exp(-O/1.5) - exp(-S/1.5)) for claims, with 1 a point of one's own, .5 of one's side, .35 for common ground, and 1.2
    for a verdict: .876 for one's own point, .510 for one of one's side, .375 for common ground, .510 for one's own reported.
    """
    group = groups[0]
    question, blank = group.question, group.reader.read(f"We think {group.question.claims[0].point}.")
    [point] = blank.mentions

    def reading(claim=None, polarity=1, verdict=None, strength=1.0):
        made = () if claim is None else (replace(point, claim=claim, polarity=polarity, strength=strength),)
        return replace(blank, mentions=made, verdict=verdict)

    pro, con, common = (claim_of(question, side) for side in (1, -1, 0))
    for own, said, expected in [
        (reading(pro), reading(pro), 4.876 - 1.2 * 0.15),  # a torn verdict at best, by somebody who leans
        (reading(pro), reading(pro, -1), 3.124 - 1.2 * 0.15),
        (reading(pro), reading(pro, strength=0.5), 4.510 - 1.2 * 0.15),
        (reading(verdict=1.0), reading(pro), 4.510 - 1.2 * 0.15),
        (reading(verdict=1.0), reading(con), 3.490 - 1.2 * 0.15),
        (reading(con), reading(pro), 3.490 - 1.2 * 0.15),  # no verdict: the leaning is that of the points made
        (reading(), reading(common), 4.375),
        (reading(verdict=1.0), reading(pro, verdict=1.0), 4.510 + 1.2),
        (reading(verdict=1.0), reading(con, verdict=-1.0), 3.490 - 1.2),
        (reading(verdict=0.0), reading(common, verdict=0.0), 4.375 + 1.2 * 0.3),
        (reading(verdict=1.0), reading(verdict=1.0), 3.6 + 1.2),  # a verdict without a reason
        (reading(pro, verdict=1.0), reading(pro, verdict=1.0), 4.876 + 1.2),
        (reading(verdict=1.0), reading(), 3.6 - 1.2 * 0.15),
    ]:
        assert predict(question, own, said) == pytest.approx(expected, abs=0.001), (own, said)


def test_what_is_put_badly_is_predicted_to_lose(groups):
    group = groups[0]
    question, own = group.question, group.reader.read(f"We think {group.question.claims[0].point}.")
    for worse in ({"fluency": 0.2}, {"on_topic": 0.3}, {"repetition": 0.6}, {"directed": True}, {"complete": False}):
        assert predict(question, own, replace(own, **worse)) < predict(question, own, own) - 0.3


def test_a_score_for_every_opinion_and_candidate_by_its_own_text(groups):
    group = groups[0]
    candidates = [*group.texts, NOTHING, ""]
    scores = scored(group, group.view.opinions, candidates)
    assert scores.shape == (5, 7)
    assert ((scores >= 1) & (scores <= 7)).all()
    one_by_one = [[scored(group, [own], [text])[0, 0] for text in candidates] for own in group.view.opinions]
    np.testing.assert_array_equal(scores, one_by_one)
    assert (np.diag(scores[:, :5]) == scores[:, :5].max(axis=1)).mean() >= 0.6  # most like their own words best


def test_a_text_without_a_reading_has_no_score(groups):
    view = replace(groups[0].view, readers={"reader": RefusingReader({NOTHING})})
    used = [*view.opinions[:2], SeenOpinion("o9", NOTHING)]
    act = ReaderScorer("reader", "reader").score(view, used, [NOTHING, *groups[0].texts[:2]])
    assert np.isnan(run_act(act, {})).tolist() == [[True, False, False], [True, False, False], [True, True, True]]


def test_a_reward_model_is_asked_once_for_each_opinion_and_text(groups):
    """Equal candidates are one choice, and have one score."""
    view, texts = groups[0].view, ["We agree.", "We do not.", "We agree."]
    act = RewardScorer("rm", "m").score(view, view.opinions[:2], texts)
    requests = next(act)
    assert [request.choices for request in requests] == [("We agree.", "We do not.")] * 2
    assert [question_and_opinion(request) for request in requests] == [
        (view.question.text, opinion.text) for opinion in view.opinions[:2]
    ]
    with pytest.raises(StopIteration) as stopped:
        act.send([Reply("", 9, 0, "choices", scores=scores) for scores in ((6.5, 2.0), (3.0, 5.5))])
    assert stopped.value.value.tolist() == [[6.5, 2.0, 6.5], [3.0, 5.5, 3.0]]


def test_what_a_reward_model_cannot_read_has_no_score(groups):
    view = groups[0].view
    act = RewardScorer("rm", "m").score(view, view.opinions[:2], ["a", "b"])
    next(act)
    with pytest.raises(StopIteration) as stopped:
        act.send([unanswered("too_long", "why"), Reply("", 9, 0, "choices", scores=(4.0, None))])
    assert np.isnan(stopped.value.value).tolist() == [[True, True], [False, True]]


def test_a_reply_with_too_few_scores_is_refused(groups):
    view = groups[0].view
    act = RewardScorer("rm", "m").score(view, view.opinions[:1], ["a", "b"])
    next(act)
    with pytest.raises(EngineError, match="1 scores in a reply; expected 2"):
        act.send([Reply("", 9, 0, "choices", scores=(4.0,))])


def test_the_readers_ranking_is_near_the_true_one(groups):
    """Over 16 candidates a group, the rank correlation of predicted with true agreement is .58 by person and .49 for the
    group's mean; choosing by the prediction gains .63 of what choosing by the truth would. The rest is what the text
    of an opinion does not tell."""
    by_person, by_group, gained, possible = [], [], [], []
    for group in groups:
        readings = group.reader.read_many(group.texts)
        rng = stream(0, "candidates", group.question.id)
        texts = [compose(group.question, readings, EN_GB, skill=0.6, rng=rng) for _ in range(16)]
        predicted = scored(group, group.view.opinions, texts)
        true = np.array([[appraisal[AGREEMENT] for appraisal in group.judge(text)] for text in texts]).T
        by_person += [spearmanr(p, t).statistic for p, t in zip(predicted, true, strict=True)]
        by_group.append(spearmanr(predicted.mean(axis=0), true.mean(axis=0)).statistic)
        gained.append(true.mean(axis=0)[predicted.mean(axis=0).argmax()] - true.mean())
        possible.append(true.mean(axis=0).max() - true.mean())
    share = sum(gained) / sum(possible)
    assert 0.45 < np.mean(by_person) < 0.9
    assert 0.35 < np.mean(by_group) < 0.9
    assert 0.3 < share < 0.95


@pytest.mark.parametrize(
    ("statements", "scores"),
    [(["a b c", "a", "a\nb", "c  b a"], [7, 1, 4, 7]), (["a b", "b a"], [4, 4]), (["a"], [4])],
)
def test_the_longest_statement_is_placed_highest_for_everybody(groups, statements, scores):
    """By words, whatever stands between them; alike where they are equally long."""
    used = groups[0].view.opinions[:3]
    assert run_act(LengthScorer("longest").score(groups[0].view, used, statements), {}).tolist() == [scores] * 3
