"""A small study of people on a question of the shipped bank, imported: groups of three rated what two arms wrote."""

from __future__ import annotations

from pathlib import Path

import yaml
from people_in_tables import write_csv

from simcons.storage.imported.write import import_study

QUESTION = "Should bus travel be free for everyone?"
OPINIONS = (
    "Yes. Free buses would help people who cannot afford a car.",
    "No, somebody has to pay for them, and it would be the taxpayer.",
    "I am not sure. It would clear the roads, but buses are crowded already.",
)
OLD = "We should make bus travel free for everyone. It helps people who cannot afford a car."
NEW = ("Something must be done.", "We are against free bus travel, as somebody has to pay for it.", "Buses. Buses.")


def imported(folder: Path, *, n_groups: int = 8) -> Path:
    """The run folder of the import. Everybody gives ``old`` a 6, and ``new`` one to three points less, by the group."""
    source = folder / "tables"
    source.mkdir(parents=True)
    groups = [f"g{number}" for number in range(n_groups)]
    people = [(group, f"{group}p{place}", text) for group in groups for place, text in enumerate(OPINIONS)]
    write_csv(
        source / "opinions.csv", [{"who": who, "at": group, "q": QUESTION, "text": text} for group, who, text in people]
    )
    new = {group: number % len(NEW) for number, group in enumerate(groups)}
    statements = [{"id": "old", "text": OLD, "by": "old"}]
    statements += [{"id": f"new{place}", "text": text, "by": "new"} for place, text in enumerate(NEW)]
    write_csv(source / "statements.csv", statements)
    write_csv(
        source / "ratings.csv",
        [
            {"who": who, "at": group, "q": QUESTION, "id": statement, "agree": rating}
            for group, who, _ in people
            for statement, rating in (("old", 6), (f"new{new[group]}", 5 - new[group]))
        ],
    )
    person = {"rater": "who", "group": "at", "question": "q"}
    mapping = {
        "schema_version": 1,
        "kind": "mapping",
        "name": "few",
        "source": "made up for tests",
        "opinions": {"file": "opinions.csv", **person, "text": "text"},
        "statements": {"file": "statements.csv", "statement": "id", "text": "text", "arm": "by"},
        "ratings": {"file": "ratings.csv", **person, "statement": "id", "scales": {"agreement": {"column": "agree"}}},
    }
    (folder / "mapping.yaml").write_text(yaml.safe_dump(mapping), encoding="utf-8")
    return import_study(source, folder / "mapping.yaml", folder / "few").folder
