"""Prompts: a Jinja template, cut into the turns of a chat; what people wrote goes in where it can do no harm.

Lines ``<<system>>``, ``<<user>>``, ``<<assistant>>`` begin a turn; a last ``<<assistant>>`` with text begins the reply, an
empty one only marks its place. A template without such lines is a bare prompt for a base model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias, cast

import jinja2

from simcons.engines.base import Message, Role
from simcons.errors import ScenarioError

TemplateValues: TypeAlias = Mapping[str, object]
Template: TypeAlias = Callable[[TemplateValues], tuple[Message, ...]]

# What expressions in a template can raise besides Jinja's own errors.
_IN_TEMPLATES = (TypeError, ValueError, ArithmeticError, LookupError)
_TEXTS_REMEMBERED = 10_000
_TURN = re.compile(r"^<<(system|user|assistant)>>\s*$", re.MULTILINE)


def load_template(
    path: Path, examples: Sequence[TemplateValues], *, must_show: Mapping[str, str] | None = None
) -> Template:
    """A function from values to messages. Every text among the values, also inside lists and mappings, is made `neutral`.

    must_show: what the first of ``examples`` has to show, by what it is called: the text to look for. Raises ScenarioError, in
    one line, for a template that does not compile, does not render for one of ``examples``, comes out empty, has text before its
    first turn, or does not show what it must.
    """
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    try:
        template = environment.from_string(path.read_text(encoding="utf-8"))
        rendered = [turns(template.render(values)) for values in examples]
    except (jinja2.TemplateError, OSError, *_IN_TEMPLATES) as error:
        line = f", line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        raise ScenarioError(f"prompt {path}{line}: {' '.join(_message(error).split())}") from None
    shown = " ".join(message.content for message in rendered[0])
    hidden = next((name for name, text in (must_show or {}).items() if text not in shown), None)
    if hidden is not None:
        raise ScenarioError(f"prompt {path}: does not show {hidden}, expected it to")
    known: dict[str, str] = {}  # the same texts come again and again: a person's traits, an opinion, a statement

    def safe(text: str) -> str:
        if text not in known:
            if len(known) >= _TEXTS_REMEMBERED:
                known.clear()
            known[text] = neutral(text)
        return known[text]

    return lambda values: turns(template.render({name: _mapped(value, safe) for name, value in values.items()}))


def turns(text: str) -> tuple[Message, ...]:
    """The chat in a rendered template. Raises ValueError for none, and for text before the first turn."""
    before, *parts = _TURN.split(text)
    if not text.strip() or (parts and not "".join(parts[1::2]).strip()):
        raise ValueError("is empty; expected a prompt")
    if not parts:
        return (Message("text", text.strip()),)
    if before.strip():
        raise ValueError(f"text before the first turn: {before.strip()[:40]!r}; expected <<system>> or <<user>> first")
    messages = [
        Message(cast(Role, role), content.strip()) for role, content in zip(parts[::2], parts[1::2], strict=True)
    ]
    if messages[-1] == Message("assistant", ""):
        messages.pop()
    return tuple(messages)


def neutral(text: str) -> str:
    """``text`` on one line, with nothing that could close its delimiters or open a turn of the chat."""
    return " ".join(text.replace("<", "‹").replace(">", "›").split())


def _mapped(value: object, change: Callable[[str], str]) -> object:
    """``value`` with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _mapped(member, change) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mapped(member, change) for member in value]
    return value


def _message(error: Exception) -> str:
    return str(error.message if isinstance(error, jinja2.TemplateError) else error)
