"""The card of persona data, as a document and as a page: what it was made of, and what is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simcons.actors.data import BuiltPersonaData, PlayedRun
from simcons.training.data.card import table_lines
from simcons.training.data.persona import OPINION, PersonaExample
from simcons.visible import visible_markdown


def figures(built: BuiltPersonaData) -> dict[str, Any]:
    """The card for programs. Nothing in it depends on when or where the data was made, but for the names of folders."""
    return {
        "content": built.data.content_hash(),
        "settings": built.settings.model_dump(mode="json"),
        "runs": [_run(run) for run in built.runs],
        "filters": dict(built.funnel.counts),
        "sides": {name: _sizes(examples) for name, examples in built.data.sides().items()},
        "held_out": sorted({example.question for example in built.data.validation}),
    }


def card(document: Mapping[str, Any]) -> str:
    """The card for people, in Markdown, of what `figures` gave."""
    return visible_markdown("\n".join(_lines(document)) + "\n")


def _run(played: PlayedRun) -> dict[str, Any]:
    manifest = played.run.manifest
    return {
        "id": played.id,
        "folder": played.run.folder.resolve().name,
        "name": manifest.get("name"),
        "people": played.cast.source,
        "seed": manifest.get("seed"),
    }


def _sizes(examples: Sequence[PersonaExample]) -> dict[str, int]:
    answers = Counter(answer.act for example in examples for answer in example.answers)
    words = sum(
        len(answer.reply.split()) for example in examples for answer in example.answers if answer.act == OPINION
    )
    return {
        "questions": len({example.question for example in examples}),
        "people": len({(example.run, example.participant_id) for example in examples}),
        "people in rounds": len(examples),
        "of these of flesh and blood": sum(example.source == "people" for example in examples),
        **{f"answers: {act}": n for act, n in sorted(answers.items())},
        "words of opinions": words,
    }


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield from ["# Persona data", "", f"SHA-256 of all examples: `{document['content']}`", ""]
    yield from [
        "Made by `simcons train persona-data`: the prompts of the language-model mind, and what the people answered who are told",
        "in them. Of simulated people they tell what the scenario drew; no table of the truth was read.",
        "",
    ]
    runs = [{name: "" if value is None else value for name, value in run.items()} for run in document["runs"]]
    yield from ["## Runs", "", *table_lines(list(runs[0]), [list(run.values()) for run in runs]), ""]
    sides = document["sides"]
    names = list(dict.fromkeys(name for sizes in sides.values() for name in sizes))
    rows = [[name, *(sizes.get(name, 0) for sizes in sides.values())] for name in names]
    yield from ["## Sides", "", "No question, group or person is on both.", "", *table_lines(["", *sides], rows), ""]
    yield from ["Held out:", "", *(f"* {question}" for question in document["held_out"]), ""]
    yield from ["## Filters", "", *table_lines(["", "left"], list(document["filters"].items())), ""]
    yield from ["## Settings", "", *table_lines(["setting", "value"], list(document["settings"].items()))]
