"""``simcons train export`` and ``simcons train push``: checkpoints for other programs, and on a model hub."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from rich.console import Console

from simcons.cli.console import styled
from simcons.report.model_card import model_card, origin
from simcons.storage.results import check_result_folder


def export(
    folder: Path,
    to: Path,
    console: Console,
    *,
    merged: bool,
    dtype: str | None,
    base_model: str | None,
    license: str | None,  # noqa: A002
) -> None:
    """Write a checkpoint to ``to`` as other programs take it. Raises SimconsError."""
    from simcons.training.export import ExportSettings, export_checkpoint, exported_manifest  # loads torch

    check_result_folder(to)
    manifest = exported_manifest(folder, merged=merged)
    came_from = origin(manifest, hub_id=base_model, license=license)
    settings = ExportSettings(merged, dtype, came_from.hub_id)  # type: ignore[arg-type]
    export_checkpoint(folder, to, settings, card=model_card(manifest, to.absolute().name, came_from))
    kind = ", ".join(filter(None, ["the adapter", dtype] if manifest.adapter else ["one model", dtype or "float32"]))
    console.print(styled(f"Exported ({kind}): ", (str(to), "bold")), soft_wrap=True)
    missing = [
        name
        for name, value in (("--base-model ID", came_from.hub_id), ("--license ID", came_from.license))
        if value is None
    ]
    if missing:
        console.print(f"Its card (README.md) lacks {' and '.join(missing)}.", style="yellow", soft_wrap=True)
    console.print(
        f"Read its README.md, then, to upload it:  simcons train push {quote(str(to))} OWNER/NAME",
        soft_wrap=True,
        style="dim",
    )
