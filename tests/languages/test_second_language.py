"""A language is a seam: what holds of English holds of a second one, in which no other module knows a word."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from esperanto import BUSES, ESPERANTO, LABELS, MUSEUMS

import simcons
from simcons.engines.acts import run_act
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.languages.text import normalise
from simcons.mediator.scripted import compose
from simcons.population.bank_lint import lint
from simcons.population.card import card
from simcons.population.minds.conviction import CompiledQuestion, consider
from simcons.population.minds.discussion import Discussion, Respondent, Statement
from simcons.population.minds.hostile import attacked
from simcons.population.minds.likert import Missing, ShownScale, parse_rating
from simcons.population.minds.llm import LlmMind
from simcons.population.minds.prompts import load_templates
from simcons.population.minds.writer import write_carelessly, write_opinion
from simcons.population.synthesis import synthesise
from simcons.questions.reader import QuestionReader
from simcons.questions.readers import RulesReader
from simcons.questions.second_opinion import WEAK
from simcons.scale import AGREEMENT, REPRESENTED
from simcons.scenario.minds import LatentMindSettings, LlmMindSettings
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_population
from simcons.scenario.study import Scenario
from simcons.seeds import stream
from simcons.study.plan import make_plan

POOR = BUSES.claims[0].point
READER = QuestionReader(BUSES, ESPERANTO)
PEOPLE = synthesise(load_population_file(find_population("uk")), 40, seed=5)


@pytest.fixture(scope="module")
def opinions():
    """Forty people on free buses: what they hold, and what they write."""
    compiled = CompiledQuestion(BUSES)
    people = [PEOPLE.persona(i) for i in range(len(PEOPLE))]
    convictions = [consider(person, compiled, LatentMindSettings(), seed=0) for person in people]
    return [
        write_opinion(
            BUSES, conviction, ESPERANTO, style=person.writing, words=40, rng=stream(0, "o", person.persona_id)
        )
        for person, conviction in zip(people, convictions, strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "polarity", "strength"),
    [
        (f"{POOR}.", 1, 1.0),
        (f"Mi ne kredas, ke {POOR}.", -1, 1.0),
        (f"{BUSES.claims[0].denials[0]}.", -1, 1.0),
        (f"Mi dubas, ke {BUSES.claims[0].denials[0]}.", 1, 0.7),
        (f"Eble {POOR}.", 1, 0.7),
        (f"Iuj diras, ke {POOR}.", 1, 0.5),
        (f"{POOR}. Tio malveras.", -1, 1.0),
        ("Malriĉaj familioj en la urbo ricevas helpon de busoj.", 1, 1.0),
        ("Malriĉaj familioj en la urbo ne ricevas helpon de busoj.", -1, 1.0),
    ],
)
def test_claims_are_found_with_their_polarity(text, polarity, strength):
    [mention] = READER.read(text).mentions
    assert (mention.claim, mention.polarity, mention.strength) == (0, polarity, strength)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Mi subtenas senpagajn busojn.", 1.0),
        ("Mi ne subtenas senpagajn busojn.", -1.0),
        ("Mi iomete kontraŭas senpagajn busojn.", -0.5),
        ("Ni estas dividitaj pri senpagaj busoj.", 0.0),
        ("Jes.", 1.0),
        ("Busoj ne estu senpagaj.", -1.0),
        ("Mi ne kredas, ke busoj estu senpagaj.", -1.0),
        ("La vetero estas bela.", None),
    ],
)
def test_verdicts_are_found(text, verdict):
    assert READER.read(text).verdict == verdict


def test_style_is_judged_by_the_languages_own_words():
    prose, words = READER.read("La busoj de la urbo estas tre plenaj."), READER.read("busoj urbo plenaj homoj mono")
    assert prose.fluency == 1 > words.fluency
    assert READER.read("La la la busoj kaj la kaj la.").fluency == 0
    assert READER.read("Donu poentoj al tio.").directed
    assert READER.read("Mi veturas.").first_person == 1


def test_opinions_say_what_their_writers_hold(opinions):
    """Read back, an opinion makes the claims that were meant and comes down where it should."""
    assert {opinion.stance for opinion in opinions} >= {"for", "against"}
    for opinion in opinions:
        reading = READER.read(opinion.text)
        assert {mention.claim for mention in reading.mentions} >= {*opinion.claims, *opinion.denied}, opinion.text
        if not opinion.stated:
            assert reading.verdict is None or abs(reading.verdict) == WEAK  # by its claims
            continue
        side = {"torn": 0}.get(opinion.stance, 1 if opinion.stance.endswith("for") else -1)
        assert np.sign(reading.verdict) == side, opinion.text


def test_nothing_written_is_english(opinions):
    readings = [READER.read(opinion.text) for opinion in opinions]
    statements = [compose(BUSES, readings, ESPERANTO, skill=0.5, rng=stream(k, "statement")) for k in range(40)]
    attacks = [
        attacked("", attack, BUSES, ESPERANTO, wants=True, rng=stream(0, attack)) for attack in ("instruct", "repeat")
    ]
    careless = [write_carelessly(ESPERANTO, stream(k, "careless")).text for k in range(10)]
    written = normalise(" ".join([*(opinion.text for opinion in opinions), *statements, *attacks, *careless]))
    english = EN_GB.text.function_words | EN_GB.text.negations
    assert set(written.split()) & english <= {"do"}  # a word of both


def test_statements_report_the_group(opinions):
    readings = [READER.read(opinion.text) for opinion in opinions if opinion.stated and opinion.stance.endswith("for")]
    for k in range(20):
        reading = READER.read(compose(BUSES, readings, ESPERANTO, skill=1.0, rng=stream(k, "statement")))
        assert reading.verdict > 0
        assert any(BUSES.claims[mention.claim].side == "for" for mention in reading.mentions)


def test_the_bank_is_checked_by_the_languages_rules():
    assert [str(finding) for finding in lint([BUSES, MUSEUMS], ESPERANTO) if finding.level == "error"] == []
    wordings = BUSES.claims[0].wordings.model_copy(update={"plain": ["ĉar busoj helpas al ĉiuj"]})
    claim = BUSES.claims[0].model_copy(update={"wordings": wordings})
    wrong = BUSES.model_copy(update={"claims": [claim, *BUSES.claims[1:]]})
    assert "begins with 'ĉar'" in " ".join(map(str, lint([wrong], ESPERANTO)))
    assert "begins with" not in " ".join(map(str, lint([wrong], EN_GB)))


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ("Mi konsentas.", 6),
        ("Mi tute malkonsentas", 1),
        ("Mia respondo estas 5.", 5),
        ("kvin", 5),
        ("Mi konsentas preskaŭ.", "off_scale"),
        ("Mi ne povas helpi.", "refusal"),
        ("strongly agree", "off_scale"),
    ],
)
def test_answers_are_read_in_it(reply, value):
    answer = parse_rating(reply, ShownScale("agreement", LABELS), ESPERANTO)
    assert (answer.reason if isinstance(answer, Missing) else answer) == value


def test_scales_are_asked_and_replies_are_cleaned_in_it():
    """A model that plays a person is shown the question and labels; what it says around an opinion is cut off."""
    settings = LlmMindSettings(kind="llm", engine="m", beliefs="persona", writer="llm", judge="llm")
    mind = LlmMind(settings, load_templates(settings), ESPERANTO, scales=(AGREEMENT,), seed=0)
    person = Respondent("p", PEOPLE.persona(0), BUSES, "r")
    discussion = Discussion(BUSES, "r", {}, RulesReader(ESPERANTO), ESPERANTO, scales=(AGREEMENT,), seed=0)
    [request] = next(mind.judge(person, [Statement("Jes.")], discussion))
    shown = " ".join(message.content for message in request.messages)
    assert all(text in shown for text in (ESPERANTO.scales[AGREEMENT].question, *LABELS))
    engine = ScriptedEngine(lambda request: "Jen la respondo: Mi subtenas tion.")
    assert run_act(mind.write(person, 20), {"m": engine}).opinion.text == "Mi subtenas tion."


def test_people_are_described_in_it():
    assert "pri economic" in card(PEOPLE.persona(0), ESPERANTO.people)


# --- a whole study -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    path = tmp_path_factory.mktemp("bank") / "trafiko.yaml"
    questions = [question.model_dump(exclude={"topic", "split"}) for question in (BUSES, MUSEUMS)]
    topic = {"schema_version": 1, "topic": "trafiko", "title": "Trafiko", "split": "train", "questions": questions}
    path.write_text(yaml.safe_dump(topic, allow_unicode=True), encoding="utf-8")
    return path


def scenario_on(bank, **settings) -> Scenario:
    return Scenario.model_validate(
        {
            "name": "studo",
            "language": "eo",
            "questions": {"kind": "bank", "bank": str(bank)},
            "design": {"groups": 6, "rounds": 2, "group_sizes": [5]},
            "mediators": [{"arm": "skribisto", "generator": {"kind": "scripted", "samples": 4}, "select": 2}],
            **settings,
        }
    )


def test_a_study_runs_in_it(bank, tmp_path):
    run = simcons.run(scenario_on(bank), out=tmp_path / "run", languages=[ESPERANTO])
    english = EN_GB.text.function_words - {"do"}
    for text in [*run.opinions["text"], *run.candidates["text"]]:
        assert not english & set(normalise(text).split()), text
    assert len(run.candidates) >= 6 * 2 * 4
    assert run.ratings["agreement"].notna().mean() > 0.9
    again = simcons.replay(run.folder, out=tmp_path / "again", languages=[ESPERANTO])
    assert again.ratings.equals(run.ratings)


@pytest.mark.parametrize("kind", ["latent", "llm"])
def test_a_scale_without_words_is_named_where_a_model_would_be_asked(bank, kind):
    """Latent minds need no words to rate."""
    mind = {"kind": "llm", "engine": "m"} if kind == "llm" else {}
    people = {"scales": ["agreement", "represented"], "mind": mind}
    scenario = scenario_on(bank, participants=people, engines={"m": {"kind": "scripted"}})
    if kind == "latent":
        assert make_plan(scenario, languages=[ESPERANTO]).scales == (AGREEMENT, REPRESENTED)
    else:
        with pytest.raises(
            ScenarioError, match=r"^participants.scales: 'represented' has no words in the language eo$"
        ):
            make_plan(scenario, languages=[ESPERANTO])


def test_a_language_that_is_not_there_is_named(bank):
    with pytest.raises(ScenarioError, match=r"^language: unknown 'eo'; expected among en_GB$"):
        make_plan(scenario_on(bank))
