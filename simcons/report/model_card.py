"""The card of an exported checkpoint: front matter that a model hub reads, and a page for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from simcons.engines.local.models import PACKAGED_ENCODER, PACKAGED_ENCODER_NAME, PACKAGED_MODELS, Packaged
from simcons.engines.local.reward_manifest import RewardManifest
from simcons.report.page import templates
from simcons.training.manifest import Manifest
from simcons.visible import visible_markdown

_PACKAGED = {**PACKAGED_MODELS, PACKAGED_ENCODER_NAME: PACKAGED_ENCODER}
_DECIMALS = 3
_LOSSES = {"pairwise": "cross-entropy of comparisons", "ordinal": "likelihood of ratings"}


@dataclass(frozen=True, slots=True)
class Origin:
    """The model that a checkpoint was trained from, for other programs and people: hub id and licence, None where nobody said."""

    hub_id: str | None
    license: str | None


def origin(manifest: Manifest, *, hub_id: str | None = None, license: str | None = None) -> Origin:  # noqa: A002
    """As it is given, or else as it is known: of a packaged model, and of a base that was named by its hub id."""
    packaged: Packaged | None = _PACKAGED.get(manifest.base)
    if packaged is not None:
        return Origin(hub_id or packaged.hub_id, license or packaged.license)
    is_id = manifest.base.count("/") == 1 and not manifest.base.startswith((".", "/", "~"))
    return Origin(hub_id or (manifest.base if is_id else None), license)


def model_card(manifest: Manifest, name: str, origin: Origin) -> str:
    """The card in Markdown of a checkpoint as it is exported, called ``name``."""
    record, base = manifest.training, _public(manifest.base)
    page = templates().get_template("model_card.md.j2")
    body = page.render(
        name=name,
        manifest=manifest,
        record=record,
        base=base,
        origin=origin,
        losses=_LOSSES,
        packaged=manifest.base in _PACKAGED,
        measures=list(_measures(record.get("metrics", {}))),
        settings=_as_yaml({**record.get("settings", {}), "model": base}),
    )
    return f"---\n{_as_yaml(front_matter(manifest, origin))}---\n{visible_markdown(body)}"


def _as_yaml(document: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True)


def _public(base: str) -> str:
    """A base as others may read of it: of a folder the last name alone."""
    return Path(base).name if Path(base).is_absolute() else base


def front_matter(manifest: Manifest, origin: Origin) -> dict[str, Any]:
    """The fields that a hub sorts models by."""
    reward = isinstance(manifest, RewardManifest)
    data = manifest.training.get("data")
    entries = {
        "language": ["en"],
        "license": origin.license,
        "library_name": "peft" if manifest.adapter else "transformers",
        "pipeline_tag": "text-classification" if reward else "text-generation",
        "base_model": origin.hub_id,
        "base_model_relation": ("adapter" if manifest.adapter else "finetune") if origin.hub_id else None,
        "datasets": [data] if data else None,
        "metrics": ["accuracy"] if reward else ["loss"],
        "tags": [
            "simcons",
            "simulated-data",
            "reward-model" if reward else _role(manifest),
            *["lora"] * manifest.adapter,
        ],
    }
    return {key: value for key, value in entries.items() if value is not None}


def _role(manifest: Manifest) -> str:
    return "persona" if not isinstance(manifest, RewardManifest) and manifest.role == "persona" else "sft"


def _measures(metrics: Mapping[str, float]) -> Iterator[tuple[str, str, str, str]]:
    """Measures of held-out questions: name, before, after, 95% interval."""
    for name in metrics:
        if name.startswith("held_out_") and not name.endswith(("_before", "_low", "_high", "_pairs")):
            low, high = metrics.get(f"{name}_low"), metrics.get(f"{name}_high")
            interval = "" if low is None or high is None else f"{_figure(low)} to {_figure(high)}"
            before = metrics.get(f"{name}_before")
            label = name.removeprefix("held_out_").replace("_", " ")
            yield label, "" if before is None else _figure(before), _figure(metrics[name]), interval


def _figure(value: float) -> str:
    return f"{value:.{_DECIMALS}f}"
