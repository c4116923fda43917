"""What the trained reader learns from: texts held out, and lessons whose labels are true."""

from __future__ import annotations

import numpy as np

from simcons.languages.en_gb import EN_GB
from simcons.questions.accuracy import LabelledText
from simcons.questions.bank import Question
from simcons.questions.trained_reader import AGAINST, ASSERTED, DENIED, FOR, NEITHER, NOT_SAID, TORN
from simcons.training.reader_data import LessonSampler, Material, lesson_of, load_material

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
MATERIAL = Material({"q": QUESTION}, TEXTS, [])


def sampler(seed: int, n_composed: int) -> LessonSampler:
    return LessonSampler(MATERIAL, EN_GB, n_composed=n_composed, rng=np.random.default_rng(seed))


def test_every_text_is_learnt_once_an_epoch_with_all_its_labels():
    lessons = {lesson.text.lower(): lesson for lesson in sampler(0, 0).epoch()}
    labels = {name: (lesson.claims.tolist(), lesson.verdict) for name, lesson in lessons.items()}
    assert labels == {
        "text x.": ([ASSERTED, DENIED, NEITHER, NEITHER], FOR),
        "text y.": ([NEITHER, ASSERTED, NEITHER, NEITHER], AGAINST),
        "text z.": ([NEITHER] * 4, TORN),
        "text w.": ([DENIED, ASSERTED, ASSERTED, ASSERTED], NOT_SAID),
    }


def test_a_composed_text_says_what_it_is_labelled_with():
    """A wording asserts its claim, a denial denies it, and only a verdict says anything of the position."""
    composed = [lesson for lesson in sampler(0, 300).epoch() if not lesson.text.lower().startswith("text ")]
    assert len(composed) == 300
    for lesson in composed:
        sentences = [sentence.strip().lower() for sentence in lesson.text.split(".") if sentence.strip()]
        points = {sentence[0]: sentence for sentence in sentences if sentence[1:4] == " is"}
        stances = {
            claim.id: DENIED if " not " in points[claim.id] or " never " in points[claim.id] else ASSERTED
            for claim in QUESTION.claims
            if claim.id in points
        }
        assert lesson.claims.tolist() == [stances.get(claim.id, NEITHER) for claim in QUESTION.claims]
        assert (len(points) < len(sentences)) == (lesson.verdict != NOT_SAID)
    assert {lesson.verdict for lesson in composed} == {FOR, AGAINST, TORN, NOT_SAID}


def test_an_epoch_is_the_same_for_the_same_seed():
    def epoch(seed):
        return [(lesson.text, lesson.verdict) for lesson in sampler(seed, 5).epoch()]

    assert epoch(1) == epoch(1) != epoch(2)


def test_claim_labels_are_in_the_order_of_the_claims():
    assert lesson_of(TEXTS[0], QUESTION).claims.tolist() == [ASSERTED, DENIED, NEITHER, NEITHER]


def test_every_eighth_text_of_a_question_is_held_out(tmp_path):
    bank = tmp_path / "bank.yaml"
    bank.write_text(
        "schema_version: 1\ntopic: t\ntitle: T\nsplit: train\nquestions:\n"
        "- {id: q, text: Q?, position: We should, negation: We should not, noun: it, claims: "
        "[{id: a, side: for, wordings: {plain: [a is so]}, denials: [a is not so]}]}\n",
        encoding="utf-8",
    )
    (tmp_path / "texts").mkdir()
    for file, first in (("one", 0), ("two", 6)):
        entries = [
            f"- {{id: t{k}, question: q, kind: opinion, text: T, claims: {{}}, verdict: 1}}"
            for k in range(first, 2 * first + 6)
        ]
        (tmp_path / "texts" / f"{file}.yaml").write_text(
            "\n".join(["schema_version: 1", "entries:", *entries]) + "\n", encoding="utf-8"
        )
    material = load_material(bank, tmp_path / "texts")
    assert [entry.id for entry in material.held_out] == ["t0", "t8", "t16"]
    assert len(material.learnt) == 15
