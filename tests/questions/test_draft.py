"""Drafts of banks: what a reply gives is read strictly, and what none gives stays to be written."""

from __future__ import annotations

import json

import pytest

from simcons.cli.new.draft import bank_of, draft_bank
from simcons.engines.acts import run_act
from simcons.engines.base import Request
from simcons.engines.scripted import ScriptedEngine
from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.population.bank_lint import lint
from simcons.questions.bank import load_bank
from simcons.questions.draft import COUNTS, SIDES, Asking, draft

QUESTION = "Should libraries open on Sundays?"
POINTS = {side: [f"the {side} point number {k} matters a great deal" for k in range(4)] for side in SIDES}
OUTLINE = {
    "position": "Libraries should open on Sundays.",
    "negation": "Libraries should not open on Sundays.",
    "noun": "Sunday opening of libraries",
    **POINTS,
}


def worded(request: Request) -> dict[str, list[str]]:
    """Texts of their own for each point."""
    return {key: [f"wording {key} {k} of seed {request.seed}" for k in range(n)] for key, n in COUNTS.items()}


def outlines(request: Request) -> bool:
    return "The point" not in request.messages[-1].content


def able(request: Request) -> str:
    return json.dumps(OUTLINE if outlines(request) else worded(request))


def drafted(answer, **how):
    [question] = run_act(draft([QUESTION], Asking("m", EN_GB.text, **how)), {"m": ScriptedEngine(answer)})
    return question


def test_a_whole_draft_is_a_bank_that_loads(tmp_path):
    question = drafted(able)
    assert (question.noun, question.n_missing) == (OUTLINE["noun"], 0)
    path = tmp_path / "libraries.yaml"
    path.write_text(bank_of([question], path))
    [loaded] = load_bank(path)
    assert [claim.point for claim in loaded.claims] == [point for side in SIDES for point in POINTS[side]]
    assert all(len(claim.wordings.plain) == 1 + COUNTS["plain"] for claim in loaded.claims)


SPOILT = [
    "I cannot help with that.",
    json.dumps({**OUTLINE, "extra": "x"}),
    json.dumps({**OUTLINE, "for": POINTS["for"][:3]}),
    json.dumps({**OUTLINE, "for": [POINTS["for"][0]] * 4}),
    json.dumps({**OUTLINE, "against": POINTS["for"]}),
    json.dumps({**OUTLINE, "noun": 3}),
    json.dumps({**OUTLINE, "for": [*POINTS["for"][:3], "too short"]}),
    json.dumps({**OUTLINE, "for": [*POINTS["for"][:3], "[this] has brackets all over it"]}),
    json.dumps(OUTLINE)[:-1] + ', "noun": "twice"}',
    json.dumps(OUTLINE)[:-20],
]


@pytest.mark.parametrize("reply", SPOILT)
def test_a_reply_that_is_not_what_was_asked_for_gives_nothing(reply, tmp_path):
    question = drafted(lambda request: reply, retries=1)
    assert question.n_missing == 3 + 12
    path = tmp_path / "libraries.yaml"
    path.write_text(bank_of([question], path))
    findings = lint(load_bank(path), EN_GB)
    assert {finding.rule for finding in findings if finding.level == "error"} == {"unwritten"}
    assert len(findings) >= 13


def test_what_fails_is_asked_for_again_and_then_left():
    """Denials never come for points against; the first outline is spoilt."""

    def answer(request):
        if outlines(request):
            return "..." if request.draw == 0 else able(request)
        return "{}" if "people against" in request.messages[-1].content else able(request)

    question = drafted(answer)
    assert question.n_missing == 4
    assert {claim.side for claim in question.claims if not claim.texts} == {"against"}
    assert all(claim.point for claim in question.claims)


def test_the_command_writes_once_and_keeps_its_calls(tmp_path, messages):
    questions, out = tmp_path / "q.txt", tmp_path / "bank.yaml"
    questions.write_text(f"{QUESTION}\n")
    [question] = draft_bank(questions, out, engine="{kind: scripted}", scenario=None, messages=messages)
    assert question.position == "Libraries should open on Sundays."
    assert question.noun is None
    assert (tmp_path / "bank.calls.sqlite").exists()
    with pytest.raises(ScenarioError, match="exists already"):
        draft_bank(questions, out, engine="{kind: scripted}", scenario=None, messages=messages)
    with pytest.raises(ScenarioError, match="expected one of the scenario's engines: actor"):
        draft_bank(questions, tmp_path / "b.yaml", engine="x", scenario="llm_minds", messages=messages)


@pytest.fixture
def messages():
    from simcons.cli.console import console
    from simcons.cli.messages import ConsoleMessages

    return ConsoleMessages(console(stderr=True))
