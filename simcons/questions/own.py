"""Questions of people's own: which of a list can be asked, each with its claims, and what had to be left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from simcons.counted import counted
from simcons.errors import ScenarioError
from simcons.languages.language import Language
from simcons.languages.proposals import ProposalRules, Unfit
from simcons.languages.text import normalise
from simcons.questions.bank import Question
from simcons.questions.bare import BareQuestion, cleaned
from simcons.questions.generic import load_frames, with_claims
from simcons.questions.lists import Entry, read_entries
from simcons.scenario.files import parse
from simcons.visible import writable

UnfitRule: TypeAlias = Literal["refuse", "leave_out"]

_TEXTS = ("question", "affirming_statement", "negating_statement")
_MOST_NAMED = 50  # questions in one message


@dataclass(frozen=True, slots=True)
class QuestionList:
    """The questions that can be asked, and a line for each that was left out: where it stands, and why."""

    questions: list[Question]
    unfit: list[str]
    repeats: list[str]


@dataclass(frozen=True, slots=True)
class _Fit:
    """A question that yes or no answers."""

    place: str
    bare: BareQuestion
    position: str


def load_questions(path: Path, language: Language, *, unfit: UnfitRule = "refuse") -> QuestionList:
    """The questions of a list: JSON, JSON Lines, CSV, YAML or plain text, of texts or of entries with the keys of `BareQuestion`.

    What yes or no does not answer is refused, all of it at once, or with ``leave_out`` left out. A question asked before
    in other case, spacing or marks is left out. Raises ScenarioError, in one line, by the file's own lines and ids.
    """
    entries = read_entries(path)
    if not entries:
        raise ScenarioError(f"{path}: expected a list of at least one question, got an empty list")
    bare = _checked(path, entries)
    fit, problems = _fit(entries, bare, language.proposals)
    if problems and (unfit == "refuse" or not fit):
        raise ScenarioError(_refusal(path, problems, len(entries)))
    asked, repeats = _without_repeats(fit)
    frames, names = load_frames(language), _names(path, asked)
    questions = [
        with_claims(entry.bare, name, frames, language, position=entry.position)
        for entry, name in zip(asked, names, strict=True)
    ]
    return QuestionList(questions, problems, repeats)


def _checked(path: Path, entries: Sequence[Entry]) -> list[BareQuestion]:
    """The entries' keys and values, with their texts as people should read them."""
    for entry in entries:
        for key, value in entry.values.items():
            try:
                writable(value if isinstance(value, str) else "")
            except ValueError as error:
                raise ScenarioError(f"{path}: {entry.place}: {key}: {error}") from None
    documents = [{key: _text(key, value) for key, value in entry.values.items()} for entry in entries]
    try:
        return TypeAdapter(list[BareQuestion]).validate_python(documents)
    except ValidationError as error:
        wrong = int(error.errors(include_url=False)[0]["loc"][0])
        parse(BareQuestion, documents[wrong], source=f"{path}: {entries[wrong].place}")
        raise


def _text(key: str, value: object) -> object:
    """A text, cleaned. An empty question is kept as a space: it is judged with the others that cannot be asked."""
    if key not in _TEXTS or not isinstance(value, str):
        return value
    return cleaned(value) or (" " if key == "question" else "")


def _fit(entries: Sequence[Entry], bare: Sequence[BareQuestion], rules: ProposalRules) -> tuple[list[_Fit], list[str]]:
    """Those with a position, given or made from the question, and what is wrong with each of the others."""
    fit: list[_Fit] = []
    problems: list[str] = []
    for entry, question in zip(entries, bare, strict=True):
        position = question.affirming_statement or rules.affirm(question.question)
        if not any(map(str.isalnum, question.question)):
            position = Unfit("is empty")
        if isinstance(position, Unfit):
            problems.append(f"{entry.place} {question.question!r} {position.reason}")
        else:
            text = question.question if question.affirming_statement else rules.plain_question(question.question)
            fit.append(_Fit(entry.place, question.model_copy(update={"question": text}), position))
    return fit, problems


def _refusal(path: Path, problems: Sequence[str], n: int) -> str:
    named = "; ".join(problems[:_MOST_NAMED])
    more = f"; and {len(problems) - _MOST_NAMED} more" if len(problems) > _MOST_NAMED else ""
    advice = "give each a position to agree with (affirming_statement)"
    if len(problems) < n:
        advice += ", or leave them out with questions.unfit: leave_out"
    return (
        f"{path}: {len(problems):,} of {counted(n, 'question')} cannot be agreed or disagreed with: {named}{more}:"
        f" expected questions that yes or no answers ('Should ...?') or statements ('We should ...'); {advice}"
    )


def _without_repeats(fit: Sequence[_Fit]) -> tuple[list[_Fit], list[str]]:
    """The first of those that read alike but for case, spacing and marks, and a line for each of the others."""
    first: dict[str, _Fit] = {}
    repeats: list[str] = []
    for later in fit:
        before = first.setdefault(comparable(later.bare.question), later)
        if before is not later:
            repeats.append(f"{later.place} {later.bare.question!r} asks what {before.place} asks")
    return list(first.values()), repeats


def comparable(text: str) -> str:
    """A question by which it is known again: without case, spacing and marks, where that leaves something; figures keep theirs
    ("1.5" is not "15").
    """
    return normalise(re.sub(r"(?<=\d)[.,](?=\d)", "p", text)) or text.casefold()


# --- ids ---------------------------------------------------------------------------------------------------------


def _names(path: Path, asked: Sequence[_Fit]) -> Iterator[str]:
    """Ids for records and folders: the user's own in small letters, in their own script, told apart where they meet."""
    own: dict[str, str] = {}
    for entry in asked:
        name = None if entry.bare.id is None else str(entry.bare.id)
        if name is not None and name in own:
            raise ScenarioError(
                f"{path}: {entry.place}: question id {name!r} is used more than once, also on {own[name]}; expected unique ids"
            )
        if name is not None:
            own[name] = entry.place.split(" (")[0]
    taken = {_safe(name) for name in own}
    used: set[str] = set()
    for number, entry in enumerate(asked, 1):
        preferred = f"q{number:05d}" if entry.bare.id is None else _safe(str(entry.bare.id))
        name = _free(preferred, used if entry.bare.id is not None else used | taken, taken)
        used.add(name)
        yield name


def _safe(name: str) -> str:
    return re.sub(r"\W+", "_", name.casefold())


def _free(preferred: str, used: set[str], taken: set[str]) -> str:
    """``preferred``, or with the first number that makes it new."""
    if preferred not in used:
        return preferred
    number = 2
    while f"{preferred}_{number}" in used | taken:
        number += 1
    return f"{preferred}_{number}"
