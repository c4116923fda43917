"""The shipped bank is whole, and a bank that is not is refused in one line that says where."""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy

import pytest
import yaml

from simcons.errors import ScenarioError
from simcons.languages.text import normalise
from simcons.questions.bank import Topic, load_bank
from simcons.scenario.files import load_model
from simcons.scenario.shipped import find_bank
from simcons.seeds import stream

NEGATING = re.compile(
    r"\b(?:not|never|no|nobody|nothing|none|neither|nor|hardly|barely|cannot|aint|dont|cant|wont|arent|werent)\b"
    r"|(?:snt|dnt)\b"
)
TOPIC = {
    "schema_version": 1,
    "topic": "cats",
    "title": "Cats",
    "split": "train",
    "questions": [
        {
            "id": "curfew",
            "text": "Should cats be kept in at night?",
            "position": "Cats should be kept in at night.",
            "negation": "Cats should not be kept in at night.",
            "noun": "a curfew for cats",
            "claims": [
                {
                    "id": "birds",
                    "side": "for",
                    "wordings": {"plain": ["birds would live"]},
                    "denials": ["birds would die"],
                },
                {
                    "id": "cruel",
                    "side": "against",
                    "wordings": {"plain": ["it would be cruel"]},
                    "denials": ["cats would not mind"],
                },
            ],
        }
    ],
}


def written(path, topic):
    path.write_text(yaml.safe_dump(topic))
    return path


def changed(change):
    topic = deepcopy(TOPIC)
    change(topic)
    return topic


def test_a_bank_is_a_file_or_a_folder_of_them_in_order(tmp_path):
    def second(topic):
        topic.update(topic="dogs", split="ood_test")
        topic["questions"][0]["id"] = "leads"

    written(tmp_path / "b.yaml", TOPIC)
    written(tmp_path / "a.yaml", changed(second))
    assert [question.id for question in load_bank(tmp_path / "b.yaml")] == ["curfew"]
    assert [(q.id, q.topic, q.split) for q in load_bank(tmp_path)] == [
        ("leads", "dogs", "ood_test"),
        ("curfew", "cats", "train"),
    ]


def test_a_question_is_of_its_topics_split_unless_it_gives_its_own(tmp_path):
    def second(topic):
        topic["questions"].append({**question(topic), "id": "collars", "split": "iid_test"})

    assert [(q.id, q.split) for q in load_bank(written(tmp_path / "cats.yaml", changed(second)))] == [
        ("curfew", "train"),
        ("collars", "iid_test"),
    ]


def test_a_file_is_read_again_only_if_it_has_changed(tmp_path):
    """To as many bytes, and within the same moment."""
    path = written(tmp_path / "cats.yaml", TOPIC)
    before = load_model(path, Topic)
    assert load_model(path, Topic) is before
    written(path, changed(lambda topic: question(topic).update(id="kitten")))
    assert [each.id for each in load_bank(path)] == ["kitten"]
    assert [each.id for each in before.questions] == ["curfew"]


def question(topic):
    return topic["questions"][0]


def wordings(topic):
    return question(topic)["claims"][0]["wordings"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: question(t).update(claims=[question(t)["claims"][0]] * 2), r"questions\.0: .*claim id 'birds' is used more than once"),  # noqa: E501
        (lambda t: t.update(questions=[question(t)] * 2), r"question id 'curfew' is used more than once"),
        (lambda t: question(t).update(answer=42), r"questions\.0\.answer: unknown key.* 42"),
        (lambda t: question(t)["claims"][1].update(colour="red"), r"questions\.0\.claims\.1\.colour: unknown key.* 'red'"),
        (lambda t: question(t)["claims"][1].update(side="con"), r"claims\.1\.side: (?=.*'con')(?=.*one of for, against or common)"),  # noqa: E501
        (lambda t: question(t)["claims"][0].update(loadings={"height": 1}), r"loadings: unknown key 'height': .*economic"),
        (lambda t: question(t)["claims"][0].update(loadings={"economic": 2}), r"loadings\.economic: (?=.*\b2\b).*at most 1"),
        (lambda t: question(t)["claims"][0].update(wordings=["one", "two"]), r"claims\.0\.wordings: a list of `wordings` is now `wordings: \{plain: "),  # noqa: E501
        (lambda t: question(t)["claims"][0].update(denial="birds die"), r"claims\.0\.denial: `denial` is now `denials`"),
        (lambda t: wordings(t).update(plain=[]), r"wordings\.plain: .*at least (?:1|one)"),
        (lambda t: wordings(t).update(plain=["birds [would] live"]), r"plain: .*square brackets; expected none"),
        (lambda t: wordings(t).update(chatty=["birds [would live"]), r"chatty\.0: .*do not pair"),
        (lambda t: wordings(t).update(chatty=["birds [] live"]), r"chatty\.0: .*empty square brackets"),
        (lambda t: wordings(t).update(chatty=["[a|b|c|d|e] bird [a|b|c|d|e] lives"]), r"chatty\.0: .*25 forms; expected at most 24"),  # noqa: E501
        (lambda t: question(t).update(pull=9), r"questions\.0\.pull: (?=.*\b9\b).*3\.5"),
        (lambda t: question(t).update(id="Cat Curfew"), r"questions\.0\.id: .*'Cat Curfew'"),
        (lambda t: question(t).update(text="Should \x1b[31mcats stay in?"), r"questions\.0\.text: value .* U\+001B, which cannot be written"),  # noqa: E501
        (lambda t: question(t)["claims"][0].update(denials=["no \x00 cats"]), r"claims\.0\.denials\.0: value .* U\+0000"),
        (lambda t: question(t).pop("noun"), r"questions\.0\.noun: "),
        (lambda t: question(t).update(claims=[]), r"questions\.0\.claims: .*at least (?:1|one)"),
        (lambda t: t.update(split="test"), r"split: (?=.*'test').*train, iid_test or ood_test"),
        (lambda t: question(t).update(split="test"), r"questions\.0\.split: (?=.*'test').*train, iid_test or ood_test"),
        (lambda t: t.update(schema_version=2), r"schema_version: .*\b2\b"),
        (lambda t: t.update(questions=[]), r"questions: .*at least (?:1|one)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(tmp_path, change, said):
    path = written(tmp_path / "cats.yaml", changed(change))
    with pytest.raises(ScenarioError, match=said) as caught:
        load_bank(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [("topic: [", "line 2.*YAML|YAML.*line 2"), ("topic: a\ntopic: b\n", "'topic'.*twice"), ("", "null"), ("- 1", r"\[1\]")],
)  # fmt: skip
def test_a_file_that_is_no_bank(tmp_path, text, said):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=said) as caught:
        load_bank(path)
    assert "\n" not in str(caught.value)


def test_a_question_in_two_files_an_empty_folder_and_no_file(tmp_path):
    with pytest.raises(ScenarioError, match=r"expected at least one topic file \(\*\.yaml\), found none"):
        load_bank(tmp_path)
    written(tmp_path / "a.yaml", TOPIC)
    written(tmp_path / "b.yaml", TOPIC)
    with pytest.raises(ScenarioError, match="question id 'curfew' is used more than once; expected unique ids"):
        load_bank(tmp_path)
    with pytest.raises(ScenarioError, match=r"(?i)no such file"):
        load_bank(tmp_path / "none.yaml")


def test_the_shipped_bank_fits_the_writers_frames(bank):
    """Position, negation and noun each stand in a sentence: "I think ...", "I am in favour of ..."."""
    assert len(bank) == 56
    for q in bank:
        assert q.text.startswith("Should "), q.id
        assert q.text.endswith("?"), q.id
        for text in (q.position, q.negation):
            assert re.fullmatch(r"[A-Z][^.?!]*\.", text), text
        assert q.position != q.negation
        assert not re.search(r"[.?!;]$", q.noun), q.noun
        assert q.noun[0].islower() or q.noun.split()[0] in {"Britain", "Sunday"}, q.noun
        assert re.search(r"\bnot?\b|kept private", q.negation), q.negation


SHIPPED = [question for name in ("core", "wider", "american") for question in load_bank(find_bank(name))]


def test_the_shipped_banks_have_no_question_in_common():
    """They are of one form, so that a study may draw from all: 125 questions in 24 topics."""
    assert (
        len(SHIPPED)
        == len({question.id for question in SHIPPED})
        == len({question.text for question in SHIPPED})
        == 125
    )
    assert len({question.topic for question in SHIPPED}) == 24
    for q in SHIPPED:
        assert Counter(claim.side for claim in q.claims) == {"for": 4, "against": 4, "common": 4}, q.id


def test_one_question_of_every_topic_that_is_trained_on_is_held_out_by_a_draw():
    """17 questions of 92 within topics; 33 in seven whole topics."""
    held_out = {question.id for question in SHIPPED if question.split == "iid_test"}
    topics = {question.topic for question in SHIPPED if question.split != "ood_test"}
    assert held_out == {_drawn(topic) for topic in topics}
    assert Counter(question.split for question in SHIPPED) == {"train": 75, "iid_test": 17, "ood_test": 33}


def _drawn(topic: str) -> str:
    """As `docs/question_banks.md` has it."""
    ids = sorted(question.id for question in SHIPPED if question.topic == topic)
    return ids[stream(0, "iid_test", topic).integers(len(ids))]


def test_the_shipped_bank_is_balanced(bank):
    """Four claims a side, people of both sides for most questions, questions in every split."""
    for q in bank:
        assert Counter(claim.side for claim in q.claims) == {"for": 4, "against": 4, "common": 4}, q.id
    assert {q.split for q in bank} == {"train", "iid_test", "ood_test"}
    pulls = [q.pull for q in bank]
    assert abs(sum(pulls) / 56) < 0.6
    assert sum(abs(pull) < 2 for pull in pulls) > 40
    assert find_bank("core").is_dir()


@pytest.mark.parametrize("question", SHIPPED, ids=lambda question: question.id)
def test_shipped_claims_have_wordings_enough_for_a_group_and_denials_of_several_kinds(question):
    for claim in question.claims:
        assert 10 <= len(claim.assertions) <= 15, claim.id
        assert 3 <= len(claim.denials) <= 5, claim.id
        assert len(claim.wordings.plain) >= 4, claim.id
        assert len(claim.wordings.chatty) >= 3, claim.id
        assert claim.wordings.formal, claim.id
        assert not all(NEGATING.search(normalise(text)) for text in claim.denials), claim.id
