"""A reader's accuracy on labelled texts, counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from simcons.errors import ScenarioError
from simcons.questions.accuracy import Count, Heard, LabelledText, heard, load_texts, side, tallies
from simcons.questions.reading import Mention, Reading

LABELLED_BY_HAND = Path(__file__).parents[2] / "benchmarks" / "reader"


def text(kind: str, claims: dict[str, int], verdict: int | None) -> LabelledText:
    return LabelledText(id="t", question="q", kind=kind, text="Words.", claims=claims, verdict=verdict)


def test_counts_by_hand():
    labelled = [
        text("opinion", {"a": 1, "b": -1}, 1),
        text("opinion", {"a": 1}, -1),
        text("denial", {"a": -1, "b": -1}, None),
        text("denial", {}, 0),
        text("denial", {"c": 1}, None),
    ]
    given = [
        Heard({"a": 1, "b": -1}, 1),  # as labelled
        Heard({"a": -1, "d": 1}, 1),  # denied, one too many, and reversed
        Heard({"a": 1}, -1),  # asserted, one missed, and a verdict invented
        Heard({}, None),  # the verdict missed
        Heard({}, None, missing=True),  # no reading
    ]
    by_kind = tallies(labelled, given)
    assert list(by_kind) == ["denial", "opinion", "all"]
    assert by_kind["all"].counts() == {
        "precision": Count(4, 5),
        "recall": Count(4, 6),
        "denials_asserted": Count(1, 3),
        "assertions_denied": Count(1, 3),
        "verdicts_right": Count(1, 3),
        "verdicts_reversed": Count(1, 3),
        "verdicts_missed": Count(1, 3),
        "verdicts_invented": Count(1, 2),
        "texts_right": Count(1, 5),
        "texts_missing": Count(1, 5),
    }
    assert by_kind["all"].f1 == pytest.approx(8 / 11)
    jaccard = by_kind["all"].either.share
    assert by_kind["all"].f1 == pytest.approx(2 * jaccard / (1 + jaccard))
    assert by_kind["opinion"].counts()["precision"] == Count(3, 4)
    assert by_kind["denial"].counts()["verdicts_right"] == Count(0, 1)


def test_nothing_labelled_and_nothing_heard_has_no_share():
    tally = tallies([text("other", {}, None)], [Heard({}, None)])["all"]
    assert tally.f1 is None
    assert tally.counts()["precision"].share is None
    assert tally.counts()["texts_right"].share == 1


def test_a_reading_in_the_terms_of_labels(bank):
    question = bank[0]
    mentions = (Mention(0, 1, 0, 1.0), Mention(1, -1, 0, 0.5))
    reading = Reading(mentions, 0.3, 5, 1, 1.0, 0.0, 1.0, 0.0, False, True)
    assert heard(question, reading) == Heard({question.claims[0].id: 1, question.claims[1].id: -1}, 1)
    assert [side(verdict) for verdict in (None, 0.1, -0.1, -0.2, 1.0)] == [None, 0, 0, -1, 1]


@pytest.mark.parametrize("name", ["dev", "test"])
def test_shipped_texts_are_on_the_core_bank(bank, name):
    texts = load_texts(LABELLED_BY_HAND / f"{name}.yaml", {question.id: question for question in bank})
    assert len(texts) > 150
    assert {text.verdict for text in texts} == {None, -1, 0, 1}


ENTRY = "- {{id: {id}, question: {question}, kind: k, text: Words., claims: {{{claim}: 1}}, verdict: {verdict}}}\n"
GOOD = {"id": "t1", "question": "free_buses", "claim": "quicker_boarding", "verdict": "null"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"question": "free_busses"},
            "line 3: t1: question 'free_busses' is not in the bank; expected an id of one of ",
        ),
        ({"claim": "slow"}, "line 3: t1: claim 'slow': expected one of "),
        ({"verdict": "2"}, "line 3: entries.0.verdict: value 2: expected one of 1, 0 or -1"),
        ({"id": "t2"}, "id 't2' is used more than once; expected unique ids"),
    ],
)
def test_faults_of_a_file_are_told_in_a_line(bank, tmp_path, changed, said):
    path = tmp_path / "mine.yaml"
    entries = ENTRY.format(**{**GOOD, **changed}) + ENTRY.format(**{**GOOD, "id": "t2"})
    path.write_text(f"schema_version: 1\nentries:\n{entries}", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_texts(path, {question.id: question for question in bank})
    assert str(caught.value).startswith(f"{path}: {said}")
    assert "\n" not in str(caught.value)
