"""``simcons bank draft``: a question bank drafted by a language model, for a person to check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from simcons.cli.check_reader import engine_settings
from simcons.cli.messages import ConsoleMessages
from simcons.cli.new.bank import TODO_DENIAL, TODO_NEGATION, TODO_POSITION, TODO_WORDINGS, content_words, id_of
from simcons.counted import counted
from simcons.engines.base import Engine, Reply, Request
from simcons.engines.calls.store import open_store
from simcons.engines.dispatch import Dispatch
from simcons.engines.load import load_engines
from simcons.errors import ScenarioError, StorageError
from simcons.languages.en_gb import EN_GB
from simcons.questions.bank import Question
from simcons.questions.draft import TODO, Asking, DraftClaim, DraftQuestion, draft
from simcons.questions.own import load_questions
from simcons.scenario.load import load_scenario, scenario_from

_TODO_NOUN = 'TODO what it would be, to follow "I am in favour of"'
_TODO_POINT = "TODO the point in plain words"
_HEAD = (
    "# Drafted by a language model for a person to check: every text may be wrong, dull or on the wrong side; pulls, loadings\n"
    "# are not drafted. What is marked TODO no reply gave. Then:  simcons check {file}     The guide: docs/question_banks.md\n"
)
_PULLS = {"for": 0.0, "against": 0.0, "common": 1.0}


@dataclass(slots=True)
class _Waiting:
    """Whoever waits for one reply."""

    reply: Reply | None = None
    wanted: bool = True

    def deliver(self, reply: Reply) -> None:
        self.reply = reply


def draft_bank(
    questions: Path, out: Path, *, engine: str, scenario: str | None, messages: ConsoleMessages
) -> list[DraftQuestion]:
    """Write a bank on the questions of a list to ``out``; replies are kept beside it, so that a second try costs nothing.

    Raises ScenarioError for a file that exists, questions that cannot be asked and an unknown engine; EngineError.
    """
    if out.suffix not in (".yaml", ".yml"):
        raise ScenarioError(f"--out {str(out)!r}: expected a file that ends in .yaml")
    if out.exists():
        raise ScenarioError(f"{out}: exists already; nothing was written")
    listed = load_questions(questions, EN_GB).questions
    name, engines = _engines(engine, scenario, messages)
    with messages.step(f"Drafting {counted(len(listed), 'question')}"):
        drafts = _drive([question.text for question in listed], name, engines, out.with_suffix(".calls.sqlite"))
    drafts = [_stated(drafted, question) for drafted, question in zip(drafts, listed, strict=True)]
    try:
        out.write_text(bank_of(drafts, out), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{out}: cannot be written: {error.strerror}") from None
    return drafts


def _stated(drafted: DraftQuestion, question: Question) -> DraftQuestion:
    """The draft with the list's own position and negation where the model gave none, if these are sentences of their own."""
    if drafted.position is not None or not EN_GB.proposals.is_stated(question.position):
        return drafted
    return replace(drafted, position=question.position, negation=question.negation)


def _engines(engine: str, scenario: str | None, messages: ConsoleMessages) -> tuple[str, dict[str, Engine]]:
    """The engine of a scenario by its name, or one by its model or settings."""
    if scenario is None:
        mediators = [{"arm": "drafts", "generator": {"kind": "scripted", "samples": 1}, "select": 1}]
        given = scenario_from({"name": "draft", "mediators": mediators, "engines": {"engine": engine_settings(engine)}})
        engine = "engine"
    else:
        given = load_scenario(scenario)
        if engine not in given.engines:
            known = ", ".join(given.engines) or "it has none"
            raise ScenarioError(f"--engine {engine!r}: expected one of the scenario's engines: {known}")
    with messages.step("Loading the model"):
        return engine, load_engines(given.engines, {engine})


def _drive(questions: Sequence[str], name: str, engines: dict[str, Engine], calls: Path) -> list[DraftQuestion]:
    """Ask all that can be asked at once, from the store where it was asked before."""
    store, _ = open_store(calls)
    with store:
        dispatch, act = Dispatch(engines, store=store), draft(questions, Asking(name, EN_GB.text))
        replies: list[Reply] | None = None
        while True:
            try:
                requests = next(act) if replies is None else act.send(replies)
            except StopIteration as stop:
                drafts: list[DraftQuestion] = stop.value
                return drafts
            replies = _replies(dispatch, requests)


def _replies(dispatch: Dispatch, requests: Sequence[Request]) -> list[Reply]:
    waiting = [_Waiting() for _ in requests]
    for request, asker in zip(requests, waiting, strict=True):
        dispatch.ask(request, asker)
    while any(asker.reply is None for asker in waiting):
        dispatch.wait()
    return [asker.reply for asker in waiting if asker.reply is not None]


# --- the file ------------------------------------------------------------------------------------------------------


def bank_of(drafts: Sequence[DraftQuestion], path: Path) -> str:
    """The bank as YAML, with what is missing marked TODO."""
    ids: list[str] = []
    for question in drafts:
        own = id_of(" ".join(content_words(question.text, EN_GB))) or "question"
        ids.append(own if own not in ids else f"{own}_{len(ids) + 1}")
    document = {
        "schema_version": 1,
        "topic": id_of(path.stem) or "topic",
        "title": path.stem.replace("_", " ").replace("-", " ").capitalize(),
        "split": "train",
        "questions": [_question(question, own) for question, own in zip(drafts, ids, strict=True)],
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    return _HEAD.format(file=path.name) + text


def _question(question: DraftQuestion, own: str) -> dict[str, Any]:
    numbers = dict.fromkeys(_PULLS, 0)
    claims = []
    for claim in question.claims:
        numbers[claim.side] += 1
        claims.append(_claim(claim, f"{claim.side}_{numbers[claim.side]}"))
    return {
        "id": own,
        "text": question.text,
        "position": question.position or TODO_POSITION,
        "negation": question.negation or TODO_NEGATION,
        "noun": question.noun or _TODO_NOUN,
        "pull": 0.0,
        "loadings": {},
        "claims": claims,
    }


def _claim(claim: DraftClaim, own: str) -> dict[str, Any]:
    """Its wordings begin with the point, as that is what others are told."""
    texts = {register: claim.texts.get(register, [TODO_WORDINGS[register]]) for register in TODO_WORDINGS}
    point = claim.point or _TODO_POINT
    plain = [point, *texts.pop("plain")] if not point.startswith(TODO) else [point]
    return {
        "id": own,
        "side": claim.side,
        "pull": _PULLS[claim.side],
        "loadings": {},
        "wordings": {"plain": plain, **texts},
        "denials": claim.texts.get("denials", [TODO_DENIAL]),
    }
