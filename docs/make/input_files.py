"""The pages of input files, from the models that check them:  python docs/make/input_files.py scenario > docs/scenario.md

A section for each part that has keys of its own, in the order in which the file mentions them: what it is, then a table of its
keys. A part that is used in several places has its section at the first.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from simcons.loop.recipe import LoopRecipe
from simcons.scenario.mapping import MappingFile
from simcons.scenario.power import PowerSettings
from simcons.scenario.study import Scenario
from simcons.scenario.worlds import StressSettings
from simcons.training.recipes import PersonaSettings, RewardSettings, SftSettings

Schema = dict[str, Any]

BASES = (
    " Letters in brackets say where a default comes from: [L] looked up in a source, [E] expert knowledge, [S] simulation,"
    " [J] a judgement."
)
PAGES: dict[str, tuple[str, str, list[type[BaseModel]]]] = {
    "scenario": (
        "Scenario",
        "Every key of a scenario, with its default. `simcons new NAME` writes a file to begin from, `simcons check FILE` says"
        " what is wrong with one, and `simcons schema` prints the same as JSON Schema, for completion in an editor."
        + BASES,
        [Scenario],
    ),
    "worlds": (
        "Numeric worlds",
        "Every key of the files that `simcons stress` runs: stress tests and studies of power. `simcons schema stress` and"
        " `simcons schema power` print the same as JSON Schema." + BASES,
        [StressSettings, PowerSettings],
    ),
    "mapping": (
        "Mappings",
        "Every key of the files by which `simcons import` reads [a study of people](people.md). A key that names a column"
        " takes what that column has. `simcons schema mapping` prints the same as JSON Schema.",
        [MappingFile],
    ),
    "recipes": (
        "Recipes",
        "Every key of the files that `simcons train sft`, `simcons train reward`, `simcons train persona` and `simcons loop` go"
        " by, with its default. The"
        " shipped ones are [sft](../training/sft.yaml), [reward](../training/reward.yaml),"
        " [reward_encoder](../training/reward_encoder.yaml), [reward_late_interaction](../training/reward_late_interaction.yaml),"
        " [persona](../training/persona.yaml),"
        " and the loops [loop_tiny](../training/loop_tiny.yaml),"
        " [loop_laptop](../training/loop_laptop.yaml), [loop_gpu](../training/loop_gpu.yaml),"
        " [loop_vllm](../training/loop_vllm.yaml) and [loop_cluster](../training/loop_cluster.yaml); `--set KEY=VALUE` changes"
        " single values, and `simcons check FILE` says"
        " what is wrong with one.",
        [SftSettings, RewardSettings, PersonaSettings, LoopRecipe],
    ),
}


@dataclass
class Page:
    """Parts by the name of their model: those that have a section, and those that still need one.

    elsewhere: addresses of the sections that parts have on another page.
    """

    models: dict[str, Schema]
    mentions: Counter[str]
    headings: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    elsewhere: dict[str, str] = field(default_factory=dict)

    def sections(self, model: Schema, path: str) -> Iterator[str]:
        """The table of a part's keys, then the sections of the parts that it is the first to mention."""
        yield from self._table(model, path)
        named, self.waiting = self.waiting, []
        for name in named:
            heading, part = self.headings[name], self.models[name]
            yield from ["", f"### {heading}", "", _one_line(part.get("description", "")).replace("``", "`"), ""]
            yield from self.sections(part, heading.split(",")[0] + ".")

    def _table(self, model: Schema, path: str) -> Iterator[str]:
        keys = {key: schema for key, schema in model["properties"].items() if "const" not in schema or key != "kind"}
        if not keys:
            yield "No keys but `kind`."
            return
        yield from ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
        for key, schema in keys.items():
            default = "required" if key in model.get("required", ()) else self._default(schema)
            yield f"| `{key}` | {self._value(schema, path + key)} | {default} | {_sentence(self._meaning(schema))} |"

    def _meaning(self, schema: Schema) -> str:
        """Its description, or else what the part says of itself first."""
        part = self.models.get(schema.get("$ref", "").rsplit("/", 1)[-1], {})
        return schema.get("description") or _one_line(part.get("description", "")).partition(". ")[0]

    def _value(self, schema: Schema, path: str) -> str:
        """What may stand there, in words."""
        if "$ref" in schema:
            return self._link(schema["$ref"], path)
        if "oneOf" in schema or "anyOf" in schema:
            options = [option for option in schema.get("oneOf") or schema["anyOf"] if option.get("type") != "null"]
            return " or ".join(dict.fromkeys(self._value(option, path) for option in options))
        if "const" in schema or "enum" in schema:
            return ", ".join(f"`{_yaml(value)}`" for value in schema.get("enum", [schema.get("const")]))
        if schema.get("type") == "array":
            items = schema.get("prefixItems") or [schema.get("items", {})]
            return "list of " + " and ".join(dict.fromkeys(self._value(item, path) for item in items))
        if schema.get("type") == "object":
            return self._names(schema, path)
        return _scalar(schema)

    def _names(self, schema: Schema, path: str) -> str:
        """A mapping: from names of the user's own, or from some of a list that is given."""
        if schema.get("additionalProperties") is True:
            return "anything, by name"
        if "properties" in schema:
            names, of = list(schema["properties"]), next(iter(schema["properties"].values()))
        else:
            names, of = schema.get("propertyNames", {}).get("enum", []), schema["additionalProperties"]
        some = f"any of {', '.join(f'`{name}`' for name in names)}" if names else "names of your own"
        return f"{some}, each with {self._value(of, path)}"

    def _link(self, ref: str, path: str) -> str:
        name = ref.rsplit("/", 1)[-1]
        model = self.models[name]
        if "properties" not in model:
            return self._value(model, path)
        if name in self.elsewhere and name not in self.headings:
            return f"[{path.rsplit('.', 1)[-1]}]({self.elsewhere[name]})"
        if name not in self.headings:
            kind = model["properties"].get("kind", {}).get("const")
            shared = self.mentions[name] > 1 or path.endswith(".settings")  # which parts of several kinds have
            place = _own_name(name) if shared and not kind else path
            self.headings[name] = f"{place}, kind {kind}" if kind else place
            self.waiting.append(name)
        heading = self.headings[name]
        return f"[{heading.rsplit(', ', 1)[-1]}](#{_anchor(heading)})"

    def _default(self, schema: Schema) -> str:
        default = schema.get("default")
        if default is None or default == "":
            return ""
        if "$ref" in schema and isinstance(default, dict):
            of_the_model = self.models[schema["$ref"].rsplit("/", 1)[-1]].get("properties", {})
            default = {key: value for key, value in default.items() if of_the_model[key].get("default") != value}
        elif isinstance(default, dict):
            default = {"kind": default["kind"]} if "kind" in default else {}
        return "" if default == {} else f"`{_yaml(default)}`"


def _scalar(schema: Schema) -> str:
    kinds = {"integer": "whole number", "number": "number", "boolean": "`true` or `false`", "string": "text"}
    if "type" not in schema:
        return "anything"
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    bounds = [
        f"from {_number(low)}" if low is not None else "",
        f"above {_number(above)}" if above is not None else "",
        f"to {_number(high)}" if high is not None and high < 10**8 else "",
        f"below {_number(below)}" if below is not None else "",
    ]
    return " ".join([kinds[schema["type"]], *(bound for bound in bounds if bound)])


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _yaml(value: object) -> str:
    """A value as it may be written in a file."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, float):
        return f".{value}" if value == float("inf") else f"{value:g}"
    return value if isinstance(value, str) else json.dumps(value)


def _own_name(model: str) -> str:
    """SamplingSettings is the part called sampling."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.removesuffix("Settings")).lower()


def _anchor(heading: str) -> str:
    """As GitHub makes it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _sentence(text: str) -> str:
    """For a cell: on one line, with a capital and a full stop."""
    line = _one_line(text).replace("|", "\\|")
    return "" if not line else line[0].upper() + line[1:] + ("" if line[-1] in ".?!" else ".")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _page(models: list[type[BaseModel]]) -> tuple[Page, list[Schema]]:
    """The parts of some kinds of file, and what each kind of file is."""
    schemas = [model.model_json_schema() for model in models]
    parts = {key: part for schema in schemas for key, part in schema["$defs"].items()}
    text = json.dumps([*(schema["properties"] for schema in schemas), *parts.values()])
    mentions = Counter(re.findall(r'"\$ref": "#/\$defs/(\w+)"', text))
    files = {model.__name__: _file_heading(schema) for model, schema in zip(models, schemas, strict=True)}
    return Page(parts, mentions, files), schemas


def _file_heading(schema: Schema) -> str:
    return f"`kind: {schema['properties']['kind']['const']}`" if "kind" in schema["properties"] else "The file"


def _scenario_addresses() -> dict[str, str]:
    """Where the page of scenarios tells of each part of one."""
    page, (scenario,) = _page([Scenario])
    list(page.sections(scenario, ""))
    return {name: f"scenario.md#{_anchor(heading)}" for name, heading in page.headings.items()}


def markdown(name: str) -> str:
    """The whole page."""
    title, introduction, models = PAGES[name]
    page, schemas = _page(models)
    if Scenario not in models:
        page.elsewhere = _scenario_addresses()
    lines = [
        f"# {title}",
        "",
        f"<!-- made by: python docs/make/input_files.py {name} > docs/{name}.md -->",
        "",
        introduction,
    ]
    for schema in schemas:
        lines += ["", f"## {_file_heading(schema)}", "", _one_line(schema["description"]), ""]
        lines += page.sections(schema, "")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(markdown(sys.argv[1]), end="")
