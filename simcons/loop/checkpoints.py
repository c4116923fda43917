"""Evaluations of checkpoints: a loop of one stage, in which each takes its place beside a scenario's own arms.

A mediator becomes an arm that shows the first statement it writes, and one for each reward model that is given too, which shows
the best of several by that model. A reward model without a mediator chooses among what the arm writes that others are held
against.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, TypeAlias

from simcons.engines.local.adapters import adapter_folder, check_base
from simcons.engines.local.models import local_folder, model_hash, resolve_model
from simcons.engines.local.reward_manifest import RewardManifest
from simcons.errors import CheckpointError, ScenarioError
from simcons.loop.recipe import LoopRecipe
from simcons.scenario.files import parse
from simcons.scenario.load import load_scenario
from simcons.scenario.mediators import MediatorSettings
from simcons.scenario.names import checked_name
from simcons.scenario.study import Scenario
from simcons.scenario.yaml_text import YamlProblem, read_text
from simcons.training.manifest import SftManifest, check_prompt, read_checkpoint

STAGE = "evaluation"
_PLACE = re.compile(r"^\d+_")  # of a stage in a loop, before its name
_FROM_CHECKPOINTS = ("engines.", "scorers.")  # what --set changes of them is there only once they are


@dataclass(frozen=True, slots=True)
class Writer:
    """A trained mediator, and the name by which an evaluation calls it."""

    name: str
    folder: Path
    manifest: SftManifest

    @property
    def made(self) -> tuple[str, dict[str, Any]]:
        """The key of a scenario for it, and its settings there."""
        weights = {"model": str(self.folder)}
        if self.manifest.adapter:
            weights = {"model": self.manifest.base, "adapter": str(self.folder)}
        return f"engines.{self.name}", {"kind": "transformers", **weights}


@dataclass(frozen=True, slots=True)
class Judge:
    """A reward model, and the name by which an evaluation calls it."""

    name: str
    folder: Path
    manifest: RewardManifest

    @property
    def made(self) -> tuple[str, dict[str, Any]]:
        """The key of a scenario for it, and its settings there."""
        return f"scorers.{self.name}", {"kind": "reward", "checkpoint": str(self.folder)}


Checkpoint: TypeAlias = Writer | Judge


def read_checkpoints(given: Sequence[str]) -> list[Checkpoint]:
    """Checkpoints as FOLDER or NAME=FOLDER; without a name they are called as their folder, or their stage of a loop.

    Raises CheckpointError, ModelNotFound and ScenarioError for one that cannot be used, whose base is not what it was, or whose
    name another has.
    """
    checkpoints = [_checkpoint(reference) for reference in given]
    names = [checkpoint.name for checkpoint in checkpoints]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ScenarioError(f"two checkpoints are called {twice!r}; expected names of their own (NAME=FOLDER)")
    return checkpoints


def _checkpoint(reference: str) -> Checkpoint:
    given, named, folder = reference.partition("=")
    if not named or Path(reference).exists():
        given, folder = "", reference
    path = Path(folder).expanduser().absolute()
    manifest = read_checkpoint(path)
    try:
        name = checked_name((given or _PLACE.sub("", path.name)).replace(".", "_"))  # a dot would part keys of --set
    except ValueError as error:
        raise ScenarioError(f"checkpoint {reference}: {error} (NAME=FOLDER)") from None
    if manifest.adapter:
        base = local_folder(resolve_model(manifest.base))
        check_base(adapter_folder(str(path)), model_hash(base), manifest.base, kind=manifest.kind)
    return Judge(name, path, manifest) if isinstance(manifest, RewardManifest) else Writer(name, path, manifest)


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """The evaluation of checkpoints, as the command line asks for it.

    scenario: a shipped one or a file; overrides: of it, ``key=value``. against: the arms that others are held against, by default
    the scenario's first. prompt: what mediators are asked with, by default what each learnt to answer. samples: candidates
    among which a reward model chooses. rounds: at least so many, by default the scenario's own.
    """

    scenario: str
    overrides: Sequence[str] = ()
    against: Sequence[str] = ()
    prompt: str | None = None
    samples: int = 16
    rounds: int | None = None
    seed: int = 0


def evaluation_recipe(checkpoints: Sequence[Checkpoint], settings: EvaluationSettings) -> LoopRecipe:
    """The loop of one stage that evaluates ``checkpoints``.

    Raises CheckpointError for a mediator that learnt another prompt than it would be asked with, and ScenarioError.
    """
    own = [override for override in settings.overrides if not override.startswith(_FROM_CHECKPOINTS)]
    scenario = load_scenario(settings.scenario, own)
    against = [_arm(scenario, name) for name in settings.against or [scenario.mediators[0].arm]]
    arms = [arm.model_dump(mode="json") for arm in scenario.mediators]
    stage = {
        "kind": "evaluate",
        "name": STAGE,
        "against": [arm.arm for arm in against],
        "mediators": [*arms, *_arms(checkpoints, settings, against[0])],
    }
    changes = dict([*(checkpoint.made for checkpoint in checkpoints), *_changes(settings.overrides)])
    if settings.rounds is not None:
        changes["design.groups"] = ceil(settings.rounds / scenario.design.rounds)
    document = {
        "kind": "loop",
        "name": f"{STAGE}_{scenario.name}",
        "seed": settings.seed,
        "scenario": settings.scenario,
        "set": changes,
        "stages": [stage],
    }
    return parse(LoopRecipe, document, source=STAGE)


def _arm(scenario: Scenario, name: str) -> MediatorSettings:
    arms = {arm.arm: arm for arm in scenario.mediators}
    if name not in arms:
        raise ScenarioError(f"--against: value {name!r}: expected an arm of {scenario.name} ({', '.join(arms)})")
    return arms[name]


def _changes(overrides: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Those of ``--set`` but of arms, which are settled already."""
    for override in overrides:
        key, _, text = override.partition("=")
        if key.split(".")[0] == "mediators":
            continue
        try:
            yield key, read_text(text).value
        except YamlProblem as problem:
            raise ScenarioError(f"--set {override!r}: the value is not valid YAML: {problem}") from None


def _arms(
    checkpoints: Sequence[Checkpoint], settings: EvaluationSettings, against: MediatorSettings
) -> Iterator[dict[str, Any]]:
    """The arms of the checkpoints. Raises CheckpointError."""
    judges = [made.name for made in checkpoints if isinstance(made, Judge)]
    writers = [made for made in checkpoints if isinstance(made, Writer)]
    for writer in writers:
        generator = {"kind": "language_model", "engine": writer.name, "prompt": _prompt(writer, settings.prompt)}
        yield {"arm": writer.name, "generator": {**generator, "samples": 1}, "select": 1}
        for judge in judges:
            yield _chosen(f"{writer.name}_{judge}", generator, judge, settings.samples)
    if not writers:
        for judge in judges:
            yield _chosen(judge, against.generator.model_dump(mode="json"), judge, settings.samples)


def _chosen(name: str, generator: dict[str, Any], judge: str, samples: int) -> dict[str, Any]:
    """An arm that shows the best candidate by a reward model."""
    return {"arm": name, "generator": {**generator, "samples": samples}, "scorer": judge, "select": 1}


def _prompt(writer: Writer, asked: str | None) -> str:
    """The prompt that a mediator is asked with. Raises CheckpointError where it learnt another, or does not say which."""
    learnt = writer.manifest.prompt
    if asked is None and learnt is None:
        raise CheckpointError(f"{writer.folder}: does not say which prompt it learnt to answer; expected --prompt")
    prompt = asked or str(learnt and learnt.name)
    check_prompt(writer.folder, writer.manifest, prompt)
    return prompt
