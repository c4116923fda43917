"""Every rule finds the fault planted for it, and the shipped bank has no errors."""

from pathlib import Path

import numpy as np
import pytest

from simcons.languages.en_gb import EN_GB
from simcons.languages.en_gb.banks import reading_grade, syllables
from simcons.population.bank_lint import BankFinding, closeness, lint, overlap, shares_held
from simcons.population.minds.conviction import CompiledQuestion, consider
from simcons.population.synthesis import synthesise
from simcons.questions.bank import Wordings, load_bank
from simcons.questions.forms import first_form
from simcons.scale import MIDPOINT
from simcons.scenario.minds import LatentMindSettings
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_bank, find_population

CORE = find_bank("core")
BANK = load_bank(CORE)
BUSES, CENTRES = load_bank(CORE / "transport.yaml")[:2]
GOOD = BUSES.claims[0].wordings
SUBJECTS = (
    "pensions",
    "bakeries",
    "lighthouses",
    "orchards",
    "marathons",
    "violins",
    "glaciers",
    "kitchens",
    "comets",
    "ferries",
)


def claim_with(k=0, /, **changes):
    """BUSES with claim ``k`` changed."""
    claims = list(BUSES.claims)
    claims[k] = claims[k].model_copy(update=changes)
    return BUSES.model_copy(update={"claims": claims})


def worded(wording):
    """BUSES with ``wording`` as the first claim's plain one."""
    return claim_with(wordings=GOOD.model_copy(update={"plain": [wording, *GOOD.plain[1:]]}))


def question_with(**changes):
    return BUSES.model_copy(update=changes)


def found(*questions, **options):
    """What lint finds in these questions, as (level, rule, claim)."""
    return {(finding.level, finding.rule, finding.claim) for finding in lint(questions, EN_GB, **options)}


def large_bank(splits, pulls):
    """A question on each of up to ten subjects, in topics of its own."""
    questions = []
    for subject, split, pull in zip(SUBJECTS, splits, pulls, strict=False):
        text = {"id": subject, "text": f"Should {subject} be free?", "topic": subject}
        questions.append(question_with(**text, split=split, pull=pull))
    return questions


# --- the shipped bank --------------------------------------------------------------------------------------------


def test_the_shipped_bank_has_no_errors_and_only_common_ground_that_is_very_common():
    findings = lint(BANK, EN_GB)
    assert [str(finding) for finding in findings if finding.level == "error"] == []
    assert {finding.rule for finding in findings} <= {"endorsement"}


def test_the_american_bank_has_no_findings():
    """Nor a word that is spelt otherwise in Britain."""
    assert [str(finding) for finding in lint(load_bank(find_bank("american")), EN_GB)] == []


def test_a_good_question_alone_has_no_findings():
    assert lint([BUSES], EN_GB) == []
    assert lint([], EN_GB) == []


def test_a_finding_is_one_clear_line():
    assert [str(finding) for finding in lint([worded("free buses, {noun}, would help the poor")], EN_GB)] == [
        "error: free_buses/eases_budgets: form: plain 1 holds a placeholder: '{': 'free buses, {noun}, would help the poor'"
    ]
    assert str(BankFinding("warning", None, None, "pulls", "too narrow")) == "warning: the bank: pulls: too narrow"


def test_errors_come_first():
    wrong, spelt = worded("because the bus is full of people"), worded("the color of the bus puts people off it")
    findings = lint([spelt.model_copy(update={"text": "Should the bus be green?"}), wrong], EN_GB)
    assert [finding.level for finding in findings] == ["error", "warning"]


def test_parts_still_to_be_written_are_named_and_nothing_else_is_said_of_them():
    begun = claim_with(
        wordings=Wordings(plain=["TODO in plain words"], chatty=GOOD.chatty, formal=["TODO formal words"]),
        denials=["TODO deny it"],
    )
    assert [str(finding) for finding in lint([begun], EN_GB)] == [
        "error: free_buses/eases_budgets: unwritten: still to be written: plain 1, formal 1, denial 1"
    ]
    assert [str(finding) for finding in lint([question_with(noun="TODO a few words")], EN_GB)] == [
        "error: free_buses: unwritten: still to be written: noun"
    ]


def test_what_makes_a_bank_unusable():
    lacking = [claim for claim in BUSES.claims if claim.side != "against"]
    for question in (
        claim_with(denials=["TODO deny it"]),
        question_with(claims=lacking),
        question_with(negation=BUSES.position),
        worded("free buses, {noun}, would help the poor"),
    ):
        assert any(finding.unusable for finding in lint([question], EN_GB)), question
    for question in (question_with(claims=BUSES.claims[1:]), worded("buses fill up")):
        assert lint([question], EN_GB)
        assert not any(finding.unusable for finding in lint([question], EN_GB)), question


def test_a_question_whose_claims_nobodys_values_decide():
    bare = [claim.model_copy(update={"loadings": {}}) for claim in BUSES.claims]
    assert ("warning", "values", None) in found(question_with(loadings={}, claims=bare))


# --- sides and repeats -------------------------------------------------------------------------------------------


def test_a_side_with_too_few_claims():
    assert ("error", "sides", None) in found(question_with(claims=BUSES.claims[1:]))


@pytest.mark.parametrize(
    "changes", [{"denials": [GOOD.plain[0].upper()]}, {"wordings": Wordings(plain=[GOOD.plain[0], *GOOD.all()])}]
)
def test_the_same_words_twice(changes):
    assert ("error", "repeat", "eases_budgets") in found(claim_with(**changes))


def test_a_wording_of_one_claim_in_another():
    other = BUSES.claims[1]
    assert ("error", "repeat", other.id) in found(
        claim_with(1, wordings=Wordings(plain=[*other.wordings.plain, GOOD.plain[0]]))
    )


def test_nearly_the_same_wording():
    nearly = GOOD.plain[0].replace("every week", "each week")
    assert found(claim_with(wordings=Wordings(plain=[*GOOD.all(), nearly]))) == {("warning", "repeat", "eases_budgets")}


def test_two_questions_with_nearly_the_same_text():
    twin = question_with(id="no_fares", text="Should bus travel be free for all of us?")
    assert found(BUSES, twin) == {("error", "repeat", None)}
    sugar, meat = (
        question_with(id=what, text=f"Should there be an extra tax on {what}?") for what in ("sugar", "meat")
    )
    assert lint([sugar, meat], EN_GB) == []


def test_a_text_that_people_were_asked_is_one_questions():
    known = CENTRES.model_copy(update={"asked_as": ["Should bus travel be FREE for everyone"]})
    assert [str(finding) for finding in lint([BUSES, known], EN_GB)] == [
        f"error: {CENTRES.id}: repeat: asked_as 'should bus travel be free for everyone' is 'free_buses' too;"
        " expected it of one question"
    ]
    assert lint([known], EN_GB) == []


def test_a_claim_whose_wordings_are_those_of_another_with_a_word_in_three_changed():
    copied = [
        " ".join("thingy" if place % 3 == 1 else word for place, word in enumerate(wording.split()))
        for wording in map(first_form, GOOD.all())
    ]
    assert ("warning", "same point", "clears_the_roads") in found(
        claim_with(1, wordings=Wordings(plain=copied), stories=[])
    )


def concepts(texts):
    """Unit vectors: money, or a direction of the text's own."""
    vectors = np.eye(len(texts), len(texts) + 1)
    money = [any(word in text for word in ("money", "skint", "budgets", "poor", "hard-up")) for text in texts]
    vectors[money] = np.eye(len(texts) + 1)[-1]
    return vectors.astype(np.float32)


def test_the_same_point_in_other_words_is_found_by_embeddings_alone():
    other_words = ["the poor would notice", "hard-up folk could breathe a bit", "destitution is a poor companion"]
    planted = question_with(
        claims=[claim_with(1, wordings=Wordings(plain=other_words), stories=[]).claims[k] for k in (0, 1, 2, 3)]
    )
    point = ("warning", "same point", "clears_the_roads")
    assert point in found(planted, encode=concepts)
    assert point not in found(planted)


def test_closeness_and_overlap():
    # The second wording of the first claim is like nothing: (1 + 0) / 2 one way, 1 the other; their mean is .75.
    assert closeness(np.eye(3)[:2], np.eye(3)[:1]) == pytest.approx(0.75)
    assert overlap(frozenset("abc"), frozenset("bcd")) == 0.5
    assert overlap(frozenset(), frozenset()) == 0


# --- form --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wording",
    [
        "The buses would be full of people who used to drive",
        "Drivers would leave the car at home if the bus cost nothing to ride",
        "buses would be full of people who used to drive.",
        "because buses would be full of people who used to drive",
        "I think buses would be full of people who used to drive",
        "buses fill up",
        "buses " * 31,
        "buses would be full of {people} who used to drive",
    ],
)
def test_a_clause_that_will_not_fit_a_sentence(wording):
    assert ("error", "form", "eases_budgets") in found(worded(wording))


@pytest.mark.parametrize(
    "wording",
    [
        "I'd sooner walk than pay for a bus",
        "MPs never catch a bus themselves so they cannot know",
        "Nan relies on the bus to get to her hospital appointments",
        "Leeds had cheap buses once, and they were always full",
        "butter costs less than a bus ticket nowadays",
    ],
)
def test_names_acronyms_and_i_may_begin_a_clause(wording):
    assert lint([worded(wording)], EN_GB) == []


def test_denials_are_held_to_the_same_form():
    assert ("error", "form", "eases_budgets") in found(claim_with(denials=["But a ticket costs next to nothing."]))


@pytest.mark.parametrize(
    ("level", "changes"),
    [
        ("error", {"text": "Bus travel should be free"}),
        ("error", {"position": "free bus travel for everyone"}),
        ("error", {"position": "Bus travel should be free for everyone"}),
        ("error", {"negation": "bus travel should not be free for everyone."}),
        ("error", {"negation": BUSES.position}),
        ("error", {"noun": "___"}),
        ("warning", {"negation": "Passengers should go on paying their way."}),
    ],
)
def test_question_position_and_negation(level, changes):
    assert found(question_with(**changes)) == {(level, "form", None)}


def test_a_position_that_is_itself_negative_needs_no_negating_word_in_its_negation():
    assert lint([question_with(position=BUSES.negation, negation=BUSES.position)], EN_GB) == []


def test_american_spelling():
    assert found(worded("town centers would soon be emptier of cars")) == {("warning", "spelling", "eases_budgets")}
    assert (
        lint([worded("the program to organize them is laborious, and the laboratory is in the centre of town")], EN_GB)
        == []
    )


# --- endorsement -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("k", "pull", "level"), [(4, -3.0, "error"), (0, 3.0, "error"), (8, -3.0, "error"), (8, 2.6, "warning")]
)
def test_a_claim_that_nobody_or_everybody_holds(k, pull, level):
    assert found(claim_with(k, pull=pull)) == {(level, "endorsement", BUSES.claims[k].id)}


def test_a_position_that_everybody_takes():
    assert ("error", "endorsement", None) in found(question_with(pull=3.5))


@pytest.mark.parametrize("question", [BUSES, CENTRES, question_with(loadings={})])
def test_shares_against_the_convictions_of_the_same_people(question):
    """The SD of a share of 2,000 people is at most .011; over 39 shares one is off by .055 with probability < 5e-5."""
    population = synthesise(load_population_file(find_population("uk")), 2000, seed=3)
    mind, compiled = LatentMindSettings(), CompiledQuestion(question)
    minds = [consider(population.persona(i), compiled, mind, seed=5) for i in range(len(population))]
    shares = shares_held(question, population.values, mind)
    assert np.mean([one.position > MIDPOINT for one in minds]) == pytest.approx(shares.position, abs=0.055)
    held = np.mean([np.array(one.endorsement) > 0 for one in minds], axis=0)
    np.testing.assert_allclose(held, shares.claims, atol=0.055)


# --- reading level -----------------------------------------------------------------------------------------------

HARD = "municipal transportation infrastructure necessitates considerable additional governmental expenditure"


def test_a_claim_that_is_hard_to_read():
    assert found(worded(HARD)) == {("warning", "reading level", "eases_budgets")}


def test_a_bank_that_is_hard_to_read():
    claims = [claim.model_copy(update={"wordings": Wordings(plain=[f"{HARD} {claim.id}"])}) for claim in BUSES.claims]
    assert ("error", "reading level", None) in found(question_with(claims=claims))


def test_the_grade_by_hand():
    # 6 words, 7 syllables (mon-ey): .39 * 6 + 11.8 * 7 / 6 - 15.59 = .517
    assert reading_grade("the bus costs too much money") == pytest.approx(0.5167, abs=1e-4)


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("the", 1),
        ("people", 2),
        ("liked", 1),
        ("wanted", 2),
        ("places", 2),
        ("completely", 3),
        ("table", 2),
        ("rules", 1),
        ("being", 2),
    ],
)
def test_syllables(word, count):
    assert syllables(word) == count


# --- the bank as a whole -----------------------------------------------------------------------------------------


def test_pulls_that_are_all_alike_and_splits_that_are_missing():
    train, all_three = ["train"] * 10, ["train"] * 8 + ["iid_test", "ood_test"]
    narrow, wide = [0.5] * 10, [2.0, -2.0, 1.5, -1.5, 1.0, -1.0, 0.5, -0.5, 0.2, -0.2]
    bank_wide = {
        (finding.level, finding.rule) for finding in lint(large_bank(train, narrow), EN_GB) if finding.question is None
    }
    assert bank_wide == {("warning", "pulls"), ("warning", "splits")}
    assert [finding for finding in lint(large_bank(all_three, wide), EN_GB) if finding.question is None] == []
    assert [finding for finding in lint(large_bank(train, narrow)[:9], EN_GB) if finding.question is None] == []


@pytest.mark.parametrize(
    ("splits", "odd"),
    [
        (["train", "iid_test", "train"], []),
        (["ood_test", "ood_test", "ood_test"], []),
        (["ood_test", "train", "ood_test"], ["bakeries"]),
        (["train", "ood_test", "iid_test"], ["pensions", "lighthouses"]),
    ],
)
def test_a_topic_is_out_of_distribution_as_a_whole(splits, odd):
    questions = [question.model_copy(update={"topic": "t"}) for question in large_bank(splits, [0.0, 1.0, -1.0])]
    findings = [finding for finding in lint(questions, EN_GB) if finding.rule == "splits"]
    assert [(finding.level, finding.question) for finding in findings] == [("error", name) for name in odd]


def test_the_guide_names_every_rule():
    guide = (Path(__file__).parents[2] / "docs" / "question_banks.md").read_text(encoding="utf-8")
    rules = ("sides", "repeat", "same point", "form", "spelling", "endorsement", "reading level", "pulls", "splits")
    assert [rule for rule in rules if f"| `{rule}` |" not in guide] == []
