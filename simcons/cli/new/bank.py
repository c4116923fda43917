"""``simcons new --bank``: a question bank to fill in."""

from __future__ import annotations

import json
import re

from simcons.errors import ScenarioError
from simcons.languages.language import Language
from simcons.languages.proposals import Unfit
from simcons.languages.text import normalise
from simcons.questions.bank import Side
from simcons.questions.bare import cleaned
from simcons.scenario.shipped import data_folder

_WORDS_IN_ID = 4
_TODO_QUESTION = "TODO the question, one that yes or no answers, with its question mark"
TODO_POSITION = "TODO what yes says, as a full sentence: Bus travel should be free."
TODO_NEGATION = "TODO what no says, as a full sentence: Bus travel should not be free."
TODO_WORDINGS = {"plain": "TODO in plain words", "chatty": "TODO as people chat", "formal": "TODO in formal words"}
TODO_DENIAL = "TODO the point denied, as a person would"

# What each of the four claims of a side may be about, and the pull that such claims often have [J].
_CLAIMS: dict[Side, tuple[float, tuple[str, ...]]] = {
    "for": (
        0.0,
        (
            "the benefit that most people in favour name first",
            "a benefit to some people in particular",
            "a principle: fairness, freedom, safety, health ...",
            "a practical point: why it would work",
        ),
    ),
    "against": (
        0.0,
        (
            "the harm or cost that most people against it name first",
            "a harm to some people in particular",
            "a principle: fairness, freedom, safety, health ...",
            "a practical point: why it would not work, or what would be better",
        ),
    ),
    "common": (
        1.0,
        (
            "what both sides want",
            "who must not be forgotten, whatever is decided",
            "how to go about it: try it out first, ask people, look at it again after a year",
            "what should come with it, or instead of it",
        ),
    ),
}


def bank_text(name: str, question: str, language: Language) -> str:
    """A bank with one question, to be written as ``name``.yaml. Raises ScenarioError for what yes or no does not answer."""
    rules = language.proposals
    asked = rules.plain_question(cleaned(question))
    position = rules.affirm(asked)
    if isinstance(position, Unfit):
        raise ScenarioError(
            f"--bank {question!r}: it {position.reason}; expected a question that yes or no answers, such as 'Should we ...?'"
        )
    stated = rules.is_stated(position)
    template = (data_folder("scenarios") / "templates" / "bank.yaml").read_text(encoding="utf-8")
    for key, value in {
        "BANK_FILE": name,
        "BANK_TITLE": _quoted(name.replace("_", " ").replace("-", " ").capitalize()),
        "BANK_TOPIC": id_of(name) or "topic",
        "QUESTION_ID": id_of(" ".join(content_words(asked, language))) or "question",
        "QUESTION_TEXT": _quoted(asked if asked.endswith("?") else _TODO_QUESTION),
        "QUESTION_POSITION": _quoted(position if stated else TODO_POSITION),
        "QUESTION_NEGATION": _quoted(rules.deny(position) if stated else TODO_NEGATION),
        "CLAIMS\n": _claims(),
    }.items():
        template = _filled(template, key, value)
    return template


def _filled(template: str, key: str, value: str) -> str:
    """The template with ``value`` for ``key``; a comment that follows keeps its column where it can."""
    return re.sub(
        rf"{key}( +(?=#))?", lambda match: value.ljust(len(match[0]) - 1) + " " if match[1] else value, template
    )


def _claims() -> str:
    blocks = []
    for side, (pull, roles) in _CLAIMS.items():
        for number, role in enumerate(roles, 1):
            wordings = "".join(
                f"          {register}:\n            - {text}\n" for register, text in TODO_WORDINGS.items()
            )
            blocks.append(
                f"      - id: {side}_{number}  # rename it; {role}\n"
                f"        side: {side}\n        pull: {pull}\n        loadings: {{}}\n"
                f"        wordings:\n{wordings}        denials:\n          - {TODO_DENIAL}\n"
            )
    return "\n".join(blocks)


def content_words(text: str, language: Language) -> list[str]:
    return [word for word in normalise(text).split() if word not in language.text.function_words][:_WORDS_IN_ID]


def id_of(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _quoted(text: str) -> str:
    """A string that YAML reads back as it is."""
    return json.dumps(text, ensure_ascii=False)
