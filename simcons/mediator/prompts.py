"""The mediator's prompts: templates over the question and the opinions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from simcons.engines.base import Message
from simcons.engines.templates import load_template

Render: TypeAlias = Callable[[str, Sequence[str]], tuple[Message, ...]]

_MOST_OPINIONS = 25  # the largest group


def load_prompt(path: Path) -> Render:
    """A function from (question, opinions) to messages. Raises ScenarioError, in one line, for a template that is wrong."""
    examples = [{"question": "?", "opinions": ["."] * n_opinions} for n_opinions in (1, _MOST_OPINIONS)]
    template = load_template(path, examples)
    return lambda question, opinions: template({"question": question, "opinions": list(opinions)})
