"""A study of people as somebody might keep it: CSV files in a folder, and the mapping that says what their columns are."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

N_QUESTIONS, GROUPS_A_QUESTION, N_MEMBERS, ARMS = 4, 2, 3, ("plain", "careful")
MAPPING: Mapping[str, Any] = {
    "schema_version": 1,
    "kind": "mapping",
    "name": "street",
    "source": "made up for tests",
    "people": {
        "file": "people.csv",
        "rater": "who",
        "group": "table_no",
        "attributes": {"sex": "gender", "age": "years", "party": "votes"},
    },
    "questions": {
        "file": "questions.csv",
        "question": "key",
        "text": "asked",
        "position_statement": "claim",
        "topic": "theme",
    },
    "opinions": {
        "file": "opinions.csv",
        "rater": "who",
        "question": "key",
        "group": "table_no",
        "opinion": "opinion_no",
        "text": "words",
        "seconds": "took",
    },
    "statements": {"file": "statements.jsonl", "statement": "no", "text": "text", "arm": "by", "made_from": "of"},
    "positions": {
        "file": "opinions.csv",
        "rater": "who",
        "question": "key",
        "group": "table_no",
        "rating": {"column": "before"},
    },
    "ratings": {
        "file": "ratings.csv",
        "rater": "who",
        "question": "key",
        "group": "table_no",
        "statement": "no",
        "scales": {
            "agreement": {"column": "agrees", "points": [1, 5], "as": "spread"},
            "quality": {"column": "good", "words": {"poor": 2, "fair": 4, "fine": 7}, "none": ["skipped"]},
            "clear": {"column": "clear", "points": [0, 10]},
        },
    },
}


def mapping_file(folder: Path, **changes: Any) -> Path:
    """The mapping as a file, with some of its parts changed; None takes a part out."""
    parts = {name: part for name, part in {**MAPPING, **changes}.items() if part is not None}
    path = folder / "mapping.yaml"
    path.write_text(yaml.safe_dump(parts, sort_keys=False), encoding="utf-8")
    return path


def write_people(folder: Path) -> Path:
    """The tables of eight groups of three, who agree more with what is careful than with what is plain."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in ("people", "questions", "opinions", "ratings")}
    statements = []
    for k in range(N_QUESTIONS):
        asked = {"key": f"q{k}", "asked": f"Should we do {k}?", "claim": f"We should do {k}.", "theme": "t"}
        tables["questions"].append(asked)
        for group in range(GROUPS_A_QUESTION):
            of_group = _group(k, f"g{k}{group}")
            statements += of_group.pop("statements")
            for name, rows in of_group.items():
                tables[name] += rows
    for name, rows in tables.items():
        write_csv(folder / f"{name}.csv", rows)
    (folder / "statements.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in statements), encoding="utf-8")
    return folder


def _group(k: int, group: str) -> dict[str, list[dict[str, Any]]]:
    members = [f"{group}p{i}" for i in range(N_MEMBERS)]
    opinions = [f"{group}o{i}" for i in range(N_MEMBERS)]
    texts = [(arm, n, f"{group}{arm}{n}") for arm in ARMS for n in range(2)]
    shared = {"key": f"q{k}", "table_no": group}
    return {
        "people": [
            {"who": who, "table_no": group, "gender": "female" if i else "male", "years": 16 + 20 * i, "votes": "green"}
            for i, who in enumerate(members)
        ],
        "opinions": [
            {
                "who": who,
                **shared,
                "opinion_no": name,
                "words": f"I think {k}, says {who}.",
                "took": 30 + i,
                "before": 2 + 2 * i,
            }
            for i, (who, name) in enumerate(zip(members, opinions, strict=True))
        ],
        "ratings": [
            {
                "who": who,
                **shared,
                "no": no,
                "agrees": 1 + i + 2 * (arm == "careful"),
                "good": ("poor", "fine")[n],
                "clear": 5 * n,
            }
            for i, who in enumerate(members)
            for arm, n, no in texts
        ],
        "statements": [
            {"no": no, "text": f"A {arm} word on {k}, number {n}.", "by": arm, "of": opinions} for arm, n, no in texts
        ],
    }


def write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def change_csv(path: Path, row: int, **cells: Any) -> None:
    """Change cells of a row, counted from 1; a new row at the end is one more than there are."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if row > len(rows):
        rows.append(dict(rows[-1]))
    rows[row - 1] |= cells
    write_csv(path, rows)
