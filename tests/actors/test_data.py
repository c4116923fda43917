"""What a language model learns to play people from."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError
from written_run import people_run, simulated_run

from simcons.actors.card import card, figures
from simcons.actors.data import build_persona_data, shares_of
from simcons.actors.playing import told_of
from simcons.actors.settings import PersonaDataSettings
from simcons.engines.acts import run_act
from simcons.engines.base import Reply
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import RunFolderError, TrainingDataError
from simcons.languages.en_gb import EN_GB
from simcons.population.minds.discussion import Discussion, Respondent, Statement, Submission
from simcons.population.minds.llm import LlmMind
from simcons.population.minds.prompts import Told, load_templates, surveyed_traits
from simcons.population.minds.writer import WrittenOpinion
from simcons.questions.bank import Question
from simcons.questions.by_text import QuestionsByText
from simcons.questions.readers import RulesReader
from simcons.scale import AGREEMENT
from simcons.scenario.minds import LlmMindSettings
from simcons.study.plan import population_of
from simcons.study.recruitment import participant_id, persona_number
from simcons.training.data.persona import PersonaExample

SETTINGS = PersonaDataSettings(least=1, validation=0.5)


class Listening(ScriptedEngine):
    """Answers 4, and keeps the prompts that it was asked."""

    def __init__(self) -> None:
        self.heard: list[tuple[object, ...]] = []

    def complete(self, requests, on_reply=None):
        self.heard += [request.messages for request in requests]
        return [
            Reply("I think so, on the whole.", 1, 1, "stop")
            if request.answer == "text"
            else Reply("", 1, 0, "choices", logprobs=(-2.0,) * 7)
            for request in requests
        ]


def all_of(built) -> list[PersonaExample]:
    return [example for side in built.data.sides().values() for example in side]


def test_prompts_are_the_minds_own(tmp_path: Path) -> None:
    """Word for word: what the mind asks of the same persons with the options listed one way or the other."""
    run, scenario = simulated_run(tmp_path / "run")
    [example, *_] = all_of(build_persona_data([run], SETTINGS))
    engine = Listening()
    _play(engine, scenario, example)
    asked = {answer.messages for answer in example.answers}
    assert asked <= {*engine.heard}
    assert {answer.act for answer in example.answers} == {"position", "opinion", "agreement"}


def _play(engine: Listening, scenario, example: PersonaExample) -> None:
    """The person of the example asked everything by the mind, which is listened to."""
    settings = LlmMindSettings(kind="llm", engine="m", elicitation={"order": "both"})
    mind = LlmMind(settings, load_templates(settings), EN_GB, scales=(AGREEMENT,), seed=1)
    persona = population_of(scenario).persona(persona_number(example.participant_id))
    question = Question.model_construct(
        id="q", text=example.question, position=example.position_statement, negation="N.", noun="n", claims=[]
    )
    discussion = Discussion(question, "r", {}, RulesReader(EN_GB), EN_GB, scales=(AGREEMENT,), seed=1)
    person = Respondent(example.participant_id, persona, question, example.round_id)
    run_act(mind.position(person), {"m": engine})
    meant = WrittenOpinion(example.opinion or "", (), None)
    answered = Respondent(
        example.participant_id, persona, question, example.round_id, position=example.position, opinion=meant,
        submission=Submission("o", meant, meant.text, meant.text),
    )  # fmt: skip
    run_act(mind.write(answered, len(meant.text.split())), {"m": engine})
    statements = [Statement(answer.statement) for answer in example.answers if answer.act == "agreement"]
    run_act(mind.judge(answered, statements, discussion), {"m": engine})


def test_answers_are_what_was_recorded(tmp_path: Path) -> None:
    run, _ = simulated_run(tmp_path / "run")
    example = next(example for example in all_of(build_persona_data([run], SETTINGS)) if example.position == 6)
    by_act = {answer.act: answer for answer in example.answers}
    assert by_act["position"].shares == shares_of([6])
    assert by_act["opinion"].reply == example.opinion
    assert by_act["agreement"].shares == (0, 0, 0, 0, 0.5, 0.5, 0)  # 5 in one pass and 6 in the other


def test_what_is_said_against_a_position_is_rated_the_other_way_round(tmp_path: Path) -> None:
    run, _ = simulated_run(tmp_path / "run")
    settings = SETTINGS.model_copy(update={"sides": True})
    example = next(example for example in all_of(build_persona_data([run], settings)) if example.position == 6)
    question = QuestionsByText(EN_GB).find(example.question, example.position_statement)
    asked = {answer.act: answer for answer in example.answers if answer.act in ("side", "negation")}
    shares = {answer.statement: answer.shares for answer in asked.values()}
    assert shares == {question.position: shares_of([6]), question.negation: shares_of([2])}
    assert "<opinion>" not in asked["side"].messages[1].content  # the position alone says it
    usual = all_of(build_persona_data([run], SETTINGS))
    assert not any(answer.act in asked for example in usual for answer in example.answers)


def test_some_are_asked_to_rate_without_a_word_of_their_position(tmp_path: Path) -> None:
    """Whoever wrote an opinion, which says it; the position is told for the opinion as ever."""
    run, _ = simulated_run(tmp_path / "run")
    for untold, told in ((1.0, {"opinion"}), (0.0, {"opinion", "agreement"})):
        examples = all_of(build_persona_data([run], SETTINGS.model_copy(update={"untold": untold})))
        tells = {
            answer.act
            for example in examples
            for answer in example.answers
            if "your answer was" in answer.messages[1].content
        }
        assert tells == told


def test_some_are_asked_to_rate_without_a_word_of_their_opinion(tmp_path: Path) -> None:
    run, _ = simulated_run(tmp_path / "run")
    settings = SETTINGS.model_copy(update={"unread": 0.5, "untold": 0.5})
    examples = [one for one in all_of(build_persona_data([run], settings)) if one.position and one.opinion]
    assert {(one.told, one.read) for one in examples} == {(True, False), (False, True)}
    for one in examples:
        [asked, *_] = [answer.messages[1].content for answer in one.answers if answer.act == "agreement"]
        assert (one.told, one.read) == ("your answer was" in asked, "<opinion>" in asked)
        assert told_of(one) == Told(
            one.traits, one.question, one.position_statement, one.position if one.told else None,
            opinion=one.opinion if one.read else None,
        )  # fmt: skip
    with pytest.raises(ValidationError, match=r"untold \+ unread: value 1\.5; expected at most 1"):
        PersonaDataSettings(untold=0.75, unread=0.75)


def test_people_are_told_as_far_as_they_were_asked(tmp_path: Path) -> None:
    run, _ = simulated_run(tmp_path / "run")
    people = people_run(tmp_path / "people")
    built = build_persona_data([run, people], SETTINGS)
    of_people = [example for example in all_of(built) if example.source == "people"]
    assert {tuple(dict(example.traits)) for example in of_people} == {
        ("Sex", "Age", "Ethnic group", "Region", "Highest qualification")  # and no leanings
    }
    assert surveyed_traits({"age": "40"}, EN_GB.people) == (("Age", "40"),)
    assert not any("Your way of writing" in answer.messages[-1].content for answer in of_people[0].answers)
    sizes = figures(built)["sides"]
    assert sum(sizes[side]["of these of flesh and blood"] for side in sizes) == len(of_people)
    assert "no table of the truth was read" in card(figures(built))


def test_people_who_were_asked_for_no_position_are_told_none(tmp_path: Path) -> None:
    people = people_run(tmp_path / "people")
    rounds = pq.read_table(people / "rounds.parquet")
    place, field = rounds.schema.get_field_index("position_statement"), pa.field("position_statement", pa.string())
    pq.write_table(rounds.set_column(place, field, pa.nulls(len(rounds), pa.string())), people / "rounds.parquet")
    built = build_persona_data([people], SETTINGS)
    example = all_of(built)[0]
    assert (example.position, example.position_statement) == (None, "")
    assert {answer.act for answer in example.answers} == {"opinion", "agreement"}
    assert not any("Asked how far you agree" in answer.messages[-1].content for answer in example.answers)


def test_no_table_of_the_truth_is_needed(tmp_path: Path) -> None:
    run, _ = simulated_run(tmp_path / "run")
    before = build_persona_data([run], SETTINGS).data
    for table in (run / "truth").iterdir():
        table.unlink()
    assert build_persona_data([run], SETTINGS).data == before


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"participants": {"mind": {"kind": "llm", "engine": "m"}}},
            "participants.mind.kind: value 'llm': expected latent",
        ),
        ({"participants": {"hostility": {"share": 0.2}}}, "participants.hostility.share: value 0.2: expected 0"),
        ({"seed": 77}, "is another person than its scenario draws now"),
    ],
)
def test_runs_that_cannot_be_used_are_refused(tmp_path: Path, changes, message: str) -> None:
    run, _ = simulated_run(tmp_path / "run", **changes)
    with pytest.raises(RunFolderError, match=message):
        build_persona_data([run], SETTINGS)


def test_the_same_run_twice_and_too_little_are_refused(tmp_path: Path) -> None:
    run, _ = simulated_run(tmp_path / "run")
    again, _ = simulated_run(tmp_path / "again")
    with pytest.raises(RunFolderError, match="has the records of"):
        build_persona_data([run, again], SETTINGS)
    with pytest.raises(TrainingDataError, match="people in rounds to learn from; expected at least 500"):
        build_persona_data([run], PersonaDataSettings(least=500, validation=0.5))


@pytest.mark.parametrize(
    ("given", "shares"),
    [
        ([7], (0, 0, 0, 0, 0, 0, 1)),
        ([1, 2], (0.5, 0.5, 0, 0, 0, 0, 0)),
        ([2.5], (0, 0.5, 0.5, 0, 0, 0, 0)),  # 2 of 5 points, on seven
    ],
)
def test_shares_of_answers(given: list[float], shares: tuple[float, ...]) -> None:
    assert shares_of(given) == pytest.approx(shares)


def test_participants_are_named_after_their_personas() -> None:
    assert persona_number(participant_id(41)) == 41
