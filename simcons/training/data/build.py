"""Training data made from run folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

from simcons.counted import counted
from simcons.mediator.prompts import Render, load_prompt
from simcons.scenario.shipped import find_prompt
from simcons.training.data.comparisons import comparisons, positions, ratings
from simcons.training.data.examples import (
    KINDS,
    SIDES,
    Comparison,
    Example,
    PromptSource,
    Side,
    SideName,
    TrainingData,
)
from simcons.training.data.funnel import Funnel
from simcons.training.data.keep_rules import KeepRule, parse_keep_rule
from simcons.training.data.settings import DataSettings
from simcons.training.data.sft_examples import sft_examples
from simcons.training.data.studies import Study, compares, read_studies

_NOUNS = {"sft": "SFT example", "comparisons": "comparison", "ratings": "rating"}


@dataclass(frozen=True, slots=True, eq=False)
class Built:
    """Training data, and how it came about. funnels: by what is counted."""

    data: TrainingData
    settings: DataSettings
    prompt: PromptSource
    studies: tuple[Study, ...]
    funnels: dict[str, Funnel]


def build(folders: Sequence[Path], settings: DataSettings) -> Built:
    """All that may be learnt from the runs in ``folders``.

    Raises ScenarioError for a prompt that is wrong, RunFolderError for a folder that cannot be used, and TrainingDataError where
    too little is left.
    """
    render, rule = load_prompt(find_prompt(settings.prompt)), parse_keep_rule(settings.sft_rule)
    funnels = {name: Funnel() for name in ("rounds", "statements", *KINDS)}
    studies = read_studies(
        folders,
        arms=settings.arms,
        share=settings.validation,
        hold_out=settings.hold_out,
        seed=settings.seed,
        rounds=funnels["rounds"],
        shown=funnels["statements"],
    )
    made = [_examples(study, rule, render, settings, funnels) for study in studies]
    side_of = {(study.id, name): side for study in studies for name, side in study.side_of.items()}
    prompt = prompt_source(settings.prompt)
    data = TrainingData(**{name: _on(name, made, side_of) for name in SIDES}, prompt=prompt)
    given = {
        "sft": any(study.says_what_statements_rest_on for study in studies),
        "comparisons": any(compares(study.run) for study in studies),
        "ratings": True,
    }
    _check_enough(data, settings.least, funnels, kinds=[kind for kind in _NOUNS if given[kind]])
    return Built(data, settings, prompt, tuple(studies), funnels)


def prompt_source(reference: str) -> PromptSource:
    """The prompt that is named, as its text is now. Raises ScenarioError where there is none."""
    return PromptSource(reference, hashlib.sha256(find_prompt(reference).read_bytes()).hexdigest())


def _examples(
    study: Study, rule: KeepRule, render: Render, settings: DataSettings, funnels: Mapping[str, Funnel]
) -> Side:
    """All examples of a study, of either side."""
    reliable_alone, ties = settings.raters == "reliable", settings.ties == "keep"
    return Side(
        sft=tuple(
            sft_examples(study, rule, render, seed=settings.seed, funnel=funnels["sft"])
            if study.says_what_statements_rest_on
            else ()
        ),
        comparisons=tuple(comparisons(study, ties=ties, reliable_alone=reliable_alone, funnel=funnels["comparisons"])),
        ratings=tuple(ratings(study, reliable_alone=reliable_alone, funnel=funnels["ratings"])),
        positions=tuple(positions(study, reliable_alone=reliable_alone, funnel=funnels["positions"])),
    )


def _on(name: SideName, made: Sequence[Side], side_of: Mapping[tuple[str, str], SideName]) -> Side:
    """The examples of one side, in order."""

    def here(examples: Iterable[Example]) -> list[Any]:
        return [example for example in examples if side_of[example.run, example.round_id] == name]

    return Side(
        sft=tuple(sorted(here(chain(*(study.sft for study in made))), key=attrgetter("id"))),
        comparisons=tuple(sorted(here(chain(*(study.comparisons for study in made))), key=attrgetter("tie", "id"))),
        ratings=tuple(sorted(here(chain(*(study.ratings for study in made))), key=attrgetter("id"))),
        positions=tuple(sorted(here(chain(*(study.positions for study in made))), key=attrgetter("id"))),
    )


def _check_enough(data: TrainingData, least: int, funnels: Mapping[str, Funnel], *, kinds: Sequence[str]) -> None:
    """kinds: those that the studies can give. Raises TrainingDataError that names the filter which took most."""
    for verb, side, fewest in (("learn from", data.learn, least), ("validate on", data.validation, 1)):
        for kind, noun in ((kind, _NOUNS[kind]) for kind in kinds):
            n = sum(not (isinstance(example, Comparison) and example.tie) for example in getattr(side, kind))
            if n < fewest:
                raise funnels[kind].too_few(f"{counted(n, noun)} to {verb}", fewest)
