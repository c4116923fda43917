"""Examples for a prompt, chosen among those to learn from: a few-shot mediator of a collection's own best statements.

Each example is a turn of the prompt that the data was made with, and the statement as the answer to it. They stand between the
system's turn and the question that is asked. Like all training it goes by what a study of people would record.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, NonNegativeInt, PositiveInt

from simcons.counted import counted
from simcons.engines.base import Message
from simcons.engines.templates import neutral
from simcons.errors import TrainingDataError
from simcons.mediator.prompts import load_prompt
from simcons.scenario.parameters import StrictModel
from simcons.scenario.shipped import find_prompt
from simcons.seeds import request_seed
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.results import make_result_folder, write_manifest
from simcons.training.data.examples import SftExample, TrainingData

KIND = "few_shot"
PROMPT = "prompt.md.j2"
_LAST_TURN = re.compile(r"^<<user>>[ \t]*$(?!.*^<<user>>[ \t]*$)", re.MULTILINE | re.DOTALL)
_OPENS = re.compile(r"\{(?=[{%#])")  # of what a template reads


class FewShotSettings(StrictModel):
    """The choice of examples: the best rated of those that the data keeps, each of another question."""

    examples: PositiveInt = Field(3, description="statements shown, with their questions and opinions")
    most_words: PositiveInt = Field(
        400, description="of an example's question, opinions and statement; longer ones are passed over"
    )
    seed: NonNegativeInt = Field(0, description="of the order among those that are rated alike")


def write_few_shot(data: TrainingData, settings: FewShotSettings, folder: Path, *, prompt: str) -> Path:
    """Write a prompt with examples of ``data`` into ``folder``, new or empty, the manifest last; the prompt's path.

    prompt: which the data was made with. Raises TrainingDataError where there are too few examples, ScenarioError for a prompt
    that is no chat, RunFolderError, StorageError.
    """
    chosen = choose_examples(data.learn.sft, settings)
    source = find_prompt(prompt)
    text = with_examples(source.read_text(encoding="utf-8"), chosen, name=prompt)
    make_result_folder(folder)
    with storage_errors(folder):
        write_whole(folder / PROMPT, text.encode())
    load_prompt(folder / PROMPT)
    write_manifest(
        folder,
        KIND,
        {
            "settings": settings.model_dump(mode="json"),
            "data": data.content_hash(),
            "prompt": prompt,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "examples": [
                {"id": example.id, "question": example.question, "rating": example.rating} for example in chosen
            ],
        },
    )
    return folder / PROMPT


def choose_examples(examples: Sequence[SftExample], settings: FewShotSettings) -> list[SftExample]:
    """The best rated one of each question, best first, as many as are asked for; of those rated alike by lot.

    What it comes to depends on what there is, not on its order. Raises TrainingDataError where there are too few questions.
    """
    fit = [example for example in examples if _n_words(example) <= settings.most_words]
    order = sorted(fit, key=lambda example: (-example.rating, request_seed(settings.seed, "few_shot", example.id)))
    best: dict[str, SftExample] = {}
    for example in order:
        best.setdefault(example.question, example)
    if len(best) < settings.examples:
        raise TrainingDataError(
            f"{counted(len(best), 'question')} with an example of at most {settings.most_words:,} words, of"
            f" {counted(len({example.question for example in examples}), 'question')} with any; expected {settings.examples:,}"
        )
    return list(best.values())[: settings.examples]


def with_examples(template: str, examples: Sequence[SftExample], *, name: str) -> str:
    """The template of a chat with ``examples`` before its last question. Raises TrainingDataError for one without turns."""
    last = _LAST_TURN.search(template)
    if last is None:
        raise TrainingDataError(f"prompt {name!r}: has no turn <<user>>; expected a chat, to show examples in")
    turns = "".join(_turns(example) for example in examples)
    return f"{template[: last.start()]}{turns}{template[last.start() :]}"


def _turns(example: SftExample) -> str:
    asked = next(message for message in reversed(example.messages) if message.role == "user")
    answer = Message("assistant", neutral(example.statement))
    return "".join(f"<<{turn.role}>>\n{_escaped(turn.content)}\n" for turn in (asked, answer))


def _escaped(text: str) -> str:
    """As a template that says just this."""
    return _OPENS.sub("{{ '{' }}", text)


def _n_words(example: SftExample) -> int:
    return sum(len(text.split()) for text in (example.question, *example.opinions, example.statement))
