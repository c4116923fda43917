"""A population file with other numbers in it: the text stays as it is, comments too, but for the values that change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import yaml

from simcons.scenario.parameters import Parameter

Place: TypeAlias = tuple[str, ...]


def with_parameters(text: str, changes: Mapping[tuple[str, str], Parameter], *, name: str, description: str) -> str:
    """The text of a checked population file with these parameters, by section and key, and with another name and description."""
    wanted: dict[Place, str] = {place: _parameter(parameter) for place, parameter in changes.items()}
    wanted[("name",)], wanted[("description",)] = (json.dumps(said, ensure_ascii=False) for said in (name, description))
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    spans = [(start, end, wanted[place]) for place, start, end in _spans(root) if place in wanted]
    for start, end, value in sorted(spans, reverse=True):
        kept = text[start:end].rstrip()
        text = f"{text[:start]}{value}{text[start + len(kept) :]}"
    return text


def _parameter(parameter: Parameter) -> str:
    source = json.dumps(parameter.source, ensure_ascii=False)
    return f"{{value: {parameter.value:.4g}, basis: {parameter.basis}, source: {source}}}"


def _spans(node: yaml.Node | None, place: Place = ()) -> Iterator[tuple[Place, int, int]]:
    """Where each value of a mapping begins and ends."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*place, key.value), value.start_mark.index, value.end_mark.index
            if len(place) < 1:
                yield from _spans(value, (*place, key.value))
