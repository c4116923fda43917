"""The minds behave alike behind one interface, and differ only in who is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from groups import RefusingReader

from simcons.engines.acts import run_act
from simcons.engines.base import Request
from simcons.engines.scripted import ScriptedEngine
from simcons.languages.en_gb import EN_GB
from simcons.population.minds import latent
from simcons.population.minds.discussion import Discussion, KnownRound, Respondent, Statement, Submission
from simcons.population.minds.fitted import FittedMind
from simcons.population.minds.latent import LatentMind
from simcons.population.minds.llm import LlmMind
from simcons.population.minds.mind import Draft, Judgement, Mind
from simcons.population.minds.mixed import MixedMind
from simcons.population.minds.prompts import load_templates
from simcons.population.minds.writer import WrittenOpinion
from simcons.questions.bank import load_bank
from simcons.questions.readers import RulesReader
from simcons.remembered import Remembered
from simcons.scale import AGREEMENT, QUALITY, REPRESENTED
from simcons.scenario.minds import FittedMindSettings, LatentMindSettings, LlmMindSettings
from simcons.scenario.shipped import find_bank

QUESTION = load_bank(find_bank("core"))[0]
SCALES = (QUALITY, AGREEMENT, REPRESENTED)  # in an order of the scenario's
SETTINGS = LlmMindSettings(kind="llm", engine="m", elicitation={"by": "text"})
LATENT = LatentMind(LatentMindSettings(), EN_GB, scales=SCALES, seed=1)
MODEL = LlmMind(SETTINGS, load_templates(SETTINGS), EN_GB, scales=SCALES, seed=1)
MINDS: dict[str, Mind] = {
    "latent": LATENT,
    "llm": MODEL,
    "fitted": FittedMind(FittedMindSettings(kind="fitted", checkpoint="rm", engine="m"), LATENT, seed=1),
    "mixed: the model writes": MixedMind(LATENT, writer=MODEL, judge=LATENT),
    "mixed: the model judges": MixedMind(LATENT, writer=LATENT, judge=MODEL),
    "mixed: the model writes and judges": MixedMind(LATENT, writer=MODEL, judge=MODEL),
}
ASKED = {
    "latent": set(),
    "llm": {"position", "opinion", "agreement", "quality", "represented"},
    "fitted": {"agreement"},
    "mixed: the model writes": {"opinion"},
    "mixed: the model judges": {"agreement", "quality", "represented"},
    "mixed: the model writes and judges": {"opinion", "agreement", "quality", "represented"},
}
STATEMENTS = [
    Statement("We want money spent at home first."),
    Statement("We are torn."),
    Statement("I am torn.", False),
]


class Noting(ScriptedEngine):
    """Answers 5 or with a sentence; keeps what it was asked."""

    def __init__(self):
        super().__init__(lambda request: "Aid saves lives." if request.act == "opinion" else "5")
        self.asked: list[Request] = []

    def complete(self, requests, on_reply=None):
        self.asked += requests
        return super().complete(requests, on_reply)


@pytest.fixture
def engine() -> Noting:
    return Noting()


@pytest.fixture
def person(crowd) -> Respondent:
    return Respondent("p1", crowd[3], QUESTION, "r1")


@pytest.fixture(params=MINDS)
def name(request) -> str:
    return request.param


@pytest.fixture
def mind(name) -> Mind:
    return MINDS[name]


def discussion_of(person: Respondent) -> Discussion:
    return Discussion(QUESTION, "r1", {"p1": person.persona}, RulesReader(EN_GB), EN_GB, scales=SCALES, seed=1)


def judge(mind, person, statements, engine):
    return run_act(mind.judge(person, statements, discussion_of(person)), {"m": engine})


def test_a_round_with_any_mind(mind, name, person, engine):
    """A position, an opinion, and every statement on every scale; only the acts of a model's part are asked of it."""
    held = run_act(mind.position(person), {"m": engine})
    assert held.value is not None
    assert held.missing is None
    person = replace(person, position=held.value)
    draft = run_act(mind.write(person, 40.0), {"m": engine})
    assert isinstance(draft, Draft)
    assert draft.opinion is not None
    assert not draft.careless
    assert (draft.written is None) == ("opinion" not in ASKED[name])
    sent = Submission("o1", draft.opinion, draft.opinion.text, draft.opinion.text)
    appraisals = judge(mind, replace(person, opinion=draft.opinion, submission=sent), STATEMENTS, engine)
    assert [list(appraisal) for appraisal in appraisals] == [list(SCALES)] * 3
    assert all(judgement.value is not None for appraisal in appraisals for judgement in appraisal.values())
    assert {request.act for request in engine.asked} == ASKED[name]


def test_a_mind_keeps_nothing_of_people(mind, person, engine):
    """Asked again, after another person, it answers the same."""

    def answers(someone):
        act = mind.write(someone, 40.0)
        return run_act(mind.position(someone), {"m": engine}), run_act(act, {"m": engine})

    first = answers(person)
    answers(replace(person, participant_id="p2"))
    assert answers(person) == first


def test_convictions_are_the_same_when_they_have_to_be_worked_out_anew(crowd, monkeypatch):
    """With room for one, two people in turn push each other out."""
    people = [Respondent(f"p{k}", crowd[k], QUESTION, "r1") for k in (1, 2)]
    expected = [LATENT.conviction(person) for person in people]
    monkeypatch.setattr(latent, "_KEPT", 1)
    cramped = LatentMind(LatentMindSettings(), EN_GB, scales=SCALES, seed=1)
    for _ in range(2):
        assert [cramped.conviction(person) for person in people] == expected


def test_a_statement_is_judged_the_same_wherever_it_stands(mind, person, engine):
    together = judge(mind, person, STATEMENTS, engine)
    assert judge(mind, person, STATEMENTS[::-1], engine) == together[::-1]
    assert judge(mind, person, STATEMENTS[:1], engine) == together[:1]


def test_of_a_text_without_a_reading_a_latent_mind_thinks_nothing(person):
    reader = RefusingReader({STATEMENTS[1].text})
    discussion = Discussion(QUESTION, "r1", {"p1": person.persona}, reader, EN_GB, scales=SCALES, seed=1)
    appraisals = run_act(LATENT.judge(person, STATEMENTS, discussion), {})
    assert [set(appraisal.values()) == {Judgement(None, "refusal")} for appraisal in appraisals] == [False, True, False]


def test_judging_is_free_where_the_latent_mind_judges(mind, name):
    assert mind.judges_everything == ("agreement" not in ASKED[name])


def test_positions_and_verdicts_are_the_latent_minds_where_beliefs_are(mind, name, person, engine):
    """Whoever writes: a language model that is told nothing says nothing of the stance it meant."""
    draft = run_act(mind.write(person, 40.0), {"m": engine})
    position = run_act(mind.position(person), {"m": engine}).value
    if name == "llm":
        assert (position, draft.opinion) == (5.0, WrittenOpinion("Aid saves lives.", (), None))
    else:
        assert position == LATENT.conviction(person).position
        assert draft.opinion.stance is not None
        assert set(draft.opinion.claims) <= {
            claim for claim, endorsed in enumerate(LATENT.conviction(person).endorsement) if endorsed > 0
        }


def test_beliefs_are_handed_to_the_model_that_judges(person, engine):
    """It is told what the latent mind holds and rejects, whatever it was told before."""
    judge(MINDS["mixed: the model judges"], person, STATEMENTS[:1], engine)
    beliefs = LATENT.beliefs(person, person.persona.writing.words)
    prompt = "\n".join(message.content for message in engine.asked[0].messages)
    for claim in (*beliefs.claims, *beliefs.rejected[:3]):
        assert f"- {QUESTION.claims[claim].point}\n" in prompt


# --- the discussion ------------------------------------------------------------------------------------------------


def test_what_is_submitted_is_seen_by_minds_and_in_order(person):
    discussion = Discussion(
        QUESTION,
        "r1",
        {"p2": person.persona, "p1": person.persona},
        RulesReader(EN_GB),
        EN_GB,
        scales=SCALES,
        seed=1,
    )
    meant = WrittenOpinion("We should. It helps.", (0,), "for")
    for who in ("p2", "p1"):
        discussion.answer(who, 6.5)
        discussion.write(who, meant)
        discussion.submit(who, Submission(f"r1-{who}", meant, "We should.", "We should."))
    assert list(discussion.submissions()) == ["p1", "p2"]
    told = discussion.respondent("p2")
    assert (told.position, told.opinion, told.submission.text) == (6.5, meant, "We should.")


def test_one_who_sent_nothing_still_has_an_opinion(person):
    discussion = discussion_of(person)
    discussion.write("p1", WrittenOpinion("We should.", (0,), "for"))
    assert discussion.submissions() == {}
    assert discussion.respondent("p1").opinion.claims == (0,)


def test_copying_an_opinion_costs_the_groups_statement_alone(person):
    """The same words as one person's own opinion are judged without regard to whose they are."""
    text = f"I think that {QUESTION.claims[0].point}."
    discussion = discussion_of(person)
    discussion.submit("p1", Submission("r1-p1", WrittenOpinion(text, (), None), text, text))
    [of_group, of_one] = run_act(discussion.prepare([Statement(text), Statement(text, of_group=False)]), {})
    assert of_group.form < of_one.form - 1
    assert of_group.blemish == pytest.approx(of_one.blemish + 1)  # point of agreement


class CountingReader:
    """Reads by rules, and notes each text."""

    name = "reader"

    def __init__(self):
        self.read_so_far: list[str] = []
        self._rules = RulesReader(EN_GB)

    def read(self, question, texts):
        self.read_so_far += texts
        return self._rules.read(question, texts)


def test_what_an_earlier_study_read_is_read_again_only_where_something_else_was_sent(person):
    """The same statement, in the same round; then after another opinion, and in a round that there was no room for."""
    known, aid = Remembered[KnownRound](most=2), WrittenOpinion("We should.", (0,), "for")

    def play(round_id: str, opinion: str) -> tuple[object, list[str]]:
        reader = CountingReader()
        people = {"p1": person.persona}
        discussion = Discussion(QUESTION, round_id, people, reader, EN_GB, scales=SCALES, seed=1, known=known)
        discussion.submit("p1", Submission("o1", aid, opinion, opinion))
        return run_act(LATENT.judge(person, STATEMENTS[:2], discussion), {}), reader.read_so_far

    (first, read), (again, read_again) = (play("r1", "We should.") for _ in range(2))
    assert again == first
    assert (len(read), read_again) == (2, [])
    copied, read_anew = play("r1", STATEMENTS[0].text)  # word for word
    assert copied != first
    assert len(read_anew) == 2
    assert [len(play("r2", "We should.")[1]) for _ in range(2)] == [2, 2]
