"""Frames of opinions are read as what they are: verdicts as their stance, reasons as made, rejections as denied."""

from __future__ import annotations

import pytest
from groups import bank  # noqa: F401  (fixture)

from simcons.languages.en_gb import EN_GB
from simcons.languages.text import as_sentence
from simcons.questions.forms import first_form
from simcons.questions.reader import QuestionReader
from simcons.questions.second_opinion import WEAK

OPINIONS = EN_GB.opinions
SIGNS = {stance: 0 if stance == "torn" else 1 if stance.endswith("for") else -1 for stance in OPINIONS.verdicts}
MADE = (
    *("first_reasons", "more_reasons", "hedged_reasons", "concessions", "common", "common_later", "halves", "asked"),
    *("exclaimed", "told"),
)


@pytest.fixture(scope="module")
def readers(bank):  # noqa: F811
    """Of questions that ban, allow, spend and forbid."""
    return [QuestionReader(question, EN_GB) for question in bank[::9]]


def sign(verdict):
    return None if verdict is None else (verdict > 0) - (verdict < 0)


def test_every_verdict_is_read_as_its_stance(readers):
    as_clause, wrong = EN_GB.text.as_clause, []
    for stance, registers in OPINIONS.verdicts.items():
        for frame in {frame for frames in registers.values() for frame in frames}:
            for reader in readers:
                question = reader.question
                text = frame.format(
                    noun=question.noun, position=as_clause(question.position), negation=as_clause(question.negation)
                )
                if sign(reader.read(as_sentence(text)).verdict) != SIGNS[stance]:
                    wrong.append((stance, text))
    assert wrong == []


@pytest.mark.parametrize("kind", [*MADE, "denied", "contradicted", "paired", "weighed"])
def test_every_frame_of_a_point_is_read_as_making_or_denying_it(readers, kind):
    wrong = []
    for frame in {frame for frames in getattr(OPINIONS, kind).values() for frame in frames}:
        for reader in readers:
            first, second, *_ = reader.question.claims
            clause = first_form((first.denials if kind == "contradicted" else first.wordings.plain)[0])
            text = frame.format(claim=clause, Claim=as_sentence(clause), more=second.point)
            reading = reader.read(text)
            expected = {0: -1 if kind in ("denied", "contradicted") else 1}
            if "{more}" in frame:
                expected[1] = 1
            said = {mention.claim: mention.polarity for mention in reading.mentions}
            by_claims = reading.verdict in (None, WEAK, -WEAK)
            if any(said.get(claim) != polarity for claim, polarity in expected.items()) or not by_claims:
                wrong.append(text)
    assert wrong == []
