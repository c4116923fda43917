"""Only languages hold words: no other module has a list of them, a pattern made of them, or a sentence with slots."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from simcons.languages.en_gb import EN_GB

PACKAGE = Path(__file__).parents[2] / "simcons"
WORDS = EN_GB.text.function_words | EN_GB.text.negations | EN_GB.reading.address.first_person
SLOT = re.compile(r"\{(?:noun|position|negation|claim|Claim|demand)\}")
BRANCH = re.compile(r"(?<![\w{?])([a-z]+)(?=[|)?])|(?<=[|(:])([a-z]+)")

# Texts of machines, which are what they are whatever language a study is in.
ALLOWED = {
    "engines/openai/learnt.py": "error messages of servers",
}


@dataclass(frozen=True)
class Literal:
    """A string or, with ``members``, a display of strings. ``is_cut``: it is split into words, by a method or a function."""

    line: int
    text: str = ""
    members: tuple[str, ...] = ()
    is_cut: bool = False


def split_by(call: ast.Call) -> list[ast.expr]:
    """What ``"...".split()`` or ``word_set("...")`` takes apart."""
    if isinstance(call.func, ast.Attribute):
        return [call.func.value] if call.func.attr == "split" else []
    return call.args if isinstance(call.func, ast.Name) and call.func.id.endswith(("set", "words")) else []


def names_values(node: ast.Subscript) -> bool:
    """``Literal["more", "less"]`` names the values of a setting or record: code, the same in every language."""
    return isinstance(node.value, ast.Name) and node.value.id == "Literal"


def literals(source: str) -> Iterator[Literal]:
    """Those of a module, without docstrings and the values of types."""
    tree = ast.parse(source)
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    typed = {id(node.slice) for node in ast.walk(tree) if isinstance(node, ast.Subscript) and names_values(node)}
    cut = {id(text) for node in ast.walk(tree) if isinstance(node, ast.Call) for text in split_by(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in statements:
            yield Literal(node.lineno, node.value, is_cut=id(node) in cut)
        elif isinstance(node, (ast.Set, ast.List, ast.Tuple)) and id(node) not in typed:
            members = (item.value for item in node.elts if isinstance(item, ast.Constant))
            yield Literal(node.lineno, members=tuple(member for member in members if isinstance(member, str)))


def holds_words(literal: Literal) -> bool:
    """A sentence to be filled, a pattern with three of a language's little words as branches, or a list of words."""
    text = literal.text
    branches = {first or second for first, second in BRANCH.findall(text)} if "|" in text else set()
    listed = text.split() if literal.is_cut and re.fullmatch(r"[a-z0-9\s]+", text) else []
    singles = {member.lower() for member in literal.members} & WORDS
    return bool(SLOT.search(text)) or len(branches & WORDS) > 2 or len(listed) > 7 or len(singles) > 3


def found_in(path: Path) -> list[str]:
    found = filter(holds_words, literals(path.read_text(encoding="utf-8")))
    return [f"{path.relative_to(PACKAGE)}:{one.line}: {one.text[:60] or one.members}" for one in found]


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "languages" not in path.relative_to(PACKAGE).parts]


def test_no_other_module_holds_words():
    paths = [path for path in modules() if str(path.relative_to(PACKAGE)) not in ALLOWED]
    assert [line for path in paths for line in found_in(path)] == []


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_there(name):
    assert found_in(PACKAGE / name)


@pytest.mark.parametrize(
    "source",
    [
        'X = re.compile(r"\\b(?:because|but|and|so)\\b")',
        'X = word_set("people ban law pay free help end own")',
        'X = "people ban law pay free help end own".split()',
        'X = {"i", "we", "they", "you"}',
        'X = ("We think that {claim}.",)',
    ],
)
def test_words_are_seen(source):
    assert any(map(holds_words, literals(source)))


@pytest.mark.parametrize(
    "source",
    [
        'X = "the run that it began with is gone"',
        'X = ("up", "down", "both")',
        '"""because|but|and|so"""',
        'Favoured = Literal["more", "less", "same", "no", "both"]',
        'X = r"\\w+|\\d+"',
    ],
)
def test_sentences_and_names_are_none(source):
    assert not any(map(holds_words, literals(source)))
