"""An exported checkpoint on a model hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from simcons.engines.local.models import first_line
from simcons.errors import CheckpointError, StorageError
from simcons.training.manifest import CARD, read_checkpoint


class Hub(Protocol):
    """As much of ``huggingface_hub.HfApi`` as is used."""

    def create_repo(self, repo_id: str, *, private: bool, exist_ok: bool) -> Any:
        """Make a repository, where there is none of this name."""

    def upload_folder(self, *, repo_id: str, folder_path: str, commit_message: str) -> Any:
        """Upload the files of a folder."""


def push(folder: Path, repository: str, *, private: bool = True, hub: Hub | None = None) -> str:
    """Upload what `export_checkpoint` wrote to a repository, which is made where there is none; the address it has.

    private: whether a new repository is. hub: by default the one that huggingface_hub is set to, with its token. Raises
    CheckpointError for a folder that is no export, StorageError where the hub refuses or does not answer.
    """
    read_checkpoint(folder)
    if not (folder / CARD).is_file():
        raise CheckpointError(f"{folder}: has no model card; expected a folder that simcons train export made")
    if hub is None:
        from huggingface_hub import HfApi

        hub = HfApi()
    try:
        url = hub.create_repo(repository, private=private, exist_ok=True)
        hub.upload_folder(repo_id=repository, folder_path=str(folder), commit_message=f"Upload {folder.name}")
    except Exception as error:  # huggingface_hub and what it speaks through raise what they like
        raise StorageError(f"{repository}: cannot be pushed to: {first_line(error)}") from None
    return str(url)
