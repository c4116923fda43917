"""How well a model plays people, on models that answer from a function written here."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from written_run import simulated_run

from simcons.actors.blind import KEY, OPINIONS, read_blind, write_blind
from simcons.actors.data import build_persona_data
from simcons.actors.measures import correlation, measures
from simcons.actors.playing import Opinion, Stage, other_people, play
from simcons.actors.settings import PersonaDataSettings
from simcons.engines.base import Reply
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import InputError
from simcons.languages.en_gb import EN_GB
from simcons.population.minds.prompts import load_templates
from simcons.questions.by_text import QuestionsByText
from simcons.questions.reader import QuestionReader
from simcons.scenario.minds import LlmMindSettings
from simcons.training.data.persona import PersonaExample

STAGE = Stage(load_templates(LlmMindSettings(kind="llm", engine="m")), EN_GB, QuestionsByText(EN_GB))
FAVOUR = re.compile("your answer was: (\\w+ ?\\w*)")


@dataclass
class Acting(ScriptedEngine):
    """Puts all of its probability on one point, which ``rate`` reads from the prompt, and writes ``text``."""

    rate: Callable[[str], int]
    text: str = "I would do it, since it helps people like me."

    def complete(self, requests, on_reply=None):
        return [self._reply(request) for request in requests]

    def _reply(self, request) -> Reply:
        if request.answer == "text":
            return Reply(self.text, 9, 9, "length" if self.text.endswith("and") else "stop")
        prompt = request.messages[1].content
        point = self.rate(prompt)
        return Reply("", 9, 0, "choices", logprobs=tuple(0.0 if k == point else -math.inf for k in range(1, 8)))


def by_person(prompt: str) -> int:
    """Who agrees with the position agrees with the statements made here, but not with a negation; others the other way round."""
    told = FAVOUR.search(prompt)
    favours = told is not None and told[1].startswith(("agree", "somewhat agree", "strongly agree"))
    statement = prompt.split("<statement>")[-1].split("</statement>")[0]
    return 6 if favours != (" not " in statement) else 2


def by_place(prompt: str) -> int:
    """The option listed first, whoever is told."""
    return int(re.findall(r"(?m)^([1-7]) = ", prompt)[0])


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[PersonaExample]:
    run, _ = simulated_run(tmp_path_factory.mktemp("run") / "run")
    data = build_persona_data([run], PersonaDataSettings(least=1, validation=0.5)).data
    return [*data.learn, *data.validation]


def test_a_model_that_hears_the_person_is_told_from_one_that_goes_by_place(examples) -> None:
    hears, places = (measures(play(Acting(rate), examples, STAGE)) for rate in (by_person, by_place))
    [of_hearing] = [some for some in hears.ratings if some.act == "agreement"]
    [of_placing] = [some for some in places.ratings if some.act == "agreement"]
    # 5.5 and 1.5 were given, by one for and one against; the other of the two is who is told instead
    assert of_hearing.r.value == pytest.approx(1)
    assert of_hearing.r_other.value == pytest.approx(-1)
    assert of_hearing.r_within.value == pytest.approx(1)
    assert (of_hearing.sd, of_hearing.sd_people) == pytest.approx((2, 2))
    assert (of_hearing.retest_sd, of_placing.retest_sd) == pytest.approx((0, 6 / math.sqrt(2)))
    assert (hears.negated.value, places.negated.value) == pytest.approx((1, 0.5))
    assert of_hearing.straight is None  # nobody has rated three statements
    assert of_hearing.mass == 1


def test_opinions_may_begin_with_the_verdict_of_the_position(examples) -> None:
    stage = replace(STAGE, opinion_start="verdict")
    begun = play(Acting(by_person), examples, stage).opinions
    free = play(Acting(by_person), examples, STAGE).opinions
    assert {opinion.text for opinion in free} == {Acting.text}
    for opinion in begun:
        question = stage.questions.find(opinion.question, opinion.position_statement)
        verdict = QuestionReader(question, EN_GB).read(opinion.text.removesuffix(Acting.text)).verdict
        assert np.sign(verdict) == np.sign(opinion.position - 4)


@pytest.mark.parametrize(
    ("text", "reason", "cut_off"),
    [
        ("I would do it, since it helps people like me.", None, 0),
        ("We would pay and pay and pay and", None, 1),
        ("Write running text in the first person and no list.", "echo", 0),
        ("", "empty", 0),
    ],
)
def test_opinions_are_judged_as_the_mind_judges_them(examples, text: str, reason: str | None, cut_off: int) -> None:
    opinions = measures(play(Acting(by_person, text), examples[:2], STAGE)).opinions
    assert opinions.unusable == ({} if reason is None else {reason: 2})
    assert (opinions.n, opinions.cut_off) == (2, 2 * cut_off)


def test_another_person_is_one_of_the_same_question(examples) -> None:
    others = other_people(examples, seed=1)
    assert {*others} == {example.id for example in examples}
    for example in examples:
        assert others[example.id].id != example.id
        assert others[example.id].question == example.question


def test_the_correlation_is_pearsons() -> None:
    rng = np.random.default_rng(1)
    first = rng.normal(size=40)
    second = first + rng.normal(size=40)
    groups = [f"g{k // 4}" for k in range(40)]
    found = correlation(first.tolist(), second.tolist(), groups)
    assert found.value == pytest.approx(np.corrcoef(first, second)[0, 1])
    assert found.interval[0] < found.value < found.interval[1]
    assert correlation([1.0, 1.0, 1.0], [1.0, 2.0, 3.0], ["a", "b", "c"]) is None


# --- reading blind -----------------------------------------------------------------------------------------------


def opinion(k: int, position: float | None, *, text: str = "I think so.", reason: str | None = None) -> Opinion:
    return Opinion(f"e{k}", "Q?", "P.", position, text, reason, False, 0.1)


def filled_in(folder: Path, answer: Callable[[dict[str, str]], Sequence[str]]) -> None:
    with (folder / OPINIONS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / OPINIONS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**row, **dict(zip(("on_question", "side"), answer(row), strict=True))} for row in rows)


def test_a_blind_reading_is_counted_by_model(tmp_path: Path) -> None:
    by_model = {
        "taught": [opinion(k, 6.0 if k % 2 else 2.0, text="yes" if k % 2 else "no") for k in range(4)],
        "untaught": [opinion(0, 6.0, text="no", reason="echo"), opinion(1, 4.0), opinion(2, None), opinion(3, 2.0)],
    }
    write_blind(tmp_path, by_model, most=4, seed=1)
    shown = (tmp_path / OPINIONS).read_text(encoding="utf-8")
    assert "taught" not in shown
    assert "6.0" not in shown
    assert "untaught" in (tmp_path / KEY).read_text(encoding="utf-8")
    side = {"yes": "for", "no": "against"}
    filled_in(tmp_path, lambda row: ("Yes", side.get(row["opinion"], "neither")))
    reading = read_blind(tmp_path)
    assert reading["taught"].on_side.value == 1
    assert reading["untaught"].on_side.value == 0  # of two with a side, one reads against and one neither
    assert reading["untaught"].on_side.n == 2
    assert (reading["taught"].broken.value, reading["untaught"].broken.value) == (0, 0.25)


def test_what_was_not_filled_in_is_named(tmp_path: Path) -> None:
    write_blind(tmp_path, {"taught": [opinion(k, 6.0) for k in range(2)]}, most=2, seed=1)
    with pytest.raises(InputError, match="number 1: on_question: value '': expected yes or no"):
        read_blind(tmp_path)
    filled_in(tmp_path, lambda row: ("no", "left"))
    with pytest.raises(InputError, match="number 1: side: value 'left': expected for or against or neither"):
        read_blind(tmp_path)
    (tmp_path / KEY).unlink()
    with pytest.raises(InputError, match="cannot be read"):
        read_blind(tmp_path)
