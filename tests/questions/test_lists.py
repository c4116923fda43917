"""Lists of questions as people keep them, and what is wrong with them in their own lines and ids."""

# ruff: noqa: E501
from __future__ import annotations

import json
import re

import pytest

from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.questions.own import load_questions

ENTRIES = [
    {"id": "Q 7", "question": "Should we act?", "topic": "art"},
    {"id": "Q8", "question": "Is it so, or not?", "affirming_statement": "It is so.", "split": "ood_test"},
]
CSV = 'ID;Text;Topic;Position;Split\nQ 7;Should we act?;art;;\n\nQ8;"Is it so, or not?";;It is so.;ood_test\n'


def save(path, text, *, mark=False):
    path.write_bytes(b"\xef\xbb\xbf" * mark + text.encode())
    return path


def facts(listed):
    return [(q.id, q.text, q.position, q.negation, q.topic, q.split) for q in listed.questions]


@pytest.mark.parametrize("mark", [False, True])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps(ENTRIES)),
        ("a.jsonl", "\n".join(map(json.dumps, ENTRIES)) + "\n\n"),
        ("a.JSONL", "\r\n".join(map(json.dumps, ENTRIES))),
        ("a.csv", CSV),
        ("a.csv", CSV.replace(";", ",")),
        ("a.csv", CSV.replace("\n", "\r\n")),
        ("a.tsv", CSV.replace(";", "\t")),
        ("a.yaml", "- {id: Q 7, text: Should we act?, topic: art}\n- id: Q8\n  question: Is it so, or not?\n  position: It is so.\n  split: ood_test\n"),
    ],
)  # fmt: skip
def test_a_list_reads_alike_in_every_format_with_and_without_a_mark(tmp_path, name, text, mark):
    listed = load_questions(save(tmp_path / name, text, mark=mark), EN_GB)
    assert facts(listed) == [
        ("q_7", "Should we act?", "We should act.", "We should not act.", "art", "train"),
        ("q8", "Is it so, or not?", "It is so.", "It is not so.", "", "ood_test"),
    ]


def test_plain_text_is_a_question_a_line(tmp_path):
    listed = load_questions(save(tmp_path / "a.txt", "Should we act?\n\n  Should we wait, please?\n", mark=True), EN_GB)
    assert [(q.id, q.text) for q in listed.questions] == [
        ("q00001", "Should we act?"),
        ("q00002", "Should we wait, please?"),
    ]


def test_entities_tags_and_spacing_do_not_reach_people(tmp_path):
    text = "<p>Should   R&amp;amp;D\tbe&nbsp;free &amp; fair?</p>"
    assert load_questions(save(tmp_path / "a.txt", text), EN_GB).questions[0].text == "Should R&D be free & fair?"


@pytest.mark.parametrize("again", ["should we act", "Should  we ACT?!", "Should we act? Why?", "Should we &#97;ct?"])
def test_a_question_asked_twice_is_left_out_and_told(tmp_path, again):
    listed = load_questions(save(tmp_path / "a.txt", f"Should we wait?\nShould we act?\n{again}\n"), EN_GB)
    assert [question.text for question in listed.questions] == ["Should we wait?", "Should we act?"]
    assert len(listed.repeats) == 1
    assert listed.repeats[0].startswith("line 3 ")
    assert listed.repeats[0].endswith("asks what line 2 asks")


def test_figures_with_and_without_a_point_are_two_questions(tmp_path):
    listed = load_questions(save(tmp_path / "a.txt", "Should rates be 1.5%?\nShould rates be 15%?\n"), EN_GB)
    assert len(listed.questions) == 2


def test_ids_keep_their_own_script_and_are_told_apart(tmp_path):
    entries = [
        {"id": name, "question": f"Should we act on {k}?"}
        for k, name in enumerate(["税金", "教育", "A-1", "a_1", "é!", "q00006"])
    ]
    listed = load_questions(save(tmp_path / "a.json", json.dumps([*entries, "Should we wait?"])), EN_GB)
    assert [q.id for q in listed.questions] == ["税金", "教育", "a_1", "a_1_2", "é_", "q00006", "q00007"]
    listed = load_questions(
        save(tmp_path / "b.json", json.dumps([{"id": "q00002", "text": "Should we act?"}, "Should we wait?"])), EN_GB
    )
    assert [q.id for q in listed.questions] == ["q00002", "q00002_2"]


UNFIT = 'id,question\nhousing,What should the government do about housing?\n,I voted to Remain.\n3,"   "\nok,Should we act?\n'


def test_all_that_nobody_can_agree_with_is_refused_at_once(tmp_path):
    path = save(tmp_path / "a.csv", UNFIT)
    with pytest.raises(ScenarioError) as caught:
        load_questions(path, EN_GB)
    said = str(caught.value)
    assert said.startswith(f"{path}: 3 of 4 questions cannot be agreed or disagreed with: ")
    for part in (
        "line 2 (id 'housing') 'What should",
        "line 3 'I voted to Remain.' speaks",
        "line 4 (id '3') ' ' is empty",
    ):
        assert part in said
    assert "questions.unfit: leave_out" in said
    assert "\n" not in said


def test_or_left_out_and_told(tmp_path):
    listed = load_questions(save(tmp_path / "a.csv", UNFIT), EN_GB, unfit="leave_out")
    assert [question.id for question in listed.questions] == ["ok"]
    places = ("line 2 (id 'housing') ", "line 3 ", "line 4 (id '3') ")
    assert all(map(str.startswith, listed.unfit, places))
    assert len(listed.unfit) == len(places)
    with pytest.raises(ScenarioError, match="1 of 1 question cannot") as caught:
        load_questions(save(tmp_path / "b.txt", "What should we do?"), EN_GB, unfit="leave_out")
    assert "leave_out" not in str(caught.value), "it was, and nothing is left"


def test_an_open_question_with_a_position_of_its_own_is_asked(tmp_path):
    path = save(tmp_path / "a.csv", "question,position\nWhat should be done?,We should build homes.\n")
    assert facts(load_questions(path, EN_GB))[0][1:4] == (
        "What should be done?", "We should build homes.", "We should not build homes.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", '[\n{"question": "Is it so?", "id": 1},\n{"question": "Is it fair?", "id": "1"}]', r"line 3 \(id '1'\): question id '1' is used more than once, also on line 2; expected unique ids"),
        ("a.json", "[]", "expected a list of at least one question, got an empty list"),
        ("a.csv", "id,question\n", "expected a list of at least one question, got an empty list"),
        ("a.json", '{"questions": []}', r"expected a JSON list of at least one question; one object a line makes a \.jsonl file"),
        ("a.yaml", "questions: []", "expected a list of at least one question, got dict"),
        ("a.json", '[\n\n{"id": "x", "title": "Is it so?"}]', r"line 3 \(id 'x'\): .*"),
        ("a.json", '["Is it so?",\n{"question": "Is it fair?", "topik": 1}]', r"line 2: .*topik"),
        ("a.json", '[{"question": "Is it so?", "split": "test"}]', r"line 1: .*split.*'test'"),
        ("a.json", '["Is it so?", 3]', "line 1: value 3: expected a question"),
        ("a.json", '[{"question": "Is it so?", "text": "Is it fair?"}]', "line 1: question is given twice, also as 'text'"),
        ("a.json", '[{"question": "Is it so?",\n "question": "Is it fair?"}]', "line 1: key 'question' is given twice"),
        ("a.json", '["Is it so?",', "line 1: .*expected JSON"),
        ("a.json", '["Is it so?"\n "Is it fair?"]', "line 2: expected ',' or ']'"),
        ("a.json", '["Is it so?"]\n["Is it fair?"]', "expected nothing after the JSON list"),
        ("a.json", "[" * 100_000, "expected JSON"),
        ("a.jsonl", '"Is it so?"\n{"question": }\n', "line 2: .*expected JSON"),
        ("a.jsonl", '"Is it so?" "Is it fair?"\n', "line 1: expected one JSON value a line"),
        ("a.json", '[{"id": 7, "question": "Is it \\ud83d so?"}]', r"line 1 \(id 7\): question: value .* holds the character U\+D83D"),
        ("a.json", '["Is it so?",\n "Is it\\u0000 fair?"]', r"line 2: question: value .* U\+0000"),
        ("a.json", '[{"question": "Is it so?", "topic": "\\ud800"}]', r"line 1: topic: value .* U\+D800"),
        ("a.txt", "Is it \x1cso?", r"line 1: question: value .* U\+001C"),
        ("a.txt", "Is it \x1b[31mso?", r"line 1: question: value .* U\+001B"),
        ("a.csv", "Should we act?\nShould we wait?\n", "line 1: no column 'question' or 'text' in the header"),
        ("a.csv", "question,votes,by\nIs it so?,3,me\n", "line 1: unknown columns 'votes', 'by': expected among question, id"),
        ("a.csv", "question,text\nIs it so?,\n", "line 1: column 'question' is there twice"),
        ("a.csv", "id,question\n1,Is it so?\n2,Well, is it so?\n", "line 3: has 3 cells under 2 columns: expected quotes"),
        ("a.csv", 'id,question\n1,"Is it so?\n', "line 2: .*expected CSV"),
        ("a.xlsx", "", r"expected a file that ends in one of \.json.* \(save the sheet as CSV\)"),
    ],
)  # fmt: skip
def test_a_list_that_will_not_do_is_refused_in_one_line(tmp_path, name, text, said):
    path = save(tmp_path / name, text)
    with pytest.raises(ScenarioError, match=said) as caught:
        load_questions(path, EN_GB)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("id,question\n1,Is it so?\n".encode("utf-16"), "is UTF-16: expected UTF-8"),
        ("id,question\n1,Is it so?\n2,Is a café fair?\n".encode("cp1252"), "line 3: byte 0xE9 is not UTF-8: expected UTF-8"),
    ],
)  # fmt: skip
def test_another_encoding_is_named(tmp_path, data, said):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    with pytest.raises(ScenarioError, match=re.escape(said)):
        load_questions(path, EN_GB)


def test_no_file(tmp_path):
    with pytest.raises(ScenarioError, match=r"(?i)no such file"):
        load_questions(tmp_path / "none.json", EN_GB)
