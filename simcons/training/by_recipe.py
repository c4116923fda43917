"""Training by a recipe of any kind."""

from __future__ import annotations

from pathlib import Path

from simcons.engines.local.reward_manifest import RewardManifest
from simcons.messages import OnMessage, unheard
from simcons.training.data.examples import TrainingData
from simcons.training.manifest import SftManifest
from simcons.training.progress import OnProgress, unseen
from simcons.training.recipes import RewardSettings, SftSettings


def train_by_recipe(
    data: TrainingData,
    settings: SftSettings | RewardSettings,
    out: Path,
    *,
    name: str,
    resume: bool = False,
    on_progress: OnProgress = unseen,
    on_message: OnMessage = unheard,
) -> SftManifest | RewardManifest:
    """Train by `train_sft` or `train_reward`, which load torch and trl only here. Arguments and errors are theirs."""
    if isinstance(settings, SftSettings):
        from simcons.training.sft import train_sft

        return train_sft(data, settings, out, name=name, resume=resume, on_progress=on_progress, on_message=on_message)
    from simcons.training.reward import train_reward

    return train_reward(data, settings, out, name=name, resume=resume, on_progress=on_progress, on_message=on_message)
