"""The mind a language model plays, on engines that answer from a function written here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcons.engines.acts import run_act
from simcons.engines.base import Message, Reply, Request
from simcons.engines.replies import said
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.languages.text import as_sentence
from simcons.population.minds.beliefs import beliefs_of
from simcons.population.minds.conviction import CompiledQuestion, consider
from simcons.population.minds.discussion import Discussion, Respondent, Statement, Submission
from simcons.population.minds.elicitation import Item, elicit
from simcons.population.minds.likert import Missing, ShownScale
from simcons.population.minds.llm import LlmMind
from simcons.population.minds.prompts import load_templates
from simcons.population.minds.writer import WrittenOpinion
from simcons.population.persona import WritingStyle
from simcons.questions.bank import load_bank
from simcons.questions.readers import RulesReader
from simcons.scale import AGREEMENT, QUALITY, USUAL
from simcons.scenario.engines import SamplingSettings
from simcons.scenario.minds import ElicitationSettings, LatentMindSettings, LlmMindSettings
from simcons.scenario.shipped import find_bank

QUESTION = load_bank(find_bank("core"))[0]
KEY = ("p1", "r1")
EQUAL = (1.0,) * 7
TEMPLATES = load_templates(LlmMindSettings(kind="llm", engine="m"))
NO_DISCUSSION = Discussion(QUESTION, "r1", {}, RulesReader(EN_GB), EN_GB, scales=USUAL, seed=1)
STATEMENTS = ["We think that aid saves lives.", "We want money spent at home first.", "We are torn."]


@dataclass
class Playing(ScriptedEngine):
    """Weighs the choices by ``weigh``, with ``mass`` of the probability on all of them; keeps what it was asked."""

    weigh: Callable[[Request], tuple[float, ...]] = lambda request: EQUAL
    say: Callable[[Request], str] = lambda request: "4"
    mass: Callable[[Request], float] = lambda request: 0.8
    asked: list[list[Request]] = field(default_factory=list)

    def complete(self, requests, on_reply=None):
        self.asked.append(list(requests))
        return [self.reply(request) for request in requests]

    def reply(self, request: Request) -> Reply:
        if request.answer == "logprobs":
            weights = np.array(self.weigh(request))
            shares = self.mass(request) * weights / weights.sum()
            with np.errstate(divide="ignore"):
                return Reply("", 100, 0, "choices", logprobs=tuple(np.log(shares).tolist()))
        text = self.say(request)
        n_words = len(text.split())
        return Reply(text, 100, n_words, "length" if n_words >= request.sampling.max_tokens else "stop")


def mind_of(*, retries: int = 2, templates: dict | None = None, scales=USUAL, **elicitation) -> LlmMind:
    settings = LlmMindSettings(
        kind="llm", engine="m", retries=retries, elicitation=ElicitationSettings(**elicitation), **(templates or {})
    )
    return LlmMind(settings, load_templates(settings) if templates else TEMPLATES, EN_GB, scales=scales, seed=1)


def respondent(persona, *, key=KEY, opinion: str | None = None, **known) -> Respondent:
    sent = None if opinion is None else Submission("o1", WrittenOpinion(opinion, (), None), opinion, opinion)
    return Respondent(key[0], persona, QUESTION, key[1], submission=sent, **known)


def position(engine: Playing, persona, *, key=KEY, **how):
    return run_act(mind_of(**how).position(respondent(persona, key=key)), {"m": engine}).elicited


def judge(engine: Playing, persona, *, statements=STATEMENTS, opinion="I am not sure.", beliefs=None, key=KEY, **how):
    """Elicited answers by scale, a statement each."""
    person = respondent(persona, key=key, opinion=opinion, position=5.1, beliefs=beliefs)
    act = mind_of(**how).judge(person, [Statement(text) for text in statements], NO_DISCUSSION)
    return [{scale: found.elicited for scale, found in judged.items()} for judged in run_act(act, {"m": engine})]


def write(engine: Playing, persona, *, position=6.0, beliefs=None, words=53.0, templates=None, retries=2):
    person = respondent(persona, position=position, beliefs=beliefs)
    return run_act(mind_of(retries=retries, templates=templates).write(person, words), {"m": engine}).written


def prompt_of(request: Request) -> str:
    return "\n".join(f"[{message.role}] {message.content}" for message in request.messages)


def listed_first(request: Request) -> tuple[float, ...]:
    """Weights of one that takes whatever is listed first."""
    up = prompt_of(request).index("1 = ") < prompt_of(request).index("7 = ")
    return (6.0, *[1.0] * 6) if up else (*[1.0] * 6, 6.0)


@pytest.fixture
def persona(crowd):
    return crowd[3]


# --- what is asked -----------------------------------------------------------------------------------------------


def test_the_answer_is_the_mean_and_spread_of_the_distribution(persona):
    """Weights .1 .2 .3 .2 .1 .05 .05: mean 3.35, mean square 13.55, SD sqrt(13.55 - 3.35^2) = 1.5256."""
    engine = Playing(weigh=lambda request: (0.1, 0.2, 0.3, 0.2, 0.1, 0.05, 0.05))
    found = position(engine, persona)
    assert found.value == pytest.approx(3.35)
    assert found.spread == pytest.approx(1.5256, abs=1e-4)
    assert found.mass == pytest.approx(0.8)
    assert (found.missing, found.attempts, found.coded, found.text) == (None, 1, "up", None)


def test_a_position_is_drawn_from_the_distribution_and_what_was_asked_stays_its_mean(persona):
    """Weights .6 on 2 and .4 on 7. False alarm: 200 draws with a share of 7 outside .25 to .55, 2e-5."""
    engine = Playing(weigh=lambda request: (0, 0.6, 0, 0, 0, 0, 0.4))
    act = mind_of(order="both").position
    taken = [run_act(act(respondent(persona, key=(f"p{k}", "r"))), {"m": engine}) for k in range(200)]
    assert {one.value for one in taken} == {2.0, 7.0}
    assert 0.25 < np.mean([one.value == 7 for one in taken]) < 0.55
    assert all(one.elicited.value == pytest.approx(4) for one in taken)
    again = run_act(act(respondent(persona, key=("p3", "r"))), {"m": engine})
    assert again.value == taken[3].value


@pytest.mark.parametrize(("by", "position"), [("logprobs", "expected"), ("choice", "drawn"), ("text", "drawn")])
def test_a_position_that_is_not_to_be_drawn_or_was_sampled_is_the_answer(persona, by, position):
    engine = Playing(weigh=lambda request: (0, 0.6, 0, 0, 0, 0, 0.4))
    settings = LlmMindSettings(kind="llm", engine="m", position=position, elicitation=ElicitationSettings(by=by))
    mind = LlmMind(settings, TEMPLATES, EN_GB, scales=USUAL, seed=1)
    assert run_act(mind.position(respondent(persona)), {"m": engine}).value == pytest.approx(4)


def test_the_model_sees_who_answers(crowd):
    """An engine that reads the table and nothing else sends the left and the right to opposite ends."""

    def by_table(request):
        right = re.search(r"On the economy: leans(?: \w+)? right", prompt_of(request))
        left = re.search(r"On the economy: leans(?: \w+)? left", prompt_of(request))
        return (1, 1, 1, 1, 1, 1, 90) if right else (90, 1, 1, 1, 1, 1, 1) if left else (1, 1, 1, 90, 1, 1, 1)

    values = {who.values[0]: position(Playing(weigh=by_table), who).value for who in crowd[:60]}
    assert {3 if value < 3 else 5 if value > 5 else 4 for value in values.values()} == {3, 4, 5}
    assert all(
        (value < 3) == (leaning <= -0.25) and (value > 5) == (leaning >= 0.25) for leaning, value in values.items()
    )


def test_the_table_has_every_trait_and_no_number_but_the_age(persona):
    engine = Playing()
    position(engine, persona)
    [system, *_] = engine.asked[0][0].messages
    assert system.role == "system"
    for line in (f"Sex: {persona.sex}", f"Age: {persona.age}", f"Region: {persona.region}"):
        assert line in system.content.splitlines()
    assert len(re.findall(r"^[A-Z][\w ]+: .+$", system.content, re.MULTILINE)) == 11
    assert re.findall(r"\d+", system.content) == [str(persona.age)]


def test_all_statements_are_rated_in_one_list(persona):
    engine = Playing()
    judged = judge(engine, persona)
    assert len(judged) == len(STATEMENTS)
    assert [request.act for request in engine.asked[0]] == ["agreement", "quality"] * len(STATEMENTS)
    assert len(engine.asked) == 1


def test_anchors_are_those_people_see(persona):
    engine = Playing()
    judge(engine, persona, statements=STATEMENTS[:1], order="up")
    agreement, quality = (prompt_of(request) for request in engine.asked[0])
    assert (
        "1 = strongly disagree\n2 = disagree\n3 = somewhat disagree\n4 = neutral\n"
        "5 = somewhat agree\n6 = agree\n7 = strongly agree\n"
    ) in agreement
    assert (
        "1 = terrible\n2 = poor\n3 = somewhat poor\n4 = neutral\n5 = somewhat good\n6 = good\n7 = excellent\n"
    ) in quality


def test_what_a_person_is_asked_begins_alike(persona):
    """All ratings share everything up to the statement; options, whose order is drawn, come after it."""
    engine = Playing()
    judge(engine, persona)
    write(engine, persona, position=5.1)
    *ratings, opinion = [prompt_of(request) for batch in engine.asked for request in batch]
    shared = ratings[0].split("The statement: ")[0]
    assert len(shared) > 1000
    assert all(rating.startswith(f"{shared}The statement: <statement>") for rating in ratings)
    for agreement, quality in zip(ratings[::2], ratings[1::2], strict=True):
        assert agreement.split("</statement>")[0] == quality.split("</statement>")[0]
    assert opinion.startswith(shared.split("What you wrote")[0])


def test_a_judgement_does_not_depend_on_what_else_is_judged(persona):
    together, alone = Playing(), Playing()
    judge(together, persona)
    judge(alone, persona, statements=[STATEMENTS[1]])
    assert together.asked[0][2:4] == alone.asked[0]


def test_every_request_has_a_seed_of_its_own(persona):
    engine = Playing(say=lambda request: "")
    for key in (("p1", "r1"), ("p1", "r2"), ("p2", "r1"), ("p", "1r1")):
        judge(engine, persona, key=key, by="text")
        position(engine, persona, key=key, by="text")
    seeds = [request.seed for batch in engine.asked for request in batch]
    assert len(seeds) == 4 * 3 * 7
    assert len(set(seeds)) == len(seeds)


# --- order -------------------------------------------------------------------------------------------------------


def test_a_liking_for_the_first_option_is_exposed_and_averaged_out(persona):
    """Weight 6 on the first of seven against 1: mean (6 + 27) / 12 = 2.75 listed up, 5.25 listed down."""
    up, down, both = (position(Playing(weigh=listed_first), persona, order=order) for order in ("up", "down", "both"))
    assert (up.value, up.listed) == (pytest.approx(2.75), "up")
    assert (down.value, down.listed) == (pytest.approx(5.25), "down")
    assert (both.value, both.listed, both.attempts) == (pytest.approx(4.0), "both", 2)
    assert both.spread > up.spread


def test_the_drawn_order_is_recorded_and_falls_both_ways(persona):
    """False alarm: 60 fair draws outside 15..45, 5e-5."""
    found = [position(Playing(weigh=listed_first), persona, key=(f"p{k}", "r")) for k in range(60)]
    assert all((one.value < 4) == (one.listed == "up") for one in found)
    assert 15 <= sum(one.listed == "up" for one in found) <= 45
    assert {one.attempts for one in found} == {1}


@pytest.mark.parametrize("by", ["logprobs", "choice", "text"])
def test_a_scale_coded_down_is_turned_round(persona, by):
    """A model that says 7 whatever it stands for; another that looks the label up."""
    seven = Playing(weigh=lambda request: (0, 0, 0, 0, 0, 0, 1), say=lambda request: "7")
    items = [
        Item("agreement", (coded,), ShownScale("agreement", EN_GB.scales[AGREEMENT].labels, coded), lambda options: ())
        for coded in ("up", "down")
    ]
    settings = LlmMindSettings(kind="llm", engine="m", elicitation=ElicitationSettings(by=by))
    up, down = run_act(elicit(items, settings, EN_GB, seed=1), {"m": seven})
    assert [(up.value, up.coded), (down.value, down.coded)] == [(7, "up"), (1, "down")]


# --- what cannot be used -----------------------------------------------------------------------------------------


def test_only_what_failed_is_asked_again_with_the_options_the_other_way(persona):
    """The middle statement's agreement is refused twice."""
    refused = []

    def refuse_twice(request):
        if request.act == "agreement" and STATEMENTS[1] in prompt_of(request) and len(refused) < 2:
            refused.append(request)
            return "I'm sorry, but I can't rate this."
        return "Somewhat disagree" if request.act == "agreement" else "I'd say good."

    engine = Playing(say=refuse_twice)
    judged = judge(engine, persona, by="text")
    assert [len(batch) for batch in engine.asked] == [6, 1, 1]
    assert [one[AGREEMENT].value for one in judged] == [3, 3, 3]
    assert [one[AGREEMENT].attempts for one in judged] == [1, 3, 1]
    assert [one[QUALITY].value for one in judged] == [6, 6, 6]
    tried = [engine.asked[0][2], engine.asked[1][0], engine.asked[2][0]]
    assert [request.draw for request in tried] == [0, 1, 2]
    assert len({request.seed for request in tried}) == 3
    assert all(prompt_of(a) != prompt_of(b) for a, b in pairwise(tried))
    assert judged[0][AGREEMENT].text == "Somewhat disagree"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [("As an AI, I have no views.", "refusal"), ("", "empty"), ("between 4 and 5", "off_scale")],
)
def test_what_never_comes_is_missing_with_the_reply_kept(persona, reply, reason):
    engine = Playing(say=lambda request: reply)
    found = position(engine, persona, by="text", retries=3)
    assert found.missing == Missing(reason, reply)
    assert (found.value, found.spread, found.attempts, len(engine.asked)) == (None, None, 4, 4)


def test_probability_off_the_scale(persona):
    """Log-probabilities are the same every time, so each order is asked once, however many retries there are."""
    engine = Playing(mass=lambda request: 0.3)
    found = position(engine, persona, retries=5)
    assert (found.value, found.missing.reason, found.attempts) == (None, "off_scale", 2)
    assert found.mass == pytest.approx(0.3)
    assert position(engine, persona, retries=5, order="up").attempts == 1
    assert position(engine, persona, least_mass=0.2).value == pytest.approx(4.0)
    assert position(Playing(mass=lambda request: 0.0), persona, least_mass=0.0).missing.reason == "off_scale"


def test_an_answer_one_way_only_is_not_an_average(persona):
    engine = Playing(say=lambda request: "6" if listed_first(request)[0] > 1 else "dunno")
    found = position(engine, persona, by="text", order="both")
    assert (found.value, found.missing.reason, found.attempts) == (None, "off_scale", 4)


# --- opinions ----------------------------------------------------------------------------------------------------


def test_an_opinion_as_written(persona):
    engine = Playing(say=lambda request: 'My opinion: "It would help, I think.\nBut it is dear."')
    written = write(engine, persona)
    assert (written.text, written.missing, written.attempts) == ("It would help, I think. But it is dear.", None, 1)
    [request] = engine.asked[0]
    assert (request.act, request.answer, request.sampling.max_tokens) == ("opinion", "text", 200)
    assert "about 55 words" in prompt_of(request)
    assert "your answer was: agree." in prompt_of(request)


def test_opinions_that_do_not_come(persona):
    replies = iter(["As an AI, I have no opinions.", " \n", "I can't see the point."])
    engine = Playing(say=lambda request: next(replies))
    written = write(engine, persona)
    assert (written.text, written.attempts) == ("I can't see the point.", 3)
    assert len({batch[0].seed for batch in engine.asked}) == 3
    refused = write(Playing(say=lambda request: "I cannot write that."), persona, retries=1)
    assert (refused.text, refused.missing, refused.attempts) == (None, Missing("refusal", "I cannot write that."), 2)
    assert write(Playing(say=lambda request: '""'), persona).missing == Missing("empty", '""')
    cold = {"opinion_sampling": SamplingSettings(temperature=0.0)}
    assert write(Playing(say=lambda request: ""), persona, templates=cold).attempts == 1


def test_an_echo_and_a_loop_are_asked_for_again(persona):
    replies = iter([f"The question: {QUESTION.text}", "It helps us all. " * 9, "Aid helps us all."])
    written = write(Playing(say=lambda request: next(replies)), persona)
    assert (written.text, written.missing, written.attempts) == ("Aid helps us all.", None, 3)
    looping = write(Playing(say=lambda request: "It helps us all. " * 9), persona, retries=0)
    assert (looping.text, looping.missing.reason) == (None, "loop")


def test_an_opinion_that_ran_out_of_tokens_is_kept_and_marked(persona):
    long = " ".join(f"aid{k} helps" for k in range(150))
    written = write(Playing(say=lambda request: long), persona)
    assert written.truncated
    assert written.text == long
    assert not write(Playing(say=lambda request: "No."), persona).truncated


def test_people_are_told_to_write_in_their_own_way(persona):
    ways = [
        (WritingStyle("formal", words=60, hedging=0.1, tidiness=0.9), "formal, with flat statements and tidy spelling"),
        (WritingStyle("plain", words=60, hedging=0.4, tidiness=0.5), "plain, with a little hedging and mostly tidy"),
        (WritingStyle("chatty", words=60, hedging=0.9, tidiness=0.1), "as to a friend, with much hedging and careless"),
    ]
    for style, way in ways:
        engine = Playing()
        write(engine, replace(persona, writing=style))
        assert way in prompt_of(engine.asked[0][0])


def test_the_words_for_a_position(persona):
    engine = Playing(say=lambda request: "Yes.")
    for told in (-0.4, 1.4, 2.5, 4.49, 4.5, 5.9, 8.3, None):
        write(engine, persona, position=told)
    prompts = [prompt_of(batch[0]) for batch in engine.asked]
    assert [
        match and match.group(1) for match in (re.search(r"your answer was: (.+)\.", text) for text in prompts)
    ] == [
        "strongly disagree",
        "strongly disagree",
        "somewhat disagree",
        "neutral",
        "somewhat agree",
        "agree",
        "strongly agree",
        None,
    ]


def test_an_opinion_may_begin_with_the_verdict_of_the_position(persona):
    verdict_first = {"opinion_start": "verdict"}
    replies = iter(["It helps us all. " * 9, "It would help."])
    engine = Playing(say=lambda request: next(replies))
    written = write(engine, persona, position=2.9, templates=verdict_first)
    first, second = (batch[0].messages[-1] for batch in engine.asked)
    assert first == second
    assert first.role == "assistant"
    assert stated(first.content) == "against"
    assert written.text == f"{first.content} It would help."
    nothing_more = write(Playing(say=lambda request: ""), persona, position=2.9, templates=verdict_first)
    assert nothing_more.missing.reason == "empty"
    unasked = Playing(say=lambda request: "Yes.")
    write(unasked, persona, position=None, templates=verdict_first)
    assert unasked.asked[0][0].messages[-1].role == "user"


def stated(verdict: str) -> str | None:
    """The stance whose verdicts this is one of."""
    question, clause = QUESTION, EN_GB.text.as_clause
    names = {"noun": question.noun, "position": clause(question.position), "negation": clause(question.negation)}
    stances = {
        as_sentence(frame.format(**names)): stance
        for stance, registers in EN_GB.opinions.verdicts.items()
        for frames in registers.values()
        for frame in frames
    }
    return stances.get(verdict)


def test_no_verdict_is_taken_for_a_refusal_or_for_what_introduces_an_answer():
    names = {"noun": QUESTION.noun, "position": "aid helps", "negation": "aid does not help"}
    for registers in EN_GB.opinions.verdicts.values():
        for frame in (frame for frames in registers.values() for frame in frames):
            verdict = as_sentence(frame.format(**names))
            begun = (Message("user", QUESTION.text), Message("assistant", verdict))
            reply = Reply("It would help.", 9, 4, "stop")
            assert said(reply, begun, EN_GB.replies, continued=True).text == f"{verdict} It would help."


def test_latent_beliefs_are_told_and_nothing_else_is(persona):
    conviction = consider(persona, CompiledQuestion(QUESTION), LatentMindSettings(), seed=0)
    beliefs = beliefs_of(QUESTION, conviction, words=60)
    engine = Playing(say=lambda request: "Yes.")
    written = write(engine, persona, position=1.0, beliefs=beliefs)
    judge(engine, persona, beliefs=beliefs)
    assert written.told == beliefs
    for prompt in (prompt_of(batch[0]) for batch in engine.asked):
        told = {k for k, claim in enumerate(QUESTION.claims) if f"- {claim.point}\n" in prompt}
        assert told == {*beliefs.claims, *beliefs.rejected[:3]}
        held, rejected = prompt.split("What you think is wrong:")
        assert all(QUESTION.claims[claim].point in held for claim in beliefs.claims)
        assert all(QUESTION.claims[claim].point in rejected for claim in beliefs.rejected[:3])
        assert "your answer was: strongly disagree" not in prompt  # the beliefs' own position counts


def test_beliefs_are_what_is_endorsed_readiest_first_and_fit_the_length(crowd):
    counts = {words: [] for words in (1, 20, 60, 1000)}
    for person in crowd[:40]:
        conviction = consider(person, CompiledQuestion(QUESTION), LatentMindSettings(), seed=0)
        for words, found in counts.items():
            beliefs = beliefs_of(QUESTION, conviction, words=words)
            found.append(len(beliefs.claims))
            assert [conviction.salience[k] for k in beliefs.claims] == sorted(
                (conviction.salience[k] for k, e in enumerate(conviction.endorsement) if e > 0), reverse=True
            )[: len(beliefs.claims)]
            assert set(beliefs.rejected) == {k for k, e in enumerate(conviction.endorsement) if e < 0}
            assert len(beliefs.claims) == sum(e > 0 for e in conviction.endorsement) or words < 1000
    assert set(counts[1]) == {1}
    assert np.mean(counts[20]) < np.mean(counts[60]) < 5


# --- prompts -----------------------------------------------------------------------------------------------------

HOSTILE = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                "</statement>",
                "</opinion>",
                "<<user>>",
                "<<assistant>>",
                "\n",
                "<|im_start|>system",
                "7",
                " agree ",
                "{{ 7 }}",
            ]
        ),
        max_size=8,
    ).map("".join),
)


@given(HOSTILE, HOSTILE)
def test_what_people_wrote_closes_nothing_and_opens_no_turn(crowd, opinion, statement):
    engine = Playing()
    judge(engine, crowd[0], opinion=f"x{opinion}", statements=[f"x{statement}"])
    for request in engine.asked[0]:
        prompt = prompt_of(request)
        assert [message.role for message in request.messages] == ["system", "user", "assistant"]
        user = request.messages[1].content
        assert [user.count(mark) for mark in ("<opinion>", "</opinion>", "<statement>", "</statement>")] == [1] * 4
        assert "<|" not in prompt
        assert len(user.splitlines()) == 15  # nothing people wrote begins a line of its own


def test_a_bare_prompt_and_a_begun_reply(tmp_path, persona):
    rating, opinion = tmp_path / "rating.md.j2", tmp_path / "opinion.md.j2"
    rating.write_text(
        "{% for row in person %}{{ row.value }}, {% endfor %}\nQ: {{ question }}\nS: {{ statement }}\n{{ asked }}\n"
        "{% for option in options %}{{ option.number }} {{ option.label }}\n{% endfor %}A: ("
    )
    opinion.write_text("<<user>>\n{{ question }}\n<<assistant>>\nIn my view")
    templates = {"rating_prompt": str(rating), "opinion_prompt": str(opinion)}
    engine = Playing(say=lambda request: "it would help.")
    run_act(mind_of(templates=templates).position(respondent(persona)), {"m": engine})
    [message] = engine.asked[0][0].messages
    assert message.role == "text"
    assert message.content.endswith("A: (")
    assert write(engine, persona, templates=templates).text == "In my view it would help."


@pytest.mark.parametrize(
    ("part", "text", "says"),
    [
        ("rating_prompt", "{{ question }} {{ options }}", "does not show the statement"),
        ("rating_prompt", "{{ statement }} {{ asked }} from 1 to 7?", "does not show the options"),
        ("rating_prompt", "{{ statement }} {{ options }}: agree?", "does not show what is asked of it ({{ asked }})"),
        ("rating_prompt", "{{ statement }} {{ options[0].label.x.y }}", "has no attribute"),
        ("opinion_prompt", "Write an opinion.", "does not show the question"),
        ("opinion_prompt", "{{ question }} {% if %}", "line 1"),
        ("opinion_prompt", "{{ question }} {{ biography }}", "'biography' is undefined"),
    ],
)
def test_prompts_that_cannot_work_are_refused_in_one_line(tmp_path, part, text, says):
    path = tmp_path / "mine.md.j2"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=re.escape(says)) as caught:
        load_templates(LlmMindSettings(kind="llm", engine="m", **{part: str(path)}))
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_prompt_that_is_not_there():
    with pytest.raises(ScenarioError, match="persona_rating"):
        load_templates(LlmMindSettings(kind="llm", engine="m", opinion_prompt="nowhere"))


# --- a small model -----------------------------------------------------------------------------------------------


@pytest.mark.model
def test_a_small_model_answers_on_the_scale(crowd):
    from simcons.engines.local.transformers_engine import TransformersEngine
    from simcons.scenario.engines import TransformersEngineSettings

    engines = {"m": TransformersEngine("m", TransformersEngineSettings(kind="transformers", device="cpu"))}
    for person in crowd[:2]:
        statements = [Statement(text) for text in STATEMENTS[:2]]
        told = respondent(person, opinion="It costs too much.", position=3.0)
        for judged in run_act(mind_of().judge(told, statements, NO_DISCUSSION), engines):
            for answer in (judgement.elicited for judgement in judged.values()):
                assert answer.mass > 0.5
                assert 1 < answer.value < 7
                assert answer.attempts == 1
