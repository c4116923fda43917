"""Sentences on runs whose answers are people's: where they come from, and what their source lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simcons.counted import listed
from simcons.scenario.mapping import SURVEYED
from simcons.storage.recorded import RecordedRun

_SYNTHETIC = "synthetic participants, not people"
_PEOPLE = "people's answers, imported"
_MISSED = {
    ("rounds", "position_statement"): "position statements",
    ("candidates", "generator"): "who wrote the statements",
    ("opinions", "seconds"): "how long opinions took",
    ("ratings", "seconds"): "how long ratings took",
    ("ratings", "place"): "in which order statements were seen",
    ("sessions", "started_at"): "when anything happened",
}
_UNASKED = {"positions": "positions before the opinions", "screens": "screens"}


def whose(n_imported: int, n_runs: int = 1) -> str:
    """Whose answers they are, for headings."""
    if n_imported == n_runs:
        return _PEOPLE
    return "some runs are of people, the others of synthetic participants" if n_imported else _SYNTHETIC


def seed_of(run: RecordedRun) -> str:
    """The seed, in brackets after a name; nothing for people, who have none."""
    return "" if run.imported else f" (seed {run.manifest.get('seed', '?')})"


def imported_sentences(run: RecordedRun) -> list[str]:
    """Source, scales, rows left out, and what is missing. Empty for a simulated run."""
    told = run.imported
    if not told:
        return []
    return [
        f"Source: {told.get('source', 'not said')}.",
        *_scales(told.get("scales", {}), run.scales),
        *_left_out(told.get("left_out", {})),
        *_lacks(told.get("lacks", {}), run.manifest.get("rows", {})),
    ]


def _scales(scales: Mapping[str, Mapping[str, object]], asked: Sequence[str]) -> Iterator[str]:
    for name, scale in scales.items():
        low, high = scale["points"] if isinstance(scale["points"], list) else (1, 7)
        became, asked_as = scale.get("became"), f"{name}: the source's {scale.get('column', name)}, {low} to {high}"
        if name not in asked:
            yield f"{asked_as}, kept as it is beside the ratings."
        elif scale.get("as") == "spread" and isinstance(became, dict):
            yield f"{asked_as}, as {_spread(became)}; as given in {name}_given."
        elif (low, high) != (1, 7):
            yield (
                f"{asked_as}, as given: what counts points of a scale from 1 to 7, such as its midpoint 4, does not"
                " hold of it."
            )


def _spread(became: Mapping[str, int]) -> str:
    if len(became) > 11:
        return f"{min(became.values())} to {max(became.values())}"
    return ", ".join(map(str, became.values()))


def _left_out(left_out: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    for name, reasons in left_out.items():
        told = listed([f"{n:,} ({reason})" for reason, n in reasons.items()])
        yield f"Left out of {name}: {told}."


def _lacks(lacks: Mapping[str, Sequence[str]], rows: Mapping[str, int]) -> Iterator[str]:
    """What a reader may look for and not find; the manifest has every column."""
    surveyed = [name for name in lacks.get("participants", ()) if name in SURVEYED]
    people = f"people's {listed(surveyed)}" if surveyed else ""
    told = [words for (table, column), words in _MISSED.items() if column in lacks.get(table, ())]
    unasked = [words for table, words in _UNASKED.items() if not rows.get(table)]
    missing = [*filter(None, [people]), *told, *unasked]
    if missing:
        yield f"Not in the source: {'; '.join(missing)}."
