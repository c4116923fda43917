"""Examples, comparisons and ratings of studies written by hand, counted by hand at every filter."""

from __future__ import annotations

import pytest
from written_study import STATEMENTS, usual, write_study

from simcons.engines.base import Message
from simcons.errors import RunFolderError, ScenarioError, TrainingDataError
from simcons.mediator.prompts import load_prompt
from simcons.scenario.shipped import find_prompt
from simcons.training.data.build import build
from simcons.training.data.examples import Comparison
from simcons.training.data.folder import load_training_data, save
from simcons.training.data.settings import DataSettings

ODD = (
    usual(2, silent=["bob2"]),
    usual(3, unrecorded=["ann3"]),
    usual(4, told=[0], truncated=[1]),
    usual(5, split="iid_test"),
    usual(6, question="should we do 5"),  # asked again, to learn from
    usual(
        7,
        statements=["We agree.", "We agree.", "Terrible."],
        quality=(7, 7, 2),
        agreement={"ann7": ((6, 7), (6, None), None), "bob7": (5, 5, 5)},
    ),
)
SETTINGS = DataSettings(least=1, validation=0.2)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Four groups, each on a question of its own, of which one is held out."""
    return write_study(tmp_path_factory.mktemp("plain") / "run", *(usual(k) for k in range(1, 5)))


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("odd") / "run", usual(1), *ODD)


def held_out(built):
    return {example.question for example in built.data.validation.examples()}


def seed_that_holds_out(question, *folders, **settings):
    """A seed for which ``question`` alone is held out."""
    for seed in range(100):
        chosen = SETTINGS.model_copy(update={"seed": seed, **settings})
        try:
            if held_out(built := build(folders, chosen)) == {question}:
                return built
        except TrainingDataError:
            continue
    raise AssertionError(f"no seed holds out {question!r}")


# --- what is made ------------------------------------------------------------------------------------------------


def test_four_like_groups_of_which_one_is_held_out(plain):
    """Each gives 2 statements of 7 and 6 that do not break off, 3 + 2 preferences, 2 people x 3 x 2 ratings, and 2 positions."""
    built = build([plain], SETTINGS)
    sizes = {
        name: tuple(map(len, (side.sft, side.comparisons, side.ratings, side.positions)))
        for name, side in built.data.sides().items()
    }
    assert sizes == {"learn": (6, 15, 36, 6), "validation": (2, 5, 12, 2)}
    assert len(held_out(built)) == 1


def test_what_one_person_prefers(plain):
    (ann,) = (
        [comparison for comparison in side.comparisons if comparison.participant_id == "ann1"]
        for side in build([plain], SETTINGS).data.sides().values()
        if any(comparison.participant_id == "ann1" for comparison in side.comparisons)
    )
    first, second, third = STATEMENTS
    assert {(c.chosen, c.rejected, c.difference) for c in ann} == {
        (first, second, 2),
        (first, third, 4),
        (second, third, 2),
    }
    assert {(c.question, c.opinion, c.session_id, c.round_id, c.tie) for c in ann} == {
        ("Should we do 1?", "I am ann1 on Should we do 1?", "s1", "r1", False)
    }


def test_an_example_is_what_the_mediators_prompt_makes_of_its_opinions(plain):
    render = load_prompt(find_prompt("zero_shot"))
    for example in build([plain], SETTINGS).data.learn.sft:
        k = example.round_id.removeprefix("r")
        assert set(example.opinions) == {f"I am {who}{k} on Should we do {k}?" for who in ("ann", "bob")}
        assert example.messages == render(example.question, example.opinions)
        assert example.messages[-1] == Message("assistant", "We")
        assert example.begins_as_asked == (example.statement == "We agree.")
        assert example.rating == (7 if example.begins_as_asked else 6)


def test_opinions_come_in_any_order(tmp_path):
    """Of 12 statements by two people, either comes first in some (but for a chance of 2 in 4,096)."""
    texts, ratings = [f"We agree on {k}." for k in range(12)], [k % 7 + 1 for k in range(12)]
    rounds = [
        usual(k, statements=texts, quality=[7] * 12, agreement={f"ann{k}": ratings, f"bob{k}": ratings}) for k in (1, 2)
    ]
    examples = build([write_study(tmp_path / "run", *rounds)], SETTINGS).data.learn.sft
    assert {example.opinions[0][:8] for example in examples} == {"I am ann", "I am bob"}


def test_ratings_are_single_answers_and_comparisons_of_their_means(odd):
    """ann7 gave 6 and 7 to a statement and once 6 to another of the same text, which is no comparison."""
    built = seed_that_holds_out("Should we do 1?", odd)
    ann = [rated for rated in built.data.learn.ratings if rated.participant_id == "ann7"]
    assert [(rated.candidate_id, rated.pass_index, rated.rating) for rated in ann] == [
        ("r7-c0", 1, 6),
        ("r7-c0", 2, 7),
        ("r7-c1", 1, 6),
    ]
    assert "ann7" not in {comparison.participant_id for comparison in built.data.learn.comparisons}


def test_positions_are_those_before_anything_was_written(plain):
    """In written studies ann answers 1 then and bob 2, and both 7 at the end of the round."""
    sides = build([plain], SETTINGS).data.sides().values()
    positions = [position for side in sides for position in side.positions if position.round_id == "r1"]
    assert [(p.participant_id, p.rating, p.statement, p.opinion) for p in positions] == [
        ("ann1", 1, "P.", "I am ann1 on Should we do 1?"),
        ("bob1", 2, "P.", "I am bob1 on Should we do 1?"),
    ]


def test_statements_of_some_arms_and_positions_of_all_rounds(plain, tmp_path):
    taught = write_study(tmp_path / "taught", *(usual(k, arm="teacher") for k in range(5, 9)), age=41)
    own = build([plain, taught], SETTINGS.model_copy(update={"arms": ("arm",)}))
    everything = build([plain, taught], SETTINGS)
    sides = (own.data.sides(), everything.data.sides())
    n_ratings, n_positions = (
        [sum(len(getattr(side, kind)) for side in of.values()) for of in sides] for kind in ("ratings", "positions")
    )
    assert n_ratings == [48, 96]
    assert n_positions == [16, 16]
    with pytest.raises(TrainingDataError, match="arms: no run has an arm 'arms'; expected some of arm, teacher"):
        build([plain, taught], SETTINGS.model_copy(update={"arms": ("arms",)}))


def test_two_passes_that_contradict_each_other_are_a_tie(tmp_path):
    torn = {"ann": ((6, 4), (4, 6), (5, 4))}
    rounds = [usual(1, agreement=torn), usual(2)]
    kept = build([write_study(tmp_path / "run", *rounds)], SETTINGS.model_copy(update={"ties": "keep"})).data
    anns = {
        (c.chosen, c.rejected, c.difference, c.tie)
        for side in kept.sides().values()
        for c in side.comparisons
        if c.participant_id == "ann"
    }
    first, second, third = STATEMENTS
    assert anns == {(first, second, 0, True), (first, third, 0.5, False), (second, third, 0.5, False)}


def test_counts_at_every_filter(odd):
    """By round 1, 2, 3, 4, 7; the others are on a test question.

    Statements 3+3+3+3+3, of which one is an oracle's. Of those to learn from 3+3+3+2+3 are rated, 3+3+3+2+2 well enough,
    2+2+2+0+2 do not break off, 2+2+2+0+1 differ, and of 2+2+0+0+1 the opinions are known. Pairs are 6+6+6+2+4, of different
    texts 6+6+6+2+2, by authors 6+3+3+2+2, with a preference 5+3+2+2+0. Ratings are 12+12+12+8+9, by authors 12+6+6+8+9.
    """
    built = seed_that_holds_out("Should we do 1?", odd)
    assert {name: funnel.counts for name, funnel in built.funnels.items()} == {
        "rounds": {
            "rounds": 7,
            "on questions to learn from": 5,
            "of groups on the side of their question": 5,
        },
        "statements": {"statements shown": 15, "of arms that did not see the truth": 14},
        "sft": {
            "statements": 14,
            "rated on quality": 14,
            "quality >= 6": 13,
            "that do not break off": 8,
            "first of their text in a round": 7,
            "of opinions that are recorded": 5,
        },
        "comparisons": {
            "pairs that one person rated": 24,
            "of different texts": 22,
            "by people who wrote an opinion": 16,
            "by people who rate reliably": 16,
            "with a preference": 12,
        },
        "ratings": {
            "ratings of agreement": 53,
            "by people who wrote an opinion": 41,
            "by people who rate reliably": 41,
        },
        "positions": {"positions": 10, "by people who wrote an opinion": 8, "by people who rate reliably": 8},
    }


def test_a_test_question_of_one_run_is_learnt_from_in_none(odd, tmp_path):
    again = write_study(tmp_path / "again", usual(8), usual(9, question="SHOULD we do 5?"), age=50)
    data = build([odd, again], SETTINGS.model_copy(update={"validation": 0.5})).data
    asked = {example.question for side in data.sides().values() for example in side.examples()}
    assert asked == {f"Should we do {k}?" for k in (1, 2, 3, 4, 7, 8)}


# --- rules and raters --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "statements"),
    [
        ("quality >= 6", {"We agree.", "On balance we do."}),
        ("quality >= 6.5", {"We agree."}),
        ("agreement >= 5", {"We agree."}),  # ann and bob give 5.5, 4.5 and 1.5
        ("agreement >= 4.5", {"We agree.", "On balance we do."}),
        ("top 33% by quality within the study", {"We agree."}),
        ("top 100% by agreement within the study", {"We agree.", "On balance we do."}),
    ],
)
def test_statements_that_a_rule_keeps(plain, rule, statements):
    built = build([plain], SETTINGS.model_copy(update={"sft_rule": rule}))
    assert {example.statement for example in built.data.learn.sft} == statements
    assert rule in built.funnels["sft"].counts


def test_the_top_is_of_each_study(plain, tmp_path):
    """The best of a poor study are learnt though all of the other are better."""
    poor = write_study(tmp_path / "poor", *(usual(k, quality=(3, 2, 1)) for k in (5, 6, 7)), age=50)
    settings = SETTINGS.model_copy(update={"sft_rule": "top 33% by quality within the study"})
    data = build([plain, poor], settings).data
    assert {e.rating for side in data.sides().values() for e in side.sft} == {7, 3}


def test_people_whose_second_ratings_contradict_their_first_are_left_out(tmp_path):
    """cid turns his 12 ratings round; dan gives the same each time, which cannot be told from not reading."""
    texts = [f"We agree on {k}." for k in range(12)]
    steady = [k % 7 + 1 for k in range(12)]
    people = {"ann": steady, "cid": [(rating, 8 - rating) for rating in steady], "dan": [4] * 12}
    rounds = [
        usual(k, statements=texts, quality=[7] * 12, agreement={f"{who}{k}": given for who, given in people.items()})
        for k in (1, 2)
    ]
    folder = write_study(tmp_path / "run", *rounds)
    for raters, expected in (("reliable", {"ann"}), ("all", {"ann", "cid", "dan"})):
        built = build([folder], SETTINGS.model_copy(update={"raters": raters, "ties": "keep"}))
        answers = (*built.data.learn.answers, *built.data.validation.answers)
        assert {answer.participant_id[:3] for answer in answers} == expected
        assert sum(isinstance(answer, Comparison) for answer in answers) == 2 * 66 * len(expected)
    (study,) = built.studies
    assert study.raters.unreliable == {"cid1", "cid2", "dan1", "dan2"}


# --- several runs ------------------------------------------------------------------------------------------------


def test_the_order_of_runs_does_not_matter(plain, odd):
    settings = SETTINGS.model_copy(update={"validation": 0.5})
    one, other = build([plain, odd], settings), build([odd, plain], settings)
    assert one.data == other.data
    assert one.data.content_hash() == other.data.content_hash() != build([plain], settings).data.content_hash()


def test_the_same_people_in_two_runs_stay_on_one_side(tmp_path):
    """Both runs have the same ids; in one people of the same age, so the same people."""
    first = write_study(tmp_path / "first", *(usual(k) for k in range(1, 9)))
    for age, apart in ((40, False), (50, True)):
        swapped = [usual(k, question=f"Should we do {9 - k}?") for k in range(1, 9)]
        second = write_study(tmp_path / f"second{age}", *swapped, age=age)
        learn, validation = (
            {answer.participant_id for answer in side.answers}
            for side in build([first, second], SETTINGS).data.sides().values()
        )
        assert bool(learn & validation) == apart


# --- what cannot be used -----------------------------------------------------------------------------------------


def test_too_little_is_left_and_what_took_it(plain):
    with pytest.raises(
        TrainingDataError,
        match=r"^6 SFT examples to learn from; expected at least 10; most were lost to the filter `that do not break off`,"
        r" which 8 of 12 passed$",
    ):
        build([plain], DataSettings(validation=0.2))
    with pytest.raises(
        TrainingDataError, match=r"^0 SFT examples to learn from; .* `agreement >= 6`, which 0 of 12 passed$"
    ):
        build([plain], SETTINGS.model_copy(update={"sft_rule": "agreement >= 6"}))


def test_runs_that_cannot_be_used(plain, odd, tmp_path):
    same = write_study(tmp_path / "same", *(usual(k) for k in range(1, 5)))
    with pytest.raises(RunFolderError, match=rf"^{same}: has the records of {plain}; expected each run once$"):
        build([plain, odd, same], SETTINGS)
    silent = write_study(tmp_path / "silent", *(usual(k, agreement={f"ann{k}": [None] * 3}) for k in (1, 2)))
    with pytest.raises(RunFolderError, match=rf"^{silent}: nobody rated or ranked a statement"):
        build([plain, silent], SETTINGS)
    with pytest.raises(RunFolderError, match="no such run folder"):
        build([tmp_path / "nowhere"], SETTINGS)


def test_people_who_rated_one_statement_each_give_ratings_alone(tmp_path):
    alone = (usual(k, statements=["We do."], agreement={f"ann{k}": [5]}, quality=[7]) for k in range(1, 6))
    built = build([write_study(tmp_path / "alone", *alone)], SETTINGS)
    assert (len(built.data.learn.ratings), len(built.data.validation.ratings)) == (8, 2)  # in each of two passes
    assert not built.data.learn.comparisons


def test_groups_may_be_held_out_of_questions_that_are_learnt_from(tmp_path):
    """Five groups of two, all on one question: one group is held out, and the data says so where it is read again."""
    rounds = [usual(k, question="Should we?") for k in range(5)]
    settings = SETTINGS.model_copy(update={"hold_out": "groups"})
    built = build([write_study(tmp_path / "run", *rounds)], settings)
    groups = [{answer.session_id for answer in side.answers} for side in built.data.sides().values()]
    assert [len(some) for some in groups] == [4, 1]
    assert groups[0].isdisjoint(groups[1])
    card = save(built, tmp_path / "data")
    assert card["held_out"] == []
    assert load_training_data(tmp_path / "data") == built.data


def test_one_group_cannot_be_parted(tmp_path):
    """By groups, and by questions of which the same people discuss both."""
    one = write_study(tmp_path / "one", usual(1))
    with pytest.raises(TrainingDataError, match=r"^1 group: nothing can be held out; expected another"):
        build([one], SETTINGS.model_copy(update={"hold_out": "groups"}))
    met_twice = write_study(tmp_path / "twice", usual(1), usual(2, session="s1", agreement=usual(1).agreement))
    with pytest.raises(TrainingDataError, match=r"^1 group: nothing can be held out"):
        build([met_twice], SETTINGS)


def test_ties_that_are_kept_are_no_comparisons_to_learn_from(tmp_path):
    tied = (usual(k, agreement={f"ann{k}": (4, 4, 4), f"bob{k}": (5, 5, 5)}) for k in range(1, 6))
    with pytest.raises(
        TrainingDataError, match=r"^0 comparisons to learn from; .*`with a preference`, which 0 of 30 passed$"
    ):
        build([write_study(tmp_path / "run", *tied)], SETTINGS.model_copy(update={"ties": "keep"}))


def test_one_question_cannot_be_parted(tmp_path):
    rounds = [usual(1), usual(2, question="Should we do 1?"), usual(3, split="ood_test")]
    with pytest.raises(
        TrainingDataError, match=r"^1 of the questions may be learnt from \(split train\); expected at least 2"
    ):
        build([write_study(tmp_path / "run", *rounds)], SETTINGS)


def test_a_scale_that_nobody_was_asked_for(plain):
    with pytest.raises(
        RunFolderError, match="has no ratings of represented, which `represented >= 6` asks for; it has agreement"
    ):
        build([plain], SETTINGS.model_copy(update={"sft_rule": "represented >= 6"}))


def test_a_prompt_that_is_not_there(plain):
    with pytest.raises(ScenarioError, match="prompt 'best_shot': no such file"):
        build([plain], SETTINGS.model_copy(update={"prompt": "best_shot"}))
