"""From opinions to a slate, run by a plain driver on a scripted engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simcons.engines.base import Message
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.mediator.arms import Arms
from simcons.mediator.own_rules import own_rules
from simcons.mediator.pipeline import Tools, mediate
from simcons.mediator.scorer import ReaderScorer
from simcons.mediator.view import SeenOpinion
from simcons.scale import AGREEMENT
from simcons.scenario.engines import SamplingSettings
from simcons.scenario.mediators import LanguageModelGeneratorSettings, MediatorSettings, ScriptedGeneratorSettings
from simcons.scenario.welfare import AffineMapSettings, LogNormalAlphaSettings, WelfareSettings
from simcons.welfare import isoelastic

INF, NAN = float("inf"), float("nan")


class GivenScorer:
    """Scores by a function of the opinions used and the candidates."""

    def __init__(self, name, scores):
        self.name = name
        self.scores = scores

    def score(self, view, used, candidates):
        yield from ()
        return self.scores(used, candidates)


def half_and_half(u):
    """Half the mean and half the worst-off."""
    return (u.mean(axis=-1) + u.min(axis=-1)) / 2


def run(group, mediators, *, omissions=(0,), seed=0, engine=None, scorers=None, prompts=None):
    """The mediation of one round."""

    def truth(used, candidates):
        places = [int(opinion.opinion_id.removeprefix("o")) for opinion in used]
        return np.array([[group.judge(text)[place][AGREEMENT] for text in candidates] for place in places])

    known = {"reader": ReaderScorer("reader", "reader"), "oracle": GivenScorer("oracle", truth)} | (scorers or {})
    tools = Tools(known, prompts or {}, EN_GB, seed, own_rules=own_rules(mediators, people=len(group.view.opinions)))
    act = mediate(group.view, Arms.of(mediators), omissions, tools)
    try:
        requests = next(act)
        while True:
            requests = act.send(engine.complete(requests))
    except StopIteration as done:
        return done.value


def arm(name="a", *, samples=16, skill=0.6, scorer=None, select=2, **welfare):
    parts = {"scorer": scorer} if scorer else {}
    return MediatorSettings(
        arm=name,
        generator=ScriptedGeneratorSettings(samples=samples, skill=skill),
        welfare=WelfareSettings(**welfare),
        select=select,
        **parts,
    )


def fixed(scores):
    """A scorer that gives candidates by opinions, whatever they say."""
    return {"reader": GivenScorer("reader", lambda used, candidates: np.array(scores, dtype=float).T)}


# --- what is left out ----------------------------------------------------------------------------------------------


def test_the_same_opinions_are_left_out_for_every_arm(groups):
    mediation = run(groups[0], [arm("a"), arm("b", skill=0.2), arm("c", skill=0.9)], omissions=(0, 1, 2))
    assert len(mediation.pools) == 9
    for omitted in (0, 1, 2):
        used = {pool.used for pool in mediation.pools if pool.omitted == omitted}
        assert len(used) == 1
        (kept,) = used
        assert len(kept) == 5 - omitted
        assert set(kept) <= set(groups[0].view.opinions)
        assert list(kept) == sorted(kept, key=lambda opinion: opinion.opinion_id)
    assert len(mediation.choices) == 9


def test_who_is_left_out_is_drawn_anew_each_round_and_fairly(groups):
    """280 rounds of one out of five: chi-square with 4 degrees of freedom below 33.4; false alarm 1e-6."""
    counts = np.zeros(5)
    for seed in range(5):
        for group in groups:
            (pool,) = run(group, [arm(samples=1, select=1)], omissions=(1,), seed=seed).pools
            (left_out,) = set(group.view.opinions) - set(pool.used)
            counts[int(left_out.opinion_id[1:])] += 1
    assert ((counts - 56) ** 2 / 56).sum() < 33.4


def test_an_omission_that_leaves_nobody_is_not_made(groups):
    mediation = run(groups[0], [arm()], omissions=(0, 4, 5))
    assert [pool.omitted for pool in mediation.pools] == [0, 4]


# --- sampling ------------------------------------------------------------------------------------------------------


def test_arms_with_one_generator_share_its_candidates(groups):
    """Fewer samples are the first of more, so more samples are the only difference."""
    several = run(
        groups[0], [arm("one", samples=1, select=1), arm("best_of_16", scorer="reader"), arm("other", skill=0.1)]
    )
    assert [pool.generator for pool in several.pools] == ["one", "other"]
    assert [len(pool.samples) for pool in several.pools] == [16, 16]
    alone = run(groups[0], [arm("one", samples=1, select=1)])
    assert alone.pools[0].samples == several.pools[0].samples[:1]
    assert {choice.arm: choice.pool for choice in several.choices} == {"one": 0, "best_of_16": 0, "other": 1}
    assert several.choices[0].picks[0].sample == 0


def test_the_mediation_follows_from_the_seed(groups):
    arms = [arm("a", scorer="reader"), arm("b", skill=0.1)]
    texts = [[s.text for pool in run(groups[0], arms, seed=seed).pools for s in pool.samples] for seed in (0, 0, 1)]
    assert texts[0] == texts[1] != texts[2]


def echo(request):
    return f"{request.engine}: {request.messages[-1].content} #{request.seed}"


@pytest.mark.parametrize("batch_limit", [None, 1, 7])
def test_acts_side_by_side_are_answered_by_their_own_requests(groups, batch_limit):
    """Two language models, a scripted arm between them and two omissions: 2 x (3 + 5) requests, asked at once."""
    engine = ScriptedEngine(echo, batch_limit=batch_limit)

    def model(name, samples):
        generator = LanguageModelGeneratorSettings(
            kind="language_model",
            engine=f"engine_{name}",
            prompt=name,
            samples=samples,
            sampling=SamplingSettings(max_tokens=9),
        )
        return MediatorSettings(arm=name, generator=generator, select=2)

    def prompt(name):
        return lambda question, opinions: (Message("text", f"{name}|{'|'.join(opinions)}"),)

    arms = [model("x", 3), arm("scripted", samples=2), model("y", 5)]
    mediation = run(groups[0], arms, omissions=(0, 2), engine=engine, prompts={"x": prompt("x"), "y": prompt("y")})
    assert sum(engine.batches) == 16
    if batch_limit is None:
        assert engine.batches == [16]
    replies = [s.text for pool in mediation.pools for s in pool.samples if pool.generator != "scripted"]
    assert len({text.rsplit("#", 1)[1] for text in replies}) == 16  # a seed each, over arms and omissions
    for pool in mediation.pools:
        if pool.generator == "scripted":
            assert all(sample.tokens_out is None for sample in pool.samples)
            continue
        assert len(pool.samples) == {"x": 3, "y": 5}[pool.generator]
        for sample in pool.samples:
            head, *opinions = sample.text.rsplit(" #", 1)[0].split("|")
            assert head == f"engine_{pool.generator}: {pool.generator}"
            assert sorted(opinions) == sorted(" ".join(opinion.text.split()) for opinion in pool.used)
            assert sample.tokens_out == len(sample.text.split())


# --- choosing ------------------------------------------------------------------------------------------------------


def test_without_a_scorer_the_first_samples_are_shown(groups):
    mediation = run(groups[0], [arm(select=3)])
    (choice,) = mediation.choices
    assert [pick.sample for pick in choice.picks] == [0, 1, 2]
    assert {(pick.rule, pick.alpha, pick.welfare, pick.n_tied, pick.decider) for pick in choice.picks} == {
        (None, None, None, 1, None)
    }
    assert mediation.scores == {}
    assert len(mediation.pools[0].samples) == 16


A, B, C = [7, 7, 7, 7, 1], [5, 5, 5, 5, 5], [6, 6, 6, 5, 3]


@pytest.mark.parametrize(("alpha", "order"), [(0.0, (0, 2, 1)), (1.0, (2, 1, 0)), (2.0, (1, 2, 0)), (INF, (1, 2, 0))])
def test_welfare_decides_what_is_shown(groups, alpha, order):
    """Hand-worked values of the facts; the candidates' scores come back whole, shown or not."""
    mediation = run(groups[0], [arm(samples=3, select=2, scorer="reader", alpha=alpha)], scorers=fixed([A, B, C]))
    picks = mediation.choices[0].picks
    assert tuple(pick.sample for pick in picks) == order[:2]
    assert all(pick.welfare == pytest.approx(float(isoelastic([A, B, C][pick.sample], alpha))) for pick in picks)
    assert {(pick.rule, pick.alpha, pick.n_tied, pick.redraws) for pick in picks} == {("isoelastic", alpha, 1, 0)}
    np.testing.assert_array_equal(mediation.scores[0, "reader"], np.array([A, B, C]).T)


def test_a_rule_of_ones_own_decides_what_is_shown(groups):
    """(5.8 + 1) / 2, (5 + 5) / 2, (5.2 + 3) / 2."""
    ours = arm(samples=3, select=3, scorer="reader", rule=f"{__file__}:half_and_half")
    picks = run(groups[0], [ours], scorers=fixed([A, B, C])).choices[0].picks
    assert [(pick.sample, pick.rule, pick.alpha) for pick in picks] == [
        (place, "test_pipeline.py:half_and_half", None) for place in (1, 2, 0)
    ]
    np.testing.assert_allclose([pick.welfare for pick in picks], [5, 4.1, 3.4])


@pytest.mark.parametrize(
    ("rule", "order", "welfare"),
    [
        ("leximin", (1, 2, 0), [None] * 3),
        ("schulze", (0, 2, 1), [None] * 3),
        ("borda", (0, 2, 1), [1.6, 0.9, 0.5]),
        ("approval", (1, 0, 2), [1.0, 0.8, 0.8]),
    ],
)
def test_other_rules_decide_too(groups, rule, order, welfare):
    """Approval gives A and C the same share: the first drawn is before."""
    mediator = arm(samples=3, select=3, scorer="reader", rule=rule, ties="first")
    picks = run(groups[0], [mediator], scorers=fixed([A, B, C])).choices[0].picks
    assert tuple(pick.sample for pick in picks) == order
    assert [pick.welfare for pick in picks] == welfare
    assert {(pick.rule, pick.alpha, pick.decider) for pick in picks} == {(rule, None, None)}
    assert [pick.n_tied for pick in picks] == ([1, 2, 2] if rule == "approval" else [1, 1, 1])


def test_the_threshold_and_the_map_are_the_arms_own(groups):
    affine = AffineMapSettings(kind="affine", scale=10.0)
    mediator = arm(samples=3, select=1, scorer="reader", rule="approval", threshold=65.0, utility_map=affine)
    (pick,) = run(groups[0], [mediator], scorers=fixed([A, B, C])).choices[0].picks
    assert (pick.sample, pick.welfare) == (0, 0.8)


def test_every_candidate_comes_back_with_its_scores(groups):
    arms = [arm("r", scorer="reader"), arm("o", scorer="oracle"), arm("n"), arm("other", skill=0.1, scorer="reader")]
    mediation = run(groups[1], arms, omissions=(0, 1))
    generators = [(pool.generator, pool.omitted) for pool in mediation.pools]
    assert generators == [("r", 0), ("other", 0), ("r", 1), ("other", 1)]
    assert {(k, kind): scores.shape for (k, kind), scores in mediation.scores.items()} == {
        (0, "reader"): (5, 16), (0, "oracle"): (5, 16), (1, "reader"): (5, 16),
        (2, "reader"): (4, 16), (2, "oracle"): (4, 16), (3, "reader"): (4, 16),
    }  # fmt: skip


def test_an_arm_chooses_among_its_own_number_of_samples(groups):
    scores = [[k] * 5 for k in (3, 2, 4, 5, 6, 7)]
    few, many = arm("few", samples=3, select=1, scorer="reader"), arm("many", samples=6, select=1, scorer="reader")
    mediation = run(groups[0], [few, many], scorers=fixed(scores))
    assert [choice.picks[0].sample for choice in mediation.choices] == [2, 5]


@pytest.mark.parametrize(
    ("scores", "chosen", "welfare"),
    [
        ([[7, 7, 7, 7, NAN], B, C], [2, 1], [5.2, 5.0]),  # a candidate that one person has no score for is not chosen
        ([[7, 7, 7, 7, NAN], [5, 5, 5, 5, NAN], [6, 6, 6, 5, NAN]], [0, 2], [7.0, 5.75]),  # one with none has no weight
        ([[NAN] * 5, [NAN] * 5, C], [2], [5.2]),
        ([[NAN] * 5] * 3, [], []),
        ([[7, 7, 7, 7, NAN], [NAN, 5, 5, 5, 5], [6, 6, NAN, 5, 3]], [], []),
    ],
)
def test_who_and_what_has_no_scores_is_left_out(groups, scores, chosen, welfare):
    mediator = arm(samples=3, select=2, scorer="reader", alpha=0.0)
    mediation = run(groups[0], [mediator], scorers=fixed(scores))
    picks = mediation.choices[0].picks
    assert [pick.sample for pick in picks] == chosen
    assert [pick.welfare for pick in picks] == pytest.approx(welfare)
    np.testing.assert_array_equal(mediation.scores[0, "reader"], np.array(scores).T)


def test_whose_ballot_broke_a_tie_is_told_by_their_place_among_all(groups):
    """The first author has no score; the two who differ are the second and the last, in 56 rounds: false alarm 3e-17."""
    scores = [[NAN, 7, 4, 4, 1], [NAN, 1, 4, 4, 7]]
    mediator = arm(samples=2, select=1, scorer="reader", alpha=0.0, ties="random_ballot")
    deciders = {run(group, [mediator], scorers=fixed(scores)).choices[0].picks[0].decider for group in groups}
    assert deciders == {1, 4}


def test_ties_are_reported_and_broken_by_the_rule(groups):
    scores = fixed([[4] * 5, [6] * 5, [6] * 5, [6] * 5])
    first = run(groups[0], [arm(samples=4, scorer="reader", ties="first")], scorers=scores).choices[0].picks
    assert [(pick.sample, pick.n_tied) for pick in first] == [(1, 3), (2, 3)]
    drawn = {run(g, [arm(samples=4, scorer="reader")], scorers=scores).choices[0].picks[0].sample for g in groups}
    assert drawn == {1, 2, 3}  # false alarm 3 (2/3)^56 = 4e-10


def test_a_persons_ballot_may_break_ties(groups):
    """Two people would have 0 first and three 1, level under Rawls: 0 wins two fifths of the rounds, by one of those two.

    Binomial over 56 rounds, 6 SDs: false alarm 2e-9.
    """
    scores = fixed([[7, 7, 2, 2, 2], [2, 2, 6, 6, 6]])
    mediator = arm(samples=2, select=2, scorer="reader", alpha=INF, ties="random_ballot")
    chosen = [run(group, [mediator], scorers=scores).choices[0].picks for group in groups]
    assert {(first.sample, first.decider) for first, _ in chosen} == {(0, 0), (0, 1), (1, 2), (1, 3), (1, 4)}
    assert {(second.n_tied, second.decider) for _, second in chosen} == {(2, None)}
    n_zero = sum(first.sample == 0 for first, _ in chosen)
    assert abs(n_zero - 0.4 * len(groups)) < 6 * np.sqrt(0.24 * len(groups))


def test_a_drawn_alpha_is_redrawn_until_the_picks_differ(groups):
    """A wins under small alphas, B under large ones: LogNormal(0, 1) gives both, each with the alpha that made it win."""
    redraws = []
    for group in groups:
        mediator = arm(samples=3, scorer="reader", alpha=LogNormalAlphaSettings(kind="lognormal"))
        one, two = run(group, [mediator], scorers=fixed([A, B, C])).choices[0].picks
        assert one.sample != two.sample
        assert one.alpha != two.alpha
        assert one.redraws == 0
        redraws.append(two.redraws)
        for pick in (one, two):
            welfare = [float(isoelastic(row, pick.alpha)) for row in (A, B, C)]
            assert pick.welfare == pytest.approx(welfare[pick.sample])
            if pick is one or pick.redraws < 10:
                assert welfare[pick.sample] == max(welfare)
    assert 0 in redraws  # a redraw is not always needed
    assert max(redraws) > 0


def test_where_one_candidate_always_wins_the_runner_up_is_shown(groups):
    mediator = arm(samples=3, select=3, scorer="reader", alpha=LogNormalAlphaSettings(kind="lognormal"))
    picks = run(groups[0], [mediator], scorers=fixed([[2] * 5, [7] * 5, [5] * 5])).choices[0].picks
    assert [(pick.sample, pick.redraws) for pick in picks] == [(1, 0), (2, 10), (0, 10)]


def test_the_oracle_is_an_upper_bound(groups):
    """The oracle's pick is truly best; the reader's is better than the average candidate, over 56 rounds."""
    arms = [arm("none", select=1), arm("reader", select=1, scorer="reader"), arm("oracle", select=1, scorer="oracle")]
    gain, possible = [], []
    for group in groups:
        mediation = run(group, arms)
        agreement = mediation.scores[0, "oracle"].clip(1, 7).mean(axis=0)  # the utility map is likert
        picked = {choice.arm: agreement[choice.picks[0].sample] for choice in mediation.choices}
        assert picked["oracle"] == pytest.approx(agreement.max())
        gain.append(picked["reader"] - agreement.mean())
        possible.append(picked["oracle"] - agreement.mean())
    assert np.mean(gain) > 4 * np.std(gain) / np.sqrt(len(groups))
    assert np.mean(possible) > np.mean(gain) + 0.1


def test_a_map_that_leaves_someone_nothing_names_the_arm(groups):
    mediator = arm("proud", samples=3, scorer="reader", utility_map=AffineMapSettings(kind="affine", shift=-3.0))
    with pytest.raises(ScenarioError, match=r"arm 'proud': utility_map affine .* gave -2\.0"):
        run(groups[0], [mediator], scorers=fixed([A, B, C]))


def test_the_mediator_sees_texts_alone(groups):
    """Other people behind the same words: the same slate, whatever they truly think."""
    group, others = groups[0], groups[1]
    arms = [arm(scorer="reader")]
    before = run(group, arms)
    strangers = replace(group)
    strangers.people, strangers.convictions, strangers.opinions = others.people, others.convictions, group.opinions
    assert run(strangers, arms).choices == before.choices
    renamed = [SeenOpinion(opinion.opinion_id, opinion.text) for opinion in strangers.view.opinions]
    assert tuple(renamed) == before.pools[0].used


# --- samples without text, and texts that come twice ---------------------------------------------------------------


def model_arm(*texts, name="m", select=2, scorer=None, **settings):
    """An arm of a language model, and an engine that gives these texts as its samples, whatever the attempt."""
    generator = LanguageModelGeneratorSettings(kind="language_model", engine="e", samples=len(texts), **settings)
    parts = {"scorer": scorer} if scorer else {}
    return MediatorSettings(arm=name, generator=generator, select=select, **parts), ScriptedEngine(
        lambda request: texts[request.draw % 1024]
    )


WRITE = {"few_shot": lambda question, opinions: (Message("user", "Write."),)}


@pytest.mark.parametrize("scorer", [None, "reader"])
def test_samples_without_text_are_left_out_and_the_others_keep_their_numbers(groups, scorer):
    mediator, engine = model_arm("", "We b.", "...", "We d.", scorer=scorer)
    mediation = run(groups[0], [mediator], engine=engine, prompts=WRITE)
    (pool,) = mediation.pools
    assert [(sample.number, sample.text) for sample in pool.samples] == [(1, "We b."), (3, "We d.")]
    assert [draw.missing for draw in pool.draws] == ["empty", None, "empty", None]
    assert sorted(pick.sample for pick in mediation.choices[0].picks) == [0, 1]


def test_an_arm_with_fewer_samples_chooses_among_the_first_that_were_asked_for(groups):
    """Not among the first that have a text: which samples an arm has must not depend on another's failing."""
    large, engine = model_arm("", "", "We c.", "We d.", name="large", scorer="reader")
    small = large.model_copy(
        update={"arm": "small", "generator": large.generator.model_copy(update={"samples": 3}), "scorer": "reader"}
    )
    choices = run(groups[0], [large, small], engine=engine, prompts=WRITE).choices
    assert {choice.arm: len(choice.picks) for choice in choices} == {"large": 2, "small": 1}


@pytest.mark.parametrize("scorer", [None, "reader"])
def test_an_arm_without_a_candidate_shows_nothing(groups, scorer):
    mediator, engine = model_arm("", "", "", scorer=scorer)
    mediation = run(groups[0], [mediator, arm("b")], engine=engine, prompts=WRITE)
    assert {choice.arm: len(choice.picks) for choice in mediation.choices} == {"m": 0, "b": 2}
    assert mediation.pools[0].samples == ()


def test_no_text_is_picked_twice_while_there_are_others(groups):
    scores = [[6] * 5, [6] * 5, [2] * 5, [1] * 5]
    for scorers, scorer in (({}, None), (fixed(scores), "reader")):
        mediator, engine = model_arm("We a.", "We a.", "We c.", "We d.", scorer=scorer)
        picks = run(groups[0], [mediator], engine=engine, prompts=WRITE, scorers=scorers).choices[0].picks
        texts = ["We a.", "We a.", "We c.", "We d."]
        assert [texts[pick.sample] for pick in picks] == ["We a.", "We c."]


def test_a_drawn_alpha_picks_no_text_twice(groups):
    scores = [[6] * 5, [6] * 5, [2] * 5]
    mediator, engine = model_arm("We a.", "We a.", "We c.", scorer="reader", select=3)
    mediator = mediator.model_copy(update={"welfare": WelfareSettings(alpha=LogNormalAlphaSettings(kind="lognormal"))})
    picks = run(groups[0], [mediator], engine=engine, prompts=WRITE, scorers=fixed(scores)).choices[0].picks
    assert len(picks) == 2
    assert {pick.sample == 2 for pick in picks} == {True, False}
