"""Which questions a study asks."""

from __future__ import annotations

import json
import shutil

import pytest

from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.questions.choose import choose_questions
from simcons.scenario.shipped import find_bank
from simcons.scenario.study import BankQuestionSettings, FileQuestionSettings


def ids(questions):
    """Of questions, or of those that were chosen."""
    return [question.id for question in getattr(questions, "questions", questions)]


def test_all_by_default_in_the_banks_order(bank):
    assert ids(choose_questions(BankQuestionSettings(), EN_GB, seed=0)) == ids(bank)


def test_a_topic_a_split_and_ids(bank):
    housing = choose_questions(BankQuestionSettings(topics=["housing", "work"]), EN_GB, seed=0)
    assert ids(housing) == [question.id for question in bank if question.topic in ("housing", "work")]
    held_out = choose_questions(BankQuestionSettings(split="ood_test"), EN_GB, seed=0).questions
    assert held_out
    assert all(question.split == "ood_test" for question in held_out)
    tests = choose_questions(BankQuestionSettings(split=["iid_test", "ood_test"]), EN_GB, seed=0)
    assert ids(tests) == [question.id for question in bank if question.split != "train"]
    assert ids(choose_questions(BankQuestionSettings(ids=["free_buses", "votes_at_16"]), EN_GB, seed=0)) == [
        "votes_at_16",
        "free_buses",
    ]


def test_several_banks_are_drawn_from_as_one(bank):
    """Held-out topics of both, in the banks' order."""
    both = BankQuestionSettings(bank=["core", "wider"])
    assert ids(choose_questions(both, EN_GB, seed=0))[:56] == ids(bank)
    held_out = choose_questions(both.model_copy(update={"split": "ood_test"}), EN_GB, seed=0).questions
    assert {"family_life", "crown_church_and_nation"} < {question.topic for question in held_out}


def test_an_id_in_two_banks_is_refused(tmp_path):
    own = tmp_path / "own.yaml"
    shutil.copy(find_bank("core") / "transport.yaml", own)
    with pytest.raises(
        ScenarioError, match=r"question id 'free_buses' is in .*core and in .*own\.yaml; expected unique"
    ):
        choose_questions(BankQuestionSettings(bank=["core", str(own)]), EN_GB, seed=0)


def test_a_count_is_a_random_sample_without_repeats_by_the_seed(bank):
    drawn = [tuple(ids(choose_questions(BankQuestionSettings(count=28), EN_GB, seed=seed))) for seed in range(14)]
    assert all(len(set(sample)) == 28 for sample in drawn)
    assert drawn[0] == tuple(ids(choose_questions(BankQuestionSettings(count=28), EN_GB, seed=0)))
    order = ids(bank)
    assert all(list(sample) == sorted(sample, key=order.index) for sample in drawn)
    assert {name for sample in drawn for name in sample} == set(
        order
    )  # false alarm 56 / 2^14 = 3e-3, were the seeds not fixed


def test_from_a_file(tmp_path):
    path = tmp_path / "list.json"
    path.write_text(
        json.dumps([{"question": f"Should we act on {k}?", "topic": k % 3, "split": "iid_test"} for k in range(9)])
    )
    wanted = FileQuestionSettings(kind="file", path=str(path), topics=[1, "2"], count=4, split="iid_test")
    chosen = choose_questions(wanted, EN_GB, seed=0).questions
    assert len(chosen) == 4
    assert {question.topic for question in chosen} <= {"1", "2"}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"topics": ["houses"]}, r"questions\.topics: unknown 'houses'; expected among .*housing"),
        ({"ids": ["free_buses", "no"]}, r"questions\.ids: unknown 'no'; expected among "),
        ({"topics": ["housing"], "count": 5}, r"questions\.count 5: only 4 in .*core match; expected at most that"),
        ({"bank": "nowhere"}, r"question bank 'nowhere': no such file.*core"),
    ],
)
def test_what_cannot_be_had_is_said_in_one_line(wanted, said):
    with pytest.raises(ScenarioError, match=said) as caught:
        choose_questions(BankQuestionSettings(**wanted), EN_GB, seed=0)
    assert "\n" not in str(caught.value)


def test_topics_and_split_that_exclude_one_another(bank):
    topic = next(question.topic for question in bank if question.split == "train")
    with pytest.raises(
        ScenarioError, match=rf"none in .*core match \(split ood_test, topics \['{topic}'\]\); expected at least one"
    ):
        choose_questions(BankQuestionSettings(topics=[topic], split="ood_test"), EN_GB, seed=0)


def test_what_was_left_out_and_what_has_no_bank_is_counted(tmp_path, bank):
    path = tmp_path / "list.txt"
    path.write_text("Should we act?\nWhat should be done?\nshould we ACT\nShould we wait?\n")
    chosen = choose_questions(FileQuestionSettings(kind="file", path=str(path), unfit="leave_out"), EN_GB, seed=0)
    assert chosen.counts == {"asked": 2, "generic": 2, "unfit_left_out": 1, "repeats_left_out": 1}
    from_bank = choose_questions(BankQuestionSettings(), EN_GB, seed=0)
    assert from_bank.counts == {"asked": len(bank), "generic": 0, "unfit_left_out": 0, "repeats_left_out": 0}
