"""``simcons --version``."""

from __future__ import annotations

import typer

from simcons.storage.provenance import git_commit, versions


def print_version(requested: bool) -> None:
    """simcons with its commit, and what results depend on, found without loading any of it; then end the program."""
    if not requested:
        return
    known, commit = versions(), git_commit()
    print(f"simcons {known['simcons']}" + (f" (commit {commit})" if commit else ""))
    for name in ("python", "torch", "transformers"):
        print(f"{name} {known[name] or '(not installed)'}")
    raise typer.Exit
