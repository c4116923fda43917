"""What the trained reader learns from: texts held out, and pairs whose labels are true."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from simcons.languages.en_gb import EN_GB
from simcons.questions.accuracy import LabelledText
from simcons.questions.bank import Question
from simcons.questions.forms import forms
from simcons.questions.trained_reader import AGAINST, FOR, NOT_SAID, TORN, claim_proposition, position_proposition
from simcons.training.reader_data import Material, PairSampler, claim_labels, load_material

CLAIMS = {
    name: {
        "id": name,
        "side": side,
        "wordings": {"plain": [f"{name} is so", f"{name} is [really|truly] so"]},
        "denials": [f"{name} is not so", f"{name} is never so"],
    }
    for name, side in (("a", "for"), ("b", "against"), ("c", "common"), ("d", "for"))
}
QUESTION = Question(
    id="q", text="Q?", position="We should", negation="We should not", noun="it", claims=list(CLAIMS.values())
)


def text(name: str, verdict: int | None, **claims: int) -> LabelledText:
    return LabelledText(id=name, question="q", kind="opinion", text=f"Text {name}.", claims=claims, verdict=verdict)


TEXTS = [text("x", 1, a=1, b=-1), text("y", -1, b=1), text("z", 0), text("w", None, a=-1, b=1, c=1, d=1)]
NEAR = {entry.id: [0, 1, 2] for entry in TEXTS}


@pytest.fixture(scope="module")
def pairs():
    """Those of 40 epochs, by what they are pairs of."""
    rng = np.random.default_rng(0)
    sampler = PairSampler(Material({"q": QUESTION}, TEXTS, []), NEAR, EN_GB, n_phrases=5, n_verdicts=0, rng=rng)
    return [pair for _ in range(40) for pair in sampler.epoch()]


def of_text(pairs, name):
    return [pair for pair in pairs if pair.text.lower() == f"text {name}."]


def subject(proposition: str) -> str:
    return proposition[0]


@pytest.mark.parametrize(("name", "straight"), [("x", FOR), ("y", AGAINST), ("z", TORN), ("w", NOT_SAID)])
def test_the_verdict_of_each_text_is_learnt_once_an_epoch(pairs, name, straight):
    asked = position_proposition(QUESTION)
    assert [pair.answer for pair in of_text(pairs, name) if pair.proposition == asked] == [straight] * 40


def test_every_label_of_a_text_is_learnt_and_what_it_does_not_say_of_the_claims_it_is_near(pairs):
    """Of d, which it is not near, nothing is asked of x, y and z; w has a label for every claim it is near."""
    answers = {
        name: Counter(
            (subject(pair.proposition), pair.answer)
            for pair in of_text(pairs, name)
            if not pair.proposition.startswith("We ")
        )
        for name in "xyzw"
    }
    assert answers["x"] == {("a", FOR): 40, ("b", AGAINST): 40, ("c", NOT_SAID): 40}
    assert answers["y"].keys() == {("b", FOR), ("a", NOT_SAID), ("c", NOT_SAID)}
    assert answers["z"].keys() == {("a", NOT_SAID), ("b", NOT_SAID), ("c", NOT_SAID)}
    assert answers["w"] == {("a", AGAINST): 40, ("b", FOR): 40, ("c", FOR): 40, ("d", FOR): 40}


def test_phrases_of_the_bank_say_what_they_are(pairs):
    """A wording asserts its claim, a denial denies it, and neither says anything of the position."""
    phrases = [pair for pair in pairs if not pair.text.lower().startswith("text ")]
    position = position_proposition(QUESTION)
    for pair in phrases:
        denies = " not " in pair.text or " never " in pair.text
        expected = NOT_SAID if pair.proposition == position else AGAINST if denies else FOR
        assert pair.answer == expected
        assert pair.proposition == position or subject(pair.proposition) == subject(pair.text)
    assert {pair.answer for pair in phrases} == {FOR, AGAINST, NOT_SAID}


def test_a_claim_is_put_with_its_denial_in_all_their_forms(pairs):
    put = {pair.proposition for pair in pairs if subject(pair.proposition) == "a"}
    claim = QUESTION.claims[0]
    wordings = {form for wording in claim.wordings.plain for form in forms(wording)}
    assert put == {f"{wording} / {denial}" for wording in wordings for denial in claim.denials}
    assert claim_proposition(claim) == "a is so / a is not so"


def test_an_epoch_is_the_same_for_the_same_seed():
    material = Material({"q": QUESTION}, TEXTS, [])

    def epoch(seed):
        return PairSampler(material, NEAR, EN_GB, n_phrases=3, n_verdicts=3, rng=np.random.default_rng(seed)).epoch()

    assert epoch(1) == epoch(1) != epoch(2)


def test_claim_labels_are_in_the_order_of_the_claims():
    assert claim_labels(TEXTS[0], QUESTION).tolist() == [1, 2, 0, 0]


def test_every_fifth_text_of_a_question_is_held_out(tmp_path):
    bank = tmp_path / "bank.yaml"
    bank.write_text(
        "schema_version: 1\ntopic: t\ntitle: T\nsplit: train\nquestions:\n"
        "- {id: q, text: Q?, position: We should, negation: We should not, noun: it, claims: "
        "[{id: a, side: for, wordings: {plain: [a is so]}, denials: [a is not so]}]}\n",
        encoding="utf-8",
    )
    (tmp_path / "texts").mkdir()
    for file, first in (("one", 0), ("two", 4)):
        entries = [
            f"- {{id: t{k}, question: q, kind: opinion, text: T, claims: {{}}, verdict: 1}}"
            for k in range(first, first + 4 + first)
        ]
        (tmp_path / "texts" / f"{file}.yaml").write_text(
            "\n".join(["schema_version: 1", "entries:", *entries]) + "\n", encoding="utf-8"
        )
    material = load_material(bank, tmp_path / "texts")
    assert [entry.id for entry in material.held_out] == ["t0", "t5", "t10"]
    assert len(material.learnt) == 9
